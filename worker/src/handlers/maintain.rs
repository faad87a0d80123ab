//! Remove what is past its retention, in small chunks. A second run finds nothing left.

use chrono::TimeDelta;
use serde_json::json;
use shared::jobs::{Done, Handler, JobContext, JobError, JobState, Maintain};
use shared::store::jobs::history;
use shared::store::webhooks::{self, Delivery};
use shared::store::{advice, events, health, jobs, notifications, sessions, tasks, tickets};

/// Rows of one transaction.
const CHUNK: i64 = 1_000;
/// How long an event can be replayed.
const EVENTS: TimeDelta = TimeDelta::hours(24);
/// How long an idempotency key is kept.
const IDEMPOTENCY: TimeDelta = TimeDelta::hours(24);
/// How long an unused token bucket is kept.
const BUCKETS: TimeDelta = TimeDelta::hours(24);

/// How long messages that webhooks have are kept, and mails that ended.
const DELIVERED: TimeDelta = TimeDelta::days(7);
/// How long messages are kept that were given up: until somebody has looked at them.
const DEAD: TimeDelta = TimeDelta::days(30);

/// How long answers of an adviser are kept.
const ANSWERS: TimeDelta = TimeDelta::days(90);

/// How long what is past is kept.
#[derive(Clone, Copy, Debug)]
pub struct Retention {
    /// Completed ones: at least as long as idempotency keys, whose answers they hold.
    pub completed: TimeDelta,
    /// Cancelled ones.
    pub cancelled: TimeDelta,
    /// Discarded ones: until somebody has looked at them.
    pub discarded: TimeDelta,
    /// Versions of tasks that no longer hold: as far back goes what can be read as of an instant.
    pub versions: TimeDelta,
}

impl Default for Retention {
    fn default() -> Self {
        Self {
            completed: TimeDelta::days(2),
            cancelled: TimeDelta::days(7),
            discarded: TimeDelta::days(30),
            versions: TimeDelta::days(90),
        }
    }
}

/// Prunes.
pub struct Prune(pub Retention);

impl Handler<Maintain> for Prune {
    async fn run(&self, context: JobContext, _: Maintain) -> Result<Done, JobError> {
        let Self(keep) = self;
        let mut removed = [0; 13];
        loop {
            let now = context.now();
            let mut tx = context.db().begin().await?;
            let chunk = [
                events::prune(&mut tx, now - EVENTS, CHUNK).await?,
                jobs::prune_idempotency(&mut tx, now - IDEMPOTENCY, CHUNK).await?,
                jobs::prune(&mut tx, JobState::Completed, now - keep.completed, CHUNK).await?,
                jobs::prune(&mut tx, JobState::Cancelled, now - keep.cancelled, CHUNK).await?,
                jobs::prune(&mut tx, JobState::Discarded, now - keep.discarded, CHUNK).await?,
                tickets::prune(&mut tx, now, CHUNK).await?,
                webhooks::prune(&mut tx, Delivery::Delivered, now - DELIVERED, CHUNK).await?,
                webhooks::prune(&mut tx, Delivery::Dead, now - DEAD, CHUNK).await?,
                notifications::prune(&mut tx, now - DELIVERED, CHUNK).await?,
                tasks::prune_versions(&mut tx, now - keep.versions, CHUNK).await?,
                advice::prune(&mut tx, now - ANSWERS, CHUNK).await?,
                history::prune(&mut tx, history::minute_of(now - history::KEPT), CHUNK).await?,
                sessions::prune(&mut tx, now, CHUNK).await?,
            ];
            for (sum, count) in removed.iter_mut().zip(chunk) {
                *sum += count;
            }
            let [
                events,
                keys,
                completed,
                cancelled,
                discarded,
                tickets,
                delivered,
                dead,
                mails,
                versions,
                answers,
                minutes,
                sessions,
            ] = removed;
            let progress = json!({
                "events": events, "idempotency_keys": keys, "completed_jobs": completed, "cancelled_jobs": cancelled,
                "discarded_jobs": discarded, "socket_tickets": tickets, "delivered_messages": delivered, "dead_messages": dead,
                "mails": mails, "task_versions": versions,
                "adviser_answers": answers, "queue_minutes": minutes, "sessions": sessions,
            });
            if chunk.iter().all(|count| *count < CHUNK as u64) {
                jobs::prune_rate_buckets(&mut tx, now - BUCKETS).await?;
                health::analyze(&mut tx).await?;
                return Ok(Done::with(tx, progress));
            }
            context.checkpoint(tx, &progress).await?;
        }
    }
}
