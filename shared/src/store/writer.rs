//! SQLite's one writer, with group commit.
//!
//! Every transaction is a savepoint inside a shared one. Whoever finishes while others wait hands the connection on
//! without committing; the last of the group commits for all, and nobody is told "done" before that commit is on disk.
//! With synchronous=FULL a commit is an fsync, so a group of n costs one instead of n.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use sqlx::sqlite::SqliteConnection;
use tokio::sync::{Mutex, OwnedMutexGuard, oneshot};

use super::{Result, StoreError};

/// Transactions of one group at most: bounds how long the first waits for the last.
const GROUP: usize = 64;

/// Whether a group's commit is on disk.
type Outcome = std::result::Result<(), Arc<sqlx::Error>>;

/// The writer connection and the queue in front of it.
#[derive(Clone)]
pub(super) struct Writer {
    lane: Arc<Mutex<Lane>>,
    waiting: Arc<AtomicUsize>,
}

struct Lane {
    connection: SqliteConnection,
    /// Whether the shared transaction has begun.
    open: bool,
    /// Whether someone asked to begin it and left before the answer: SQLite goes on waiting for its lock all the same.
    beginning: bool,
    /// Whether a turn ended without saying how, so that its savepoint may still be there.
    abandoned: bool,
    /// Finished turns whose commit is not on disk yet.
    finished: Vec<oneshot::Sender<Outcome>>,
}

impl Lane {
    async fn run(&mut self, sql: &'static str) -> std::result::Result<(), sqlx::Error> {
        sqlx::raw_sql(sql).execute(&mut self.connection).await.map(drop)
    }

    async fn open(&mut self) -> std::result::Result<(), sqlx::Error> {
        self.beginning = true;
        self.run("BEGIN IMMEDIATE").await?;
        self.beginning = false;
        self.open = true;
        Ok(())
    }

    /// Undoes what an abandoned turn began or wrote. If its savepoint is gone, SQLite may have rolled back the whole group
    /// (a full disk does that), so the group fails as one rather than report a commit that did not happen.
    async fn sweep(&mut self) {
        if std::mem::take(&mut self.beginning) {
            // Nothing was written yet. If it did not begin after all, there is nothing to roll back either.
            let _ = self.run("ROLLBACK").await;
        }
        if std::mem::take(&mut self.abandoned) && self.open {
            let undone = async {
                self.run("ROLLBACK TO turn").await?;
                self.run("RELEASE turn").await
            }
            .await;
            if let Err(error) = undone {
                let _ = self.run("ROLLBACK").await;
                self.open = false;
                self.tell(&Err(Arc::new(error)));
            }
        }
    }

    /// Commits the group and tells its members.
    async fn flush(&mut self) {
        if !std::mem::take(&mut self.open) {
            return;
        }
        let outcome = self.run("COMMIT").await.map_err(Arc::new);
        if outcome.is_err() {
            let _ = self.run("ROLLBACK").await;
        }
        self.tell(&outcome);
    }

    fn tell(&mut self, outcome: &Outcome) {
        for member in self.finished.drain(..) {
            let _ = member.send(outcome.clone());
        }
    }
}

/// One place in the queue; leaving it early must not strand a group that counted on it.
struct Ticket<'a>(&'a Writer);

impl Drop for Ticket<'_> {
    fn drop(&mut self) {
        self.0.waiting.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Writer {
    pub(super) fn new(connection: SqliteConnection) -> Self {
        let lane = Lane { connection, open: false, beginning: false, abandoned: false, finished: Vec::new() };
        Self { lane: Arc::new(Mutex::new(lane)), waiting: Arc::new(AtomicUsize::new(0)) }
    }

    /// Begins a transaction as soon as the one before has ended.
    pub(super) async fn begin(&self) -> Result<Turn> {
        self.waiting.fetch_add(1, Ordering::SeqCst);
        let ticket = Ticket(self);
        // Dropped while it waits, it may be the one a group relies on.
        let mut guard = Finisher(Some(self.clone()));
        let lane = self.lane.clone().lock_owned().await;
        guard.0 = None;
        drop(ticket);
        let mut turn = Turn { lane: Some(lane), writer: self.clone() };
        let lane = turn.lane();
        lane.sweep().await;
        if !lane.open {
            lane.open().await?;
        }
        lane.run("SAVEPOINT turn").await?;
        Ok(turn)
    }

    /// Ends whatever group is open once the queue is empty.
    async fn finish(self) {
        let mut lane = self.lane.lock().await;
        lane.sweep().await;
        if self.waiting.load(Ordering::SeqCst) == 0 || lane.finished.len() >= GROUP {
            lane.flush().await;
        }
    }
}

/// Finishes the open group when dropped armed.
struct Finisher(Option<Writer>);

impl Drop for Finisher {
    fn drop(&mut self) {
        if let (Some(writer), Ok(runtime)) = (self.0.take(), tokio::runtime::Handle::try_current()) {
            runtime.spawn(writer.finish());
        }
    }
}

/// A transaction in progress. Dropped without [`Turn::commit`] it is rolled back.
pub struct Turn {
    lane: Option<OwnedMutexGuard<Lane>>,
    writer: Writer,
}

impl Turn {
    fn lane(&mut self) -> &mut Lane {
        self.lane.as_mut().expect("held until the turn ends")
    }

    pub(super) fn connection(&mut self) -> &mut SqliteConnection {
        &mut self.lane().connection
    }

    /// Returns when the transaction is on disk.
    pub(super) async fn commit(mut self) -> Result<()> {
        self.lane().run("RELEASE turn").await?;
        let mut lane = self.lane.take().expect("held until the turn ends");
        let (done, committed) = oneshot::channel();
        lane.finished.push(done);
        // From here the group may be left to whoever waits, or to a finisher if this future is dropped.
        let finisher = Finisher(Some(self.writer.clone()));
        if self.writer.waiting.load(Ordering::SeqCst) == 0 || lane.finished.len() >= GROUP {
            // Not here, where it could be dropped half-way with nobody left to tell the group how it ended.
            tokio::spawn(async move { lane.flush().await });
        } else {
            drop(lane);
        }
        let outcome = committed.await;
        disarm(finisher);
        match outcome {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(StoreError::Unavailable(error.to_string())),
            Err(_) => Err(StoreError::Unavailable("the database was closed".to_owned())),
        }
    }
}

fn disarm(mut finisher: Finisher) {
    finisher.0 = None;
}

impl Drop for Turn {
    fn drop(&mut self) {
        if let Some(mut lane) = self.lane.take() {
            lane.abandoned = true;
            drop(lane);
            drop(Finisher(Some(self.writer.clone())));
        }
    }
}
