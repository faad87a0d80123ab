//! What examples are made of. One story runs through them: a purchase order that a person takes over and that comes
//! close to its deadline.

mod access;
mod intake;
mod people;

use std::sync::LazyLock;

use chrono::{DateTime, TimeDelta, Utc};
use poem::http::StatusCode;
use serde_json::{Map, Value, json};
use shared::domain::change::{self, Actor, NewTask};
use shared::domain::sla::rules::Rules;
use shared::domain::task::{Explanation, Task};
use shared::domain::{Category, Cents, Entities, HistoryEntry, Priority, Status};

use crate::asyncapi;
use crate::problem::{Issue, Problem};

const TASK: &str = "TASK-1767607200000-k3v9x2";
const REQUEST: &str = "0198d2a4-6c1e-7b52-9f6e-3a1f0c5d7e21";

/// A value of the schema of this name, where a real type or a request has one that is more than its parts.
pub(super) fn of(schema: &str) -> Option<Value> {
    static REAL: LazyLock<Map<String, Value>> = LazyLock::new(real);
    REAL.get(schema)
        .cloned()
        .or_else(|| access::of(schema))
        .or_else(|| people::of(schema))
        .or_else(|| intake::of(schema))
        .or_else(|| request(schema))
        .or_else(|| event(schema))
}

/// A value for a field of this name.
pub(super) fn field(name: &str) -> Option<Value> {
    static TASK_FIELDS: LazyLock<Value> = LazyLock::new(|| json!(task().0));
    Some(match name {
        "id" | "job_id" | "sample_job_id" | "last_job_id" | "next" | "cursor" | "item" => json!("1842"),
        "next_cursor" => json!("MTg0Mg"),
        "name" | "queue" => json!("mutations"),
        "kind" | "kinds" => json!("update-task"),
        "principal" | "changed_by" | "paused_by" | "author" | "added_by" => json!("local"),
        "action" => json!("queue.pause"),
        "object" | "detail" | "reason" | "change_reason" | "error" => json!("The carrier confirmed the new date."),
        "worker" | "worker_id" | "host" => json!("worker-1"),
        "cron" => json!("*/10 * * * *"),
        "tz" => json!("Europe/Berlin"),
        "team" => json!("Returns desk"),
        "source" | "filename" => json!("order.eml"),
        "mailbox" => json!("orders@example.com"),
        "sender" | "recipients" | "email" => json!("buyer@example.com"),
        "subject" => json!("Expedite PO 4500017731"),
        "message_id" => json!("<4500017731@example.com>"),
        "batch_id" | "email_id" | "duplicate_of" => json!(REQUEST),
        "sha256" => json!("9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"),
        "trace_id" => json!("4bf92f3577b34da6a3ce929d0e0e4736"),
        "field" => json!("current_owner"),
        "old_value" | "new_value" | "person" => json!("Ana Ruiz"),
        "version" => json!(3),
        "page" | "total_pages" | "attempt" | "number" | "position" | "n" => json!(1),
        _ => TASK_FIELDS.get(name).filter(|value| !value.is_null() && !value.is_object())?.clone(),
    })
}

/// An instant for a field of this name.
pub(super) fn instant(field: &str) -> Value {
    let hours = match field {
        "created_at" | "received_at" | "created_from" | "from" | "since" => 0,
        "sla_deadline" | "next_run_at" | "until" | "run_at" | "expires_at" | "next_deadline" => 24,
        "finished_at" | "completion_date" | "last_at" | "last_seen" => 3,
        _ => 2,
    };
    json!(at() + TimeDelta::hours(hours))
}

/// A text of a media type that is not JSON.
pub(super) fn text(media: &str) -> Option<Value> {
    const MAIL: &str = "From: buyer@example.com\r\nTo: orders@example.com\r\nSubject: Expedite PO 4500017731\r\n\r\n\
                        Please expedite PO 4500017731, worth $54,321.50.\r\n";
    match media {
        "message/rfc822" | "application/octet-stream" => Some(json!(MAIL)),
        "application/mbox" => Some(json!(format!("From buyer@example.com Mon Jan  5 10:00:00 2026\r\n{MAIL}"))),
        "text/csv" => Some(json!(format!("task_id,title\r\n{TASK},Expedite PO 4500017731\r\n"))),
        "application/x-ndjson" => {
            Some(json!(format!("{}\n", json!({"task_id": TASK, "title": "Expedite PO 4500017731"}))))
        }
        "text/html; charset=utf-8" => {
            Some(json!("<!doctype html>\n<html><body><p>Please expedite PO <b>4500017731</b>.</p></body></html>\n"))
        }
        "multipart/form-data" => Some(json!({"mailbox": "orders@example.com", "files": [MAIL]})),
        _ => None,
    }
}

/// An error as it is answered.
pub(super) fn problem(status: StatusCode, detail: &str) -> Value {
    let problem = match status {
        StatusCode::UNPROCESSABLE_ENTITY => Problem::unprocessable(vec![
            Issue::at("/title", "is required"),
            Issue::at("/dollar_value", "must have at most two decimals"),
        ]),
        StatusCode::SERVICE_UNAVAILABLE => Problem::unavailable(),
        StatusCode::PRECONDITION_FAILED => {
            Problem { current_version: Some(4), ..Problem::new(status, "the task is at version 4") }
        }
        _ => Problem::new(status, detail),
    };
    json!(Problem { instance: REQUEST.to_owned(), ..problem })
}

fn at() -> DateTime<Utc> {
    DateTime::from_timestamp_secs(1_767_607_200).expect("within the calendar")
}

/// The task of the story, and the history of its creation.
fn task() -> (Task, Vec<HistoryEntry>) {
    let new = NewTask {
        priority: Priority::High,
        task_status: Some(Status::Yellow),
        description: Some("The customer asks for delivery a week earlier.".to_owned()),
        current_owner: Some("Ana Ruiz".to_owned()),
        owner_email: Some("ana.ruiz@example.com".to_owned()),
        secondary_categories: vec![Category::ShippingAndLogistics],
        entities: Entities {
            po_numbers: vec!["4500017731".to_owned()],
            customers: vec!["Contoso".to_owned()],
            ..Entities::default()
        },
        dollar_value: Cents(5_432_150),
        tags: vec!["expedite".to_owned()],
        group_name: Some("EMEA".to_owned()),
        email_id: Some(REQUEST.to_owned()),
        batch_id: Some(REQUEST.to_owned()),
        conversation_id: Some("conversation-17".to_owned()),
        mailbox_source: Some("orders@example.com".to_owned()),
        received_at: Some(at()),
        confidence_score: Some(0.92),
        processing_time: Some(4),
        analysis: [(
            "dollar_value".to_owned(),
            Explanation { rule: "money".to_owned(), span: Some("$54,321.50".to_owned()), confidence: 0.5 },
        )]
        .into(),
        ..NewTask::new(TASK, "Expedite PO 4500017731", Category::OrderManagement)
    };
    let actor = Actor { principal: "local".to_owned(), reason: None };
    let change = change::create(new, &Rules::builtin(), &actor, at());
    let history = change.history.into_iter().zip(1..).map(|(entry, id)| HistoryEntry { id, ..entry }).collect();
    (change.task, history)
}

/// Values of the domain's own types.
fn real() -> Map<String, Value> {
    let (task, history) = task();
    Map::from_iter([
        ("Task".to_owned(), json!(task)),
        ("HistoryEntry".to_owned(), json!(history[0])),
        ("Problem".to_owned(), problem(StatusCode::UNPROCESSABLE_ENTITY, "")),
    ])
}

/// Requests that say what a client would, rather than every field at once.
fn request(schema: &str) -> Option<Value> {
    Some(match schema {
        "CreateTaskRequest" => json!({
            "title": "Expedite PO 4500017731", "workflow_category": "Order Management", "priority": "HIGH",
            "current_owner": "Ana Ruiz", "dollar_value": 54321.5, "sla_hours": 24,
            "entities": {"po_numbers": ["4500017731"]}, "tags": ["expedite"],
        }),
        "UpdateTaskRequest" => json!({
            "task_status": "RED", "current_owner": null, "reason": "The carrier cannot confirm the date.",
        }),
        "MergeTasksRequest" => json!({
            "into": TASK, "from": ["TASK-1767607200000-m4n8p1"], "reason": "Both are about PO 4500017731.",
        }),
        "SplitTaskRequest" => json!({"emails": [REQUEST], "title": "Damaged cartons of PO 4500017731"}),
        "DismissFindingRequest" => json!({"reason": "The second order is for another site."}),
        "BatchRequest" => json!({
            "mailbox": "orders@example.com",
            "emails": [{"from": "buyer@example.com", "subject": "Expedite PO 4500017731",
                        "text": "Please expedite PO 4500017731, worth $54,321.50."}],
        }),
        "BulkJobsRequest" => {
            json!({"action": "retry", "filter": {"state": ["discarded"], "queue": ["email"]}, "dry_run": true})
        }
        "JobFilter" => json!({"state": ["discarded"]}),
        "WebhookRequest" => json!({
            "url": "https://example.com/hooks/workflow", "events": ["workflow:sla:*"], "filter": {"owner": ["Ana Ruiz"]},
        }),
        "NotificationRecipientRequest" => json!({
            "address": "ana.ruiz@example.com", "name": "Ana Ruiz", "owners": ["Ana Ruiz"], "events": ["warning", "breach"],
            "quiet_hours": {"from": "22:00", "to": "07:00", "tz": "Europe/Berlin"},
        }),
        "QuietHours" => json!({"from": "22:00", "to": "07:00", "tz": "Europe/Berlin"}),
        "EditScheduleRequest" => json!({"cron": "*/10 * * * *", "tz": "Europe/Berlin"}),
        "SlaBook" => json!({"calendars": {"office": sla_calendar()}, "policies": [sla_policy()]}),
        "SlaWhatIfRequest" => json!({
            "days": 30,
            "policy": {"name": "Large orders", "when": {"min_value": 50000}, "resolution_hours": 8,
                       "pause_while_waiting_on_customer": true},
        }),
        "SlaCalendar" => sla_calendar(),
        "SlaPolicy" => sla_policy(),
        "PauseQueueRequest" | "ReasonRequest" => json!({"reason": "The mail server is being moved."}),
        _ => return None,
    })
}

fn sla_calendar() -> Value {
    let day = ["09:00-12:00", "13:00-17:00"];
    json!({
        "zone": "Europe/Berlin", "week": {"mon": day, "tue": day, "wed": day, "thu": day, "fri": ["09:00-12:00"]},
        "exceptions": {"2026-12-24": ["09:00-12:00"], "2026-12-25": []},
    })
}

fn sla_policy() -> Value {
    json!({
        "name": "Large orders", "when": {"categories": ["Order Management"], "min_value": 50000},
        "resolution_hours": {"CRITICAL": 2, "HIGH": 4, "MEDIUM": 8, "NORMAL": 16}, "first_response_hours": 1,
        "calendar": "office", "warning": {"percent": 50}, "critical": {"percent": 25},
        "pause_while_waiting_on_customer": true,
        "escalations": [{"hours": -1, "action": "notify", "to": "Ana Ruiz"}],
    })
}

/// `TaskCreatedEvent` as it is sent.
fn event(schema: &str) -> Option<Value> {
    let is_it = |message: &&asyncapi::Message| {
        let key = asyncapi::key(message.event);
        schema.strip_suffix("Event").is_some_and(|name| name[..1].to_lowercase() + &name[1..] == key)
    };
    asyncapi::example(asyncapi::numbered().iter().find(is_it)?.event)
}
