//! Create, update and delete one task.
//!
//! A second run is harmless: the engine commits the effects of one run only, together with the job's completion. Whoever
//! runs a job again after that has lost the lease and is rolled back.

use serde_json::{Value, json};
use shared::domain::Task;
use shared::domain::change::{self, Change, Rejection};
use shared::jobs::{CreateTask, DeleteTask, Done, Handler, JobContext, JobError, UpdateTask};
use shared::store::{Tx, tasks};

/// Creates a task.
pub struct Create;

impl Handler<CreateTask> for Create {
    async fn run(&self, context: JobContext, job: CreateTask) -> Result<Done, JobError> {
        let mut tx = context.db().begin().await?;
        let change = change::create(job.task, &job.actor, context.now());
        tasks::save(&mut tx, std::slice::from_ref(&change)).await?;
        Ok(Done::with(tx, outcome(201, &change.task)))
    }
}

/// Changes a task.
pub struct Update;

impl Handler<UpdateTask> for Update {
    async fn run(&self, context: JobContext, job: UpdateTask) -> Result<Done, JobError> {
        let mut tx = context.db().begin().await?;
        let task = match locked(&mut tx, &job.task_id, job.expected_version).await? {
            Ok(task) => task,
            Err(rejection) => return Ok(Done::with(tx, rejected(&rejection))),
        };
        match change::update(&task, &job.patch, &job.actor, context.now()) {
            None => Ok(Done::with(tx, outcome(200, &task))),
            Some(change) => {
                tasks::save(&mut tx, std::slice::from_ref(&change)).await?;
                Ok(Done::with(tx, outcome(200, &change.task)))
            }
        }
    }
}

/// Deletes a task.
pub struct Delete;

impl Handler<DeleteTask> for Delete {
    async fn run(&self, context: JobContext, job: DeleteTask) -> Result<Done, JobError> {
        let mut tx = context.db().begin().await?;
        let task = match locked(&mut tx, &job.task_id, job.expected_version).await? {
            Ok(task) => task,
            Err(rejection) => return Ok(Done::with(tx, rejected(&rejection))),
        };
        let change: Change = change::delete(&task, &job.actor, context.now());
        tasks::save(&mut tx, std::slice::from_ref(&change)).await?;
        Ok(Done::with(tx, json!({"status": 200})))
    }
}

/// The task to be changed, locked, or why it cannot be.
async fn locked(
    tx: &mut Tx,
    task_id: &str,
    expected_version: Option<i64>,
) -> Result<Result<Task, Rejection>, JobError> {
    Ok(match tasks::lock(tx, task_id).await? {
        None => Err(Rejection::Missing),
        Some(task) if task.deleted_at.is_some() => Err(Rejection::Deleted),
        Some(task) if expected_version.is_some_and(|expected| expected != task.version) => {
            Err(Rejection::Version { current: task.version })
        }
        Some(task) => Ok(task),
    })
}

fn outcome(status: u16, task: &Task) -> Value {
    json!({"status": status, "task": task})
}

/// An outcome that is not success is a completed job whose result says so.
fn rejected(rejection: &Rejection) -> Value {
    let status = match rejection {
        Rejection::Missing => 404,
        Rejection::Deleted => 410,
        Rejection::Version { .. } => 412,
    };
    json!({"status": status, "detail": rejection.to_string()})
}
