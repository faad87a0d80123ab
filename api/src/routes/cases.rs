//! Which tasks are one matter, as people see it: merging, splitting, and taking that back.

mod input;

use poem::Request;
use poem::web::Data;
use poem_openapi::param::Path;
use poem_openapi::payload::Json;
use poem_openapi::{ApiResponse, Object, OpenApi};
use serde::Serialize;
use serde_json::Value;
use shared::domain::Task;
use shared::domain::change::Actor;
use shared::jobs::{MergeTasks, NewJob, SplitTask, UndoRegrouping};
use shared::store::cases::{self, Regrouping};

use self::input::{MergeInput, SplitInput};
use super::jobs::Reason;
use super::mutation::{Ended, Terms, job_location, submit_joint};
use super::subject;
use crate::app::App;
use crate::body::Body;
use crate::openapi::Tag;
use crate::params;
use crate::payload::Answer;
use crate::problem::Problem;

pub(crate) struct CasesApi;

/// A merge or a split that is accepted and will take effect.
#[derive(Serialize, Object)]
pub(crate) struct RegroupingAccepted {
    /// The task that is left, or the new one.
    task_id: String,
    /// The job that does it.
    job_id: String,
    /// The merge or split, for undoing it.
    id: String,
}

/// Tasks that were merged.
#[derive(Serialize, Object)]
pub(crate) struct MergedTasks {
    /// The task that is left.
    task_id: String,
    /// The job that did it.
    job_id: String,
    /// The merge, for undoing it.
    merge_id: String,
    /// The task that is left, after it.
    task: Task,
}

/// A task that was split.
#[derive(Serialize, Object)]
pub(crate) struct SplitTasks {
    /// The new task.
    task_id: String,
    /// The job that did it.
    job_id: String,
    /// The split, for undoing it.
    split_id: String,
    /// The new task.
    task: Task,
    /// The task it was split from, after it.
    source: Task,
}

/// A merge or split that was taken back.
#[derive(Serialize, Object)]
pub(crate) struct RegroupingUndone {
    /// The task that was left, or that was split.
    task_id: String,
    /// The job that did it.
    job_id: String,
    /// That task, after it.
    task: Task,
    /// Tasks that are there again.
    restored: Vec<String>,
    /// Fields of the task that were changed since and stay as they are.
    kept_fields: Vec<String>,
    /// Mails that went elsewhere since and stay there.
    kept_emails: Vec<String>,
}

/// Merges and splits.
#[derive(Serialize, Object)]
#[oai(rename = "RegroupingList")]
pub(crate) struct Regroupings {
    /// The newest first, at most 100.
    regroupings: Vec<Regrouping>,
}

/// Answers of merging.
#[derive(ApiResponse)]
pub(crate) enum Merged {
    /// Merged.
    #[oai(status = 200)]
    Done(
        Answer<MergedTasks>,
        /// What of `Prefer` was honoured.
        #[oai(header = "Preference-Applied")]
        Option<String>,
    ),
    /// Accepted; follow the job.
    #[oai(status = 202)]
    Later(
        Json<RegroupingAccepted>,
        /// The job.
        #[oai(header = "Location")]
        String,
        /// What of `Prefer` was honoured.
        #[oai(header = "Preference-Applied")]
        Option<String>,
    ),
}

/// Answers of splitting.
#[derive(ApiResponse)]
pub(crate) enum Splitted {
    /// Split.
    #[oai(status = 201)]
    Done(
        Answer<SplitTasks>,
        /// The new task.
        #[oai(header = "Location")]
        String,
        /// What of `Prefer` was honoured.
        #[oai(header = "Preference-Applied")]
        Option<String>,
    ),
    /// Accepted; follow the job.
    #[oai(status = 202)]
    Later(
        Json<RegroupingAccepted>,
        /// The job.
        #[oai(header = "Location")]
        String,
        /// What of `Prefer` was honoured.
        #[oai(header = "Preference-Applied")]
        Option<String>,
    ),
}

/// Answers of taking one back.
#[derive(ApiResponse)]
pub(crate) enum Undone {
    /// Taken back, as far as nothing was changed since.
    #[oai(status = 200)]
    Done(
        Answer<RegroupingUndone>,
        /// What of `Prefer` was honoured.
        #[oai(header = "Preference-Applied")]
        Option<String>,
    ),
    /// Accepted; follow the job.
    #[oai(status = 202)]
    Later(
        Json<RegroupingAccepted>,
        /// The job.
        #[oai(header = "Location")]
        String,
        /// What of `Prefer` was honoured.
        #[oai(header = "Preference-Applied")]
        Option<String>,
    ),
}

#[OpenApi(prefix_path = "/api/workflow", tag = "Tag::Tasks")]
impl CasesApi {
    /// Merge tasks
    ///
    /// The tasks of `from` end in `into`, with their mails and comments; later mail about them goes there. They leave every
    /// list, view and metric, and reading one answers 410 with the task that is left in `merged_into`. A task of `from` that
    /// is gone already answers 409, a task that never was 404, and nothing changes. The merge takes its place among the
    /// other mutations of every task it is about; the answer waits up to 2 s for it (`Prefer: wait=N` or `respond-async`).
    #[oai(path = "/merge", method = "post", operation_id = "mergeTasks")]
    async fn merge(&self, app: Data<&App>, request: &Request, body: Body<MergeInput>) -> Result<Merged, Problem> {
        let terms = Terms::of(&app, request, "mergeTasks", &body.hash)?;
        let MergeInput { into, from, reason } = body.value;
        let job = MergeTasks {
            merge_id: new_id(&app, "MERGE"),
            task_id: into,
            from,
            expected_version: terms.expected_version,
            actor: Actor { principal: app.principal().to_owned(), reason },
        };
        let others = job.from.clone();
        let ended = submit_joint(&app, NewJob::of(&job, app.principal()), &others, terms).await?;
        let (task_id, merge_id) = (job.task_id, job.merge_id);
        let Some(result) = &ended.outcome else {
            let (body, location, preference) = later(ended, task_id, merge_id);
            return Ok(Merged::Later(body, location, preference));
        };
        let merge_id = result["merge_id"].as_str().unwrap_or(&merge_id);
        let body = MergedRef { task_id: &task_id, job_id: &ended.job_id, merge_id, task: &result["task"] };
        Ok(Merged::Done(Answer::of(&body), ended.preference))
    }

    /// Undo a merge
    ///
    /// The merged tasks are there again as they were, with their mails and comments. The task that was left gets back what
    /// the merge replaced, field by field; a field that was changed since stays and is told in `kept_fields`, a mail that
    /// went elsewhere since in `kept_emails`. A merge that was undone already answers 409; if the task that was left is
    /// itself gone, 410.
    #[oai(path = "/merge/:id/undo", method = "post", operation_id = "undoMerge")]
    async fn undo_merge(
        &self,
        app: Data<&App>,
        request: &Request,
        /// The merge.
        id: Path<String>,
        body: Body<Reason>,
    ) -> Result<Undone, Problem> {
        undo(&app, request, id.0, "merge", body).await
    }

    /// Split a task
    ///
    /// These mails of the task get a task of their own, which says what they say; at least one mail stays. Later mail that
    /// answers them goes to the new task. Numbers that they alone name leave the old one; whatever else was set on it stays.
    /// The split is a durable job; the answer waits up to 2 s for it (`Prefer: wait=N` or `respond-async`).
    #[oai(path = "/split/:task_id", method = "post", operation_id = "splitTask")]
    async fn split(
        &self,
        app: Data<&App>,
        request: &Request,
        /// The task.
        task_id: Path<String>,
        body: Body<SplitInput>,
    ) -> Result<Splitted, Problem> {
        let task_id = subject::known(task_id.0, "the task")?;
        let terms = Terms::of(&app, request, &format!("splitTask/{task_id}"), &body.hash)?;
        let SplitInput { emails, title, reason } = body.value;
        let job = SplitTask {
            split_id: new_id(&app, "SPLIT"),
            task_id,
            new_task_id: new_id(&app, "TASK"),
            emails,
            title,
            expected_version: terms.expected_version,
            actor: Actor { principal: app.principal().to_owned(), reason },
        };
        // Whoever is told the new task's id at once may change it at once: that waits for the split.
        let others = [job.new_task_id.clone()];
        let ended = submit_joint(&app, NewJob::of(&job, app.principal()), &others, terms).await?;
        let Some(result) = &ended.outcome else {
            let (body, location, preference) = later(ended, job.new_task_id, job.split_id);
            return Ok(Splitted::Later(body, location, preference));
        };
        let task_id = result["task"]["task_id"].as_str().unwrap_or(&job.new_task_id).to_owned();
        let split_id = result["split_id"].as_str().unwrap_or(&job.split_id);
        let (task, source) = (&result["task"], &result["source"]);
        let body = SplitRef { task_id: &task_id, job_id: &ended.job_id, split_id, task, source };
        Ok(Splitted::Done(Answer::of(&body), format!("/api/workflow/get/{task_id}"), ended.preference))
    }

    /// Undo a split
    ///
    /// The task that was split off ends in the one it came from, with all the mail and comments it has by now; numbers that
    /// left the old one are there again. A field that was changed since stays and is told in `kept_fields`. A split that was
    /// undone already, or whose new task is gone, answers 409.
    #[oai(path = "/split/:id/undo", method = "post", operation_id = "undoSplit")]
    async fn undo_split(
        &self,
        app: Data<&App>,
        request: &Request,
        /// The split.
        id: Path<String>,
        body: Body<Reason>,
    ) -> Result<Undone, Problem> {
        undo(&app, request, id.0, "split", body).await
    }

    /// List merges and splits of a task
    ///
    /// Merges into the task and splits of it, the newest first, those that were undone included; also of a deleted task.
    #[oai(path = "/regroupings/:task_id", method = "get", operation_id = "listRegroupings")]
    async fn list(
        &self,
        app: Data<&App>,
        request: &Request,
        /// The task.
        task_id: Path<String>,
    ) -> Result<Answer<Regroupings>, Problem> {
        params::check(request)?;
        let mut session = app.db.read().await?;
        let task_id = subject::known(task_id.0, "the task")?;
        if shared::store::tasks::is_deleted(&mut session, &task_id).await?.is_none() {
            return Err(Problem::not_found("the task"));
        }
        let regroupings = cases::list(&mut session, &task_id).await?;
        Ok(Answer::of(&Regroupings { regroupings }))
    }
}

#[derive(Serialize)]
struct MergedRef<'a> {
    task_id: &'a str,
    job_id: &'a str,
    merge_id: &'a str,
    task: &'a Value,
}

#[derive(Serialize)]
struct SplitRef<'a> {
    task_id: &'a str,
    job_id: &'a str,
    split_id: &'a str,
    task: &'a Value,
    source: &'a Value,
}

#[derive(Serialize)]
struct UndoneRef<'a> {
    task_id: &'a str,
    job_id: &'a str,
    task: &'a Value,
    restored: &'a Value,
    kept_fields: &'a Value,
    kept_emails: &'a Value,
}

async fn undo(app: &App, request: &Request, id: String, kind: &str, body: Body<Reason>) -> Result<Undone, Problem> {
    params::check(request)?;
    let what = format!("the {kind}");
    let id = subject::known(id, &what)?;
    let made = cases::lookup(&mut app.db.read().await?, &id).await?.filter(|made| made.kind == kind);
    let made = made.ok_or_else(|| Problem::not_found(&what))?;
    let terms = Terms::of(app, request, &format!("undoRegrouping/{id}"), &body.hash)?;
    let reason = body.value.reason.unwrap_or_else(|| format!("undo of {id}"));
    let actor = Actor { principal: app.principal().to_owned(), reason: Some(reason) };
    let job = UndoRegrouping { id, task_id: made.task_id, actor };
    let ended = submit_joint(app, NewJob::of(&job, app.principal()), &made.others, terms).await?;
    let Some(result) = &ended.outcome else {
        let (body, location, preference) = later(ended, job.task_id, job.id);
        return Ok(Undone::Later(body, location, preference));
    };
    let body = UndoneRef {
        task_id: &job.task_id,
        job_id: &ended.job_id,
        task: &result["task"],
        restored: &result["restored"],
        kept_fields: &result["kept_fields"],
        kept_emails: &result["kept_emails"],
    };
    Ok(Undone::Done(Answer::of(&body), ended.preference))
}

fn later(ended: Ended, task_id: String, id: String) -> (Json<RegroupingAccepted>, String, Option<String>) {
    let location = job_location(&ended.job_id);
    (Json(RegroupingAccepted { task_id, job_id: ended.job_id, id }), location, ended.preference)
}

fn new_id(app: &App, prefix: &str) -> String {
    let random = uuid::Uuid::now_v7().simple().to_string();
    format!("{prefix}-{}-{}", app.clock.now().timestamp_millis(), &random[20..])
}
