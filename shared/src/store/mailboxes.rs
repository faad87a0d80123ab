//! Mailboxes, and how far fetching their mail has come.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::query::{execute, fetch_all, fetch_one, fetch_optional};
use super::{Result, Session, Tx};
use crate::domain::mailbox::{KnownFile, Mailbox, Seen};

macro_rules! mailbox_columns {
    () => {
        "name, display, default_owner, default_owner_email, own_domains, category, category_use, review_below, \
         flood_per_hour, enabled, source, version, updated_at"
    };
}

/// A mailbox and how far fetching has come.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct MailboxRow {
    /// What is known of it.
    #[sqlx(flatten)]
    pub mailbox: Mailbox,
    /// How far fetching has come.
    #[sqlx(flatten)]
    pub progress: Progress,
}

/// How far fetching the mail of a mailbox has come.
#[derive(Clone, Debug, Default, PartialEq, sqlx::FromRow)]
pub struct Progress {
    /// When it was last looked at.
    pub last_polled_at: Option<DateTime<Utc>>,
    /// When that last went well.
    pub last_success_at: Option<DateTime<Utc>>,
    /// Why it did not go well the last time.
    pub last_error: Option<String>,
    /// How often in a row it has not.
    pub failures: i64,
    /// Before when it is left alone.
    pub next_poll_at: Option<DateTime<Utc>>,
    /// The server's word for which numbering its UIDs belong to.
    pub uidvalidity: Option<i64>,
    /// The highest UID that is in a batch.
    pub last_uid: i64,
    /// UIDs of mails that are in a batch, of which the server was not told yet.
    #[sqlx(json)]
    pub unacknowledged: Vec<i64>,
    /// Mails that were put into batches, in all.
    pub fetched: i64,
    /// The newest of these batches.
    pub last_batch_id: Option<String>,
}

macro_rules! rows {
    ($rest:literal) => {
        concat!(
            "SELECT ",
            mailbox_columns!(),
            ", last_polled_at, last_success_at, last_error, failures, next_poll_at, uidvalidity, last_uid, \
             unacknowledged, fetched, last_batch_id FROM mailboxes",
            $rest
        )
    };
}

/// All mailboxes, by name.
pub async fn list(session: &mut Session) -> Result<Vec<MailboxRow>> {
    const SQL: &str = rows!(" ORDER BY name");
    fetch_all!(session, MailboxRow, SQL)
}

/// The mailbox of this name.
pub async fn lookup(session: &mut Session, name: &str) -> Result<Option<MailboxRow>> {
    const SQL: &str = rows!(" WHERE name = $1");
    fetch_optional!(session, MailboxRow, SQL, name)
}

/// The mailbox of this name, locked until the transaction ends.
pub async fn lock(tx: &mut Tx, name: &str) -> Result<Option<MailboxRow>> {
    const SQL: &str = rows!(" WHERE name = $1 FOR UPDATE");
    fetch_optional!(tx, MailboxRow, SQL, name)
}

/// Those whose mail is to be fetched at this instant.
pub async fn due(session: &mut Session, now: DateTime<Utc>) -> Result<Vec<String>> {
    const SQL: &str = "SELECT name
         FROM mailboxes
         WHERE enabled
           AND (source ->> 'kind') <> 'none'
           AND (next_poll_at IS NULL OR next_poll_at <= $1)
         ORDER BY name";
    Ok(fetch_all!(session, (String,), SQL, now)?.into_iter().map(|(name,)| name).collect())
}

/// Writes what is known of a mailbox; gives the version.
pub async fn save(tx: &mut Tx, mailbox: &Mailbox) -> Result<i64> {
    const SQL: &str = "INSERT INTO mailboxes (name, display, default_owner, default_owner_email, own_domains, category,
                                category_use, review_below, flood_per_hour, enabled, source, version, updated_at)
         VALUES ($1, $2, $3, $4, $5::jsonb, $6, $7, $8, $9, $10, $11::jsonb, 1, $12)
         ON CONFLICT (name) DO UPDATE
         SET display = excluded.display, default_owner = excluded.default_owner,
             default_owner_email = excluded.default_owner_email, own_domains = excluded.own_domains,
             category = excluded.category, category_use = excluded.category_use, review_below = excluded.review_below,
             flood_per_hour = excluded.flood_per_hour, enabled = excluded.enabled, source = excluded.source,
             version = mailboxes.version + 1, updated_at = excluded.updated_at, failures = 0, next_poll_at = NULL
         RETURNING version";
    let Mailbox { name, display, default_owner, default_owner_email, own_domains, category, category_use, .. } =
        mailbox;
    let (own_domains, source) = (json!(own_domains).to_string(), json!(mailbox.source).to_string());
    let written = fetch_one!(
        tx,
        (i64,),
        SQL,
        name,
        display,
        default_owner,
        default_owner_email,
        own_domains,
        *category,
        *category_use,
        mailbox.review_below,
        mailbox.flood_per_hour,
        mailbox.enabled,
        source,
        mailbox.updated_at
    )?;
    Ok(written.0)
}

/// Forgets how far fetching has come, because the mail comes from another place now.
pub async fn restart(tx: &mut Tx, name: &str) -> Result<()> {
    const SQL: &str = "UPDATE mailboxes
         SET uidvalidity = NULL, last_uid = 0, unacknowledged = '[]', last_error = NULL
         WHERE name = $1";
    execute!(tx, SQL, name)?;
    execute!(tx, "DELETE FROM mailbox_files WHERE mailbox = $1", name).map(drop)
}

/// Removes a mailbox; its mail and tasks stay.
pub async fn delete(tx: &mut Tx, name: &str) -> Result<()> {
    execute!(tx, "DELETE FROM mailbox_files WHERE mailbox = $1", name)?;
    execute!(tx, "DELETE FROM mailboxes WHERE name = $1", name).map(drop)
}

/// Writes how a poll of this version of a mailbox went: well without an error. `next` is before when it is left alone.
pub async fn polled(
    tx: &mut Tx,
    (name, version): (&str, i64),
    error: Option<&str>,
    next: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Result<()> {
    const SQL: &str = "UPDATE mailboxes
         SET last_polled_at = $4, last_error = $2, next_poll_at = $3,
             failures = CASE WHEN $2::text IS NULL THEN 0 ELSE failures + 1 END,
             last_success_at = CASE WHEN $2::text IS NULL THEN $4 ELSE last_success_at END
         WHERE name = $1
           AND version = $5";
    execute!(tx, SQL, name, error, next, now, version).map(drop)
}

/// Notes that so many mails of a mailbox are in a batch now.
pub async fn fetched(tx: &mut Tx, name: &str, mails: i64, batch_id: &str) -> Result<()> {
    const SQL: &str = "UPDATE mailboxes SET fetched = fetched + $2, last_batch_id = $3 WHERE name = $1";
    execute!(tx, SQL, name, mails, batch_id).map(drop)
}

/// Says how far an IMAP folder was read, and what its server is still to be told.
pub async fn advance(tx: &mut Tx, name: &str, uidvalidity: i64, last_uid: i64, unacknowledged: &[i64]) -> Result<()> {
    const SQL: &str = "UPDATE mailboxes
         SET uidvalidity = $2, last_uid = $3, unacknowledged = $4::jsonb
         WHERE name = $1";
    execute!(tx, SQL, name, uidvalidity, last_uid, json!(unacknowledged).to_string()).map(drop)
}

/// The files of a watched folder, as they looked at the last poll.
pub async fn files(session: &mut Session, name: &str) -> Result<Vec<KnownFile>> {
    const SQL: &str = "SELECT name, size, modified_ms, taken FROM mailbox_files WHERE mailbox = $1 ORDER BY name";
    fetch_all!(session, KnownFile, SQL, name)
}

/// Remembers how files look, and whether their mail is in a batch.
pub async fn remember_files(tx: &mut Tx, mailbox: &str, files: &[&Seen], taken: bool) -> Result<()> {
    const SQL: &str = "INSERT INTO mailbox_files (mailbox, name, size, modified_ms, taken)
         SELECT $1, (e.value ->> 'n'), (e.value ->> 's')::bigint, (e.value ->> 'm')::bigint, $3
         FROM jsonb_array_elements($2::jsonb) AS e
         WHERE true
         ON CONFLICT (mailbox, name) DO UPDATE
         SET size = excluded.size, modified_ms = excluded.modified_ms, taken = excluded.taken";
    let rows: Vec<Value> =
        files.iter().map(|file| json!({"n": file.name, "s": file.size, "m": file.modified_ms})).collect();
    execute!(tx, SQL, mailbox, Value::from(rows).to_string(), taken).map(drop)
}

/// Forgets files that are gone.
pub async fn forget_files(tx: &mut Tx, mailbox: &str, names: &[&str]) -> Result<()> {
    const SQL: &str = "DELETE FROM mailbox_files
         WHERE mailbox = $1
           AND name = ANY(ARRAY(SELECT (e.value ->> 'n') FROM jsonb_array_elements($2::jsonb) AS e))";
    let rows: Vec<Value> = names.iter().map(|name| json!({"n": name})).collect();
    execute!(tx, SQL, mailbox, Value::from(rows).to_string()).map(drop)
}
