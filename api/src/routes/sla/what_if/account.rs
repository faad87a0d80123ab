//! The account of a replay: what was, beside what would have been.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use poem_openapi::Object;
use serde::Serialize;
use shared::domain::sla::replay::Outcome;
use shared::domain::{Category, Priority, Task};

/// Tasks that are shown one by one.
const SHOWN: usize = 200;

/// What was, beside what would have been.
#[derive(Serialize, Object)]
#[oai(rename = "SlaWhatIf")]
pub(crate) struct WhatIf {
    /// Days that were looked back.
    days: i64,
    /// Tasks created at this instant or later.
    from: DateTime<Utc>,
    /// What was known at this instant.
    at: DateTime<Utc>,
    /// Revision of the present book.
    revision: i64,
    /// Tasks that were replayed.
    matched: u64,
    /// Null if these are all; else they are the newest, down to the one created at this instant.
    stopped_at: Option<DateTime<Utc>>,
    /// Breaches as they are.
    actual_breaches: u64,
    /// Breaches as they would be.
    would_breaches: u64,
    /// Tasks with another deadline.
    other_deadline: u64,
    /// Tasks that breached and would not have.
    spared: u64,
    /// Tasks that did not breach and would have.
    added: u64,
    /// The same by category, in the order of the categories; those without tasks are left out.
    categories: Vec<CategoryBreaches>,
    /// The first 200 of the tasks that were spared or added, the newest first.
    tasks: Vec<Difference>,
}

/// Breaches of a category.
#[derive(Serialize, Object)]
#[oai(rename = "SlaWhatIfCategory")]
pub(crate) struct CategoryBreaches {
    /// The category.
    workflow_category: Category,
    /// Tasks that were replayed.
    matched: u64,
    /// Breaches as they are.
    actual_breaches: u64,
    /// Breaches as they would be.
    would_breaches: u64,
    /// How many more there would be; negative for fewer.
    difference: i64,
}

/// A task that breached on one side alone.
#[derive(Serialize, Object)]
#[oai(rename = "SlaWhatIfTask")]
pub(crate) struct Difference {
    /// The task.
    task_id: String,
    /// One line.
    title: String,
    /// What it is about.
    workflow_category: Category,
    /// How soon.
    priority: Priority,
    /// When it was inserted.
    created_at: DateTime<Utc>,
    /// When it was completed; null while open.
    completion_date: Option<DateTime<Utc>>,
    /// As it is.
    actual: Side,
    /// As it would be.
    would: Side,
}

/// What one book makes of a task.
#[derive(Serialize, Object)]
#[oai(rename = "SlaWhatIfSide")]
pub(crate) struct Side {
    /// The policy; `sla_hours` if hours were given, null if an instant was.
    sla_policy: Option<String>,
    /// The deadline.
    sla_deadline: Option<DateTime<Utc>>,
    /// Whether it is breached.
    breached: bool,
}

/// What is counted on the way.
#[derive(Default)]
pub(super) struct Account {
    pub(super) matched: u64,
    pub(super) stopped_at: Option<DateTime<Utc>>,
    other_deadline: u64,
    spared: u64,
    added: u64,
    categories: BTreeMap<Category, CategoryBreaches>,
    tasks: Vec<Difference>,
}

impl Account {
    pub(super) fn count(&mut self, task: &Task, actual: Outcome, would: Outcome) {
        self.matched += 1;
        self.other_deadline += u64::from(actual.deadline != would.deadline);
        self.spared += u64::from(actual.breached && !would.breached);
        self.added += u64::from(!actual.breached && would.breached);
        let workflow_category = task.workflow_category;
        let of_category = self.categories.entry(workflow_category).or_insert(CategoryBreaches {
            workflow_category,
            matched: 0,
            actual_breaches: 0,
            would_breaches: 0,
            difference: 0,
        });
        of_category.matched += 1;
        of_category.actual_breaches += u64::from(actual.breached);
        of_category.would_breaches += u64::from(would.breached);
        of_category.difference += i64::from(would.breached) - i64::from(actual.breached);
        if actual.breached != would.breached && self.tasks.len() < SHOWN {
            self.tasks.push(Difference {
                task_id: task.task_id.clone(),
                title: task.title.clone(),
                workflow_category,
                priority: task.priority,
                created_at: task.created_at,
                completion_date: task.completion_date,
                actual: side(actual),
                would: side(would),
            });
        }
    }

    /// The answer.
    pub(super) fn told(self, days: i64, revision: i64, from: DateTime<Utc>, at: DateTime<Utc>) -> WhatIf {
        let categories: Vec<_> = self.categories.into_values().collect();
        WhatIf {
            days,
            from,
            at,
            revision,
            matched: self.matched,
            stopped_at: self.stopped_at,
            actual_breaches: categories.iter().map(|category| category.actual_breaches).sum(),
            would_breaches: categories.iter().map(|category| category.would_breaches).sum(),
            other_deadline: self.other_deadline,
            spared: self.spared,
            added: self.added,
            categories,
            tasks: self.tasks,
        }
    }
}

fn side(outcome: Outcome) -> Side {
    Side { sla_policy: outcome.policy, sla_deadline: outcome.deadline, breached: outcome.breached }
}
