//! Jobs as operators see and handle them. Each verb is one transaction with its row of the audit trail.

mod input;
mod view;
mod waiting;

use chrono::{DateTime, Utc};
use poem::Request;
use poem::http::StatusCode;
use poem::web::Data;
use poem_openapi::param::Path;
use poem_openapi::payload::Json;
use poem_openapi::{ApiResponse, Object, OpenApi};
use serde::Serialize;
use serde_json::json;
use shared::events::{JobChange, Signal};
use shared::jobs::{BulkAction, BulkJobs, JobState, NewJob};
use shared::store::jobs::{self, JobFilter, JobRow, Verdict, Wish};
use shared::store::{Tx, audit};

pub(crate) use input::{Reason, reason};
pub(crate) use waiting::ALIVE;

use self::input::{Bulk, Edit};
use self::view::{Job, view_of, views};
use super::cursor;
use super::mutation::job_location;
use crate::app::App;
use crate::body::Body;
use crate::openapi::Tag;
use crate::params::{self, Given};
use crate::payload::Answer;
use crate::problem::Problem;

pub(crate) struct JobsApi;

/// Jobs, newest first.
#[derive(Serialize, Object)]
#[oai(rename = "JobList")]
pub(crate) struct Jobs {
    /// The jobs.
    jobs: Vec<Job>,
    /// For `cursor`; null at the end.
    next_cursor: Option<String>,
}

/// What a bulk action would do.
#[derive(Serialize, Object)]
pub(crate) struct BulkPreview {
    /// Jobs it would be done to.
    matched: i64,
    /// The newest of them.
    sample: Vec<Job>,
}

/// A bulk action that was accepted.
#[derive(Serialize, Object)]
pub(crate) struct BulkAccepted {
    /// The job that does it; its progress tells how far it is, its items what became of each.
    job_id: String,
    /// Jobs it will be done to.
    matched: i64,
}

/// Answers of a bulk action.
#[derive(ApiResponse)]
pub(crate) enum BulkAnswer {
    /// What it would do.
    #[oai(status = 200)]
    Preview(Answer<BulkPreview>),
    /// Accepted; follow the job.
    #[oai(status = 202)]
    Accepted(
        Json<BulkAccepted>,
        /// The job.
        #[oai(header = "Location")]
        String,
    ),
}

/// What became of one thing.
#[derive(Serialize, Object)]
pub(crate) struct JobItem {
    /// Its id.
    item: String,
    /// `pending`, `changed`, `skipped`, `unchanged` or `failed`.
    outcome: String,
    /// Why, if there is something to say.
    detail: Option<String>,
}

/// What became of each thing a job was about, in the order of their ids as text.
#[derive(Serialize, Object)]
#[oai(rename = "JobItemList")]
pub(crate) struct Items {
    /// The things.
    items: Vec<JobItem>,
    /// For `cursor`; null at the end.
    next_cursor: Option<String>,
}

/// Discarded jobs of one kind that ended with the same error, numbers aside.
#[derive(Serialize, Object)]
pub(crate) struct JobErrorGroup {
    /// Kind and error with every number replaced by `#`.
    fingerprint: String,
    /// Their kind.
    kind: String,
    /// Their queue.
    queue: String,
    /// The newest error.
    error: String,
    /// How many.
    count: i64,
    /// When the first of them ended.
    first_at: DateTime<Utc>,
    /// When the last of them ended.
    last_at: DateTime<Utc>,
    /// The newest of them.
    sample_job_id: String,
}

/// Discarded jobs by what they died of.
#[derive(Serialize, Object)]
#[oai(rename = "JobErrorGroups")]
pub(crate) struct ErrorGroups {
    /// The largest group first; of the newest 10,000 discarded jobs.
    groups: Vec<JobErrorGroup>,
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
        /// In one of these states.
        state: Given<Vec<JobState>>,
        /// Of one of these queues.
        queue: Given<Vec<String>>,
        /// Of one of these kinds.
        kind: Given<Vec<String>>,
        /// That change this task.
        task_id: Given<String>,
        /// Text to be found in the arguments, in any case.
        q: Given<String>,
        /// Run by this worker.
        worker: Given<String>,
        /// Made by this schedule.
        schedule: Given<String>,
        /// Text to be found in the error of an attempt, in any case.
        error: Given<String>,
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
            state: state.0.unwrap_or_default(),
            queue: queue.texts(request, "queue", 100),
            kind: kind.texts(request, "kind", 100),
            ids: Vec::new(),
            task_id: task_id.text(request, "task_id", 100),
            q: q.text(request, "q", 200),
            worker: worker.text(request, "worker", 200),
            schedule: schedule.text(request, "schedule", 100),
            error: error.text(request, "error", 200),
            from: from.instant(request, "from"),
            to: to.instant(request, "to"),
        };
        let limit = limit.within(request, "limit", 1..=200, 50);
        params::check(request)?;
        let mut session = app.db.read().await?;
        let mut rows = jobs::list(&mut session, &filter, cursor.0, limit + 1).await?;
        let next_cursor = cursor::cut(&mut rows, limit).map(|last| last.seq.to_string());
        let jobs = views(&mut session, rows, app.clock.now()).await?;
        Ok(Answer::of(&Jobs { jobs, next_cursor }))
    }

    /// Group discarded jobs by error
    #[oai(path = "/jobs/errors", method = "get", operation_id = "listJobErrors")]
    async fn errors(
        &self,
        app: Data<&App>,
        request: &Request,
        /// Of this queue.
        queue: Given<String>,
        /// Of this kind.
        kind: Given<String>,
    ) -> Result<Answer<ErrorGroups>, Problem> {
        let (queue, kind) = (queue.text(request, "queue", 100), kind.text(request, "kind", 100));
        params::check(request)?;
        let mut session = app.db.read().await?;
        let groups = jobs::error_groups(&mut session, queue.as_deref(), kind.as_deref()).await?;
        let shown = |group: jobs::ErrorGroup| JobErrorGroup {
            fingerprint: group.fingerprint,
            kind: group.kind,
            queue: group.queue,
            error: group.error,
            count: group.count,
            first_at: group.first_at,
            last_at: group.last_at,
            sample_job_id: group.sample.to_string(),
        };
        Ok(Answer::of(&ErrorGroups { groups: groups.into_iter().map(shown).collect() }))
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
        let seq = seq_of(&job_id)?;
        let mut session = app.db.read().await?;
        let row = jobs::lookup(&mut session, seq).await?.ok_or_else(missing)?;
        Ok(Answer::of(&view_of(&mut session, row, app.clock.now()).await?))
    }

    /// List what a job over many things did to each
    #[oai(path = "/jobs/:job_id/items", method = "get", operation_id = "listJobItems")]
    async fn items(
        &self,
        app: Data<&App>,
        request: &Request,
        /// The job.
        job_id: Path<String>,
        /// `changed`, `skipped`, `unchanged`, `failed` or `pending`.
        outcome: Given<String>,
        /// `next_cursor` of the page before.
        cursor: Given<String>,
        /// Items at most, 1 to 1000; 200 by default.
        limit: Given<i64>,
    ) -> Result<Answer<Items>, Problem> {
        let outcome = outcome.one_of(request, "outcome", &["changed", "skipped", "failed"]);
        let cursor = cursor.text(request, "cursor", 200).unwrap_or_default();
        let limit = limit.within(request, "limit", 1..=1_000, 200);
        params::check(request)?;
        let seq = seq_of(&job_id)?;
        let mut session = app.db.read().await?;
        jobs::lookup(&mut session, seq).await?.ok_or_else(missing)?;
        let mut found = jobs::items::list(&mut session, seq, outcome.as_deref(), &cursor, limit + 1).await?;
        let next_cursor = cursor::cut(&mut found, limit).map(|last| last.item.clone());
        let shown = |item: jobs::items::Item| JobItem { item: item.item, outcome: item.outcome, detail: item.detail };
        Ok(Answer::of(&Items { items: found.into_iter().map(shown).collect(), next_cursor }))
    }

    /// Retry a job that was cancelled or discarded
    ///
    /// A job that waits for its time is due at once; for one that runs or is completed the answer is 409.
    #[oai(path = "/jobs/:job_id/retry", method = "post", operation_id = "retryJob")]
    async fn retry(
        &self,
        app: Data<&App>,
        request: &Request,
        /// The job.
        job_id: Path<String>,
        body: Body<Reason>,
    ) -> Result<Answer<Job>, Problem> {
        act(&app, request, &job_id, Verb::Do(BulkAction::Retry), body.value.reason).await
    }

    /// Run a job now that waits for its time
    ///
    /// For one that does not wait the answer is 409.
    #[oai(path = "/jobs/:job_id/run", method = "post", operation_id = "runJob")]
    async fn run(
        &self,
        app: Data<&App>,
        request: &Request,
        /// The job.
        job_id: Path<String>,
        body: Body<Reason>,
    ) -> Result<Answer<Job>, Problem> {
        act(&app, request, &job_id, Verb::Do(BulkAction::Run), body.value.reason).await
    }

    /// Cancel an unfinished job
    ///
    /// Takes effect at once, also for a running job: what its worker still does has no effect. What a long job committed
    /// at its checkpoints stays. With a bulk update those of its changes are cancelled that have not been made. For one that
    /// has ended the answer is 409.
    #[oai(path = "/jobs/:job_id/cancel", method = "post", operation_id = "cancelJob")]
    async fn cancel(
        &self,
        app: Data<&App>,
        request: &Request,
        /// The job.
        job_id: Path<String>,
        body: Body<Reason>,
    ) -> Result<Answer<Job>, Problem> {
        act(&app, request, &job_id, Verb::Do(BulkAction::Cancel), body.value.reason).await
    }

    /// Change priority or time of a waiting job
    ///
    /// For one that runs or has ended the answer is 409.
    #[oai(path = "/jobs/:job_id", method = "patch", operation_id = "editJob")]
    async fn edit(
        &self,
        app: Data<&App>,
        request: &Request,
        /// The job.
        job_id: Path<String>,
        body: Body<Edit>,
    ) -> Result<Answer<Job>, Problem> {
        let Edit { priority, run_at, reason } = body.value;
        act(&app, request, &job_id, Verb::Edit { priority, run_at }, reason).await
    }

    /// Remove a job that does not run
    ///
    /// For one that runs the answer is 409.
    #[oai(path = "/jobs/:job_id", method = "delete", operation_id = "deleteJob")]
    async fn delete(
        &self,
        app: Data<&App>,
        request: &Request,
        /// The job.
        job_id: Path<String>,
        body: Body<Reason>,
    ) -> Result<Answer<Job>, Problem> {
        act(&app, request, &job_id, Verb::Do(BulkAction::Delete), body.value.reason).await
    }

    /// Do one thing to many jobs
    ///
    /// With `dry_run` it only tells which. Otherwise a job of kind `bulk-jobs` does it to those that were there when it
    /// was accepted; it can be followed and cancelled like any other.
    #[oai(path = "/jobs/bulk", method = "post", operation_id = "bulkJobs")]
    async fn bulk(&self, app: Data<&App>, request: &Request, body: Body<Bulk>) -> Result<BulkAnswer, Problem> {
        params::check(request)?;
        let Bulk { action, filter, dry_run, reason } = body.value;
        let now = app.clock.now();
        if dry_run {
            let mut session = app.db.snapshot().await?;
            let newest = jobs::newest(&mut session).await?;
            let matched = jobs::count(&mut session, &filter, newest).await?;
            let rows = jobs::list(&mut session, &filter, None, 10).await?;
            let sample = views(&mut session, rows, now).await?;
            return Ok(BulkAnswer::Preview(Answer::of(&BulkPreview { matched, sample })));
        }
        let mut tx = app.db.begin().await?;
        let newest = jobs::newest(&mut tx).await?;
        let matched = jobs::count(&mut tx, &filter, newest).await?;
        let detail = json!({"filter": filter, "matched": matched, "reason": reason});
        let job = NewJob::of(&BulkJobs { action, filter, newest, matched, reason }, app.principal());
        let seq = jobs::enqueue(&mut tx, std::slice::from_ref(&job), now).await?[0].seq;
        let name = format!("job.bulk-{action}");
        audit::audit(&mut tx, now, app.principal(), &name, &seq.to_string(), &detail).await?;
        tx.commit().await?;
        app.bus.wake(&job.queue);
        let job_id = seq.to_string();
        let location = job_location(&job_id);
        Ok(BulkAnswer::Accepted(Json(BulkAccepted { job_id, matched }), location))
    }
}

fn missing() -> Problem {
    Problem::not_found("the job")
}

fn seq_of(job_id: &str) -> Result<i64, Problem> {
    job_id.parse().map_err(|_| missing())
}

/// What an operator does to one job.
#[derive(Clone, Copy)]
enum Verb {
    Do(BulkAction),
    Edit { priority: Option<i16>, run_at: Option<DateTime<Utc>> },
}

impl Verb {
    /// Its name in the audit trail.
    fn name(self) -> String {
        match self {
            Self::Do(action) => format!("job.{action}"),
            Self::Edit { .. } => "job.edit".to_owned(),
        }
    }

    async fn apply(self, tx: &mut Tx, seq: i64, wish: Wish<'_>) -> shared::store::Result<Verdict> {
        match self {
            Self::Do(action) => jobs::act(tx, seq, action, wish).await,
            Self::Edit { priority, run_at } => jobs::edit(tx, seq, priority, run_at, wish).await,
        }
    }
}

async fn act(
    app: &App,
    request: &Request,
    job_id: &str,
    verb: Verb,
    reason: Option<String>,
) -> Result<Answer<Job>, Problem> {
    params::check(request)?;
    let seq = seq_of(job_id)?;
    let now = app.clock.now();
    let wish = Wish { principal: app.principal(), reason: reason.as_deref(), now };
    let mut tx = app.db.begin().await?;
    let (row, changed) = match verb.apply(&mut tx, seq, wish).await? {
        Verdict::Missing => return Err(missing()),
        Verdict::Refused(why) => return Err(Problem::new(StatusCode::CONFLICT, why)),
        Verdict::Unchanged(row) => (row, false),
        Verdict::Changed(row) => (row, true),
    };
    if changed {
        let mut detail = json!({"kind": row.kind, "queue": row.queue, "reason": reason});
        if let Verb::Edit { priority, run_at } = verb {
            detail["priority"] = json!(priority);
            detail["run_at"] = json!(run_at);
        }
        audit::audit(&mut tx, now, app.principal(), &verb.name(), job_id, &detail).await?;
    }
    let shown = view_of(&mut tx, (*row).clone(), now).await?;
    tx.commit().await?;
    if changed {
        announce(app, verb, &row, now);
    }
    Ok(Answer::of(&shown))
}

/// Tells workers and watchers what became of a job.
fn announce(app: &App, verb: Verb, row: &JobRow, at: DateTime<Utc>) {
    let job = JobChange::of(row, at);
    match verb {
        Verb::Do(BulkAction::Cancel) => app.bus.publish(Signal::Done { job, result: None }),
        Verb::Do(BulkAction::Delete) => {}
        _ => app.bus.publish(Signal::Job(job)),
    }
    app.bus.wake(&row.queue);
}
