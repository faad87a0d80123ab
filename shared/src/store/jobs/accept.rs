//! Writing jobs, and the keys under which a request may be repeated.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::order::lock_order_keys;
use super::{holds_unique_key, unfinished};
use crate::faults::{self, Guard};
use crate::jobs::{JobState, NewJob, Unique};
use crate::store::dialect::instant;
use crate::store::query::{execute, fetch_all, fetch_optional};
use crate::store::{Result, Session, StoreError, Tx};

/// A job as it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Enqueued {
    /// The job.
    pub seq: i64,
    /// Whether it was there already, holding the same unique key.
    pub existing: bool,
}

/// Writes jobs in the caller's transaction, in order.
///
/// A job with an order key waits as `pending` while an earlier one with that key is unfinished. A job with a unique key
/// that another job holds is not written; the holder is given instead.
pub async fn enqueue(tx: &mut Tx, jobs: &[NewJob], now: DateTime<Utc>) -> Result<Vec<Enqueued>> {
    lock_order_keys(tx, jobs.iter().filter(|job| !job.first_of_key).filter_map(|job| job.order_key.as_deref())).await?;
    let mut written = Vec::with_capacity(jobs.len());
    for run in jobs.chunk_by(|a, b| a.unique.is_none() && b.unique.is_none()) {
        match &run[0].unique {
            None => written.extend(insert(tx, run, now).await?),
            Some(unique) => written.push(insert_unique(tx, &run[0], unique, now).await?),
        }
    }
    if faults::is_off(Guard::Order) {
        execute!(tx, "UPDATE jobs SET state = 'available' WHERE state = 'pending'")?;
    }
    Ok(written)
}

const INSERT: &str = concat!(
    "INSERT INTO jobs (kind, queue, state, priority, args, order_key, unique_key, max_attempts, run_at, created_at,
                       principal, trace_id, limit_key, unique_states, schedule)
     SELECT (e.value ->> 'kind'), (e.value ->> 'queue'),
            CASE WHEN (e.value ->> 'after_another')::int = 1 OR EXISTS (
                     SELECT 1 FROM jobs AS earlier
                     WHERE earlier.order_key = (e.value ->> 'order_key')
                       AND earlier.state IN ",
    unfinished!(),
    ")
                 THEN 'pending'
                 WHEN (e.value ->> 'later')::int = 1 THEN 'scheduled'
                 ELSE 'available' END,
            (e.value ->> 'priority')::smallint, (e.value -> 'args'), (e.value ->> 'order_key'),
            (e.value ->> 'unique_key'), (e.value ->> 'max_attempts')::smallint, (e.value ->> 'run_at')::timestamptz,
            (e.value ->> 'created_at')::timestamptz, (e.value ->> 'principal'), (e.value ->> 'trace_id'),
            (e.value ->> 'limit_key'), (e.value ->> 'unique_states')::smallint, (e.value ->> 'schedule')
     FROM jsonb_array_elements($1::jsonb) AS e
     WHERE true
     ON CONFLICT DO NOTHING
     RETURNING seq"
);

async fn insert(tx: &mut Tx, jobs: &[NewJob], now: DateTime<Utc>) -> Result<Vec<Enqueued>> {
    let mut keys = HashSet::new();
    let rows: Vec<Value> = jobs
        .iter()
        .map(|job| {
            // Rows of one statement do not see each other: an earlier one of the same key is noted here.
            let repeated = job.order_key.as_deref().is_some_and(|key| !keys.insert(key.to_owned()));
            job_row(job, repeated, now)
        })
        .collect();
    let mut seqs = fetch_all!(tx, (i64,), INSERT, Value::from(rows).to_string())?;
    seqs.sort_unstable();
    Ok(seqs.into_iter().map(|(seq,)| Enqueued { seq, existing: false }).collect())
}

async fn insert_unique(tx: &mut Tx, job: &NewJob, unique: &Unique, now: DateTime<Utc>) -> Result<Enqueued> {
    const HOLDER: &str =
        concat!("SELECT seq FROM jobs WHERE unique_key = $1 AND ", holds_unique_key!(), " ORDER BY seq DESC LIMIT 1");
    let key = unique.text(&job.kind, &job.args, now);
    // The holder may finish between the two statements: then the key is free at the second try.
    for _ in 0..3 {
        let rows = Value::from(vec![job_row(job, false, now)]).to_string();
        if let Some((seq,)) = fetch_optional!(tx, (i64,), INSERT, rows)? {
            return Ok(Enqueued { seq, existing: false });
        }
        if let Some((seq,)) = fetch_optional!(tx, (i64,), HOLDER, &key)? {
            return Ok(Enqueued { seq, existing: true });
        }
    }
    Err(StoreError::Conflict)
}

fn job_row(job: &NewJob, after_another: bool, now: DateTime<Utc>) -> Value {
    let unique = job.unique.as_ref();
    let run_at = job.run_at.unwrap_or(now);
    json!({
        "kind": job.kind, "queue": job.queue, "after_another": i32::from(after_another), "later": i32::from(run_at > now),
        "priority": job.priority, "args": job.args, "order_key": job.order_key,
        "unique_key": unique.map(|unique| unique.text(&job.kind, &job.args, now)),
        "max_attempts": job.max_attempts, "run_at": instant(run_at), "created_at": instant(now),
        "principal": job.principal, "trace_id": job.trace_id, "limit_key": job.limit_key,
        "unique_states": unique.map_or(JobState::UNFINISHED, Unique::states), "schedule": job.schedule,
    })
}

/// A key under which a caller may safely repeat a request.
#[derive(Clone, Debug)]
pub struct IdempotencyKey {
    /// Who sent it.
    pub principal: String,
    /// Which operation.
    pub operation: String,
    /// The key.
    pub key: String,
    /// Hash of the request.
    pub body_hash: String,
}

/// What an idempotency key stands for.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Remembered {
    /// Hash of the first request.
    pub body_hash: String,
    /// The job it made.
    pub job_seq: i64,
    /// Key that job is ordered by.
    pub order_key: Option<String>,
}

/// What a key stands for, if it was used.
pub async fn idempotent(session: &mut Session, key: &IdempotencyKey) -> Result<Option<Remembered>> {
    const SQL: &str = "SELECT i.body_hash, i.job_seq, jobs.order_key
         FROM idempotency AS i
         LEFT JOIN jobs ON jobs.seq = i.job_seq
         WHERE i.principal = $1 AND i.operation = $2 AND i.key = $3";
    fetch_optional!(session, Remembered, SQL, &key.principal, &key.operation, &key.key)
}

/// Binds a key to a job. `false` if the key is taken.
pub async fn remember(tx: &mut Tx, key: &IdempotencyKey, seq: i64, now: DateTime<Utc>) -> Result<bool> {
    const SQL: &str = "INSERT INTO idempotency (principal, operation, key, body_hash, job_seq, created_at)
         VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT DO NOTHING";
    let written = execute!(tx, SQL, &key.principal, &key.operation, &key.key, &key.body_hash, seq, now)?;
    Ok(written == 1)
}
