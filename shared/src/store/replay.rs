//! What a replay under other rules reads of the past.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::query::fetch_all;
use super::{Result, Session};
use crate::domain::HistoryEntry;

/// History of these tasks, by task and oldest first: what bears on which policy they were under and whether their clock ran.
pub async fn histories(session: &mut Session, task_ids: &[&str]) -> Result<HashMap<String, Vec<HistoryEntry>>> {
    const SQL: &str = "SELECT id, task_id, field, old_value, new_value, changed_by, change_reason, changed_at, version
         FROM workflow_status_history
         WHERE task_id = ANY(ARRAY(SELECT (e.value ->> 'id') FROM jsonb_array_elements($1::jsonb) AS e))
           AND field IN ('task_status', 'priority', 'workflow_category', 'dollar_value', 'waiting_on', 'snoozed_until')
         ORDER BY task_id, id";
    let wanted = Value::from(task_ids.iter().map(|id| json!({"id": id})).collect::<Vec<_>>()).to_string();
    let mut histories: HashMap<String, Vec<HistoryEntry>> = HashMap::new();
    for entry in fetch_all!(session, HistoryEntry, SQL, wanted)? {
        histories.entry(entry.task_id.clone()).or_default().push(entry);
    }
    Ok(histories)
}
