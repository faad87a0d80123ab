//! Decides which events somebody outside is told of: follows the numbered events, each webhook and the mail by a cursor
//! of its own, and writes what is to be told together with the job that tells it and the cursor's new place.
//!
//! Any number of processes may do so at once, and be killed: what is not committed is decided again, by whoever comes
//! next, and the locks of the cursors put them one behind the other. Nothing is sent from here.

mod mails;
mod messages;

use std::time::Duration;

use shared::clock::Clock;
use shared::events::{Bus, Signal};
use shared::jobs::queue;
use shared::store::{Db, StoreError, webhooks};
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::Instant;

/// Who asks for the jobs.
const PRINCIPAL: &str = "outbox";
/// How long events gather before it is decided about them: a burst costs some transactions, not one an event.
const GATHER: Duration = Duration::from_millis(50);
/// How often it is looked for messages that lost their job.
const REPAIR: Duration = Duration::from_mins(1);

/// Follows the events until `stop` resolves. Signals say when there are some; without one the table is looked at every
/// second.
pub async fn follow(db: Db, clock: Clock, bus: Bus, stop: impl Future<Output = ()>) {
    tokio::pin!(stop);
    let mut signals = bus.subscribe();
    let mut repair_at = Instant::now() + REPAIR;
    loop {
        tokio::select! {
            () = &mut stop => return,
            going = next_events(&mut signals) => if !going { return },
            () = tokio::time::sleep(Duration::from_secs(1)) => {}
        }
        tokio::time::sleep(GATHER).await;
        let looked = async {
            while decide(&db, &clock, &bus).await? {}
            if Instant::now() >= repair_at {
                repair_at = Instant::now() + REPAIR;
                repair(&db, &clock).await?;
            }
            Ok::<_, StoreError>(())
        };
        if let Err(error) = looked.await {
            tracing::warn!(%error, "what is told outside could not be decided; trying again");
        }
    }
}

/// Waits until there may be events; `false` once there will be none any more.
async fn next_events(signals: &mut Receiver<std::sync::Arc<Signal>>) -> bool {
    loop {
        match signals.recv().await {
            Ok(signal) if matches!(*signal, Signal::Frames(_) | Signal::Doorbell { .. }) => return true,
            Ok(_) => {}
            Err(RecvError::Lagged(_)) => return true,
            Err(RecvError::Closed) => return false,
        }
    }
}

/// Decides about some events that nobody has decided about yet; gives whether there may be more.
pub async fn decide(db: &Db, clock: &Clock, bus: &Bus) -> Result<bool, StoreError> {
    let messages = messages::plan(db, clock.now()).await?;
    let mails = mails::plan(db, clock.now()).await?;
    if messages.is_some() || mails.is_some() {
        bus.wake(queue::OUTBOX);
    }
    Ok(messages == Some(More::Maybe) || mails == Some(More::Maybe))
}

/// Whether events are left of which it has not been decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum More {
    Maybe,
    No,
}

impl More {
    fn of(full: bool) -> Self {
        if full { Self::Maybe } else { Self::No }
    }
}

/// Gives up what lost its job.
async fn repair(db: &Db, clock: &Clock) -> Result<(), StoreError> {
    let mut tx = db.begin().await?;
    webhooks::bury_orphans(&mut tx, clock.now()).await?;
    webhooks::forget_secrets(&mut tx, clock.now()).await?;
    tx.commit().await
}
