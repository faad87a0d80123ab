//! Reads of the table for connections that have missed something. After a restart thousands come back at once, most of
//! them with the same cursor: those who ask for the same are answered by one read.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use shared::store::StoreError;
use tokio::sync::{Semaphore, oneshot};

/// Reads at once. A storm of reconnecting clients must not take every connection to the database.
const READS: usize = 2;

/// Answers questions about the table, each told by its cursor.
pub(super) struct Desk<V> {
    waiting: Mutex<HashMap<i64, Vec<oneshot::Sender<V>>>>,
    reads: Semaphore,
}

impl<V: Clone + Send + 'static> Desk<V> {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self { waiting: Mutex::default(), reads: Semaphore::new(READS) })
    }

    /// What `read` finds, or what the read found for which somebody waits already. It begins after it was asked for, so
    /// that it sees whatever was there by then. `None` if the database does not answer.
    pub(super) async fn ask(
        self: &Arc<Self>,
        cursor: i64,
        read: impl Future<Output = Result<V, StoreError>> + Send + 'static,
    ) -> Option<V> {
        let (answer, mine) = oneshot::channel();
        if self.is_first(cursor, answer) {
            // Apart from whoever asks first, who may be gone before the others are answered.
            tokio::spawn(self.clone().serve(cursor, read));
        }
        mine.await.ok()
    }

    fn is_first(&self, cursor: i64, answer: oneshot::Sender<V>) -> bool {
        let mut waiting = self.waiting.lock().expect("no panic while held");
        let those = waiting.entry(cursor).or_default();
        those.push(answer);
        those.len() == 1
    }

    async fn serve(self: Arc<Self>, cursor: i64, read: impl Future<Output = Result<V, StoreError>>) {
        let _turn = self.reads.acquire().await;
        // Whoever asks from here on may know of more than this read will find, and waits for the next.
        let those = self.waiting.lock().expect("no panic while held").remove(&cursor);
        match read.await {
            Ok(value) => {
                for answer in those.into_iter().flatten() {
                    // An error only says that somebody waits no longer.
                    let _ = answer.send(value.clone());
                }
            }
            Err(error) => tracing::debug!(%error, "events could not be read"),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicI64, Ordering};

    use super::*;

    #[tokio::test]
    async fn those_who_ask_for_the_same_are_answered_by_one_read_that_begins_after_they_asked() {
        let (desk, reads) = (Desk::new(), Arc::new(AtomicI64::new(0)));
        let ask = |cursor| {
            let (desk, reads) = (desk.clone(), reads.clone());
            async move { desk.ask(cursor, async move { Ok(reads.fetch_add(1, Ordering::SeqCst)) }).await }
        };
        // Nothing is read while both turns are taken.
        let turns = desk.reads.acquire_many(READS as u32).await.unwrap();
        let mut all: Vec<_> = (0..100).map(|_| tokio::spawn(ask(7))).collect();
        all.push(tokio::spawn(ask(8)));
        while desk.waiting.lock().unwrap().values().map(Vec::len).sum::<usize>() < all.len() {
            tokio::task::yield_now().await;
        }
        drop(turns);
        for asked in all {
            assert!(asked.await.unwrap().is_some());
        }
        assert_eq!(reads.load(Ordering::SeqCst), 2);
        assert_eq!(ask(7).await, Some(2), "what was read before is not kept");
    }
}
