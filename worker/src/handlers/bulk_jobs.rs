//! Do one thing to every job that a filter finds, in chunks that each are one transaction with their account. A second run
//! goes on behind the last chunk.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};
use shared::events::{JobChange, Signal};
use shared::jobs::{BulkAction, BulkJobs, Done, Handler, JobContext, JobError};
use shared::store::jobs::items::Item;
use shared::store::jobs::{self, JobRow, Verdict, Wish};

/// Jobs of one transaction.
const CHUNK: i64 = 100;

/// Works through the jobs.
pub struct Bulk;

/// How far it is.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Account {
    matched: i64,
    done: i64,
    changed: i64,
    skipped: i64,
    /// The last job looked at.
    after: i64,
}

impl Handler<BulkJobs> for Bulk {
    async fn run(&self, context: JobContext, job: BulkJobs) -> Result<Done, JobError> {
        let earlier = context.progress().await?.and_then(|progress| serde_json::from_value(progress).ok());
        let mut account = earlier.unwrap_or(Account { matched: job.matched, ..Account::default() });
        loop {
            let mut tx = context.db().begin().await?;
            let chunk = jobs::walk(&mut tx, &job.filter, account.after, job.newest, CHUNK).await?;
            if chunk.is_empty() {
                return Ok(Done::with(tx, progress(&account)));
            }
            let wish = Wish { principal: context.principal(), reason: job.reason.as_deref(), now: context.now() };
            let mut changed = Vec::new();
            let mut items = Vec::with_capacity(chunk.len());
            for seq in &chunk {
                let verdict = if *seq == context.job_id() {
                    Verdict::Refused("a bulk job leaves itself alone".to_owned())
                } else {
                    jobs::act(&mut tx, *seq, job.action, wish).await?
                };
                items.push(item(*seq, &verdict));
                if let Verdict::Changed(row) = verdict {
                    changed.push(*row);
                }
            }
            jobs::items::add(&mut tx, context.job_id(), &items).await?;
            account.done += chunk.len() as i64;
            account.changed += changed.len() as i64;
            account.skipped += (chunk.len() - changed.len()) as i64;
            account.after = chunk.last().copied().unwrap_or(job.newest);
            context.checkpoint(tx, &progress(&account)).await?;
            tell(&context, job.action, &changed);
        }
    }
}

fn progress(account: &Account) -> serde_json::Value {
    serde_json::to_value(account).expect("an account serialises")
}

fn item(seq: i64, verdict: &Verdict) -> Item {
    let (outcome, detail) = match verdict {
        Verdict::Changed(_) => ("changed", None),
        Verdict::Unchanged(_) => ("skipped", Some("there was nothing to do".to_owned())),
        Verdict::Missing => ("skipped", Some("it does not exist any more".to_owned())),
        Verdict::Refused(why) => ("skipped", Some(why.clone())),
    };
    Item { item: seq.to_string(), outcome: outcome.to_owned(), detail }
}

/// Wakes the queues, and stops the runs of cancelled jobs wherever they are.
fn tell(context: &JobContext, action: BulkAction, changed: &[JobRow]) {
    if action == BulkAction::Cancel {
        for row in changed {
            let job = JobChange::of(row, context.now());
            context.bus().publish(Signal::Done { job, result: None });
        }
    }
    let queues: HashSet<&str> = changed.iter().map(|row| row.queue.as_str()).collect();
    for queue in queues {
        context.bus().wake(queue);
    }
}
