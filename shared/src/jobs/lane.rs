//! One queue as one process works on it: its free slots, and the loop that claims as many jobs as fit into them.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, mpsc, watch};
use tokio::time::Instant;

use super::engine::{Engine, Holding, backoff};
use super::queue;
use super::run::{Claimed, Held};
use crate::faults::{self, Guard};
use crate::store::jobs::{CLAIM_SIZES, ClaimedRow, Lease};
use crate::store::{self, StoreError};

/// How long a claim may take. One that never answers must not silence its queue.
const CLAIM_LIMIT: Duration = Duration::from_secs(10);
/// Claims whose duration is remembered.
const REMEMBERED: usize = 128;

/// One queue as this process works on it.
pub(super) struct Lane {
    pub(super) queue: String,
    pub(super) wake: Notify,
    slots: Arc<Semaphore>,
    size: AtomicUsize,
    resized: Notify,
    /// Whether operators limit the queue, as far as this process knows; a claim without limits finds nothing then.
    pub(super) limited: AtomicBool,
    /// Milliseconds of the clock since when a claim waits for its answer, failed tries included; 0 if none does.
    pub(super) asking_since: AtomicI64,
    durations: Mutex<VecDeque<Duration>>,
}

impl Lane {
    pub(super) fn new(queue: &str, concurrency: usize) -> Self {
        let size = concurrency.min(queue::most_at_once(queue));
        Self {
            queue: queue.to_owned(),
            wake: Notify::new(),
            slots: Arc::new(Semaphore::new(size)),
            size: AtomicUsize::new(size),
            resized: Notify::new(),
            limited: AtomicBool::new(false),
            asking_since: AtomicI64::new(0),
            durations: Mutex::default(),
        }
    }

    /// Changes how many jobs run at once. What runs goes on; taking slots away waits for them to be free.
    pub(super) fn resize(&self, concurrency: usize) {
        let new = concurrency.min(queue::most_at_once(&self.queue));
        let old = self.size.swap(new, Ordering::SeqCst);
        if new > old {
            self.slots.add_permits(new - old);
        } else if new < old {
            let (slots, surplus) = (self.slots.clone(), old - new);
            tokio::spawn(async move {
                for _ in 0..surplus {
                    slots.acquire().await.expect("slots are never closed").forget();
                }
            });
        }
        self.resized.notify_one();
    }

    fn size(&self) -> usize {
        self.size.load(Ordering::SeqCst)
    }

    /// How long claims took lately.
    pub(super) fn durations(&self) -> Vec<Duration> {
        self.durations.lock().expect("no panic while held").iter().copied().collect()
    }

    fn remember(&self, took: Duration) {
        let mut durations = self.durations.lock().expect("no panic while held");
        if durations.len() == REMEMBERED {
            durations.pop_front();
        }
        durations.push_back(took);
    }

    /// Free slots: at least one, and while there is a backlog at least a quarter, so that claims stay batches.
    async fn free_slots(&self, busy: bool) -> OwnedSemaphorePermit {
        loop {
            let wanted = if busy { (self.size() / 4).max(1) } else { 1 };
            let mut permits = tokio::select! {
                permits = self.slots.clone().acquire_many_owned(wanted as u32) =>
                    permits.expect("slots are never closed"),
                // Fewer slots than asked for may be left.
                () = self.resized.notified() => continue,
            };
            while let Ok(more) = self.slots.clone().try_acquire_owned() {
                permits.merge(more);
            }
            return permits;
        }
    }
}

impl Engine {
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
            let mut permits = tokio::select! {
                biased;
                () = self.stopped() => return,
                _ = stop.changed() => return,
                permits = here.free_slots(busy) => permits,
            };
            let size = claim_size(&permits);
            // Registered before the claim, so that a wake-up during it is not lost.
            let woken = here.wake.notified();
            tokio::pin!(woken);
            woken.as_mut().enable();
            match self.claim(here, size).await {
                Ok(claimed) => {
                    failures = 0;
                    busy = claimed.len() == CLAIM_SIZES[size];
                    self.hand_out(lane, claimed, &mut permits, &jobs).await;
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
                    if faults::is_off(Guard::Patience) {
                        std::future::pending::<()>().await;
                    }
                    backoff(&mut failures).await;
                }
            }
        }
    }

    /// Passes claimed jobs on to be run: those that can share a transaction together, the others each by itself.
    async fn hand_out(
        self: &Arc<Self>,
        lane: usize,
        claimed: Vec<ClaimedRow>,
        permits: &mut OwnedSemaphorePermit,
        jobs: &mpsc::UnboundedSender<Claimed>,
    ) {
        let mut group = Vec::new();
        let mut items = Vec::new();
        for row in claimed {
            let slot = permits.split(1).expect("no more jobs than slots");
            let holding = Holding { token: row.lease_token, since: Instant::now(), run: None, ending: false };
            self.held().insert(row.seq, holding);
            let together = self.registry.runs_together(&row);
            let held = Held::new(self.clone(), row, lane, slot);
            if together {
                group.push(held);
            } else {
                items.push(Claimed::One(held));
            }
        }
        match group.len() {
            0 => {}
            1 => items.extend(group.pop().map(Claimed::One)),
            _ => items.insert(0, Claimed::Group(group)),
        }
        for item in items {
            if let Err(mpsc::error::SendError(refused)) = jobs.send(item) {
                self.release(&refused.leases()).await;
            }
        }
    }

    /// Runs what may run now, to its end; gives the number of runs. For tests, which have no loops.
    #[cfg(feature = "testing")]
    pub(super) async fn run_available(self: &Arc<Self>) -> Result<usize, StoreError> {
        let mut tx = self.db.begin_relaxed().await?;
        store::jobs::promote_due(&mut tx, self.clock.now()).await?;
        tx.commit().await?;
        let limited = store::jobs::limited_queues(&mut self.db.read().await?).await?;
        let (sender, mut jobs) = mpsc::unbounded_channel();
        let mut ran = 0;
        for (index, lane) in self.lanes.iter().enumerate() {
            lane.limited.store(limited.contains(&lane.queue), Ordering::Relaxed);
            let mut permits = lane.free_slots(false).await;
            let size = claim_size(&permits);
            let claimed = self.claim(lane, size).await?;
            ran += claimed.len();
            self.hand_out(index, claimed, &mut permits, &sender).await;
        }
        drop(sender);
        let mut runs = tokio::task::JoinSet::new();
        while let Some(claimed) = jobs.recv().await {
            runs.spawn(self.clone().start(claimed));
        }
        runs.join_all().await;
        // What wrote nothing is completed behind the runs.
        while !self.held().is_empty() {
            tokio::task::yield_now().await;
        }
        Ok(ran)
    }

    async fn claim(&self, here: &Lane, size: usize) -> Result<Vec<ClaimedRow>, StoreError> {
        let now = self.clock.now();
        let _ = here.asking_since.compare_exchange(0, now.timestamp_millis(), Ordering::SeqCst, Ordering::SeqCst);
        let began = Instant::now();
        let claim = async {
            let until = now + self.config.lease;
            if here.limited.load(Ordering::Relaxed) {
                let mut tx = self.db.begin().await?;
                let max = CLAIM_SIZES[size];
                let jobs = store::jobs::claim_limited(&mut tx, &here.queue, max, &self.worker_id, until, now).await?;
                tx.commit().await?;
                return Ok(jobs);
            }
            let mut tx = self.db.begin_relaxed().await?;
            let jobs = store::jobs::claim(&mut tx, &here.queue, size, &self.worker_id, until, now).await?;
            tx.commit().await?;
            Ok(jobs)
        };
        let jobs = tokio::time::timeout(CLAIM_LIMIT, claim)
            .await
            .unwrap_or_else(|_| Err(StoreError::Unavailable(format!("a claim took more than {CLAIM_LIMIT:?}"))))?;
        here.asking_since.store(0, Ordering::SeqCst);
        here.remember(began.elapsed());
        Ok(jobs)
    }
}

/// The largest of [`CLAIM_SIZES`] for which there are slots.
fn claim_size(slots: &OwnedSemaphorePermit) -> usize {
    slots.num_permits().min(512).ilog2() as usize
}

impl Claimed {
    pub(super) fn leases(&self) -> Vec<Lease> {
        match self {
            Self::One(held) => vec![held.lease()],
            Self::Group(group) => group.iter().map(Held::lease).collect(),
        }
    }
}
