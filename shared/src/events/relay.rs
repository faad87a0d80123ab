//! Numbers committed events and rings the doorbell.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;

use super::bus::{Bus, Signal};
use super::frame::Frame;
use crate::meter;
use crate::store::{self, Db, StoreError};

/// Events numbered in one transaction at most.
const BATCH: i64 = 500;

/// Woken after each commit with events. Every process has one; the cursor row's lock puts them one behind the other.
/// Cheap to clone.
#[derive(Clone)]
pub struct Relay {
    woken: Arc<Notify>,
}

impl Relay {
    /// Starts relaying. What a crashed process left unnumbered is found within a second.
    pub fn start(db: Db, bus: Bus) -> Self {
        let relay = Self { woken: Arc::new(Notify::new()) };
        tokio::spawn(run(db, bus, relay.woken.clone()));
        relay
    }

    /// Says that events were committed.
    pub fn wake(&self) {
        self.woken.notify_one();
    }
}

async fn run(db: Db, bus: Bus, woken: Arc<Notify>) {
    let mut failures = 0u32;
    loop {
        let told = tokio::time::timeout(Duration::from_secs(1), woken.notified()).await.is_ok();
        loop {
            match relay(&db, &bus, told).await {
                Ok(more) => {
                    failures = 0;
                    if !more {
                        break;
                    }
                }
                Err(error) => {
                    failures += 1;
                    tracing::warn!(%error, "events could not be numbered; trying again");
                    tokio::time::sleep(Duration::from_millis(100 << failures.min(4))).await;
                }
            }
        }
    }
}

/// Whether more may be waiting.
async fn relay(db: &Db, bus: &Bus, told: bool) -> Result<bool, StoreError> {
    if !told && !store::events::any_unnumbered(&mut db.read().await?).await? {
        return Ok(false);
    }
    let mut tx = db.begin().await?;
    let events = store::events::number(&mut tx, BATCH).await?;
    tx.commit().await?;
    let more = events.len() as i64 == BATCH;
    if !events.is_empty() {
        meter::numbered(events.len());
        bus.publish(Signal::Frames(events.into_iter().map(Frame::from).collect()));
    }
    Ok(more)
}
