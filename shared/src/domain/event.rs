//! What happened, as it is announced to subscribers. Additive only: a breaking change is a new event.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::comment::{CommentCreated, CommentDeleted};
use super::money::Cents;
use super::sla::Level;
use super::sla::escalation::Fired;
use super::sla::policy::Action;
use super::task::Task;
use super::values::{Category, Priority, Status};
use super::watcher::WatchersChanged;

/// A created or completed task.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TaskSummary {
    /// The task.
    pub task_id: String,
    /// What it is about.
    pub category: Category,
    /// Its colour.
    pub status: Status,
    /// How soon.
    pub priority: Priority,
    /// Who works on it.
    pub owner: Option<String>,
    /// Dollars at stake.
    pub value: Cents,
    /// One line.
    pub title: String,
    /// When it is due.
    pub sla_deadline: Option<DateTime<Utc>>,
    /// Version after the change.
    pub version: i64,
    /// When it took effect.
    pub timestamp: DateTime<Utc>,
}

/// Changed fields of a task.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TaskUpdated {
    /// The task.
    pub task_id: String,
    /// New values by field name.
    pub updates: Map<String, Value>,
    /// Values before, by field name.
    pub previous_values: Map<String, Value>,
    /// Who made the change.
    pub changed_by: String,
    /// Version after the change.
    pub version: i64,
    /// When it took effect.
    pub timestamp: DateTime<Utc>,
}

/// A deleted task.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TaskDeleted {
    /// The task.
    pub task_id: String,
    /// Who deleted it.
    pub changed_by: String,
    /// Version after the change.
    pub version: i64,
    /// When it took effect.
    pub timestamp: DateTime<Utc>,
}

/// A change of colour.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StatusChanged {
    /// The task.
    pub task_id: String,
    /// Colour before.
    pub old_status: Status,
    /// Colour after.
    pub new_status: Status,
    /// Who or what changed it.
    pub changed_by: String,
    /// Why, as far as known.
    pub reason: Option<String>,
    /// Version after the change.
    pub version: i64,
    /// When it took effect.
    pub timestamp: DateTime<Utc>,
}

/// A deadline coming close.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SlaWarning {
    /// The task.
    pub task_id: String,
    /// One line.
    pub title: String,
    /// Who works on it.
    pub owner: Option<String>,
    /// When it is due.
    pub deadline: DateTime<Utc>,
    /// Hours left, two decimals.
    pub hours_remaining: f64,
    /// `WARNING` or `CRITICAL`.
    pub severity: String,
    /// When it was found.
    pub timestamp: DateTime<Utc>,
}

/// A missed deadline.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SlaViolated {
    /// The task.
    pub task_id: String,
    /// One line.
    pub title: String,
    /// Who works on it.
    pub owner: Option<String>,
    /// When it was due.
    pub deadline: DateTime<Utc>,
    /// Hours past it, two decimals.
    pub hours_overdue: f64,
    /// `VIOLATED`.
    pub severity: String,
    /// When it was found.
    pub timestamp: DateTime<Utc>,
}

/// A step of a policy around a deadline.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SlaEscalated {
    /// The task.
    pub task_id: String,
    /// One line.
    pub title: String,
    /// Who works on it, after the step.
    pub owner: Option<String>,
    /// When it is due.
    pub deadline: DateTime<Utc>,
    /// What happened.
    pub action: Action,
    /// Whom to tell, or who got the task.
    pub to: Option<String>,
    /// Its place in the policy, from 1.
    pub step: usize,
    /// When it happened.
    pub timestamp: DateTime<Utc>,
}

/// A task of high value that is critical or violated.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CriticalAlert {
    /// The task.
    pub task_id: String,
    /// One sentence for people.
    pub message: String,
    /// `CRITICAL`.
    pub severity: String,
    /// Who works on it.
    pub owner: Option<String>,
    /// What it is about.
    pub category: Category,
    /// Dollars at stake.
    pub value: Cents,
    /// When it was found.
    pub timestamp: DateTime<Utc>,
}

/// The outcome of a mail batch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BatchFinished {
    /// The batch.
    pub batch_id: String,
    /// Mails received.
    pub email_count: i64,
    /// Tasks opened.
    pub tasks_created: i64,
    /// Tasks that later mail changed.
    pub tasks_updated: i64,
    /// Milliseconds from first mail to last.
    pub processing_time: i64,
    /// `completed` or `failed`.
    pub status: String,
    /// Quarantined mails, or why the batch failed.
    pub errors: Vec<BatchError>,
    /// When it finished.
    pub timestamp: DateTime<Utc>,
}

/// A mail that could not be processed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, poem_openapi::Object)]
pub struct BatchError {
    /// The mail, as its uploader named it.
    pub email: String,
    /// Why.
    pub reason: String,
}

/// A durable event.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", content = "data")]
pub enum WorkflowEvent {
    /// A task exists.
    #[serde(rename = "workflow:task:created")]
    TaskCreated(TaskSummary),
    /// Fields of a task changed.
    #[serde(rename = "workflow:task:updated")]
    TaskUpdated(TaskUpdated),
    /// A task is done.
    #[serde(rename = "workflow:task:completed")]
    TaskCompleted(TaskSummary),
    /// A task is gone.
    #[serde(rename = "workflow:task:deleted")]
    TaskDeleted(TaskDeleted),
    /// A colour changed.
    #[serde(rename = "workflow:status:changed")]
    StatusChanged(StatusChanged),
    /// A deadline comes close.
    #[serde(rename = "workflow:sla:warning")]
    SlaWarning(SlaWarning),
    /// A deadline is missed.
    #[serde(rename = "workflow:sla:violated")]
    SlaViolated(SlaViolated),
    /// A policy wants more than a warning.
    #[serde(rename = "workflow:sla:escalated")]
    SlaEscalated(SlaEscalated),
    /// A task of high value is critical.
    #[serde(rename = "workflow:critical:alert")]
    CriticalAlert(CriticalAlert),
    /// All mails of a batch are accounted for.
    #[serde(rename = "workflow:batch:completed")]
    BatchCompleted(BatchFinished),
    /// A batch could not be processed.
    #[serde(rename = "workflow:batch:failed")]
    BatchFailed(BatchFinished),
    /// Somebody says something about a task.
    #[serde(rename = "workflow:comment:created")]
    CommentCreated(CommentCreated),
    /// A comment is gone.
    #[serde(rename = "workflow:comment:deleted")]
    CommentDeleted(CommentDeleted),
    /// Somebody watches a task, or does no longer.
    #[serde(rename = "workflow:watchers:changed")]
    WatchersChanged(WatchersChanged),
}

impl WorkflowEvent {
    /// Name on the wire.
    pub fn name(&self) -> &'static str {
        match self {
            Self::TaskCreated(_) => "workflow:task:created",
            Self::TaskUpdated(_) => "workflow:task:updated",
            Self::TaskCompleted(_) => "workflow:task:completed",
            Self::TaskDeleted(_) => "workflow:task:deleted",
            Self::StatusChanged(_) => "workflow:status:changed",
            Self::SlaWarning(_) => "workflow:sla:warning",
            Self::SlaViolated(_) => "workflow:sla:violated",
            Self::SlaEscalated(_) => "workflow:sla:escalated",
            Self::CriticalAlert(_) => "workflow:critical:alert",
            Self::BatchCompleted(_) => "workflow:batch:completed",
            Self::BatchFailed(_) => "workflow:batch:failed",
            Self::CommentCreated(_) => "workflow:comment:created",
            Self::CommentDeleted(_) => "workflow:comment:deleted",
            Self::WatchersChanged(_) => "workflow:watchers:changed",
        }
    }
}

/// Old and new values a subscriber's filter is compared with: an event is sent if either matches.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Matches {
    /// Colours before and after.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub status: Vec<String>,
    /// Owners before and after.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub owner: Vec<String>,
    /// Categories before and after.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub category: Vec<String>,
    /// The mailboxes of what it is about. No filter: a key that is limited to others does not get it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub mailbox: Vec<String>,
    /// People who watch the task, and those the event itself is about. The store adds the former when it writes the event.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub watcher: Vec<String>,
}

impl Matches {
    /// Whether whoever is limited to these mailboxes may know of it; `None` is limited to none.
    pub fn is_within(&self, mailboxes: Option<&[String]>) -> bool {
        mailboxes.is_none_or(|mailboxes| mailboxes.iter().any(|mailbox| self.mailbox.contains(mailbox)))
    }

    /// What the task's filters matched before and match after.
    pub fn of<'a>(tasks: impl IntoIterator<Item = &'a Task>) -> Self {
        let mut matches = Self::default();
        let mut add = |list: fn(&mut Self) -> &mut Vec<String>, value: &str| {
            let list = list(&mut matches);
            if !list.iter().any(|known| known == value) {
                list.push(value.to_owned());
            }
        };
        for task in tasks {
            add(|m| &mut m.status, task.task_status.as_str());
            add(|m| &mut m.category, task.workflow_category.as_str());
            if let Some(owner) = &task.current_owner {
                add(|m| &mut m.owner, owner);
            }
            if let Some(mailbox) = &task.mailbox_source {
                add(|m| &mut m.mailbox, mailbox);
            }
        }
        matches
    }
}

/// An event with what it is filtered by, ready to be stored.
#[derive(Clone, Debug, PartialEq)]
pub struct Announcement {
    /// What happened.
    pub event: WorkflowEvent,
    /// The task it is about.
    pub task_id: Option<String>,
    /// What subscribers filter by.
    pub matches: Matches,
}

pub(super) fn summary(task: &Task, now: DateTime<Utc>) -> TaskSummary {
    TaskSummary {
        task_id: task.task_id.clone(),
        category: task.workflow_category,
        status: task.task_status,
        priority: task.priority,
        owner: task.current_owner.clone(),
        value: task.dollar_value,
        title: task.title.clone(),
        sla_deadline: task.sla_deadline,
        version: task.version,
        timestamp: now,
    }
}

/// Hours between a deadline and now, two decimals.
pub(crate) fn hours_between(deadline: DateTime<Utc>, now: DateTime<Utc>) -> f64 {
    ((deadline - now).num_milliseconds().abs() as f64 / 36_000.0).round() / 100.0
}

/// The warning or violation of a level just reached.
pub(super) fn sla_event(task: &Task, level: Level, now: DateTime<Utc>) -> Option<WorkflowEvent> {
    let deadline = task.sla_deadline?;
    let hours = hours_between(deadline, now);
    Some(if level == Level::Violated {
        WorkflowEvent::SlaViolated(SlaViolated {
            task_id: task.task_id.clone(),
            title: task.title.clone(),
            owner: task.current_owner.clone(),
            deadline,
            hours_overdue: hours,
            severity: "VIOLATED".to_owned(),
            timestamp: now,
        })
    } else {
        WorkflowEvent::SlaWarning(SlaWarning {
            task_id: task.task_id.clone(),
            title: task.title.clone(),
            owner: task.current_owner.clone(),
            deadline,
            hours_remaining: hours,
            severity: if level == Level::Critical { "CRITICAL" } else { "WARNING" }.to_owned(),
            timestamp: now,
        })
    })
}

/// An escalation of a task.
pub(super) fn escalated(task: &Task, fired: &Fired, now: DateTime<Utc>) -> Option<WorkflowEvent> {
    Some(WorkflowEvent::SlaEscalated(SlaEscalated {
        task_id: task.task_id.clone(),
        title: task.title.clone(),
        owner: fired.owner.clone(),
        deadline: task.sla_deadline?,
        action: fired.step.action,
        to: fired.step.to.clone(),
        step: fired.number,
        timestamp: now,
    }))
}

/// The alert of a high-value task.
pub(super) fn alert(task: &Task, now: DateTime<Utc>) -> WorkflowEvent {
    let overdue = task.sla_deadline.is_some_and(|deadline| now > deadline);
    let dollars = task.dollar_value.dollars();
    WorkflowEvent::CriticalAlert(CriticalAlert {
        task_id: task.task_id.clone(),
        message: format!(
            "{} worth ${dollars:.2} {}",
            task.title,
            if overdue { "is past its deadline" } else { "is close to its deadline" }
        ),
        severity: "CRITICAL".to_owned(),
        owner: task.current_owner.clone(),
        category: task.workflow_category,
        value: task.dollar_value,
        timestamp: now,
    })
}
