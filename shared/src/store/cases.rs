//! Merges and splits of tasks: the account of each, what moved, and where a task that is gone went.

use chrono::{DateTime, Utc};
use poem_openapi::Object;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::query::{execute, fetch_all, fetch_one, fetch_optional};
use super::{Result, Session, Tx};
use crate::domain::undo::Values;

/// A mail or a comment that moved, and the task it was taken from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Object)]
pub struct Moved {
    /// The mail, or the comment.
    pub id: String,
    /// The task it belonged to.
    pub from: String,
}

/// A merge or a split.
#[derive(Clone, Debug, Serialize, Object, sqlx::FromRow)]
pub struct Regrouping {
    /// Its id.
    pub id: String,
    /// `merge` or `split`.
    pub kind: String,
    /// The task that is left, or that was split.
    pub task_id: String,
    /// Tasks that were merged into it, or the one that was split off.
    #[sqlx(json)]
    pub others: Vec<String>,
    /// Mails that moved.
    #[sqlx(json)]
    pub emails: Vec<Moved>,
    /// Why, if somebody said.
    pub reason: Option<String>,
    /// Who made it.
    pub made_by: String,
    /// When it took effect.
    pub made_at: DateTime<Utc>,
    /// Who took it back.
    pub undone_by: Option<String>,
    /// When it was taken back; null while it holds.
    pub undone_at: Option<DateTime<Utc>>,
    /// Comments that moved.
    #[serde(skip)]
    #[oai(skip)]
    #[sqlx(json)]
    pub comments: Vec<Moved>,
    /// Fields it replaced.
    #[serde(skip)]
    #[oai(skip)]
    #[sqlx(json)]
    pub was: Values,
    /// What it put there.
    #[serde(skip)]
    #[oai(skip)]
    #[sqlx(json)]
    pub became: Values,
}

macro_rules! regrouping_columns {
    () => {
        "id, kind, task_id, others, emails, comments, was, became, reason, made_by, made_at, undone_by, undone_at"
    };
}

/// The merge or split of this id.
pub async fn lookup(session: &mut Session, id: &str) -> Result<Option<Regrouping>> {
    const SQL: &str = concat!("SELECT ", regrouping_columns!(), " FROM regroupings WHERE id = $1");
    fetch_optional!(session, Regrouping, SQL, id)
}

/// Merges into a task and splits of it, the newest 100 first.
pub async fn list(session: &mut Session, task_id: &str) -> Result<Vec<Regrouping>> {
    const SQL: &str = concat!(
        "SELECT ",
        regrouping_columns!(),
        " FROM regroupings WHERE task_id = $1 ORDER BY made_at DESC, id DESC LIMIT 100"
    );
    fetch_all!(session, Regrouping, SQL, task_id)
}

/// Writes the account of one, and of a merge where the tasks went that are gone.
pub async fn insert(tx: &mut Tx, made: &Regrouping) -> Result<()> {
    const SQL: &str = "INSERT INTO regroupings
                (id, kind, task_id, others, emails, comments, was, became, reason, made_by, made_at)
         VALUES ($1, $2, $3, $4::jsonb, $5::jsonb, $6::jsonb, $7::jsonb, $8::jsonb, $9, $10, $11)";
    execute!(
        tx,
        SQL,
        &made.id,
        &made.kind,
        &made.task_id,
        json!(made.others).to_string(),
        json!(made.emails).to_string(),
        json!(made.comments).to_string(),
        json!(made.was).to_string(),
        json!(made.became).to_string(),
        &made.reason,
        &made.made_by,
        made.made_at
    )?;
    if made.kind == "merge" { end_in(tx, &made.others, &made.task_id, &made.id).await } else { Ok(()) }
}

/// Says where tasks that are gone went.
pub async fn end_in(tx: &mut Tx, task_ids: &[String], into: &str, regrouping: &str) -> Result<()> {
    const SQL: &str = "INSERT INTO merged_tasks (task_id, into_task, regrouping)
         SELECT (e.value ->> 'id'), $2, $3
         FROM jsonb_array_elements($1::jsonb) AS e
         WHERE true
         ON CONFLICT (task_id) DO UPDATE SET into_task = $2, regrouping = $3";
    execute!(tx, SQL, rows(task_ids), into, regrouping).map(drop)
}

/// Marks one as taken back; the tasks of a merge are no longer gone.
pub async fn undo(tx: &mut Tx, id: &str, principal: &str, now: DateTime<Utc>) -> Result<()> {
    const SQL: &str = "UPDATE regroupings SET undone_by = $2, undone_at = $3 WHERE id = $1";
    execute!(tx, SQL, id, principal, now)?;
    execute!(tx, "DELETE FROM merged_tasks WHERE regrouping = $1", id).map(drop)
}

/// The live end of the way a merged task went; `None` if it was not merged.
pub async fn survivor(session: &mut Session, task_id: &str) -> Result<Option<String>> {
    const SQL: &str = "SELECT into_task FROM merged_tasks WHERE task_id = $1";
    let mut found = None;
    // A task may have been merged on; a way has no ring, because what is gone cannot be merged into.
    for _ in 0..100 {
        let at = found.as_deref().unwrap_or(task_id);
        match fetch_optional!(session, (String,), SQL, at)? {
            Some((next,)) => found = Some(next),
            None => break,
        }
    }
    Ok(found)
}

/// The mails of these tasks, each with its task.
pub async fn emails_of(session: &mut Session, task_ids: &[String]) -> Result<Vec<Moved>> {
    const SQL: &str = "SELECT id, task_id FROM emails
         WHERE task_id = ANY(ARRAY(SELECT (e.value ->> 'id') FROM jsonb_array_elements($1::jsonb) AS e))
         ORDER BY id";
    Ok(moved(fetch_all!(session, (String, String), SQL, rows(task_ids))?))
}

/// The comments on these tasks, each with its task.
pub async fn comments_of(session: &mut Session, task_ids: &[String]) -> Result<Vec<Moved>> {
    const SQL: &str = "SELECT id, task_id FROM task_comments
         WHERE task_id = ANY(ARRAY(SELECT (e.value ->> 'id') FROM jsonb_array_elements($1::jsonb) AS e))
         ORDER BY seq";
    Ok(moved(fetch_all!(session, (String, String), SQL, rows(task_ids))?))
}

fn moved(rows: Vec<(String, String)>) -> Vec<Moved> {
    rows.into_iter().map(|(id, from)| Moved { id, from }).collect()
}

/// Moves mails, with the keys later mail finds their task by; those that are in `from` alone. Gives the mails that moved.
pub async fn move_emails(tx: &mut Tx, ids: &[String], from: &str, to: &str) -> Result<Vec<String>> {
    const LINKS: &str = "UPDATE email_links
         SET task_id = $3
         WHERE task_id = $2
           AND email_id = ANY(ARRAY(SELECT (e.value ->> 'id') FROM jsonb_array_elements($1::jsonb) AS e))";
    const EMAILS: &str = "UPDATE emails
         SET task_id = $3
         WHERE task_id = $2
           AND id = ANY(ARRAY(SELECT (e.value ->> 'id') FROM jsonb_array_elements($1::jsonb) AS e))
         RETURNING id";
    execute!(tx, LINKS, rows(ids), from, to)?;
    let moved = fetch_all!(tx, (String,), EMAILS, rows(ids), from, to)?;
    Ok(moved.into_iter().map(|(id,)| id).collect())
}

/// Moves comments that are on `from` alone.
pub async fn move_comments(tx: &mut Tx, ids: &[String], from: &str, to: &str) -> Result<()> {
    const SQL: &str = "UPDATE task_comments
         SET task_id = $3
         WHERE task_id = $2
           AND id = ANY(ARRAY(SELECT (e.value ->> 'id') FROM jsonb_array_elements($1::jsonb) AS e))";
    execute!(tx, SQL, rows(ids), from, to).map(drop)
}

/// Whoever watches one of these tasks watches the one that is left as well; at most 200 do.
pub async fn join_watchers(tx: &mut Tx, from: &[String], to: &str, now: DateTime<Utc>) -> Result<()> {
    const SQL: &str = "INSERT INTO task_watchers (task_id, name, since, added_by)
         SELECT $2, w.name, $3, min(w.added_by)
         FROM task_watchers AS w
         WHERE w.task_id = ANY(ARRAY(SELECT (e.value ->> 'id') FROM jsonb_array_elements($1::jsonb) AS e))
           AND (SELECT count(*) FROM task_watchers AS there WHERE there.task_id = $2) + $4 <= 200
         GROUP BY w.name
         ON CONFLICT DO NOTHING";
    const COUNT: &str = "SELECT count(DISTINCT name) FROM task_watchers
         WHERE task_id = ANY(ARRAY(SELECT (e.value ->> 'id') FROM jsonb_array_elements($1::jsonb) AS e))";
    let (coming,) = fetch_one!(tx, (i64,), COUNT, rows(from))?;
    execute!(tx, SQL, rows(from), to, now, coming).map(drop)
}

/// Format, mailbox, batch, instant of arrival and bytes of a mail that is to be read again.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct StoredEmail {
    /// The mail.
    pub id: String,
    /// The mailbox it came to.
    pub mailbox: String,
    /// The batch it came in.
    pub batch_id: String,
    /// `rfc822`, `json` or `head`.
    pub format: String,
    /// Bytes received.
    pub size: i64,
    /// SHA-256 of the bytes received.
    pub sha256: String,
    /// When it was taken in.
    pub received_at: DateTime<Utc>,
    /// The bytes kept.
    pub raw: Vec<u8>,
}

/// The mails of a task with their bytes, in the order in which they were sent; at most `limit`.
pub async fn contents_of(session: &mut Session, task_id: &str, limit: i64) -> Result<Vec<StoredEmail>> {
    const SQL: &str = "SELECT e.id, e.mailbox, e.batch_id, e.format, e.size, e.sha256, e.received_at, c.raw
         FROM emails AS e
         JOIN email_contents AS c ON c.email_id = e.id
         WHERE e.task_id = $1
         ORDER BY COALESCE(e.sent_at, e.received_at), e.received_at, e.position
         LIMIT $2";
    fetch_all!(session, StoredEmail, SQL, task_id, limit)
}

fn rows(ids: &[String]) -> String {
    Value::from(ids.iter().map(|id| json!({"id": id})).collect::<Vec<_>>()).to_string()
}
