//! Jobs of one claim that share a transaction: one commit, and a fixed number of statements, for all of them.
//!
//! Sharing is an optimisation and nothing else. Whatever is unusual about a group (an error, a lost lease, a panic, a
//! job that was tried before) rolls all of it back, and each of its jobs is run by itself.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use serde_json::Value;
use tokio::time::Instant;

use super::engine::Engine;
use super::handler::JobError;
use super::run::Held;
use super::state::JobState;
use crate::faults;
use crate::meter::{self, Attempt};
use crate::store::jobs::{ClaimedRow, Completion};
use crate::store::{self, Tx};

/// How long a group may take.
const LIMIT: Duration = Duration::from_secs(10);

/// A job of a group.
#[derive(Clone, Copy, Debug)]
pub struct GroupJob<'a> {
    /// Its kind.
    pub kind: &'a str,
    /// Its arguments as JSON text.
    pub args: &'a str,
}

/// Runs jobs of some kinds together. The jobs of one call have different order keys.
pub trait GroupHandler: Send + Sync + 'static {
    /// The kinds it takes. Each needs a [`super::Handler`] as well.
    const KINDS: &'static [&'static str];

    /// Writes the effects of the jobs into `tx` and gives the result of each, in their order; `None` for one that is to
    /// run by itself and of which nothing was written. The engine completes the jobs in the same transaction.
    fn run(
        &self,
        tx: &mut Tx,
        jobs: &[GroupJob<'_>],
        now: DateTime<Utc>,
    ) -> impl Future<Output = Result<Vec<Option<Value>>, JobError>> + Send;
}

/// A [`GroupHandler`] whose type is forgotten.
pub(super) trait Together: Send + Sync {
    fn kinds(&self) -> &'static [&'static str];
    fn run<'a>(
        &'a self,
        tx: &'a mut Tx,
        jobs: &'a [GroupJob<'a>],
        now: DateTime<Utc>,
    ) -> BoxFuture<'a, Result<Vec<Option<Value>>, JobError>>;
}

impl<H: GroupHandler> Together for H {
    fn kinds(&self) -> &'static [&'static str] {
        H::KINDS
    }

    fn run<'a>(
        &'a self,
        tx: &'a mut Tx,
        jobs: &'a [GroupJob<'a>],
        now: DateTime<Utc>,
    ) -> BoxFuture<'a, Result<Vec<Option<Value>>, JobError>> {
        GroupHandler::run(self, tx, jobs, now).boxed()
    }
}

impl Engine {
    /// Runs a group; gives the jobs that are to be run by themselves.
    pub(super) async fn run_group(self: &Arc<Self>, group: Vec<Held>) -> Vec<Held> {
        let rows: Vec<Arc<ClaimedRow>> = group.iter().map(|held| held.row.clone()).collect();
        let begun = Instant::now();
        let attempt = AssertUnwindSafe(self.attempt_group(&rows)).catch_unwind();
        let results = match tokio::time::timeout(LIMIT, attempt).await {
            Ok(Ok(Ok(results))) => results,
            Ok(Ok(Err(error))) => {
                tracing::debug!(%error, jobs = rows.len(), "a group was rolled back; its jobs run one by one");
                return group;
            }
            Ok(Err(_)) | Err(_) => {
                tracing::debug!(jobs = rows.len(), "a group panicked or took too long; its jobs run one by one");
                return group;
            }
        };
        self.relay.wake();
        let mut alone = Vec::new();
        for (held, result) in group.into_iter().zip(results.outcomes) {
            match result {
                Some(result) => {
                    if let Some(entry) = self.registry.get(&held.row.kind) {
                        meter::attempt(entry.kind, Attempt::Completed, begun.elapsed());
                    }
                    held.tell(JobState::Completed, Some(result));
                }
                None => alone.push(held),
            }
        }
        if let (Some(row), true) = (rows.first(), results.released > 0) {
            self.bus.wake(&row.queue);
        }
        alone
    }

    async fn attempt_group(&self, rows: &[Arc<ClaimedRow>]) -> Result<Results, JobError> {
        let together = self.registry.together().expect("a group is made of kinds that run together");
        let jobs: Vec<GroupJob<'_>> = rows.iter().map(|row| GroupJob { kind: &row.kind, args: &row.args }).collect();
        let mut tx = self.db.begin().await?;
        faults::point("apply.before-save");
        let now = self.clock.now();
        let outcomes = together.run(&mut tx, &jobs, now).await?;
        let done = rows.iter().zip(&outcomes).filter_map(|(row, outcome)| {
            let result = outcome.as_ref()?;
            Some(Completion { lease: row.lease(), order_key: row.order_key.as_deref(), result })
        });
        let done: Vec<Completion<'_>> = done.collect();
        for completion in &done {
            self.mark_ending(completion.lease.seq);
        }
        let released = store::jobs::complete_group(&mut tx, &done, self.clock.now()).await?;
        faults::point("apply.before-commit");
        tx.commit().await?;
        faults::point("apply.after-commit");
        Ok(Results { outcomes, released })
    }
}

struct Results {
    outcomes: Vec<Option<Value>>,
    released: u64,
}
