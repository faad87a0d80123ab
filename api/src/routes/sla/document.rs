//! The book as the contract documents it. What is sent is judged by `shared::domain::sla::book`, and what is answered is
//! the document as it was written: these types are never made.

use std::collections::BTreeMap;

use poem_openapi::Object;
use poem_openapi::types::Any;
use serde_json::Value;
use shared::domain::sla::policy::Action;
use shared::domain::{Cents, Priority};

/// Calendars and policies.
#[derive(Object)]
pub(crate) struct SlaBook {
    /// Business hours by name, at most 50.
    calendars: Option<BTreeMap<String, SlaCalendar>>,
    /// At most 200. The first one whose conditions a task meets is its policy.
    policies: Option<Vec<SlaPolicy>>,
}

/// Business hours in a zone.
#[derive(Object)]
pub(crate) struct SlaCalendar {
    /// IANA zone that the hours are in, such as `Europe/Berlin`.
    zone: String,
    /// Hours by day of the week; a day that is left out is closed.
    week: SlaWeek,
    /// Hours of single days such as `2026-12-24`, instead of those of the week; no hours on a holiday. At most 2,000 days.
    exceptions: Option<BTreeMap<String, Vec<String>>>,
}

/// Hours such as `09:00-12:30`, of which several make a day. The last may end at `24:00`. They do not overlap.
#[derive(Object)]
pub(crate) struct SlaWeek {
    /// Monday.
    mon: Option<Vec<String>>,
    /// Tuesday.
    tue: Option<Vec<String>>,
    /// Wednesday.
    wed: Option<Vec<String>>,
    /// Thursday.
    thu: Option<Vec<String>>,
    /// Friday.
    fri: Option<Vec<String>>,
    /// Saturday.
    sat: Option<Vec<String>>,
    /// Sunday.
    sun: Option<Vec<String>>,
}

/// How one kind of task is to be worked on.
#[derive(Object)]
pub(crate) struct SlaPolicy {
    /// Its name, as in `sla_policy` of tasks. `default` is for what no other is for, and must be the last.
    name: String,
    /// The tasks it is for; all of them if it is left out.
    when: Option<SlaConditions>,
    /// Hours until completion: a number, or one for each priority as in `{"CRITICAL": 4, "HIGH": 8, "MEDIUM": 24, "NORMAL":
    /// 72}`. Open hours of the calendar count. Over 0, at most 87,600.
    resolution_hours: Any<Value>,
    /// Hours until somebody first answers, as `resolution_hours`.
    first_response_hours: Option<Any<Value>>,
    /// Name of a calendar; round the clock if it is left out.
    calendar: Option<String>,
    /// When the warning begins; 24 hours before the deadline or a quarter of the target, whichever is later, if it is left
    /// out.
    warning: Option<SlaThreshold>,
    /// When it turns critical; 4 hours before the deadline or a tenth of the target, whichever is later, if it is left out.
    critical: Option<SlaThreshold>,
    /// Whether the clock stands still while `waiting_on` is `customer`.
    pause_while_waiting_on_customer: Option<bool>,
    /// Whether the clock stands still while the task is snoozed.
    pause_while_snoozed: Option<bool>,
    /// What happens before and after the deadline, in order of time; at most 20.
    escalations: Option<Vec<SlaPolicyStep>>,
}

/// The tasks a policy is for: those that meet all of these.
#[derive(Object)]
pub(crate) struct SlaConditions {
    /// One of these categories, or of their older names.
    categories: Option<Vec<String>>,
    /// One of these priorities.
    priorities: Option<Vec<Priority>>,
    /// One of these mailboxes, in any case of letters.
    mailboxes: Option<Vec<String>>,
    /// At least one of these customers, in any case of letters.
    customers: Option<Vec<String>>,
    /// Worth so many dollars or more.
    min_value: Option<Cents>,
    /// Worth so many dollars or less.
    max_value: Option<Cents>,
}

/// When a level begins: `hours` or `percent`, not both.
#[derive(Object)]
pub(crate) struct SlaThreshold {
    /// Hours on the clock before the deadline.
    hours: Option<f64>,
    /// When so many percent of the target are left, in open hours. Over 0, at most 100.
    percent: Option<f64>,
}

/// Something that happens at a distance from the deadline, once.
#[derive(Object)]
pub(crate) struct SlaPolicyStep {
    /// Hours on the clock from the deadline; negative before it.
    hours: f64,
    /// What: `notify` tells people, `reassign` gives the task to somebody else, `raise_priority` makes it one step more
    /// urgent and leaves the deadline.
    action: Action,
    /// Whom to tell, or who gets the task; `reassign` needs it.
    to: Option<String>,
}
