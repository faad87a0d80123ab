//! Let time pass for every task whose threshold, deadline, escalation or end of a snooze has come.
//!
//! It takes no input and re-reads what is due, so that any number of runs, also at once, announce each level once. It
//! costs in proportion to what is due: the index it reads holds the next instant of each open task. Tasks to which nothing
//! happens but a level go as a set; the others are looked at as a whole.

use serde_json::json;
use shared::domain::change;
use shared::jobs::{Done, Handler, JobContext, JobError, SweepSla};
use shared::store::{Tx, assignment, sla, tasks};

/// Tasks of one transaction that go as a set: bounds how long their locks are held.
const SET: i64 = 2_000;
/// Tasks of one transaction that are looked at as a whole.
const CHUNK: i64 = 500;

/// Sweeps deadlines.
pub struct Sweep;

impl Handler<SweepSla> for Sweep {
    async fn run(&self, context: JobContext, _: SweepSla) -> Result<Done, JobError> {
        let mut aged = 0;
        loop {
            let mut tx = context.db().begin().await?;
            let crossed = tasks::cross(&mut tx, context.now(), SET).await?;
            aged += crossed;
            let set_is_done = (crossed as i64) < SET;
            if set_is_done && !look_at_the_rest(&context, &mut tx, &mut aged).await? {
                return Ok(Done::with(tx, json!({"changed": aged})));
            }
            context.checkpoint(tx, &json!({"changed": aged})).await?;
        }
    }
}

/// Ages a chunk of what is due, one by one; whether more may be.
async fn look_at_the_rest(context: &JobContext, tx: &mut Tx, aged: &mut usize) -> Result<bool, JobError> {
    let now = context.now();
    let due = tasks::lock_due(tx, now, CHUNK).await?;
    if due.is_empty() {
        return Ok(false);
    }
    let rules = sla::rules(tx).await?;
    let changes: Vec<_> = due.iter().filter_map(|task| change::age(task, &rules, now)).collect();
    tasks::save(tx, &changes).await?;
    assignment::ask(tx, &changes, now).await?;
    *aged += changes.len();
    // Nothing changed although something was due would repeat for ever.
    Ok(due.len() as i64 >= CHUNK && !changes.is_empty())
}
