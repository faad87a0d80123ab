//! One event of each kind, as an example for the document of the socket.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Map, Value, json};
use shared::domain::comment::{CommentCreated, CommentDeleted};
use shared::domain::event::{
    BatchError, BatchFinished, CriticalAlert, SlaEscalated, SlaViolated, SlaWarning, StatusChanged, TaskDeleted,
    TaskSummary, TaskUpdated, WorkflowEvent,
};
use shared::domain::sla::policy::Action;
use shared::domain::watcher::WatchersChanged;
use shared::domain::{Category, Cents, Priority, Status};

/// One event of each kind.
pub(crate) fn events(at: DateTime<Utc>) -> Vec<WorkflowEvent> {
    vec![
        WorkflowEvent::TaskCreated(summary(Status::Yellow, 1, at)),
        WorkflowEvent::TaskUpdated(updated(at)),
        WorkflowEvent::TaskCompleted(summary(Status::Completed, 4, at)),
        WorkflowEvent::TaskDeleted(TaskDeleted {
            task_id: task(),
            changed_by: "local".to_owned(),
            version: 5,
            timestamp: at,
        }),
        WorkflowEvent::StatusChanged(status_changed(at)),
        WorkflowEvent::SlaWarning(warning(at)),
        WorkflowEvent::SlaViolated(violated(at)),
        WorkflowEvent::SlaEscalated(escalated(at)),
        WorkflowEvent::CriticalAlert(alert(at)),
        WorkflowEvent::BatchCompleted(batch("completed", "c3.eml", "the mail is empty", at)),
        WorkflowEvent::BatchFailed(batch("failed", "mbox", "the upload is no mbox", at)),
        WorkflowEvent::CommentCreated(comment(at)),
        WorkflowEvent::CommentDeleted(CommentDeleted {
            task_id: task(),
            comment_id: comment(at).comment_id,
            changed_by: "local".to_owned(),
            version: 3,
            timestamp: at,
        }),
        WorkflowEvent::WatchersChanged(WatchersChanged {
            task_id: task(),
            watchers: vec![owner()],
            added: vec![owner()],
            removed: Vec::new(),
            changed_by: "local".to_owned(),
            version: 3,
            timestamp: at,
        }),
    ]
}

fn task() -> String {
    "TASK-1767607200000-k3v9x2".to_owned()
}

fn title() -> String {
    "Expedite PO 4500017731".to_owned()
}

fn owner() -> String {
    "Ana Ruiz".to_owned()
}

fn summary(status: Status, version: i64, at: DateTime<Utc>) -> TaskSummary {
    TaskSummary {
        task_id: task(),
        category: Category::OrderManagement,
        status,
        priority: Priority::High,
        owner: Some(owner()),
        value: Cents(5_432_150),
        title: title(),
        sla_deadline: Some(at + TimeDelta::hours(20)),
        version,
        timestamp: at,
    }
}

fn updated(at: DateTime<Utc>) -> TaskUpdated {
    let owner = |name: Value| Map::from_iter([("current_owner".to_owned(), name)]);
    TaskUpdated {
        task_id: task(),
        updates: owner(json!("Ana Ruiz")),
        previous_values: owner(Value::Null),
        changed_by: "local".to_owned(),
        version: 2,
        timestamp: at,
    }
}

fn status_changed(at: DateTime<Utc>) -> StatusChanged {
    StatusChanged {
        task_id: task(),
        old_status: Status::Yellow,
        new_status: Status::Red,
        changed_by: "SLA Monitor".to_owned(),
        reason: Some("4 h or less remain".to_owned()),
        version: 3,
        timestamp: at,
    }
}

fn warning(at: DateTime<Utc>) -> SlaWarning {
    SlaWarning {
        task_id: task(),
        title: title(),
        owner: Some(owner()),
        deadline: at + TimeDelta::hours(20),
        hours_remaining: 20.0,
        severity: "WARNING".to_owned(),
        timestamp: at,
    }
}

fn violated(at: DateTime<Utc>) -> SlaViolated {
    SlaViolated {
        task_id: task(),
        title: title(),
        owner: Some(owner()),
        deadline: at - TimeDelta::minutes(3),
        hours_overdue: 0.05,
        severity: "VIOLATED".to_owned(),
        timestamp: at,
    }
}

fn escalated(at: DateTime<Utc>) -> SlaEscalated {
    SlaEscalated {
        task_id: task(),
        title: title(),
        owner: Some("Bo Lindqvist".to_owned()),
        deadline: at - TimeDelta::hours(2),
        action: Action::Reassign,
        to: Some("Bo Lindqvist".to_owned()),
        step: 2,
        timestamp: at,
    }
}

fn alert(at: DateTime<Utc>) -> CriticalAlert {
    CriticalAlert {
        task_id: task(),
        message: format!("{} worth $54321.50 is close to its deadline", title()),
        severity: "CRITICAL".to_owned(),
        owner: Some(owner()),
        category: Category::OrderManagement,
        value: Cents(5_432_150),
        timestamp: at,
    }
}

fn comment(at: DateTime<Utc>) -> CommentCreated {
    CommentCreated {
        task_id: task(),
        comment_id: "0198d2a4-7a10-7d3c-8c55-1b2e9f604a77".to_owned(),
        author: "local".to_owned(),
        text: "@\"Ana Ruiz\" the carrier confirmed Friday".to_owned(),
        mentions: vec![owner()],
        version: 3,
        timestamp: at,
    }
}

fn batch(status: &str, email: &str, reason: &str, at: DateTime<Utc>) -> BatchFinished {
    BatchFinished {
        batch_id: "0198d2a4-6c1e-7b52-9f6e-3a1f0c5d7e21".to_owned(),
        email_count: 120,
        tasks_created: if status == "completed" { 84 } else { 0 },
        tasks_updated: if status == "completed" { 19 } else { 0 },
        processing_time: 412,
        status: status.to_owned(),
        errors: vec![BatchError { email: email.to_owned(), reason: reason.to_owned() }],
        timestamp: at,
    }
}
