//! How the queues stood and what ended in them, minute by minute.
//!
//! What stands is seen once, when a minute is over. What ended is counted from the rows of the jobs, through the indexes of
//! their ends: at a cost of what ended, and later just as well, as long as the rows are kept.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use crate::jobs::Times;
use crate::store::query::{execute, fetch_all, fetch_one};
use crate::store::{Result, Session, Tx};

/// How long minutes are kept, and how far back they can be asked for.
pub const KEPT: TimeDelta = TimeDelta::days(7);

/// Seconds of a minute.
const MINUTE: i64 = 60;

/// The minute an instant lies in, counted since 1970.
pub fn minute_of(at: DateTime<Utc>) -> i64 {
    at.timestamp().div_euclid(MINUTE)
}

/// When a minute begins.
pub fn start_of(minute: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(minute.saturating_mul(MINUTE), 0).unwrap_or(DateTime::<Utc>::MAX_UTC)
}

/// Unfinished jobs by state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// May run.
    pub available: i64,
    /// Run later.
    pub scheduled: i64,
    /// Wait for an earlier job of their key.
    pub pending: i64,
    /// Run.
    pub running: i64,
    /// Failed, and run again later.
    pub retryable: i64,
}

/// What ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ended {
    /// Jobs that were completed.
    pub completed: i64,
    /// Attempts that failed.
    pub failed: i64,
    /// Jobs that failed for good.
    pub discarded: i64,
    /// From the time a job might run to its first attempt, of jobs that were completed or failed for good in it.
    pub waits: Times,
    /// Of each attempt that ended.
    pub runs: Times,
}

/// The newest minute there is a row of.
pub async fn newest(session: &mut Session) -> Result<Option<i64>> {
    let (minute,) = fetch_one!(session, (Option<i64>,), "SELECT max(minute) FROM queue_minutes")?;
    Ok(minute)
}

/// The minute of an instant.
macro_rules! minute {
    ($at:literal) => {
        concat!("CAST(floor(extract(epoch FROM ", $at, ") / 60) AS bigint) AS minute")
    };
}

/// Milliseconds from one instant to another.
macro_rules! ms {
    ($from:literal, $to:literal) => {
        concat!(
            "CAST(round(1000 * extract(epoch FROM ",
            $to,
            ") - 1000 * extract(epoch FROM ",
            $from,
            ")) AS bigint) AS ms"
        )
    };
}

/// How long jobs took between two instants, by the minute they ended in: those that ended within `$1` and `$2`.
macro_rules! took {
    ($from:literal, $to:literal, $which:literal) => {
        concat!(
            "SELECT queue, minute, ms, count(*)
         FROM (SELECT queue, ",
            minute!("finished_at"),
            ", ",
            ms!($from, $to),
            " FROM jobs
               WHERE ",
            $which,
            "
                 AND finished_at >= $1
                 AND finished_at < $2) AS ended
         GROUP BY queue, minute, ms"
        )
    };
}

/// What ended from the minute `from` up to and without `to`, by minute and queue; those in which nothing did are absent.
pub async fn ended(session: &mut Session, from: i64, to: i64) -> Result<BTreeMap<(i64, String), Ended>> {
    const COMPLETED: &str = took!("started_at", "finished_at", "state = 'completed'");
    // A later attempt's run_at is the retry's: what it waited for is the pause between them.
    const WAITED: &str = took!("run_at", "started_at", "state IN ('completed', 'discarded') AND attempt = 1");
    const FAILED: &str = concat!(
        "SELECT queue, minute, ms, count(*)
         FROM (SELECT jobs.queue, ",
        minute!("job_attempts.finished_at"),
        ", ",
        ms!("job_attempts.started_at", "job_attempts.finished_at"),
        " FROM job_attempts
               JOIN jobs ON jobs.seq = job_attempts.job_seq
               WHERE job_attempts.finished_at >= $1
                 AND job_attempts.finished_at < $2) AS ended
         GROUP BY queue, minute, ms"
    );
    const DISCARDED: &str = concat!(
        "SELECT queue, minute, count(*)
         FROM (SELECT queue, ",
        minute!("finished_at"),
        " FROM jobs
               WHERE state = 'discarded'
                 AND finished_at >= $1
                 AND finished_at < $2) AS ended
         GROUP BY queue, minute"
    );
    type Counted = (String, i64, Option<i64>, i64);
    let (from, to) = (start_of(from), start_of(to));
    let mut found: BTreeMap<(i64, String), Ended> = BTreeMap::new();
    for (queue, minute, ms, count) in fetch_all!(session, Counted, COMPLETED, from, to)? {
        let ended = found.entry((minute, queue)).or_default();
        ended.completed += count;
        if let Some(ms) = ms {
            ended.runs.add(ms, count);
        }
    }
    for (queue, minute, ms, count) in fetch_all!(session, Counted, WAITED, from, to)? {
        let ended = found.entry((minute, queue)).or_default();
        if let Some(ms) = ms {
            ended.waits.add(ms, count);
        }
    }
    for (queue, minute, ms, count) in fetch_all!(session, Counted, FAILED, from, to)? {
        let ended = found.entry((minute, queue)).or_default();
        ended.failed += count;
        if let Some(ms) = ms {
            ended.runs.add(ms, count);
        }
    }
    for (queue, minute, count) in fetch_all!(session, (String, i64, i64), DISCARDED, from, to)? {
        found.entry((minute, queue)).or_default().discarded += count;
    }
    Ok(found)
}

/// Writes how queues stood when a minute was over, with how long the oldest available job of each had waited; what was seen
/// before stays.
pub async fn record_standing(tx: &mut Tx, minute: i64, queues: &[(String, Standing, Option<TimeDelta>)]) -> Result<()> {
    const SQL: &str =
        "INSERT INTO queue_minutes (minute, queue, available, scheduled, pending, running, retryable, oldest_ms,
                completed, failed, discarded, waits, runs)
         SELECT $1, (e.value ->> 'q'), (e.value ->> 'a')::bigint, (e.value ->> 's')::bigint, (e.value ->> 'p')::bigint,
                (e.value ->> 'r')::bigint, (e.value ->> 't')::bigint, (e.value ->> 'o')::bigint, 0, 0, 0, '', ''
         FROM jsonb_array_elements($2::jsonb) AS e
         WHERE TRUE
         ON CONFLICT (minute, queue) DO UPDATE
         SET available = excluded.available, scheduled = excluded.scheduled, pending = excluded.pending,
             running = excluded.running, retryable = excluded.retryable, oldest_ms = excluded.oldest_ms
         WHERE queue_minutes.available IS NULL";
    let row = |(queue, standing, oldest): &(String, Standing, Option<TimeDelta>)| {
        json!({"q": queue, "a": standing.available, "s": standing.scheduled, "p": standing.pending, "r": standing.running,
               "t": standing.retryable, "o": oldest.map(|age| age.num_milliseconds().max(0))})
    };
    execute!(tx, SQL, minute, queues.iter().map(row).collect::<Value>().to_string()).map(drop)
}

/// Writes what ended. A minute that is there already only grows, by what was committed late: an operator who retries or
/// deletes jobs does not undo what happened.
pub async fn record_ended(tx: &mut Tx, ended: &BTreeMap<(i64, String), Ended>) -> Result<()> {
    const SQL: &str = "INSERT INTO queue_minutes (minute, queue, completed, failed, discarded, waits, runs)
         SELECT (e.value ->> 'm')::bigint, (e.value ->> 'q'), (e.value ->> 'c')::bigint, (e.value ->> 'f')::bigint,
                (e.value ->> 'd')::bigint, (e.value ->> 'w'), (e.value ->> 'r')
         FROM jsonb_array_elements($1::jsonb) AS e
         WHERE TRUE
         ON CONFLICT (minute, queue) DO UPDATE
         SET completed = excluded.completed, failed = excluded.failed, discarded = excluded.discarded,
             waits = excluded.waits, runs = excluded.runs
         WHERE queue_minutes.completed + queue_minutes.failed + queue_minutes.discarded
               < excluded.completed + excluded.failed + excluded.discarded";
    let row = |((minute, queue), ended): (&(i64, String), &Ended)| {
        json!({"m": minute, "q": queue, "c": ended.completed, "f": ended.failed, "d": ended.discarded,
               "w": ended.waits.to_string(), "r": ended.runs.to_string()})
    };
    execute!(tx, SQL, ended.iter().map(row).collect::<Value>().to_string()).map(drop)
}

/// Minutes put together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Point {
    /// The first minute it may hold.
    pub minute: i64,
    /// Minutes that there are.
    pub minutes: i64,
    /// The most there were of each state at the end of a minute; `None` if nobody looked.
    pub standing: Option<Standing>,
    /// The longest that an available job had waited at the end of a minute, in milliseconds.
    pub oldest_ms: Option<i64>,
    /// What ended in them.
    pub ended: Ended,
}

#[derive(sqlx::FromRow)]
struct PointRow {
    step: i64,
    minutes: i64,
    available: Option<i64>,
    scheduled: Option<i64>,
    pending: Option<i64>,
    running: Option<i64>,
    retryable: Option<i64>,
    oldest_ms: Option<i64>,
    completed: i64,
    failed: i64,
    discarded: i64,
    waits: String,
    runs: String,
}

/// The minutes from `from` up to and without `to`, `step` of them a point, oldest first: of one queue, or of all together.
/// Points of which there is no minute are absent.
pub async fn points(session: &mut Session, queue: Option<&str>, from: i64, to: i64, step: i64) -> Result<Vec<Point>> {
    // One row a minute for all queues, then one a step: what stands is the most of the sums, not the sum of the most.
    const SQL: &str = "SELECT step, count(*) AS minutes, max(available) AS available, max(scheduled) AS scheduled,
                max(pending) AS pending, max(running) AS running, max(retryable) AS retryable,
                max(oldest_ms) AS oldest_ms, CAST(sum(completed) AS bigint) AS completed,
                CAST(sum(failed) AS bigint) AS failed, CAST(sum(discarded) AS bigint) AS discarded,
                string_agg(waits, ' ') AS waits, string_agg(runs, ' ') AS runs
         FROM (SELECT minute / $4 * $4 AS step, CAST(sum(available) AS bigint) AS available,
                      CAST(sum(scheduled) AS bigint) AS scheduled, CAST(sum(pending) AS bigint) AS pending,
                      CAST(sum(running) AS bigint) AS running, CAST(sum(retryable) AS bigint) AS retryable,
                      max(oldest_ms) AS oldest_ms, sum(completed) AS completed, sum(failed) AS failed,
                      sum(discarded) AS discarded, string_agg(waits, ' ') AS waits, string_agg(runs, ' ') AS runs
               FROM queue_minutes
               WHERE minute >= $1
                 AND minute < $2
                 AND ($3::text IS NULL OR queue = $3)
               GROUP BY minute) AS minutes
         GROUP BY step
         ORDER BY step";
    Ok(fetch_all!(session, PointRow, SQL, from, to, queue, step)?.into_iter().map(Point::from).collect())
}

impl From<PointRow> for Point {
    fn from(row: PointRow) -> Self {
        let standing = row.available.map(|available| Standing {
            available,
            scheduled: row.scheduled.unwrap_or_default(),
            pending: row.pending.unwrap_or_default(),
            running: row.running.unwrap_or_default(),
            retryable: row.retryable.unwrap_or_default(),
        });
        let ended = Ended {
            completed: row.completed,
            failed: row.failed,
            discarded: row.discarded,
            waits: Times::read(&row.waits),
            runs: Times::read(&row.runs),
        };
        Self { minute: row.step, minutes: row.minutes, standing, oldest_ms: row.oldest_ms, ended }
    }
}

/// Removes minutes before `minute`, at most `limit` rows of them and those of their minutes.
pub async fn prune(tx: &mut Tx, minute: i64, limit: i64) -> Result<u64> {
    const SQL: &str = "DELETE FROM queue_minutes
         WHERE minute IN (SELECT minute FROM queue_minutes WHERE minute < $1 ORDER BY minute LIMIT $2)";
    execute!(tx, SQL, minute, limit)
}
