//! Change many tasks alike, with a result for each.
//!
//! A second run goes on where the first stopped: a task that has the change already is unchanged.

use serde_json::{Value, json};
use shared::domain::change;
use shared::jobs::{BulkUpdate, Done, Handler, JobContext, JobError};
use shared::store::tasks;

use super::mutate::locked;

/// Tasks of one transaction.
const CHUNK: usize = 100;

/// Changes many tasks.
pub struct Bulk;

impl Handler<BulkUpdate> for Bulk {
    async fn run(&self, context: JobContext, job: BulkUpdate) -> Result<Done, JobError> {
        let mut results: Vec<Value> = Vec::with_capacity(job.ids.len());
        for chunk in job.ids.chunks(CHUNK) {
            let mut tx = context.db().begin().await?;
            let mut changes = Vec::new();
            for task_id in chunk {
                match locked(&mut tx, task_id, None).await? {
                    Err(rejection) => results.push(json!({"task_id": task_id, "error": rejection.to_string()})),
                    Ok(task) => {
                        let change = change::update(&task, &job.patch, &job.actor, context.now());
                        let version = change.as_ref().map_or(task.version, |change| change.task.version);
                        results.push(json!({"task_id": task_id, "version": version, "changed": change.is_some()}));
                        changes.extend(change);
                    }
                }
            }
            tasks::save(&mut tx, &changes).await?;
            context.checkpoint(tx, &json!({"done": results.len(), "total": job.ids.len()})).await?;
        }
        let tx = context.db().begin().await?;
        Done::with(tx, json!({"status": 200, "items": results}))
    }
}
