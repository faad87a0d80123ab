//! The events of one connection: what it has missed from the table, then what happens from the hub.

use std::sync::Arc;
use std::time::Duration;

use shared::events::Frame;
use shared::faults::{self, Guard};
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::{RecvError, TryRecvError};

use super::hub::{Hub, PAGE};
use super::notice::Lost;

/// How long a replay waits for a database that did not answer.
const RETRY: Duration = Duration::from_millis(500);

/// Live events taken at once.
const BURST: usize = 256;

/// What a source gives.
pub(super) enum Arrival {
    /// Events, in order.
    Frames(Vec<Arc<Frame>>),
    /// Events that should follow the cursor are gone; live ones follow the newest.
    Lost {
        /// Why.
        reason: Lost,
        /// The newest event there is.
        newest: i64,
    },
    /// The connection is too far behind.
    Overrun,
}

/// The events of one connection, each once and in order.
pub(super) struct Source {
    hub: Hub,
    live: Receiver<Arc<Frame>>,
    /// The number of the newest event given or passed over.
    cursor: i64,
    /// The newest event when the source was opened.
    newest: i64,
    phase: Phase,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    Lost(Lost),
    Replay,
    Live,
    /// The hub has gone on without this connection.
    Overrun,
}

impl Source {
    /// Events after `since`, or from now on; `None` if the database does not answer.
    pub(super) async fn open(hub: &Hub, since: Option<i64>) -> Option<Self> {
        // Subscribed before the newest number is read: nothing falls in between.
        let live = hub.subscribe();
        let distributed = hub.newest();
        // Only who has missed something costs a look into the table.
        let Some(since) = since.filter(|since| *since != distributed && !faults::is_off(Guard::Resume)) else {
            return Some(Self { hub: hub.clone(), live, cursor: distributed, newest: distributed, phase: Phase::Live });
        };
        let (oldest, newest) = Box::pin(hub.range()).await?;
        let (cursor, phase) = if since > newest {
            (newest, Phase::Lost(Lost::CursorUnknown))
        } else if since + 1 < oldest {
            (newest, Phase::Lost(Lost::CursorExpired))
        } else {
            (since, Phase::Replay)
        };
        Some(Self { hub: hub.clone(), live, cursor, newest, phase })
    }

    /// The newest event when the source was opened.
    pub(super) fn newest(&self) -> i64 {
        self.newest
    }

    /// What comes next. May be dropped while it waits; nothing is lost by that.
    pub(super) async fn next(&mut self) -> Arrival {
        match self.phase {
            Phase::Lost(reason) => {
                self.phase = Phase::Live;
                Arrival::Lost { reason, newest: self.cursor }
            }
            // In a box, so that a connection that has long gone live does not carry the room a database read takes.
            Phase::Replay => {
                if let Some(arrival) = Box::pin(self.replay()).await {
                    return arrival;
                }
                tokio::time::sleep(RETRY).await;
                Arrival::Frames(Vec::new())
            }
            Phase::Live => self.follow().await,
            Phase::Overrun => Arrival::Overrun,
        }
    }

    /// The next page of the table.
    async fn replay(&mut self) -> Option<Arrival> {
        // Subscribed anew before each page, so that a long replay is not overrun by what its later pages have anyway.
        let live = self.hub.subscribe();
        let page = self.hub.after(self.cursor).await?;
        if !follows(&page, self.cursor) {
            // Removed while it was being read.
            let (_, newest) = self.hub.range().await?;
            (self.live, self.cursor, self.phase) = (live, newest, Phase::Live);
            return Some(Arrival::Lost { reason: Lost::CursorExpired, newest });
        }
        self.live = live;
        self.cursor += page.len() as i64;
        if (page.len() as i64) < PAGE {
            self.phase = Phase::Live;
        }
        Some(Arrival::Frames(page.to_vec()))
    }

    /// The next live events: after the first, whatever else is there already.
    async fn follow(&mut self) -> Arrival {
        let mut frames = Vec::new();
        match self.live.recv().await {
            Ok(frame) => self.take(frame, &mut frames),
            Err(RecvError::Lagged(_)) => return self.overrun(),
            // The hub ends with the process, and that is told by other means.
            Err(RecvError::Closed) => return std::future::pending().await,
        }
        while frames.len() < BURST {
            match self.live.try_recv() {
                Ok(frame) => self.take(frame, &mut frames),
                Err(TryRecvError::Lagged(_)) => {
                    // What was taken before is in order. The receiver itself would go on behind the hole.
                    self.overrun();
                    break;
                }
                Err(TryRecvError::Empty | TryRecvError::Closed) => break,
            }
        }
        Arrival::Frames(frames)
    }

    fn overrun(&mut self) -> Arrival {
        self.phase = Phase::Overrun;
        Arrival::Overrun
    }

    fn take(&mut self, frame: Arc<Frame>, frames: &mut Vec<Arc<Frame>>) {
        match frame.id {
            // The table had it already.
            Some(id) if id <= self.cursor => return,
            Some(id) => self.cursor = id,
            None => {}
        }
        frames.push(frame);
    }
}

/// Numbers have no holes, so one in the table means that events were removed.
fn follows(page: &[Arc<Frame>], cursor: i64) -> bool {
    page.iter().zip(cursor + 1..).all(|(frame, expected)| frame.id == Some(expected))
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use shared::clock::Clock;
    use shared::events::{Bus, JobChange, Signal, ephemeral};
    use shared::jobs::JobState;
    use shared::store::Db;

    use super::super::hub::BACKLOG;
    use super::*;

    #[tokio::test]
    async fn a_connection_that_was_left_behind_does_not_go_on_after_the_hole() {
        let folder = tempfile::tempdir().unwrap();
        let db = Db::open(&format!("sqlite://{}/test.db", folder.path().display()), 1).await.unwrap();
        let (bus, clock) = (Bus::in_process(), Clock::system());
        let hub = Hub::start(db, bus.clone(), clock.clone());
        let _seat = hub.admit("local".to_owned(), None).await.unwrap();
        let mut behind = Source::open(&hub, None).await.unwrap();
        let mut witness = hub.subscribe();
        for number in 0..=BACKLOG {
            bus.publish(Signal::Ephemeral(ephemeral(
                "workflow:metrics:updated",
                &json!({"number": number}),
                clock.now(),
            )));
            witness.recv().await.unwrap();
        }
        assert!(matches!(behind.next().await, Arrival::Overrun));
        assert!(matches!(behind.next().await, Arrival::Overrun));
    }

    #[tokio::test]
    async fn changes_of_jobs_reach_nobody_unless_somebody_asks_for_them() {
        let folder = tempfile::tempdir().unwrap();
        let db = Db::open(&format!("sqlite://{}/test.db", folder.path().display()), 1).await.unwrap();
        let (bus, clock) = (Bus::in_process(), Clock::system());
        let hub = Hub::start(db, bus.clone(), clock.clone());
        let mut seat = hub.admit("local".to_owned(), None).await.unwrap();
        let mut witness = hub.subscribe();
        let job = |seq| {
            let (queue, kind) = ("sla".to_owned(), "sweep-sla".to_owned());
            Signal::Job(JobChange { seq, queue, kind, state: JobState::Running, progress: None, at: clock.now() })
        };
        let mark = || Signal::Ephemeral(ephemeral("workflow:metrics:updated", &json!({}), clock.now()));
        bus.publish(job(1));
        bus.publish(mark());
        assert_eq!(witness.recv().await.unwrap().event, "workflow:metrics:updated");
        seat.watch_jobs(true);
        bus.publish(job(2));
        assert_eq!(witness.recv().await.unwrap().event, "workflow:job:changed");
        drop(seat);
        bus.publish(job(3));
        bus.publish(mark());
        assert_eq!(witness.recv().await.unwrap().event, "workflow:metrics:updated");
    }
}
