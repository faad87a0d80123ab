//! Mutations are durable jobs: accepted in one transaction, then waited for a little while.

use std::time::Duration;

use chrono::{DateTime, Utc};
use poem::Request;
use poem_openapi::payload::Json;
use poem_openapi::{ApiResponse, Object};
use serde::Serialize;
use serde_json::Value;
use shared::domain::Task;
use shared::jobs::{JobState, NewJob, Outcome};
use shared::store::Tx;
use shared::store::jobs::{self, IdempotencyKey, JobRow};

use super::subject;
use crate::app::App;
use crate::payload::Answer;
use crate::problem::{Issue, Problem};

/// How long an answer waits for the outcome unless the caller prefers otherwise.
const WAIT: Duration = Duration::from_secs(2);
/// The longest a caller may ask for, in seconds.
const LONGEST_WAIT: u64 = 30;

/// A mutation that took effect.
#[derive(Serialize, Object)]
pub(crate) struct Applied {
    /// The task.
    pub(crate) task_id: String,
    /// The job that did it.
    pub(crate) job_id: String,
    /// The task after it.
    pub(crate) task: Task,
}

/// A mutation that is accepted and will take effect, or a deletion that did.
#[derive(Debug, Serialize, Object)]
pub(crate) struct AcceptedJob {
    /// The task.
    pub(crate) task_id: String,
    /// The job that does it.
    pub(crate) job_id: String,
}

/// How a mutation ended, as far as it was waited for.
pub(crate) struct Ended {
    pub(crate) job_id: String,
    /// What of the caller's preferences was honoured, for `Preference-Applied`.
    pub(crate) preference: Option<String>,
    /// The task it is about: of a repeated creation, that of the first.
    pub(crate) task_id: Option<String>,
    pub(crate) outcome: Option<Value>,
}

impl Ended {
    /// The answer of a deletion of a task, or of something that belongs to it.
    pub(crate) fn deleted(self, task_id: String) -> Deleted {
        let location = job_location(&self.job_id);
        let body = Json(AcceptedJob { task_id, job_id: self.job_id });
        if self.outcome.is_some() {
            Deleted::Done(body, self.preference)
        } else {
            Deleted::Later(body, location, self.preference)
        }
    }
}

/// Answers of creating a task.
#[derive(ApiResponse)]
pub(crate) enum Created {
    /// Created.
    #[oai(status = 201)]
    Done(
        Answer<Applied>,
        /// The task.
        #[oai(header = "Location")]
        String,
        /// Its version.
        #[oai(header = "ETag")]
        String,
        /// What of `Prefer` was honoured.
        #[oai(header = "Preference-Applied")]
        Option<String>,
    ),
    /// Accepted; follow the job.
    #[oai(status = 202)]
    Later(
        Json<AcceptedJob>,
        /// The job.
        #[oai(header = "Location")]
        String,
        /// What of `Prefer` was honoured.
        #[oai(header = "Preference-Applied")]
        Option<String>,
    ),
}

/// Answers of changing a task.
#[derive(ApiResponse)]
pub(crate) enum Updated {
    /// Changed, or unchanged because it was so already.
    #[oai(status = 200)]
    Done(
        Answer<Applied>,
        /// Its version.
        #[oai(header = "ETag")]
        String,
        /// What of `Prefer` was honoured.
        #[oai(header = "Preference-Applied")]
        Option<String>,
    ),
    /// Accepted; follow the job.
    #[oai(status = 202)]
    Later(
        Json<AcceptedJob>,
        /// The job.
        #[oai(header = "Location")]
        String,
        /// What of `Prefer` was honoured.
        #[oai(header = "Preference-Applied")]
        Option<String>,
    ),
}

/// Answers of deleting a task.
#[derive(ApiResponse)]
pub(crate) enum Deleted {
    /// Deleted.
    #[oai(status = 200)]
    Done(
        Json<AcceptedJob>,
        /// What of `Prefer` was honoured.
        #[oai(header = "Preference-Applied")]
        Option<String>,
    ),
    /// Accepted; follow the job.
    #[oai(status = 202)]
    Later(
        Json<AcceptedJob>,
        /// The job.
        #[oai(header = "Location")]
        String,
        /// What of `Prefer` was honoured.
        #[oai(header = "Preference-Applied")]
        Option<String>,
    ),
}

/// Where a job is followed.
pub(crate) fn job_location(job_id: &str) -> String {
    format!("/api/jobs/{job_id}")
}

/// What a caller asks for beside the change itself.
pub(crate) struct Terms {
    wait: Duration,
    /// Where the caller chose the wait: the preference as it is honoured.
    preference: Option<String>,
    pub(crate) idempotency: Option<IdempotencyKey>,
    /// Version the caller saw.
    pub(crate) expected_version: Option<i64>,
    pub(crate) trace_id: Option<String>,
}

impl Terms {
    /// Reads Prefer, If-Match and Idempotency-Key.
    pub(crate) fn of(app: &App, request: &Request, operation: &str, body_hash: &str) -> Result<Self, Problem> {
        let mut issues = Vec::new();
        let (wait, preference) = request.header("prefer").map_or((WAIT, None), prefer);
        let expected_version = match request.header("if-match").map(str::trim) {
            None | Some("*") => None,
            Some(tag) => {
                let version =
                    tag.strip_prefix('"').and_then(|tag| tag.strip_suffix('"')).and_then(|tag| tag.parse().ok());
                if version.is_none() {
                    issues.push(Issue::at("header/If-Match", "must be an entity tag such as \"3\""));
                }
                version
            }
        };
        let idempotency = match request.header("idempotency-key") {
            None => None,
            Some(key) if (1..=200).contains(&key.len()) => Some(IdempotencyKey {
                principal: app.principal().to_owned(),
                operation: operation.to_owned(),
                key: key.to_owned(),
                body_hash: format!("{body_hash}/{}", request.header("if-match").unwrap_or_default()),
            }),
            Some(_) => {
                issues.push(Issue::at("header/Idempotency-Key", "must be 1 to 200 characters"));
                None
            }
        };
        if issues.is_empty() {
            let trace_id = request.header("traceparent").and_then(trace_id);
            Ok(Self { wait, preference, idempotency, expected_version, trace_id })
        } else {
            Err(Problem::unprocessable(issues))
        }
    }
}

/// The trace's id in a `traceparent` (W3C Trace Context).
fn trace_id(header: &str) -> Option<String> {
    let id = header.split('-').nth(1)?;
    let sane = id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit()) && id.bytes().any(|byte| byte != b'0');
    sane.then(|| id.to_ascii_lowercase())
}

/// RFC 7240: `respond-async` and `wait=N` in seconds, and which of them is honoured; what is not understood is ignored.
fn prefer(header: &str) -> (Duration, Option<String>) {
    let mut honoured = (WAIT, None);
    for preference in header.split([',', ';']).map(str::trim) {
        if preference.eq_ignore_ascii_case("respond-async") {
            return (Duration::ZERO, Some("respond-async".to_owned()));
        }
        if let Some(seconds) = preference.strip_prefix("wait=").and_then(|text| text.parse::<u64>().ok()) {
            let seconds = seconds.min(LONGEST_WAIT);
            honoured = (Duration::from_secs(seconds), Some(format!("wait={seconds}")));
        }
    }
    honoured
}

impl Terms {
    /// The job that an equal request with the same key made before.
    ///
    /// # Errors
    /// The key was used for another request.
    pub(crate) async fn repeated(&self, tx: &mut Tx) -> Result<Option<JobRow>, Problem> {
        let Some(key) = &self.idempotency else { return Ok(None) };
        let Some(first) = jobs::idempotent(tx, key).await? else { return Ok(None) };
        if first.body_hash != key.body_hash {
            return Err(shared::jobs::Refused::KeyReused.into());
        }
        let job = jobs::lookup(tx, first.job_seq).await?;
        job.map(Some).ok_or_else(|| Problem::not_found("the job"))
    }

    /// Binds the key, if there is one, to a job. `false` if another request took it meanwhile.
    pub(crate) async fn remember(&self, tx: &mut Tx, seq: i64, now: DateTime<Utc>) -> Result<bool, Problem> {
        match &self.idempotency {
            None => Ok(true),
            Some(key) => Ok(jobs::remember(tx, key, seq, now).await?),
        }
    }

    /// The preference of a caller who is answered at once in any case.
    pub(crate) fn answered_at_once(&self) -> Option<String> {
        self.preference.clone().filter(|_| self.wait.is_zero())
    }
}

/// Accepts a job and waits for its outcome as long as the terms say.
///
/// # Errors
/// The problem the outcome stands for, if it is not success.
pub(crate) async fn submit(app: &App, job: NewJob, terms: Terms) -> Result<Ended, Problem> {
    let (request, wish) = requested(job, terms);
    let accepted = app.enqueuer.accept(request).await?;
    ended(app, accepted, wish).await
}

/// As [`submit`], for a job that is about other tasks as well as the one it is ordered by.
pub(crate) async fn submit_joint(app: &App, job: NewJob, others: &[String], terms: Terms) -> Result<Ended, Problem> {
    let (request, wish) = requested(job, terms);
    let accepted = app.enqueuer.accept_joint(request, others).await?;
    ended(app, accepted, wish).await
}

/// How long a caller waits, and what of its preferences is honoured then and otherwise.
struct Wish {
    wait: Duration,
    preference: Option<String>,
    at_once: Option<String>,
}

fn requested(mut job: NewJob, terms: Terms) -> (shared::jobs::Request, Wish) {
    let at_once = terms.answered_at_once();
    job.trace_id = terms.trace_id;
    let request = shared::jobs::Request { job, idempotency: terms.idempotency };
    (request, Wish { wait: terms.wait, preference: terms.preference, at_once })
}

async fn ended(app: &App, accepted: shared::jobs::Accepted, wish: Wish) -> Result<Ended, Problem> {
    let job_id = accepted.seq.to_string();
    let waits = !accepted.paused && !wish.wait.is_zero();
    let outcome = if waits { app.outcomes.wait(accepted.seq, wish.wait).await } else { None };
    let outcome = match outcome.map(|outcome| judge(outcome, &job_id)).transpose() {
        Ok(outcome) => outcome,
        // Of a task that ended in another one the caller is told which.
        Err(problem) if problem.status == 410 => {
            let task_id = accepted.order_key.unwrap_or_default();
            return Err(subject::gone(&mut app.db.read().await?, &task_id).await?);
        }
        Err(problem) => return Err(problem),
    };
    Ok(Ended {
        outcome,
        job_id,
        task_id: accepted.order_key,
        preference: if waits { wish.preference } else { wish.at_once },
    })
}

fn judge(outcome: Outcome, job_id: &str) -> Result<Value, Problem> {
    use poem::http::StatusCode;
    if outcome.state != JobState::Completed {
        let detail = format!("job {job_id} was {}; see its attempts at {}", outcome.state, job_location(job_id));
        return Err(Problem::new(StatusCode::INTERNAL_SERVER_ERROR, detail));
    }
    let result = outcome.result.unwrap_or_default();
    match result["status"].as_u64() {
        Some(403) => Err(Problem::forbidden(result["detail"].as_str().unwrap_or("not allowed"))),
        Some(404) => {
            let detail = result["detail"].as_str().unwrap_or("the task does not exist");
            Err(Problem::new(StatusCode::NOT_FOUND, detail))
        }
        Some(422) => {
            let detail = result["detail"].as_str().unwrap_or("the change is not possible");
            Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, detail))
        }
        Some(409) => {
            let detail = result["detail"].as_str().unwrap_or("its state does not allow this");
            Err(Problem::new(StatusCode::CONFLICT, detail))
        }
        Some(410) => Err(Problem::gone("the task")),
        Some(412) => {
            let detail = result["detail"].as_str().unwrap_or("the task has another version");
            Err(Problem::new(StatusCode::PRECONDITION_FAILED, detail))
        }
        _ => Ok(result),
    }
}

/// A mutation's answer with the task as it was left.
#[derive(Serialize)]
struct AppliedRef<'a> {
    task_id: &'a str,
    job_id: &'a str,
    task: &'a Value,
}

/// The body and the entity tag of a task after a mutation.
pub(crate) fn applied(task_id: &str, job_id: &str, result: &Value) -> (Answer<Applied>, String) {
    let task = &result["task"];
    (Answer::of(&AppliedRef { task_id, job_id, task }), format!("\"{}\"", task["version"]))
}
