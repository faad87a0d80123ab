//! Tasks of another system, with their history.

use chrono::{DateTime, Utc};
use poem::Request;
use poem::web::Data;
use poem_openapi::{ApiResponse, Object, OpenApi};
use serde::Serialize;
use serde_json::{Value, json};
use shared::domain::legacy::{OldEntry, OldTask};
use shared::domain::{Category, Priority, Status, WorkflowState};
use shared::jobs::{ImportTasks, Job as _, NewJob};
use shared::store::{audit, jobs};

use super::mutation::{Terms, job_location};
use super::task_input::{self, EntitiesDoc};
use crate::app::App;
use crate::body::{Body, Fields, FromFields, read};
use crate::openapi::Tag;
use crate::payload::Answer;
use crate::problem::Problem;

/// Tasks of one request.
const MOST: usize = 200;
/// Entries of one task's history.
const ENTRIES: usize = 1_000;

pub(crate) struct ImportTasksApi;

/// A task of another system.
#[derive(Object)]
pub(crate) struct ImportedTask {
    /// Its id: `TASK-<unix milliseconds>-<text>`, at most 200 characters. A task of this id that is here is left alone.
    #[oai(validator(max_length = 200))]
    task_id: String,
    /// One line.
    #[oai(validator(max_length = 500))]
    title: String,
    /// What it is about.
    workflow_category: Category,
    /// How far it has come.
    workflow_state: WorkflowState,
    /// Its colour.
    task_status: Status,
    /// How soon.
    priority: Priority,
    /// When it was made.
    created_at: DateTime<Utc>,
    /// When it last changed; not before it was made.
    updated_at: DateTime<Utc>,
    /// The mail it came from.
    email_id: Option<String>,
    /// Its conversation.
    conversation_id: Option<String>,
    /// Details.
    description: Option<String>,
    /// Who works on it.
    current_owner: Option<String>,
    /// Their address.
    owner_email: Option<String>,
    /// Since when they own it.
    assigned_date: Option<DateTime<Utc>>,
    /// Numbers and names.
    entities: Option<EntitiesDoc>,
    /// Value at stake in dollars; 0 if absent.
    dollar_value: Option<f64>,
    /// When it is due; planned by the policies if absent.
    sla_deadline: Option<DateTime<Utc>>,
    /// When it was completed.
    completion_date: Option<DateTime<Utc>>,
    /// The mailbox its mail came to.
    mailbox_source: Option<String>,
    /// A free grouping.
    group_name: Option<String>,
    /// Free labels, at most 50.
    tags: Option<Vec<String>>,
    /// Confidence of its analysis, 0 to 1.
    confidence_score: Option<f64>,
    /// What happened to it, oldest first, at most 1,000 entries.
    history: Option<Vec<ImportedEntry>>,
}

/// One changed field of another system's history.
#[derive(Object)]
pub(crate) struct ImportedEntry {
    /// `task_status` or `current_owner`.
    field: String,
    /// The value before.
    old_value: Option<String>,
    /// The value after.
    new_value: Option<String>,
    /// Who changed it, by the other system's word.
    changed_by: String,
    /// Why.
    change_reason: Option<String>,
    /// When.
    changed_at: DateTime<Utc>,
}

/// Tasks of another system.
#[derive(Object)]
#[oai(rename = "ImportTasksRequest")]
pub(crate) struct ImportDoc {
    /// The system they come from, as the history will say.
    #[oai(validator(max_length = 100))]
    source: String,
    /// The tasks, 1 to 200.
    tasks: Vec<ImportedTask>,
}

/// Judged tasks of another system.
pub(crate) struct Import {
    source: String,
    tasks: Vec<OldTask>,
}

/// The job that writes them.
#[derive(Serialize, Object)]
#[oai(rename = "ImportTasksJob")]
pub(crate) struct Begun {
    /// The job; its result has the lists `created` and `present` of task ids.
    job_id: String,
}

/// The answer of importing tasks.
#[derive(ApiResponse)]
pub(crate) enum Importing {
    /// Accepted; follow the job.
    #[oai(status = 202)]
    Accepted(
        Answer<Begun>,
        /// The job.
        #[oai(header = "Location")]
        String,
    ),
}

impl FromFields for Import {
    type Schema = ImportDoc;

    fn read(fields: &mut Fields) -> Option<Self> {
        let source = fields.required("source", read::line(100));
        let items = fields.required("tasks", |value| match value.as_array() {
            Some(items) if (1..=MOST).contains(&items.len()) => Ok(items.clone()),
            _ => Err(format!("must be a list of 1 to {MOST} tasks")),
        })?;
        let mut tasks = Vec::with_capacity(items.len());
        for (n, item) in items.into_iter().enumerate() {
            let place = format!("tasks/{n}");
            let Value::Object(map) = item else {
                fields.note(&place, "must be an object");
                continue;
            };
            let mut inner = Fields::of(map);
            tasks.extend(task(&mut inner));
            fields.adopt(&place, inner);
        }
        Some(Self { source: source?, tasks })
    }
}

fn task(fields: &mut Fields) -> Option<OldTask> {
    let name = || read::line(200);
    let task_id = fields.required("task_id", id);
    let title = fields.required("title", read::line(500));
    let category = fields.required("workflow_category", read::one_of(Category::ALL, Category::from_input));
    let state = fields.required("workflow_state", read::one_of(WorkflowState::ALL, WorkflowState::parse));
    let status = fields.required("task_status", read::one_of(Status::ALL, Status::parse));
    let priority = fields.required("priority", read::one_of(Priority::ALL, Priority::parse));
    let created_at = fields.required("created_at", read::instant);
    let updated_at = fields.required("updated_at", read::instant);
    let completion_date = fields.optional("completion_date", read::instant);
    if let (Some(state), Some(status)) = (state, status)
        && (state == WorkflowState::Completion) != (status == Status::Completed)
    {
        fields.note("workflow_state", "contradicts task_status");
    }
    if let (Some(created), Some(updated)) = (created_at, updated_at)
        && updated < created
    {
        fields.note("updated_at", "must not be before created_at");
    }
    let entities = task_input::entities(fields).flatten().map(task_input::full);
    let confidence = |value: &Value| {
        value.as_f64().filter(|share| (0.0..=1.0).contains(share)).ok_or_else(|| "must be from 0 to 1".to_owned())
    };
    let task = OldTask {
        email_id: fields.optional("email_id", name()),
        conversation_id: fields.optional("conversation_id", name()),
        description: fields.optional("description", read::text(20_000)),
        current_owner: fields.optional("current_owner", name()),
        owner_email: fields.optional("owner_email", read::line(320)),
        assigned_date: fields.optional("assigned_date", read::instant),
        entities: entities.unwrap_or_default(),
        dollar_value: fields.optional("dollar_value", read::dollars).unwrap_or_default(),
        sla_deadline: fields.optional("sla_deadline", read::instant),
        mailbox_source: fields.optional("mailbox_source", name()),
        group_name: fields.optional("group_name", name()),
        tags: fields.optional("tags", read::list(50, read::line(50))).unwrap_or_default(),
        confidence_score: fields.optional("confidence_score", confidence),
        history: history(fields),
        completion_date,
        task_id: task_id?,
        title: title?,
        workflow_category: category?,
        workflow_state: state?,
        task_status: status?,
        priority: priority?,
        created_at: created_at?,
        updated_at: updated_at?,
    };
    Some(task)
}

fn history(fields: &mut Fields) -> Vec<OldEntry> {
    let items = fields.optional("history", |value| match value.as_array() {
        Some(items) if items.len() <= ENTRIES => Ok(items.clone()),
        _ => Err(format!("must be a list of at most {ENTRIES} entries")),
    });
    let mut entries = Vec::new();
    for (n, item) in items.unwrap_or_default().into_iter().enumerate() {
        let place = format!("history/{n}");
        let Value::Object(map) = item else {
            fields.note(&place, "must be an object");
            continue;
        };
        let mut inner = Fields::of(map);
        entries.extend(entry(&mut inner));
        fields.adopt(&place, inner);
    }
    entries
}

fn entry(fields: &mut Fields) -> Option<OldEntry> {
    let field = fields.required("field", |value| match value.as_str() {
        Some(field @ ("task_status" | "current_owner")) => Ok(field.to_owned()),
        _ => Err("must be task_status or current_owner".to_owned()),
    });
    let changed_by = fields.required("changed_by", read::line(200));
    let changed_at = fields.required("changed_at", read::instant);
    Some(OldEntry {
        old_value: fields.optional("old_value", read::text(200)),
        new_value: fields.optional("new_value", read::text(200)),
        change_reason: fields.optional("change_reason", read::text(2_000)),
        field: field?,
        changed_by: changed_by?,
        changed_at: changed_at?,
    })
}

fn id(value: &Value) -> Result<String, String> {
    let id = read::line(200)(value)?;
    let fits = id.strip_prefix("TASK-").and_then(|rest| rest.split_once('-')).is_some_and(|(millis, rest)| {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        !millis.is_empty()
            && millis.bytes().all(|byte| byte.is_ascii_digit())
            && !rest.is_empty()
            && rest.bytes().all(plain)
    });
    fits.then_some(id).ok_or_else(|| "must be of the form TASK-<unix milliseconds>-<text>".to_owned())
}

#[OpenApi(prefix_path = "/api/workflow", tag = "Tag::Tasks")]
impl ImportTasksApi {
    /// Import tasks of another system
    ///
    /// With their instants and their history. Tasks whose id is here already are left alone, so that a request may be
    /// repeated; each new one is announced as created and as nothing else.
    #[oai(path = "/import", method = "post", operation_id = "importTasks")]
    async fn import(&self, app: Data<&App>, request: &Request, body: Body<Import>) -> Result<Importing, Problem> {
        let terms = Terms::of(&app, request, "importTasks", &body.hash)?;
        let Import { source, tasks } = body.value;
        let now = app.clock.now();
        let principal = app.principal();
        let detail = json!({"source": source, "tasks": tasks.len()});
        let job = NewJob::of(&ImportTasks { source, tasks, principal: principal.to_owned() }, principal);
        let job = NewJob { trace_id: terms.trace_id.clone(), ..job };
        // Two equal requests at once: the second finds the key taken and reads it at its second try.
        for _ in 0..2 {
            let mut tx = app.db.begin().await?;
            if let Some(first) = terms.repeated(&mut tx).await? {
                return Ok(begun(first.seq));
            }
            let seq = jobs::enqueue(&mut tx, std::slice::from_ref(&job), now).await?[0].seq;
            if terms.remember(&mut tx, seq, now).await? {
                audit::audit(&mut tx, now, principal, "tasks.import", &seq.to_string(), &detail).await?;
                tx.commit().await?;
                app.bus.wake(ImportTasks::QUEUE);
                return Ok(begun(seq));
            }
        }
        Err(Problem::unavailable())
    }
}

fn begun(seq: i64) -> Importing {
    let job_id = seq.to_string();
    let location = job_location(&job_id);
    Importing::Accepted(Answer::of(&Begun { job_id }), location)
}
