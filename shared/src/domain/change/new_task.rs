//! What a task is created with.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{Actor, is_person};
use crate::domain::money::Cents;
use crate::domain::sla;
use crate::domain::task::{Analysis, Entities, Task};
use crate::domain::values::{Category, Priority, SlaState, Status, WaitingOn, WorkflowState};

/// Everything a task can be created with, already validated.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NewTask {
    /// Its id, given when the request was accepted.
    pub task_id: String,
    /// One line.
    pub title: String,
    /// What it is about.
    pub workflow_category: Category,
    /// Further categories.
    pub secondary_categories: Vec<Category>,
    /// How far it has come; follows from the status if absent.
    pub workflow_state: Option<WorkflowState>,
    /// What was said about its colour; GREEN if absent.
    pub task_status: Option<Status>,
    /// How soon.
    pub priority: Priority,
    /// Details.
    pub description: Option<String>,
    /// Who works on it.
    pub current_owner: Option<String>,
    /// Their address.
    pub owner_email: Option<String>,
    /// Numbers and names.
    pub entities: Entities,
    /// Value at stake.
    pub dollar_value: Cents,
    /// Currency of the value.
    pub currency: String,
    /// A deadline as an instant.
    pub sla_deadline: Option<DateTime<Utc>>,
    /// A deadline as hours from creation.
    pub sla_hours: Option<f64>,
    /// Whom the work waits for.
    pub waiting_on: Option<WaitingOn>,
    /// Until when nobody wants to be reminded of it.
    pub snoozed_until: Option<DateTime<Utc>>,
    /// Free labels.
    pub tags: Vec<String>,
    /// Free grouping.
    pub group_name: Option<String>,
    /// The mail that opened it.
    pub email_id: Option<String>,
    /// Its conversation.
    pub conversation_id: Option<String>,
    /// The mailbox it came to.
    pub mailbox_source: Option<String>,
    /// When its mail was received; makes the SLA run from then.
    pub received_at: Option<DateTime<Utc>>,
    /// The batch it came in.
    pub batch_id: Option<String>,
    /// Confidence of the analysis.
    pub confidence_score: Option<f64>,
    /// Milliseconds the analysis took.
    pub processing_time: Option<i64>,
    /// Explanations by field.
    pub analysis: Analysis,
}

impl NewTask {
    /// A task with a title and a category, and nothing else said.
    pub fn new(task_id: impl Into<String>, title: impl Into<String>, category: Category) -> Self {
        Self {
            task_id: task_id.into(),
            title: title.into(),
            workflow_category: category,
            secondary_categories: Vec::new(),
            workflow_state: None,
            task_status: None,
            priority: Priority::Normal,
            description: None,
            current_owner: None,
            owner_email: None,
            entities: Entities::default(),
            dollar_value: Cents::default(),
            currency: "USD".to_owned(),
            sla_deadline: None,
            sla_hours: None,
            waiting_on: None,
            snoozed_until: None,
            tags: Vec::new(),
            group_name: None,
            email_id: None,
            conversation_id: None,
            mailbox_source: None,
            received_at: None,
            batch_id: None,
            confidence_score: None,
            processing_time: None,
            analysis: Analysis::new(),
        }
    }
}

/// A new task before its SLA is planned.
pub(super) fn born(new: NewTask, actor: &Actor, now: DateTime<Utc>) -> Task {
    let state = new.workflow_state.unwrap_or(WorkflowState::StartPoint);
    let said =
        new.task_status.unwrap_or(if state == WorkflowState::Completion { Status::Completed } else { Status::Green });
    let done = said == Status::Completed;
    let state = if done { WorkflowState::Completion } else { state };
    let begun = state != WorkflowState::StartPoint && is_person(&actor.principal);
    Task {
        task_id: new.task_id,
        email_id: new.email_id,
        conversation_id: new.conversation_id,
        workflow_category: new.workflow_category,
        secondary_categories: new.secondary_categories,
        workflow_state: state,
        task_status: said,
        manual_status: said,
        manual_by: actor.principal.clone(),
        title: new.title,
        description: new.description,
        priority: new.priority,
        assigned_date: new.current_owner.is_some().then_some(now),
        current_owner: new.current_owner,
        owner_email: new.owner_email,
        entities: new.entities,
        dollar_value: new.dollar_value,
        currency: new.currency,
        created_at: now,
        updated_at: now,
        received_at: new.received_at,
        sla_deadline: new.sla_deadline,
        sla_policy: match (new.sla_deadline, new.sla_hours) {
            (Some(_), _) => None,
            (None, Some(_)) => Some(sla::GIVEN_HOURS.to_owned()),
            (None, None) => Some(sla::DEFAULT_POLICY.to_owned()),
        },
        sla_state: SlaState::None,
        sla_warned_at: None,
        sla_violated_at: None,
        sla_revision: None,
        sla_warning_at: None,
        sla_critical_at: None,
        sla_pauses: Vec::new(),
        sla_steps: Vec::new(),
        waiting_on: new.waiting_on.filter(|_| !done),
        snoozed_until: new.snoozed_until.filter(|_| !done),
        first_response_due: None,
        first_response_at: begun.then_some(now),
        breach_reason: None,
        sla_hours: new.sla_hours,
        sla_priority: None,
        sla_step_at: None,
        sla_next_at: None,
        sla_announced: 0,
        sla_alerted: 0,
        completion_date: done.then_some(now),
        mailbox_source: new.mailbox_source,
        group_name: new.group_name,
        tags: new.tags,
        confidence_score: new.confidence_score,
        processing_time: new.processing_time,
        analysis: new.analysis,
        batch_id: new.batch_id,
        version: 1,
        deleted_at: None,
    }
}
