//! Taking jobs under a lease, keeping it, and giving it back.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use rand::Rng;

use super::{Lease, leases};
use crate::faults::{self, Guard};
use crate::store::query::{execute, fetch_all};
use crate::store::{Result, Session, Tx};

/// A job handed to a worker, under a lease.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct ClaimedRow {
    /// The job.
    pub seq: i64,
    /// Its kind.
    pub kind: String,
    /// Its queue.
    pub queue: String,
    /// Its arguments as JSON text.
    pub args: String,
    /// This attempt's number, from 1.
    pub attempt: i16,
    /// Attempts at most.
    pub max_attempts: i16,
    /// How often its worker went silent while it ran.
    pub rescues: i16,
    /// Whether it ran as the only suspect of its worker.
    pub alone: bool,
    /// Fencing token of this lease.
    pub lease_token: i64,
    /// Key it is ordered by.
    pub order_key: Option<String>,
    /// When it was due.
    pub run_at: DateTime<Utc>,
    /// When this attempt began.
    pub started_at: DateTime<Utc>,
    /// When to stop retrying, once it has failed.
    pub give_up_at: Option<DateTime<Utc>>,
    /// Who asked for it.
    pub principal: String,
    /// Trace it belongs to.
    pub trace_id: Option<String>,
}

impl ClaimedRow {
    /// Whether more than one worker died while it ran. The first death is presumed to be somebody else's doing.
    pub fn is_suspect(&self) -> bool {
        self.rescues > 1
    }
}

/// Claims up to `CLAIM_SIZES[size]` available jobs of a queue that is neither paused nor limited, most urgent first.
pub async fn claim(
    tx: &mut Tx,
    queue: &str,
    size: usize,
    worker: &str,
    leased_until: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<Vec<ClaimedRow>> {
    if faults::is_off(Guard::Pause) {
        execute!(tx, "UPDATE queues SET paused_at = NULL WHERE name = $1", queue)?;
    }
    let mut jobs = fetch_all!(tx, ClaimedRow, CLAIM[size], queue, leased_until, worker, now, token_step())?;
    jobs.sort_by_key(|job| job.seq);
    Ok(jobs)
}

/// By how much a claim makes the token larger. A claim commits without waiting for the disk: if a crash forgets it, the
/// next one must not give out the same token.
pub(super) fn token_step() -> i64 {
    rand::rng().random_range(1..=i64::from(i32::MAX))
}

/// The numbers of jobs that can be claimed at once.
pub const CLAIM_SIZES: [usize; 10] = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512];

macro_rules! claimed_columns {
    () => {
        "seq, kind, queue, CAST(args AS text) AS args, attempt, max_attempts, rescues, alone, lease_token, order_key, \
         run_at, started_at, give_up_at, principal, trace_id"
    };
}
pub(super) use claimed_columns;

macro_rules! claim_sql {
    ($limit:literal) => {
        concat!(
            "UPDATE jobs
             SET state = 'running', attempt = attempt + 1, lease_token = lease_token + $5, leased_until = $2,
                 worker_id = $3, started_at = $4, alone = FALSE
             WHERE seq = ANY(ARRAY(SELECT j.seq FROM jobs AS j
                                   WHERE j.queue = $1
                                     AND j.state = 'available'
                                     AND NOT EXISTS (SELECT 1 FROM queues AS q
                                                     WHERE q.name = $1
                                                       AND ((q.paused_at IS NOT NULL
                                                             AND (q.until IS NULL OR q.until > $4))
                                                            OR COALESCE(q.concurrency, q.rate, q.key_concurrency,
                                                                        q.key_rate) IS NOT NULL))
                                   ORDER BY j.priority, j.run_at, j.seq
                                   LIMIT ",
            $limit,
            " FOR UPDATE SKIP LOCKED))
             RETURNING ",
            claimed_columns!()
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

/// Gives claimed jobs back as if they had never been claimed.
pub async fn release(tx: &mut Tx, held: &[Lease]) -> Result<u64> {
    const SQL: &str = "UPDATE jobs
         SET state = 'available', lease_token = lease_token + 1, leased_until = NULL, worker_id = NULL,
             attempt = attempt - 1
         FROM jsonb_array_elements($1::jsonb) AS e
         WHERE jobs.seq = (e.value ->> 's')::bigint
           AND jobs.lease_token = (e.value ->> 't')::bigint";
    const BURN: &str = "UPDATE jobs
         SET state = 'available', lease_token = lease_token + 1, leased_until = NULL, worker_id = NULL
         FROM jsonb_array_elements($1::jsonb) AS e
         WHERE jobs.seq = (e.value ->> 's')::bigint
           AND jobs.lease_token = (e.value ->> 't')::bigint";
    let sql = if faults::is_off(Guard::GiveBack) { BURN } else { SQL };
    execute!(tx, sql, leases(held))
}

/// Notes that a suspect runs as the only one of its worker from now on. `false` if the lease is lost.
pub async fn run_alone(tx: &mut Tx, lease: Lease) -> Result<bool> {
    const SQL: &str = "UPDATE jobs SET alone = TRUE WHERE seq = $1 AND lease_token = $2";
    Ok(execute!(tx, SQL, lease.seq, lease.token)? == 1)
}

/// Keeps leases for longer; gives the jobs whose lease still holds.
///
/// Renews what this process holds in memory, never "everything of this worker": a claim whose answer was lost would be
/// renewed for ever.
pub async fn renew(tx: &mut Tx, held: &[Lease], leased_until: DateTime<Utc>) -> Result<HashSet<i64>> {
    // A job that is being completed or checkpointed is passed over: two statements that lock the same jobs in different
    // orders would wait for each other, and it needs no renewal.
    const SQL: &str = "UPDATE jobs
         SET leased_until = $2
         WHERE seq = ANY(ARRAY(SELECT jobs.seq
                               FROM jsonb_array_elements($1::jsonb) AS e
                               JOIN jobs ON jobs.seq = (e.value ->> 's')::bigint
                                        AND jobs.lease_token = (e.value ->> 't')::bigint
                               ORDER BY jobs.seq FOR UPDATE OF jobs SKIP LOCKED))
         RETURNING seq";
    let mut ours: HashSet<i64> =
        fetch_all!(tx, (i64,), SQL, leases(held), leased_until)?.into_iter().map(|(seq,)| seq).collect();
    let passed_over: Vec<Lease> = held.iter().filter(|lease| !ours.contains(&lease.seq)).copied().collect();
    if !passed_over.is_empty() {
        ours.extend(still_held(tx, &passed_over).await?);
    }
    Ok(ours)
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

/// Which of these leases still hold.
pub async fn still_held(session: &mut Session, held: &[Lease]) -> Result<HashSet<i64>> {
    const SQL: &str = "SELECT jobs.seq
         FROM jsonb_array_elements($1::jsonb) AS e
         JOIN jobs ON jobs.seq = (e.value ->> 's')::bigint AND jobs.lease_token = (e.value ->> 't')::bigint";
    Ok(fetch_all!(session, (i64,), SQL, leases(held))?.into_iter().map(|(seq,)| seq).collect())
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
