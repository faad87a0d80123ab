//! The jobs of some queues, run in one process: what is claimed (`lane`), run (`run`, `group`) and looked after
//! (`upkeep`) meets here.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::AtomicUsize;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use apalis::prelude::{BoxDynError, Data, Monitor, WorkerBuilder};
use chrono::{DateTime, Utc};
use rand::Rng;
use tokio::sync::{Semaphore, mpsc, watch};
use tokio::task::AbortHandle;
use tokio::time::Instant;

use super::backend::JobsBackend;
use super::handler::Registry;
use super::lane::Lane;
use super::queue;
use super::run::{Claimed, Held};
use super::schedule::Schedule;
use super::state::JobState;
use crate::clock::Clock;
use crate::events::{Bus, Relay, Signal};
use crate::faults::{self, Guard};
use crate::meter;
use crate::store::jobs::Lease;
use crate::store::{self, Db, StoreError};

/// How a worker process works.
#[derive(Clone, Debug)]
pub struct EngineConfig {
    /// Queues it works on.
    pub queues: Vec<String>,
    /// Jobs of one queue it runs at once; less for queues whose jobs are large.
    pub concurrency: usize,
    /// How long a lease lasts without renewal; renewed at a third of it.
    pub lease: Duration,
    /// How long running jobs may take to end after a stop was asked for.
    pub drain: Duration,
    /// How long claims may go unanswered, with a database that answers, before the process gives up.
    pub patience: Duration,
}

impl Default for EngineConfig {
    fn default() -> Self {
        Self {
            queues: queue::ALL.map(str::to_owned).to_vec(),
            concurrency: 256,
            lease: Duration::from_secs(15),
            drain: Duration::from_secs(15),
            patience: Duration::from_mins(1),
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
    /// It made no progress although the database answers; another process may.
    Stuck,
}

/// A lease this process holds.
pub(super) struct Holding {
    pub(super) token: i64,
    pub(super) since: Instant,
    pub(super) run: Option<AbortHandle>,
    /// Set once the run is over and its outcome is being stored: a renewal that crosses it finds a newer token.
    pub(super) ending: bool,
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
    pub(super) registry: Registry,
    /// Jobs of one queue it runs at once, as an operator may have changed it.
    pub(super) concurrency: AtomicUsize,
    held: Mutex<HashMap<i64, Holding>>,
    pub(super) done: mpsc::Sender<Held>,
    finished: Mutex<Option<mpsc::Receiver<Held>>>,
    stopping: watch::Sender<bool>,
    pub(super) stuck: watch::Sender<bool>,
    /// Jobs under which workers died more than once: one at a time, so that each is judged by itself.
    pub(super) suspects: Arc<Semaphore>,
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
        let (done, finished) = mpsc::channel(4096);
        let started_at = clock.now();
        Arc::new(Self {
            lanes: config.queues.iter().map(|queue| Lane::new(queue, config.concurrency)).collect(),
            worker_id: format!("{}-{}-{}", host(), std::process::id(), uuid::Uuid::now_v7().simple()),
            started_at,
            db,
            clock,
            bus,
            relay,
            registry,
            schedules,
            concurrency: AtomicUsize::new(config.concurrency),
            config,
            held: Mutex::default(),
            done,
            finished: Mutex::new(Some(finished)),
            stopping: watch::Sender::new(false),
            stuck: watch::Sender::new(false),
            suspects: Arc::new(Semaphore::new(1)),
        })
    }

    /// This boot's identity.
    pub fn worker_id(&self) -> &str {
        &self.worker_id
    }

    /// Works until `stop` resolves, then drains: nothing new is claimed, running jobs may end, and what has not ended
    /// within the drain limit is given back without costing it an attempt.
    pub async fn run(self: Arc<Self>, stop: impl Future<Output = ()> + Send + 'static) -> Stopped {
        let finished = self.finished();
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
            let mut stuck = engine.stuck.subscribe();
            tokio::select! {
                () = stop => {}
                _ = stuck.wait_for(|stuck| *stuck) => {}
            }
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
        let leave = async {
            let mut tx = self.db.begin().await?;
            store::workers::leave(&mut tx, &self.worker_id).await?;
            tx.commit().await
        };
        // Forgotten by itself a little later otherwise.
        let _ = tokio::time::timeout(Duration::from_secs(2), leave).await;
        match gave_back {
            _ if *self.stuck.borrow() => Stopped::Stuck,
            0 => Stopped::Drained,
            jobs => Stopped::GaveBack(jobs),
        }
    }

    /// What the runs that wrote nothing leave to be completed.
    pub(super) fn finished(&self) -> mpsc::Receiver<Held> {
        self.finished.lock().expect("no panic while held").take().expect("an engine runs once")
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

    pub(super) fn held(&self) -> std::sync::MutexGuard<'_, HashMap<i64, Holding>> {
        self.held.lock().expect("no panic while held")
    }

    /// The leases this process holds for at least this long.
    pub(super) fn leases(&self, at_least: Duration) -> Vec<Lease> {
        let held = self.held();
        let old = held.iter().filter(|(_, holding)| holding.since.elapsed() >= at_least);
        old.map(|(seq, holding)| Lease { seq: *seq, token: holding.token }).collect()
    }

    /// Stops the runs of leases that are not ours any more.
    pub(super) fn drop_lost(&self, asked: &[Lease], still_ours: &HashSet<i64>) {
        if faults::is_off(Guard::Fence) {
            return;
        }
        let held = self.held();
        for lease in asked.iter().filter(|lease| !still_ours.contains(&lease.seq)) {
            let lost = |holding: &&Holding| holding.token == lease.token && !holding.ending;
            if let Some(holding) = held.get(&lease.seq).filter(lost) {
                tracing::warn!(job.id = lease.seq, "lease lost; stopping its run");
                meter::lease_lost();
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

    /// Wakes lanes when another process, or this one, says there is work, and stops runs that somebody cancelled.
    async fn listen(self: Arc<Self>) {
        let mut signals = self.bus.subscribe();
        loop {
            match signals.recv().await {
                Ok(signal) => match &*signal {
                    Signal::Wake { queue } => self.wake(queue),
                    Signal::Concurrency { worker, concurrency } if *worker == self.worker_id => {
                        self.resize(*concurrency);
                    }
                    Signal::Done { job, .. } if job.state == JobState::Cancelled => self.stop_run(job.seq),
                    _ => {}
                },
                Err(tokio::sync::broadcast::error::RecvError::Lagged(_)) => {
                    for lane in &self.lanes {
                        lane.wake.notify_one();
                    }
                }
                Err(tokio::sync::broadcast::error::RecvError::Closed) => return,
            }
        }
    }

    /// Its lease is worth nothing any more: what it would still do is in vain.
    fn stop_run(&self, seq: i64) {
        let held = self.held();
        if let Some(run) = held.get(&seq).filter(|holding| !holding.ending).and_then(|holding| holding.run.as_ref()) {
            tracing::info!(job.id = seq, "job cancelled; stopping its run");
            run.abort();
        }
    }

    pub(super) fn wake(&self, queue: &str) {
        for lane in self.lanes.iter().filter(|lane| lane.queue == queue) {
            lane.wake.notify_one();
        }
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
}

async fn handle(claimed: Claimed, engine: Data<Arc<Engine>>) -> Result<(), BoxDynError> {
    (*engine).clone().start(claimed).await;
    Ok(())
}

/// Repeats a statement that must be stored in the end, until the database takes it.
pub(super) async fn insist<F>(mut store: impl FnMut() -> F)
where
    F: Future<Output = Result<(), StoreError>>,
{
    let mut failures = 0;
    while let Err(error) = store().await {
        if faults::is_off(Guard::Patience) {
            return;
        }
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
