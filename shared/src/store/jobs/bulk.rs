//! Bulk updates: the tasks they froze, the jobs that change them, and the account.
//!
//! The jobs of one bulk update are made behind a gate of its own, so that whoever accepted it and its own job can both
//! make them, and a cancellation finds all of them.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::accept::enqueue;
use super::order::{lock_order_keys, release_order};
use super::unfinished;
use crate::domain::change::TaskPatch;
use crate::domain::undo::{Trace, Values};
use crate::jobs::{BulkItem, BulkUpdate, NewJob, UpdateTask};
use crate::store::query::{execute, fetch_all};
use crate::store::{Result, Session, StoreError, Tx};

/// Priority of the jobs: behind a change that somebody waits for.
const PRIORITY: i16 = 2;

/// What became of a task of a bulk update.
#[derive(Clone, Debug)]
pub struct Settled {
    /// The bulk update.
    pub job: i64,
    /// The task.
    pub task_id: String,
    /// `changed`, `unchanged` or `failed`.
    pub outcome: &'static str,
    /// Why, if there is something to say.
    pub detail: Option<String>,
    /// What the change did, if there was one.
    pub trace: Option<Trace>,
}

/// How far a bulk update is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Account {
    /// Tasks that were changed.
    pub changed: i64,
    /// Tasks that were so already.
    pub unchanged: i64,
    /// Tasks that could not be changed.
    pub failed: i64,
}

async fn enter_gate(tx: &mut Tx, seq: i64) -> Result<()> {
    lock_order_keys(tx, std::iter::once(format!("bulk-update/{seq}").as_str())).await
}

#[derive(sqlx::FromRow)]
struct Frozen {
    item: String,
    was: Option<String>,
    became: Option<String>,
}

/// Makes the jobs of up to 500 tasks that have none yet; gives their number. None of a bulk update that has ended.
pub async fn expand(tx: &mut Tx, seq: i64, bulk: &BulkUpdate, now: DateTime<Utc>) -> Result<u64> {
    // The number is small because each job takes the lock of its task's order until the transaction ends.
    const FROZEN: &str = concat!(
        "SELECT i.item, CAST(o.was AS text) AS was, CAST(o.became AS text) AS became
         FROM job_items AS i
         JOIN jobs AS parent ON parent.seq = i.job_seq
         LEFT JOIN job_items AS o ON o.job_seq = $2 AND o.item = i.item
         WHERE i.job_seq = $1
           AND i.child_seq IS NULL
           AND i.outcome = 'pending'
           AND parent.state IN ",
        unfinished!(),
        "ORDER BY i.item
         LIMIT 500"
    );
    const NAME: &str = "UPDATE job_items
         SET child_seq = (e.value ->> 'c')::bigint
         FROM jsonb_array_elements($2::jsonb) AS e
         WHERE job_items.job_seq = $1
           AND job_items.item = (e.value ->> 'i')";
    enter_gate(tx, seq).await?;
    let frozen = fetch_all!(tx, Frozen, FROZEN, seq, bulk.undoes)?;
    if frozen.is_empty() {
        return Ok(0);
    }
    let jobs: Vec<NewJob> = frozen.iter().map(|item| child(seq, bulk, item)).collect::<Result<_>>()?;
    let written = enqueue(tx, &jobs, now).await?;
    let named = frozen.iter().zip(written).map(|(item, job)| json!({"i": item.item, "c": job.seq}));
    execute!(tx, NAME, seq, Value::from(named.collect::<Vec<_>>()).to_string())
}

/// The job that changes one task.
fn child(seq: i64, bulk: &BulkUpdate, item: &Frozen) -> Result<NewJob> {
    let unreadable = |error: serde_json::Error| StoreError::Refused(sqlx::Error::Decode(error.into()));
    let (patch, expects) = if bulk.undoes.is_none() {
        (bulk.updates.clone(), None)
    } else {
        let patch: TaskPatch = serde_json::from_str(item.was.as_deref().unwrap_or("{}")).map_err(unreadable)?;
        let expects: Values = serde_json::from_str(item.became.as_deref().unwrap_or("{}")).map_err(unreadable)?;
        (patch, Some(expects))
    };
    let job = UpdateTask {
        task_id: item.item.clone(),
        patch,
        expected_version: None,
        actor: bulk.actor.clone(),
        bulk: Some(BulkItem { job: seq, expects }),
    };
    Ok(NewJob { priority: PRIORITY, ..NewJob::of(&job, &bulk.actor.principal) })
}

/// Writes what became of tasks, in the transaction of their changes.
pub async fn settle(tx: &mut Tx, settled: &[Settled]) -> Result<()> {
    const SQL: &str = "UPDATE job_items
         SET outcome = (e.value ->> 'o'), detail = (e.value ->> 'd'), was = (e.value -> 'w'), became = (e.value -> 'b')
         FROM jsonb_array_elements($1::jsonb) AS e
         WHERE job_items.job_seq = (e.value ->> 's')::bigint
           AND job_items.item = (e.value ->> 'i')";
    if settled.is_empty() {
        return Ok(());
    }
    let row = |item: &Settled| {
        let trace = item.trace.as_ref();
        json!({
            "s": item.job, "i": item.task_id, "o": item.outcome, "d": item.detail,
            "w": trace.map(|trace| &trace.was), "b": trace.map(|trace| &trace.became),
        })
    };
    execute!(tx, SQL, Value::from(settled.iter().map(row).collect::<Vec<_>>()).to_string()).map(drop)
}

/// Notes the tasks whose jobs ended without a word: discarded, cancelled or removed.
pub async fn settle_orphans(tx: &mut Tx, seq: i64) -> Result<u64> {
    const SQL: &str = concat!(
        "UPDATE job_items
         SET outcome = 'failed',
             detail = COALESCE((SELECT 'its job was ' || jobs.state FROM jobs WHERE jobs.seq = job_items.child_seq),
                               'its job was removed')
         WHERE job_seq = $1
           AND outcome = 'pending'
           AND child_seq IS NOT NULL
           AND NOT EXISTS (SELECT 1 FROM jobs WHERE jobs.seq = job_items.child_seq AND jobs.state IN ",
        unfinished!(),
        ")"
    );
    execute!(tx, SQL, seq)
}

/// The account of a bulk update as it stands.
pub async fn account(session: &mut Session, seq: i64) -> Result<Account> {
    const SQL: &str = "SELECT outcome, count(*) FROM job_items WHERE job_seq = $1 GROUP BY outcome";
    let mut account = Account::default();
    for (outcome, count) in fetch_all!(session, (String, i64), SQL, seq)? {
        match outcome.as_str() {
            "changed" => account.changed = count,
            "unchanged" => account.unchanged = count,
            "failed" => account.failed = count,
            _ => {}
        }
    }
    Ok(account)
}

/// Cancels the jobs of a bulk update that have not ended, and makes no more; what was changed stays.
pub(super) async fn cancel(tx: &mut Tx, seq: i64, now: DateTime<Utc>) -> Result<()> {
    const JOBS: &str = concat!(
        "UPDATE jobs
         SET state = 'cancelled', finished_at = $2, leased_until = NULL, lease_token = lease_token + 1
         WHERE seq = ANY(ARRAY(SELECT jobs.seq
                               FROM job_items AS i
                               JOIN jobs ON jobs.seq = i.child_seq
                               WHERE i.job_seq = $1
                                 AND i.outcome = 'pending'
                                 AND jobs.state IN ",
        unfinished!(),
        "                      ORDER BY jobs.seq FOR UPDATE OF jobs SKIP LOCKED))
         RETURNING order_key"
    );
    const ITEMS: &str = "UPDATE job_items
         SET outcome = 'failed', detail = 'cancelled'
         WHERE job_seq = $1
           AND outcome = 'pending'";
    enter_gate(tx, seq).await?;
    let keys = fetch_all!(tx, (String,), JOBS, seq, now)?;
    release_order(tx, keys.iter().map(|(key,)| key.as_str())).await?;
    execute!(tx, ITEMS, seq).map(drop)
}
