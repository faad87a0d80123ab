//! All numbered events, each once and in order, whatever the bus lost or doubled.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;

use super::bus::{Bus, Signal};
use super::frame::{Frame, job_changed};
use crate::faults::{self, Guard};
use crate::store::{self, Db, StoreError};

/// Events read from the table at once.
const BATCH: i64 = 500;

/// All numbered events after a point, and ephemeral ones as they come.
pub struct Feed {
    db: Db,
    signals: broadcast::Receiver<Arc<Signal>>,
    last: i64,
    ready: VecDeque<Frame>,
    next_look: tokio::time::Instant,
}

impl Feed {
    /// Everything after the newest event there is.
    pub async fn from_now(db: Db, bus: &Bus) -> Result<Self, StoreError> {
        // Subscribed before the newest number is read: nothing falls in between.
        let signals = bus.subscribe();
        let (_, last) = store::events::range(&mut db.read().await?).await?;
        Ok(Self { db, signals, last, ready: VecDeque::new(), next_look: look_again() })
    }

    /// The number of the newest event given.
    pub fn last(&self) -> i64 {
        self.last
    }

    /// The next event. Waits out database errors; ends only with the bus.
    pub async fn next(&mut self) -> Option<Frame> {
        loop {
            if let Some(frame) = self.ready.pop_front() {
                self.last = frame.id.unwrap_or(self.last);
                return Some(frame);
            }
            let signal = tokio::select! {
                signal = self.signals.recv() => signal,
                () = tokio::time::sleep_until(self.next_look) => {
                    self.read_table().await;
                    continue;
                }
            };
            match signal {
                Ok(signal) => self.take(&signal).await,
                Err(RecvError::Lagged(_)) => self.read_table().await,
                Err(RecvError::Closed) => return None,
            }
        }
    }

    async fn take(&mut self, signal: &Signal) {
        match signal {
            Signal::Ephemeral(frame) => self.ready.push_back(frame.clone()),
            Signal::Job(job) | Signal::Done { job, .. } => self.ready.push_back(job_changed(job)),
            Signal::Doorbell { last } if *last > self.last => self.read_table().await,
            Signal::Frames(frames) => {
                let mut expected = self.last + 1;
                for frame in frames {
                    match frame.id {
                        Some(id) if id == expected => {
                            self.ready.push_back(frame.clone());
                            expected += 1;
                        }
                        Some(id) if id > expected => {
                            // Others are still on their way, or lost. The table has them all.
                            self.ready.clear();
                            self.read_table().await;
                            return;
                        }
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }

    async fn read_table(&mut self) {
        self.next_look = look_again();
        if faults::is_off(Guard::Outbox) {
            return;
        }
        let read = async { store::events::after(&mut self.db.read().await?, self.last, BATCH).await };
        match read.await {
            Ok(events) => {
                if events.len() as i64 == BATCH {
                    self.next_look = tokio::time::Instant::now();
                }
                self.ready.extend(events.into_iter().map(Frame::from));
            }
            Err(error) => tracing::debug!(%error, "events could not be read; trying again"),
        }
    }
}

fn look_again() -> tokio::time::Instant {
    tokio::time::Instant::now() + Duration::from_secs(1)
}
