//! Who watches which task.

use serde_json::{Value, json};

use super::dialect::instant;
use super::query::{execute, fetch_all};
use super::{Result, Session, Tx};
use crate::domain::Watcher;

/// Who watches a task, in the order in which they began to.
pub async fn list(session: &mut Session, task_id: &str) -> Result<Vec<Watcher>> {
    const SQL: &str = "SELECT name, since, added_by
         FROM task_watchers
         WHERE task_id = $1
         ORDER BY since, name";
    fetch_all!(session, Watcher, SQL, task_id)
}

/// Tasks that somebody watches and that are not deleted, by id; those after `after`.
pub async fn watched_by(session: &mut Session, name: &str, after: &str, limit: i64) -> Result<Vec<(String,)>> {
    const SQL: &str = "SELECT w.task_id
         FROM task_watchers AS w
         JOIN workflow_tasks AS t ON t.task_id = w.task_id AND t.deleted_at IS NULL
         WHERE w.name = $1
           AND w.task_id > $2
         ORDER BY w.task_id
         LIMIT $3";
    fetch_all!(session, (String,), SQL, name, after, limit)
}

/// Adds watchers of a task.
pub async fn add(tx: &mut Tx, task_id: &str, watchers: &[Watcher]) -> Result<()> {
    const SQL: &str = "INSERT INTO task_watchers (task_id, name, since, added_by)
         SELECT $1, (e.value ->> 'name'), (e.value ->> 'since')::timestamptz, (e.value ->> 'added_by')
         FROM jsonb_array_elements($2::jsonb) AS e";
    let row = |watcher: &Watcher| json!({"name": watcher.name, "since": instant(watcher.since), "added_by": watcher.added_by});
    if !watchers.is_empty() {
        execute!(tx, SQL, task_id, watchers.iter().map(row).collect::<Value>().to_string())?;
    }
    Ok(())
}

/// Removes a watcher of a task.
pub async fn remove(tx: &mut Tx, task_id: &str, name: &str) -> Result<()> {
    execute!(tx, "DELETE FROM task_watchers WHERE task_id = $1 AND name = $2", task_id, name).map(drop)
}
