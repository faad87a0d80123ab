//! Turn the mails of a batch into tasks.
//!
//! Mails are worked on in chunks, each one transaction that also marks its mails, so that a second run goes on where
//! the first stopped and no mail counts twice. One bad mail is quarantined with its reason; the others go on.

use chrono::{DateTime, TimeDelta, Utc};
use mail::thread::Candidate;
use serde_json::json;
use shared::domain::event::WorkflowEvent;
use shared::domain::intake::{self, Origin};
use shared::domain::mailbox::Mailbox;
use shared::domain::sla::rules::Rules;
use shared::jobs::{Done, Handler, JobContext, JobError, ProcessBatch};
use shared::store::mail::{EmailOutcome, Link, PendingEmail};
use shared::store::{Tx, assignment, mail as store, mailboxes, quarantine, sla, tasks};

use super::guard;
use super::poll_mail::{announce, fail_batch, finished};
use super::read_mail::{self, ReadMail};
use crate::adviser::Counsel;
use crate::memory::SharedMemory;

/// Mails of one transaction.
const CHUNK: i64 = 64;
/// How far apart copies of one content may have been sent under different Message-IDs.
const SAME_CONTENT: TimeDelta = TimeDelta::days(3);

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
        let pending = store::pending(&mut context.db().read().await?, batch_id, CHUNK).await?;
        let Some(first) = pending.first() else {
            if let Some(done) = finish(context, batch_id).await? {
                return Ok(done);
            }
            continue;
        };
        // What is known of the mailbox may change in the middle; each chunk has it as it is.
        let mut session = context.db().read().await?;
        let mailbox = mailboxes::lookup(&mut session, &first.mailbox).await?;
        let known = settings.memory.known(&mut session, context.now()).await?;
        drop(session);
        let mailbox = mailbox.map_or_else(
            || Mailbox {
                review_below: settings.review_below,
                ..Mailbox::unknown(first.mailbox.clone(), context.now())
            },
            |known| known.mailbox,
        );
        let mut read = read_mail::read_all(pending, &mailbox, &settings.memory, known).await;
        if let Some(counsel) = &settings.counsel {
            read_mail::advise(counsel, context, &mut read, mailbox.review_below).await;
        }
        let mut tx = context.db().begin().await?;
        store::lock_intake(&mut tx).await?;
        let rules = sla::rules(&mut tx).await?;
        let mut changes = false;
        for (email, mail) in &read {
            let found = place(context, &mut tx, &rules, &mailbox, batch_id, email, mail).await?;
            store::record(&mut tx, &email.id, &found).await?;
            changes |= found.task_id.is_some();
        }
        if changes {
            assignment::ask_soon(&mut tx, context.now()).await?;
        }
        settings.memory.keep(&mut tx, context.now()).await?;
        let (processed, received) = store::progress(&mut tx, batch_id).await?;
        context.checkpoint(tx, &json!({"processed": processed, "received": received})).await?;
    }
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
        announce(&mut tx, WorkflowEvent::BatchCompleted(account), &batch.mailbox).await?;
    }
    Ok(Some(Done::with(tx, serde_json::to_value(&batch).expect("a batch serialises"))))
}

/// Finds what a mail is: broken, a copy, noise, part of a task, or a new one; and saves what follows.
async fn place(
    context: &JobContext,
    tx: &mut Tx,
    rules: &Rules,
    mailbox: &Mailbox,
    batch_id: &str,
    email: &PendingEmail,
    mail: &Result<Box<ReadMail>, String>,
) -> Result<EmailOutcome, JobError> {
    if let Some(original) = store::find_same_bytes(tx, &email.sha256, batch_id).await? {
        let mut found = mail.as_ref().map_or_else(|_| EmailOutcome::default(), |mail| mail.envelope.clone());
        // A copy of a mail that was kept apart is kept apart with it, but its content is not looked for again.
        found.outcome = "duplicate";
        found.duplicate_of = Some(original);
        return Ok(found);
    }
    let mail = match mail {
        Ok(mail) => mail,
        Err(reason) => {
            return Ok(EmailOutcome {
                outcome: "quarantined",
                reason: Some(reason.clone()),
                ..EmailOutcome::default()
            });
        }
    };
    let mut found = mail.envelope.clone();
    let sent = mail.sent_at.unwrap_or(email.received_at);
    let around = (sent - SAME_CONTENT, sent + SAME_CONTENT);
    let message_id = found.message_id.as_deref();
    if let Some(original) = store::find_same_content(tx, &mail.fingerprint, message_id, around).await? {
        found.outcome = "duplicate";
        found.duplicate_of = Some(original);
        return Ok(found);
    }
    if email.replays == 0
        && let Some(reason) = guard::judge(tx, mailbox, email, &mut found).await?
    {
        found.outcome = "quarantined";
        found.reason = Some(reason);
        return Ok(found);
    }
    if let Some(reason) = &mail.noise {
        found.outcome = "noise";
        found.reason = Some(reason.clone());
        return Ok(found);
    }
    let (outcome, task_id) = into_task(context, tx, rules, mailbox, batch_id, email, mail, sent).await?;
    found.outcome = outcome;
    found.task_id = Some(task_id.clone());
    store::add_links(tx, &mail.links.stored(), &task_id, &email.id, &mail.links.participants, sent).await?;
    Ok(found)
}

#[expect(clippy::too_many_arguments, reason = "a mail, where it came from, and what is known of both")]
async fn into_task(
    context: &JobContext,
    tx: &mut Tx,
    rules: &Rules,
    mailbox: &Mailbox,
    batch_id: &str,
    email: &PendingEmail,
    mail: &ReadMail,
    sent: DateTime<Utc>,
) -> Result<(&'static str, String), JobError> {
    let now = context.now();
    let candidates = candidates(store::find_links(tx, &mail.links.lookup()).await?);
    if let Some(candidate) = mail::thread::choose(&mail.links, sent, &candidates)
        && let Some(task) = tasks::lock(tx, &candidate.thread).await?.filter(|task| task.deleted_at.is_none())
    {
        if let Some(change) = intake::follow_up(&task, &mail.concluded(Some(&task)), rules, now) {
            tasks::save(tx, std::slice::from_ref(&change)).await?;
        }
        return Ok(("updated", task.task_id));
    }
    let origin = Origin {
        email_id: email.id.clone(),
        conversation_id: mail.envelope.message_id.clone().or_else(|| Some(email.id.clone())),
        mailbox: email.mailbox.clone(),
        batch_id: batch_id.to_owned(),
        received_at: sent,
    };
    let task_id = shared::domain::task::new_id(now, email.id.rsplit('-').next().unwrap_or(&email.id));
    let mut reading = mail.concluded(None);
    mailbox.settle(&mut reading);
    let owner = intake::Owner::of(mailbox);
    let change = intake::open(task_id.clone(), reading, origin, owner, mailbox.review_below, rules, now);
    tasks::save(tx, std::slice::from_ref(&change)).await?;
    Ok(("created", task_id))
}

/// What is known of each task that shares a key with a mail. Links come ordered by task and key.
fn candidates(links: Vec<Link>) -> Vec<Candidate> {
    let mut candidates: Vec<Candidate> = Vec::new();
    for link in links {
        if candidates.last().is_none_or(|last| last.thread != link.task_id) {
            let (keys, participants) = (Vec::new(), Vec::new());
            candidates.push(Candidate { thread: link.task_id, keys, participants, last_at: link.at });
        }
        let Some(candidate) = candidates.last_mut() else { continue };
        candidate.keys.push(link.key);
        candidate.participants.extend(link.people);
        candidate.last_at = candidate.last_at.max(link.at);
    }
    for candidate in &mut candidates {
        candidate.keys.dedup();
        candidate.participants.sort_unstable();
        candidate.participants.dedup();
    }
    candidates
}
