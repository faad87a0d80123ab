//! The events table: written with the change, numbered in commit order afterwards, read by cursor.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::dialect::instant;
use super::query::{execute, fetch_all, fetch_one};
use super::{Result, Session, Tx};
use crate::domain::event::{Announcement, Matches, WorkflowEvent};

/// An event with its number.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct StoredEvent {
    /// Strictly increasing in commit order, without holes.
    pub id: i64,
    /// Name on the wire.
    pub event: String,
    /// Payload as JSON text.
    pub data: String,
    /// What subscribers filter by.
    #[sqlx(json)]
    pub matches: Matches,
    /// Who watched the task when it was written; subscribers filter by them, too.
    #[sqlx(json)]
    pub watchers: Vec<String>,
    /// When it was written.
    pub created_at: DateTime<Utc>,
}

/// Writes events in the transaction of their change.
pub async fn append<'a>(tx: &mut Tx, announcements: impl Iterator<Item = &'a Announcement>) -> Result<()> {
    // Watchers are looked up here, for all kinds of change alike: by then the task is locked, so that they are those of
    // this instant.
    const SQL: &str = "INSERT INTO workflow_events (event, task_id, data, matches, watchers, created_at)
         SELECT (e.value ->> 'event'), (e.value ->> 'task_id'), (e.value -> 'data'), (e.value -> 'matches'),
                COALESCE((SELECT jsonb_agg(w.name)
                          FROM task_watchers AS w
                          WHERE w.task_id = (e.value ->> 'task_id')), '[]'),
                (e.value ->> 'created_at')::timestamptz
         FROM jsonb_array_elements($1::jsonb) AS e";
    let rows: Vec<Value> = announcements.map(row).collect();
    if !rows.is_empty() {
        execute!(tx, SQL, Value::from(rows).to_string())?;
    }
    Ok(())
}

fn row(announcement: &Announcement) -> Value {
    let Value::Object(mut event) = serde_json::to_value(&announcement.event).expect("an event serialises") else {
        unreachable!("an event is an object")
    };
    let data = event.remove("data").expect("an event has data");
    let at: DateTime<Utc> =
        serde_json::from_value(data["timestamp"].clone()).expect("every event's data has a timestamp");
    json!({
        "event": announcement.event.name(), "task_id": announcement.task_id, "data": data,
        "matches": announcement.matches, "created_at": instant(at),
    })
}

/// Numbers committed events, in the order they were written, and gives them.
///
/// The cursor's row lock puts relays one behind the other, so numbers follow commits and have no holes.
pub async fn number(tx: &mut Tx, limit: i64) -> Result<Vec<StoredEvent>> {
    const CURSOR: &str = "SELECT last_id FROM event_cursor WHERE one = 1 FOR UPDATE";
    const NUMBER: &str = "UPDATE workflow_events
         SET id = numbered.id
         FROM (SELECT seq, $1 + row_number() OVER (ORDER BY seq) AS id
               FROM (SELECT seq FROM workflow_events WHERE id IS NULL ORDER BY seq LIMIT $2) AS waiting) AS numbered
         WHERE workflow_events.seq = numbered.seq
         RETURNING workflow_events.id, event, CAST(data AS text) AS data, matches, watchers, created_at";
    const ADVANCE: &str = "UPDATE event_cursor SET last_id = $1 WHERE one = 1";
    let (last,): (i64,) = fetch_one!(tx, (i64,), CURSOR)?;
    let mut events = fetch_all!(tx, StoredEvent, NUMBER, last, limit)?;
    events.sort_by_key(|event| event.id);
    if let Some(newest) = events.last() {
        execute!(tx, ADVANCE, newest.id)?;
    }
    Ok(events)
}

/// Whether events wait for their number.
pub async fn any_unnumbered(session: &mut Session) -> Result<bool> {
    const SQL: &str = "SELECT count(*) FROM (SELECT 1 FROM workflow_events WHERE id IS NULL LIMIT 1) AS waiting";
    let (count,): (i64,) = fetch_one!(session, (i64,), SQL)?;
    Ok(count > 0)
}

/// Events after a cursor, oldest first.
pub async fn after(session: &mut Session, cursor: i64, limit: i64) -> Result<Vec<StoredEvent>> {
    const SQL: &str = "SELECT id, event, CAST(data AS text) AS data, matches, watchers, created_at
         FROM workflow_events
         WHERE id > $1
         ORDER BY id
         LIMIT $2";
    fetch_all!(session, StoredEvent, SQL, cursor, limit)
}

/// The oldest number still kept and the newest given; equal to each other plus one if nothing is kept.
pub async fn range(session: &mut Session) -> Result<(i64, i64)> {
    const SQL: &str = "SELECT COALESCE((SELECT min(id) FROM workflow_events), last_id + 1), last_id
         FROM event_cursor
         WHERE one = 1";
    fetch_one!(session, (i64, i64), SQL)
}

/// Removes numbered events older than `before`, at most `limit` of them.
pub async fn prune(tx: &mut Tx, before: DateTime<Utc>, limit: i64) -> Result<u64> {
    const SQL: &str = "DELETE FROM workflow_events
         WHERE seq = ANY(ARRAY(SELECT seq FROM workflow_events WHERE created_at < $1 AND id IS NOT NULL
                               ORDER BY created_at LIMIT $2))";
    execute!(tx, SQL, before, limit)
}

/// An event of this name from its stored payload.
pub fn decode(event: &str, data: &str) -> Option<WorkflowEvent> {
    let data: Value = serde_json::from_str(data).ok()?;
    serde_json::from_value(json!({"event": event, "data": data})).ok()
}
