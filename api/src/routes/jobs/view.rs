//! Jobs as they are shown.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use poem_openapi::Object;
use poem_openapi::types::Any;
use serde::Serialize;
use serde_json::Value;
use shared::jobs::JobState;
use shared::store::Session;
use shared::store::jobs::{self, AttemptRow, JobRow};

use super::waiting::Waiting;
use crate::problem::Problem;

/// A job.
#[derive(Serialize, Object)]
pub(crate) struct Job {
    /// Its id, a decimal in order of acceptance.
    id: String,
    /// What it does.
    kind: String,
    /// Its queue.
    queue: String,
    /// Where it stands.
    state: JobState,
    /// 1 is most urgent, 4 least.
    priority: i16,
    /// Its arguments.
    args: Any<Value>,
    /// Attempts begun.
    attempt: i16,
    /// Attempts at most.
    max_attempts: i16,
    /// The attempts, oldest first.
    attempts: Vec<Attempt>,
    /// How often its worker went silent while it ran.
    rescues: i16,
    /// How far it is, as its kind tells it.
    progress: Option<Any<Value>>,
    /// Its result; for mutations with the HTTP status of the outcome.
    result: Option<Any<Value>>,
    /// When it was accepted.
    created_at: DateTime<Utc>,
    /// When it may run.
    run_at: DateTime<Utc>,
    /// When its last attempt began.
    started_at: Option<DateTime<Utc>>,
    /// When it ended.
    finished_at: Option<DateTime<Utc>>,
    /// Why it is not running; null if it is or has.
    waiting_for: Option<String>,
    /// Who asked for it.
    principal: String,
    /// The task it changes, or the key it is ordered by.
    task_id: Option<String>,
    /// What it is unique by.
    unique_key: Option<String>,
    /// Whose limits it shares.
    limit_key: Option<String>,
    /// The schedule that made it.
    schedule: Option<String>,
    /// The trace it belongs to.
    trace_id: Option<String>,
}

/// One attempt to run a job.
#[derive(Serialize, Object)]
#[oai(rename = "JobAttempt")]
pub(crate) struct Attempt {
    /// Its number, from 1.
    number: i16,
    /// When it began.
    started_at: Option<DateTime<Utc>>,
    /// When it ended.
    finished_at: Option<DateTime<Utc>>,
    /// The worker.
    worker: Option<String>,
    /// Why it failed; null if it did not.
    error: Option<String>,
    /// The trace it belongs to.
    trace_id: Option<String>,
}

/// The jobs of a page, in a fixed number of statements.
pub(super) async fn views(session: &mut Session, rows: Vec<JobRow>, now: DateTime<Utc>) -> Result<Vec<Job>, Problem> {
    let tried: Vec<i64> = rows.iter().filter(|row| row.attempt > 0).map(|row| row.seq).collect();
    let mut attempts: HashMap<i64, Vec<Attempt>> = HashMap::new();
    if !tried.is_empty() {
        for row in jobs::attempts(session, &tried).await? {
            attempts.entry(row.job_seq).or_default().push(failed(row));
        }
    }
    let waiting = Waiting::find(session, &rows, now).await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let why = waiting.why(&row);
            let failed = attempts.remove(&row.seq).unwrap_or_default();
            view(row, failed, why)
        })
        .collect())
}

/// One job.
pub(super) async fn view_of(session: &mut Session, row: JobRow, now: DateTime<Utc>) -> Result<Job, Problem> {
    views(session, vec![row], now).await?.pop().ok_or_else(|| Problem::not_found("the job"))
}

fn view(row: JobRow, mut attempts: Vec<Attempt>, waiting_for: Option<String>) -> Job {
    // The attempt that runs, or the one that succeeded, is the job's own row.
    if matches!(row.state, JobState::Running | JobState::Completed) && row.started_at.is_some() {
        attempts.push(Attempt {
            number: row.attempt,
            started_at: row.started_at,
            finished_at: row.finished_at,
            worker: row.worker_id.clone(),
            error: None,
            trace_id: row.trace_id.clone(),
        });
    }
    let json = |text: String| Any(serde_json::from_str::<Value>(&text).unwrap_or_default());
    Job {
        id: row.seq.to_string(),
        kind: row.kind,
        queue: row.queue,
        state: row.state,
        priority: row.priority,
        args: json(row.args),
        attempt: row.attempt,
        max_attempts: row.max_attempts,
        attempts,
        rescues: row.rescues,
        progress: row.progress.map(json),
        result: row.result.map(json),
        created_at: row.created_at,
        run_at: row.run_at,
        started_at: row.started_at,
        finished_at: row.finished_at,
        waiting_for,
        principal: row.principal,
        task_id: row.order_key,
        unique_key: row.unique_key,
        limit_key: row.limit_key,
        schedule: row.schedule,
        trace_id: row.trace_id,
    }
}

fn failed(row: AttemptRow) -> Attempt {
    Attempt {
        number: row.attempt,
        started_at: row.started_at,
        finished_at: Some(row.finished_at),
        worker: row.worker,
        error: Some(row.error),
        trace_id: row.trace_id,
    }
}
