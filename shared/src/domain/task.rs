//! The task as it is stored and read.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use poem_openapi::Object;
use serde::{Deserialize, Serialize};

use super::money::Cents;
use super::sla::escalation::Escalation;
use super::sla::pause::Pause;
use super::values::{BreachReason, Category, Priority, SlaState, Status, WaitingOn, WorkflowState};

/// Numbers and names found in mail or given by a person. Reads always show all seven lists.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, Object)]
#[serde(default)]
pub struct Entities {
    /// Purchase orders.
    pub po_numbers: Vec<String>,
    /// Quotes and bids.
    pub quote_numbers: Vec<String>,
    /// Cases, tickets, claims, RMA numbers.
    pub case_numbers: Vec<String>,
    /// The distributor's own sales and web orders.
    pub order_numbers: Vec<String>,
    /// Manufacturer or distributor part numbers.
    pub part_numbers: Vec<String>,
    /// Parcel numbers, waybills, PRO numbers.
    pub tracking_numbers: Vec<String>,
    /// Reseller and end-user organisations.
    pub customers: Vec<String>,
}

impl Entities {
    /// The names of the seven lists.
    pub const LISTS: [&'static str; 7] = [
        "po_numbers",
        "quote_numbers",
        "case_numbers",
        "order_numbers",
        "part_numbers",
        "tracking_numbers",
        "customers",
    ];

    /// The list of this name.
    pub fn list_mut(&mut self, name: &str) -> Option<&mut Vec<String>> {
        Some(match name {
            "po_numbers" => &mut self.po_numbers,
            "quote_numbers" => &mut self.quote_numbers,
            "case_numbers" => &mut self.case_numbers,
            "order_numbers" => &mut self.order_numbers,
            "part_numbers" => &mut self.part_numbers,
            "tracking_numbers" => &mut self.tracking_numbers,
            "customers" => &mut self.customers,
            _ => return None,
        })
    }

    /// All values of all lists.
    pub fn values(&self) -> impl Iterator<Item = &String> {
        [
            &self.po_numbers,
            &self.quote_numbers,
            &self.case_numbers,
            &self.order_numbers,
            &self.part_numbers,
            &self.tracking_numbers,
            &self.customers,
        ]
        .into_iter()
        .flatten()
    }

    /// Adds what another mail of the same matter names, without repeating.
    pub fn merge(&mut self, other: &Self) {
        let mut other = other.clone();
        for name in Self::LISTS {
            let theirs = std::mem::take(other.list_mut(name).expect("a name of LISTS"));
            let ours = self.list_mut(name).expect("a name of LISTS");
            for value in theirs {
                if !ours.contains(&value) {
                    ours.push(value);
                }
            }
        }
    }
}

/// A new task id: `TASK-<unix milliseconds>-<random>`.
pub fn new_id(now: DateTime<Utc>, random: &str) -> String {
    format!("TASK-{}-{random}", now.timestamp_millis())
}

/// Why a field has its value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Object)]
pub struct Explanation {
    /// The rule or model that decided.
    pub rule: String,
    /// The text of the mail that literally contains the value or the cue.
    pub span: Option<String>,
    /// Between 0 and 1.
    pub confidence: f32,
}

/// Explanations by field name.
pub type Analysis = BTreeMap<String, Explanation>;

/// A piece of work with a status, an owner, a value and a deadline.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Object, sqlx::FromRow)]
pub struct Task {
    /// `TASK-<unix milliseconds>-<random>`.
    pub task_id: String,
    /// The mail that opened it.
    pub email_id: Option<String>,
    /// The conversation its mails belong to.
    pub conversation_id: Option<String>,
    /// What it is about.
    pub workflow_category: Category,
    /// Further categories that fit.
    #[sqlx(json)]
    pub secondary_categories: Vec<Category>,
    /// How far it has come.
    pub workflow_state: WorkflowState,
    /// The worse of `manual_status` and what the SLA says.
    pub task_status: Status,
    /// What a person or the mail said.
    pub manual_status: Status,
    /// One line.
    pub title: String,
    /// Details.
    pub description: Option<String>,
    /// How soon.
    pub priority: Priority,
    /// Who works on it.
    pub current_owner: Option<String>,
    /// Their address.
    pub owner_email: Option<String>,
    /// Since when they own it.
    pub assigned_date: Option<DateTime<Utc>>,
    /// Numbers and names.
    #[sqlx(json)]
    pub entities: Entities,
    /// Value at stake; 0 when unknown.
    pub dollar_value: Cents,
    /// ISO 4217 code of the value.
    pub currency: String,
    /// When it was inserted.
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
    /// When its mail was received.
    pub received_at: Option<DateTime<Utc>>,
    /// When it is due.
    pub sla_deadline: Option<DateTime<Utc>>,
    /// The policy the deadline comes from; `sla_hours` if hours were given, null if an instant was.
    pub sla_policy: Option<String>,
    /// Where it stands against its deadline.
    pub sla_state: SlaState,
    /// When a warning was first announced for this deadline.
    pub sla_warned_at: Option<DateTime<Utc>>,
    /// When the violation of this deadline was found.
    pub sla_violated_at: Option<DateTime<Utc>>,
    /// The revision of the policies the deadline was computed with; null for a deadline that was given.
    pub sla_revision: Option<i64>,
    /// When the warning level begins.
    pub sla_warning_at: Option<DateTime<Utc>>,
    /// When the critical level begins.
    pub sla_critical_at: Option<DateTime<Utc>>,
    /// When its clock stood still, in order; the last one may still last.
    #[serde(default)]
    #[sqlx(json)]
    pub sla_pauses: Vec<Pause>,
    /// What its policy does before and after the deadline, in order.
    #[serde(default)]
    #[sqlx(json)]
    pub sla_steps: Vec<Escalation>,
    /// Whom the work waits for.
    pub waiting_on: Option<WaitingOn>,
    /// Until when nobody wants to be reminded of it.
    pub snoozed_until: Option<DateTime<Utc>>,
    /// When somebody is to have answered first; null if its policy does not say.
    pub first_response_due: Option<DateTime<Utc>>,
    /// When a person first took it out of `START_POINT` or changed its owner.
    pub first_response_at: Option<DateTime<Utc>>,
    /// Why its deadline was missed, as people see it.
    pub breach_reason: Option<BreachReason>,
    /// When it was completed; null while open.
    pub completion_date: Option<DateTime<Utc>>,
    /// The mailbox its mail came to.
    pub mailbox_source: Option<String>,
    /// A free grouping.
    pub group_name: Option<String>,
    /// Free labels.
    #[sqlx(json)]
    pub tags: Vec<String>,
    /// Confidence of the analysis, between 0 and 1.
    pub confidence_score: Option<f64>,
    /// Milliseconds the analysis took.
    pub processing_time: Option<i64>,
    /// Per field: rule or model, span, confidence.
    #[sqlx(json)]
    pub analysis: Analysis,
    /// The batch its mail came in.
    pub batch_id: Option<String>,
    /// Starts at 1 and grows by one with each applied change.
    pub version: i64,
    /// Whose word `manual_status` is: a principal, or `mail`.
    #[serde(skip)]
    #[oai(skip)]
    pub manual_by: String,
    /// Hours of the target the deadline was computed from; null for a deadline given as an instant.
    #[serde(skip)]
    #[oai(skip)]
    pub sla_hours: Option<f64>,
    /// The priority its deadline is planned by, where an escalation has raised its own since.
    #[serde(skip)]
    #[oai(skip)]
    pub sla_priority: Option<Priority>,
    /// When the next escalation is due.
    #[serde(skip)]
    #[oai(skip)]
    pub sla_step_at: Option<DateTime<Utc>>,
    /// The next instant at which the passing of time changes something.
    #[serde(skip)]
    #[oai(skip)]
    pub sla_next_at: Option<DateTime<Utc>>,
    /// Highest level announced for this deadline.
    #[serde(skip)]
    #[oai(skip)]
    pub sla_announced: i16,
    /// Highest level alerted for this deadline.
    #[serde(skip)]
    #[oai(skip)]
    pub sla_alerted: i16,
    /// When it was deleted.
    #[serde(skip)]
    #[oai(skip)]
    pub deleted_at: Option<DateTime<Utc>>,
}

impl Task {
    /// Whether work is left to do.
    pub fn is_open(&self) -> bool {
        self.manual_status != Status::Completed
    }

    /// Lower-case text that the `q` filter searches.
    pub fn search_text(&self) -> String {
        let mut text = self.title.to_lowercase();
        let parts = [&self.current_owner, &self.description, &self.owner_email].into_iter().flatten();
        for part in parts.chain(self.entities.values()).chain(&self.tags) {
            text.push('\n');
            text.push_str(&part.to_lowercase());
        }
        text.push('\n');
        text.push_str(&self.task_id.to_lowercase());
        text
    }
}
