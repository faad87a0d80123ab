//! Mails to recipients: the lines each will have, and what became of it.

use chrono::{DateTime, Utc};
use serde_json::json;

use super::rows;
use crate::domain::event::Matches;
use crate::domain::notification::Notice;
use crate::domain::text_enum::text_enum;
use crate::store::dialect::instant;
use crate::store::query::{execute, fetch_all, fetch_one, fetch_optional};
use crate::store::{Result, Session, Tx};

text_enum! {
    /// Where a mail stands.
    DigestState {
        /// It takes further lines.
        Waiting = "waiting",
        /// It is on its way, and what it says is settled.
        Sending = "sending",
        /// The mail server has it.
        Sent = "sent",
        /// Given up.
        Dead = "dead",
        /// Not wanted any more when its time came.
        Dropped = "dropped",
    }
}

/// Whether events wait for a decision about who is told of them; nobody to tell means no.
pub async fn is_behind(session: &mut Session) -> Result<bool> {
    const SQL: &str = "SELECT n.last_id
         FROM notification_cursor AS n
         JOIN event_cursor AS e ON e.one = 1 AND n.last_id < e.last_id
         WHERE n.one = 1
           AND EXISTS (SELECT 1 FROM notification_recipients)";
    Ok(fetch_optional!(session, (i64,), SQL)?.is_some())
}

/// The last event decided about, locked; none if another process holds it.
pub async fn lock_cursor(tx: &mut Tx) -> Result<Option<i64>> {
    const SQL: &str = "SELECT last_id FROM notification_cursor WHERE one = 1 FOR UPDATE SKIP LOCKED";
    Ok(fetch_optional!(tx, (i64,), SQL)?.map(|(last,)| last))
}

/// Notes that it has been decided about events up to this one.
pub async fn advance(tx: &mut Tx, last: i64) -> Result<()> {
    execute!(tx, "UPDATE notification_cursor SET last_id = $1 WHERE one = 1", last).map(drop)
}

/// The newest event that has a number.
pub async fn newest_event(session: &mut Session) -> Result<i64> {
    let (last,): (i64,) = fetch_one!(session, (i64,), "SELECT last_id FROM event_cursor WHERE one = 1")?;
    Ok(last)
}

/// An event that somebody may want to be told of.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct NoticeRow {
    /// Its number.
    pub id: i64,
    /// Its name.
    pub event: String,
    /// The task it is about.
    pub task_id: String,
    /// Its payload as JSON text.
    pub data: String,
    /// Owners and categories, old and new.
    #[sqlx(json)]
    pub matches: Matches,
    /// When it happened.
    pub created_at: DateTime<Utc>,
    /// The mailbox of the task.
    pub mailbox: Option<String>,
}

/// Events about deadlines after one number and up to another, oldest first.
pub async fn notices(session: &mut Session, after: i64, up_to: i64, limit: i64) -> Result<Vec<NoticeRow>> {
    const SQL: &str = "SELECT e.id, e.event, e.task_id, CAST(e.data AS text) AS data, e.matches, e.created_at,
                t.mailbox_source AS mailbox
         FROM workflow_events AS e
         JOIN workflow_tasks AS t ON t.task_id = e.task_id
         WHERE e.id > $1
           AND e.id <= $2
           AND e.event IN ('workflow:sla:warning', 'workflow:sla:violated', 'workflow:critical:alert',
                           'workflow:sla:escalated')
         ORDER BY e.id
         LIMIT $3";
    fetch_all!(session, NoticeRow, SQL, after, up_to, limit)
}

/// A mail to a recipient.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct DigestRow {
    /// Its number.
    pub seq: i64,
    /// To whom.
    pub recipient_id: String,
    /// When it is due.
    pub at: DateTime<Utc>,
    /// Where it stands.
    pub state: DigestState,
    /// The job that sends it.
    pub job_seq: Option<i64>,
}

/// The mail to a recipient for an instant, made if there is none, and locked.
pub async fn open(tx: &mut Tx, recipient_id: &str, at: DateTime<Utc>) -> Result<DigestRow> {
    const INSERT: &str =
        "INSERT INTO digests (recipient_id, at) VALUES ($1, $2) ON CONFLICT (recipient_id, at) DO NOTHING";
    const SQL: &str =
        "SELECT seq, recipient_id, at, state, job_seq FROM digests WHERE recipient_id = $1 AND at = $2 FOR UPDATE";
    execute!(tx, INSERT, recipient_id, at)?;
    fetch_one!(tx, DigestRow, SQL, recipient_id, at)
}

/// The mail of this number, locked.
pub async fn lock_digest(tx: &mut Tx, seq: i64) -> Result<Option<DigestRow>> {
    const SQL: &str = "SELECT seq, recipient_id, at, state, job_seq FROM digests WHERE seq = $1 FOR UPDATE";
    fetch_optional!(tx, DigestRow, SQL, seq)
}

/// Notes which job sends a mail.
pub async fn adopt(tx: &mut Tx, seq: i64, job: i64) -> Result<()> {
    execute!(tx, "UPDATE digests SET job_seq = $2 WHERE seq = $1", seq, job).map(drop)
}

/// Lets a mail take no further lines.
pub async fn freeze(tx: &mut Tx, seq: i64) -> Result<()> {
    const SQL: &str = "UPDATE digests SET state = 'sending', finished_at = NULL WHERE seq = $1";
    execute!(tx, SQL, seq).map(drop)
}

/// Notes what became of a mail.
pub async fn end(tx: &mut Tx, seq: i64, state: DigestState, error: Option<&str>, now: DateTime<Utc>) -> Result<()> {
    const SQL: &str = "UPDATE digests SET state = $2, last_error = $3, finished_at = $4 WHERE seq = $1";
    execute!(tx, SQL, seq, state.as_str(), error, now).map(drop)
}

/// A line about to be written.
#[derive(Clone, Debug)]
pub struct NewLine {
    /// To whom.
    pub recipient_id: String,
    /// The event it tells of.
    pub event_id: i64,
    /// The mail it is for.
    pub digest: i64,
    /// What it is.
    pub kind: Notice,
    /// The task.
    pub task_id: String,
    /// What the task is called.
    pub title: String,
    /// Who works on it.
    pub owner: Option<String>,
    /// When it is due.
    pub deadline: Option<DateTime<Utc>>,
    /// When it happened.
    pub at: DateTime<Utc>,
}

/// Writes lines; an event that a recipient is told of already is left out.
pub async fn add_lines(tx: &mut Tx, lines: &[NewLine]) -> Result<()> {
    const SQL: &str =
        "INSERT INTO digest_lines (recipient_id, event_id, digest_seq, kind, task_id, title, owner, deadline, at)
         SELECT (e.value ->> 'recipient_id'), (e.value ->> 'event_id')::bigint, (e.value ->> 'digest')::bigint,
                (e.value ->> 'kind'), (e.value ->> 'task_id'), (e.value ->> 'title'), (e.value ->> 'owner'),
                (e.value ->> 'deadline')::timestamptz, (e.value ->> 'at')::timestamptz
         FROM jsonb_array_elements($1::jsonb) AS e
         WHERE true
         ON CONFLICT (recipient_id, event_id) DO NOTHING";
    let row = |line: &NewLine| {
        json!({
            "recipient_id": line.recipient_id, "event_id": line.event_id, "digest": line.digest, "kind": line.kind,
            "task_id": line.task_id, "title": line.title, "owner": line.owner, "deadline": line.deadline.map(instant),
            "at": instant(line.at),
        })
    };
    match rows(lines.iter().map(row)) {
        Some(rows) => execute!(tx, SQL, rows).map(drop),
        None => Ok(()),
    }
}

/// A line of a mail.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Line {
    /// What it is.
    pub kind: Notice,
    /// The task.
    pub task_id: String,
    /// What the task was called.
    pub title: String,
    /// Who worked on it.
    pub owner: Option<String>,
    /// When it was due.
    pub deadline: Option<DateTime<Utc>>,
    /// When it happened.
    pub at: DateTime<Utc>,
    /// The task's colour by now.
    pub status: String,
}

/// The lines of a mail in the order of their events, without those of tasks that are deleted by now.
pub async fn lines(session: &mut Session, digest: i64) -> Result<Vec<Line>> {
    const SQL: &str = "SELECT l.kind, l.task_id, l.title, l.owner, l.deadline, l.at, t.task_status AS status
         FROM digest_lines AS l
         JOIN workflow_tasks AS t ON t.task_id = l.task_id AND t.deleted_at IS NULL
         WHERE l.digest_seq = $1
         ORDER BY l.event_id";
    fetch_all!(session, Line, SQL, digest)
}

/// Removes mails that ended before `before` with their lines, at most `limit` of them.
pub async fn prune(tx: &mut Tx, before: DateTime<Utc>, limit: i64) -> Result<u64> {
    const SQL: &str = "DELETE FROM digests
         WHERE seq = ANY(ARRAY(SELECT seq FROM digests WHERE finished_at < $1 ORDER BY finished_at LIMIT $2))";
    execute!(tx, SQL, before, limit)
}
