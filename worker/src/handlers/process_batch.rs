//! Turn the mails of a batch into tasks.
//!
//! Mails are worked on in chunks, each one transaction that also marks its mails, so that a second run goes on where
//! the first stopped and no mail counts twice. One bad mail is quarantined with its reason; the others go on.

mod place;

use serde_json::json;
use shared::domain::event::WorkflowEvent;
use shared::domain::mailbox::Mailbox;
use shared::jobs::{Done, Handler, JobContext, JobError, ProcessBatch};
use shared::meter;
use shared::store::mail::PendingEmail;
use shared::store::{assignment, mail as store, mailboxes, quarantine, sla};

use self::place::Setting;
use super::poll_mail::{announce, fail_batch, finished};
use super::read_mail::{self, ReadMail};
use crate::adviser::Counsel;
use crate::memory::SharedMemory;

/// Mails of one transaction.
const CHUNK: i64 = 64;
/// Before the first place of a batch.
const FIRST: i64 = -1;

/// Processes batches.
pub struct Process {
    /// Confidence below which a new task is marked for review.
    pub review_below: f64,
    /// Whom to ask about mails below it.
    pub counsel: Option<Counsel>,
    /// What mail has taught.
    pub memory: SharedMemory,
}

impl Handler<ProcessBatch> for Process {
    async fn run(&self, context: JobContext, job: ProcessBatch) -> Result<Done, JobError> {
        let outcome = process(self, &context, &job.batch_id).await;
        match outcome {
            Err(JobError::Retry(why)) if context.is_last_attempt() => {
                let mut tx = context.db().begin().await?;
                fail_batch(&context, &mut tx, &job.batch_id, &why).await?;
                Ok(Done::with(tx, json!({"status": 500, "detail": why})))
            }
            other => other,
        }
    }
}

async fn process(settings: &Process, context: &JobContext, batch_id: &str) -> Result<Done, JobError> {
    let mut tx = context.db().begin().await?;
    store::begin_batch(&mut tx, batch_id, context.now()).await?;
    tx.commit().await?;
    loop {
        let mut next = read(settings, context, batch_id, FIRST).await?;
        while let Some(chunk) = next {
            // What is read next does not wait for what is stored: of two cores neither is idle.
            let (stored, following) =
                tokio::join!(save(settings, context, batch_id, &chunk), read(settings, context, batch_id, chunk.last));
            stored?;
            next = following?;
        }
        if let Some(done) = finish(context, batch_id).await? {
            return Ok(done);
        }
    }
}

/// Mails of one transaction, read.
struct Chunk {
    mailbox: Mailbox,
    mails: Vec<(PendingEmail, Result<Box<ReadMail>, String>)>,
    /// The place in the batch of the last of them.
    last: i64,
}

/// Reads the next mails of the batch; `None` if there are no more.
async fn read(settings: &Process, context: &JobContext, batch_id: &str, after: i64) -> Result<Option<Chunk>, JobError> {
    let mut session = context.db().read().await?;
    let pending = store::pending(&mut session, batch_id, after, CHUNK).await?;
    let (Some(first), Some(last)) = (pending.first(), pending.last().map(|email| email.position)) else {
        return Ok(None);
    };
    // What is known of the mailbox may change in the middle; each chunk has it as it is.
    let mailbox = mailboxes::lookup(&mut session, &first.mailbox).await?;
    let known = settings.memory.known(&mut session, context.now()).await?;
    drop(session);
    let mailbox = mailbox.map_or_else(
        || Mailbox { review_below: settings.review_below, ..Mailbox::unknown(first.mailbox.clone(), context.now()) },
        |known| known.mailbox,
    );
    let mut mails = read_mail::read_all(pending, &mailbox, &settings.memory, known).await;
    if let Some(counsel) = &settings.counsel {
        read_mail::advise(counsel, context, &mut mails, mailbox.review_below).await;
    }
    Ok(Some(Chunk { mailbox, mails, last }))
}

/// Places mails and stores what follows, all or nothing.
async fn save(settings: &Process, context: &JobContext, batch_id: &str, chunk: &Chunk) -> Result<(), JobError> {
    let mut tx = context.db().begin().await?;
    store::lock_intake(&mut tx).await?;
    let rules = sla::rules(&mut tx).await?;
    let setting = Setting { rules: &rules, mailbox: &chunk.mailbox, batch_id, now: context.now() };
    let found = place::all(&mut tx, &setting, &chunk.mails).await?;
    if found.iter().any(|(_, found)| found.task_id.is_some()) {
        assignment::ask_soon(&mut tx, context.now()).await?;
    }
    settings.memory.keep(&mut tx, context.now()).await?;
    let (processed, received) = store::progress(&mut tx, batch_id).await?;
    context.checkpoint(tx, &json!({"processed": processed, "received": received})).await?;
    for (_, found) in &found {
        meter::mail(found.outcome);
    }
    Ok(())
}

/// Ends the batch; `None` if mail was put back into it meanwhile.
async fn finish(context: &JobContext, batch_id: &str) -> Result<Option<Done>, JobError> {
    let now = context.now();
    let mut tx = context.db().begin().await?;
    // Whoever puts mail back to work holds this lock too.
    store::lock_intake(&mut tx).await?;
    if quarantine::is_pending(&mut tx, batch_id).await? {
        return Ok(None);
    }
    let ended = store::end_batch(&mut tx, batch_id, None, now).await?;
    let Some(batch) = store::lookup_batch(&mut tx, batch_id).await? else {
        return Err(JobError::Fail(format!("batch {batch_id} does not exist")));
    };
    if ended {
        let account = finished(&batch, "completed", batch.errors.clone(), now);
        announce(&mut tx, WorkflowEvent::BatchCompleted(account), batch.mailbox.as_deref()).await?;
    }
    Ok(Some(Done::with(tx, serde_json::to_value(&batch).expect("a batch serialises"))))
}
