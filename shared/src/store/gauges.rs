//! What the whole installation is like at an instant, as an alert asks: each figure costs what is unfinished, never what there
//! ever was.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, TimeDelta, Utc};

use super::db::{Db, Engine};
use super::jobs::{self, QueueSettings};
use super::query::{fetch_all, fetch_one};
use super::{Result, Session, workers};
use crate::jobs::{JobState, queue};

/// A worker that has not been heard of for this long is not counted.
const ALIVE: TimeDelta = TimeDelta::seconds(60);
/// Events without a number that are counted at most.
const MOST_UNNUMBERED: i64 = 10_000;

/// What the whole installation is like, and this process's connections to its database.
#[derive(Clone, Debug, Default)]
pub struct Gauges {
    /// This process's connections.
    pub pools: Vec<Pool>,
    /// Every queue.
    pub queues: Vec<QueueGauges>,
    /// Workers that are alive.
    pub workers: usize,
    /// Committed events without a number, at most 10,000 of them.
    pub unnumbered_events: i64,
    /// For how many seconds each schedule that is not paused has been due.
    pub schedules_late: Vec<(String, f64)>,
    /// For how many seconds the oldest threshold of a deadline has been passed without a sweep.
    pub sweep_late_seconds: f64,
    /// Mails that wait for a person.
    pub quarantined_mails: i64,
}

/// Connections of one purpose.
#[derive(Clone, Copy, Debug)]
pub struct Pool {
    /// `reads`, `writes` or `claims`.
    pub name: &'static str,
    /// Connections that are open.
    pub open: u32,
    /// Of them, those that nobody uses.
    pub idle: u32,
}

/// How a queue fares.
#[derive(Clone, Debug)]
pub struct QueueGauges {
    /// Its name.
    pub name: String,
    /// Its unfinished and discarded jobs by state.
    pub jobs: HashMap<JobState, i64>,
    /// For how many seconds its oldest job that may run has waited; 0 if there is none.
    pub oldest_seconds: f64,
    /// Whether an operator paused it.
    pub paused: bool,
}

impl Db {
    /// Reads them.
    pub async fn gauges(&self, now: DateTime<Utc>) -> Result<Gauges> {
        let mut session = self.snapshot().await?;
        let mut gauges = installation(&mut session, now).await?;
        drop(session);
        gauges.pools = self.pools();
        Ok(gauges)
    }

    fn pools(&self) -> Vec<Pool> {
        match &self.0 {
            Engine::Pg { pool, writes, relaxed } => [("reads", pool), ("writes", writes), ("claims", relaxed)]
                .map(|(name, pool)| Pool { name, open: pool.size(), idle: pool.num_idle() as u32 })
                .to_vec(),
            Engine::Sqlite { readers, .. } => {
                vec![Pool { name: "reads", open: readers.size(), idle: readers.num_idle() as u32 }]
            }
        }
    }
}

async fn installation(session: &mut Session, now: DateTime<Utc>) -> Result<Gauges> {
    const UNNUMBERED: &str =
        "SELECT count(*) FROM (SELECT 1 FROM workflow_events WHERE id IS NULL LIMIT $1) AS waiting";
    const DUE: &str = "SELECT name, next_run_at FROM schedules WHERE NOT paused ORDER BY name";
    const SWEEP: &str = "SELECT min(sla_next_at) FROM workflow_tasks WHERE sla_next_at <= $1 AND deleted_at IS NULL";
    const QUARANTINED: &str = "SELECT count(*) FROM emails WHERE outcome = 'quarantined'";
    let late = |since: DateTime<Utc>| ((now - since).as_seconds_f64()).max(0.0);
    let schedules = fetch_all!(session, (String, DateTime<Utc>), DUE)?;
    let (oldest_threshold,): (Option<DateTime<Utc>>,) = fetch_one!(session, (Option<DateTime<Utc>>,), SWEEP, now)?;
    Ok(Gauges {
        pools: Vec::new(),
        queues: queues(session, now).await?,
        workers: workers::list(session, now - ALIVE).await?.len(),
        unnumbered_events: fetch_one!(session, (i64,), UNNUMBERED, MOST_UNNUMBERED)?.0,
        schedules_late: schedules.into_iter().map(|(name, next)| (name, late(next))).collect(),
        sweep_late_seconds: oldest_threshold.map_or(0.0, late),
        quarantined_mails: fetch_one!(session, (i64,), QUARANTINED)?.0,
    })
}

async fn queues(session: &mut Session, now: DateTime<Utc>) -> Result<Vec<QueueGauges>> {
    /// States that are shown also while they hold nothing, so that a graph has no holes.
    const SHOWN: [JobState; 6] = [
        JobState::Available,
        JobState::Scheduled,
        JobState::Pending,
        JobState::Running,
        JobState::Retryable,
        JobState::Discarded,
    ];
    let empty = || HashMap::from(SHOWN.map(|state| (state, 0)));
    let mut all: BTreeMap<String, HashMap<JobState, i64>> =
        queue::ALL.iter().map(|name| ((*name).to_owned(), empty())).collect();
    for (name, state, jobs) in jobs::depths(session).await? {
        all.entry(name).or_insert_with(empty).insert(state, jobs);
    }
    let settings: HashMap<String, QueueSettings> =
        jobs::settings(session).await?.into_iter().map(|queue| (queue.name.clone(), queue)).collect();
    let mut queues = Vec::with_capacity(all.len());
    for (name, jobs) in all {
        let oldest = jobs::oldest_available(session, &name).await?;
        queues.push(QueueGauges {
            oldest_seconds: oldest.map_or(0.0, |since| (now - since).as_seconds_f64().max(0.0)),
            paused: settings.get(&name).is_some_and(|queue| queue.is_paused(now)),
            name,
            jobs,
        });
    }
    Ok(queues)
}
