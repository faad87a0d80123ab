//! Tasks of the system that this one takes the place of: how its rows are read, repaired or refused, and how a task of it
//! becomes one of ours.

mod assemble;
mod row;
mod when;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::change::{self, Actor, Change, MAIL, NewTask};
use super::event::WorkflowEvent;
use super::history::HistoryEntry;
use super::money::Cents;
use super::sla;
use super::sla::rules::Rules;
use super::task::Entities;
use super::values::{Category, Priority, Status, WorkflowState};

pub use assemble::{Assembled, Refused, assemble};
pub use row::{Cell, Row, read_entry, read_task};

/// A task of the old system, repaired: everything in it may be written.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OldTask {
    /// Its id; of the form `TASK-<unix milliseconds>-<text>`.
    pub task_id: String,
    /// The mail it came from.
    pub email_id: Option<String>,
    /// Its conversation.
    pub conversation_id: Option<String>,
    /// One line.
    pub title: String,
    /// Details.
    pub description: Option<String>,
    /// What it is about.
    pub workflow_category: Category,
    /// How far it has come.
    pub workflow_state: WorkflowState,
    /// Its colour.
    pub task_status: Status,
    /// How soon.
    pub priority: Priority,
    /// Who works on it.
    pub current_owner: Option<String>,
    /// Their address.
    pub owner_email: Option<String>,
    /// Since when they own it.
    pub assigned_date: Option<DateTime<Utc>>,
    /// Numbers and names.
    pub entities: Entities,
    /// Value at stake.
    pub dollar_value: Cents,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
    /// When it is due.
    pub sla_deadline: Option<DateTime<Utc>>,
    /// When it was completed.
    pub completion_date: Option<DateTime<Utc>>,
    /// The mailbox its mail came to.
    pub mailbox_source: Option<String>,
    /// A free grouping.
    pub group_name: Option<String>,
    /// Free labels.
    pub tags: Vec<String>,
    /// Confidence of the analysis, between 0 and 1.
    pub confidence_score: Option<f64>,
    /// What happened to it, oldest first.
    pub history: Vec<OldEntry>,
}

/// One changed field of the old system's history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OldEntry {
    /// `task_status` or `current_owner`.
    pub field: String,
    /// The value before.
    pub old_value: Option<String>,
    /// The value after.
    pub new_value: Option<String>,
    /// Whom the old system names.
    pub changed_by: String,
    /// Why.
    pub change_reason: Option<String>,
    /// When.
    pub changed_at: DateTime<Utc>,
}

/// What was put right, by rule: how often, and where first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Repairs(BTreeMap<&'static str, Repaired>);

/// How often a rule put something right.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Repaired {
    /// How often.
    pub count: u64,
    /// The first few: row and what was there.
    pub examples: Vec<String>,
}

/// Examples of one rule that are kept.
const EXAMPLES: usize = 3;

impl Repairs {
    /// Notes that a rule put something right.
    pub fn note(&mut self, rule: &'static str, row: &str, was: &str) {
        let repaired = self.0.entry(rule).or_default();
        repaired.count += 1;
        if repaired.examples.len() < EXAMPLES {
            let was: String = was.chars().map(|c| if c.is_control() { ' ' } else { c }).take(80).collect();
            repaired.examples.push(format!("{row}: {was}"));
        }
    }

    /// Adds those of another row.
    pub fn extend(&mut self, other: Self) {
        for (rule, theirs) in other.0 {
            let ours = self.0.entry(rule).or_default();
            ours.count += theirs.count;
            let room = EXAMPLES - ours.examples.len();
            ours.examples.extend(theirs.examples.into_iter().take(room));
        }
    }

    /// Rules by name.
    pub fn rules(&self) -> impl Iterator<Item = (&'static str, &Repaired)> {
        self.0.iter().map(|(rule, repaired)| (*rule, repaired))
    }
}

/// Makes a task of ours. It keeps its instants and its history, and announces nothing but that it is here: what the SLA has
/// to say of it is old.
pub fn adopt(old: OldTask, source: &str, principal: &str, rules: &Rules, now: DateTime<Utc>) -> Change {
    let (created_at, updated_at) = (old.created_at.min(now), old.updated_at.min(now));
    let (completed, assigned) = (old.completion_date, old.assigned_date);
    let said = old.task_status;
    let new = NewTask {
        workflow_state: Some(old.workflow_state),
        task_status: Some(said),
        priority: old.priority,
        description: old.description,
        current_owner: old.current_owner,
        owner_email: old.owner_email,
        entities: old.entities,
        dollar_value: old.dollar_value,
        sla_deadline: old.sla_deadline,
        tags: old.tags,
        group_name: old.group_name,
        email_id: old.email_id,
        conversation_id: old.conversation_id,
        mailbox_source: old.mailbox_source,
        received_at: Some(created_at),
        confidence_score: old.confidence_score,
        ..NewTask::new(old.task_id, old.title, old.workflow_category)
    };
    // As mail does: what is late already is violated without an alarm.
    let mut change = change::create(new, rules, &Actor { principal: MAIL.to_owned(), reason: None }, now);
    let task = &mut change.task;
    principal.clone_into(&mut task.manual_by);
    task.created_at = created_at;
    task.updated_at = updated_at.max(created_at);
    if task.completion_date.is_some() {
        task.completion_date = completed.or(Some(task.updated_at)).map(|at| at.min(now));
        sla::settle(task, now);
    }
    if task.assigned_date.is_some() {
        task.assigned_date = assigned.or(Some(created_at));
    }
    change.events.retain(|event| matches!(event.event, WorkflowEvent::TaskCreated(_)));
    let mut rows = std::mem::take(&mut change.history).into_iter();
    if let Some(mut first) = rows.next() {
        principal.clone_into(&mut first.changed_by);
        first.change_reason = Some(format!("Imported from {source}"));
        first.changed_at = created_at;
        change.history.push(first);
    }
    let task_id = change.task.task_id.clone();
    change.history.extend(old.history.into_iter().map(|entry| HistoryEntry {
        id: 0,
        task_id: task_id.clone(),
        field: entry.field,
        old_value: entry.old_value,
        new_value: entry.new_value,
        changed_by: entry.changed_by,
        change_reason: entry.change_reason,
        changed_at: entry.changed_at.min(now),
        version: 1,
    }));
    change.history.extend(rows);
    change
}
