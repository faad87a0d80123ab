//! Write tasks of another system with their history. A task that is here already, deleted or not, is left alone, so that a
//! second run changes nothing.

use std::collections::HashSet;

use serde_json::{Value, json};
use shared::domain::legacy;
use shared::jobs::{Done, Handler, ImportTasks, JobContext, JobError};
use shared::store::{assignment, sla, tasks};

/// Imports tasks.
pub struct Import;

impl Handler<ImportTasks> for Import {
    async fn run(&self, context: JobContext, job: ImportTasks) -> Result<Done, JobError> {
        let now = context.now();
        let mut tx = context.db().begin().await?;
        let ids: Vec<&str> = job.tasks.iter().map(|task| task.task_id.as_str()).collect();
        let mut known: HashSet<String> =
            tasks::lock_all(&mut tx, &ids).await?.into_iter().map(|task| task.task_id).collect();
        let rules = sla::rules(&mut tx).await?;
        let (mut changes, mut created, mut present) = (Vec::new(), Vec::new(), Vec::new());
        for task in job.tasks {
            let id = task.task_id.clone();
            if known.insert(id.clone()) {
                changes.push(legacy::adopt(task, &job.source, &job.principal, &rules, now));
                created.push(id);
            } else {
                present.push(id);
            }
        }
        if !changes.is_empty() {
            tasks::save(&mut tx, &changes).await?;
            assignment::ask_soon(&mut tx, now).await?;
        }
        let result: Value = json!({"created": created, "present": present});
        Ok(Done::with(tx, result))
    }
}
