//! Remove what is past its retention, in small chunks. A second run finds nothing left.

use chrono::TimeDelta;
use serde_json::json;
use shared::jobs::{Done, Handler, JobContext, JobError, Maintain};
use shared::store::{events, jobs};

/// Rows of one transaction.
const CHUNK: i64 = 1_000;
/// How long an event can be replayed.
const EVENTS: TimeDelta = TimeDelta::hours(24);
/// How long a finished job is kept.
const JOBS: TimeDelta = TimeDelta::days(7);
/// How long an idempotency key is kept.
const IDEMPOTENCY: TimeDelta = TimeDelta::hours(24);

/// Prunes.
pub struct Prune;

impl Handler<Maintain> for Prune {
    async fn run(&self, context: JobContext, _: Maintain) -> Result<Done, JobError> {
        let mut removed = [0; 3];
        loop {
            let now = context.now();
            let mut tx = context.db().begin().await?;
            let chunk = [
                events::prune(&mut tx, now - EVENTS, CHUNK).await?,
                jobs::prune(&mut tx, now - JOBS, CHUNK).await?,
                jobs::prune_idempotency(&mut tx, now - IDEMPOTENCY, CHUNK).await?,
            ];
            for (sum, count) in removed.iter_mut().zip(chunk) {
                *sum += count;
            }
            let progress = json!({"events": removed[0], "jobs": removed[1], "idempotency_keys": removed[2]});
            if chunk.iter().all(|count| *count < CHUNK as u64) {
                return Ok(Done::with(tx, progress));
            }
            context.checkpoint(tx, &progress).await?;
        }
    }
}
