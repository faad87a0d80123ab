//! Change many tasks: make the jobs that nobody has made yet, wait for them without holding a slot, give the account.
//!
//! A second run goes on where the tables stand: a task that has its job gets no other.

use std::time::Duration;

use serde_json::{Value, json};
use shared::jobs::{BulkUpdate, Done, Handler, JobContext, JobError, queue};
use shared::store::jobs::bulk::{self, Account};

/// How soon it looks again while changes are being made.
const SOON: Duration = Duration::from_millis(500);
/// How soon it looks again when nothing has moved: its queue is paused, or nobody works.
const LATER: Duration = Duration::from_secs(5);

/// Gives the account.
pub struct Update;

impl Handler<BulkUpdate> for Update {
    async fn run(&self, context: JobContext, job: BulkUpdate) -> Result<Done, JobError> {
        let seq = context.job_id();
        loop {
            let mut tx = context.db().begin().await?;
            if bulk::expand(&mut tx, seq, &job, context.now()).await? == 0 {
                break;
            }
            tx.commit().await?;
            context.bus().wake(queue::MUTATIONS);
        }
        let mut tx = context.db().begin().await?;
        bulk::settle_orphans(&mut tx, seq).await?;
        let progress = progress(&job, bulk::account(&mut tx, seq).await?);
        if progress["done"] == job.matched {
            return Ok(Done::with(tx, progress));
        }
        let earlier = context.progress().await?;
        let moves = earlier.is_none_or(|earlier| earlier["done"] != progress["done"]);
        context.checkpoint(tx, &progress).await?;
        Ok(Done::Snooze(if moves { SOON } else { LATER }))
    }
}

fn progress(job: &BulkUpdate, account: Account) -> Value {
    let Account { changed, unchanged, failed } = account;
    json!({
        "matched": job.matched, "done": changed + unchanged + failed, "changed": changed, "unchanged": unchanged,
        "failed": failed, "undoes": job.undoes.map(|seq| seq.to_string()),
    })
}
