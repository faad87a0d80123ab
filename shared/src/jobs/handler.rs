//! What a job does, and what it may say about how it ended.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use serde_json::Value;

use super::contract::{Job, NewJob};
use crate::clock::Clock;
use crate::events::{Bus, Relay};
use crate::store::jobs::{ClaimedRow, Lease};
use crate::store::{self, Db, StoreError, Tx};

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
    pub(super) timeout: Duration,
    pub(super) run: Run,
}

/// Every kind of job a process can run.
#[derive(Default)]
pub struct Registry {
    entries: HashMap<&'static str, Entry>,
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
        self.entries.insert(J::KIND, Entry { timeout: J::TIMEOUT, run });
        self
    }

    pub(super) fn get(&self, kind: &str) -> Option<&Entry> {
        self.entries.get(kind)
    }
}
