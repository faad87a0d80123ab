//! A change of some fields, and how a task takes it.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::domain::money::Cents;
use crate::domain::sla;
use crate::domain::task::{Entities, Task};
use crate::domain::values::{BreachReason, Category, Priority, Status, WaitingOn, WorkflowState};

/// A change of some fields: absent stays; `Some(None)` clears.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct TaskPatch {
    /// One line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// What it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub workflow_category: Option<Category>,
    /// Further categories.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secondary_categories: Option<Vec<Category>>,
    /// How far it has come.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub workflow_state: Option<WorkflowState>,
    /// What is said about its colour.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task_status: Option<Status>,
    /// When it was completed, where an undo gives that back with the status; callers cannot say so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub completion_date: Option<DateTime<Utc>>,
    /// How soon.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub priority: Option<Priority>,
    /// Details.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub description: Option<Option<String>>,
    /// Who works on it.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub current_owner: Option<Option<String>>,
    /// Their address.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub owner_email: Option<Option<String>>,
    /// Lists to replace by name; null empties all.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub entities: Option<Option<BTreeMap<String, Vec<String>>>>,
    /// Value at stake.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dollar_value: Option<Cents>,
    /// A deadline as an instant; null removes it.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub sla_deadline: Option<Option<DateTime<Utc>>>,
    /// A deadline as hours from creation; null goes back to the policy.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub sla_hours: Option<Option<f64>>,
    /// Whom the work waits for; null for nobody.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub waiting_on: Option<Option<WaitingOn>>,
    /// Until when nobody wants to be reminded of it; null wakes it.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub snoozed_until: Option<Option<DateTime<Utc>>>,
    /// Why the deadline was missed; null takes that back.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub breach_reason: Option<Option<BreachReason>>,
    /// Free labels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tags: Option<Vec<String>>,
    /// Free grouping.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub group_name: Option<Option<String>>,
}

/// Keeps a null apart from an absent field.
fn present<'de, D, T>(deserializer: D) -> Result<Option<Option<T>>, D::Error>
where
    D: serde::Deserializer<'de>,
    T: Deserialize<'de>,
{
    Option::deserialize(deserializer).map(Some)
}

pub(super) fn apply_fields(task: &mut Task, patch: &TaskPatch, now: DateTime<Utc>) {
    let patch = patch.clone();
    set(&mut task.title, patch.title);
    set(&mut task.workflow_category, patch.workflow_category);
    set(&mut task.secondary_categories, patch.secondary_categories);
    if let Some(priority) = patch.priority.filter(|priority| *priority != task.priority) {
        task.priority = priority;
        task.sla_priority = None;
    }
    set(&mut task.description, patch.description);
    set(&mut task.owner_email, patch.owner_email);
    set(&mut task.dollar_value, patch.dollar_value);
    set(&mut task.tags, patch.tags);
    set(&mut task.group_name, patch.group_name);
    set(&mut task.breach_reason, patch.breach_reason);
    if let Some(owner) = patch.current_owner
        && owner != task.current_owner
    {
        task.assigned_date = owner.is_some().then_some(now);
        task.current_owner = owner;
    }
    match patch.entities {
        None => {}
        Some(None) => task.entities = Entities::default(),
        Some(Some(lists)) => {
            for (name, values) in lists {
                if let Some(list) = task.entities.list_mut(&name) {
                    *list = values;
                }
            }
        }
    }
}

fn set<T>(field: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *field = value;
    }
}

/// COMPLETED and COMPLETION go together, whichever was given.
pub(super) fn apply_status(task: &mut Task, patch: &TaskPatch, principal: &str, now: DateTime<Utc>) {
    let said = patch.task_status.or(match patch.workflow_state {
        Some(WorkflowState::Completion) => Some(Status::Completed),
        Some(_) if !task.is_open() => Some(Status::Green),
        _ => None,
    });
    if let Some(said) = said {
        task.manual_status = said;
        principal.clone_into(&mut task.manual_by);
        if said == Status::Completed {
            task.workflow_state = WorkflowState::Completion;
            task.completion_date = patch.completion_date.or(task.completion_date).or(Some(now));
        } else if task.workflow_state == WorkflowState::Completion {
            task.workflow_state = WorkflowState::InProgress;
            task.completion_date = None;
        }
    }
    set(&mut task.workflow_state, patch.workflow_state);
}

/// What work waits for, and a deadline that is given or left to the policy. Who is done waits for nothing, and a snooze that
/// was over before the change is applied never was.
pub(super) fn apply_clock(task: &mut Task, patch: &TaskPatch, now: DateTime<Utc>) {
    set(&mut task.waiting_on, patch.waiting_on);
    set(&mut task.snoozed_until, patch.snoozed_until.map(|until| until.filter(|until| *until > now)));
    if !task.is_open() {
        (task.waiting_on, task.snoozed_until) = (None, None);
    }
    if let Some(deadline) = patch.sla_deadline {
        task.sla_deadline = deadline;
        task.sla_policy = None;
        task.sla_hours = None;
    } else if let Some(hours) = patch.sla_hours {
        task.sla_hours = hours;
        task.sla_policy = Some(if hours.is_some() { sla::GIVEN_HOURS } else { sla::DEFAULT_POLICY }.to_owned());
    }
}
