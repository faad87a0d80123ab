//! The kind by which people say what a mail should have been read as.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::contract::{Job, queue};
use crate::domain::change::{Actor, TaskPatch};

/// Records what a mail should have been read as, and applies it to the task.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CorrectTask {
    /// Id of the correction, given when the request was accepted.
    pub correction_id: String,
    /// The task.
    pub task_id: String,
    /// The mail; the one that opened the task if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email_id: Option<String>,
    /// What it should have been read as.
    #[serde(default)]
    pub patch: TaskPatch,
    /// It should have made no task.
    #[serde(default)]
    pub is_noise: bool,
    /// Version the caller saw.
    pub expected_version: Option<i64>,
    /// Who says so.
    pub actor: Actor,
}

impl Job for CorrectTask {
    const KIND: &'static str = "correct-task";
    const QUEUE: &'static str = queue::MUTATIONS;
    const PRIORITY: i16 = 1;
    const TIMEOUT: Duration = Duration::from_secs(10);

    fn order_key(&self) -> Option<&str> {
        Some(&self.task_id)
    }
}
