//! What operators do to one job. Each verb is one transition, decided on the locked row.
//!
//! A row is locked before the gate of its order key, as everywhere: the other way round two transactions could wait for
//! each other.

use chrono::{DateTime, Utc};

use super::bulk;
use super::order::{lock_order_keys, release_order};
use super::read::{JobRow, lock, lookup};
use super::{holds_unique_key, unfinished};
use crate::jobs::{BulkAction, BulkUpdate, Job, JobState};
use crate::store::query::{execute, fetch_optional};
use crate::store::{Result, Tx};

/// What became of an operator's wish.
#[derive(Clone, Debug)]
pub enum Verdict {
    /// There is no such job.
    Missing,
    /// Done; the job as it is now.
    Changed(Box<JobRow>),
    /// There was nothing to do.
    Unchanged(Box<JobRow>),
    /// It cannot be done, and why.
    Refused(String),
}

/// Who asks, when and why.
#[derive(Clone, Copy, Debug)]
pub struct Wish<'a> {
    /// Who.
    pub principal: &'a str,
    /// Why, if they say.
    pub reason: Option<&'a str>,
    /// When.
    pub now: DateTime<Utc>,
}

/// Does to one job what may be done to many.
pub async fn act(tx: &mut Tx, seq: i64, action: BulkAction, wish: Wish<'_>) -> Result<Verdict> {
    match action {
        BulkAction::Retry => retry(tx, seq, wish).await,
        BulkAction::Run => run(tx, seq, wish).await,
        BulkAction::Cancel => cancel(tx, seq, wish).await,
        BulkAction::Delete => delete(tx, seq).await,
    }
}

/// Sends a cancelled or discarded job back to work, with one more attempt if all were used; hurries a waiting one.
pub async fn retry(tx: &mut Tx, seq: i64, wish: Wish<'_>) -> Result<Verdict> {
    const SQL: &str = "UPDATE jobs
         SET state = $2, run_at = $3, finished_at = NULL, result = NULL, progress = NULL, give_up_at = NULL,
             leased_until = NULL, worker_id = NULL, rescues = 0, lease_token = lease_token + 1,
             max_attempts = CASE WHEN attempt >= max_attempts THEN attempt + 1 ELSE max_attempts END
         WHERE seq = $1";
    let Some(job) = lock(tx, seq).await? else { return Ok(Verdict::Missing) };
    match job.state {
        JobState::Cancelled | JobState::Discarded => {}
        JobState::Scheduled | JobState::Retryable => return hurry(tx, job, wish.now).await,
        JobState::Available | JobState::Pending => return Ok(Verdict::Unchanged(Box::new(job))),
        state => return Ok(Verdict::Refused(format!("job {seq} is {state}: only a job that failed can be retried"))),
    }
    if let Some(holder) = holder(tx, &job).await? {
        return Ok(Verdict::Refused(format!("job {holder} holds the unique key of job {seq}")));
    }
    let mut state = JobState::Available;
    if let Some(key) = &job.order_key {
        lock_order_keys(tx, std::iter::once(key.as_str())).await?;
        if has_unfinished(tx, key).await? {
            state = JobState::Pending;
        }
    }
    execute!(tx, SQL, seq, state.as_str(), wish.now)?;
    changed(tx, seq).await
}

/// Lets a scheduled or retryable job run now.
pub async fn run(tx: &mut Tx, seq: i64, wish: Wish<'_>) -> Result<Verdict> {
    let Some(job) = lock(tx, seq).await? else { return Ok(Verdict::Missing) };
    match job.state {
        JobState::Scheduled | JobState::Retryable => hurry(tx, job, wish.now).await,
        JobState::Available => Ok(Verdict::Unchanged(Box::new(job))),
        state => {
            Ok(Verdict::Refused(format!("job {seq} is {state}: only a job that waits for its time can be run now")))
        }
    }
}

async fn hurry(tx: &mut Tx, job: JobRow, now: DateTime<Utc>) -> Result<Verdict> {
    const SQL: &str = "UPDATE jobs SET state = 'available', run_at = $2, lease_token = lease_token + 1 WHERE seq = $1";
    execute!(tx, SQL, job.seq, now)?;
    changed(tx, job.seq).await
}

/// Cancels an unfinished job, and with a bulk update those of its changes that have not been made. A running one loses its
/// lease in this very transaction: whatever its worker still does, it can write nothing any more.
pub async fn cancel(tx: &mut Tx, seq: i64, wish: Wish<'_>) -> Result<Verdict> {
    const SQL: &str = "UPDATE jobs
         SET state = 'cancelled', finished_at = $2, leased_until = NULL, lease_token = lease_token + 1
         WHERE seq = $1";
    const ATTEMPT: &str =
        "INSERT INTO job_attempts (job_seq, attempt, started_at, finished_at, worker, error, trace_id)
         SELECT seq, attempt, started_at, $2, worker_id, $3, trace_id FROM jobs WHERE seq = $1";
    let Some(job) = lock(tx, seq).await? else { return Ok(Verdict::Missing) };
    match job.state {
        JobState::Cancelled => return Ok(Verdict::Unchanged(Box::new(job))),
        JobState::Completed | JobState::Discarded => {
            return Ok(Verdict::Refused(format!("job {seq} is {}: it has ended already", job.state)));
        }
        _ => {}
    }
    execute!(tx, SQL, seq, wish.now)?;
    if job.state == JobState::Running {
        let reason = wish.reason.map(|reason| format!(": {reason}")).unwrap_or_default();
        execute!(tx, ATTEMPT, seq, wish.now, format!("cancelled by {}{reason}", wish.principal))?;
    }
    release_order(tx, job.order_key.as_deref().into_iter()).await?;
    if job.kind == BulkUpdate::KIND {
        bulk::cancel(tx, seq, wish.now).await?;
    }
    changed(tx, seq).await
}

/// Changes priority and time of a job that has neither ended nor begun.
pub async fn edit(
    tx: &mut Tx,
    seq: i64,
    priority: Option<i16>,
    run_at: Option<DateTime<Utc>>,
    wish: Wish<'_>,
) -> Result<Verdict> {
    const SQL: &str = "UPDATE jobs
         SET priority = COALESCE($2, priority), run_at = COALESCE($3, run_at), state = $4,
             lease_token = lease_token + 1
         WHERE seq = $1";
    let Some(job) = lock(tx, seq).await? else { return Ok(Verdict::Missing) };
    if job.state.is_final() || job.state == JobState::Running {
        return Ok(Verdict::Refused(format!("job {seq} is {}: only a waiting job can be changed", job.state)));
    }
    let state = match run_at {
        Some(at) if at > wish.now && job.state == JobState::Available => JobState::Scheduled,
        Some(at) if at <= wish.now && job.state != JobState::Pending => JobState::Available,
        _ => job.state,
    };
    let same = priority.is_none_or(|priority| priority == job.priority) && run_at.is_none_or(|at| at == job.run_at);
    if same && state == job.state {
        return Ok(Verdict::Unchanged(Box::new(job)));
    }
    execute!(tx, SQL, seq, priority, run_at, state.as_str())?;
    changed(tx, seq).await
}

/// Removes a job that does not run; gives it as it was.
pub async fn delete(tx: &mut Tx, seq: i64) -> Result<Verdict> {
    let Some(job) = lock(tx, seq).await? else { return Ok(Verdict::Missing) };
    if job.state == JobState::Running {
        return Ok(Verdict::Refused(format!("job {seq} is running: cancel it first")));
    }
    execute!(tx, "DELETE FROM jobs WHERE seq = $1", seq)?;
    if !job.state.is_final() {
        release_order(tx, job.order_key.as_deref().into_iter()).await?;
    }
    Ok(Verdict::Changed(Box::new(job)))
}

async fn changed(tx: &mut Tx, seq: i64) -> Result<Verdict> {
    Ok(lookup(tx, seq).await?.map_or(Verdict::Missing, |job| Verdict::Changed(Box::new(job))))
}

async fn has_unfinished(tx: &mut Tx, order_key: &str) -> Result<bool> {
    const SQL: &str =
        concat!("SELECT seq FROM jobs WHERE order_key = $1 AND state IN ", unfinished!(), " ORDER BY seq LIMIT 1");
    Ok(fetch_optional!(tx, (i64,), SQL, order_key)?.is_some())
}

/// Another job that holds the unique key of this one.
async fn holder(tx: &mut Tx, job: &JobRow) -> Result<Option<i64>> {
    const SQL: &str = concat!(
        "SELECT seq FROM jobs WHERE unique_key = $1 AND seq <> $2 AND ",
        holds_unique_key!(),
        " ORDER BY seq LIMIT 1"
    );
    let Some(key) = &job.unique_key else { return Ok(None) };
    Ok(fetch_optional!(tx, (i64,), SQL, key, job.seq)?.map(|(seq,)| seq))
}
