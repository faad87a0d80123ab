//! Waiting for a job to end, in whichever process it runs.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::Value;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{Notify, oneshot};

use super::state::JobState;
use crate::events::{Bus, Signal};
use crate::store::{self, Db};

/// Endings remembered for callers who ask a moment later.
const REMEMBERED: usize = 4096;

/// How a job ended.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// A final state.
    pub state: JobState,
    /// The job's result.
    pub result: Option<Value>,
}

/// Tells callers how jobs end. Cheap to clone.
#[derive(Clone)]
pub struct Outcomes {
    db: Db,
    board: Arc<Mutex<Board>>,
    /// Rung when a job that is waited for has ended but its result did not come along.
    look: Arc<Notify>,
}

#[derive(Default)]
struct Board {
    waiting: HashMap<i64, Vec<oneshot::Sender<Outcome>>>,
    recent: HashMap<i64, Outcome>,
    order: VecDeque<i64>,
}

impl Board {
    fn settle(&mut self, seq: i64, outcome: Outcome) {
        for waiter in self.waiting.remove(&seq).into_iter().flatten() {
            let _ = waiter.send(outcome.clone());
        }
        if self.recent.insert(seq, outcome).is_none() {
            self.order.push_back(seq);
        }
        if self.order.len() > REMEMBERED
            && let Some(oldest) = self.order.pop_front()
        {
            self.recent.remove(&oldest);
        }
    }
}

/// A wait that is under way.
pub struct Waiting {
    receiver: oneshot::Receiver<Outcome>,
}

impl Outcomes {
    /// Starts listening.
    pub fn start(db: Db, bus: &Bus) -> Self {
        let board = Arc::new(Mutex::new(Board::default()));
        let outcomes = Self { db, board, look: Arc::default() };
        tokio::spawn(listen(outcomes.clone(), bus.clone()));
        tokio::spawn(poll(outcomes.clone()));
        outcomes
    }

    /// The outcome of a job, if it ends within the time.
    pub async fn wait(&self, seq: i64, limit: Duration) -> Option<Outcome> {
        let waiting = self.watch(seq);
        tokio::time::timeout(limit, waiting.receiver).await.ok()?.ok()
    }

    fn watch(&self, seq: i64) -> Waiting {
        let (sender, receiver) = oneshot::channel();
        let mut board = self.board();
        match board.recent.get(&seq) {
            Some(outcome) => drop(sender.send(outcome.clone())),
            None => board.waiting.entry(seq).or_default().push(sender),
        }
        Waiting { receiver }
    }

    fn board(&self) -> std::sync::MutexGuard<'_, Board> {
        self.board.lock().expect("no panic while held")
    }
}

async fn listen(outcomes: Outcomes, bus: Bus) {
    let mut signals = bus.subscribe();
    loop {
        match signals.recv().await {
            Ok(signal) => {
                if let Signal::Done { job, result } = &*signal {
                    if result.is_some() || job.state != JobState::Completed {
                        outcomes.board().settle(job.seq, Outcome { state: job.state, result: result.clone() });
                    } else if outcomes.board().waiting.contains_key(&job.seq) {
                        // It may have been too large for the way it came: the table has it.
                        outcomes.look.notify_one();
                    }
                }
            }
            Err(RecvError::Lagged(_)) => {}
            Err(RecvError::Closed) => return,
        }
    }
}

/// Signals may be lost with Redis or a connection; the table is not.
async fn poll(outcomes: Outcomes) {
    loop {
        let _ = tokio::time::timeout(Duration::from_millis(200), outcomes.look.notified()).await;
        let seqs: Vec<i64> = {
            let mut board = outcomes.board();
            board.waiting.retain(|_, waiters| waiters.iter().any(|waiter| !waiter.is_closed()));
            board.waiting.keys().copied().collect()
        };
        if seqs.is_empty() {
            continue;
        }
        let found = async {
            let mut session = outcomes.db.read().await?;
            store::jobs::outcomes(&mut session, &seqs).await
        };
        match found.await {
            Ok(found) => {
                for (seq, state, result) in found {
                    let result = result.and_then(|text| serde_json::from_str(&text).ok());
                    outcomes.board().settle(seq, Outcome { state, result });
                }
            }
            Err(error) => tracing::debug!(%error, "outcomes could not be read"),
        }
    }
}
