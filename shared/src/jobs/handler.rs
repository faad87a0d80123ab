//! What a job does, and what it may say about how it ended.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use serde_json::Value;

use super::backoff::Backoff;
use super::contract::{Job, NewJob};
use super::group::{GroupHandler, Together};
use super::state::JobState;
use crate::clock::Clock;
use crate::events::{Bus, Relay, Signal};
use crate::store::jobs::{ClaimedRow, Lease};
use crate::store::{self, Db, StoreError, Tx};

/// Jobs that take no longer than this are not announced when they begin.
const SHORT: Duration = Duration::from_secs(10);

/// How a run ended well.
pub enum Done {
    /// With effects: the transaction they were written in, still open. The engine completes the job in it and commits, so
    /// that effects and completion are one; if the lease is lost meanwhile, both are rolled back.
    Effects {
        /// The open transaction.
        tx: Tx,
        /// Result kept with the job.
        result: Option<Value>,
    },
    /// With nothing to write.
    Nothing,
    /// Not yet: to be run again after this time, without counting as an attempt. A job with an order key holds back its
    /// successors meanwhile.
    Snooze(Duration),
}

impl Done {
    /// Effects with a result.
    pub fn with(tx: Tx, result: Value) -> Self {
        Self::Effects { tx, result: Some(result) }
    }
}

/// How a run ended badly. The error states its own fate.
#[derive(Debug, thiserror::Error)]
pub enum JobError {
    /// Another attempt may succeed.
    #[error("{0}")]
    Retry(String),
    /// No attempt can succeed.
    #[error("{0}")]
    Fail(String),
    /// Somebody else owns the job by now; nothing was written.
    #[error("the lease is lost")]
    LeaseLost,
}

impl From<StoreError> for JobError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::LeaseLost(_) => Self::LeaseLost,
            other => Self::Retry(other.to_string()),
        }
    }
}

/// What a running job can reach.
#[derive(Clone)]
pub struct JobContext {
    pub(super) db: Db,
    pub(super) clock: Clock,
    pub(super) bus: Bus,
    pub(super) relay: Relay,
    pub(super) job: Arc<ClaimedRow>,
    pub(super) lease: Duration,
}

impl JobContext {
    /// The database.
    pub fn db(&self) -> &Db {
        &self.db
    }

    /// The current instant.
    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// Carries ephemeral events and wake-ups.
    pub fn bus(&self) -> &Bus {
        &self.bus
    }

    /// This attempt's number, from 1.
    pub fn attempt(&self) -> i16 {
        self.job.attempt
    }

    /// This job's id.
    pub fn job_id(&self) -> i64 {
        self.job.seq
    }

    /// Who asked for this job.
    pub fn principal(&self) -> &str {
        &self.job.principal
    }

    /// What an earlier attempt said at its last checkpoint.
    pub async fn progress(&self) -> Result<Option<Value>, JobError> {
        Ok(store::jobs::progress(&mut self.db.read().await?, self.job.seq).await?)
    }

    /// Whether no attempt follows this one.
    pub fn is_last_attempt(&self) -> bool {
        self.job.attempt >= self.job.max_attempts
    }

    /// Commits part of a long job's effects together with its progress, provided that the lease still holds.
    pub async fn checkpoint(&self, mut tx: Tx, progress: &Value) -> Result<(), JobError> {
        let lease = Lease { seq: self.job.seq, token: self.job.lease_token };
        store::jobs::checkpoint(&mut tx, lease, progress, self.clock.now() + self.lease).await?;
        tx.commit().await?;
        self.relay.wake();
        let change = self.job.change(JobState::Running, Some(progress.clone()), self.clock.now());
        self.bus.publish(Signal::Job(change));
        Ok(())
    }

    /// Writes a further job in this job's transaction.
    pub async fn enqueue(&self, tx: &mut Tx, job: NewJob) -> Result<i64, JobError> {
        let written = store::jobs::enqueue(tx, std::slice::from_ref(&job), self.clock.now()).await?;
        Ok(written[0].seq)
    }
}

/// Runs jobs of one kind. It may be run more than once for one job; its effects are committed once.
pub trait Handler<J: Job>: Send + Sync + 'static {
    /// Runs one attempt.
    fn run(&self, context: JobContext, job: J) -> impl Future<Output = Result<Done, JobError>> + Send;
}

type Run = Box<dyn Fn(JobContext, &str) -> BoxFuture<'static, Result<Done, JobError>> + Send + Sync>;

/// A kind of job and who runs it.
pub(super) struct Entry {
    pub(super) kind: &'static str,
    pub(super) timeout: Duration,
    pub(super) backoff: Backoff,
    /// Whether it takes long enough for somebody to want to know that it has begun.
    pub(super) is_long: bool,
    pub(super) run: Run,
}

/// Every kind of job a process can run.
#[derive(Default)]
pub struct Registry {
    entries: HashMap<&'static str, Entry>,
    together: Option<Box<dyn Together>>,
}

impl Registry {
    /// Adds a kind and its handler.
    #[must_use]
    pub fn with<J: Job>(mut self, handler: impl Handler<J>) -> Self {
        let handler = Arc::new(handler);
        let run: Run = Box::new(move |context, args| {
            // Decoded here, inside the run: arguments that cannot be read are an outcome, not a crash.
            match serde_json::from_str::<J>(args) {
                Ok(job) => {
                    let handler = handler.clone();
                    async move { handler.run(context, job).await }.boxed()
                }
                Err(error) => {
                    let error = JobError::Fail(format!("undecodable arguments: {error}"));
                    async move { Err(error) }.boxed()
                }
            }
        });
        let entry = Entry { kind: J::KIND, timeout: J::TIMEOUT, backoff: J::BACKOFF, is_long: J::TIMEOUT > SHORT, run };
        self.entries.insert(J::KIND, entry);
        self
    }

    /// Lets jobs of some kinds share transactions.
    #[must_use]
    pub fn with_group(mut self, handler: impl GroupHandler) -> Self {
        self.together = Some(Box::new(handler));
        self
    }

    /// The kinds, in the order of their names.
    pub fn kinds(&self) -> Vec<String> {
        let mut kinds: Vec<String> = self.entries.keys().map(|kind| (*kind).to_owned()).collect();
        kinds.sort_unstable();
        kinds
    }

    pub(super) fn together(&self) -> Option<&dyn Together> {
        self.together.as_deref()
    }

    /// Whether a job may share a transaction with others: the first time it is tried, and if its kind does.
    pub(super) fn runs_together(&self, job: &ClaimedRow) -> bool {
        job.attempt == 1
            && job.rescues == 0
            && self.together().is_some_and(|together| together.kinds().contains(&job.kind.as_str()))
    }

    pub(super) fn get(&self, kind: &str) -> Option<&Entry> {
        self.entries.get(kind)
    }
}
