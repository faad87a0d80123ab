//! The job queue's tables.
//!
//! Every transition bumps `lease_token`, and every fenced UPDATE matches `seq AND lease_token` alone: the token is the
//! whole fence, and a further `state = 'running'` would make PostgreSQL walk the lease index instead of the key.

use std::collections::HashSet;

use chrono::{DateTime, TimeDelta, Utc};
use rand::Rng;
use serde_json::{Value, json};

use super::dialect::instant;
use super::query::{execute, fetch_all, fetch_one, fetch_optional};
use super::{Result, Session, StoreError, Tx};
use crate::jobs::{JobState, NewJob};

/// States in which a job is not finished. Repeated in the partial indexes of the migrations.
macro_rules! unfinished {
    () => {
        "('available', 'scheduled', 'pending', 'running', 'retryable')"
    };
}

/// A job as it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Enqueued {
    /// The job.
    pub seq: i64,
    /// Whether an unfinished job with the same unique key was there already.
    pub existing: bool,
}

/// A job handed to a worker, under a lease.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct ClaimedRow {
    /// The job.
    pub seq: i64,
    /// Its kind.
    pub kind: String,
    /// Its arguments as JSON text.
    pub args: String,
    /// This attempt's number, from 1.
    pub attempt: i16,
    /// Attempts at most.
    pub max_attempts: i16,
    /// Fencing token of this lease.
    pub lease_token: i64,
    /// Key it is ordered by.
    pub order_key: Option<String>,
    /// When this attempt began.
    pub started_at: DateTime<Utc>,
    /// When to stop retrying, once it has failed.
    pub give_up_at: Option<DateTime<Utc>>,
    /// Who asked for it.
    pub principal: String,
    /// Trace it belongs to.
    pub trace_id: Option<String>,
}

/// A lease: a job and the token it was claimed with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Lease {
    /// The job.
    pub seq: i64,
    /// The token.
    pub token: i64,
}

fn leases(leases: &[Lease]) -> String {
    Value::from(leases.iter().map(|lease| json!({"s": lease.seq, "t": lease.token})).collect::<Vec<_>>()).to_string()
}

/// Writes jobs in the caller's transaction, in order.
///
/// A job with an order key waits as `pending` while an earlier one with that key is unfinished. A job with a unique key
/// that an unfinished job holds is not written; the holder is given instead.
pub async fn enqueue(tx: &mut Tx, jobs: &[NewJob], now: DateTime<Utc>) -> Result<Vec<Enqueued>> {
    lock_order_keys(tx, jobs.iter().filter(|job| !job.first_of_key).filter_map(|job| job.order_key.as_deref())).await?;
    let mut written = Vec::with_capacity(jobs.len());
    for run in jobs.chunk_by(|a, b| a.unique_key.is_none() && b.unique_key.is_none()) {
        match &run[0].unique_key {
            None => written.extend(insert(tx, run, now).await?),
            Some(key) => written.push(insert_unique(tx, &run[0], key, now).await?),
        }
    }
    Ok(written)
}

/// Puts transactions that add to or end jobs of the same keys one behind the other.
async fn lock_order_keys<'a>(tx: &mut Tx, keys: impl Iterator<Item = &'a str>) -> Result<()> {
    // Hashes in one order for everybody, so that two batches cannot wait for each other.
    const SQL: &str = "SELECT count(pg_advisory_xact_lock(hash))
         FROM (SELECT DISTINCT hashtextextended(e.value #>> '{}', 7) AS hash
               FROM jsonb_array_elements($1::jsonb) AS e
               ORDER BY hash) AS hashes";
    let keys: HashSet<&str> = keys.collect();
    // Differs because SQLite has one writer: its transactions are one behind the other already.
    if tx.is_sqlite() || keys.is_empty() {
        return Ok(());
    }
    fetch_one!(tx, (i64,), SQL, json!(keys).to_string()).map(drop)
}

const INSERT: &str = concat!(
    "INSERT INTO jobs (kind, queue, state, priority, args, order_key, unique_key, max_attempts, run_at, created_at,
                       principal, trace_id)
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
            (e.value ->> 'created_at')::timestamptz, (e.value ->> 'principal'), (e.value ->> 'trace_id')
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

async fn insert_unique(tx: &mut Tx, job: &NewJob, key: &str, now: DateTime<Utc>) -> Result<Enqueued> {
    const HOLDER: &str =
        concat!("SELECT seq FROM jobs WHERE unique_key = $1 AND state IN ", unfinished!(), " ORDER BY seq LIMIT 1");
    // The holder may finish between the two statements: then the key is free at the second try.
    for _ in 0..3 {
        let rows = Value::from(vec![job_row(job, false, now)]).to_string();
        if let Some((seq,)) = fetch_optional!(tx, (i64,), INSERT, rows)? {
            return Ok(Enqueued { seq, existing: false });
        }
        if let Some((seq,)) = fetch_optional!(tx, (i64,), HOLDER, key)? {
            return Ok(Enqueued { seq, existing: true });
        }
    }
    Err(StoreError::Conflict)
}

fn job_row(job: &NewJob, after_another: bool, now: DateTime<Utc>) -> Value {
    let run_at = job.run_at.unwrap_or(now);
    json!({
        "kind": job.kind, "queue": job.queue, "after_another": i32::from(after_another), "later": i32::from(run_at > now),
        "priority": job.priority, "args": job.args, "order_key": job.order_key, "unique_key": job.unique_key,
        "max_attempts": job.max_attempts, "run_at": instant(run_at), "created_at": instant(now),
        "principal": job.principal, "trace_id": job.trace_id,
    })
}

/// Claims up to `CLAIM_SIZES[size]` available jobs of a queue that is not paused, most urgent first.
pub async fn claim(
    tx: &mut Tx,
    queue: &str,
    size: usize,
    worker: &str,
    leased_until: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<Vec<ClaimedRow>> {
    // A claim commits without waiting for the disk. If a crash forgets it, the next one must not give out the same token.
    let step = rand::rng().random_range(1..=i64::from(i32::MAX));
    let mut jobs = fetch_all!(tx, ClaimedRow, CLAIM[size], queue, leased_until, worker, now, step)?;
    jobs.sort_by_key(|job| job.seq);
    Ok(jobs)
}

/// The numbers of jobs that can be claimed at once.
pub const CLAIM_SIZES: [usize; 10] = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512];

macro_rules! claim_sql {
    ($limit:literal) => {
        concat!(
            "UPDATE jobs
             SET state = 'running', attempt = attempt + 1, lease_token = lease_token + $5, leased_until = $2,
                 worker_id = $3, started_at = $4
             WHERE seq = ANY(ARRAY(SELECT j.seq FROM jobs AS j
                                   WHERE j.queue = $1
                                     AND j.state = 'available'
                                     AND NOT EXISTS (SELECT 1 FROM queues AS q
                                                     WHERE q.name = $1
                                                       AND q.paused_at IS NOT NULL
                                                       AND (q.until IS NULL OR q.until > $4))
                                   ORDER BY j.priority, j.run_at, j.seq
                                   LIMIT ",
            $limit,
            " FOR UPDATE SKIP LOCKED))
             RETURNING seq, kind, CAST(args AS text) AS args, attempt, max_attempts, lease_token, order_key, started_at,
                       give_up_at, principal, trace_id"
        )
    };
}

/// Literal limits: with a bound one the planner assumes a tenth of the table and scans it.
const CLAIM: [&str; 10] = [
    claim_sql!(1),
    claim_sql!(2),
    claim_sql!(4),
    claim_sql!(8),
    claim_sql!(16),
    claim_sql!(32),
    claim_sql!(64),
    claim_sql!(128),
    claim_sql!(256),
    claim_sql!(512),
];

/// Completes a job in the transaction of its effects, and lets the next of its key go.
///
/// # Errors
/// [`StoreError::LeaseLost`] if somebody else owns the job by now; the caller rolls back.
pub async fn complete(
    tx: &mut Tx,
    lease: Lease,
    order_key: Option<&str>,
    result: Option<&Value>,
    now: DateTime<Utc>,
) -> Result<()> {
    const SQL: &str = "UPDATE jobs
         SET state = 'completed', lease_token = lease_token + 1, finished_at = $3, leased_until = NULL,
             result = $4::jsonb
         WHERE seq = $1
           AND lease_token = $2";
    let result = result.map(Value::to_string);
    if execute!(tx, SQL, lease.seq, lease.token, now, result)? != 1 {
        return Err(StoreError::LeaseLost(lease.seq));
    }
    release_order(tx, order_key.into_iter()).await
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
         SET state = 'retryable', lease_token = lease_token + 1, leased_until = NULL, run_at = $3,
             give_up_at = CASE WHEN order_key IS NULL THEN NULL ELSE COALESCE(give_up_at, $4) END
         WHERE seq = $1
           AND lease_token = $2";
    const DISCARD: &str = "UPDATE jobs
         SET state = 'discarded', lease_token = lease_token + 1, leased_until = NULL, finished_at = $3
         WHERE seq = $1
           AND lease_token = $2";
    let changed = match fate {
        Fate::Retry(at) => execute!(tx, RETRY, job.seq, job.lease_token, at, now + HOLD_BACK)?,
        Fate::Discard => execute!(tx, DISCARD, job.seq, job.lease_token, now)?,
    };
    if changed == 1 {
        add_attempt(tx, job, error, now).await?;
        if fate == Fate::Discard {
            release_order(tx, job.order_key.as_deref().into_iter()).await?;
        }
    }
    Ok(())
}

/// How long a retrying job may hold back later ones of its key.
pub const HOLD_BACK: TimeDelta = TimeDelta::seconds(60);

async fn add_attempt(tx: &mut Tx, job: &ClaimedRow, error: &str, now: DateTime<Utc>) -> Result<()> {
    const SQL: &str = "INSERT INTO job_attempts (job_seq, attempt, started_at, finished_at, worker, error, trace_id)
         SELECT seq, $2, $3, $4, worker_id, $5, trace_id FROM jobs WHERE seq = $1";
    execute!(tx, SQL, job.seq, job.attempt, job.started_at, now, error).map(drop)
}

/// Makes the oldest waiting job of each key available, if none before it is unfinished.
async fn release_order<'a>(tx: &mut Tx, keys: impl Iterator<Item = &'a str>) -> Result<()> {
    const SQL: &str = concat!(
        "UPDATE jobs
         SET state = CASE WHEN run_at > created_at THEN 'scheduled' ELSE 'available' END
         WHERE state = 'pending'
           AND seq = (SELECT head.seq FROM jobs AS head
                      WHERE head.order_key = $1
                        AND head.order_key IS NOT NULL
                        AND head.state IN ",
        unfinished!(),
        " ORDER BY head.seq LIMIT 1)"
    );
    for key in keys {
        lock_order_keys(tx, std::iter::once(key)).await?;
        execute!(tx, SQL, key)?;
    }
    Ok(())
}

/// Gives claimed jobs back as if they had never been claimed.
pub async fn release(tx: &mut Tx, held: &[Lease]) -> Result<u64> {
    const SQL: &str = "UPDATE jobs
         SET state = 'available', lease_token = lease_token + 1, leased_until = NULL, worker_id = NULL,
             attempt = attempt - 1
         FROM jsonb_array_elements($1::jsonb) AS e
         WHERE jobs.seq = (e.value ->> 's')::bigint
           AND jobs.lease_token = (e.value ->> 't')::bigint";
    execute!(tx, SQL, leases(held))
}

/// Keeps leases for longer; gives the jobs whose lease still holds.
///
/// Renews what this process holds in memory, never "everything of this worker": a claim whose answer was lost would be
/// renewed for ever.
pub async fn renew(tx: &mut Tx, held: &[Lease], leased_until: DateTime<Utc>) -> Result<HashSet<i64>> {
    const SQL: &str = "UPDATE jobs
         SET leased_until = $2
         FROM jsonb_array_elements($1::jsonb) AS e
         WHERE jobs.seq = (e.value ->> 's')::bigint
           AND jobs.lease_token = (e.value ->> 't')::bigint
         RETURNING jobs.seq";
    Ok(fetch_all!(tx, (i64,), SQL, leases(held), leased_until)?.into_iter().map(|(seq,)| seq).collect())
}

/// Makes scheduled and retryable jobs available whose time has come; gives the queues they are in.
pub async fn promote_due(tx: &mut Tx, now: DateTime<Utc>) -> Result<HashSet<String>> {
    const SQL: &str = "UPDATE jobs
         SET state = 'available'
         WHERE seq = ANY(ARRAY(SELECT seq FROM jobs
                               WHERE state IN ('scheduled', 'retryable')
                                 AND run_at <= $1
                               ORDER BY run_at
                               LIMIT 1000 FOR UPDATE SKIP LOCKED))
         RETURNING queue";
    Ok(fetch_all!(tx, (String,), SQL, now)?.into_iter().map(|(queue,)| queue).collect())
}

/// Repairs keys whose waiting jobs have nobody before them any more. Finds nothing unless something went wrong.
pub async fn promote_stranded(tx: &mut Tx) -> Result<u64> {
    const SQL: &str = concat!(
        "SELECT p.order_key
         FROM jobs AS p
         WHERE p.state = 'pending'
           AND NOT EXISTS (SELECT 1 FROM jobs AS earlier
                           WHERE earlier.order_key = p.order_key
                             AND earlier.seq < p.seq
                             AND earlier.state IN ",
        unfinished!(),
        ")
         LIMIT 100"
    );
    let keys = fetch_all!(tx, (String,), SQL)?;
    release_order(tx, keys.iter().map(|(key,)| key.as_str())).await?;
    Ok(keys.len() as u64)
}

/// Takes jobs from workers whose lease has run out. The attempt counts: a job that kills its workers ends discarded.
pub async fn rescue(tx: &mut Tx, now: DateTime<Utc>) -> Result<Vec<(ClaimedRow, Fate)>> {
    const EXPIRED: &str = "SELECT seq, kind, CAST(args AS text) AS args, attempt, max_attempts, lease_token, order_key,
                started_at, give_up_at, principal, trace_id
         FROM jobs
         WHERE state = 'running'
           AND leased_until < $1
         ORDER BY leased_until
         LIMIT 100 FOR UPDATE SKIP LOCKED";
    let mut rescued = Vec::new();
    for job in fetch_all!(tx, ClaimedRow, EXPIRED, now)? {
        let spent = job.attempt >= job.max_attempts || job.give_up_at.is_some_and(|at| now >= at);
        let fate = if spent { Fate::Discard } else { Fate::Retry(now) };
        fail(tx, &job, "the worker stopped renewing its lease", fate, now).await?;
        rescued.push((job, fate));
    }
    Ok(rescued)
}

/// A job as operators see it.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct JobRow {
    /// Order of acceptance; the job's id.
    pub seq: i64,
    /// Its kind.
    pub kind: String,
    /// Its queue.
    pub queue: String,
    /// Where it stands.
    pub state: JobState,
    /// 1 is most urgent.
    pub priority: i16,
    /// Arguments as JSON text.
    pub args: String,
    /// Key it is ordered by.
    pub order_key: Option<String>,
    /// Attempts begun.
    pub attempt: i16,
    /// Attempts at most.
    pub max_attempts: i16,
    /// When it was accepted.
    pub created_at: DateTime<Utc>,
    /// When it may run.
    pub run_at: DateTime<Utc>,
    /// When its last attempt began.
    pub started_at: Option<DateTime<Utc>>,
    /// When it ended.
    pub finished_at: Option<DateTime<Utc>>,
    /// Who runs or ran it.
    pub worker_id: Option<String>,
    /// Progress as JSON text.
    pub progress: Option<String>,
    /// Result as JSON text.
    pub result: Option<String>,
    /// Who asked for it.
    pub principal: String,
}

macro_rules! job_columns {
    () => {
        "seq, kind, queue, state, priority, CAST(args AS text) AS args, order_key, attempt, max_attempts, created_at, run_at, \
         started_at, finished_at, worker_id, CAST(progress AS text) AS progress, CAST(result AS text) AS result, principal"
    };
}

/// The job of this id.
pub async fn lookup(session: &mut Session, seq: i64) -> Result<Option<JobRow>> {
    const SQL: &str = concat!("SELECT ", job_columns!(), " FROM jobs WHERE seq = $1");
    fetch_optional!(session, JobRow, SQL, seq)
}

/// A failed attempt.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct AttemptRow {
    /// Its number, from 1.
    pub attempt: i16,
    /// When it began.
    pub started_at: Option<DateTime<Utc>>,
    /// When it ended.
    pub finished_at: DateTime<Utc>,
    /// Who ran it.
    pub worker: Option<String>,
    /// Why it failed.
    pub error: String,
}

/// Failed attempts of a job, oldest first.
pub async fn attempts(session: &mut Session, seq: i64) -> Result<Vec<AttemptRow>> {
    const SQL: &str = "SELECT attempt, started_at, finished_at, worker, error
         FROM job_attempts
         WHERE job_seq = $1
         ORDER BY finished_at, attempt";
    fetch_all!(session, AttemptRow, SQL, seq)
}

/// Which jobs a list shows.
#[derive(Clone, Debug, Default)]
pub struct JobFilter {
    /// State.
    pub state: Option<String>,
    /// Queue.
    pub queue: Option<String>,
    /// Kind.
    pub kind: Option<String>,
    /// Task they change.
    pub task_id: Option<String>,
    /// Text to be found in the arguments.
    pub q: Option<String>,
    /// Accepted at or after.
    pub from: Option<DateTime<Utc>>,
    /// Accepted before or at.
    pub to: Option<DateTime<Utc>>,
    /// Only jobs accepted before this one.
    pub before: Option<i64>,
}

/// Jobs, newest first.
pub async fn list(session: &mut Session, filter: &JobFilter, limit: i64) -> Result<Vec<JobRow>> {
    const SQL: &str = concat!(
        "SELECT ",
        job_columns!(),
        " FROM jobs
         WHERE ($1::text IS NULL OR state = $1)
           AND ($2::text IS NULL OR queue = $2)
           AND ($3::text IS NULL OR kind = $3)
           AND ($4::text IS NULL OR order_key = $4)
           AND ($5::text IS NULL OR CAST(args AS text) LIKE $5)
           AND ($6::timestamptz IS NULL OR created_at >= $6)
           AND ($7::timestamptz IS NULL OR created_at <= $7)
           AND ($8::bigint IS NULL OR seq < $8)
         ORDER BY seq DESC
         LIMIT $9"
    );
    let q = filter.q.as_ref().map(|q| format!("%{q}%"));
    fetch_all!(
        session,
        JobRow,
        SQL,
        filter.state.as_deref(),
        filter.queue.as_deref(),
        filter.kind.as_deref(),
        filter.task_id.as_deref(),
        q.as_deref(),
        filter.from,
        filter.to,
        filter.before,
        limit
    )
}

/// State and result of the finished ones among these jobs.
pub async fn outcomes(session: &mut Session, seqs: &[i64]) -> Result<Vec<(i64, JobState, Option<String>)>> {
    const SQL: &str = "SELECT jobs.seq, jobs.state, CAST(jobs.result AS text)
         FROM jsonb_array_elements($1::jsonb) AS e
         JOIN jobs ON jobs.seq = (e.value ->> 's')::bigint
         WHERE jobs.finished_at IS NOT NULL";
    let seqs = Value::from(seqs.iter().map(|seq| json!({"s": seq})).collect::<Vec<_>>()).to_string();
    fetch_all!(session, (i64, JobState, Option<String>), SQL, seqs)
}

/// Unfinished jobs with this key accepted before this one.
pub async fn earlier_of_key(session: &mut Session, seq: i64, key: &str) -> Result<Option<i64>> {
    const SQL: &str = concat!(
        "SELECT seq FROM jobs WHERE order_key = $1 AND seq < $2 AND state IN ",
        unfinished!(),
        " ORDER BY seq DESC LIMIT 1"
    );
    Ok(fetch_optional!(session, (i64,), SQL, key, seq)?.map(|(seq,)| seq))
}

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

/// The request hash and job a key stands for, if it was used.
pub async fn idempotent(session: &mut Session, key: &IdempotencyKey) -> Result<Option<(String, i64)>> {
    const SQL: &str = "SELECT body_hash, job_seq FROM idempotency WHERE principal = $1 AND operation = $2 AND key = $3";
    fetch_optional!(session, (String, i64), SQL, &key.principal, &key.operation, &key.key)
}

/// Binds a key to a job. `false` if the key is taken.
pub async fn remember(tx: &mut Tx, key: &IdempotencyKey, seq: i64, now: DateTime<Utc>) -> Result<bool> {
    const SQL: &str = "INSERT INTO idempotency (principal, operation, key, body_hash, job_seq, created_at)
         VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT DO NOTHING";
    let written = execute!(tx, SQL, &key.principal, &key.operation, &key.key, &key.body_hash, seq, now)?;
    Ok(written == 1)
}

/// Removes finished jobs older than `before`, at most `limit` of them.
pub async fn prune(tx: &mut Tx, before: DateTime<Utc>, limit: i64) -> Result<u64> {
    const SQL: &str = "DELETE FROM jobs
         WHERE seq = ANY(ARRAY(SELECT seq FROM jobs WHERE finished_at < $1 ORDER BY finished_at LIMIT $2))";
    execute!(tx, SQL, before, limit)
}

/// Removes idempotency keys older than `before`, at most `limit` of them.
pub async fn prune_idempotency(tx: &mut Tx, before: DateTime<Utc>, limit: i64) -> Result<u64> {
    const SQL: &str = "DELETE FROM idempotency
         WHERE created_at IN (SELECT created_at FROM idempotency WHERE created_at < $1 ORDER BY created_at LIMIT $2)";
    execute!(tx, SQL, before, limit)
}

/// Gives a job back for later without counting the attempt.
pub async fn put_off(tx: &mut Tx, lease: Lease, run_at: DateTime<Utc>) -> Result<()> {
    const SQL: &str = "UPDATE jobs
         SET state = 'scheduled', lease_token = lease_token + 1, leased_until = NULL, worker_id = NULL,
             attempt = attempt - 1, run_at = $3
         WHERE seq = $1
           AND lease_token = $2";
    execute!(tx, SQL, lease.seq, lease.token, run_at).map(drop)
}
