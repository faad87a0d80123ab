//! Turns at a receiver, so that one that is slow does not hold every slot of the queue.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Calls of one receiver at once, in one process.
const AT_ONCE: usize = 8;
/// How long a message waits for its turn before it makes room for those to other receivers.
const WAIT: Duration = Duration::from_secs(1);

/// Turns at each receiver.
#[derive(Default)]
pub(crate) struct Turns(Mutex<HashMap<String, Arc<Semaphore>>>);

impl Turns {
    /// A turn; none if none is free soon.
    pub(crate) async fn take(&self, webhook_id: &str) -> Option<OwnedSemaphorePermit> {
        let slots = {
            let mut turns = self.0.lock().expect("no panic while held");
            // Those of receivers that nobody calls, or that are gone by now, are not kept.
            turns.retain(|id, slots| id == webhook_id || slots.available_permits() < AT_ONCE);
            turns.entry(webhook_id.to_owned()).or_insert_with(|| Arc::new(Semaphore::new(AT_ONCE))).clone()
        };
        tokio::time::timeout(WAIT, slots.acquire_owned()).await.ok()?.ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_receiver_that_is_busy_does_not_hold_up_another() {
        let turns = Turns::default();
        let mut held = Vec::new();
        for _ in 0..AT_ONCE {
            held.push(turns.take("slow").await.unwrap());
        }
        assert!(turns.take("slow").await.is_none());
        assert!(turns.take("quick").await.is_some());
        held.pop();
        assert!(turns.take("slow").await.is_some());
    }
}
