//! What a policy does before and after a deadline, each step once for a deadline.

use chrono::{DateTime, Utc};
use poem_openapi::Object;
use serde::{Deserialize, Serialize};

use super::pause;
use super::policy::Action;
use crate::domain::task::Task;
use crate::domain::values::Priority;

/// A step of a task's policy, at its instant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Object)]
#[oai(rename = "TaskEscalation")]
pub struct Escalation {
    /// When it is due.
    pub at: DateTime<Utc>,
    /// Hours on the clock from the deadline; negative before it.
    pub hours: f64,
    /// What happens.
    pub action: Action,
    /// Whom to tell, or who gets the task.
    pub to: Option<String>,
    /// When it happened; null if it has not.
    pub done_at: Option<DateTime<Utc>>,
}

/// A step that happens now, and what it changes.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Fired {
    /// Its place in the policy, from 1.
    pub(crate) number: usize,
    /// The step.
    pub(crate) step: Escalation,
    /// Field, value before and value after.
    pub(crate) changes: Vec<(&'static str, Option<String>, Option<String>)>,
    /// Who has the task then.
    pub(crate) owner: Option<String>,
}

impl Fired {
    /// Names the step in the history.
    pub(crate) fn reason(&self, task: &Task) -> String {
        let policy = task.sla_policy.as_deref().unwrap_or_default();
        let hours = self.step.hours.abs();
        let place = if self.step.hours < 0.0 { "before" } else { "after" };
        format!("Escalation {} of {policy}: {hours} h {place} the deadline", self.number)
    }
}

/// Does what is due, in order. Nothing is while the task is done or its clock stands still.
pub(crate) fn fire(task: &mut Task, now: DateTime<Utc>) -> Vec<Fired> {
    if !task.is_open() || pause::is_paused(task) {
        return Vec::new();
    }
    let mut due: Vec<usize> = (0..task.sla_steps.len())
        .filter(|place| task.sla_steps[*place].done_at.is_none() && task.sla_steps[*place].at <= now)
        .collect();
    due.sort_by_key(|place| task.sla_steps[*place].at);
    due.into_iter().map(|place| act(task, place, now)).collect()
}

/// Takes steps that are past already as done: what came late is not escalated for that.
pub(crate) fn skip(task: &mut Task, now: DateTime<Utc>) {
    for step in task.sla_steps.iter_mut().filter(|step| step.at <= now) {
        step.done_at = Some(now);
    }
}

fn act(task: &mut Task, place: usize, now: DateTime<Utc>) -> Fired {
    task.sla_steps[place].done_at = Some(now);
    let step = task.sla_steps[place].clone();
    let mut changes = Vec::new();
    match step.action {
        Action::Reassign if step.to != task.current_owner => {
            changes.push(("current_owner", task.current_owner.clone(), step.to.clone()));
            if task.owner_email.is_some() {
                // It was the address of the one before.
                changes.push(("owner_email", task.owner_email.take(), None));
            }
            task.current_owner.clone_from(&step.to);
            task.assigned_date = Some(now);
        }
        Action::Notify | Action::Reassign => {}
        Action::RaisePriority => {
            if let Some(raised) = (task.priority as usize).checked_sub(1).and_then(|rank| Priority::ALL.get(rank)) {
                changes.push(("priority", Some(task.priority.to_string()), Some(raised.to_string())));
                task.sla_priority = task.sla_priority.or(Some(task.priority));
                task.priority = *raised;
            }
        }
    }
    Fired { number: place + 1, step, changes, owner: task.current_owner.clone() }
}
