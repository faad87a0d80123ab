//! Who follows a task. Watching is no change of the task: version and `updated_at` stay.

use chrono::{DateTime, Utc};
use poem_openapi::Object;
use serde::{Deserialize, Serialize};

use super::event::WorkflowEvent;
use super::task::Task;
use super::trail::Trail;

/// People who can watch one task. Each of its events carries their names.
pub const MOST: usize = 200;

/// Somebody who follows a task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Object, sqlx::FromRow)]
pub struct Watcher {
    /// Their name, as spelled.
    pub name: String,
    /// Since when.
    pub since: DateTime<Utc>,
    /// Who made them watch it: themselves, another, or who mentioned them.
    pub added_by: String,
}

/// People began or ceased to watch a task.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WatchersChanged {
    /// The task.
    pub task_id: String,
    /// Who watches it now.
    pub watchers: Vec<String>,
    /// Who began to.
    pub added: Vec<String>,
    /// Who ceased to.
    pub removed: Vec<String>,
    /// Who made the change: whoever mentioned somebody, too.
    pub changed_by: String,
    /// Version of the task, which this leaves as it is.
    pub version: i64,
    /// When it took effect.
    pub timestamp: DateTime<Utc>,
}

/// Makes these people watch the task: `watchers` grows by those who do not yet, as far as there is room.
pub fn join(task: &Task, watchers: &mut Vec<Watcher>, names: &[String], by: &str, now: DateTime<Utc>) -> Trail {
    let mut added = Vec::new();
    for name in names {
        if watchers.len() < MOST && !watchers.iter().any(|watcher| watcher.name == *name) {
            watchers.push(Watcher { name: name.clone(), since: now, added_by: by.to_owned() });
            added.push(name.clone());
        }
    }
    changed(task, watchers, added, Vec::new(), by, now)
}

/// Lets somebody go, who may not have watched at all.
pub fn leave(task: &Task, watchers: &mut Vec<Watcher>, name: &str, by: &str, now: DateTime<Utc>) -> Trail {
    let before = watchers.len();
    watchers.retain(|watcher| watcher.name != name);
    let removed = if watchers.len() < before { vec![name.to_owned()] } else { Vec::new() };
    changed(task, watchers, Vec::new(), removed, by, now)
}

fn changed(
    task: &Task,
    watchers: &[Watcher],
    added: Vec<String>,
    removed: Vec<String>,
    by: &str,
    now: DateTime<Utc>,
) -> Trail {
    let mut trail = Trail::default();
    if added.is_empty() && removed.is_empty() {
        return trail;
    }
    for name in &removed {
        trail.note(task, "watchers", (Some(name), None), by, now);
    }
    for name in &added {
        trail.note(task, "watchers", (None, Some(name)), by, now);
    }
    let people = removed.clone();
    let event = WatchersChanged {
        task_id: task.task_id.clone(),
        watchers: watchers.iter().map(|watcher| watcher.name.clone()).collect(),
        added,
        removed,
        changed_by: by.to_owned(),
        version: task.version,
        timestamp: now,
    };
    // Who watches now is found by the store; who has just gone is told a last time.
    trail.announce(task, WorkflowEvent::WatchersChanged(event), people);
    trail
}
