//! Tasks: list, get, history, create, update, delete.

use poem::Request;
use poem::web::Data;
use poem_openapi::param::Path;
use poem_openapi::payload::Json;
use poem_openapi::{ApiResponse, Object, OpenApi};
use serde::Serialize;
use shared::domain::change::Actor;
use shared::domain::{HistoryEntry, Priority, SlaState, Status, Task, WorkflowState};
use shared::jobs::{CreateTask, DeleteTask, NewJob, UpdateTask};
use shared::store::Session;
use shared::store::patterns::{self, Pattern};
use shared::store::tasks::{self, Filter, Listed, Listing, Page, Show, Sort, Start, TaskRow};

use super::cursor;
use super::mutation::{AcceptedJob, Created, Deleted, Terms, Updated, applied, job_location, submit};
use super::past;
use super::subject;
use super::task_filter::Conditions;
use super::task_input::{self, CreateInput, UpdateInput};
use crate::app::App;
use crate::body::Body;
use crate::openapi::Tag;
use crate::params::{self, Given};
use crate::payload::Answer;
use crate::problem::Problem;

pub(crate) struct TasksApi;

/// A page of tasks.
#[derive(Serialize, Object)]
#[oai(rename = "TaskList")]
pub(crate) struct TaskPage {
    /// The tasks, in the order asked for.
    tasks: Vec<TaskRow>,
    /// Where this page is and how to go on.
    pagination: Pagination,
}

/// Where a page is and how to go on.
#[derive(Serialize, Object)]
pub(crate) struct Pagination {
    /// This page's number; null with a cursor.
    page: Option<i64>,
    /// Rows at most.
    limit: i64,
    /// Rows of all pages; null with a cursor.
    total: Option<i64>,
    /// Number of pages; null with a cursor.
    total_pages: Option<i64>,
    /// Cursor of what follows; null at the end.
    next_cursor: Option<String>,
}

/// A task and its history.
#[derive(Serialize, Object)]
pub(crate) struct TaskWithHistory {
    /// The task.
    task: Task,
    /// Its history, oldest first.
    history: Vec<HistoryEntry>,
    /// Patterns its mails bear, at most 5, the rarest first: how long such tasks take and how often they are in time. None
    /// of a task as it was.
    patterns: Vec<Pattern>,
}

/// The history of a task.
#[derive(Serialize, Object)]
#[oai(rename = "TaskHistory")]
pub(crate) struct History {
    /// Oldest first.
    history: Vec<HistoryEntry>,
}

/// Answers of reading a task.
#[derive(ApiResponse)]
pub(crate) enum GetTask {
    /// The task and its history.
    #[oai(status = 200)]
    Found(
        Answer<TaskWithHistory>,
        /// The task's version.
        #[oai(header = "ETag")]
        String,
    ),
    /// It is still the version of If-None-Match.
    #[oai(status = 304)]
    NotModified(
        /// The task's version.
        #[oai(header = "ETag")]
        String,
    ),
}

#[OpenApi(prefix_path = "/api/workflow", tag = "Tag::Tasks")]
impl TasksApi {
    /// List tasks
    ///
    /// Values of one filter are alternatives, filters are combined. The order is total; nulls come last both ways.
    #[expect(clippy::too_many_arguments, reason = "one argument for each documented parameter")]
    #[oai(path = "/list", method = "get", operation_id = "listTasks")]
    async fn list(
        &self,
        app: Data<&App>,
        request: &Request,
        /// Colours.
        status: Given<Vec<Status>>,
        /// Categories.
        category: Given<Vec<String>>,
        /// Owners.
        owner: Given<Vec<String>>,
        /// Priorities.
        priority: Given<Vec<Priority>>,
        /// States.
        state: Given<Vec<WorkflowState>>,
        /// Mailboxes.
        mailbox: Given<Vec<String>>,
        /// SLA states.
        sla_state: Given<Vec<SlaState>>,
        /// Labels.
        tag: Given<Vec<String>>,
        /// Text to be found in title, owner, description, labels or entities.
        q: Given<String>,
        /// Created at this instant or later.
        created_from: Given<String>,
        /// Created at this instant or earlier.
        created_to: Given<String>,
        /// Due at this instant or later.
        due_from: Given<String>,
        /// Due at this instant or earlier.
        due_to: Given<String>,
        /// Worth so many dollars or more.
        min_value: Given<f64>,
        /// Worth so many dollars or less.
        max_value: Given<f64>,
        /// Not completed, or only completed.
        open: Given<bool>,
        /// Without an owner, or only with one.
        unassigned: Given<bool>,
        /// Addresses of owners.
        owner_email: Given<Vec<String>>,
        /// Without an owner's address, or only with one.
        unaddressed: Given<bool>,
        /// People who watch.
        watcher: Given<Vec<String>>,
        /// With a deadline, or only without.
        has_deadline: Given<bool>,
        /// Completed at this instant or later.
        completed_from: Given<String>,
        /// Completed at this instant or earlier.
        completed_to: Given<String>,
        /// Completed by the deadline, or only after it.
        completed_in_time: Given<bool>,
        /// `created_at` (default), `updated_at`, `sla_deadline`, `dollar_value` or `priority`.
        sort: Given<String>,
        /// `desc` (default) or `asc`; ascending priority puts CRITICAL first.
        direction: Given<String>,
        /// Page number, 1 to 1,000,000.
        page: Given<i64>,
        /// Rows at most, 1 to 200; 50 by default.
        limit: Given<i64>,
        /// `next_cursor` of the page before; page, total and total_pages are null then.
        cursor: Given<String>,
        /// Further fields of the task, separated by commas.
        fields: Given<String>,
    ) -> Result<Answer<TaskPage>, Problem> {
        let conditions = Conditions {
            status,
            category,
            owner,
            priority,
            state,
            mailbox,
            sla_state,
            tag,
            q,
            created_from,
            created_to,
            due_from,
            due_to,
            min_value,
            max_value,
            open,
            unassigned,
            owner_email,
            unaddressed,
            watcher,
            has_deadline,
            completed_from,
            completed_to,
            completed_in_time,
        };
        let filter = conditions.filter(request);
        if page.0.is_some() && cursor.0.is_some() {
            params::note(request, "cursor", "cannot be given together with page");
        }
        let page_number = page.within(request, "page", 1..=1_000_000, 1);
        let limit = limit.within(request, "limit", 1..=200, 50);
        let mut page = Page {
            sort: sort_of(request, sort.0.as_deref()),
            ascending: ascending(request, direction.0.as_deref()),
            limit: limit + 1,
            start: Start::Offset((page_number - 1) * limit),
        };
        let by_cursor = cursor.0.is_some();
        if let Some(text) = &cursor.0 {
            match cursor::decode(text, &filter, &page) {
                Ok(start) => page.start = start,
                Err(detail) => params::note(request, "cursor", detail),
            }
        }
        let show = show(request, fields.0.as_deref(), !by_cursor);
        params::check(request)?;
        let read = ListRead { filter, page, limit, page_number: (!by_cursor).then_some(page_number), show };
        Ok(Answer::of(&read.run(&app).await?))
    }

    /// Get a task
    ///
    /// As it is, or as it was at an instant whose past is kept.
    #[oai(path = "/get/:task_id", method = "get", operation_id = "getTask")]
    async fn get(
        &self,
        app: Data<&App>,
        request: &Request,
        /// The task.
        task_id: Path<String>,
        /// The task as it was at this instant.
        as_of: Given<String>,
    ) -> Result<GetTask, Problem> {
        let as_of = as_of.instant(request, "as_of");
        params::check(request)?;
        if let Some(at) = as_of {
            let mut snapshot = past::snapshot(&app, at).await?;
            let (task, history) = alive(tasks::read_as_of(&mut snapshot, &task_id, at).await?)?;
            let tag = entity_tag(task.version);
            let read = TaskWithHistory { task, history, patterns: Vec::new() };
            return Ok(GetTask::Found(Answer::of(&read), tag));
        }
        let mut session = app.db.read().await?;
        if let Some(tags) = request.header("if-none-match") {
            // What the caller has is most often still true: the version alone says so.
            let version = tasks::version(&mut session, &task_id).await?.filter(|(_, deleted)| !deleted);
            if let Some(tag) = version.map(|(version, _)| entity_tag(version)).filter(|tag| matches_tag(tags, tag)) {
                return Ok(GetTask::NotModified(tag));
            }
        }
        let (task, history) = live(&mut session, &task_id).await?;
        let tag = entity_tag(task.version);
        // Patterns are found in all mailboxes together.
        let patterns = match app.scope() {
            None => patterns::of_task(&mut session, &task_id).await?,
            Some(_) => Vec::new(),
        };
        Ok(GetTask::Found(Answer::of(&TaskWithHistory { task, history, patterns }), tag))
    }

    /// Read a task's history
    ///
    /// Also of a deleted task.
    #[oai(path = "/history/:task_id", method = "get", operation_id = "getTaskHistory")]
    async fn history(
        &self,
        app: Data<&App>,
        request: &Request,
        /// The task.
        task_id: Path<String>,
    ) -> Result<Answer<History>, Problem> {
        params::check(request)?;
        let history = tasks::history(&mut app.db.read().await?, &task_id).await?;
        if history.is_empty() { Err(Problem::not_found("the task")) } else { Ok(Answer::of(&History { history })) }
    }

    /// Create a task
    ///
    /// The change is a durable job; the answer waits up to 2 s for it (`Prefer: wait=N` or `respond-async`).
    #[oai(path = "/create", method = "post", operation_id = "createTask")]
    async fn create(&self, app: Data<&App>, request: &Request, body: Body<CreateInput>) -> Result<Created, Problem> {
        let terms = Terms::of(&app, request, "createTask", &body.hash)?;
        create(&app, body.value, terms).await
    }

    /// Update a task
    ///
    /// Absent fields stay, null clears. A change that changes nothing answers 200 with the same version.
    #[oai(path = "/update/:task_id", method = "put", operation_id = "updateTask")]
    async fn update(
        &self,
        app: Data<&App>,
        request: &Request,
        /// The task.
        task_id: Path<String>,
        body: Body<UpdateInput>,
    ) -> Result<Updated, Problem> {
        let terms = Terms::of(&app, request, &format!("updateTask/{}", task_id.0), &body.hash)?;
        update(&app, task_id.0, body.value, terms).await
    }

    /// Delete a task
    ///
    /// It leaves every list, view and metric; its history stays.
    #[oai(path = "/delete/:task_id", method = "delete", operation_id = "deleteTask")]
    async fn delete(
        &self,
        app: Data<&App>,
        request: &Request,
        /// The task.
        task_id: Path<String>,
    ) -> Result<Deleted, Problem> {
        params::check(request)?;
        let terms = Terms::of(&app, request, &format!("deleteTask/{}", task_id.0), "")?;
        delete(&app, task_id.0, terms).await
    }
}

/// A task that is not deleted, and its history.
pub(crate) async fn live(session: &mut Session, task_id: &str) -> Result<(Task, Vec<HistoryEntry>), Problem> {
    match alive(tasks::read(session, task_id).await?) {
        Err(problem) if problem.status == 410 => Err(subject::gone(session, task_id).await?),
        found => found,
    }
}

fn alive(found: Option<(Task, Vec<HistoryEntry>)>) -> Result<(Task, Vec<HistoryEntry>), Problem> {
    let found = found.ok_or_else(|| Problem::not_found("the task"))?;
    if found.0.deleted_at.is_some() { Err(Problem::gone("the task")) } else { Ok(found) }
}

/// A task that is there and not deleted.
///
/// # Errors
/// 404 if there never was one, 410 if it was deleted.
pub(crate) fn not_deleted(task: Option<Task>) -> Result<Task, Problem> {
    let task = task.ok_or_else(|| Problem::not_found("the task"))?;
    if task.deleted_at.is_some() { Err(Problem::gone("the task")) } else { Ok(task) }
}

/// Accepts a new task.
pub(crate) async fn create(app: &App, input: CreateInput, terms: Terms) -> Result<Created, Problem> {
    let task = input.into_task(app.clock.now())?;
    app.caller.check_mailbox(task.mailbox_source.as_deref())?;
    let task_id = task.task_id.clone();
    let actor = Actor { principal: app.principal().to_owned(), reason: None };
    let mut job = NewJob::of(&CreateTask { task, actor }, app.principal());
    // Nobody else knows the id yet, so that no other job can be ordered by it.
    job.first_of_key = true;
    let ended = submit(app, job, terms).await?;
    let Some(result) = ended.outcome else {
        let location = job_location(&ended.job_id);
        let task_id = ended.task_id.unwrap_or(task_id);
        return Ok(Created::Later(Json(AcceptedJob { task_id, job_id: ended.job_id }), location, ended.preference));
    };
    // A repeated request is answered with the task of the first.
    let task_id = result["task"]["task_id"].as_str().unwrap_or(&task_id).to_owned();
    let (body, tag) = applied(&task_id, &ended.job_id, &result);
    Ok(Created::Done(body, format!("/api/workflow/get/{task_id}"), tag, ended.preference))
}

/// Accepts a change.
pub(crate) async fn update(app: &App, task_id: String, input: UpdateInput, terms: Terms) -> Result<Updated, Problem> {
    if input.is_empty() {
        return Err(Problem::bad_request("the body names no field to change"));
    }
    task_input::ahead(input.patch.snoozed_until.flatten(), app.clock.now(), "/snoozed_until")?;
    let actor = input.actor(app.principal());
    let expected_version = terms.expected_version;
    let job = UpdateTask { task_id: task_id.clone(), patch: input.patch, expected_version, actor, bulk: None };
    let ended = submit(app, NewJob::of(&job, app.principal()), terms).await?;
    let Some(result) = ended.outcome else {
        let location = job_location(&ended.job_id);
        return Ok(Updated::Later(Json(AcceptedJob { task_id, job_id: ended.job_id }), location, ended.preference));
    };
    let (body, tag) = applied(&task_id, &ended.job_id, &result);
    Ok(Updated::Done(body, tag, ended.preference))
}

/// Accepts a deletion.
pub(crate) async fn delete(app: &App, task_id: String, terms: Terms) -> Result<Deleted, Problem> {
    let actor = Actor { principal: app.principal().to_owned(), reason: None };
    let job = DeleteTask { task_id: task_id.clone(), expected_version: terms.expected_version, actor };
    Ok(submit(app, NewJob::of(&job, app.principal()), terms).await?.deleted(task_id))
}

/// A judged list request.
pub(crate) struct ListRead {
    pub(crate) filter: Filter,
    /// Its limit is one row more than asked for, to see whether more follow.
    pub(crate) page: Page,
    pub(crate) limit: i64,
    pub(crate) page_number: Option<i64>,
    pub(crate) show: Show,
}

/// A page whose rows may have further fields.
#[derive(Serialize)]
pub(crate) struct ListAnswer {
    tasks: Vec<Listed>,
    pagination: Pagination,
}

impl ListRead {
    pub(crate) async fn run(self, app: &App) -> Result<ListAnswer, Problem> {
        let mut session = app.db.read().await?;
        let Listing { mut tasks, total } = tasks::list(&mut session, &self.filter, &self.page, &self.show).await?;
        let total = match self.page_number {
            // Nobody has told: the page is empty.
            Some(page) if total.is_none() && page > 1 => Some(tasks::count(&mut session, &self.filter).await?),
            Some(_) => Some(total.unwrap_or(0)),
            None => None,
        };
        let next_cursor = cursor::cut(&mut tasks, self.limit)
            .map(|last| cursor::encode(&self.filter, &self.page, &self.page.sort.key(&last.row), &last.row.task_id));
        let pagination = Pagination {
            page: self.page_number,
            limit: self.limit,
            total,
            total_pages: total.map(|total| (total + self.limit - 1) / self.limit),
            next_cursor,
        };
        Ok(ListAnswer { tasks, pagination })
    }
}

fn show(request: &Request, fields: Option<&str>, total: bool) -> Show {
    let mut show = Show::with(total);
    for field in fields.unwrap_or_default().split(',').map(str::trim).filter(|field| !field.is_empty()) {
        if !show.add(field) {
            let shown: String = field.chars().take(100).collect();
            params::note(request, "fields", format!("{shown} is not a field of a task"));
        }
    }
    show
}

pub(crate) fn sort_of(request: &Request, text: Option<&str>) -> Sort {
    let Some(text) = text else { return Sort::CreatedAt };
    Sort::parse(text).unwrap_or_else(|| {
        params::note(request, "sort", "must be created_at, updated_at, sla_deadline, dollar_value or priority");
        Sort::CreatedAt
    })
}

pub(crate) fn ascending(request: &Request, text: Option<&str>) -> bool {
    match text {
        None | Some("desc") => false,
        Some("asc") => true,
        Some(_) => {
            params::note(request, "direction", "must be asc or desc");
            false
        }
    }
}

/// The entity tag of a version.
pub(crate) fn entity_tag(version: i64) -> String {
    format!("\"{version}\"")
}

/// RFC 9110: weak comparison of a list of tags, or any.
pub(crate) fn matches_tag(tags: &str, tag: &str) -> bool {
    tags.split(',').map(str::trim).any(|candidate| candidate == "*" || candidate.trim_start_matches("W/") == tag)
}
