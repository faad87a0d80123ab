//! Plan open tasks anew, in chunks that each are one transaction with the account.
//!
//! A second run goes on behind the last chunk, and one after the end changes nothing: what it would make of a task is what
//! the task has. Another revision of the book that comes meanwhile makes it begin again, so that at its end all tasks are
//! planned by one.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use shared::domain::change::Actor;
use shared::domain::sla::recompute::recompute;
use shared::domain::sla::rules::Rules;
use shared::domain::{Change, Task};
use shared::jobs::{Done, Handler, JobContext, JobError, RecomputeSla};
use shared::store::{Tx, sla, tasks};

/// Tasks of one transaction: bounds how long their locks are held.
const CHUNK: i64 = 500;

/// Recomputes deadlines.
pub struct Recompute;

/// How far it is.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Account {
    revision: i64,
    matched: i64,
    done: i64,
    changed: i64,
    /// The last task looked at.
    after: Option<sla::Place>,
}

impl Handler<RecomputeSla> for Recompute {
    async fn run(&self, context: JobContext, job: RecomputeSla) -> Result<Done, JobError> {
        let earlier = context.progress().await?.and_then(|progress| serde_json::from_value(progress).ok());
        let mut account: Account = earlier.unwrap_or_default();
        account.matched = job.matched;
        loop {
            let mut tx = context.db().begin().await?;
            let rules = sla::rules(&mut tx).await?;
            if rules.revision != account.revision {
                account = Account { revision: rules.revision, matched: job.matched, ..Account::default() };
            }
            let chunk = sla::open_tasks(&mut tx, &job.filter, account.after.as_ref(), CHUNK).await?;
            let Some(last) = chunk.last() else {
                return Ok(Done::with(tx, result(&account)));
            };
            account.after = Some((last.created_at, last.task_id.clone()));
            account.done += chunk.len() as i64;
            account.changed += replan(&mut tx, &context, &chunk, &rules, &reason(&job.actor, &rules)).await?;
            context.checkpoint(tx, &serde_json::to_value(&account).expect("an account serialises")).await?;
        }
    }
}

/// Saves what the rules make of these tasks; only those that it changes are locked, and looked at once more.
async fn replan(
    tx: &mut Tx,
    context: &JobContext,
    chunk: &[Task],
    rules: &Rules,
    actor: &Actor,
) -> Result<i64, JobError> {
    let now = context.now();
    let decide = |task: &Task| recompute(task, rules, now, actor);
    let moved: Vec<&str> =
        chunk.iter().filter(|task| decide(task).is_some()).map(|task| task.task_id.as_str()).collect();
    if moved.is_empty() {
        return Ok(0);
    }
    let changes: Vec<Change> = tasks::lock_all(tx, &moved).await?.iter().filter_map(decide).collect();
    tasks::save(tx, &changes).await?;
    Ok(changes.len() as i64)
}

fn reason(actor: &Actor, rules: &Rules) -> Actor {
    let why = actor.reason.as_ref().map_or_else(String::new, |why| format!(": {why}"));
    let reason = format!("recomputed with revision {} of the SLA book{why}", rules.revision);
    Actor { principal: actor.principal.clone(), reason: Some(reason) }
}

fn result(account: &Account) -> Value {
    let Account { revision, matched, done, changed, .. } = account;
    json!({"revision": revision, "matched": matched, "done": done, "changed": changed})
}
