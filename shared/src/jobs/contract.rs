//! The kinds of jobs and their arguments. Kinds and fields are additive only: rows of older versions stay readable.

use std::borrow::Cow;
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::backoff::Backoff;
use super::unique::Unique;
use crate::domain::change::{Actor, NewTask, TaskPatch};
use crate::domain::text_enum::text_enum;
use crate::domain::undo::Values;
use crate::store::jobs::JobFilter;
use crate::store::tasks::Filter;

/// Names of the queues. A worker works on some or all of them.
pub mod queue {
    /// Changes of tasks that somebody waits for.
    pub const MUTATIONS: &str = "mutations";
    /// Mail.
    pub const EMAIL: &str = "email";
    /// Deadlines.
    pub const SLA: &str = "sla";
    /// Figures.
    pub const METRICS: &str = "metrics";
    /// Retention.
    pub const MAINTENANCE: &str = "maintenance";
    /// What waits for other people's servers: apart, so that a slow one delays nothing of ours.
    pub const OUTBOX: &str = "outbox";
    /// All of them.
    pub const ALL: [&str; 6] = [MUTATIONS, EMAIL, SLA, METRICS, MAINTENANCE, OUTBOX];

    /// Jobs of a queue that one process runs at once, however many it is told to: large jobs each hold a connection.
    pub(crate) fn most_at_once(queue: &str) -> usize {
        match queue {
            EMAIL | MAINTENANCE => 4,
            SLA | METRICS => 2,
            OUTBOX => 64,
            _ => usize::MAX,
        }
    }
}

/// A kind of job: its arguments, and how it is queued and retried.
pub trait Job: Serialize + DeserializeOwned + Send + Sync + 'static {
    /// Its name in the table; never changes once shipped.
    const KIND: &'static str;
    /// Its queue.
    const QUEUE: &'static str;
    /// 1 is most urgent, 4 least.
    const PRIORITY: i16 = 2;
    /// Attempts at most, crashes included.
    const MAX_ATTEMPTS: i16 = 10;
    /// How long one attempt may take.
    const TIMEOUT: Duration = Duration::from_mins(1);
    /// How long it waits after a failed attempt.
    const BACKOFF: Backoff = Backoff::DEFAULT;

    /// Jobs with one key run one at a time, in the order accepted.
    fn order_key(&self) -> Option<&str> {
        None
    }

    /// What it is unique by; another request for the same gives the job that is there.
    fn unique(&self) -> Option<Unique> {
        None
    }

    /// Jobs with one key share the limits per key that operators set on their queue.
    fn limit_key(&self) -> Option<&str> {
        None
    }
}

/// A job about to be written.
#[derive(Clone, Debug)]
pub struct NewJob {
    /// Kind.
    pub kind: Cow<'static, str>,
    /// Queue.
    pub queue: Cow<'static, str>,
    /// 1 is most urgent.
    pub priority: i16,
    /// Attempts at most.
    pub max_attempts: i16,
    /// Arguments.
    pub args: Value,
    /// Key it is ordered by.
    pub order_key: Option<String>,
    /// Set if no other job can have this order key yet, so that no lock is needed.
    pub first_of_key: bool,
    /// What it is unique by.
    pub unique: Option<Unique>,
    /// Jobs of one such key share the limits per key of their queue.
    pub limit_key: Option<String>,
    /// The schedule that makes it.
    pub schedule: Option<String>,
    /// When it may run; at once if absent.
    pub run_at: Option<DateTime<Utc>>,
    /// Who asks for it.
    pub principal: String,
    /// Trace it belongs to.
    pub trace_id: Option<String>,
}

impl NewJob {
    /// A job to be run as soon as possible.
    pub fn of<J: Job>(job: &J, principal: &str) -> Self {
        Self {
            kind: J::KIND.into(),
            queue: J::QUEUE.into(),
            priority: J::PRIORITY,
            max_attempts: J::MAX_ATTEMPTS,
            args: serde_json::to_value(job).expect("job arguments serialise"),
            order_key: job.order_key().map(str::to_owned),
            first_of_key: false,
            unique: job.unique(),
            limit_key: job.limit_key().map(str::to_owned),
            schedule: None,
            run_at: None,
            principal: principal.to_owned(),
            trace_id: None,
        }
    }
}

/// Creates a task.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CreateTask {
    /// The task.
    pub task: NewTask,
    /// Who creates it.
    pub actor: Actor,
}

impl Job for CreateTask {
    const KIND: &'static str = "create-task";
    const QUEUE: &'static str = queue::MUTATIONS;
    const PRIORITY: i16 = 1;
    const TIMEOUT: Duration = Duration::from_secs(10);

    fn order_key(&self) -> Option<&str> {
        Some(&self.task.task_id)
    }
}

/// Changes a task.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct UpdateTask {
    /// The task.
    pub task_id: String,
    /// What changes.
    pub patch: TaskPatch,
    /// Version the caller saw, if it matters.
    pub expected_version: Option<i64>,
    /// Who changes it.
    pub actor: Actor,
    /// Its part in a bulk update, if it is one of many.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bulk: Option<BulkItem>,
}

/// The part that one task's change has in a bulk update.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct BulkItem {
    /// The bulk update, whose account has a line for the task.
    pub job: i64,
    /// What the task must still have, if the bulk update undoes another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expects: Option<Values>,
}

impl Job for UpdateTask {
    const KIND: &'static str = "update-task";
    const QUEUE: &'static str = queue::MUTATIONS;
    const PRIORITY: i16 = 1;
    const TIMEOUT: Duration = Duration::from_secs(10);

    fn order_key(&self) -> Option<&str> {
        Some(&self.task_id)
    }
}

/// Deletes a task.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DeleteTask {
    /// The task.
    pub task_id: String,
    /// Version the caller saw, if it matters.
    pub expected_version: Option<i64>,
    /// Who deletes it.
    pub actor: Actor,
}

impl Job for DeleteTask {
    const KIND: &'static str = "delete-task";
    const QUEUE: &'static str = queue::MUTATIONS;
    const PRIORITY: i16 = 1;
    const TIMEOUT: Duration = Duration::from_secs(10);

    fn order_key(&self) -> Option<&str> {
        Some(&self.task_id)
    }
}

/// Turns the mails of a batch into tasks.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ProcessBatch {
    /// The batch.
    pub batch_id: String,
}

impl Job for ProcessBatch {
    const KIND: &'static str = "process-batch";
    const QUEUE: &'static str = queue::EMAIL;
    const MAX_ATTEMPTS: i16 = 5;
    const TIMEOUT: Duration = Duration::from_hours(1);

    fn unique(&self) -> Option<Unique> {
        Some(Unique::by_args())
    }
}

/// Changes many tasks. Their ids are its items; each is changed by a job of its own, in the order of that task's other
/// mutations. It makes those jobs where whoever accepted it has not, waits for them, and gives the account.
///
/// Its queue is not theirs: it neither takes the place of a change that somebody waits for, nor stops giving account while
/// they are paused.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct BulkUpdate {
    /// What changes; nothing if it undoes another, whose account has what each task had.
    pub updates: TaskPatch,
    /// Who changes it.
    pub actor: Actor,
    /// How many tasks are meant.
    pub matched: i64,
    /// The bulk update it undoes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undoes: Option<i64>,
}

impl Job for BulkUpdate {
    const KIND: &'static str = "bulk-update";
    const QUEUE: &'static str = queue::MAINTENANCE;
    const PRIORITY: i16 = 1;
}

/// Plans open tasks anew after the book has changed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RecomputeSla {
    /// Which; those alone that were there when it was accepted.
    pub filter: Filter,
    /// Who asks for it, and why.
    pub actor: Actor,
    /// How many they were.
    pub matched: i64,
}

impl Job for RecomputeSla {
    const KIND: &'static str = "recompute-sla";
    const QUEUE: &'static str = queue::SLA;
    const PRIORITY: i16 = 3;
    const MAX_ATTEMPTS: i16 = 5;
    const TIMEOUT: Duration = Duration::from_hours(1);
}

text_enum! {
    /// What is done to each job of many.
    BulkAction {
        /// Failed jobs go back to work.
        Retry = "retry",
        /// Waiting jobs run now.
        Run = "run",
        /// Unfinished jobs are cancelled.
        Cancel = "cancel",
        /// Jobs that do not run are removed.
        Delete = "delete",
    }
}

/// Does one thing to every job that a filter finds.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct BulkJobs {
    /// What.
    pub action: BulkAction,
    /// To which.
    pub filter: JobFilter,
    /// Only to jobs up to this one: what is accepted later is not meant.
    pub newest: i64,
    /// How many they were when it was accepted.
    pub matched: i64,
    /// Why, if somebody said.
    pub reason: Option<String>,
}

impl Job for BulkJobs {
    const KIND: &'static str = "bulk-jobs";
    const QUEUE: &'static str = queue::MAINTENANCE;
    const PRIORITY: i16 = 1;
    const TIMEOUT: Duration = Duration::from_hours(1);
}

macro_rules! scheduled_job {
    ($(#[$meta:meta])* $name:ident, $kind:literal, $queue:expr) => {
        $(#[$meta])*
        #[derive(Clone, Debug, Default, Serialize, Deserialize)]
        pub struct $name {}

        impl Job for $name {
            const KIND: &'static str = $kind;
            const QUEUE: &'static str = $queue;
            const MAX_ATTEMPTS: i16 = 3;
            const TIMEOUT: Duration = Duration::from_mins(5);
        }
    };
}

scheduled_job! {
    /// Lets time pass for every task whose deadline or threshold has come.
    SweepSla, "sweep-sla", queue::SLA
}
scheduled_job! {
    /// Gives tasks that wait for an owner to people who have room for them.
    AssignTasks, "assign-tasks", queue::SLA
}
scheduled_job! {
    /// Announces the current figures.
    RefreshMetrics, "refresh-metrics", queue::METRICS
}

/// Adds up the changes of the sums that the figures are read from.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct FoldMetrics {}

impl Job for FoldMetrics {
    const KIND: &'static str = "fold-metrics";
    const QUEUE: &'static str = queue::METRICS;
    const MAX_ATTEMPTS: i16 = 3;

    fn unique(&self) -> Option<Unique> {
        Some(Unique::by_key(""))
    }
}

/// Compares the sums that the figures are read from with the tasks, and puts right what differs.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct ReconcileMetrics {}

impl Job for ReconcileMetrics {
    const KIND: &'static str = "reconcile-metrics";
    const QUEUE: &'static str = queue::METRICS;
    const MAX_ATTEMPTS: i16 = 3;
    const TIMEOUT: Duration = Duration::from_hours(1);

    fn unique(&self) -> Option<Unique> {
        Some(Unique::by_key(""))
    }
}

scheduled_job! {
    /// Makes sure that every mail that was taken in is worked on.
    PollMail, "poll-mail", queue::EMAIL
}
scheduled_job! {
    /// Removes what is past its retention.
    Maintain, "maintain", queue::MAINTENANCE
}
