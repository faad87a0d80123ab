//! Giving out tasks: now, as a trial, and what waits.

use chrono::{DateTime, Utc};
use poem::Request;
use poem::web::Data;
use poem_openapi::payload::Json;
use poem_openapi::{ApiResponse, Object, OpenApi};
use serde::Serialize;
use serde_json::json;
use shared::domain::assign::{Choice, Facts};
use shared::domain::{Category, Priority, Task};
use shared::jobs::{AssignTasks, Job, NewJob};
use shared::store::{StoreError, Tx, audit, jobs, tasks};

use super::mutation::job_location;
use super::subject;
use crate::app::App;
use crate::body::{Body, Fields, FromFields, read};
use crate::openapi::Tag;
use crate::params::{self, Given};
use crate::payload::Answer;
use crate::problem::Problem;

pub(crate) struct AssignmentApi;

/// A task that waits for an owner, and who would be given it.
#[derive(Serialize, Object)]
#[oai(rename = "WaitingTask")]
pub(crate) struct Waiting {
    /// The task.
    task_id: String,
    /// One line.
    title: String,
    /// What it is about.
    workflow_category: Category,
    /// The mailbox its mail came to.
    mailbox_source: Option<String>,
    /// How soon.
    priority: Priority,
    /// When it is due.
    sla_deadline: Option<DateTime<Utc>>,
    /// Since when it exists.
    created_at: DateTime<Utc>,
    /// Why it waits; with an owner, it is given to them as soon as tasks are given out. Those before it count as given.
    choice: Choice,
}

/// Tasks that wait for an owner, in the order in which they are given out.
#[derive(Serialize, Object)]
#[oai(rename = "WaitingTasks")]
pub(crate) struct Queue {
    /// The first of them.
    tasks: Vec<Waiting>,
}

/// A job that gives out tasks.
#[derive(Serialize, Object)]
#[oai(rename = "AssignmentJob")]
pub(crate) struct Begun {
    /// The job.
    job_id: String,
}

/// The answer of giving out tasks.
#[derive(ApiResponse)]
pub(crate) enum Run {
    /// Accepted; follow the job.
    #[oai(status = 202)]
    Accepted(
        Json<Begun>,
        /// The job.
        #[oai(header = "Location")]
        String,
    ),
}

/// A task as it is, by its id, or one that might be.
#[derive(Object)]
#[oai(rename = "PreviewAssignmentRequest")]
pub(crate) struct PreviewDoc {
    /// A task. Not together with the others.
    #[oai(validator(max_length = 200))]
    task_id: Option<String>,
    /// The category of a task that might be.
    workflow_category: Option<Category>,
    /// Its mailbox.
    #[oai(validator(max_length = 200))]
    mailbox_source: Option<String>,
}

/// Which task is meant.
pub(crate) enum Preview {
    Known(String),
    Possible(Facts),
}

impl FromFields for Preview {
    type Schema = PreviewDoc;

    fn read(fields: &mut Fields) -> Option<Self> {
        let task_id = fields.optional("task_id", read::line(200));
        let category = fields.optional("workflow_category", read::one_of(Category::ALL, Category::from_input));
        let mailbox = fields.optional("mailbox_source", read::line(200));
        match (task_id, category) {
            (Some(task_id), None) if mailbox.is_none() => return Some(Self::Known(task_id)),
            (None, Some(category)) => return Some(Self::Possible(Facts { category, mailbox })),
            (Some(_), _) => fields.note("task_id", "cannot be given together with the facts of a task"),
            (None, None) if fields.issues.is_empty() => {
                fields.note("task_id", "this or workflow_category is required");
            }
            (None, None) => {}
        }
        None
    }
}

#[OpenApi(prefix_path = "/api/assignment", tag = "Tag::Assignment")]
impl AssignmentApi {
    /// Give out tasks now
    ///
    /// As is done by itself when a task comes to wait, when somebody gets room for one, and every minute.
    #[oai(path = "/run", method = "post", operation_id = "runAssignment")]
    async fn run(&self, app: Data<&App>, request: &Request) -> Result<Run, Problem> {
        params::check(request)?;
        let now = app.clock.now();
        let mut tx = app.db.begin().await?;
        let job_id = begin(&app, &mut tx).await?.to_string();
        let detail = json!({"job_id": job_id});
        audit::audit(&mut tx, now, app.principal(), "assignment.run", AssignTasks::KIND, &detail).await?;
        tx.commit().await?;
        wake(&app);
        let location = job_location(&job_id);
        Ok(Run::Accepted(Json(Begun { job_id }), location))
    }

    /// Tell who would be given a task
    ///
    /// As if it waited alone, whoever owns it. Nothing is changed. For a task that never was the answer is 404, for a
    /// deleted one 410.
    #[oai(path = "/preview", method = "post", operation_id = "previewAssignment")]
    async fn preview(&self, app: Data<&App>, body: Body<Preview>) -> Result<Answer<Choice>, Problem> {
        let mut session = app.db.snapshot().await?;
        let facts = match body.value {
            Preview::Possible(facts) => facts,
            Preview::Known(task_id) => {
                let task_id = subject::live(&mut session, task_id).await?;
                let task = tasks::lookup(&mut session, &task_id).await?;
                Facts::of(&task.ok_or_else(|| Problem::not_found("the task"))?)
            }
        };
        let roster = shared::store::assignment::roster(&mut session).await?;
        Ok(Answer::of(&roster.choose(&facts, app.clock.now())))
    }

    /// List tasks that wait for an owner
    ///
    /// Open tasks without an owner that a team serves, the most urgent first, then the earliest due, then the oldest.
    #[oai(path = "/queue", method = "get", operation_id = "listWaitingTasks")]
    async fn queue(
        &self,
        app: Data<&App>,
        request: &Request,
        /// Tasks at most, 1 to 200; 50 by default.
        limit: Given<i64>,
    ) -> Result<Answer<Queue>, Problem> {
        let limit = limit.within(request, "limit", 1..=tasks::TOGETHER as i64, 50);
        params::check(request)?;
        let now = app.clock.now();
        let mut session = app.db.snapshot().await?;
        let mut roster = shared::store::assignment::roster(&mut session).await?;
        let first = tasks::waiting(&mut session, &roster.served()).await?;
        let waiting = first.into_iter().take(limit as usize).map(|task| {
            let choice = roster.choose(&Facts::of(&task), now);
            if let Some(owner) = &choice.owner {
                roster.give(owner, None);
            }
            view(task, choice)
        });
        Ok(Answer::of(&Queue { tasks: waiting.collect() }))
    }
}

/// Has tasks given out, with what the transaction changes; gives the job.
pub(super) async fn begin(app: &App, tx: &mut Tx) -> Result<i64, StoreError> {
    let job = NewJob::of(&AssignTasks {}, app.principal());
    Ok(jobs::enqueue(tx, &[job], app.clock.now()).await?[0].seq)
}

/// Tells the workers of it, after the commit.
pub(super) fn wake(app: &App) {
    app.bus.wake(AssignTasks::QUEUE);
}

fn view(task: Task, choice: Choice) -> Waiting {
    Waiting {
        task_id: task.task_id,
        title: task.title,
        workflow_category: task.workflow_category,
        mailbox_source: task.mailbox_source,
        priority: task.priority,
        sla_deadline: task.sla_deadline,
        created_at: task.created_at,
        choice,
    }
}
