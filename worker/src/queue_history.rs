//! Keeps how the queues stood and what ended in them, minute by minute.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use shared::jobs::{JobState, queue};
use shared::store::jobs::history::{self, Standing};
use shared::store::{Db, Result, Session, jobs};

/// Minutes that are made up for if nobody wrote them: completed jobs are kept for a day at least, so that these can be
/// counted still.
const MISSED: i64 = 12 * 60;
/// Minutes of one transaction.
const CHUNK: i64 = 10;

/// Writes the minutes that are over and not written, the oldest first; the newest that is written once more, for what was
/// committed late. How the queues stand is known of the last alone.
pub(crate) async fn keep(db: &Db, now: DateTime<Utc>) -> Result<()> {
    let last = history::minute_of(now) - 1;
    let mut snapshot = db.snapshot().await?;
    let standing = standing(&mut snapshot, now).await?;
    let written = history::newest(&mut snapshot).await?;
    drop(snapshot);
    let mut from = written.unwrap_or(i64::MIN).max(last - MISSED);
    while from <= last {
        let to = (from + CHUNK).min(last + 1);
        let ended = history::ended(&mut db.read().await?, from, to).await?;
        let mut tx = db.begin().await?;
        if to > last {
            history::record_standing(&mut tx, last, &standing).await?;
        }
        history::record_ended(&mut tx, &ended).await?;
        tx.commit().await?;
        from = to;
    }
    Ok(())
}

/// How the queues stand, and how long the oldest available job of each has waited: the product's queues, and whatever else
/// has settings or jobs.
async fn standing(session: &mut Session, now: DateTime<Utc>) -> Result<Vec<(String, Standing, Option<TimeDelta>)>> {
    let depths = jobs::depths(session).await?;
    let mut names: BTreeSet<String> = queue::ALL.iter().copied().map(str::to_owned).collect();
    names.extend(jobs::settings(session).await?.into_iter().map(|queue| queue.name));
    names.extend(depths.iter().map(|(queue, _, _)| queue.clone()));
    let mut standing: BTreeMap<String, Standing> = names.into_iter().map(|name| (name, Standing::default())).collect();
    for (queue, state, count) in depths {
        let stands = standing.entry(queue).or_default();
        match state {
            JobState::Available => stands.available = count,
            JobState::Scheduled => stands.scheduled = count,
            JobState::Pending => stands.pending = count,
            JobState::Running => stands.running = count,
            JobState::Retryable => stands.retryable = count,
            JobState::Completed | JobState::Cancelled | JobState::Discarded => {}
        }
    }
    let mut found = Vec::new();
    for (queue, stands) in standing {
        let oldest = match stands.available {
            0 => None,
            _ => jobs::oldest_available(session, &queue).await?,
        };
        found.push((queue, stands, oldest.map(|at| now - at)));
    }
    Ok(found)
}
