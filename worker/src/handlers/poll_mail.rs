//! Make sure that every mail that was taken in is worked on: batches whose job ended before them get another, or are
//! declared failed. A second run finds them assigned.

use serde_json::json;
use shared::domain::event::{Announcement, BatchError, BatchFinished, Matches, WorkflowEvent};
use shared::jobs::{Done, Handler, JobContext, JobError, NewJob, PollMail, ProcessBatch};
use shared::store::{Tx, events, mail};

/// Looks after batches.
pub struct Poll;

impl Handler<PollMail> for Poll {
    async fn run(&self, context: JobContext, _: PollMail) -> Result<Done, JobError> {
        let mut tx = context.db().begin().await?;
        for (batch_id, job_state) in mail::orphaned_batches(&mut tx).await? {
            if matches!(job_state.as_deref(), Some("discarded" | "cancelled")) {
                fail_batch(&context, &mut tx, &batch_id, "its job was discarded or cancelled").await?;
            } else {
                let job = NewJob::of(&ProcessBatch { batch_id: batch_id.clone() }, "scheduler");
                let seq = context.enqueue(&mut tx, job).await?;
                mail::assign_batch(&mut tx, &batch_id, seq).await?;
            }
        }
        Ok(Done::with(tx, json!({})))
    }
}

/// Declares a batch failed, once.
pub(super) async fn fail_batch(context: &JobContext, tx: &mut Tx, batch_id: &str, why: &str) -> Result<(), JobError> {
    let now = context.now();
    if !mail::end_batch(tx, batch_id, Some(why), now).await? {
        return Ok(());
    }
    let Some(batch) = mail::lookup_batch(tx, batch_id).await? else { return Ok(()) };
    let event = WorkflowEvent::BatchFailed(BatchFinished {
        batch_id: batch_id.to_owned(),
        email_count: batch.received,
        tasks_created: batch.tasks_created,
        tasks_updated: batch.tasks_updated,
        processing_time: (now - batch.started_at.unwrap_or(now)).num_milliseconds(),
        status: "failed".to_owned(),
        errors: vec![BatchError { email: String::new(), reason: why.to_owned() }],
        timestamp: now,
    });
    let announcement = Announcement { event, task_id: None, matches: Matches::default() };
    Ok(events::append(tx, std::iter::once(&announcement)).await?)
}
