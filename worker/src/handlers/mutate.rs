//! Create, update and delete tasks: by themselves, or several in one transaction.
//!
//! A second run is harmless: the engine commits the effects of one run only, together with the job's completion. Whoever
//! runs a job again after that has lost the lease and is rolled back.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use shared::domain::Task;
use shared::domain::change::{self, Change, Rejection};
use shared::domain::correction::{self, Correction};
use shared::domain::sla::rules::Rules;
use shared::domain::undo;
use shared::jobs::{
    CreateTask, DeleteTask, Done, GroupHandler, GroupJob, Handler, Job, JobContext, JobError, UpdateTask,
};
use shared::store::jobs::bulk::{self, Settled};
use shared::store::{Tx, assignment, corrections, sla, tasks};

/// Creates a task.
pub struct Create;

impl Handler<CreateTask> for Create {
    async fn run(&self, context: JobContext, job: CreateTask) -> Result<Done, JobError> {
        alone(&context, &Mutation::Create(Box::new(job))).await
    }
}

/// Changes a task.
pub struct Update;

impl Handler<UpdateTask> for Update {
    async fn run(&self, context: JobContext, job: UpdateTask) -> Result<Done, JobError> {
        alone(&context, &Mutation::Update(Box::new(job))).await
    }
}

/// Deletes a task.
pub struct Delete;

impl Handler<DeleteTask> for Delete {
    async fn run(&self, context: JobContext, job: DeleteTask) -> Result<Done, JobError> {
        alone(&context, &Mutation::Delete(job)).await
    }
}

async fn alone(context: &JobContext, mutation: &Mutation) -> Result<Done, JobError> {
    let mut tx = context.db().begin().await?;
    let task = match mutation.existing() {
        None => None,
        Some(task_id) => tasks::lock(&mut tx, task_id).await?,
    };
    let rules = sla::rules(&mut tx).await?;
    let Decision { change, result, settled, corrected } = mutation.decide(task.as_ref(), &rules, context.now());
    tasks::save(&mut tx, change.as_slice()).await?;
    assignment::ask(&mut tx, change.as_slice(), context.now()).await?;
    bulk::settle(&mut tx, settled.as_slice()).await?;
    corrections::add(&mut tx, None, &corrected).await?;
    Ok(Done::with(tx, result))
}

/// Changes several tasks in one transaction.
pub struct Together;

impl GroupHandler for Together {
    const KINDS: &'static [&'static str] = &[CreateTask::KIND, UpdateTask::KIND, DeleteTask::KIND];

    async fn run(
        &self,
        tx: &mut Tx,
        jobs: &[GroupJob<'_>],
        now: DateTime<Utc>,
    ) -> Result<Vec<Option<Value>>, JobError> {
        let mutations: Vec<Option<Mutation>> = jobs.iter().map(Mutation::read).collect();
        let existing: Vec<&str> = mutations.iter().flatten().filter_map(Mutation::existing).collect();
        let mut known = HashMap::new();
        if !existing.is_empty() {
            known.extend(tasks::lock_all(tx, &existing).await?.into_iter().map(|task| (task.task_id.clone(), task)));
        }
        let rules = sla::rules(tx).await?;
        let (mut changes, mut accounts, mut corrected) = (Vec::new(), Vec::new(), Vec::new());
        let mut results = Vec::with_capacity(jobs.len());
        for mutation in &mutations {
            results.push(mutation.as_ref().map(|mutation| {
                let task = mutation.existing().and_then(|task_id| known.get(task_id));
                let decision = mutation.decide(task, &rules, now);
                changes.extend(decision.change);
                accounts.extend(decision.settled);
                corrected.extend(decision.corrected);
                decision.result
            }));
        }
        tasks::save(tx, &changes).await?;
        assignment::ask(tx, &changes, now).await?;
        bulk::settle(tx, &accounts).await?;
        corrections::add(tx, None, &corrected).await?;
        Ok(results)
    }
}

/// What is to be done to one task.
enum Mutation {
    Create(Box<CreateTask>),
    Update(Box<UpdateTask>),
    Delete(DeleteTask),
}

impl Mutation {
    /// `None` if it cannot be read: run by itself, the job says why.
    fn read(job: &GroupJob<'_>) -> Option<Self> {
        fn args<J: DeserializeOwned>(job: &GroupJob<'_>) -> Option<J> {
            serde_json::from_str(job.args).ok()
        }
        match job.kind {
            CreateTask::KIND => args(job).map(|job| Self::Create(Box::new(job))),
            UpdateTask::KIND => args(job).map(|job| Self::Update(Box::new(job))),
            DeleteTask::KIND => args(job).map(Self::Delete),
            _ => None,
        }
    }

    /// The task it needs to be there.
    fn existing(&self) -> Option<&str> {
        match self {
            Self::Create(_) => None,
            Self::Update(job) => Some(&job.task_id),
            Self::Delete(job) => Some(&job.task_id),
        }
    }

    fn decide(&self, task: Option<&Task>, rules: &Rules, now: DateTime<Utc>) -> Decision {
        match self {
            Self::Create(job) => {
                let change = change::create(job.task.clone(), rules, &job.actor, now);
                let result = outcome(201, &change.task);
                Decision { change: Some(change), ..Decision::of(result) }
            }
            Self::Update(job) => update(job, task, rules, now),
            Self::Delete(job) => match live(task, job.expected_version) {
                Err(rejection) => Decision::of(rejected(&rejection)),
                Ok(task) => {
                    let change = change::delete(task, &job.actor, now);
                    Decision { change: Some(change), ..Decision::of(json!({"status": 200})) }
                }
            },
        }
    }
}

/// What is to be saved, and what to say about it.
struct Decision {
    change: Option<Change>,
    /// The job's result.
    result: Value,
    /// The line in the account of a bulk update.
    settled: Option<Settled>,
    /// What it says of the mail that opened the task.
    corrected: Vec<Correction>,
}

impl Decision {
    /// With this result, and nothing to be saved.
    fn of(result: Value) -> Self {
        Self { change: None, result, settled: None, corrected: Vec::new() }
    }
}

fn update(job: &UpdateTask, task: Option<&Task>, rules: &Rules, now: DateTime<Utc>) -> Decision {
    let expects = job.bulk.as_ref().and_then(|bulk| bulk.expects.as_ref());
    let task = live(task, job.expected_version).and_then(|task| {
        if expects.is_none_or(|became| undo::holds(task, became)) { Ok(task) } else { Err(Rejection::Overtaken) }
    });
    let change = task.as_ref().ok().and_then(|task| change::update(task, &job.patch, rules, &job.actor, now));
    let result = match &task {
        Err(rejection) => rejected(rejection),
        // Nobody waits for one of many: it is told in their account.
        Ok(_) if job.bulk.is_some() => json!({"status": 200}),
        Ok(task) => outcome(200, change.as_ref().map_or(task, |change| &change.task)),
    };
    let settled = job.bulk.as_ref().map(|bulk| {
        let (outcome, detail) = match (&task, &change) {
            (Err(rejection), _) => ("failed", Some(rejection.to_string())),
            (Ok(_), None) => ("unchanged", None),
            (Ok(_), Some(_)) => ("changed", None),
        };
        let trace = task.as_ref().ok().zip(change.as_ref()).map(|(task, change)| undo::trace(task, &change.task));
        Settled { job: bulk.job, task_id: job.task_id.clone(), outcome, detail, trace }
    });
    let both = task.as_ref().ok().zip(change.as_ref());
    let corrected = both.map(|(task, change)| correction::implied(task, change, &job.actor, now)).unwrap_or_default();
    Decision { change, result, settled, corrected }
}

/// The task to be changed, or why it cannot be.
pub(super) fn live(task: Option<&Task>, expected_version: Option<i64>) -> Result<&Task, Rejection> {
    match task {
        None => Err(Rejection::Missing),
        Some(task) if task.deleted_at.is_some() => Err(Rejection::Deleted),
        Some(task) if expected_version.is_some_and(|expected| expected != task.version) => {
            Err(Rejection::Version { current: task.version })
        }
        Some(task) => Ok(task),
    }
}

fn outcome(status: u16, task: &Task) -> Value {
    json!({"status": status, "task": task})
}

/// An outcome that is not success is a completed job whose result says so.
pub(super) fn rejected(rejection: &Rejection) -> Value {
    let status = match rejection {
        Rejection::Missing => 404,
        Rejection::Deleted => 410,
        Rejection::Version { .. } | Rejection::Overtaken => 412,
    };
    json!({"status": status, "detail": rejection.to_string()})
}
