//! Mail that was kept apart: counted before it is, put back to work, or given up.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::dialect::instant;
use super::query::{execute, fetch_all, fetch_one};
use super::{Result, Session, Tx};

/// Mails that count together.
#[derive(Clone, Debug)]
pub struct Alike {
    /// What they are counted by.
    pub key: String,
    /// They came after this instant,
    pub since: DateTime<Utc>,
    /// and no later than this one.
    pub until: DateTime<Utc>,
}

/// How many mails of a mailbox there are of each; no more than `most` are looked at.
pub async fn floods(session: &mut Session, mailbox: &str, asked: &[Alike], most: i64) -> Result<Vec<i64>> {
    const SQL: &str = "SELECT (e.value ->> 'place')::bigint AS place,
                (SELECT count(*)
                 FROM (SELECT id
                       FROM emails
                       WHERE mailbox = $2
                         AND flood_key = (e.value ->> 'k')
                         AND flood_at > (e.value ->> 'since')::timestamptz
                         AND flood_at <= (e.value ->> 'until')::timestamptz
                       LIMIT $3) AS counted)
         FROM jsonb_array_elements($1::jsonb) AS e
         ORDER BY 1";
    let row = |(place, Alike { key, since, until }): (usize, &Alike)| json!({"place": place, "k": key, "since": instant(*since), "until": instant(*until)});
    let rows = Value::from(asked.iter().enumerate().map(row).collect::<Vec<_>>()).to_string();
    Ok(fetch_all!(session, (i64, i64), SQL, rows, mailbox, most)?.into_iter().map(|(_, count)| count).collect())
}

/// Says how a batch came in: `upload`, `folder` or `imap`.
pub async fn set_origin(tx: &mut Tx, batch_id: &str, origin: &str) -> Result<()> {
    execute!(tx, "UPDATE batches SET origin = $2 WHERE id = $1", batch_id, origin).map(drop)
}

/// Which of the mails that were kept apart are meant; all if nothing is said.
#[derive(Clone, Debug, Default)]
pub struct QuarantineFilter {
    /// These.
    pub ids: Vec<String>,
    /// Those of this mailbox.
    pub mailbox: Option<String>,
    /// Those of this batch.
    pub batch_id: Option<String>,
    /// Those whose reason contains this text.
    pub reason: Option<String>,
    /// Those taken in at or after this instant.
    pub received_from: Option<DateTime<Utc>>,
    /// Those taken in before this instant.
    pub received_to: Option<DateTime<Utc>>,
}

/// A mail that was kept apart.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Kept {
    /// Its id.
    pub id: String,
    /// Its batch.
    pub batch_id: String,
    /// Whether its bytes were kept whole.
    pub is_whole: bool,
    /// Why it was kept apart.
    pub reason: Option<String>,
}

/// Mails that were kept apart, oldest first.
pub async fn find(session: &mut Session, filter: &QuarantineFilter, limit: i64) -> Result<Vec<Kept>> {
    const SQL: &str = "SELECT id, batch_id, format <> 'head' AS is_whole, reason
         FROM emails
         WHERE outcome = 'quarantined'
           AND ($1::text IS NULL OR mailbox = $1)
           AND ($2::text IS NULL OR batch_id = $2)
           AND ($3::text IS NULL OR reason LIKE $3 ESCAPE '!')
           AND ($4::timestamptz IS NULL OR received_at >= $4)
           AND ($5::timestamptz IS NULL OR received_at < $5)
           AND ($6::text IS NULL OR id IN (SELECT (e.value ->> 'id') FROM jsonb_array_elements($6::jsonb) AS e))
         ORDER BY received_at, batch_id, position
         LIMIT $7";
    let ids = (!filter.ids.is_empty()).then(|| rows(filter.ids.iter().map(String::as_str)));
    let reason = filter
        .reason
        .as_ref()
        .map(|text| format!("%{}%", text.replace('!', "!!").replace('%', "!%").replace('_', "!_")));
    fetch_all!(
        session,
        Kept,
        SQL,
        filter.mailbox.as_deref(),
        filter.batch_id.as_deref(),
        reason,
        filter.received_from,
        filter.received_to,
        ids,
        limit
    )
}

/// Puts mails of one batch back to work, and opens the batch again; `job_seq` works on it. Gives how many there were. Call
/// [`super::mail::lock_intake`] before, so that the batch cannot end meanwhile.
pub async fn reopen(tx: &mut Tx, batch_id: &str, ids: &[&str], job_seq: i64) -> Result<u64> {
    const EMAILS: &str = "UPDATE emails
         SET outcome = 'pending', reason = NULL, replays = replays + 1
         WHERE batch_id = $1
           AND outcome = 'quarantined'
           AND id IN (SELECT (e.value ->> 'id') FROM jsonb_array_elements($2::jsonb) AS e)";
    const BATCH: &str = "UPDATE batches
         SET state = 'processing', finished_at = NULL, error = NULL, job_seq = $2
         WHERE id = $1";
    let reopened = execute!(tx, EMAILS, batch_id, rows(ids.iter().copied()))?;
    if reopened > 0 {
        execute!(tx, BATCH, batch_id, job_seq)?;
    }
    Ok(reopened)
}

/// Gives up a mail that was kept apart: it makes no task, for this reason. `false` if it was not kept apart.
pub async fn dismiss(tx: &mut Tx, id: &str, reason: &str) -> Result<bool> {
    const SQL: &str = "UPDATE emails SET outcome = 'noise', reason = $2 WHERE id = $1 AND outcome = 'quarantined'";
    Ok(execute!(tx, SQL, id, reason)? == 1)
}

/// Whether mails of a batch wait to be processed.
pub async fn is_pending(session: &mut Session, batch_id: &str) -> Result<bool> {
    const SQL: &str = "SELECT count(*)
         FROM (SELECT id FROM emails WHERE batch_id = $1 AND outcome = 'pending' LIMIT 1) AS one";
    Ok(fetch_one!(session, (i64,), SQL, batch_id)?.0 > 0)
}

fn rows<'a>(ids: impl Iterator<Item = &'a str>) -> String {
    ids.map(|id| json!({"id": id})).collect::<Value>().to_string()
}
