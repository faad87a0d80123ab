//! One bus for doorbells and frames, in this process and, through Redis or PostgreSQL, in all others.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::sync::{broadcast, mpsc};

use super::frame::Frame;
use super::{postgres, redis};
use crate::domain::text_enum::text_enum;
use crate::jobs::JobState;
use crate::store::jobs::JobRow;
use crate::store::{self, Db, StoreError};

/// What the bus carries. Losing any of it costs time only.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Signal {
    /// A queue has work.
    Wake {
        /// The queue.
        queue: String,
    },
    /// A worker is to run more or fewer jobs at once.
    Concurrency {
        /// Its id.
        worker: String,
        /// Jobs of one queue.
        concurrency: usize,
    },
    /// Every process is to log more or less of its own for a while.
    Logs {
        /// Level of the product's own lines.
        level: LogLevel,
        /// When each goes back to how it was started.
        until: DateTime<Utc>,
    },
    /// Numbered events, in order.
    Frames(Vec<Frame>),
    /// Events up to this number exist.
    Doorbell {
        /// The newest number.
        last: i64,
    },
    /// A job is in another state, or further on, and has not ended.
    Job(JobChange),
    /// A job has ended.
    Done {
        /// The job.
        job: JobChange,
        /// Its result, unless it is too large for the way.
        result: Option<Value>,
    },
    /// An event without number or replay.
    Ephemeral(Frame),
}

text_enum! {
    /// How much is logged.
    LogLevel {
        /// What went wrong.
        Error = "error",
        /// And what may.
        Warn = "warn",
        /// And what happens.
        Info = "info",
        /// And each request and statement.
        Debug = "debug",
        /// Everything.
        Trace = "trace",
    }
}

/// Where a job stands by now.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct JobChange {
    /// The job.
    pub seq: i64,
    /// Its queue.
    pub queue: String,
    /// Its kind.
    pub kind: String,
    /// Where it stands.
    pub state: JobState,
    /// How far it is, as its kind tells it.
    pub progress: Option<Value>,
    /// Since when.
    pub at: DateTime<Utc>,
}

impl JobChange {
    /// A job as it is in the table.
    pub fn of(job: &JobRow, at: DateTime<Utc>) -> Self {
        let (queue, kind) = (job.queue.clone(), job.kind.clone());
        Self { seq: job.seq, queue, kind, state: job.state, progress: None, at }
    }
}

/// What goes between processes: a process does not listen to its own echo.
#[derive(Serialize, Deserialize)]
pub(super) struct Parcel {
    pub(super) from: String,
    pub(super) signals: Vec<Signal>,
}

/// Why a bus cannot be set up. Redis being away is no reason: it is waited for.
#[derive(Debug, thiserror::Error)]
pub enum BusError {
    /// `REDIS_URL` is not a URL of Redis.
    #[error("{0}")]
    Url(String),
    /// The database did not answer.
    #[error(transparent)]
    Database(#[from] StoreError),
}

/// Carries signals. Cheap to clone.
#[derive(Clone)]
pub struct Bus {
    local: broadcast::Sender<Arc<Signal>>,
    /// To the task that sends to other processes, if there are any.
    remote: Option<mpsc::Sender<Arc<Signal>>>,
    /// Whether Redis is being heard; none without Redis.
    heard: Option<Arc<AtomicBool>>,
}

impl Bus {
    /// A bus for one process alone.
    pub fn in_process() -> Self {
        Self { local: broadcast::Sender::new(16_384), remote: None, heard: None }
    }

    /// A bus between processes: through Redis if there is one, else through PostgreSQL.
    pub async fn connect(db: &Db, redis_url: Option<&str>) -> Result<Self, BusError> {
        let mut bus = Self::in_process();
        let (sender, outgoing) = mpsc::channel(16_384);
        let local = bus.local.clone();
        match (redis_url, db.postgres()) {
            (Some(url), _) => {
                let heard = Arc::new(AtomicBool::new(false));
                let read = async { store::workers::installation(&mut db.read().await?).await };
                let installation = read.await?;
                redis::start(url, &installation, local, outgoing, heard.clone()).map_err(BusError::Url)?;
                bus.heard = Some(heard);
            }
            (None, Some(pool)) => postgres::start(pool.clone(), local, outgoing),
            (None, None) => return Ok(bus),
        }
        bus.remote = Some(sender);
        Ok(bus)
    }

    /// Sends a signal to everybody, without waiting.
    pub fn publish(&self, signal: Signal) {
        let signal = Arc::new(signal);
        if let Some(remote) = &self.remote {
            // Full means that the others cannot be reached: they read the table.
            let _ = remote.try_send(signal.clone());
        }
        let _ = self.local.send(signal);
    }

    /// Whether Redis is being heard; `None` without Redis.
    pub fn is_connected(&self) -> Option<bool> {
        self.heard.as_ref().map(|heard| heard.load(Ordering::Relaxed))
    }

    /// Says that a queue has work.
    pub fn wake(&self, queue: &str) {
        self.publish(Signal::Wake { queue: queue.to_owned() });
    }

    /// Receives everything sent from now on, here or elsewhere.
    pub fn subscribe(&self) -> broadcast::Receiver<Arc<Signal>> {
        self.local.subscribe()
    }
}
