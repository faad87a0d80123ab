//! Jobs as operators see them.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::jobs::JobState;
use crate::store::dialect::instant;
use crate::store::query::{fetch_all, fetch_one, fetch_optional};
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
    /// Key it is unique by.
    pub unique_key: Option<String>,
    /// Key it is limited by.
    pub limit_key: Option<String>,
    /// The schedule that made it.
    pub schedule: Option<String>,
    /// Attempts begun.
    pub attempt: i16,
    /// Attempts at most.
    pub max_attempts: i16,
    /// How often its worker went silent while it ran.
    pub rescues: i16,
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
    /// Trace it belongs to.
    pub trace_id: Option<String>,
}

macro_rules! job_columns {
    () => {
        "seq, kind, queue, state, priority, CAST(args AS text) AS args, order_key, unique_key, limit_key, schedule, \
         attempt, max_attempts, rescues, created_at, run_at, started_at, finished_at, worker_id, \
         CAST(progress AS text) AS progress, CAST(result AS text) AS result, principal, trace_id"
    };
}

/// The job of this id.
pub async fn lookup(session: &mut Session, seq: i64) -> Result<Option<JobRow>> {
    const SQL: &str = concat!("SELECT ", job_columns!(), " FROM jobs WHERE seq = $1");
    fetch_optional!(session, JobRow, SQL, seq)
}

/// The job of this id, locked.
pub(super) async fn lock(session: &mut Session, seq: i64) -> Result<Option<JobRow>> {
    const SQL: &str = concat!("SELECT ", job_columns!(), " FROM jobs WHERE seq = $1 FOR UPDATE");
    fetch_optional!(session, JobRow, SQL, seq)
}

/// A failed attempt.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct AttemptRow {
    /// The job.
    pub job_seq: i64,
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
    /// Trace it belongs to.
    pub trace_id: Option<String>,
}

/// Failed attempts of some jobs, oldest first.
pub async fn attempts(session: &mut Session, seqs: &[i64]) -> Result<Vec<AttemptRow>> {
    const SQL: &str = "SELECT a.job_seq, a.attempt, a.started_at, a.finished_at, a.worker, a.error, a.trace_id
         FROM jsonb_array_elements($1::jsonb) AS e
         JOIN job_attempts AS a ON a.job_seq = (e.value ->> 's')::bigint
         ORDER BY a.job_seq, a.finished_at, a.attempt";
    fetch_all!(session, AttemptRow, SQL, seq_rows(seqs))
}

pub(super) fn seq_rows(seqs: &[i64]) -> String {
    Value::from(seqs.iter().map(|seq| json!({"s": seq})).collect::<Vec<_>>()).to_string()
}

/// Which jobs: all conditions hold, of the values of one any.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct JobFilter {
    /// States.
    pub state: Vec<JobState>,
    /// Queues.
    pub queue: Vec<String>,
    /// Kinds.
    pub kind: Vec<String>,
    /// Ids.
    pub ids: Vec<i64>,
    /// Task they change.
    pub task_id: Option<String>,
    /// Text to be found in the arguments, in any case.
    pub q: Option<String>,
    /// Worker that runs or ran them.
    pub worker: Option<String>,
    /// Schedule that made them.
    pub schedule: Option<String>,
    /// Text to be found in the error of an attempt, in any case.
    pub error: Option<String>,
    /// Accepted at or after.
    pub from: Option<DateTime<Utc>>,
    /// Accepted before or at.
    pub to: Option<DateTime<Utc>>,
}

impl JobFilter {
    /// Whether it leaves nothing out.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The filter as the statements below read it: one JSON object.
    fn row(&self) -> String {
        let values = |values: &[String]| values.iter().map(|value| json!({"v": value})).collect::<Vec<_>>();
        let states: Vec<Value> = self.state.iter().map(|state| json!({"v": state})).collect();
        // Text, because the databases disagree on what a boolean of a document is.
        let any = |empty: bool| if empty { "1" } else { "0" };
        let like = |text: &Option<String>| {
            let escape = |text: &String| text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
            text.as_ref().map(|text| format!("%{}%", escape(text).to_lowercase()))
        };
        json!({
            "states": states, "any_state": any(states.is_empty()), "queues": values(&self.queue),
            "any_queue": any(self.queue.is_empty()), "kinds": values(&self.kind), "any_kind": any(self.kind.is_empty()),
            "ids": self.ids.iter().map(|id| json!({"v": id})).collect::<Vec<_>>(), "any_id": any(self.ids.is_empty()),
            "q": like(&self.q), "worker": self.worker, "schedule": self.schedule, "error": like(&self.error),
            "from": self.from.map(instant), "to": self.to.map(instant),
        })
        .to_string()
    }
}

/// The conditions of a [`JobFilter`] in `$1` and of its task in `$2`. `$narrow` repeats a condition in words that a
/// partial index is known by.
macro_rules! filtered {
    ($narrow:literal) => {
        concat!(
            $narrow,
            " AND (($1::jsonb ->> 'any_state') = '1'
                   OR state IN (SELECT (e.value ->> 'v') FROM jsonb_array_elements($1::jsonb -> 'states') AS e))
              AND (($1::jsonb ->> 'any_queue') = '1'
                   OR queue IN (SELECT (e.value ->> 'v') FROM jsonb_array_elements($1::jsonb -> 'queues') AS e))
              AND (($1::jsonb ->> 'any_kind') = '1'
                   OR kind IN (SELECT (e.value ->> 'v') FROM jsonb_array_elements($1::jsonb -> 'kinds') AS e))
              AND (($1::jsonb ->> 'any_id') = '1'
                   OR seq IN (SELECT (e.value ->> 'v')::bigint FROM jsonb_array_elements($1::jsonb -> 'ids') AS e))
              AND ($2::text IS NULL OR order_key = $2)
              AND (($1::jsonb ->> 'q') IS NULL
                   OR lower(CAST(args AS text)) LIKE ($1::jsonb ->> 'q') ESCAPE '\\')
              AND (($1::jsonb ->> 'worker') IS NULL OR worker_id = ($1::jsonb ->> 'worker'))
              AND (($1::jsonb ->> 'schedule') IS NULL OR schedule = ($1::jsonb ->> 'schedule'))
              AND (($1::jsonb ->> 'error') IS NULL
                   OR EXISTS (SELECT 1 FROM job_attempts AS a
                              WHERE a.job_seq = jobs.seq
                                AND lower(a.error) LIKE ($1::jsonb ->> 'error') ESCAPE '\\'))
              AND (($1::jsonb ->> 'from') IS NULL OR created_at >= ($1::jsonb ->> 'from')::timestamptz)
              AND (($1::jsonb ->> 'to') IS NULL OR created_at <= ($1::jsonb ->> 'to')::timestamptz)"
        )
    };
}

/// One statement for each condition that has an index; `$before` and `$after` stand around the conditions.
macro_rules! by_index {
    ($before:expr, $after:expr) => {
        [
            concat!($before, filtered!("seq > 0"), $after),
            concat!($before, filtered!("state = 'available'"), $after),
            concat!($before, filtered!("state IN ('scheduled', 'retryable')"), $after),
            concat!($before, filtered!("state = 'pending'"), $after),
            concat!($before, filtered!("state = 'running'"), $after),
            concat!($before, filtered!("state IN ('retryable', 'cancelled', 'discarded')"), $after),
            concat!(
                $before,
                filtered!(
                    "order_key = $2
                     AND (finished_at IS NOT NULL
                          OR state IN ('available', 'scheduled', 'pending', 'running', 'retryable'))"
                ),
                $after
            ),
        ]
    };
}

/// Which of those statements finds what the filter looks for without reading everything.
fn best_index(filter: &JobFilter) -> usize {
    let only =
        |states: &[JobState]| !filter.state.is_empty() && filter.state.iter().all(|state| states.contains(state));
    if filter.task_id.is_some() {
        6
    } else if only(&[JobState::Available]) {
        1
    } else if only(&[JobState::Retryable, JobState::Cancelled, JobState::Discarded]) {
        5
    } else if only(&[JobState::Scheduled, JobState::Retryable]) {
        2
    } else if only(&[JobState::Pending]) {
        3
    } else if only(&[JobState::Running]) {
        4
    } else {
        0
    }
}

/// Jobs accepted before `before`, newest first.
pub async fn list(session: &mut Session, filter: &JobFilter, before: Option<i64>, limit: i64) -> Result<Vec<JobRow>> {
    const SQL: [&str; 7] =
        by_index!(concat!("SELECT ", job_columns!(), " FROM jobs WHERE "), " AND seq < $3 ORDER BY seq DESC LIMIT $4");
    let before = before.unwrap_or(i64::MAX);
    fetch_all!(session, JobRow, SQL[best_index(filter)], filter.row(), filter.task_id.as_deref(), before, limit)
}

/// How many jobs accepted up to `newest` the filter finds.
pub async fn count(session: &mut Session, filter: &JobFilter, newest: i64) -> Result<i64> {
    const SQL: [&str; 7] = by_index!("SELECT count(*) FROM jobs WHERE ", " AND seq <= $3");
    let sql = SQL[best_index(filter)];
    let (count,) = fetch_one!(session, (i64,), sql, filter.row(), filter.task_id.as_deref(), newest)?;
    Ok(count)
}

/// Ids of the jobs after `after` and up to `newest` that the filter finds, oldest first.
pub async fn walk(session: &mut Session, filter: &JobFilter, after: i64, newest: i64, limit: i64) -> Result<Vec<i64>> {
    const SQL: [&str; 7] =
        by_index!("SELECT seq FROM jobs WHERE ", " AND seq > $3 AND seq <= $4 ORDER BY seq LIMIT $5");
    let sql = SQL[best_index(filter)];
    let task_id = filter.task_id.as_deref();
    let found = fetch_all!(session, (i64,), sql, filter.row(), task_id, after, newest, limit)?;
    Ok(found.into_iter().map(|(seq,)| seq).collect())
}

/// The newest job there is; 0 if there is none.
pub async fn newest(session: &mut Session) -> Result<i64> {
    let (seq,) = fetch_one!(session, (i64,), "SELECT COALESCE(max(seq), 0) FROM jobs")?;
    Ok(seq)
}

/// State and result of the finished ones among these jobs.
pub async fn outcomes(session: &mut Session, seqs: &[i64]) -> Result<Vec<(i64, JobState, Option<String>)>> {
    const SQL: &str = "SELECT jobs.seq, jobs.state, CAST(jobs.result AS text)
         FROM jsonb_array_elements($1::jsonb) AS e
         JOIN jobs ON jobs.seq = (e.value ->> 's')::bigint
         WHERE jobs.finished_at IS NOT NULL";
    fetch_all!(session, (i64, JobState, Option<String>), SQL, seq_rows(seqs))
}

/// What a job said last about how far it is.
pub async fn progress(session: &mut Session, seq: i64) -> Result<Option<Value>> {
    const SQL: &str = "SELECT CAST(progress AS text) FROM jobs WHERE seq = $1";
    let row = fetch_optional!(session, (Option<String>,), SQL, seq)?;
    Ok(row.and_then(|(text,)| serde_json::from_str(&text?).ok()))
}
