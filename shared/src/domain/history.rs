//! The audit trail of a task.

use chrono::{DateTime, Utc};
use poem_openapi::Object;
use serde::{Deserialize, Serialize};

/// One changed field of one change. Rows are only ever added, and stay when the task is deleted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Object, sqlx::FromRow)]
pub struct HistoryEntry {
    /// Order of writing; 0 until stored.
    pub id: i64,
    /// The task.
    pub task_id: String,
    /// The field that changed; `created` and `deleted` for the task as a whole.
    pub field: String,
    /// Text of the value before, null if there was none.
    pub old_value: Option<String>,
    /// Text of the value after, null if there is none.
    pub new_value: Option<String>,
    /// Who made the change: a principal, `SLA Monitor`, `Assignment` or `mail`.
    pub changed_by: String,
    /// Why, as far as known.
    pub change_reason: Option<String>,
    /// When it took effect.
    pub changed_at: DateTime<Utc>,
    /// The task's version after the change.
    pub version: i64,
}
