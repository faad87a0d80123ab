//! Why a task is due when it is: the policy that matched and those before it that did not, and every instant that counts.

use chrono::{DateTime, Utc};
use poem_openapi::Object;
use serde::Serialize;

use super::escalation::Escalation;
use super::pause::{self, Pause};
use super::policy::Policy;
use super::recompute::recompute;
use super::rules::Rules;
use super::{GIVEN_HOURS, Level, Levels};
use crate::domain::change::Actor;
use crate::domain::task::Task;
use crate::domain::values::{BreachReason, SlaState, WaitingOn};

/// Everything that counts for a task's deadline.
#[derive(Clone, Debug, PartialEq, Serialize, Object)]
#[oai(rename = "SlaExplanation")]
pub struct Explanation {
    /// The task.
    pub task_id: String,
    /// Where it stands against its deadline.
    pub sla_state: SlaState,
    /// Where the deadline comes from: `policy`, `hours` that were given, an `instant` that was given, or `none`.
    pub source: String,
    /// The same in a sentence.
    pub summary: String,
    /// The policy, if it comes from one.
    pub policy: Option<String>,
    /// The revision of the book it was computed with, if it comes from a policy.
    pub revision: Option<i64>,
    /// The policies in the order in which they were tried, up to the one that matched.
    pub tried: Vec<Tried>,
    /// When the work began.
    pub anchor: DateTime<Utc>,
    /// What that is: `received_at` or `created_at`.
    pub anchor_is: String,
    /// Hours of the target; open hours, if there is a calendar.
    pub target_hours: Option<f64>,
    /// The calendar; round the clock if null.
    pub calendar: Option<String>,
    /// The zone of the calendar.
    pub zone: Option<String>,
    /// Times in which the clock stood still.
    pub pauses: Vec<Pause>,
    /// Whether it stands still now.
    pub paused: bool,
    /// Whom the work waits for.
    pub waiting_on: Option<WaitingOn>,
    /// Until when it is snoozed.
    pub snoozed_until: Option<DateTime<Utc>>,
    /// When the warning level begins.
    pub warning_at: Option<DateTime<Utc>>,
    /// When the critical level begins.
    pub critical_at: Option<DateTime<Utc>>,
    /// When it is due.
    pub deadline: Option<DateTime<Utc>>,
    /// When somebody is to have answered first.
    pub first_response_due: Option<DateTime<Utc>>,
    /// When somebody did.
    pub first_response_at: Option<DateTime<Utc>>,
    /// Why the deadline was missed, as people see it.
    pub breach_reason: Option<BreachReason>,
    /// Steps before and after the deadline, and when they were done.
    pub escalations: Vec<Escalation>,
    /// The next instant at which the passing of time changes something.
    pub next_at: Option<DateTime<Utc>>,
    /// What happens then.
    pub next: Option<String>,
    /// What the current book would say, if it differs.
    pub current: Option<Otherwise>,
}

/// A policy that was tried.
#[derive(Clone, Debug, PartialEq, Serialize, Object)]
#[oai(rename = "SlaPolicyTried")]
pub struct Tried {
    /// The policy.
    pub policy: String,
    /// Whether it matched.
    pub matched: bool,
    /// The task against each of its conditions, in words; none if it is for every task.
    pub conditions: Vec<Condition>,
}

/// A task against a condition.
#[derive(Clone, Debug, PartialEq, Serialize, Object)]
#[oai(rename = "SlaCondition")]
pub struct Condition {
    /// Whether it is met.
    pub met: bool,
    /// Why.
    pub reason: String,
}

/// What another revision says.
#[derive(Clone, Debug, PartialEq, Serialize, Object)]
#[oai(rename = "SlaOtherwise")]
pub struct Otherwise {
    /// The revision.
    pub revision: i64,
    /// The policy.
    pub policy: Option<String>,
    /// When the warning level would begin.
    pub warning_at: Option<DateTime<Utc>>,
    /// When the critical level would begin.
    pub critical_at: Option<DateTime<Utc>>,
    /// When it would be due.
    pub deadline: Option<DateTime<Utc>>,
}

/// Explains a task that was planned by one revision and would now be by another.
pub fn explain(task: &Task, planned_by: &Rules, current: &Rules, now: DateTime<Utc>) -> Explanation {
    let is_given = task.sla_policy.as_deref().is_none_or(|policy| policy == GIVEN_HOURS);
    let tried = if is_given { Vec::new() } else { tried(task, planned_by) };
    let policy = task.sla_policy.as_deref().filter(|_| !is_given).and_then(|name| planned_by.policy(name));
    let next = next(task, now);
    Explanation {
        task_id: task.task_id.clone(),
        sla_state: task.sla_state,
        source: source(task).to_owned(),
        summary: summary(task, policy),
        policy: task.sla_policy.clone().filter(|_| !is_given),
        revision: (!is_given).then_some(planned_by.revision),
        tried,
        anchor: task.received_at.unwrap_or(task.created_at),
        anchor_is: if task.received_at.is_some() { "received_at" } else { "created_at" }.to_owned(),
        target_hours: task.sla_hours,
        calendar: policy.and_then(|policy| policy.calendar_name.clone()),
        zone: policy.and_then(|policy| policy.calendar.as_ref()).map(|calendar| calendar.zone().name().to_owned()),
        pauses: task.sla_pauses.clone(),
        paused: pause::is_paused(task),
        waiting_on: task.waiting_on,
        snoozed_until: task.snoozed_until,
        warning_at: task.sla_warning_at,
        critical_at: task.sla_critical_at,
        deadline: task.sla_deadline,
        first_response_due: task.first_response_due,
        first_response_at: task.first_response_at,
        breach_reason: task.breach_reason,
        escalations: task.sla_steps.clone(),
        next_at: task.sla_next_at,
        next,
        current: otherwise(task, current, now),
    }
}

fn source(task: &Task) -> &'static str {
    match (task.sla_policy.as_deref(), task.sla_deadline) {
        (Some(GIVEN_HOURS), _) => "hours",
        (Some(_), _) => "policy",
        (None, Some(_)) => "instant",
        (None, None) => "none",
    }
}

fn summary(task: &Task, policy: Option<&Policy>) -> String {
    let hours = task.sla_hours.unwrap_or_default();
    match source(task) {
        "hours" => format!("{hours} hours were given with the task, round the clock"),
        "instant" => "the deadline was given as an instant".to_owned(),
        "none" => "the task has no deadline".to_owned(),
        _ => {
            let name = task.sla_policy.as_deref().unwrap_or_default();
            let clock = policy.and_then(|policy| policy.calendar_name.as_deref());
            let clock =
                clock.map_or_else(|| "round the clock".to_owned(), |name| format!("in the open hours of {name}"));
            let priority = task.sla_priority.unwrap_or(task.priority);
            format!("policy {name} gives {hours} hours at priority {priority}, {clock}")
        }
    }
}

fn tried(task: &Task, rules: &Rules) -> Vec<Tried> {
    let planned = Task { priority: task.sla_priority.unwrap_or(task.priority), ..task.clone() };
    let mut tried = Vec::new();
    for policy in rules.policies() {
        let judged = policy.when.judge(&planned).into_iter();
        let conditions = judged.map(|found| Condition { met: found.holds, reason: found.words }).collect();
        let matched = policy.when.matches(&planned);
        tried.push(Tried { policy: policy.name.clone(), matched, conditions });
        if matched {
            break;
        }
    }
    tried
}

/// What the next instant is.
fn next(task: &Task, now: DateTime<Utc>) -> Option<String> {
    let at = task.sla_next_at?;
    if at <= now {
        return Some("the next sweep looks at it".to_owned());
    }
    if task.snoozed_until == Some(at) {
        return Some("the snooze ends".to_owned());
    }
    if task.sla_step_at == Some(at) {
        let due = task.sla_steps.iter().filter(|step| step.at == at && step.done_at.is_none());
        let told = due.map(|step| match &step.to {
            Some(to) => format!("{} {to}", step.action),
            None => step.action.to_string(),
        });
        return Some(format!("escalation: {}", told.collect::<Vec<_>>().join(", ")));
    }
    let levels = Levels::of(task)?;
    Some(match levels.at(at) {
        Level::Ok | Level::Warning => "the warning begins".to_owned(),
        Level::Critical => "it turns critical".to_owned(),
        Level::Violated => "the deadline passes".to_owned(),
    })
}

fn otherwise(task: &Task, current: &Rules, now: DateTime<Utc>) -> Option<Otherwise> {
    let actor = Actor { principal: String::new(), reason: None };
    let after = recompute(task, current, now, &actor)?.task;
    Some(Otherwise {
        revision: current.revision,
        policy: after.sla_policy,
        warning_at: after.sla_warning_at,
        critical_at: after.sla_critical_at,
        deadline: after.sla_deadline,
    })
}
