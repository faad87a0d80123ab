//! The kinds that bring mail and tasks in.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::contract::{Job, queue};
use super::unique::Unique;
use crate::domain::legacy::OldTask;

/// Fetches the mail of a mailbox into batches. Its arguments name the mailbox and nothing else: no host and no secret.
///
/// It waits for other people's servers, so its queue is theirs: a slow one delays no batch.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct FetchMailbox {
    /// The mailbox.
    pub mailbox: String,
}

impl Job for FetchMailbox {
    const KIND: &'static str = "fetch-mailbox";
    const QUEUE: &'static str = queue::OUTBOX;
    const MAX_ATTEMPTS: i16 = 3;
    const TIMEOUT: Duration = Duration::from_mins(10);

    fn unique(&self) -> Option<Unique> {
        Some(Unique::by_args())
    }

    fn limit_key(&self) -> Option<&str> {
        Some(&self.mailbox)
    }
}

/// Writes tasks of another system with their history, those that are here already left alone.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ImportTasks {
    /// What the history names as the system they come from.
    pub source: String,
    /// The tasks.
    pub tasks: Vec<OldTask>,
    /// Who imports them.
    pub principal: String,
}

impl Job for ImportTasks {
    const KIND: &'static str = "import-tasks";
    const QUEUE: &'static str = queue::MAINTENANCE;
    const PRIORITY: i16 = 3;
    const MAX_ATTEMPTS: i16 = 5;
    const TIMEOUT: Duration = Duration::from_mins(10);
}
