//! Tasks: list, get, history, create, update, delete.

use poem::Request;
use poem::web::Data;
use poem_openapi::param::Path;
use poem_openapi::payload::Json;
use poem_openapi::{ApiResponse, Object, OpenApi};
use serde::Serialize;
use serde_json::{Map, Value};
use shared::domain::change::Actor;
use shared::domain::{Category, Cents, HistoryEntry, Priority, SlaState, Status, Task, WorkflowState};
use shared::jobs::{CreateTask, DeleteTask, NewJob, UpdateTask};
use shared::store::tasks::{self, Filter, Page, Sort, Start, TaskRow};

use super::cursor;
use super::mutation::{AcceptedJob, Created, Deleted, Terms, Updated, applied, job_location, submit};
use super::task_input::{CreateInput, UpdateInput};
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
        let texts = |list: Option<Vec<String>>| list.unwrap_or_default();
        let filter = Filter {
            status: names(status.0),
            category: categories(request, texts(category.0)),
            owner: texts(owner.0),
            priority: names(priority.0),
            state: names(state.0),
            mailbox: texts(mailbox.0),
            sla_state: names(sla_state.0),
            tag: texts(tag.0),
            q: q.text(request, "q", 200),
            created_from: created_from.instant(request, "created_from"),
            created_to: created_to.instant(request, "created_to"),
            due_from: due_from.instant(request, "due_from"),
            due_to: due_to.instant(request, "due_to"),
            min_value: dollars(request, "min_value", min_value.0),
            max_value: dollars(request, "max_value", max_value.0),
        };
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
        let extra = extra_fields(request, fields.0.as_deref());
        params::check(request)?;
        let read = ListRead { filter, page, limit, page_number: (!by_cursor).then_some(page_number), extra };
        Ok(Answer::of(&read.run(&app).await?))
    }

    /// Get a task
    #[oai(path = "/get/:task_id", method = "get", operation_id = "getTask")]
    async fn get(
        &self,
        app: Data<&App>,
        request: &Request,
        /// The task.
        task_id: Path<String>,
    ) -> Result<GetTask, Problem> {
        params::check(request)?;
        let mut snapshot = app.db.snapshot().await?;
        let task = tasks::lookup(&mut snapshot, &task_id).await?.ok_or_else(|| Problem::not_found("the task"))?;
        if task.deleted_at.is_some() {
            return Err(Problem::gone("the task"));
        }
        let tag = format!("\"{}\"", task.version);
        if request.header("if-none-match").is_some_and(|tags| matches_tag(tags, &tag)) {
            return Ok(GetTask::NotModified(tag));
        }
        let history = tasks::history(&mut snapshot, &task_id).await?;
        Ok(GetTask::Found(Answer::of(&TaskWithHistory { task, history }), tag))
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

/// Accepts a new task.
pub(crate) async fn create(app: &App, input: CreateInput, terms: Terms) -> Result<Created, Problem> {
    let task = input.into_task(app.clock.now());
    let task_id = task.task_id.clone();
    let actor = Actor { principal: app.principal().to_owned(), reason: None };
    let mut job = NewJob::of(&CreateTask { task, actor }, app.principal());
    // Nobody else knows the id yet, so that no other job can be ordered by it.
    job.first_of_key = true;
    let ended = submit(app, job, terms).await?;
    let Some(result) = ended.outcome else {
        let location = job_location(&ended.job_id);
        let task_id = ended.task_id.unwrap_or(task_id);
        return Ok(Created::Later(Json(AcceptedJob { task_id, job_id: ended.job_id }), location));
    };
    // A repeated request is answered with the task of the first.
    let task_id = result["task"]["task_id"].as_str().unwrap_or(&task_id).to_owned();
    let (body, tag) = applied(&task_id, &ended.job_id, &result);
    Ok(Created::Done(body, format!("/api/workflow/get/{task_id}"), tag))
}

/// Accepts a change.
pub(crate) async fn update(app: &App, task_id: String, input: UpdateInput, terms: Terms) -> Result<Updated, Problem> {
    if input.is_empty() {
        return Err(Problem::bad_request("the body names no field to change"));
    }
    let actor = input.actor(app.principal());
    let expected_version = terms.expected_version;
    let job = UpdateTask { task_id: task_id.clone(), patch: input.patch, expected_version, actor };
    let ended = submit(app, NewJob::of(&job, app.principal()), terms).await?;
    let Some(result) = ended.outcome else {
        let location = job_location(&ended.job_id);
        return Ok(Updated::Later(Json(AcceptedJob { task_id, job_id: ended.job_id }), location));
    };
    let (body, tag) = applied(&task_id, &ended.job_id, &result);
    Ok(Updated::Done(body, tag))
}

/// Accepts a deletion.
pub(crate) async fn delete(app: &App, task_id: String, terms: Terms) -> Result<Deleted, Problem> {
    let actor = Actor { principal: app.principal().to_owned(), reason: None };
    let job = DeleteTask { task_id: task_id.clone(), expected_version: terms.expected_version, actor };
    let ended = submit(app, NewJob::of(&job, app.principal()), terms).await?;
    let done = ended.outcome.is_some();
    let location = job_location(&ended.job_id);
    let body = Json(AcceptedJob { task_id, job_id: ended.job_id });
    Ok(if done { Deleted::Done(body) } else { Deleted::Later(body, location) })
}

/// A judged list request.
pub(crate) struct ListRead {
    pub(crate) filter: Filter,
    /// Its limit is one row more than asked for, to see whether more follow.
    pub(crate) page: Page,
    pub(crate) limit: i64,
    pub(crate) page_number: Option<i64>,
    pub(crate) extra: Vec<String>,
}

/// A page whose rows may have further fields.
#[derive(Serialize)]
pub(crate) struct ListAnswer {
    tasks: Vec<RowOut>,
    pagination: Pagination,
}

#[derive(Serialize)]
struct RowOut {
    #[serde(flatten)]
    extra: Map<String, Value>,
    #[serde(flatten)]
    row: TaskRow,
}

impl ListRead {
    pub(crate) async fn run(self, app: &App) -> Result<ListAnswer, Problem> {
        let mut snapshot = app.db.snapshot().await?;
        let mut rows = tasks::list(&mut snapshot, &self.filter, &self.page).await?;
        let next_cursor = cursor::cut(&mut rows, self.limit)
            .map(|last| cursor::encode(&self.filter, &self.page, &self.page.sort.key(last), &last.task_id));
        let total = match self.page_number {
            // The last row is in sight: no need to count.
            Some(page) if next_cursor.is_none() && (page == 1 || !rows.is_empty()) => {
                Some((page - 1) * self.limit + rows.len() as i64)
            }
            Some(_) => Some(tasks::count(&mut snapshot, &self.filter).await?),
            None => None,
        };
        let mut out = Vec::with_capacity(rows.len());
        for row in rows {
            let extra = if self.extra.is_empty() {
                Map::new()
            } else {
                let task = tasks::lookup(&mut snapshot, &row.task_id).await?;
                pick(task.as_ref(), &self.extra)
            };
            out.push(RowOut { extra, row });
        }
        let pagination = Pagination {
            page: self.page_number,
            limit: self.limit,
            total,
            total_pages: total.map(|total| (total + self.limit - 1) / self.limit),
            next_cursor,
        };
        Ok(ListAnswer { tasks: out, pagination })
    }
}

/// These fields of a task, where the list does not show them anyway.
fn pick(task: Option<&Task>, fields: &[String]) -> Map<String, Value> {
    let Some(Value::Object(mut all)) = task.map(|task| serde_json::to_value(task).expect("a task serialises")) else {
        return Map::new();
    };
    fields.iter().filter_map(|field| all.remove(field).map(|value| (field.clone(), value))).collect()
}

const EXTRA_FIELDS: [&str; 17] = [
    "email_id",
    "conversation_id",
    "secondary_categories",
    "manual_status",
    "description",
    "assigned_date",
    "entities",
    "currency",
    "received_at",
    "sla_policy",
    "sla_warned_at",
    "sla_violated_at",
    "group_name",
    "confidence_score",
    "processing_time",
    "analysis",
    "batch_id",
];

fn extra_fields(request: &Request, text: Option<&str>) -> Vec<String> {
    const ROW: [&str; 17] = [
        "task_id",
        "title",
        "workflow_category",
        "task_status",
        "workflow_state",
        "priority",
        "current_owner",
        "owner_email",
        "dollar_value",
        "sla_deadline",
        "sla_state",
        "created_at",
        "updated_at",
        "completion_date",
        "mailbox_source",
        "tags",
        "version",
    ];
    let mut extra = Vec::new();
    for field in text.unwrap_or_default().split(',').map(str::trim).filter(|field| !field.is_empty()) {
        if ROW.contains(&field) {
            continue;
        }
        if EXTRA_FIELDS.contains(&field) {
            extra.push(field.to_owned());
        } else {
            params::note(request, "fields", format!("{field} is not a field of a task"));
        }
    }
    extra
}

pub(crate) fn names<T: ToString>(values: Option<Vec<T>>) -> Vec<String> {
    values.unwrap_or_default().iter().map(T::to_string).collect()
}

fn categories(request: &Request, names: Vec<String>) -> Vec<String> {
    let mut known = Vec::new();
    for name in names {
        match Category::from_input(&name) {
            Some(category) => known.push(category.to_string()),
            None => params::note(request, "category", format!("{name} is not a category")),
        }
    }
    known
}

fn dollars(request: &Request, name: &str, value: Option<f64>) -> Option<Cents> {
    value.and_then(|value| Cents::from_dollars(value).map_err(|detail| params::note(request, name, detail)).ok())
}

fn sort_of(request: &Request, text: Option<&str>) -> Sort {
    let Some(text) = text else { return Sort::CreatedAt };
    Sort::parse(text).unwrap_or_else(|| {
        params::note(request, "sort", "must be created_at, updated_at, sla_deadline, dollar_value or priority");
        Sort::CreatedAt
    })
}

fn ascending(request: &Request, text: Option<&str>) -> bool {
    match text {
        None | Some("desc") => false,
        Some("asc") => true,
        Some(_) => {
            params::note(request, "direction", "must be asc or desc");
            false
        }
    }
}

/// RFC 9110: weak comparison of a list of tags, or any.
fn matches_tag(tags: &str, tag: &str) -> bool {
    tags.split(',').map(str::trim).any(|candidate| candidate == "*" || candidate.trim_start_matches("W/") == tag)
}
