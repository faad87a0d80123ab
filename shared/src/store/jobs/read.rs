//! Jobs as operators see them.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use crate::jobs::JobState;
use crate::store::query::{fetch_all, fetch_optional};
use crate::store::{Result, Session};

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

/// What a job said last about how far it is.
pub async fn progress(session: &mut Session, seq: i64) -> Result<Option<Value>> {
    const SQL: &str = "SELECT CAST(progress AS text) FROM jobs WHERE seq = $1";
    let row = fetch_optional!(session, (Option<String>,), SQL, seq)?;
    Ok(row.and_then(|(text,)| serde_json::from_str(&text?).ok()))
}
