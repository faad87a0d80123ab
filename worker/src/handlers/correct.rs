//! What people say a mail should have been read as. A second run finds the correction made and changes nothing.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use shared::domain::change::{self, Change};
use shared::domain::correction::{self, Correction};
use shared::domain::{Actor, Task};
use shared::jobs::{CorrectTask, Done, Handler, JobContext, JobError};
use shared::store::{Tx, assignment, corrections, mail as mails, sla, tasks};

use super::mutate::{live, rejected};

/// Records a correction and applies it to the task.
pub struct Correct;

impl Handler<CorrectTask> for Correct {
    async fn run(&self, context: JobContext, job: CorrectTask) -> Result<Done, JobError> {
        let mut tx = context.db().begin().await?;
        let task = tasks::lock(&mut tx, &job.task_id).await?;
        if let Some(task) = &task
            && corrections::is_known(&mut tx, &job.correction_id).await?
        {
            return Ok(Done::with(tx, json!({"status": 200, "task": task})));
        }
        let task = match live(task.as_ref(), job.expected_version) {
            Ok(task) => task,
            Err(rejection) => return Ok(Done::with(tx, rejected(&rejection))),
        };
        let Some(email_id) = job.email_id.as_ref().or(task.email_id.as_ref()) else {
            return Ok(Done::with(tx, refused("email_id: no mail opened the task; name the mail")));
        };
        if !mails::belongs(&mut tx, email_id, &task.task_id).await? {
            return Ok(Done::with(tx, refused("email_id: the mail is not one of the task's")));
        }
        let now = context.now();
        let (said, change) = if job.is_noise {
            let change = noise(&mut tx, task, email_id, &job.actor, now).await?;
            (vec![correction::noise(task, email_id, &job.actor, now)], change)
        } else {
            let rules = sla::rules(&mut tx).await?;
            let said = correction::told(task, email_id, &job.patch, &job.actor, now);
            (said, change::update(task, &job.patch, &rules, &job.actor, now))
        };
        save(&mut tx, &job.correction_id, &said, change.as_ref(), now).await?;
        let task = change.as_ref().map_or(task, |change| &change.task);
        let result = json!({"status": 200, "task": task});
        Ok(Done::with(tx, result))
    }
}

async fn save(
    tx: &mut Tx,
    request: &str,
    said: &[Correction],
    change: Option<&Change>,
    now: DateTime<Utc>,
) -> Result<(), JobError> {
    corrections::add(tx, Some(request), said).await?;
    let change = change.map(std::slice::from_ref).unwrap_or_default();
    tasks::save(tx, change).await?;
    Ok(assignment::ask(tx, change, now).await?)
}

/// Marks the mail. If it opened the task there should be none; else other mails speak for it.
async fn noise(
    tx: &mut Tx,
    task: &Task,
    email_id: &str,
    actor: &Actor,
    now: DateTime<Utc>,
) -> Result<Option<Change>, JobError> {
    let reason = format!("corrected by {}", actor.principal);
    mails::mark_noise(tx, email_id, &task.task_id, &reason).await?;
    Ok((task.email_id.as_deref() == Some(email_id)).then(|| change::delete(task, actor, now)))
}

fn refused(detail: &str) -> Value {
    json!({"status": 422, "detail": detail})
}
