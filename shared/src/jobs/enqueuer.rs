//! Accepts jobs from many callers at once: whoever asks while a transaction is under way goes into the next one
//! together, and each caller is answered when its job is on disk.

use std::collections::HashSet;
use std::sync::Arc;

use tokio::sync::{Mutex, mpsc, oneshot};

use super::contract::NewJob;
use crate::clock::Clock;
use crate::events::Bus;
use crate::faults::{self, Guard};
use crate::store::jobs::IdempotencyKey;
use crate::store::{self, Db, StoreError};

/// Jobs of one transaction at most.
const BATCH: usize = 128;

/// A job that was accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// The job.
    pub seq: i64,
    /// Key it is ordered by: for a repeated request that of the first.
    pub order_key: Option<String>,
    /// Whether an earlier request with the same idempotency key made it.
    pub replayed: bool,
    /// Whether its queue is paused, so that waiting for it is in vain.
    pub paused: bool,
}

/// Why a job was not accepted.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Refused {
    /// The idempotency key was used for another request.
    #[error("the idempotency key was used for another request")]
    KeyReused,
    /// The database cannot be reached: nothing was written.
    #[error("{0}")]
    Unavailable(String),
}

impl From<StoreError> for Refused {
    fn from(error: StoreError) -> Self {
        Self::Unavailable(error.to_string())
    }
}

/// A job to be accepted.
#[derive(Clone, Debug)]
pub struct Request {
    /// The job.
    pub job: NewJob,
    /// Key under which the caller may repeat the request.
    pub idempotency: Option<IdempotencyKey>,
}

type Waiting = (NewJob, oneshot::Sender<Result<Accepted, String>>);

/// Accepts jobs. Cheap to clone.
#[derive(Clone)]
pub struct Enqueuer {
    db: Db,
    clock: Clock,
    bus: Bus,
    queue: mpsc::Sender<Waiting>,
}

impl Enqueuer {
    /// Starts the tasks that write.
    pub fn start(db: Db, clock: Clock, bus: Bus) -> Self {
        let (queue, waiting) = mpsc::channel::<Waiting>(10_000);
        let waiting = Arc::new(Mutex::new(waiting));
        // On SQLite one writer is all there is; on PostgreSQL a second batch is gathered while the first is on its way.
        for _ in 0..if db.is_sqlite() { 1 } else { 3 } {
            tokio::spawn(write_batches(db.clone(), clock.clone(), bus.clone(), waiting.clone()));
        }
        Self { db, clock, bus, queue }
    }

    /// Returns when the job is on disk.
    pub async fn accept(&self, request: Request) -> Result<Accepted, Refused> {
        let Request { job, idempotency } = request;
        if let Some(key) = idempotency {
            self.accept_apart(job, &[], Some(&key)).await
        } else {
            let (answer, accepted) = oneshot::channel();
            let closed = || Refused::Unavailable("shutting down".to_owned());
            self.queue.send((job, answer)).await.map_err(|_| closed())?;
            accepted.await.map_err(|_| closed())?.map_err(Refused::Unavailable)
        }
    }

    /// As [`Self::accept`], for a job that is about other tasks as well as the one it is ordered by: it takes its place
    /// in the order of each.
    pub async fn accept_joint(&self, request: Request, others: &[String]) -> Result<Accepted, Refused> {
        self.accept_apart(request.job, others, request.idempotency.as_ref()).await
    }

    /// Accepts a job in a transaction of its own.
    async fn accept_apart(
        &self,
        job: NewJob,
        others: &[String],
        key: Option<&IdempotencyKey>,
    ) -> Result<Accepted, Refused> {
        // Two equal requests at once: the second finds the key taken and reads it at its second try.
        for _ in 0..2 {
            let mut tx = self.db.begin().await?;
            if let Some(key) = key
                && let Some(first) = store::jobs::idempotent(&mut tx, key).await?
                && !faults::is_off(Guard::Idempotency)
            {
                return if first.body_hash == key.body_hash {
                    Ok(Accepted { seq: first.job_seq, order_key: first.order_key, replayed: true, paused: false })
                } else {
                    Err(Refused::KeyReused)
                };
            }
            faults::point("accept.before-write");
            let now = self.clock.now();
            let seq = store::jobs::enqueue_joint(&mut tx, &job, others, now).await?;
            let paused = store::jobs::is_paused(&mut tx, &job.queue, now).await?;
            let remembered = match key {
                Some(key) => store::jobs::remember(&mut tx, key, seq, now).await?,
                None => true,
            };
            if remembered || faults::is_off(Guard::Idempotency) {
                faults::point("accept.before-commit");
                tx.commit().await?;
                faults::point("accept.after-commit");
                self.bus.wake(&job.queue);
                return Ok(Accepted { seq, order_key: job.order_key, replayed: false, paused });
            }
        }
        Err(Refused::Unavailable("an equal request is being accepted".to_owned()))
    }
}

async fn write_batches(db: Db, clock: Clock, bus: Bus, waiting: Arc<Mutex<mpsc::Receiver<Waiting>>>) {
    let mut batch = Vec::with_capacity(BATCH);
    loop {
        // The lock is held while waiting for the first, so that idle writers do not split what arrives together.
        if waiting.lock().await.recv_many(&mut batch, BATCH).await == 0 {
            return;
        }
        let (jobs, answers): (Vec<NewJob>, Vec<_>) = batch.drain(..).unzip();
        match write(&db, &clock, &jobs).await {
            Ok(accepted) => {
                let queues: HashSet<&str> = jobs.iter().map(|job| &*job.queue).collect();
                for queue in queues {
                    bus.wake(queue);
                }
                for (answer, accepted) in answers.into_iter().zip(accepted) {
                    let _ = answer.send(Ok(accepted));
                }
            }
            Err(error) => {
                let error = error.to_string();
                for answer in answers {
                    let _ = answer.send(Err(error.clone()));
                }
            }
        }
    }
}

async fn write(db: &Db, clock: &Clock, jobs: &[NewJob]) -> Result<Vec<Accepted>, StoreError> {
    let now = clock.now();
    faults::point("accept.before-write");
    let mut tx = db.begin().await?;
    let written = store::jobs::enqueue(&mut tx, jobs, now).await?;
    let paused = store::jobs::paused_queues(&mut tx, now).await?;
    faults::point("accept.before-commit");
    tx.commit().await?;
    faults::point("accept.after-commit");
    let accepted = |(written, job): (store::jobs::Enqueued, &NewJob)| Accepted {
        seq: written.seq,
        order_key: job.order_key.clone(),
        replayed: false,
        paused: paused.contains(&*job.queue),
    };
    Ok(written.into_iter().zip(jobs).map(accepted).collect())
}
