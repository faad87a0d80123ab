//! Make sure that every mail that was taken in is worked on: batches whose job ended before them get another, or are
//! declared failed. A second run finds them assigned. Mailboxes that are to be fetched from get a job each.

use chrono::{DateTime, Utc};
use serde_json::json;
use shared::domain::event::{Announcement, BatchError, BatchFinished, Matches, WorkflowEvent};
use shared::jobs::{Done, FetchMailbox, Handler, JobContext, JobError, NewJob, PollMail, ProcessBatch};
use shared::store::mail::Batch;
use shared::store::{Tx, events, mail, mailboxes};

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
        // A job for each, so that a slow server keeps no other waiting; one that still runs is not made twice.
        let mailboxes = mailboxes::due(&mut tx, context.now()).await?;
        for mailbox in &mailboxes {
            let job = NewJob::of(&FetchMailbox { mailbox: mailbox.clone() }, "scheduler");
            context.enqueue(&mut tx, job).await?;
        }
        Ok(Done::with(tx, json!({"mailboxes": mailboxes.len()})))
    }
}

/// Declares a batch failed, once.
pub(super) async fn fail_batch(context: &JobContext, tx: &mut Tx, batch_id: &str, why: &str) -> Result<(), JobError> {
    let now = context.now();
    if !mail::end_batch(tx, batch_id, Some(why), now).await? {
        return Ok(());
    }
    let Some(batch) = mail::lookup_batch(tx, batch_id).await? else { return Ok(()) };
    let errors = vec![BatchError { email: String::new(), reason: why.to_owned() }];
    announce(tx, WorkflowEvent::BatchFailed(finished(&batch, "failed", errors, now)), batch.mailbox.as_deref()).await
}

/// The account of a batch that has ended.
pub(super) fn finished(batch: &Batch, status: &str, errors: Vec<BatchError>, now: DateTime<Utc>) -> BatchFinished {
    BatchFinished {
        batch_id: batch.id.clone(),
        email_count: batch.received,
        tasks_created: batch.tasks_created,
        tasks_updated: batch.tasks_updated,
        processing_time: (now - batch.started_at.unwrap_or(now)).num_milliseconds(),
        status: status.to_owned(),
        errors,
        timestamp: now,
    }
}

/// Writes an event that is about no task, but mail of a mailbox.
pub(super) async fn announce(tx: &mut Tx, event: WorkflowEvent, mailbox: Option<&str>) -> Result<(), JobError> {
    let matches = Matches { mailbox: mailbox.map(str::to_owned).into_iter().collect(), ..Matches::default() };
    let announcement = Announcement { event, task_id: None, matches };
    Ok(events::append(tx, std::iter::once(&announcement)).await?)
}
