//! Changed tasks: their traits, and what is wrong with those that share one.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;
use shared::domain::change::MAIL;
use shared::domain::finding::{self, Finding, MOST};
use shared::domain::{Category, Cents, Task};
use shared::jobs::{JobContext, JobError};
use shared::store::{Tx, findings, mining, tasks};

/// Tasks of one transaction.
const TASKS: i64 = 200;
/// How far back it looks again: a change may be committed later than its instant.
const OVERLAP: TimeDelta = TimeDelta::minutes(2);

/// Looks at every task that changed since the last run; gives the number of findings that are new.
pub(super) async fn changed(context: &JobContext, read: usize) -> Result<usize, JobError> {
    let began = context.now();
    let (since, _) = mining::state(&mut context.db().read().await?).await?;
    let mut after = (since.map_or(DateTime::UNIX_EPOCH, |since| since - OVERLAP), String::new());
    let mut new = 0;
    loop {
        let mut tx = context.db().begin().await?;
        let changed = findings::changed(&mut tx, (after.0, &after.1), TASKS).await?;
        let Some(last) = changed.last() else {
            resolve_orphans(&mut tx, began).await?;
            mining::set_traits_to(&mut tx, began).await?;
            context.checkpoint(tx, &json!({"step": "tasks", "mails_read": read, "findings": new})).await?;
            return Ok(new);
        };
        after = (last.updated_at, last.task_id.clone());
        let ids: Vec<&str> = changed.iter().map(|task| task.task_id.as_str()).collect();
        let mut people = findings::people(&mut tx, &ids).await?;
        let traits: Vec<BTreeSet<String>> = changed
            .iter()
            .map(|task| {
                let mut traits = finding::traits(&task.entities);
                traits.extend(people.remove(&task.task_id).unwrap_or_default());
                traits
            })
            .collect();
        let rows: Vec<(&str, &BTreeSet<String>)> = ids.iter().copied().zip(&traits).collect();
        findings::set_traits(&mut tx, &rows).await?;
        for (task, traits) in changed.iter().zip(&traits) {
            new += judge(&mut tx, task, traits, began).await?;
        }
        context.checkpoint(tx, &json!({"step": "tasks", "mails_read": read, "findings": new})).await?;
    }
}

/// Compares a task with those that share a number: what is wrong is kept and told, what no longer is, too.
async fn judge(tx: &mut Tx, task: &Task, traits: &BTreeSet<String>, now: DateTime<Utc>) -> Result<usize, JobError> {
    let found = if task.workflow_category == Category::OrderManagement {
        let others = others(tx, task, traits).await?;
        finding::judge(task, &others, now)
    } else {
        Vec::new()
    };
    for open in findings::open_of(tx, &task.task_id).await? {
        if !found.iter().any(|found| found.id == open.id) {
            settle(tx, Finding { state: "resolved".to_owned(), ..open }, now).await?;
        }
    }
    let mut new = 0;
    for found in found {
        match findings::lock(tx, &found.id).await? {
            Some(known) if known.state != "resolved" => {}
            _ => {
                settle(tx, found, now).await?;
                new += 1;
            }
        }
    }
    Ok(new)
}

async fn others(tx: &mut Tx, task: &Task, traits: &BTreeSet<String>) -> Result<Vec<Task>, JobError> {
    let of = |kind: &str| traits.iter().filter(|known| known.starts_with(kind)).map(String::as_str).collect::<Vec<_>>();
    let (numbers, parts) = (of("po:"), of("part:"));
    let mut others = Vec::new();
    if !numbers.is_empty() {
        others = findings::sharing(tx, &numbers, None).await?;
    }
    if !parts.is_empty() && task.dollar_value > Cents(0) {
        others.extend(findings::sharing(tx, &parts, Some(task.dollar_value)).await?);
    }
    // A number on so many orders is not that of one.
    if others.len() > MOST {
        others.clear();
    }
    Ok(others)
}

/// Keeps a finding and tells its tasks.
async fn settle(tx: &mut Tx, finding: Finding, now: DateTime<Utc>) -> Result<(), JobError> {
    findings::save(tx, &finding).await?;
    for task_id in &finding.task_ids {
        if let Some(task) = tasks::lookup(tx, task_id).await? {
            tasks::save_trail(tx, &finding::told(&task, &finding, MAIL, now)).await?;
        }
    }
    Ok(())
}

/// A finding of which a task is gone no longer holds.
async fn resolve_orphans(tx: &mut Tx, now: DateTime<Utc>) -> Result<(), JobError> {
    for orphan in findings::orphaned(tx).await? {
        settle(tx, Finding { state: "resolved".to_owned(), ..orphan }, now).await?;
    }
    Ok(())
}
