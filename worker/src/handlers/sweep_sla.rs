//! Let time pass for every task whose threshold or deadline has come.
//!
//! It takes no input and re-reads what is due, so that any number of runs, also at once, announce each level once. It
//! costs in proportion to what is due: the index it reads holds the next instant of each open task.

use serde_json::json;
use shared::domain::change;
use shared::jobs::{Done, Handler, JobContext, JobError, SweepSla};
use shared::store::tasks;

/// Tasks of one transaction: bounds how long their locks are held.
const CHUNK: i64 = 500;

/// Sweeps deadlines.
pub struct Sweep;

impl Handler<SweepSla> for Sweep {
    async fn run(&self, context: JobContext, _: SweepSla) -> Result<Done, JobError> {
        let mut aged = 0;
        loop {
            let now = context.now();
            let mut tx = context.db().begin().await?;
            let due = tasks::lock_due(&mut tx, now, CHUNK).await?;
            let changes: Vec<_> = due.iter().filter_map(|task| change::age(task, now)).collect();
            tasks::save(&mut tx, &changes).await?;
            aged += changes.len();
            // Nothing changed although something was due would repeat for ever.
            if (due.len() as i64) < CHUNK || changes.is_empty() {
                return Ok(Done::with(tx, json!({"changed": aged})));
            }
            context.checkpoint(tx, &json!({"changed": aged})).await?;
        }
    }
}
