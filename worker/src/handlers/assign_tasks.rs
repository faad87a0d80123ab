//! Give tasks that wait for an owner to people who have room for them.
//!
//! It takes no input and re-reads who has room under a lock, so that any number of runs, also at once, give nobody more
//! than their capacity. A second run finds given away what the first could give. Only tasks that somebody is free for are
//! loaded, so that those nobody can take are not in their way.

use serde_json::json;
use shared::jobs::{AssignTasks, Done, Handler, JobContext, JobError};
use shared::store::{assignment, people, sla, tasks};

/// Gives out tasks.
pub struct Assign;

impl Handler<AssignTasks> for Assign {
    async fn run(&self, context: JobContext, _: AssignTasks) -> Result<Done, JobError> {
        let mut assigned = 0;
        loop {
            let now = context.now();
            let mut tx = context.db().begin().await?;
            assignment::lock(&mut tx).await?;
            let mut roster = assignment::roster(&mut tx).await?;
            let waiting = tasks::lock_waiting(&mut tx, &roster.wanted(now), &roster.leaves(now)).await?;
            let rules = sla::rules(&mut tx).await?;
            let changes = roster.assign(&waiting, &rules, now);
            tasks::save(&mut tx, &changes).await?;
            people::save_turns(&mut tx, &roster).await?;
            assigned += changes.len();
            if waiting.len() < tasks::TOGETHER || changes.is_empty() {
                return Ok(Done::with(tx, json!({"assigned": assigned})));
            }
            context.checkpoint(tx, &json!({"assigned": assigned})).await?;
        }
    }
}
