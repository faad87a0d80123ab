//! Tasks as they were.

use chrono::{DateTime, Utc};

use super::task_columns;
use crate::domain::{HistoryEntry, Task};
use crate::store::query::{execute, fetch_all, fetch_one, fetch_optional};
use crate::store::{Result, Session, Tx};

/// The instant from which on every version is kept.
pub async fn past_since(session: &mut Session) -> Result<DateTime<Utc>> {
    const SQL: &str = "SELECT since FROM task_past WHERE one = 1";
    Ok(fetch_one!(session, (DateTime<Utc>,), SQL)?.0)
}

/// The task of this id as it was at an instant whose past is kept, deleted or not, and its history until then.
pub async fn read_as_of(
    session: &mut Session,
    task_id: &str,
    at: DateTime<Utc>,
) -> Result<Option<(Task, Vec<HistoryEntry>)>> {
    const SQL: &str = concat!(
        "SELECT ",
        task_columns!(),
        " FROM workflow_tasks WHERE task_id = $1 AND updated_at <= $2 UNION ALL SELECT ",
        task_columns!(),
        " FROM task_versions WHERE task_id = $1 AND updated_at <= $2 AND valid_to > $2"
    );
    const HISTORY: &str =
        "SELECT id, task_id, field, old_value, new_value, changed_by, change_reason, changed_at, version
         FROM workflow_status_history
         WHERE task_id = $1
           AND version <= $2
           AND changed_at <= $3
         ORDER BY id";
    let Some(task) = fetch_optional!(session, Task, SQL, task_id, at)? else { return Ok(None) };
    let history = fetch_all!(session, HistoryEntry, HISTORY, task_id, task.version, at)?;
    Ok(Some((task, history)))
}

/// Forgets up to `limit` versions that no longer held at an instant; how many. The past begins there, or later.
pub async fn prune_versions(tx: &mut Tx, before: DateTime<Utc>, limit: i64) -> Result<u64> {
    const SINCE: &str = "UPDATE task_past SET since = $1 WHERE since < $1";
    const SQL: &str = "DELETE FROM task_versions
         WHERE (task_id, version) IN (SELECT task_id, version
                                      FROM task_versions
                                      WHERE valid_to <= $1
                                      ORDER BY valid_to
                                      LIMIT $2)";
    execute!(tx, SINCE, before)?;
    execute!(tx, SQL, before, limit)
}
