//! The bus between processes over LISTEN and NOTIFY, where there is no Redis: doorbells only, a payload is at most 8 kB.

use std::sync::Arc;
use std::time::Duration;

use sqlx::postgres::{PgListener, PgPool};
use tokio::sync::{broadcast, mpsc};

use super::bus::{JobChange, Parcel, Signal};
use crate::store::notify;

/// Signals in one notification at most.
const BATCH: usize = 256;
/// Largest payload sent; PostgreSQL's limit is 8000 bytes.
const LARGEST: usize = 7_500;

/// Starts sending and receiving; both go on by themselves after PostgreSQL was away.
pub(super) fn start(pool: PgPool, local: broadcast::Sender<Arc<Signal>>, outgoing: mpsc::Receiver<Arc<Signal>>) {
    let from = uuid::Uuid::now_v7().simple().to_string();
    tokio::spawn(send(pool.clone(), from.clone(), outgoing));
    tokio::spawn(receive(pool, from, local));
}

async fn send(pool: PgPool, from: String, mut outgoing: mpsc::Receiver<Arc<Signal>>) {
    let mut batch = Vec::with_capacity(BATCH);
    while outgoing.recv_many(&mut batch, BATCH).await > 0 {
        let mut signals = Vec::new();
        for signal in batch.drain(..) {
            let signal = doorbell(&signal);
            if !signals.contains(&signal) {
                signals.push(signal);
            }
        }
        // A commit with a notification takes a database-wide lock: pieces go out one behind the other, and what comes
        // meanwhile goes together.
        for piece in signals.chunks(30) {
            let parcel = Parcel { from: from.clone(), signals: piece.to_vec() };
            let text = serde_json::to_string(&parcel).expect("signals serialise");
            if text.len() <= LARGEST
                && let Err(error) = notify::send(&pool, &text).await
            {
                tracing::debug!(%error, "a notification was not sent; others read the tables");
            }
        }
        tokio::time::sleep(Duration::from_millis(3)).await;
    }
}

/// What fits into a notification.
fn doorbell(signal: &Signal) -> Signal {
    match signal {
        Signal::Frames(frames) => {
            Signal::Doorbell { last: frames.last().and_then(|frame| frame.id).unwrap_or_default() }
        }
        Signal::Job(job) => Signal::Job(JobChange { progress: None, ..job.clone() }),
        Signal::Done { job, .. } => Signal::Done { job: JobChange { progress: None, ..job.clone() }, result: None },
        other => other.clone(),
    }
}

async fn receive(pool: PgPool, from: String, local: broadcast::Sender<Arc<Signal>>) {
    loop {
        let listening = async {
            let mut listener = PgListener::connect_with(&pool).await?;
            listener.listen(notify::CHANNEL).await?;
            loop {
                let notification = listener.recv().await?;
                let Ok(parcel) = serde_json::from_str::<Parcel>(notification.payload()) else { continue };
                if parcel.from != from {
                    for signal in parcel.signals {
                        let _ = local.send(Arc::new(signal));
                    }
                }
            }
        };
        let ended: Result<(), sqlx::Error> = listening.await;
        if let Err(error) = ended {
            tracing::debug!(%error, "listening ended; tables are polled until it is back");
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}
