//! What mail does to tasks, by stated rules. Mail never improves on what a person said, and never sets an owner.

use chrono::{DateTime, Utc};

use super::change::{self, Actor, Change, MAIL, NewTask, TaskPatch};
use super::money::Cents;
use super::review;
use super::sla::rules::Rules;
use super::task::{Analysis, Entities, Task};
use super::values::{Category, Priority, Status, WaitingOn, WorkflowState};

/// What a mail says, as far as it could be read.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    /// What it is about.
    pub category: Category,
    /// Further categories.
    pub secondary: Vec<Category>,
    /// How far the matter has come.
    pub state: WorkflowState,
    /// Its colour.
    pub status: Status,
    /// How soon.
    pub priority: Priority,
    /// Numbers and names.
    pub entities: Entities,
    /// Dollars at stake, if it names any.
    pub value: Option<Cents>,
    /// One line.
    pub title: String,
    /// The sender's new text.
    pub text: String,
    /// Confidence of all this.
    pub confidence: f64,
    /// Explanations by field.
    pub analysis: Analysis,
    /// Milliseconds the reading took.
    pub processing_time: i64,
}

/// Where a mail came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The mail.
    pub email_id: String,
    /// Its conversation.
    pub conversation_id: Option<String>,
    /// The mailbox it came to.
    pub mailbox: String,
    /// The batch it came in.
    pub batch_id: String,
    /// When it was received.
    pub received_at: DateTime<Utc>,
}

fn actor() -> Actor {
    Actor { principal: MAIL.to_owned(), reason: None }
}

/// Opens a task. A reading less confident than `review_below` is marked for a person to look at.
pub fn open(
    task_id: String,
    mut reading: Reading,
    origin: Origin,
    review_below: f64,
    rules: &Rules,
    now: DateTime<Utc>,
) -> Change {
    let tags = review::mark(&mut reading.analysis, reading.confidence, review_below);
    let description = Some(reading.text).filter(|text| !text.is_empty());
    let new = NewTask {
        tags,
        secondary_categories: reading.secondary,
        workflow_state: Some(reading.state),
        task_status: Some(reading.status),
        priority: reading.priority,
        description,
        entities: reading.entities,
        dollar_value: reading.value.unwrap_or_default(),
        email_id: Some(origin.email_id),
        conversation_id: origin.conversation_id,
        mailbox_source: Some(origin.mailbox),
        received_at: Some(origin.received_at.min(now)),
        batch_id: Some(origin.batch_id),
        confidence_score: Some(reading.confidence),
        processing_time: Some(reading.processing_time),
        analysis: reading.analysis,
        ..NewTask::new(task_id, reading.title, reading.category)
    };
    change::create(new, rules, &actor(), now)
}

/// Lets a later mail of the same matter speak. `None` if it says nothing new.
pub fn follow_up(task: &Task, reading: &Reading, rules: &Rules, now: DateTime<Utc>) -> Option<Change> {
    let mut entities = task.entities.clone();
    entities.merge(&reading.entities);
    let lists =
        serde_json::from_value(serde_json::to_value(&entities).expect("lists serialise")).expect("lists are lists");
    let patch = TaskPatch {
        entities: Some(Some(lists)),
        // The newest stated amount is the one at stake.
        dollar_value: reading.value,
        // Urgency grows with mail; taking it back is for people.
        priority: Some(task.priority.min(reading.priority)).filter(|_| reading.status != Status::Completed),
        task_status: said(task, reading),
        // Whoever was to answer has.
        waiting_on: (task.waiting_on == Some(WaitingOn::Customer)).then_some(None),
        workflow_state: (task.workflow_state == WorkflowState::StartPoint && reading.status != Status::Completed)
            .then_some(WorkflowState::InProgress),
        ..TaskPatch::default()
    };
    change::update(task, &patch, rules, &actor(), now)
}

/// The colour a mail may give: any, if only mail spoke before; a worse one, if a person did. A completed task is opened
/// again by harm or an open question alone, not by a word of thanks.
fn said(task: &Task, reading: &Reading) -> Option<Status> {
    let worse = reading.status > task.manual_status && reading.status >= Status::Yellow;
    if !task.is_open() {
        return worse.then_some(reading.status);
    }
    (task.manual_by == MAIL || worse).then_some(reading.status)
}
