//! The kinds by which people talk about a task and follow it. Each is ordered among the changes of its task.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::contract::{Job, queue};

macro_rules! ordered_by_task {
    ($name:ident, $kind:literal) => {
        impl Job for $name {
            const KIND: &'static str = $kind;
            const QUEUE: &'static str = queue::MUTATIONS;
            const PRIORITY: i16 = 1;
            const TIMEOUT: Duration = Duration::from_secs(10);

            fn order_key(&self) -> Option<&str> {
                Some(&self.task_id)
            }
        }
    };
}

/// Says something about a task.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AddComment {
    /// The task.
    pub task_id: String,
    /// Id of the comment, given when the request was accepted.
    pub comment_id: String,
    /// Who says it.
    pub author: String,
    /// What they say.
    pub text: String,
}
ordered_by_task!(AddComment, "add-comment");

/// Takes a comment back.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DeleteComment {
    /// The task.
    pub task_id: String,
    /// The comment.
    pub comment_id: String,
    /// Who takes it back: nobody but its author may.
    pub principal: String,
}
ordered_by_task!(DeleteComment, "delete-comment");

/// Makes somebody watch a task, or lets them go.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct WatchTask {
    /// The task.
    pub task_id: String,
    /// Who watches it, or does no longer.
    pub name: String,
    /// Whether they do.
    pub watches: bool,
    /// Who asks for it.
    pub principal: String,
}
ordered_by_task!(WatchTask, "watch-task");
