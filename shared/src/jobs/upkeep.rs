//! What must keep going beside the runs: heartbeats, rescue, due jobs, schedules, and the watchdog.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use super::engine::{Engine, backoff, host};
use crate::store::workers::WorkerRow;
use crate::store::{self, StoreError};

impl Engine {
    /// One round a second; parts of it at every so many rounds. Database errors are waited out.
    pub(super) async fn upkeep(self: Arc<Self>) {
        let mut failures = 0;
        while let Err(error) = self.declare_schedules().await {
            tracing::warn!(%error, "schedules could not be written; trying again");
            backoff(&mut failures).await;
        }
        let heartbeat = tokio::spawn(self.clone().heartbeats());
        let _stop_with_us = AbortOnDrop(heartbeat);
        let mut round: u64 = 0;
        loop {
            if let Err(error) = self.round(round).await {
                tracing::warn!(%error, "upkeep failed; trying again");
            }
            round += 1;
            self.watch_progress();
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
        let every = |seconds: u64| round.is_multiple_of(seconds.max(1));
        if every(self.config.lease.as_secs() / 3) {
            let mut tx = self.db.begin().await?;
            let rescued = store::jobs::rescue(&mut tx, now).await?;
            tx.commit().await?;
            for (job, fate) in rescued {
                tracing::warn!(job.id = job.seq, job.kind = job.kind, ?fate, "rescued from a worker that went silent");
            }
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

    /// Apart from the rest, so that nothing slow delays a renewal.
    async fn heartbeats(self: Arc<Self>) {
        loop {
            if let Err(error) = self.heartbeat().await {
                tracing::warn!(%error, "heartbeat failed; trying again");
            }
            tokio::time::sleep(self.config.lease / 3).await;
        }
    }

    async fn heartbeat(&self) -> Result<(), StoreError> {
        let now = self.clock.now();
        let held = self.leases();
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
            started_at: self.started_at,
            heartbeat_at: now,
            running: held.len() as i64,
        };
        let mut tx = self.db.begin_relaxed().await?;
        store::workers::heartbeat(&mut tx, &worker).await?;
        tx.commit().await
    }

    /// Says so when claims have had no answer for long although the process runs.
    fn watch_progress(&self) {
        let quiet = self.clock.now().timestamp_millis() - self.last_claim.load(Ordering::Relaxed);
        if quiet > 30_000 && !self.is_stopping() && self.leases().is_empty() {
            tracing::error!(quiet_seconds = quiet / 1000, "no claim has been answered; is the database reachable?");
        }
    }
}

struct AbortOnDrop(tokio::task::JoinHandle<()>);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}
