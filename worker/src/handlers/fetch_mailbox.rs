//! Fetch the mail of a mailbox into batches. A second run finds nothing new, and says to the source again what the first
//! could not.

use std::path::PathBuf;
use std::time::Duration;

use serde_json::json;
use shared::domain::mailbox::{Source, wait_after};
use shared::jobs::{Done, FetchMailbox, Handler, JobContext, JobError};
use shared::store::mailboxes;
use tokio::sync::Semaphore;

use crate::fetch::{Ended, Intake, folder, imap};

/// Mailboxes that one process fetches from at once: each may hold a batch in memory.
const AT_ONCE: usize = 8;
/// When a mailbox is looked at again that had to wait for others.
const BUSY: Duration = Duration::from_secs(2);

/// Fetches mail.
pub struct Fetch {
    root: Option<PathBuf>,
    turns: Semaphore,
}

impl Fetch {
    /// From folders, and with secrets, below this folder; from anywhere without one.
    pub fn below(root: Option<PathBuf>) -> Self {
        Self { root, turns: Semaphore::new(AT_ONCE) }
    }
}

impl Handler<FetchMailbox> for Fetch {
    async fn run(&self, context: JobContext, job: FetchMailbox) -> Result<Done, JobError> {
        let Ok(_turn) = self.turns.try_acquire() else { return Ok(Done::Snooze(BUSY)) };
        let row = mailboxes::lookup(&mut context.db().read().await?, &job.mailbox).await?;
        let Some(row) = row.filter(|row| row.mailbox.enabled) else { return Ok(Done::Nothing) };
        let (mailbox, failures) = (row.mailbox.clone(), row.progress.failures);
        let mut intake = Intake::of(&context, row);
        let ended = match &mailbox.source {
            Source::None => return Ok(Done::Nothing),
            Source::Folder(source) => folder::fetch(&mut intake, source, self.root.as_deref()).await,
            Source::Imap(source) => Box::pin(imap::fetch(&mut intake, source, self.root.as_deref())).await,
        };
        let error = match ended {
            Ok(()) => None,
            Err(Ended::Source(why)) => Some(why),
            Err(Ended::Overtaken) => return Ok(Done::Nothing),
            Err(Ended::Job(error)) => return Err(error),
        };
        let now = context.now();
        let next = error.as_ref().map(|_| now + wait_after(failures + 1));
        if let Some(error) = error.as_deref().filter(|_| failures == 0) {
            tracing::warn!(mailbox = mailbox.name, error, "mail cannot be fetched");
        }
        let mut account = intake.account();
        account["error"] = json!(error);
        let mut tx = context.db().begin().await?;
        mailboxes::polled(&mut tx, (&mailbox.name, mailbox.version), error.as_deref(), next, now).await?;
        Ok(Done::with(tx, account))
    }
}
