//! Commits fetched mail, with what its source is to be told, under the lease of the job.

use serde_json::{Value, json};
use shared::domain::mailbox::{Seen, Source};
use shared::jobs::{Job as _, JobContext, NewJob, ProcessBatch};
use shared::store::mail::NewEmail;
use shared::store::mailboxes::{self, MailboxRow};
use shared::store::{mail, quarantine};

use super::Ended;

/// Who asks for the jobs of fetched mail.
const PRINCIPAL: &str = "scheduler";

/// How far a commit brings the mailbox.
pub(crate) enum Mark<'a> {
    /// These files are in batches, whole.
    Files(&'a [&'a Seen]),
    /// An IMAP folder was read up to here.
    Uids {
        /// The numbering.
        uidvalidity: i64,
        /// The last one.
        last: i64,
        /// Those that the server is still to be told.
        unacknowledged: &'a [i64],
    },
}

/// Takes mail of one mailbox in.
pub(crate) struct Intake<'a> {
    context: &'a JobContext,
    row: MailboxRow,
    fetched: usize,
    batches: Vec<String>,
}

impl<'a> Intake<'a> {
    /// For a mailbox as it is now.
    pub(crate) fn of(context: &'a JobContext, row: MailboxRow) -> Self {
        Self { context, row, fetched: 0, batches: Vec::new() }
    }

    /// The job.
    pub(crate) fn context(&self) -> &'a JobContext {
        self.context
    }

    /// The mailbox, as it was at the beginning.
    pub(crate) fn row(&self) -> &MailboxRow {
        &self.row
    }

    /// What was fetched, for the job's result.
    pub(crate) fn account(&self) -> Value {
        json!({"mails": self.fetched, "batches": self.batches})
    }

    /// Commits a batch of these mails, if there are any, and how far that brings the mailbox.
    pub(crate) async fn commit(&mut self, mails: Vec<NewEmail>, mark: Mark<'_>) -> Result<(), Ended> {
        let context = self.context;
        let (name, source) = (&self.row.mailbox.name, &self.row.mailbox.source);
        let now = context.now();
        let mut tx = context.db().begin().await?;
        // Whoever changed or removed it meanwhile does not want this mail from there any more.
        let current = mailboxes::lock(&mut tx, name).await?;
        if !current.is_some_and(|row| row.mailbox.enabled && row.mailbox.source.is_same_place(source)) {
            return Err(Ended::Overtaken);
        }
        let count = mails.len();
        if count > 0 {
            let batch_id = uuid::Uuid::now_v7().to_string();
            let job = NewJob::of(&ProcessBatch { batch_id: batch_id.clone() }, PRINCIPAL);
            let seq = context.enqueue(&mut tx, job).await?;
            mail::insert_batch(&mut tx, &batch_id, name, &mails, seq, now).await?;
            quarantine::set_origin(&mut tx, &batch_id, origin(source)).await?;
            mailboxes::fetched(&mut tx, name, count as i64, &batch_id).await?;
            self.batches.push(batch_id);
        }
        match mark {
            Mark::Files(files) => mailboxes::remember_files(&mut tx, name, files, true).await?,
            Mark::Uids { uidvalidity, last, unacknowledged } => {
                mailboxes::advance(&mut tx, name, uidvalidity, last, unacknowledged).await?;
            }
        }
        context.checkpoint(tx, &json!({"mails": self.fetched + count})).await?;
        self.fetched += count;
        if count > 0 {
            context.bus().wake(ProcessBatch::QUEUE);
        }
        Ok(())
    }
}

fn origin(source: &Source) -> &'static str {
    match source {
        Source::None => "upload",
        Source::Folder(_) => "folder",
        Source::Imap(_) => "imap",
    }
}
