//! What must keep going beside the runs: heartbeats, rescue, due jobs, schedules, limits, and the watch over progress.
//! Database errors are waited out.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use super::engine::{Engine, backoff, host};
use super::lane::Lane;
use crate::meter;
use crate::store::workers::WorkerRow;
use crate::store::{self, StoreError};

/// How long one round may take: a connection whose other end is gone may never answer.
const ROUND: Duration = Duration::from_secs(30);

impl Engine {
    /// One round a second; parts of it at every so many rounds.
    pub(super) async fn upkeep(self: Arc<Self>) {
        let mut failures = 0;
        while let Err(error) = self.declare_schedules().await {
            tracing::warn!(%error, "schedules could not be written; trying again");
            backoff(&mut failures).await;
        }
        let mut beside = tokio::task::JoinSet::new();
        beside.spawn(self.clone().heartbeats());
        beside.spawn(self.clone().watch_progress());
        let mut round: u64 = 0;
        loop {
            match tokio::time::timeout(ROUND, self.round(round)).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => tracing::warn!(%error, "upkeep failed; trying again"),
                Err(_) => tracing::warn!("upkeep took more than {ROUND:?}; trying again"),
            }
            round += 1;
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }

    async fn round(&self, round: u64) -> Result<(), StoreError> {
        let now = self.clock.now();
        let mut tx = self.db.begin_relaxed().await?;
        let queues = store::jobs::promote_due(&mut tx, now).await?;
        tx.commit().await?;
        for queue in queues {
            self.bus.wake(&queue);
        }
        self.tick().await?;
        self.look_after_limits_and_cancels().await?;
        let every = |seconds: u64| round.is_multiple_of(seconds.max(1));
        if every(self.config.lease.as_secs() / 3) {
            self.rescue().await?;
        }
        if every(15) {
            let mut tx = self.db.begin().await?;
            let repaired = store::jobs::promote_stranded(&mut tx).await?;
            store::workers::forget(&mut tx, now - Duration::from_mins(5)).await?;
            tx.commit().await?;
            if repaired > 0 {
                tracing::error!(repaired, "waiting jobs had nobody before them; made available");
            }
        }
        Ok(())
    }

    /// Signals say so sooner, but may be lost.
    async fn look_after_limits_and_cancels(&self) -> Result<(), StoreError> {
        meter::running(self.held().len());
        let held = self.leases(Duration::from_secs(1));
        let mut session = self.db.read().await?;
        let limited = store::jobs::limited_queues(&mut session).await?;
        for lane in &self.lanes {
            lane.limited.store(limited.contains(&lane.queue), Ordering::Relaxed);
        }
        if !held.is_empty() {
            let still_ours = store::jobs::still_held(&mut session, &held).await?;
            drop(session);
            self.drop_lost(&held, &still_ours);
        }
        Ok(())
    }

    async fn rescue(&self) -> Result<(), StoreError> {
        let mut tx = self.db.begin().await?;
        let rescued = store::jobs::rescue(&mut tx, self.clock.now()).await?;
        tx.commit().await?;
        meter::rescued(rescued.len());
        for (job, fate) in rescued {
            tracing::warn!(job.id = job.seq, job.kind = job.kind, ?fate, "rescued from a worker that went silent");
        }
        Ok(())
    }

    /// Apart from the rest, so that nothing slow delays a renewal.
    async fn heartbeats(self: Arc<Self>) {
        loop {
            match tokio::time::timeout(self.config.lease, self.heartbeat()).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => tracing::warn!(%error, "heartbeat failed; trying again"),
                Err(_) => tracing::warn!("heartbeat took longer than a lease; trying again"),
            }
            tokio::time::sleep(self.config.lease / 3).await;
        }
    }

    async fn heartbeat(&self) -> Result<(), StoreError> {
        let now = self.clock.now();
        let held = self.leases(Duration::ZERO);
        if !held.is_empty() {
            let mut tx = self.db.begin_relaxed().await?;
            let still_ours = store::jobs::renew(&mut tx, &held, now + self.config.lease).await?;
            tx.commit().await?;
            self.drop_lost(&held, &still_ours);
        }
        let worker = WorkerRow {
            id: self.worker_id.clone(),
            host: host(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            queues: self.config.queues.clone(),
            kinds: self.registry.kinds(),
            started_at: self.started_at,
            heartbeat_at: now,
            running: held.len() as i64,
            concurrency: self.concurrency.load(Ordering::Relaxed) as i64,
            wanted_concurrency: None,
            draining: self.is_stopping(),
            claim_p95_ms: self.claim_p95().map(|p95| p95.as_secs_f64() * 1000.0),
        };
        let mut tx = self.db.begin_relaxed().await?;
        let wanted = store::workers::heartbeat(&mut tx, &worker).await?;
        tx.commit().await?;
        if let Some(wanted) = wanted {
            self.resize(wanted.max(0) as usize);
        }
        Ok(())
    }

    /// Runs more or fewer jobs at once from now on.
    pub(super) fn resize(&self, concurrency: usize) {
        if self.concurrency.swap(concurrency, Ordering::Relaxed) != concurrency {
            tracing::info!(concurrency, "concurrency changed by an operator");
            for lane in &self.lanes {
                lane.resize(concurrency);
            }
        }
    }

    fn claim_p95(&self) -> Option<Duration> {
        let mut durations: Vec<Duration> = self.lanes.iter().flat_map(Lane::durations).collect();
        durations.sort_unstable();
        durations.get(durations.len() * 95 / 100).copied()
    }

    /// Ends the engine when claims get no answer for long although the database answers: whatever is broken then is in
    /// this process, and a new one does not have it.
    async fn watch_progress(self: Arc<Self>) {
        loop {
            tokio::time::sleep(self.config.patience / 6).await;
            let now = self.clock.now().timestamp_millis();
            let quiet = |since: i64| since != 0 && now - since > self.config.patience.as_millis() as i64;
            let Some(lane) = self.lanes.iter().find(|lane| quiet(lane.asking_since.load(Ordering::SeqCst))) else {
                continue;
            };
            if self.is_stopping() {
                return;
            }
            if self.db.answers(Duration::from_secs(5)).await {
                tracing::error!(queue = lane.queue, "no claim was answered for long although the database answers");
                self.stuck.send_replace(true);
                return;
            }
            tracing::error!(queue = lane.queue, "no claim was answered for long, and the database does not answer");
        }
    }
}
