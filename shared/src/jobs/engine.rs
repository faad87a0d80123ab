//! Claims jobs, runs them under a lease, and records how they ended.

use std::collections::{HashMap, HashSet};
use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use apalis::prelude::{BoxDynError, Data, Monitor, WorkerBuilder};
use chrono::{DateTime, Utc};
use futures_util::FutureExt;
use rand::Rng;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, mpsc, watch};
use tokio::task::AbortHandle;

use super::backend::JobsBackend;
use super::handler::{Done, JobContext, JobError, Registry};
use super::schedule::Schedule;
use super::state::JobState;
use crate::clock::Clock;
use crate::events::{Bus, Relay, Signal};
use crate::store::jobs::{CLAIM_SIZES, ClaimedRow, Fate, Lease};
use crate::store::{self, Db, StoreError};

/// How a worker process works.
#[derive(Clone, Debug)]
pub struct EngineConfig {
    /// Queues it works on.
    pub queues: Vec<String>,
    /// Jobs of one queue it runs at once.
    pub concurrency: usize,
    /// How long a lease lasts without renewal; renewed at a third of it.
    pub lease: Duration,
    /// How long running jobs may take to end after a stop was asked for.
    pub drain: Duration,
}

impl Default for EngineConfig {
    fn default() -> Self {
        Self {
            queues: super::queue::ALL.map(str::to_owned).to_vec(),
            concurrency: 16,
            lease: Duration::from_secs(15),
            drain: Duration::from_secs(15),
        }
    }
}

/// How an engine ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stopped {
    /// Everything that ran has ended.
    Drained,
    /// This many jobs were given back unfinished.
    GaveBack(usize),
}

/// One queue as this process works on it.
pub(super) struct Lane {
    pub(super) queue: String,
    pub(super) slots: Arc<Semaphore>,
    pub(super) wake: Notify,
}

struct Holding {
    token: i64,
    lane: usize,
    run: Option<AbortHandle>,
    /// Set once the run is over and its outcome is being stored: a renewal that crosses it finds a newer token.
    ending: bool,
}

/// Runs the jobs of some queues in this process.
pub struct Engine {
    pub(super) db: Db,
    pub(super) clock: Clock,
    pub(super) bus: Bus,
    pub(super) relay: Relay,
    pub(super) config: EngineConfig,
    pub(super) worker_id: String,
    pub(super) started_at: DateTime<Utc>,
    pub(super) schedules: Vec<Schedule>,
    pub(super) lanes: Vec<Lane>,
    registry: Registry,
    held: Mutex<HashMap<i64, Holding>>,
    done: mpsc::Sender<(Lease, Held)>,
    finished: Mutex<Option<mpsc::Receiver<(Lease, Held)>>>,
    stopping: watch::Sender<bool>,
    /// Milliseconds of the clock when this process last got an answer to a claim.
    pub(super) last_claim: AtomicI64,
    /// Jobs whose lease was lost while they ran.
    pub(super) lost: AtomicU64,
}

/// A claimed job on its way to its run.
pub struct Claimed {
    row: ClaimedRow,
    held: Held,
}

/// Travels with a job. While it lives the heartbeat renews the lease; however it is dropped, that ends and the slot is
/// free.
struct Held {
    engine: Arc<Engine>,
    seq: i64,
    keyed: bool,
    _slot: OwnedSemaphorePermit,
}

impl Drop for Held {
    fn drop(&mut self) {
        let holding = self.engine.held().remove(&self.seq);
        if let (true, Some(holding)) = (self.keyed, holding) {
            // Its successor may start.
            self.engine.lanes[holding.lane].wake.notify_one();
        }
    }
}

impl Engine {
    /// An engine that has not started. Its worker id is new at every boot, so that no lease of an earlier one is taken
    /// for its own.
    pub fn new(
        db: Db,
        clock: Clock,
        bus: Bus,
        relay: Relay,
        registry: Registry,
        schedules: Vec<Schedule>,
        config: EngineConfig,
    ) -> Arc<Self> {
        let lane = |queue: &String| Lane {
            queue: queue.clone(),
            slots: Arc::new(Semaphore::new(config.concurrency)),
            wake: Notify::new(),
        };
        let (done, finished) = mpsc::channel(4096);
        let started_at = clock.now();
        Arc::new(Self {
            lanes: config.queues.iter().map(lane).collect(),
            worker_id: format!("{}-{}-{}", host(), std::process::id(), uuid::Uuid::now_v7().simple()),
            last_claim: AtomicI64::new(started_at.timestamp_millis()),
            started_at,
            db,
            clock,
            bus,
            relay,
            registry,
            schedules,
            config,
            held: Mutex::default(),
            done,
            finished: Mutex::new(Some(finished)),
            stopping: watch::Sender::new(false),
            lost: AtomicU64::new(0),
        })
    }

    /// This boot's identity.
    pub fn worker_id(&self) -> &str {
        &self.worker_id
    }

    /// Works until `stop` resolves, then drains: nothing new is claimed, running jobs may end, and what has not ended
    /// within the drain limit is given back without costing it an attempt.
    pub async fn run(self: Arc<Self>, stop: impl Future<Output = ()> + Send + 'static) -> Stopped {
        let finished = self.finished.lock().expect("no panic while held").take().expect("an engine runs once");
        let batches = tokio::spawn(self.clone().complete_in_batches(finished));
        let upkeep = tokio::spawn(self.clone().upkeep());
        let listening = tokio::spawn(self.clone().listen());

        let mut monitor = Monitor::new().should_restart(|worker, error| {
            tracing::error!(worker = %worker.name(), %error, "worker loop ended; restarting it");
            true
        });
        for lane in 0..self.lanes.len() {
            let engine = self.clone();
            monitor = monitor.register(move |restart| {
                let name = format!("{}-{}-{restart}", engine.worker_id, engine.lanes[lane].queue);
                WorkerBuilder::new(name)
                    .backend(JobsBackend::new(engine.clone(), lane))
                    .data(engine.clone())
                    .build(handle)
            });
        }
        let engine = self.clone();
        let signal = async move {
            stop.await;
            // At the signal itself: apalis asks a backend to close only after its last running job.
            engine.stopping.send_replace(true);
            Ok(())
        };
        if let Err(error) = monitor.shutdown_timeout(self.config.drain).run_with_signal(signal).await {
            tracing::error!(%error, "monitor ended with an error");
        }
        self.stopping.send_replace(true);
        upkeep.abort();
        listening.abort();

        let gave_back = self.give_back().await;
        batches.abort();
        if let Ok(mut tx) = self.db.begin().await
            && store::workers::leave(&mut tx, &self.worker_id).await.is_ok()
        {
            let _ = tx.commit().await;
        }
        if gave_back == 0 { Stopped::Drained } else { Stopped::GaveBack(gave_back) }
    }

    /// Aborts what still runs and returns it to its queue.
    async fn give_back(&self) -> usize {
        let left: Vec<(Lease, Option<AbortHandle>)> = {
            let held = self.held();
            held.iter().map(|(seq, holding)| (Lease { seq: *seq, token: holding.token }, holding.run.clone())).collect()
        };
        for (_, run) in &left {
            if let Some(run) = run {
                run.abort();
            }
        }
        let leases: Vec<Lease> = left.into_iter().map(|(lease, _)| lease).collect();
        if leases.is_empty() {
            return 0;
        }
        self.release(&leases).await as usize
    }

    fn held(&self) -> std::sync::MutexGuard<'_, HashMap<i64, Holding>> {
        self.held.lock().expect("no panic while held")
    }

    /// The leases this process holds.
    pub(super) fn leases(&self) -> Vec<Lease> {
        self.held().iter().map(|(seq, holding)| Lease { seq: *seq, token: holding.token }).collect()
    }

    /// Stops the runs of leases that are not ours any more.
    pub(super) fn drop_lost(&self, asked: &[Lease], still_ours: &HashSet<i64>) {
        let held = self.held();
        for lease in asked.iter().filter(|lease| !still_ours.contains(&lease.seq)) {
            let lost = |holding: &&Holding| holding.token == lease.token && !holding.ending;
            if let Some(holding) = held.get(&lease.seq).filter(lost) {
                self.lost.fetch_add(1, Ordering::Relaxed);
                tracing::warn!(job.id = lease.seq, "lease lost; stopping its run");
                if let Some(run) = &holding.run {
                    run.abort();
                }
            }
        }
    }

    pub(super) fn is_stopping(&self) -> bool {
        *self.stopping.borrow()
    }

    pub(super) async fn stopped(&self) {
        let mut stopping = self.stopping.subscribe();
        let _ = stopping.wait_for(|stop| *stop).await;
    }

    /// Wakes lanes when another process, or this one, says there is work.
    async fn listen(self: Arc<Self>) {
        let mut signals = self.bus.subscribe();
        loop {
            match signals.recv().await {
                Ok(signal) => {
                    if let Signal::Wake { queue } = &*signal {
                        self.wake(queue);
                    }
                }
                Err(tokio::sync::broadcast::error::RecvError::Lagged(_)) => {
                    for lane in &self.lanes {
                        lane.wake.notify_one();
                    }
                }
                Err(tokio::sync::broadcast::error::RecvError::Closed) => return,
            }
        }
    }

    pub(super) fn wake(&self, queue: &str) {
        for lane in self.lanes.iter().filter(|lane| lane.queue == queue) {
            lane.wake.notify_one();
        }
    }

    /// Claims as many jobs as there are free slots, so that a claimed job always starts at once.
    pub(super) async fn fetch(
        self: Arc<Self>,
        lane: usize,
        jobs: mpsc::UnboundedSender<Claimed>,
        mut stop: watch::Receiver<bool>,
    ) {
        let mut failures = 0;
        let mut busy = false;
        let here = &self.lanes[lane];
        loop {
            // While there is a backlog, wait for a quarter of the slots, so that claims stay batches.
            let wanted = if busy { (self.config.concurrency / 4).max(1) } else { 1 };
            let mut permits = tokio::select! {
                biased;
                () = self.stopped() => return,
                _ = stop.changed() => return,
                permits = here.slots.clone().acquire_many_owned(wanted as u32) =>
                    permits.expect("slots are never closed"),
            };
            while let Ok(more) = here.slots.clone().try_acquire_owned() {
                permits.merge(more);
            }
            let size = permits.num_permits().min(512).ilog2() as usize;
            // Registered before the claim, so that a wake-up during it is not lost.
            let woken = here.wake.notified();
            tokio::pin!(woken);
            woken.as_mut().enable();
            match self.claim(&here.queue, size).await {
                Ok(claimed) => {
                    failures = 0;
                    busy = claimed.len() == CLAIM_SIZES[size];
                    for row in claimed {
                        let slot = permits.split(1).expect("no more jobs than slots");
                        self.held().insert(row.seq, Holding { token: row.lease_token, lane, run: None, ending: false });
                        let keyed = row.order_key.is_some();
                        let held = Held { engine: self.clone(), seq: row.seq, keyed, _slot: slot };
                        if let Err(mpsc::error::SendError(refused)) = jobs.send(Claimed { row, held }) {
                            self.release(&[refused.lease()]).await;
                        }
                    }
                    drop(permits);
                    if !busy {
                        tokio::select! {
                            () = woken => {}
                            () = tokio::time::sleep(Duration::from_secs(1)) => {}
                            () = self.stopped() => return,
                            _ = stop.changed() => return,
                        }
                    }
                }
                Err(error) => {
                    drop(permits);
                    tracing::warn!(queue = here.queue, %error, "claim failed");
                    backoff(&mut failures).await;
                }
            }
        }
    }

    async fn claim(&self, queue: &str, size: usize) -> Result<Vec<ClaimedRow>, StoreError> {
        let claim = async {
            let now = self.clock.now();
            let mut tx = self.db.begin_relaxed().await?;
            let jobs = store::jobs::claim(&mut tx, queue, size, &self.worker_id, now + self.config.lease, now).await?;
            tx.commit().await?;
            Ok(jobs)
        };
        // A claim that never answers must not silence its queue.
        let jobs = tokio::time::timeout(Duration::from_secs(10), claim)
            .await
            .unwrap_or_else(|_| Err(StoreError::Unavailable("a claim took more than 10 s".to_owned())))?;
        self.last_claim.store(self.clock.now().timestamp_millis(), Ordering::Relaxed);
        Ok(jobs)
    }

    pub(super) async fn release(&self, leases: &[Lease]) -> u64 {
        let release = async {
            let mut tx = self.db.begin().await?;
            let released = store::jobs::release(&mut tx, leases).await?;
            tx.commit().await?;
            Ok::<_, StoreError>(released)
        };
        match tokio::time::timeout(Duration::from_secs(5), release).await {
            Ok(Ok(released)) => released,
            // Their leases run out by themselves.
            _ => 0,
        }
    }

    /// Runs a claimed job in a task of its own: CPU use, a panic or an abort stays inside it.
    async fn start(self: Arc<Self>, claimed: Claimed) {
        let seq = claimed.row.seq;
        let run = tokio::spawn(self.clone().run_one(claimed));
        if let Some(holding) = self.held().get_mut(&seq) {
            holding.run = Some(run.abort_handle());
        }
        // An error is an abort: the lease was lost or the job cancelled, and the row is not ours any more.
        let _ = run.await;
    }

    /// Never panics and never fails: every ending is an outcome in the table.
    async fn run_one(self: Arc<Self>, claimed: Claimed) {
        let Claimed { row, held } = claimed;
        let row = Arc::new(row);
        let lease = Lease { seq: row.seq, token: row.lease_token };
        let Some(entry) = self.registry.get(&row.kind) else {
            tracing::warn!(job.id = row.seq, job.kind = row.kind, "unknown kind; left to a newer worker");
            insist(|| self.put_off(&row)).await;
            return;
        };
        let context = JobContext {
            db: self.db.clone(),
            clock: self.clock.clone(),
            bus: self.bus.clone(),
            relay: self.relay.clone(),
            job: row.clone(),
            lease: self.config.lease,
        };
        let run = async {
            match AssertUnwindSafe((entry.run)(context, &row.args)).catch_unwind().await {
                Ok(Ok(Done::Effects { mut tx, result })) => {
                    let now = self.clock.now();
                    self.mark_ending(row.seq);
                    store::jobs::complete(&mut tx, lease, row.order_key.as_deref(), result.as_ref(), now).await?;
                    tx.commit().await?;
                    Ok(Some(result))
                }
                Ok(Ok(Done::Nothing)) => {
                    self.mark_ending(row.seq);
                    Ok(None)
                }
                Ok(Err(error)) => Err(error),
                Err(panic) => Err(JobError::Retry(format!("panicked: {}", panic_text(&*panic)))),
            }
        };
        let timed = tokio::time::timeout(entry.timeout, run).await;
        match timed.unwrap_or_else(|_| Err(JobError::Retry(format!("took more than {:?}", entry.timeout)))) {
            Ok(Some(result)) => {
                self.relay.wake();
                self.bus.publish(Signal::Done { seq: row.seq, state: JobState::Completed, result });
                if row.order_key.is_some() {
                    self.bus.wake(&self.queue_of(&row));
                }
                drop(held);
            }
            // Completed with others in one statement.
            Ok(None) if row.order_key.is_none() => {
                let _ = self.done.send((lease, held)).await;
            }
            Ok(None) => {
                insist(|| self.complete_alone(&row)).await;
                self.bus.publish(Signal::Done { seq: row.seq, state: JobState::Completed, result: None });
            }
            Err(JobError::LeaseLost) => {
                self.lost.fetch_add(1, Ordering::Relaxed);
                tracing::warn!(job.id = row.seq, job.kind = row.kind, "lease lost; nothing was written");
            }
            Err(error) => self.record_failure(&row, &error).await,
        }
    }

    fn mark_ending(&self, seq: i64) {
        if let Some(holding) = self.held().get_mut(&seq) {
            holding.ending = true;
        }
    }

    fn queue_of(&self, row: &ClaimedRow) -> String {
        self.held().get(&row.seq).map(|holding| self.lanes[holding.lane].queue.clone()).unwrap_or_default()
    }

    async fn complete_alone(&self, row: &ClaimedRow) -> Result<(), StoreError> {
        let mut tx = self.db.begin().await?;
        let lease = Lease { seq: row.seq, token: row.lease_token };
        match store::jobs::complete(&mut tx, lease, row.order_key.as_deref(), None, self.clock.now()).await {
            Err(StoreError::LeaseLost(_)) => return Ok(()),
            other => other?,
        }
        tx.commit().await
    }

    async fn record_failure(&self, row: &ClaimedRow, error: &JobError) {
        let now = self.clock.now();
        let retry_at = now + retry_delay(row.attempt);
        let spent = row.attempt >= row.max_attempts || row.give_up_at.is_some_and(|give_up| retry_at > give_up);
        let fate = match error {
            JobError::Retry(_) if !spent => Fate::Retry(retry_at),
            _ => Fate::Discard,
        };
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
        if fate == Fate::Discard {
            self.bus.publish(Signal::Done { seq: row.seq, state: JobState::Discarded, result: None });
            self.bus.wake(&self.queue_of(row));
        }
    }

    /// A kind this process does not know: given back for a worker that does.
    async fn put_off(&self, row: &ClaimedRow) -> Result<(), StoreError> {
        let mut tx = self.db.begin().await?;
        let lease = Lease { seq: row.seq, token: row.lease_token };
        store::jobs::put_off(&mut tx, lease, self.clock.now() + Duration::from_secs(10)).await?;
        tx.commit().await
    }

    async fn complete_in_batches(self: Arc<Self>, mut finished: mpsc::Receiver<(Lease, Held)>) {
        let mut batch = Vec::with_capacity(1000);
        while finished.recv_many(&mut batch, 1000).await > 0 {
            let leases: Vec<Lease> = batch.iter().map(|(lease, _)| *lease).collect();
            insist(|| async {
                let mut tx = self.db.begin().await?;
                store::jobs::complete_many(&mut tx, &leases, self.clock.now()).await?;
                tx.commit().await
            })
            .await;
            for (lease, held) in batch.drain(..) {
                self.bus.publish(Signal::Done { seq: lease.seq, state: JobState::Completed, result: None });
                drop(held);
            }
        }
    }
}

impl Claimed {
    pub(super) fn lease(&self) -> Lease {
        Lease { seq: self.row.seq, token: self.row.lease_token }
    }
}

async fn handle(claimed: Claimed, engine: Data<Arc<Engine>>) -> Result<(), BoxDynError> {
    (*engine).clone().start(claimed).await;
    Ok(())
}

/// Half a second, doubled with each attempt up to ten minutes, and up to a quarter more so that jobs which failed
/// together do not return together.
fn retry_delay(attempt: i16) -> Duration {
    let doubled = 500u64.saturating_mul(1 << attempt.clamp(1, 20).unsigned_abs().saturating_sub(1)).min(600_000);
    Duration::from_millis(doubled + rand::rng().random_range(0..=doubled / 4))
}

fn panic_text(panic: &(dyn std::any::Any + Send)) -> &str {
    panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message")
}

/// Repeats a statement that must be stored in the end, until the database takes it.
async fn insist<F>(mut store: impl FnMut() -> F)
where
    F: Future<Output = Result<(), StoreError>>,
{
    let mut failures = 0;
    while let Err(error) = store().await {
        tracing::warn!(%error, "storing an outcome failed; trying again");
        backoff(&mut failures).await;
    }
}

/// Waits 50 ms, doubled with each failure up to 3.2 s, with jitter.
pub(super) async fn backoff(failures: &mut u32) {
    let millis = 50u64 << (*failures).min(6);
    *failures += 1;
    let jitter = rand::rng().random_range(0..=millis / 4);
    tokio::time::sleep(Duration::from_millis(millis + jitter)).await;
}

/// Name of the machine, as far as the system tells.
pub(super) fn host() -> String {
    std::fs::read_to_string("/proc/sys/kernel/hostname")
        .map_or_else(|_| "host".to_owned(), |name| name.trim().to_owned())
}
