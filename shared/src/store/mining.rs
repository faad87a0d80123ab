//! What the job that mines patterns reads and leaves: structures of mails, patterns, and which task bears which.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::cases::StoredEmail;
use super::dialect::instant;
use super::patterns::Pattern;
use super::query::{execute, fetch_all, fetch_one};
use super::{Result, Session, Tx};

/// Mails of tasks that were not read yet for what could recur, or by an older edition, after an id.
pub async fn unread(session: &mut Session, edition: i16, after: &str, limit: i64) -> Result<Vec<StoredEmail>> {
    const SQL: &str = "SELECT e.id, e.mailbox, e.batch_id, e.format, e.size, e.sha256, e.received_at, c.raw
         FROM emails AS e
         JOIN email_contents AS c ON c.email_id = e.id
         LEFT JOIN email_structures AS s ON s.email_id = e.id
         WHERE e.id > $2
           AND e.outcome IN ('created', 'updated')
           AND (s.email_id IS NULL OR s.edition < $1)
         ORDER BY e.id
         LIMIT $3";
    fetch_all!(session, StoredEmail, SQL, edition, after, limit)
}

/// Keeps what could recur of mails: id and structures each.
pub async fn keep(tx: &mut Tx, edition: i16, mails: &[(String, Value)]) -> Result<()> {
    const SQL: &str = "INSERT INTO email_structures (email_id, edition, structures)
         SELECT (e.value ->> 'id'), $2, (e.value -> 's')
         FROM jsonb_array_elements($1::jsonb) AS e
         WHERE true
         ON CONFLICT (email_id) DO UPDATE SET edition = $2, structures = excluded.structures";
    let rows: Vec<Value> = mails.iter().map(|(id, structures)| json!({"id": id, "s": structures})).collect();
    execute!(tx, SQL, Value::from(rows).to_string(), edition).map(drop)
}

/// A mail of a live task, what could recur in it, and what is known of the task.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Observed {
    /// The task.
    pub task_id: String,
    /// The mail.
    pub email_id: String,
    /// When it was sent, else taken in.
    pub at: DateTime<Utc>,
    /// The task's category.
    pub category: String,
    /// The task's value in cents.
    pub cents: i64,
    /// When the task was created.
    pub created_at: DateTime<Utc>,
    /// When it was completed.
    pub completion_date: Option<DateTime<Utc>>,
    /// When it is due.
    pub sla_deadline: Option<DateTime<Utc>>,
    /// JSON of what could recur.
    pub structures: String,
    /// JSON of the patterns the task is known to bear.
    pub patterns: Option<String>,
}

/// Mails of live tasks after a place, in the order of tasks and mails.
pub async fn observed(session: &mut Session, after: (&str, &str), limit: i64) -> Result<Vec<Observed>> {
    const SQL: &str = "SELECT e.task_id, e.id AS email_id, COALESCE(e.sent_at, e.received_at) AS at,
                t.workflow_category AS category, t.dollar_value AS cents, t.created_at, t.completion_date,
                t.sla_deadline, CAST(s.structures AS text) AS structures, CAST(p.patterns AS text) AS patterns
         FROM emails AS e
         JOIN email_structures AS s ON s.email_id = e.id
         JOIN workflow_tasks AS t ON t.task_id = e.task_id AND t.deleted_at IS NULL
         LEFT JOIN task_patterns AS p ON p.task_id = e.task_id
         WHERE e.task_id IS NOT NULL
           AND e.task_id >= $1
           AND (e.task_id > $1 OR e.id > $2)
         ORDER BY e.task_id, e.id
         LIMIT $3";
    fetch_all!(session, Observed, SQL, after.0, after.1, limit)
}

/// What the patterns follow from, in one word: as long as it is the same, so are they.
pub async fn fingerprint(session: &mut Session) -> Result<String> {
    const SQL: &str = "SELECT (SELECT count(*) FROM email_structures),
                (SELECT COALESCE(max(id), 0) FROM workflow_status_history)";
    let (mails, changes) = fetch_one!(session, (i64, i64), SQL)?;
    Ok(format!("{mails}/{changes}"))
}

/// How far the job has looked: up to which change of tasks, and at what the patterns were last found.
pub async fn state(session: &mut Session) -> Result<(Option<DateTime<Utc>>, Option<String>)> {
    const SQL: &str = "SELECT traits_to, mined FROM mining_state";
    fetch_one!(session, (Option<DateTime<Utc>>, Option<String>), SQL)
}

/// Says at what the patterns were found.
pub async fn set_mined(tx: &mut Tx, fingerprint: &str) -> Result<()> {
    execute!(tx, "UPDATE mining_state SET mined = $1", fingerprint).map(drop)
}

/// Says up to which change tasks were looked at.
pub async fn set_traits_to(tx: &mut Tx, at: DateTime<Utc>) -> Result<()> {
    execute!(tx, "UPDATE mining_state SET traits_to = $1", at).map(drop)
}

/// Puts these patterns in the place of all others.
pub async fn replace(tx: &mut Tx, patterns: &[Pattern]) -> Result<()> {
    const SQL: &str = "INSERT INTO workflow_patterns (id, signature, workflow_category, support, lift, first_seen, last_seen,
                trend, total_value, success_rate, average_completion_hours, examples)
         SELECT (e.value ->> 'id'), (e.value ->> 'signature'), (e.value ->> 'category'), (e.value ->> 'support')::bigint,
                (e.value ->> 'lift')::float8, (e.value ->> 'first')::timestamptz, (e.value ->> 'last')::timestamptz,
                (e.value ->> 'trend')::float8, (e.value ->> 'cents')::bigint, (e.value ->> 'success')::float8,
                (e.value ->> 'hours')::float8, (e.value -> 'examples')
         FROM jsonb_array_elements($1::jsonb) AS e";
    execute!(tx, "DELETE FROM workflow_patterns")?;
    let row = |pattern: &Pattern| {
        json!({
            "id": pattern.id, "signature": pattern.signature, "category": pattern.workflow_category,
            "support": pattern.support, "lift": pattern.lift, "first": instant(pattern.first_seen),
            "last": instant(pattern.last_seen), "trend": pattern.trend, "cents": pattern.total_value.0,
            "success": pattern.success_rate, "hours": pattern.average_completion_hours, "examples": pattern.examples,
        })
    };
    for chunk in patterns.chunks(500) {
        execute!(tx, SQL, chunk.iter().map(row).collect::<Value>().to_string())?;
    }
    Ok(())
}

/// Says which patterns tasks bear: ids each, none for no pattern.
pub async fn bear(tx: &mut Tx, tasks: &[(String, Vec<String>)]) -> Result<()> {
    const SQL: &str = "INSERT INTO task_patterns (task_id, patterns)
         SELECT (e.value ->> 't'), (e.value -> 'p')
         FROM jsonb_array_elements($1::jsonb) AS e
         WHERE true
         ON CONFLICT (task_id) DO UPDATE SET patterns = excluded.patterns";
    let row = |(task, patterns): &(String, Vec<String>)| {
        let ids: Value = patterns.iter().map(|id| json!({"id": id})).collect();
        json!({"t": task, "p": ids})
    };
    execute!(tx, SQL, tasks.iter().map(row).collect::<Value>().to_string()).map(drop)
}
