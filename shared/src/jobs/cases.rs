//! The kinds by which people say which mails are one matter. Each has a place in the order of every task it is about:
//! its own in that of the task it is ordered by, and a [`HoldTask`] in that of each other one.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::contract::{Job, queue};
use crate::domain::change::Actor;

macro_rules! ordered_by_task {
    ($name:ident, $kind:literal) => {
        impl Job for $name {
            const KIND: &'static str = $kind;
            const QUEUE: &'static str = queue::MUTATIONS;
            const PRIORITY: i16 = 1;
            const TIMEOUT: Duration = Duration::from_secs(30);

            fn order_key(&self) -> Option<&str> {
                Some(&self.task_id)
            }
        }
    };
}

/// Merges tasks into one.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct MergeTasks {
    /// Id of the merge, given when the request was accepted.
    pub merge_id: String,
    /// The task that is left.
    pub task_id: String,
    /// The tasks that end in it.
    pub from: Vec<String>,
    /// Version the caller saw of the task that is left, if it matters.
    pub expected_version: Option<i64>,
    /// Who merges them, and why.
    pub actor: Actor,
}
ordered_by_task!(MergeTasks, "merge-tasks");

/// Gives some mails of a task a task of their own.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SplitTask {
    /// Id of the split, given when the request was accepted.
    pub split_id: String,
    /// The task that is split.
    pub task_id: String,
    /// Id of the new task.
    pub new_task_id: String,
    /// The mails.
    pub emails: Vec<String>,
    /// Title of the new task; else its first mail says it.
    pub title: Option<String>,
    /// Version the caller saw of the task that is split, if it matters.
    pub expected_version: Option<i64>,
    /// Who splits it, and why.
    pub actor: Actor,
}
ordered_by_task!(SplitTask, "split-task");

/// Takes a merge or a split back.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct UndoRegrouping {
    /// The merge or split.
    pub id: String,
    /// The task that was left, or that was split.
    pub task_id: String,
    /// Who takes it back, and why.
    pub actor: Actor,
}
ordered_by_task!(UndoRegrouping, "undo-regrouping");

/// Keeps the place of a job about several tasks in the order of one of them: later changes of that task wait until the
/// job has ended.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct HoldTask {
    /// The task.
    pub task_id: String,
    /// The job.
    pub job: i64,
}

impl Job for HoldTask {
    const KIND: &'static str = "hold-task";
    const QUEUE: &'static str = queue::MUTATIONS;
    // Behind the job it waits for.
    const PRIORITY: i16 = 2;
    const TIMEOUT: Duration = Duration::from_secs(10);

    fn order_key(&self) -> Option<&str> {
        Some(&self.task_id)
    }
}
