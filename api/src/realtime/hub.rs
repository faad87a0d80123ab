//! Reads the feed once a process and hands every frame to all connections.

use std::sync::atomic::{AtomicI64, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::{DateTime, Utc};
use shared::clock::Clock;
use shared::events::{Bus, Feed, Frame};
use shared::meter;
use shared::store::tickets::Holder;
use shared::store::{self, Db, Session, StoreError};
use tokio::sync::{broadcast, watch};
use tokio::time::Instant;

use super::desk::Desk;
use super::ending::Ending;
use super::figures::{self, Sent};
use super::ticket::Ticket;
use super::vocabulary::{JOB_CHANGED, METRICS_UPDATED};
use crate::auth::Pass;

/// Frames a connection may be behind before it counts as too slow. Kept once for all.
pub(super) const BACKLOG: usize = 8192;

/// How long a new connection waits for the database.
const OPENING: Duration = Duration::from_secs(3);

/// Events read from the table at once: connections that replay hold a page each, or share it.
pub(super) const PAGE: i64 = 200;

/// Events from the table, in order.
pub(super) type Page = Arc<[Arc<Frame>]>;

/// Hands events to connections. Cheap to clone.
#[derive(Clone)]
pub struct Hub(Arc<Shared>);

struct Shared {
    db: Db,
    clock: Clock,
    frames: broadcast::Sender<Arc<Frame>>,
    /// The number of the newest frame sent, or just about to be.
    newest: AtomicI64,
    pages: Arc<Desk<Page>>,
    ranges: Arc<Desk<(i64, i64)>>,
    stage: watch::Sender<Stage>,
    connections: watch::Sender<usize>,
    dropped: AtomicU64,
    /// Connections that asked for the changes of jobs.
    job_watchers: AtomicUsize,
    figures: Mutex<Option<Sent>>,
}

/// How far the hub is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// The feed does not run yet: an event after a cursor read now might never come.
    Starting,
    Running,
    Closing,
}

impl Hub {
    /// Starts following the feed.
    pub fn start(db: Db, bus: Bus, clock: Clock) -> Self {
        let hub = Self(Arc::new(Shared {
            db,
            clock,
            frames: broadcast::Sender::new(BACKLOG),
            newest: AtomicI64::new(0),
            pages: Desk::new(),
            ranges: Desk::new(),
            stage: watch::Sender::new(Stage::Starting),
            connections: watch::Sender::new(0),
            dropped: AtomicU64::new(0),
            job_watchers: AtomicUsize::new(0),
            figures: Mutex::default(),
        }));
        tokio::spawn(hub.clone().distribute(bus));
        hub
    }

    /// Starts telling the figures after changes.
    pub(crate) fn announce_figures(&self) {
        tokio::spawn(figures::announce(self.clone()));
    }

    /// Connections that are open.
    pub fn connections(&self) -> usize {
        *self.0.connections.borrow()
    }

    /// Connections closed because they were too slow, since the start.
    pub fn dropped(&self) -> u64 {
        self.0.dropped.load(Ordering::Relaxed)
    }

    /// Closes all connections with 1012 and takes no new ones.
    pub fn close(&self) {
        self.0.stage.send_replace(Stage::Closing);
    }

    /// Resolves when no connection is left, so that closing frames are out before the process ends.
    pub async fn drained(&self) {
        // The sender lives as long as the hub.
        let _ = self.0.connections.subscribe().wait_for(|count| *count == 0).await;
    }

    async fn distribute(self, bus: Bus) {
        let mut stage = self.0.stage.subscribe();
        tokio::select! {
            () = self.follow(&bus) => tracing::debug!("the event bus has ended"),
            _ = stage.wait_for(|stage| *stage == Stage::Closing) => {}
        }
    }

    async fn follow(&self, bus: &Bus) {
        let mut feed = self.feed(bus).await;
        self.0.newest.store(feed.last(), Ordering::SeqCst);
        self.0.stage.send_if_modified(|stage| {
            let starting = *stage == Stage::Starting;
            if starting {
                *stage = Stage::Running;
            }
            starting
        });
        while let Some(frame) = feed.next().await {
            // Before it is sent: whoever subscribes too late to receive it must find its number here.
            if let Some(id) = frame.id {
                self.0.newest.store(id, Ordering::SeqCst);
            }
            // They are as many as jobs: whoever did not ask for them must not fall behind because of them.
            if frame.event == JOB_CHANGED && self.0.job_watchers.load(Ordering::SeqCst) == 0 {
                continue;
            }
            if frame.event == METRICS_UPDATED && !self.take_refresh() {
                continue;
            }
            // An error only says that nobody is connected.
            let _ = self.0.frames.send(Arc::new(frame));
        }
    }

    /// Whether figures that came over the bus are to be sent on.
    fn take_refresh(&self) -> bool {
        let mut sent = self.0.figures.lock().expect("no panic while held");
        if sent.is_some_and(Sent::covers_refresh) {
            return false;
        }
        *sent = Some(Sent { at: Instant::now(), here: false });
        true
    }

    /// When figures were last sent.
    pub(super) fn figures_sent(&self) -> Option<Instant> {
        self.0.figures.lock().expect("no panic while held").map(|sent| sent.at)
    }

    /// Sends figures to the connections of this process.
    pub(super) fn send_figures(&self, frame: Frame) {
        *self.0.figures.lock().expect("no panic while held") = Some(Sent { at: Instant::now(), here: true });
        let _ = self.0.frames.send(Arc::new(frame));
    }

    /// A snapshot of the database.
    pub(super) async fn snapshot(&self) -> Result<Session, StoreError> {
        self.0.db.snapshot().await
    }

    /// The feed, as soon as the database answers.
    async fn feed(&self, bus: &Bus) -> Feed {
        loop {
            match Feed::from_now(self.0.db.clone(), bus).await {
                Ok(feed) => return feed,
                Err(error) => tracing::warn!(%error, "the event feed could not be opened; trying again"),
            }
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    }

    pub(super) fn now(&self) -> DateTime<Utc> {
        self.0.clock.now()
    }

    /// Everything distributed from now on.
    pub(super) fn subscribe(&self) -> broadcast::Receiver<Arc<Frame>> {
        self.0.frames.subscribe()
    }

    /// The newest event distributed. Read after [`Self::subscribe`], all later ones are received.
    pub(super) fn newest(&self) -> i64 {
        self.0.newest.load(Ordering::SeqCst)
    }

    /// The oldest event kept and the newest there is, from the table; `None` if it does not answer.
    pub(super) async fn range(&self) -> Option<(i64, i64)> {
        let db = self.0.db.clone();
        let read = async move { store::events::range(&mut db.read().await?).await };
        self.0.ranges.ask(0, read).await
    }

    /// The next events after a cursor from the table, [`PAGE`] at most; `None` if it does not answer.
    pub(super) async fn after(&self, cursor: i64) -> Option<Page> {
        let db = self.0.db.clone();
        let read = async move {
            let events = store::events::after(&mut db.read().await?, cursor, PAGE).await?;
            Ok(events.into_iter().map(|event| Arc::new(Frame::from(event))).collect())
        };
        self.0.pages.ask(cursor, read).await
    }

    /// Whom a ticket was made for; it is used up. `None` if it is none, was used before, or has expired.
    pub(super) async fn redeem(&self, ticket: &Ticket) -> Result<Option<Holder>, StoreError> {
        // Strangers may ask: what is no ticket does not take a turn of those who write.
        let hash = ticket.hash();
        if !store::tickets::exists(&mut self.0.db.read().await?, &hash).await? {
            return Ok(None);
        }
        let mut tx = self.0.db.begin().await?;
        let holder = store::tickets::redeem(&mut tx, &hash, self.now()).await?;
        tx.commit().await?;
        Ok(holder)
    }

    /// A place for one more connection, once the hub runs; `None` if it does not in time, or no more.
    pub(super) async fn admit(&self, principal: String, pass: Option<Pass>) -> Option<Seat> {
        let mut stage = self.0.stage.subscribe();
        let _ = tokio::time::timeout(OPENING, stage.wait_for(|stage| *stage != Stage::Starting)).await;
        if *stage.borrow() != Stage::Running {
            return None;
        }
        self.0.connections.send_modify(|count| {
            *count += 1;
            meter::sockets(*count);
        });
        Some(Seat { hub: self.clone(), stage, principal, pass, watches_jobs: false })
    }
}

/// A connection's place: counted until it is dropped.
pub(super) struct Seat {
    hub: Hub,
    stage: watch::Receiver<Stage>,
    principal: String,
    /// What keeps it open, where authentication is required.
    pass: Option<Pass>,
    watches_jobs: bool,
}

impl Seat {
    pub(super) fn hub(&self) -> &Hub {
        &self.hub
    }

    /// Who is connected.
    pub(super) fn principal(&self) -> &str {
        &self.principal
    }

    /// Says whether this connection wants the changes of jobs.
    pub(super) fn watch_jobs(&mut self, wanted: bool) {
        let watchers = &self.hub.0.job_watchers;
        match (self.watches_jobs, wanted) {
            (false, true) => drop(watchers.fetch_add(1, Ordering::SeqCst)),
            (true, false) => drop(watchers.fetch_sub(1, Ordering::SeqCst)),
            _ => {}
        }
        self.watches_jobs = wanted;
    }

    /// Resolves when the connection is to be closed, and says why: the process is about to stop, or what was shown for it is
    /// worth nothing any more.
    pub(super) async fn closing(&mut self) -> Ending {
        let Self { stage, pass, .. } = self;
        let expelled = async {
            match pass {
                Some(pass) => pass.ended().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            _ = stage.wait_for(|stage| *stage == Stage::Closing) => Ending::Restart,
            () = expelled => Ending::Expelled,
        }
    }

    /// Whether this connection may show an event at all.
    pub(super) fn shows(&self, frame: &Frame) -> bool {
        self.pass.as_ref().is_none_or(|pass| pass.shows(&frame.matches))
    }

    /// Counts this connection as too slow.
    pub(super) fn count_dropped(&self) {
        self.hub.0.dropped.fetch_add(1, Ordering::Relaxed);
        meter::socket_dropped();
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.watch_jobs(false);
        self.hub.0.connections.send_modify(|count| {
            *count -= 1;
            meter::sockets(*count);
        });
    }
}
