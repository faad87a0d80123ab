//! Jobs as operators see them.

use std::time::Duration;

use chrono::{DateTime, Utc};
use poem::Request;
use poem::web::Data;
use poem_openapi::param::Path;
use poem_openapi::types::Any;
use poem_openapi::{Object, OpenApi};
use serde::Serialize;
use serde_json::Value;
use shared::jobs::JobState;
use shared::store::jobs::{self, AttemptRow, JobFilter, JobRow};
use shared::store::{Session, workers};

use crate::app::App;
use crate::openapi::Tag;
use crate::params::{self, Given};
use crate::payload::Answer;
use crate::problem::Problem;

pub(crate) struct JobsApi;

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
    /// How far it is, as its kind tells it.
    progress: Option<Any<Value>>,
    /// Its result; for mutations with the HTTP status of the outcome.
    result: Option<Any<Value>>,
    /// When it was accepted.
    created_at: DateTime<Utc>,
    /// When it may run.
    run_at: DateTime<Utc>,
    /// When it ended.
    finished_at: Option<DateTime<Utc>>,
    /// Why it is not running; null if it is or has.
    waiting_for: Option<String>,
    /// Who asked for it.
    principal: String,
}

/// One attempt to run a job.
#[derive(Serialize, Object)]
#[oai(rename = "JobAttempt")]
pub(crate) struct Attempt {
    /// When it began.
    started_at: Option<DateTime<Utc>>,
    /// When it ended.
    finished_at: Option<DateTime<Utc>>,
    /// The worker.
    worker: Option<String>,
    /// Why it failed; null if it did not.
    error: Option<String>,
}

/// Jobs, newest first.
#[derive(Serialize, Object)]
#[oai(rename = "JobList")]
pub(crate) struct Jobs {
    /// The jobs.
    jobs: Vec<Job>,
    /// For `cursor`; null at the end.
    next_cursor: Option<String>,
}

#[OpenApi(prefix_path = "/api", tag = "Tag::Jobs")]
impl JobsApi {
    /// List jobs
    #[expect(clippy::too_many_arguments, reason = "one argument for each documented parameter")]
    #[oai(path = "/jobs", method = "get", operation_id = "listJobs")]
    async fn list(
        &self,
        app: Data<&App>,
        request: &Request,
        /// In this state.
        state: Given<JobState>,
        /// Of this queue.
        queue: Given<String>,
        /// Of this kind.
        kind: Given<String>,
        /// That change this task.
        task_id: Given<String>,
        /// Text to be found in the arguments.
        q: Given<String>,
        /// Accepted at this instant or later.
        from: Given<String>,
        /// Accepted at this instant or earlier.
        to: Given<String>,
        /// `next_cursor` of the page before.
        cursor: Given<i64>,
        /// Jobs at most, 1 to 200; 50 by default.
        limit: Given<i64>,
    ) -> Result<Answer<Jobs>, Problem> {
        let filter = JobFilter {
            state: state.0.map(|state| state.to_string()),
            queue: queue.text(request, "queue", 100),
            kind: kind.text(request, "kind", 100),
            task_id: task_id.text(request, "task_id", 100),
            q: q.text(request, "q", 200),
            from: from.instant(request, "from"),
            to: to.instant(request, "to"),
            before: cursor.0,
        };
        let limit = limit.within(request, "limit", 1..=200, 50);
        params::check(request)?;
        let mut session = app.db.read().await?;
        let mut rows = jobs::list(&mut session, &filter, limit + 1).await?;
        let more = rows.len() as i64 > limit;
        rows.truncate(limit as usize);
        let next_cursor = rows.last().filter(|_| more).map(|last| last.seq.to_string());
        let mut list = Vec::with_capacity(rows.len());
        for row in rows {
            list.push(view(&app, &mut session, row).await?);
        }
        Ok(Answer::of(&Jobs { jobs: list, next_cursor }))
    }

    /// Get a job
    #[oai(path = "/jobs/:job_id", method = "get", operation_id = "getJob")]
    async fn get(
        &self,
        app: Data<&App>,
        request: &Request,
        /// The job.
        job_id: Path<String>,
    ) -> Result<Answer<Job>, Problem> {
        params::check(request)?;
        let missing = || Problem::not_found("the job");
        let seq: i64 = job_id.parse().map_err(|_| missing())?;
        let mut session = app.db.read().await?;
        let row = jobs::lookup(&mut session, seq).await?.ok_or_else(missing)?;
        Ok(Answer::of(&view(&app, &mut session, row).await?))
    }
}

async fn view(app: &App, session: &mut Session, row: JobRow) -> Result<Job, Problem> {
    let mut attempts: Vec<Attempt> = if row.attempt > 0 {
        jobs::attempts(session, row.seq).await?.into_iter().map(failed).collect()
    } else {
        Vec::new()
    };
    // The attempt that runs, or the one that succeeded, is the job's own row.
    if matches!(row.state, JobState::Running | JobState::Completed) && row.started_at.is_some() {
        let worker = row.worker_id.clone();
        attempts.push(Attempt { started_at: row.started_at, finished_at: row.finished_at, worker, error: None });
    }
    let json = |text: String| Any(serde_json::from_str::<Value>(&text).unwrap_or_default());
    let waiting_for = waiting_for(app, session, &row).await?;
    Ok(Job {
        id: row.seq.to_string(),
        kind: row.kind,
        queue: row.queue,
        state: row.state,
        priority: row.priority,
        args: json(row.args),
        attempt: row.attempt,
        max_attempts: row.max_attempts,
        attempts,
        progress: row.progress.map(json),
        result: row.result.map(json),
        created_at: row.created_at,
        run_at: row.run_at,
        finished_at: row.finished_at,
        waiting_for,
        principal: row.principal,
    })
}

fn failed(row: AttemptRow) -> Attempt {
    Attempt {
        started_at: row.started_at,
        finished_at: Some(row.finished_at),
        worker: row.worker,
        error: Some(row.error),
    }
}

/// Why a job is not running.
async fn waiting_for(app: &App, session: &mut Session, row: &JobRow) -> Result<Option<String>, Problem> {
    let now = app.clock.now();
    Ok(match row.state {
        JobState::Running | JobState::Completed | JobState::Cancelled | JobState::Discarded => None,
        JobState::Pending => {
            let key = row.order_key.as_deref().unwrap_or_default();
            let earlier = jobs::earlier_of_key(session, row.seq, key).await?;
            Some(earlier.map_or_else(
                || "an earlier job of the same task".to_owned(),
                |seq| format!("an earlier mutation of the task: job {seq}"),
            ))
        }
        JobState::Scheduled | JobState::Retryable => Some(format!("its time: {}", row.run_at)),
        JobState::Available if jobs::is_paused(session, &row.queue, now).await? => {
            Some("the queue is paused".to_owned())
        }
        JobState::Available => {
            let alive = workers::list(session, now - Duration::from_secs(30)).await?;
            let anyone = alive.iter().any(|worker| worker.queues.contains(&row.queue));
            Some(if anyone { "a free slot of a worker" } else { "a worker for its queue" }.to_owned())
        }
    })
}
