//! Queues: what operators set on them, and how they fare.
//!
//! Figures cost what is unfinished or recent, never what was ever completed.

use std::collections::HashSet;

use chrono::{DateTime, TimeDelta, Utc};

use crate::jobs::JobState;
use crate::store::query::{execute, fetch_all, fetch_one, fetch_optional};
use crate::store::{Result, Session, Tx};

/// Whether a queue is paused at `now`.
pub async fn is_paused(session: &mut Session, queue: &str, now: DateTime<Utc>) -> Result<bool> {
    const SQL: &str = "SELECT count(*) FROM queues
         WHERE name = $1 AND paused_at IS NOT NULL AND (until IS NULL OR until > $2)";
    let (count,): (i64,) = fetch_one!(session, (i64,), SQL, queue, now)?;
    Ok(count > 0)
}

/// The queues that are paused at `now`.
pub async fn paused_queues(session: &mut Session, now: DateTime<Utc>) -> Result<HashSet<String>> {
    const SQL: &str = "SELECT name FROM queues WHERE paused_at IS NOT NULL AND (until IS NULL OR until > $1)";
    Ok(fetch_all!(session, (String,), SQL, now)?.into_iter().map(|(name,)| name).collect())
}

/// What operators set on a queue.
#[derive(Clone, Debug, Default, PartialEq, Eq, sqlx::FromRow)]
pub struct QueueSettings {
    /// Its name.
    pub name: String,
    /// Since when it gives out no jobs.
    pub paused_at: Option<DateTime<Utc>>,
    /// Who said so.
    pub paused_by: Option<String>,
    /// Why.
    pub reason: Option<String>,
    /// Until when; for good if absent.
    pub until: Option<DateTime<Utc>>,
    /// Jobs that run at once over all workers.
    pub concurrency: Option<i64>,
    /// Jobs started in `rate_seconds`.
    pub rate: Option<i64>,
    /// See `rate`.
    pub rate_seconds: Option<i64>,
    /// Jobs of one limit key that run at once.
    pub key_concurrency: Option<i64>,
    /// Jobs of one limit key started in `key_rate_seconds`.
    pub key_rate: Option<i64>,
    /// See `key_rate`.
    pub key_rate_seconds: Option<i64>,
}

impl QueueSettings {
    /// Whether it gives out no jobs at `now`.
    pub fn is_paused(&self, now: DateTime<Utc>) -> bool {
        self.paused_at.is_some() && self.until.is_none_or(|until| until > now)
    }
}

macro_rules! settings_columns {
    () => {
        "name, paused_at, paused_by, reason, until, concurrency, rate, rate_seconds, key_concurrency, key_rate, \
         key_rate_seconds"
    };
}

/// Settings of all queues that have any.
pub async fn settings(session: &mut Session) -> Result<Vec<QueueSettings>> {
    const SQL: &str = concat!("SELECT ", settings_columns!(), " FROM queues ORDER BY name");
    fetch_all!(session, QueueSettings, SQL)
}

/// Settings of one queue, locked; defaults if it has none yet.
pub async fn lock_settings(tx: &mut Tx, name: &str) -> Result<QueueSettings> {
    const SQL: &str = concat!("SELECT ", settings_columns!(), " FROM queues WHERE name = $1 FOR UPDATE");
    let found = fetch_optional!(tx, QueueSettings, SQL, name)?;
    Ok(found.unwrap_or_else(|| QueueSettings { name: name.to_owned(), ..QueueSettings::default() }))
}

/// Writes what operators set.
pub async fn save_settings(tx: &mut Tx, queue: &QueueSettings) -> Result<()> {
    const SQL: &str = concat!(
        "INSERT INTO queues (",
        settings_columns!(),
        ")
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
         ON CONFLICT (name) DO UPDATE
         SET paused_at = excluded.paused_at, paused_by = excluded.paused_by, reason = excluded.reason,
             until = excluded.until, concurrency = excluded.concurrency, rate = excluded.rate,
             rate_seconds = excluded.rate_seconds, key_concurrency = excluded.key_concurrency,
             key_rate = excluded.key_rate, key_rate_seconds = excluded.key_rate_seconds"
    );
    execute!(
        tx,
        SQL,
        &queue.name,
        queue.paused_at,
        queue.paused_by.as_deref(),
        queue.reason.as_deref(),
        queue.until,
        queue.concurrency,
        queue.rate,
        queue.rate_seconds,
        queue.key_concurrency,
        queue.key_rate,
        queue.key_rate_seconds
    )
    .map(drop)
}

/// Unfinished and discarded jobs of each queue and state.
pub async fn depths(session: &mut Session) -> Result<Vec<(String, JobState, i64)>> {
    // One arm for each partial index.
    const SQL: &str = "SELECT queue, state, count(*) FROM jobs WHERE state = 'available' GROUP BY queue, state
         UNION ALL
         SELECT queue, state, count(*) FROM jobs WHERE state IN ('scheduled', 'retryable') GROUP BY queue, state
         UNION ALL
         SELECT queue, state, count(*) FROM jobs WHERE state = 'pending' GROUP BY queue, state
         UNION ALL
         SELECT queue, state, count(*) FROM jobs WHERE state = 'running' GROUP BY queue, state
         UNION ALL
         SELECT queue, state, count(*) FROM jobs WHERE state = 'discarded' AND finished_at IS NOT NULL
         GROUP BY queue, state";
    fetch_all!(session, (String, JobState, i64), SQL)
}

/// Since when the oldest available job of a queue could have run.
pub async fn oldest_available(session: &mut Session, queue: &str) -> Result<Option<DateTime<Utc>>> {
    // The index is by priority first: the oldest of each.
    const SQL: &str = "SELECT run_at FROM jobs
         WHERE queue = $1 AND state = 'available' AND priority = $2
         ORDER BY run_at
         LIMIT 1";
    let mut oldest = None;
    for priority in 1..=4_i16 {
        let found = fetch_optional!(session, (DateTime<Utc>,), SQL, queue, priority)?.map(|(at,)| at);
        oldest = match (oldest, found) {
            (Some(a), Some(b)) => Some(std::cmp::min(a, b)),
            (one, other) => one.or(other),
        };
    }
    Ok(oldest)
}

/// What ended lately in one queue.
#[derive(Clone, Debug, Default, PartialEq, Eq, sqlx::FromRow)]
pub struct Recent {
    /// The queue.
    pub queue: String,
    /// Jobs completed in the last minute.
    pub completed_last_minute: i64,
    /// Jobs completed in the last five minutes.
    pub completed: i64,
    /// Attempts that failed in the last five minutes.
    pub failed: i64,
}

/// What ended lately, of each queue where anything did.
pub async fn recent(session: &mut Session, now: DateTime<Utc>) -> Result<Vec<Recent>> {
    const SQL: &str = "SELECT queue, CAST(sum(last_minute) AS bigint) AS completed_last_minute,
                CAST(sum(completed) AS bigint) AS completed, CAST(sum(failed) AS bigint) AS failed
         FROM (SELECT queue, CASE WHEN finished_at >= $1 THEN 1 ELSE 0 END AS last_minute, 1 AS completed, 0 AS failed
               FROM jobs
               WHERE state = 'completed'
                 AND finished_at >= $2
               UNION ALL
               SELECT jobs.queue, 0 AS last_minute, 0 AS completed, 1 AS failed
               FROM job_attempts
               JOIN jobs ON jobs.seq = job_attempts.job_seq
               WHERE job_attempts.finished_at >= $2) AS ended
         GROUP BY queue";
    fetch_all!(session, Recent, SQL, now - TimeDelta::minutes(1), now - TimeDelta::minutes(5))
}

/// Running jobs of each queue and limit key.
pub async fn running_by_key(session: &mut Session) -> Result<Vec<(String, Option<String>, i64)>> {
    const SQL: &str = "SELECT queue, limit_key, count(*) FROM jobs WHERE state = 'running' GROUP BY queue, limit_key";
    fetch_all!(session, (String, Option<String>, i64), SQL)
}
