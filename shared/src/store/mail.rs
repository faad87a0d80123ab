//! Batches of mail, the mails as received, and what later mail finds their tasks by.

mod chunk;

pub use chunk::{NewLinks, SameContent, add_links, record, same_bytes, same_content};

use chrono::{DateTime, Utc};
use poem_openapi::Object;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::alone::{Alone, alone};
use super::query::{execute, fetch_all, fetch_one, fetch_optional};
use super::scope::{self, within};
use super::{Result, Session, Tx};
use crate::domain::event::BatchError;

/// A batch and the account of its mails.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Object)]
pub struct Batch {
    /// Its id.
    pub id: String,
    /// The mailbox its mails came to.
    pub mailbox: Option<String>,
    /// `pending`, `processing`, `completed` or `failed`.
    pub state: String,
    /// Mails received.
    pub received: i64,
    /// Mails accounted for so far.
    pub processed: i64,
    /// Mails that opened a task.
    pub tasks_created: i64,
    /// Mails that belong to a task that was there.
    pub tasks_updated: i64,
    /// Mails that make no task.
    pub noise: i64,
    /// Mails that were there already.
    pub duplicates: i64,
    /// Mails that could not be processed and were kept.
    pub quarantined: i64,
    /// The quarantined mails, at most 1,000, or why the batch failed.
    pub errors: Vec<BatchError>,
    /// When it was accepted.
    pub created_at: DateTime<Utc>,
    /// When its first mail was processed.
    pub started_at: Option<DateTime<Utc>>,
    /// When its last mail was.
    pub finished_at: Option<DateTime<Utc>>,
}

#[derive(sqlx::FromRow)]
struct BatchRow {
    id: String,
    mailbox: Option<String>,
    state: String,
    received: i64,
    error: Option<String>,
    created_at: DateTime<Utc>,
    started_at: Option<DateTime<Utc>>,
    finished_at: Option<DateTime<Utc>>,
    tasks_created: i64,
    tasks_updated: i64,
    noise: i64,
    duplicates: i64,
    quarantined: i64,
}

macro_rules! batch_columns {
    () => {
        "b.id, b.mailbox, b.state, b.received, b.error, b.created_at, b.started_at, b.finished_at,
         (SELECT count(*) FROM emails AS e WHERE e.batch_id = b.id AND e.outcome = 'created') AS tasks_created,
         (SELECT count(*) FROM emails AS e WHERE e.batch_id = b.id AND e.outcome = 'updated') AS tasks_updated,
         (SELECT count(*) FROM emails AS e WHERE e.batch_id = b.id AND e.outcome = 'noise') AS noise,
         (SELECT count(*) FROM emails AS e WHERE e.batch_id = b.id AND e.outcome = 'duplicate') AS duplicates,
         (SELECT count(*) FROM emails AS e WHERE e.batch_id = b.id AND e.outcome = 'quarantined') AS quarantined"
    };
}

/// The batch of this id.
pub async fn lookup_batch(session: &mut Session, id: &str) -> Result<Option<Batch>> {
    const SQL: &str = concat!("SELECT ", batch_columns!(), " FROM batches AS b WHERE b.id = $1");
    match fetch_optional!(session, BatchRow, SQL, id)? {
        None => Ok(None),
        Some(row) => with_errors(session, row).await.map(Some),
    }
}

/// Batches, newest first; those of some mailboxes alone, or of all.
pub async fn list_batches(session: &mut Session, within: Option<&[String]>, limit: i64) -> Result<Vec<Batch>> {
    const ALL: &str =
        concat!("SELECT ", batch_columns!(), " FROM batches AS b ORDER BY b.created_at DESC, b.id DESC LIMIT $1");
    const WITHIN: &str = concat!(
        "SELECT ",
        batch_columns!(),
        " FROM batches AS b WHERE ",
        within!("b.mailbox", "$2"),
        " ORDER BY b.created_at DESC, b.id DESC LIMIT $1"
    );
    let rows = match within {
        None => fetch_all!(session, BatchRow, ALL, limit)?,
        Some(mailboxes) => fetch_all!(session, BatchRow, WITHIN, limit, scope::list(mailboxes))?,
    };
    let mut batches = Vec::with_capacity(rows.len());
    for row in rows {
        batches.push(with_errors(session, row).await?);
    }
    Ok(batches)
}

async fn with_errors(session: &mut Session, row: BatchRow) -> Result<Batch> {
    const SQL: &str = "SELECT COALESCE(source, id), COALESCE(reason, '')
         FROM emails
         WHERE batch_id = $1 AND outcome = 'quarantined'
         ORDER BY position
         LIMIT 1000";
    let mut errors = Vec::new();
    if row.quarantined > 0 {
        let found = fetch_all!(session, (String, String), SQL, &row.id)?;
        errors.extend(found.into_iter().map(|(email, reason)| BatchError { email, reason }));
    }
    errors.extend(row.error.map(|reason| BatchError { email: String::new(), reason }));
    Ok(Batch {
        processed: row.tasks_created + row.tasks_updated + row.noise + row.duplicates + row.quarantined,
        errors,
        id: row.id,
        mailbox: row.mailbox,
        state: row.state,
        received: row.received,
        tasks_created: row.tasks_created,
        tasks_updated: row.tasks_updated,
        noise: row.noise,
        duplicates: row.duplicates,
        quarantined: row.quarantined,
        created_at: row.created_at,
        started_at: row.started_at,
        finished_at: row.finished_at,
    })
}

/// A mail as it arrives.
#[derive(Clone, Debug)]
pub struct NewEmail {
    /// Its id.
    pub id: String,
    /// How its uploader named it.
    pub source: Option<String>,
    /// `rfc822`, `json`, or `head` if only the first part was kept.
    pub format: &'static str,
    /// Bytes received.
    pub size: i64,
    /// SHA-256 of the bytes received, in hex.
    pub sha256: String,
    /// The bytes kept.
    pub raw: Vec<u8>,
}

/// Writes a batch and its mails.
pub async fn insert_batch(
    tx: &mut Tx,
    id: &str,
    mailbox: &str,
    emails: &[NewEmail],
    job_seq: i64,
    now: DateTime<Utc>,
) -> Result<()> {
    const BATCH: &str = "INSERT INTO batches (id, mailbox, state, job_seq, received, created_at)
         VALUES ($1, $2, 'pending', $3, $4, $5)";
    const EMAIL: &str =
        "INSERT INTO emails (id, batch_id, position, mailbox, source, format, size, sha256, received_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    const CONTENT: &str = "INSERT INTO email_contents (email_id, raw) VALUES ($1, $2)";
    execute!(tx, BATCH, id, mailbox, job_seq, emails.len() as i64, now)?;
    for (position, email) in emails.iter().enumerate() {
        let (position, source) = (position as i64, email.source.as_deref());
        execute!(tx, EMAIL, &email.id, id, position, mailbox, source, email.format, email.size, &email.sha256, now)?;
        execute!(tx, CONTENT, &email.id, email.raw.as_slice())?;
    }
    Ok(())
}

/// The state, mailbox and size of a batch, for working on it.
pub async fn begin_batch(tx: &mut Tx, id: &str, now: DateTime<Utc>) -> Result<()> {
    const SQL: &str = "UPDATE batches
         SET state = 'processing', started_at = COALESCE(started_at, $2)
         WHERE id = $1
           AND state IN ('pending', 'processing')";
    execute!(tx, SQL, id, now).map(drop)
}

/// How many mails of a batch are accounted for, and how many there are.
pub async fn progress(session: &mut Session, id: &str) -> Result<(i64, i64)> {
    const SQL: &str =
        "SELECT received - (SELECT count(*) FROM emails WHERE batch_id = $1 AND outcome = 'pending'), received
         FROM batches
         WHERE id = $1";
    fetch_one!(session, (i64, i64), SQL, id)
}

/// Ends a batch; `false` if it had ended before.
pub async fn end_batch(tx: &mut Tx, id: &str, error: Option<&str>, now: DateTime<Utc>) -> Result<bool> {
    const SQL: &str = "UPDATE batches
         SET state = CASE WHEN $2::text IS NULL THEN 'completed' ELSE 'failed' END, error = $2,
             started_at = COALESCE(started_at, $3), finished_at = $3
         WHERE id = $1
           AND finished_at IS NULL";
    Ok(execute!(tx, SQL, id, error, now)? == 1)
}

/// Batches that are not finished although no job works on them.
pub async fn orphaned_batches(session: &mut Session) -> Result<Vec<(String, Option<String>)>> {
    const SQL: &str = "SELECT b.id, j.state
         FROM batches AS b
         LEFT JOIN jobs AS j ON j.seq = b.job_seq
         WHERE b.finished_at IS NULL
           AND (j.seq IS NULL OR j.finished_at IS NOT NULL)
         LIMIT 100";
    fetch_all!(session, (String, Option<String>), SQL)
}

/// Says which job works on a batch.
pub async fn assign_batch(tx: &mut Tx, id: &str, job_seq: i64) -> Result<()> {
    execute!(tx, "UPDATE batches SET job_seq = $2 WHERE id = $1", id, job_seq).map(drop)
}

/// A mail that waits to be processed.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct PendingEmail {
    /// Its id.
    pub id: String,
    /// Its place in the batch, from 0.
    pub position: i64,
    /// The mailbox it came to.
    pub mailbox: String,
    /// `rfc822`, `json` or `head`.
    pub format: String,
    /// Bytes received.
    pub size: i64,
    /// SHA-256 of the bytes received.
    pub sha256: String,
    /// When it was taken in.
    pub received_at: DateTime<Utc>,
    /// How often it was put back to work after it had been kept apart.
    pub replays: i64,
    /// How its batch came in: `upload`, `folder` or `imap`.
    pub origin: String,
    /// The bytes kept.
    pub raw: Vec<u8>,
}

/// The next mails of a batch after a place, in order.
pub async fn pending(session: &mut Session, batch_id: &str, after: i64, limit: i64) -> Result<Vec<PendingEmail>> {
    const SQL: &str =
        "SELECT e.id, e.position, e.mailbox, e.format, e.size, e.sha256, e.received_at, e.replays, b.origin, c.raw
         FROM emails AS e
         JOIN batches AS b ON b.id = e.batch_id
         JOIN email_contents AS c ON c.email_id = e.id
         WHERE e.batch_id = $1
           AND e.outcome = 'pending'
           AND e.position > $2
         ORDER BY e.position
         LIMIT $3";
    fetch_all!(session, PendingEmail, SQL, batch_id, after, limit)
}

/// Puts batches one behind the other where they look for tasks and duplicates, so that two mails of one matter that
/// arrive together do not open two tasks.
pub async fn lock_intake(tx: &mut Tx) -> Result<()> {
    alone(tx, Alone::Intake).await
}

/// What was found out about a mail.
#[derive(Clone, Debug, Default)]
pub struct EmailOutcome {
    /// `created`, `updated`, `noise`, `duplicate` or `quarantined`.
    pub outcome: &'static str,
    /// Why it is noise or quarantined.
    pub reason: Option<String>,
    /// Its Message-ID.
    pub message_id: Option<String>,
    /// Identity of its content.
    pub fingerprint: Option<String>,
    /// Its subject.
    pub subject: Option<String>,
    /// Its sender.
    pub sender: Option<String>,
    /// Its recipients.
    pub recipients: Vec<String>,
    /// When it was sent.
    pub sent_at: Option<DateTime<Utc>>,
    /// Its attachments.
    pub attachments: Value,
    /// The task it belongs to.
    pub task_id: Option<String>,
    /// The mail it is a copy of.
    pub duplicate_of: Option<String>,
    /// What floods are counted by, and the instant it counts at.
    pub flood: Option<(String, DateTime<Utc>)>,
}

/// A key a mail is found by, with who wrote and when.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Link {
    /// Such as `id:<message id>` or `po:45018823`.
    pub key: String,
    /// The task.
    pub task_id: String,
    /// Addresses of its mail.
    #[sqlx(json)]
    pub people: Vec<String>,
    /// When the mail was sent.
    pub at: DateTime<Utc>,
}

/// Everything known under these keys, of tasks that are not deleted; the newest of each key, at most 50.
pub async fn find_links(session: &mut Session, keys: &[String]) -> Result<Vec<Link>> {
    const SQL: &str = "SELECT found.key, found.task_id, found.people, found.at
         FROM (SELECT l.key, l.task_id, l.people, l.at,
                      row_number() OVER (PARTITION BY l.key ORDER BY l.at DESC, l.task_id) AS newest
               FROM jsonb_array_elements($1::jsonb) AS e
               JOIN email_links AS l ON l.key = (e.value ->> 'k')
               JOIN workflow_tasks AS t ON t.task_id = l.task_id AND t.deleted_at IS NULL) AS found
         WHERE found.newest <= 50
         ORDER BY found.task_id, found.key, found.at";
    let keys = Value::from(keys.iter().map(|key| json!({"k": key})).collect::<Vec<_>>()).to_string();
    fetch_all!(session, Link, SQL, keys)
}

/// A mail as it is listed.
#[derive(Clone, Debug, Serialize, Object, sqlx::FromRow)]
pub struct Email {
    /// Its id.
    pub id: String,
    /// The batch it came in.
    pub batch_id: String,
    /// Its place in the batch, from 0.
    pub position: i64,
    /// The mailbox it came to.
    pub mailbox: String,
    /// How its uploader named it.
    pub source: Option<String>,
    /// Bytes received.
    pub size: i64,
    /// SHA-256 of the bytes received, in hex.
    pub sha256: String,
    /// `pending`, `created`, `updated`, `noise`, `duplicate` or `quarantined`.
    pub outcome: String,
    /// Why it is noise or quarantined.
    pub reason: Option<String>,
    /// Its Message-ID.
    pub message_id: Option<String>,
    /// Its subject.
    pub subject: Option<String>,
    /// Its sender.
    pub sender: Option<String>,
    /// Its recipients.
    #[sqlx(json)]
    pub recipients: Vec<String>,
    /// When it was sent, by its own word.
    pub sent_at: Option<DateTime<Utc>>,
    /// When it was taken in.
    pub received_at: DateTime<Utc>,
    /// The task it belongs to.
    pub task_id: Option<String>,
    /// The mail it is a copy of.
    pub duplicate_of: Option<String>,
}

macro_rules! email_columns {
    () => {
        "id, batch_id, position, mailbox, source, size, sha256, outcome, reason, message_id, subject, sender, recipients, \
         sent_at, received_at, task_id, duplicate_of"
    };
}

/// Mails of a batch or of a task, oldest first; those of some mailboxes alone, or of all.
pub async fn list(
    session: &mut Session,
    batch_id: Option<&str>,
    task_id: Option<&str>,
    outcome: Option<&str>,
    within: Option<&[String]>,
    limit: i64,
) -> Result<Vec<Email>> {
    const SQL: &str = concat!(
        "SELECT ",
        email_columns!(),
        " FROM emails
         WHERE ($1::text IS NULL OR batch_id = $1)
           AND ($2::text IS NULL OR task_id = $2)
           AND ($3::text IS NULL OR outcome = $3)
           AND ($5::text IS NULL OR ",
        within!("mailbox", "$5"),
        ")
         ORDER BY received_at, batch_id, position
         LIMIT $4"
    );
    fetch_all!(session, Email, SQL, batch_id, task_id, outcome, limit, within.map(scope::list))
}

/// The mail of this id.
pub async fn lookup(session: &mut Session, id: &str) -> Result<Option<Email>> {
    const SQL: &str = concat!("SELECT ", email_columns!(), " FROM emails WHERE id = $1");
    fetch_optional!(session, Email, SQL, id)
}

/// Says that a mail of this task is noise after all; `false` if it is none of the task's.
pub async fn mark_noise(tx: &mut Tx, id: &str, task_id: &str, reason: &str) -> Result<bool> {
    const SQL: &str = "UPDATE emails
         SET outcome = 'noise', reason = $3
         WHERE id = $1
           AND task_id = $2
           AND outcome IN ('created', 'updated', 'noise')";
    Ok(execute!(tx, SQL, id, task_id, reason)? == 1)
}

/// Whether a mail belongs to a task.
pub async fn belongs(session: &mut Session, id: &str, task_id: &str) -> Result<bool> {
    const SQL: &str = "SELECT count(*) FROM emails WHERE id = $1 AND task_id = $2";
    let (count,) = fetch_one!(session, (i64,), SQL, id, task_id)?;
    Ok(count == 1)
}

/// Format and bytes of a mail as received.
pub async fn content(session: &mut Session, id: &str) -> Result<Option<(String, Vec<u8>)>> {
    const SQL: &str =
        "SELECT e.format, c.raw FROM emails AS e JOIN email_contents AS c ON c.email_id = e.id WHERE e.id = $1";
    fetch_optional!(session, (String, Vec<u8>), SQL, id)
}
