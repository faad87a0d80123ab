//! What another revision of the book makes of tasks that were planned already.

use chrono::{DateTime, Utc};
use poem_openapi::Object;
use serde::Serialize;

use super::rules::Rules;
use crate::domain::change::{self, Actor, Change};
use crate::domain::task::Task;

/// Plans an open task anew. `None` if nothing of the plan differs: what the mere passing of time changes is the sweep's, so
/// that a second time changes nothing.
pub fn recompute(before: &Task, rules: &Rules, now: DateTime<Utc>, actor: &Actor) -> Option<Change> {
    if before.deleted_at.is_some() {
        return None;
    }
    change::replan(before, rules, now, actor).filter(|change| differs(before, &change.task))
}

fn differs(before: &Task, after: &Task) -> bool {
    let target = |task: &Task| (task.sla_policy.clone(), task.sla_hours, task.sla_deadline, task.first_response_due);
    let steps = |task: &Task| {
        let each = task.sla_steps.iter().map(|step| (step.at, step.action, step.to.clone()));
        each.collect::<Vec<_>>()
    };
    // A row of before thresholds were kept is given them, and is not changed by that alone.
    let moved = |before: Option<DateTime<Utc>>, after| before.is_some() && before != after;
    target(before) != target(after)
        || steps(before) != steps(after)
        || moved(before.sla_warning_at, after.sla_warning_at)
        || moved(before.sla_critical_at, after.sla_critical_at)
        || before.sla_pauses.len() != after.sla_pauses.len()
}

/// A task that gets another plan.
#[derive(Clone, Debug, PartialEq, Serialize, Object)]
#[oai(rename = "SlaRecomputedTask")]
pub struct Recomputed {
    /// The task.
    pub task_id: String,
    /// Its policy as it is.
    pub policy_before: Option<String>,
    /// Its policy as it would be.
    pub policy_after: Option<String>,
    /// Its deadline as it is.
    pub deadline_before: Option<DateTime<Utc>>,
    /// Its deadline as it would be.
    pub deadline_after: Option<DateTime<Utc>>,
}

impl Recomputed {
    /// What a change does.
    pub fn of(before: &Task, after: &Task) -> Self {
        Self {
            task_id: before.task_id.clone(),
            policy_before: before.sla_policy.clone(),
            policy_after: after.sla_policy.clone(),
            deadline_before: before.sla_deadline,
            deadline_after: after.sla_deadline,
        }
    }
}
