//! Add up the changes of the sums that the figures are read from, chunk by chunk. A second run finds nothing left.

use std::time::Duration;

use shared::clock::Clock;
use shared::events::Bus;
use shared::jobs::{Done, FoldMetrics, Handler, Job, JobContext, JobError, NewJob};
use shared::store::{Db, StoreError, jobs, rollups};

/// Changes of one transaction.
const CHUNK: i64 = 2_000;
/// So many are worth a job at once; fewer wait for some seconds.
const MANY: i64 = 500;
/// Rounds of a second that few changes wait.
const PATIENCE: u32 = 10;

/// Folds.
pub struct Fold;

impl Handler<FoldMetrics> for Fold {
    async fn run(&self, context: JobContext, _: FoldMetrics) -> Result<Done, JobError> {
        loop {
            let mut tx = context.db().begin().await?;
            let folded = rollups::fold(&mut tx, CHUNK).await?;
            tx.commit().await?;
            if folded < CHUNK as u64 {
                return Ok(Done::Nothing);
            }
        }
    }
}

/// Looks every second whether there is something to fold, and asks for it: whatever the number of processes that look, one
/// job waits. A schedule would make one a second whether or not anything happens; a change must not write one, because
/// all changes would meet at its key.
pub async fn watch(db: Db, clock: Clock, bus: Bus) {
    let mut round = 0;
    loop {
        tokio::time::sleep(Duration::from_secs(1)).await;
        round += 1;
        let least = if round % PATIENCE == 0 { 1 } else { MANY };
        if let Err(error) = ask(&db, &clock, &bus, least).await {
            tracing::debug!(%error, "could not look for changes of sums; trying again");
        }
    }
}

async fn ask(db: &Db, clock: &Clock, bus: &Bus, least: i64) -> Result<(), StoreError> {
    if rollups::unfolded(&mut db.read().await?, least).await? < least {
        return Ok(());
    }
    let mut tx = db.begin().await?;
    jobs::enqueue(&mut tx, &[NewJob::of(&FoldMetrics {}, "scheduler")], clock.now()).await?;
    tx.commit().await?;
    bus.wake(FoldMetrics::QUEUE);
    Ok(())
}
