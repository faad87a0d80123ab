//! What is told of a task that does not change it.

use chrono::{DateTime, Utc};

use super::event::{Announcement, Matches, WorkflowEvent};
use super::history::HistoryEntry;
use super::task::Task;

/// History rows and events of something that leaves the task, its version and its instant of change as they are.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Trail {
    /// Rows, in order.
    pub history: Vec<HistoryEntry>,
    /// Events, in order.
    pub events: Vec<Announcement>,
}

impl Trail {
    /// Adds what another one tells, after this.
    pub fn extend(&mut self, other: Self) {
        self.history.extend(other.history);
        self.events.extend(other.events);
    }

    /// Adds a row that says what `field` was and is.
    pub(super) fn note(
        &mut self,
        task: &Task,
        field: &str,
        (old_value, new_value): (Option<&str>, Option<&str>),
        by: &str,
        now: DateTime<Utc>,
    ) {
        self.history.push(HistoryEntry {
            id: 0,
            task_id: task.task_id.clone(),
            field: field.to_owned(),
            old_value: old_value.map(str::to_owned),
            new_value: new_value.map(str::to_owned),
            changed_by: by.to_owned(),
            change_reason: None,
            changed_at: now,
            version: task.version,
        });
    }

    /// Adds an event that is about these people as well, whether they watch the task or not.
    pub(super) fn announce(&mut self, task: &Task, event: WorkflowEvent, people: Vec<String>) {
        let matches = Matches { watcher: people, ..Matches::of([task]) };
        self.events.push(Announcement { event, task_id: Some(task.task_id.clone()), matches });
    }
}
