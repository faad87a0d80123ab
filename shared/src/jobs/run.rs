//! One claimed job from its start to its outcome. A run never panics and never fails outwards: every ending is an
//! outcome in the table.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use chrono::{DateTime, Utc};
use futures_util::FutureExt;
use futures_util::future::join_all;
use serde_json::Value;
use tokio::sync::{OwnedSemaphorePermit, mpsc};
use tokio::time::Instant;
use tracing::Instrument as _;

use super::engine::{Engine, insist};
use super::handler::{Done, Entry, JobContext, JobError};
use super::state::JobState;
use crate::events::{JobChange, Signal};
use crate::faults::{self, Guard};
use crate::meter::{self, Attempt};
use crate::store::jobs::{ClaimedRow, Fate, Lease};
use crate::store::{self, StoreError};

/// How long a job of a kind unknown here is left to others.
const UNKNOWN_KIND: Duration = Duration::from_secs(10);

/// What a lane hands out: already claimed, and to be run at once.
pub enum Claimed {
    /// A job by itself.
    One(Held),
    /// Jobs that can share a transaction.
    Group(Vec<Held>),
}

/// A claimed job. While it lives the heartbeat renews the lease; however it is dropped, that ends and the slot is free.
pub struct Held {
    engine: Arc<Engine>,
    pub(super) row: Arc<ClaimedRow>,
    lane: usize,
    _slot: OwnedSemaphorePermit,
}

impl Held {
    pub(super) fn new(engine: Arc<Engine>, row: ClaimedRow, lane: usize, slot: OwnedSemaphorePermit) -> Self {
        meter::started(&row.queue, (row.started_at - row.run_at).to_std().unwrap_or_default());
        Self { engine, row: Arc::new(row), lane, _slot: slot }
    }

    pub(super) fn lease(&self) -> Lease {
        self.row.lease()
    }

    fn change(&self, state: JobState) -> JobChange {
        self.row.change(state, None, self.engine.clock.now())
    }

    /// Tells everybody that the job has ended.
    pub(super) fn tell(&self, state: JobState, result: Option<Value>) {
        self.engine.bus.publish(Signal::Done { job: self.change(state), result });
    }

    /// Tells everybody that there is work in the job's queue.
    pub(super) fn wake_queue(&self) {
        self.engine.bus.wake(&self.row.queue);
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let mut held = self.engine.held();
        // The same job may have been claimed anew since this lease was lost.
        if held.get(&self.row.seq).is_some_and(|holding| holding.token == self.row.lease_token) {
            held.remove(&self.row.seq);
        }
        drop(held);
        if self.engine.lanes[self.lane].limited.load(Ordering::Relaxed) {
            // What the limit held back may go, here or elsewhere.
            self.wake_queue();
        }
    }
}

impl ClaimedRow {
    pub(super) fn lease(&self) -> Lease {
        Lease { seq: self.seq, token: self.lease_token }
    }

    pub(super) fn change(&self, state: JobState, progress: Option<Value>, at: DateTime<Utc>) -> JobChange {
        JobChange { seq: self.seq, queue: self.queue.clone(), kind: self.kind.clone(), state, progress, at }
    }
}

impl Engine {
    /// Runs what a lane handed out; returns when it has ended.
    pub(super) async fn start(self: Arc<Self>, claimed: Claimed) {
        match claimed {
            Claimed::One(held) => self.start_one(held).await,
            Claimed::Group(group) => {
                let alone = self.run_group(group).await;
                join_all(alone.into_iter().map(|held| self.clone().start_one(held))).await;
            }
        }
    }

    /// Runs a job in a task of its own: CPU use, a panic or an abort stays inside it.
    async fn start_one(self: Arc<Self>, held: Held) {
        let lease = held.lease();
        let row = &held.row;
        let span = tracing::info_span!(
            "job",
            job.id = row.seq,
            job.kind = row.kind,
            job.attempt = row.attempt,
            task.id = row.order_key,
            trace.id = row.trace_id
        );
        let run = tokio::spawn(self.clone().run_one(held).instrument(span));
        if let Some(holding) = self.held().get_mut(&lease.seq).filter(|holding| holding.token == lease.token) {
            holding.run = Some(run.abort_handle());
            holding.ending = false;
        }
        // An error is an abort: the lease was lost or the job cancelled, and the row is not ours any more.
        let _ = run.await;
    }

    async fn run_one(self: Arc<Self>, held: Held) {
        let row = held.row.clone();
        let Some(entry) = self.registry.get(&row.kind) else {
            tracing::warn!(job.id = row.seq, job.kind = row.kind, "unknown kind; left to a newer worker");
            self.put_off(&held, UNKNOWN_KIND).await;
            return;
        };
        let mut _turn = None;
        if row.is_suspect() {
            match self.turn_of_suspect(&held).await {
                Some(turn) => _turn = Some(turn),
                None => return,
            }
        }
        if entry.is_long {
            self.bus.publish(Signal::Job(held.change(JobState::Running)));
        }
        let begun = Instant::now();
        let ended = self.attempt(entry, &held).await;
        match &ended {
            Ok(Ended::Committed { .. } | Ended::Nothing) => {
                meter::attempt(entry.kind, Attempt::Completed, begun.elapsed());
            }
            Ok(Ended::Snooze(_)) => meter::attempt(entry.kind, Attempt::Snoozed, begun.elapsed()),
            Err(JobError::LeaseLost) => meter::lease_lost(),
            // What becomes of it is not decided yet.
            Err(_) => {}
        }
        match ended {
            Ok(Ended::Committed { result, released }) => {
                self.relay.wake();
                held.tell(JobState::Completed, result);
                if released > 0 {
                    held.wake_queue();
                }
            }
            // Completed with others in one statement.
            Ok(Ended::Nothing) if row.order_key.is_none() => {
                let _ = self.done.send(held).await;
            }
            Ok(Ended::Nothing) => {
                insist(|| self.complete_alone(&row)).await;
                held.tell(JobState::Completed, None);
                held.wake_queue();
            }
            Ok(Ended::Snooze(wait)) => self.put_off(&held, wait).await,
            Err(JobError::LeaseLost) => {
                tracing::warn!(job.id = row.seq, job.kind = row.kind, "lease lost; nothing was written");
            }
            Err(error) => self.record_failure(entry, &held, &error, begun.elapsed()).await,
        }
    }

    /// A job under which workers died waits until no other such job runs here, so that the next death has one culprit.
    /// `None` if its lease was lost meanwhile.
    async fn turn_of_suspect(&self, held: &Held) -> Option<OwnedSemaphorePermit> {
        let turn = self.suspects.clone().acquire_owned().await.expect("the turn is never taken away");
        let mark = async {
            let mut tx = self.db.begin().await?;
            let ours = store::jobs::run_alone(&mut tx, held.lease()).await?;
            tx.commit().await?;
            Ok::<_, StoreError>(ours)
        };
        match mark.await {
            Ok(true) => Some(turn),
            Ok(false) => None,
            Err(error) => {
                tracing::warn!(%error, job.id = held.row.seq, "a suspect could not be marked; given back");
                self.release(&[held.lease()]).await;
                None
            }
        }
    }

    /// One attempt within its time: the handler, and what it wrote committed together with the job's completion.
    async fn attempt(&self, entry: &Entry, held: &Held) -> Result<Ended, JobError> {
        let row = &held.row;
        let context = JobContext {
            db: self.db.clone(),
            clock: self.clock.clone(),
            bus: self.bus.clone(),
            relay: self.relay.clone(),
            job: row.clone(),
            lease: self.config.lease,
        };
        let run = async {
            faults::point("apply.before-save");
            match AssertUnwindSafe((entry.run)(context, &row.args)).catch_unwind().await {
                Ok(Ok(Done::Effects { mut tx, result })) => {
                    let now = self.clock.now();
                    self.mark_ending(row.seq);
                    let key = row.order_key.as_deref();
                    let released = store::jobs::complete(&mut tx, row.lease(), key, result.as_ref(), now).await?;
                    faults::point("apply.before-commit");
                    tx.commit().await?;
                    faults::point("apply.after-commit");
                    Ok(Ended::Committed { result, released })
                }
                Ok(Ok(Done::Nothing)) => {
                    self.mark_ending(row.seq);
                    Ok(Ended::Nothing)
                }
                Ok(Ok(Done::Snooze(wait))) => Ok(Ended::Snooze(wait)),
                Ok(Err(error)) => Err(error),
                Err(panic) => Err(JobError::Retry(format!("panicked: {}", panic_text(&*panic)))),
            }
        };
        let limit = if faults::is_off(Guard::Timeout) { Duration::from_hours(24) } else { entry.timeout };
        tokio::time::timeout(limit, run)
            .await
            .unwrap_or_else(|_| Err(JobError::Retry(format!("took more than {limit:?}"))))
    }

    pub(super) fn mark_ending(&self, seq: i64) {
        if let Some(holding) = self.held().get_mut(&seq) {
            holding.ending = true;
        }
    }

    async fn complete_alone(&self, row: &ClaimedRow) -> Result<(), StoreError> {
        let mut tx = self.db.begin().await?;
        match store::jobs::complete(&mut tx, row.lease(), row.order_key.as_deref(), None, self.clock.now()).await {
            Err(StoreError::LeaseLost(_)) => Ok(()),
            other => {
                other?;
                tx.commit().await
            }
        }
    }

    async fn record_failure(&self, entry: &Entry, held: &Held, error: &JobError, took: Duration) {
        let row = &held.row;
        let now = self.clock.now();
        let retry_at = now + entry.backoff.after(row.attempt);
        let spent = row.attempt >= row.max_attempts || row.give_up_at.is_some_and(|give_up| retry_at > give_up);
        let fate = match error {
            JobError::Retry(_) if !spent || faults::is_off(Guard::Attempts) => Fate::Retry(retry_at),
            _ => Fate::Discard,
        };
        let outcome = if matches!(fate, Fate::Retry(_)) { Attempt::Retried } else { Attempt::Discarded };
        meter::attempt(entry.kind, outcome, took);
        let text = error.to_string();
        tracing::warn!(
            job.id = row.seq,
            job.kind = row.kind,
            job.attempt = row.attempt,
            error = text,
            ?fate,
            "job failed"
        );
        insist(|| async {
            let mut tx = self.db.begin().await?;
            store::jobs::fail(&mut tx, row, &text, fate, now).await?;
            tx.commit().await
        })
        .await;
        match fate {
            Fate::Discard => {
                held.tell(JobState::Discarded, None);
                held.wake_queue();
            }
            Fate::Retry(_) => self.bus.publish(Signal::Job(held.change(JobState::Retryable))),
        }
    }

    /// Gives a job back for later without counting the attempt.
    async fn put_off(&self, held: &Held, wait: Duration) {
        insist(|| async {
            let mut tx = self.db.begin().await?;
            store::jobs::put_off(&mut tx, held.lease(), self.clock.now() + wait).await?;
            tx.commit().await
        })
        .await;
    }

    pub(super) async fn complete_in_batches(self: Arc<Self>, mut finished: mpsc::Receiver<Held>) {
        let mut batch: Vec<Held> = Vec::with_capacity(1000);
        while finished.recv_many(&mut batch, 1000).await > 0 {
            let leases: Vec<Lease> = batch.iter().map(Held::lease).collect();
            insist(|| async {
                let mut tx = self.db.begin().await?;
                store::jobs::complete_many(&mut tx, &leases, self.clock.now()).await?;
                tx.commit().await
            })
            .await;
            for held in batch.drain(..) {
                held.tell(JobState::Completed, None);
            }
        }
    }
}

/// How an attempt ended that did not fail.
enum Ended {
    Committed { result: Option<Value>, released: u64 },
    Nothing,
    Snooze(Duration),
}

fn panic_text(panic: &(dyn std::any::Any + Send)) -> &str {
    panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message")
}
