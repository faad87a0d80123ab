//! How a run ends: completed, retried, discarded, or taken from a worker that went silent.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::claim::{ClaimedRow, claimed_columns, release};
use super::order::release_order;
use super::{Lease, leases};
use crate::faults::{self, Guard};
use crate::store::query::{execute, fetch_all, fetch_one};
use crate::store::{Result, StoreError, Tx};

/// Completes a job in the transaction of its effects, and lets the next of its key go; gives the number of those.
///
/// # Errors
/// [`StoreError::LeaseLost`] if somebody else owns the job by now; the caller rolls back.
pub async fn complete(
    tx: &mut Tx,
    lease: Lease,
    order_key: Option<&str>,
    result: Option<&Value>,
    now: DateTime<Utc>,
) -> Result<u64> {
    const SQL: &str = "UPDATE jobs
         SET state = 'completed', lease_token = lease_token + 1, finished_at = $3, leased_until = NULL,
             result = $4::jsonb
         WHERE seq = $1
           AND lease_token = $2";
    let result = result.map(Value::to_string);
    let lease = fenced(tx, lease).await?;
    if execute!(tx, SQL, lease.seq, lease.token, now, result)? != 1 {
        return Err(StoreError::LeaseLost(lease.seq));
    }
    release_order(tx, order_key.into_iter()).await
}

/// A job of a group and its result.
#[derive(Clone, Copy, Debug)]
pub struct Completion<'a> {
    /// Its lease.
    pub lease: Lease,
    /// Key it is ordered by.
    pub order_key: Option<&'a str>,
    /// Its result.
    pub result: &'a Value,
}

/// Completes several jobs in the transaction of their effects, and lets the next of their keys go; gives the number of
/// those.
///
/// # Errors
/// [`StoreError::LeaseLost`] if somebody else owns one of them by now; the caller rolls back.
pub async fn complete_group(tx: &mut Tx, done: &[Completion<'_>], now: DateTime<Utc>) -> Result<u64> {
    const SQL: &str = "UPDATE jobs
         SET state = 'completed', lease_token = lease_token + 1, finished_at = $2, leased_until = NULL,
             result = (e.value -> 'r')
         FROM jsonb_array_elements($1::jsonb) AS e
         WHERE jobs.seq = (e.value ->> 's')::bigint
           AND jobs.lease_token = (e.value ->> 't')::bigint";
    let mut rows = Vec::with_capacity(done.len());
    for completion in done {
        let lease = fenced(tx, completion.lease).await?;
        rows.push(json!({"s": lease.seq, "t": lease.token, "r": completion.result}));
    }
    if execute!(tx, SQL, Value::from(rows).to_string(), now)? != done.len() as u64 {
        return Err(StoreError::LeaseLost(done.first().map_or(0, |completion| completion.lease.seq)));
    }
    release_order(tx, done.iter().filter_map(|completion| completion.order_key)).await
}

/// The lease as it is checked: itself, unless the fence is switched off.
async fn fenced(tx: &mut Tx, lease: Lease) -> Result<Lease> {
    if !faults::is_off(Guard::Fence) {
        return Ok(lease);
    }
    let (token,) = fetch_one!(tx, (i64,), "SELECT lease_token FROM jobs WHERE seq = $1", lease.seq)?;
    Ok(Lease { seq: lease.seq, token })
}

/// Completes jobs that had no effects and no key; those whose lease is lost are left alone.
pub async fn complete_many(tx: &mut Tx, done: &[Lease], now: DateTime<Utc>) -> Result<u64> {
    const SQL: &str = "UPDATE jobs
         SET state = 'completed', lease_token = lease_token + 1, finished_at = $2, leased_until = NULL
         FROM jsonb_array_elements($1::jsonb) AS e
         WHERE jobs.seq = (e.value ->> 's')::bigint
           AND jobs.lease_token = (e.value ->> 't')::bigint";
    execute!(tx, SQL, leases(done), now)
}

/// Marks that the lease still holds, keeps it for longer, and stores progress, in the transaction of partial effects.
pub async fn checkpoint(tx: &mut Tx, lease: Lease, progress: &Value, leased_until: DateTime<Utc>) -> Result<()> {
    const SQL: &str = "UPDATE jobs
         SET progress = $3::jsonb, leased_until = $4
         WHERE seq = $1
           AND lease_token = $2";
    let lease = fenced(tx, lease).await?;
    match execute!(tx, SQL, lease.seq, lease.token, progress.to_string(), leased_until)? {
        1 => Ok(()),
        _ => Err(StoreError::LeaseLost(lease.seq)),
    }
}

/// What becomes of a failed attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// Another attempt at this instant.
    Retry(DateTime<Utc>),
    /// No further attempt.
    Discard,
}

/// Records a failed attempt and what becomes of the job. Does nothing if the lease is lost.
pub async fn fail(tx: &mut Tx, job: &ClaimedRow, error: &str, fate: Fate, now: DateTime<Utc>) -> Result<()> {
    const RETRY: &str = "UPDATE jobs
         SET state = 'retryable', lease_token = lease_token + 1, leased_until = NULL, run_at = $3, rescues = 0,
             give_up_at = CASE WHEN order_key IS NULL THEN NULL ELSE COALESCE(give_up_at, $4) END
         WHERE seq = $1
           AND lease_token = $2";
    const DISCARD: &str = "UPDATE jobs
         SET state = 'discarded', lease_token = lease_token + 1, leased_until = NULL, finished_at = $3
         WHERE seq = $1
           AND lease_token = $2";
    let error: String = error.chars().take(LONGEST_ERROR).collect();
    let changed = match fate {
        Fate::Retry(at) => execute!(tx, RETRY, job.seq, job.lease_token, at, now + HOLD_BACK)?,
        Fate::Discard => execute!(tx, DISCARD, job.seq, job.lease_token, now)?,
    };
    if changed == 1 {
        add_attempt(tx, job, &error, now).await?;
        if fate == Fate::Discard {
            release_order(tx, job.order_key.as_deref().into_iter()).await?;
        }
    }
    Ok(())
}

/// Characters of an error that are kept.
const LONGEST_ERROR: usize = 4_000;

/// How long a retrying job may hold back later ones of its key.
pub const HOLD_BACK: TimeDelta = TimeDelta::seconds(60);

async fn add_attempt(tx: &mut Tx, job: &ClaimedRow, error: &str, now: DateTime<Utc>) -> Result<()> {
    const SQL: &str = "INSERT INTO job_attempts (job_seq, attempt, started_at, finished_at, worker, error, trace_id)
         SELECT seq, $2, $3, $4, worker_id, $5, trace_id FROM jobs WHERE seq = $1";
    execute!(tx, SQL, job.seq, job.attempt, job.started_at, now, error).map(drop)
}

/// Takes jobs from workers whose lease has run out. The attempt counts: a job that kills its workers ends discarded.
///
/// Whoever ran when a second worker died is a suspect from then on. Suspects run one at a time; one that only waited for
/// its turn when its worker died is innocent of that, and given back as if it had never been claimed.
pub async fn rescue(tx: &mut Tx, now: DateTime<Utc>) -> Result<Vec<(ClaimedRow, Fate)>> {
    const EXPIRED: &str = concat!(
        "SELECT ",
        claimed_columns!(),
        " FROM jobs
         WHERE state = 'running'
           AND leased_until < $1
         ORDER BY leased_until
         LIMIT 100 FOR UPDATE SKIP LOCKED"
    );
    const COUNT: &str = "UPDATE jobs SET rescues = $2 WHERE seq = $1";
    if faults::is_off(Guard::Rescue) {
        return Ok(Vec::new());
    }
    let mut rescued = Vec::new();
    for job in fetch_all!(tx, ClaimedRow, EXPIRED, now)? {
        if job.is_suspect() && !job.alone {
            release(tx, &[Lease { seq: job.seq, token: job.lease_token }]).await?;
            continue;
        }
        let spent = job.attempt >= job.max_attempts || job.give_up_at.is_some_and(|at| now >= at);
        let fate = if spent && !faults::is_off(Guard::Attempts) { Fate::Discard } else { Fate::Retry(now) };
        fail(tx, &job, "the worker stopped renewing its lease", fate, now).await?;
        execute!(tx, COUNT, job.seq, job.rescues + 1)?;
        rescued.push((job, fate));
    }
    Ok(rescued)
}
