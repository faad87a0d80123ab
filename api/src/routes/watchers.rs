//! Who follows tasks.

use poem::Request;
use poem::web::Data;
use poem_openapi::param::Path;
use poem_openapi::payload::Json;
use poem_openapi::{ApiResponse, Object, OpenApi};
use serde::Serialize;
use serde_json::Value;
use shared::domain::{Watcher, mention};
use shared::jobs::{NewJob, WatchTask};
use shared::store::watchers;

use super::mutation::{AcceptedJob, Terms, job_location, submit};
use super::{cursor, subject};
use crate::app::App;
use crate::openapi::Tag;
use crate::params::{self, Given};
use crate::payload::Answer;
use crate::problem::{Issue, Problem};

pub(crate) struct WatchersApi;

/// Who watches a task.
#[derive(Serialize, Object)]
#[oai(rename = "WatcherList")]
pub(crate) struct Watchers {
    /// In the order in which they began to.
    watchers: Vec<Watcher>,
}

/// Tasks that somebody watches.
#[derive(Serialize, Object)]
#[oai(rename = "WatchedTasks")]
pub(crate) struct Watched {
    /// Their ids, in order.
    tasks: Vec<String>,
    /// For `cursor`; null at the end.
    next_cursor: Option<String>,
}

/// A change of watchers that took effect.
#[derive(Serialize, Object)]
pub(crate) struct ChangedWatchers {
    /// The task.
    task_id: String,
    /// The job that did it.
    job_id: String,
    /// Who watches the task after it.
    watchers: Vec<Watcher>,
}

#[derive(Serialize)]
struct ChangedWatchersRef<'a> {
    task_id: &'a str,
    job_id: &'a str,
    watchers: &'a Value,
}

/// Answers of changing who watches a task.
#[derive(ApiResponse)]
pub(crate) enum Watching {
    /// Done, or so already.
    #[oai(status = 200)]
    Done(
        Answer<ChangedWatchers>,
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

#[OpenApi(prefix_path = "/api/workflow", tag = "Tag::Collaboration")]
impl WatchersApi {
    /// List who watches a task
    #[oai(path = "/watchers/:task_id", method = "get", operation_id = "listWatchers")]
    async fn list(
        &self,
        app: Data<&App>,
        request: &Request,
        /// The task.
        task_id: Path<String>,
    ) -> Result<Answer<Watchers>, Problem> {
        params::check(request)?;
        let mut session = app.db.read().await?;
        let task_id = subject::live(&mut session, task_id.0).await?;
        Ok(Answer::of(&Watchers { watchers: watchers::list(&mut session, &task_id).await? }))
    }

    /// Make somebody watch a task
    ///
    /// Their stream of events is a subscription of the socket with the filter `watcher`. A task has at most 200 watchers.
    /// Who watches it already goes on watching.
    #[oai(path = "/watchers/:task_id/:name", method = "put", operation_id = "addWatcher")]
    async fn add(
        &self,
        app: Data<&App>,
        request: &Request,
        /// The task.
        task_id: Path<String>,
        /// Who: 1 to 200 characters, as spelled in mentions.
        name: Path<String>,
    ) -> Result<Watching, Problem> {
        watch(&app, request, task_id.0, name.0, true).await
    }

    /// Let somebody no longer watch a task
    #[oai(path = "/watchers/:task_id/:name", method = "delete", operation_id = "removeWatcher")]
    async fn remove(
        &self,
        app: Data<&App>,
        request: &Request,
        /// The task.
        task_id: Path<String>,
        /// Who: 1 to 200 characters, as spelled in mentions.
        name: Path<String>,
    ) -> Result<Watching, Problem> {
        watch(&app, request, task_id.0, name.0, false).await
    }

    /// List what somebody watches
    ///
    /// Deleted tasks are left out.
    #[oai(path = "/watching/:name", method = "get", operation_id = "listWatchedTasks")]
    async fn watching(
        &self,
        app: Data<&App>,
        request: &Request,
        /// Who: 1 to 200 characters.
        name: Path<String>,
        /// `next_cursor` of the page before.
        cursor: Given<String>,
        /// Tasks at most, 1 to 1000; 200 by default.
        limit: Given<i64>,
    ) -> Result<Answer<Watched>, Problem> {
        let after = cursor.text(request, "cursor", 200).unwrap_or_default();
        let limit = limit.within(request, "limit", 1..=1000, 200);
        params::check(request)?;
        check_name(&name)?;
        let mut session = app.db.read().await?;
        let mut rows = watchers::watched_by(&mut session, &name, &after, limit + 1).await?;
        let next_cursor = cursor::cut(&mut rows, limit).map(|(last,)| last.clone());
        Ok(Answer::of(&Watched { tasks: rows.into_iter().map(|(task_id,)| task_id).collect(), next_cursor }))
    }
}

async fn watch(
    app: &App,
    request: &Request,
    task_id: String,
    name: String,
    watches: bool,
) -> Result<Watching, Problem> {
    params::check(request)?;
    check_name(&name)?;
    let task_id = subject::known(task_id, "the task")?;
    let operation = if watches { "addWatcher" } else { "removeWatcher" };
    let terms = Terms::of(app, request, &format!("{operation}/{task_id}/{name}"), "")?;
    let job = WatchTask { task_id: task_id.clone(), name, watches, principal: app.principal().to_owned() };
    let ended = submit(app, NewJob::of(&job, app.principal()), terms).await?;
    let Some(result) = ended.outcome else {
        let location = job_location(&ended.job_id);
        return Ok(Watching::Later(Json(AcceptedJob { task_id, job_id: ended.job_id }), location, ended.preference));
    };
    let body = ChangedWatchersRef { task_id: &task_id, job_id: &ended.job_id, watchers: &result["watchers"] };
    Ok(Watching::Done(Answer::of(&body), ended.preference))
}

fn check_name(name: &str) -> Result<(), Problem> {
    let detail = "must be 1 to 200 characters, without control characters and white space around them";
    if mention::is_name(name) { Ok(()) } else { Err(Problem::unprocessable(vec![Issue::at("path/name", detail)])) }
}
