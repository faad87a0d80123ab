//! Jobs about several tasks: a place in the order of each of them.
//!
//! The job itself is ordered by one task. For each other one a `hold-task` is written in the same transaction, under the
//! locks of all keys, so that two such jobs stand in one order everywhere and cannot wait for each other. The job may
//! run when no hold is `pending` any more: whatever was accepted before it has ended. A hold ends after its job.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::accept::enqueue;
use super::order::lock_order_keys;
use super::unfinished;
use crate::jobs::{HoldTask, NewJob};
use crate::store::query::{execute, fetch_one};
use crate::store::{Result, Session, Tx};

/// Writes a job that is about `others` as well as the task it is ordered by; gives its number.
pub async fn enqueue_joint(tx: &mut Tx, job: &NewJob, others: &[String], now: DateTime<Utc>) -> Result<i64> {
    const ITEMS: &str = "INSERT INTO job_items (job_seq, item, outcome, child_seq)
         SELECT $1, (e.value ->> 'i'), 'pending', (e.value ->> 'c')::bigint
         FROM jsonb_array_elements($2::jsonb) AS e";
    lock_order_keys(tx, job.order_key.iter().chain(others).map(String::as_str)).await?;
    let seq = enqueue(tx, std::slice::from_ref(job), now).await?[0].seq;
    if others.is_empty() {
        return Ok(seq);
    }
    let hold = |task_id: &String| NewJob::of(&HoldTask { task_id: task_id.clone(), job: seq }, &job.principal);
    let holds: Vec<NewJob> = others.iter().map(hold).collect();
    let written = enqueue(tx, &holds, now).await?;
    let rows: Vec<Value> = others.iter().zip(written).map(|(task, hold)| json!({"i": task, "c": hold.seq})).collect();
    execute!(tx, ITEMS, seq, Value::from(rows).to_string())?;
    Ok(seq)
}

/// Whether everything accepted before a joint job has ended, of each of its tasks.
pub async fn has_turn(session: &mut Session, seq: i64) -> Result<bool> {
    const SQL: &str = "SELECT count(*)
         FROM job_items AS i
         JOIN jobs AS hold ON hold.seq = i.child_seq
         WHERE i.job_seq = $1
           AND hold.state = 'pending'";
    Ok(fetch_one!(session, (i64,), SQL, seq)?.0 == 0)
}

/// Whether a job has ended, or was removed.
pub async fn has_ended(session: &mut Session, seq: i64) -> Result<bool> {
    const SQL: &str = concat!("SELECT count(*) FROM jobs WHERE seq = $1 AND state IN ", unfinished!());
    Ok(fetch_one!(session, (i64,), SQL, seq)?.0 == 0)
}

/// Says what became of the other tasks of a joint job: `changed`, or `failed` with the reason.
pub async fn settle_joint(tx: &mut Tx, seq: i64, failure: Option<&str>) -> Result<()> {
    const SQL: &str = "UPDATE job_items
         SET outcome = CASE WHEN $2::text IS NULL THEN 'changed' ELSE 'failed' END, detail = $2
         WHERE job_seq = $1";
    execute!(tx, SQL, seq, failure).map(drop)
}
