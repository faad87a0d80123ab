//! The job queue: what a job is, how it is accepted, claimed, run under a lease and ended.
//!
//! apalis gives the worker loop, the monitor and the drain; it sees only jobs that are claimed already (`backend`).
//! Claiming, heartbeat, rescue and completion are ours (`engine`), over our own tables ([`crate::store::jobs`]).
//!
//! ```text
//!            +-> scheduled --+                 +-> completed
//! accepted --+-> available <-+--> running -----+-> retryable --> available
//!            +-> pending  ---+    (lease,      +-> discarded
//!                (earlier job     token)       +-> cancelled
//!                 of its key)
//! ```

mod backend;
mod backoff;
mod cases;
mod collaboration;
mod contract;
mod correction;
mod engine;
mod enqueuer;
mod forecast;
mod group;
mod handler;
mod intake;
mod lane;
mod mining;
mod outbox;
mod outcome;
mod run;
mod schedule;
mod state;
#[cfg(feature = "testing")]
pub mod testing;
mod times;
mod unique;
mod upkeep;

pub use backoff::Backoff;
pub use cases::{HoldTask, MergeTasks, SplitTask, UndoRegrouping};
pub use collaboration::{AddComment, DeleteComment, WatchTask};
pub use contract::{
    AssignTasks, BulkAction, BulkItem, BulkJobs, BulkUpdate, CreateTask, DeleteTask, FoldMetrics, Job, Maintain,
    NewJob, PollMail, ProcessBatch, RecomputeSla, ReconcileMetrics, RefreshMetrics, SweepSla, UpdateTask, queue,
};
pub use correction::CorrectTask;
pub use engine::{Engine, EngineConfig, Stopped};
pub use enqueuer::{Accepted, Enqueuer, Refused, Request};
pub use forecast::FitForecast;
pub use group::{GroupHandler, GroupJob};
pub use handler::{Done, Handler, JobContext, JobError, Registry};
pub use intake::{FetchMailbox, ImportTasks};
pub use mining::MinePatterns;
pub use outbox::{DeliverWebhook, SendDigest};
pub use outcome::{Outcome, Outcomes, Waiting};
pub use schedule::{CatchUp, Schedule, job_of, next_tick};
pub use state::JobState;
pub use times::Times;
pub use unique::Unique;
