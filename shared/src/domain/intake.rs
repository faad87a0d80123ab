//! What mail does to tasks, by stated rules. Mail never improves on what a person said, and never sets an owner: its
//! mailbox may.

use chrono::{DateTime, Utc};

use super::change::{self, Actor, BY_PERSON, Change, MAIL, NewTask, TaskPatch};
use super::mailbox::Mailbox;
use super::money::Cents;
use super::review;
use super::sla::rules::Rules;
use super::task::{Analysis, Entities, Explanation, Task};
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

/// Who owns what the mail of a mailbox opens: the mailbox's word, never the mail's.
#[derive(Clone, Debug, PartialEq)]
pub struct Owner {
    /// Their name.
    pub name: String,
    /// Their address.
    pub email: Option<String>,
    /// Why it is them.
    pub why: Explanation,
}

impl Owner {
    /// The one a mailbox names, if it names one.
    pub fn of(mailbox: &Mailbox) -> Option<Self> {
        let name = mailbox.default_owner.clone()?;
        Some(Self { name, email: mailbox.default_owner_email.clone(), why: mailbox.explanation("mailbox owner") })
    }
}

/// Opens a task. A reading less confident than `review_below` is marked for a person to look at.
pub fn open(
    task_id: String,
    mut reading: Reading,
    origin: Origin,
    owner: Option<Owner>,
    review_below: f64,
    rules: &Rules,
    now: DateTime<Utc>,
) -> Change {
    let (mut current_owner, mut owner_email, mut reason) = (None, None, None);
    if let Some(owner) = owner {
        reason = Some(format!("Owner by the settings of mailbox {}", origin.mailbox));
        (current_owner, owner_email) = (Some(owner.name), owner.email);
        reading.analysis.insert("current_owner".to_owned(), owner.why);
    }
    let tags = review::mark(&mut reading.analysis, reading.confidence, review_below);
    let description = Some(reading.text).filter(|text| !text.is_empty());
    let new = NewTask {
        tags,
        secondary_categories: reading.secondary,
        workflow_state: Some(reading.state),
        task_status: Some(reading.status),
        priority: reading.priority,
        description,
        current_owner,
        owner_email,
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
    change::create(new, rules, &Actor { reason, ..actor() }, now)
}

/// Lets a later mail of the same matter speak. `None` if it says nothing new.
///
/// Numbers and names are added. The newest stated amount is the one at stake, and the first later mail begins the work,
/// unless a person has set the field. Priority only rises. The category, the owner and the deadline are left alone. What
/// becomes of the colour is decided beside it, by `said`.
pub fn follow_up(task: &Task, reading: &Reading, rules: &Rules, now: DateTime<Utc>) -> Option<Change> {
    let mut entities = task.entities.clone();
    entities.merge(&reading.entities);
    let lists =
        serde_json::from_value(serde_json::to_value(&entities).expect("lists serialise")).expect("lists are lists");
    let begins = task.workflow_state == WorkflowState::StartPoint && reading.status != Status::Completed;
    let patch = TaskPatch {
        entities: Some(Some(lists)),
        dollar_value: reading.value.filter(|_| !is_persons(task, "dollar_value")),
        // Urgency grows with mail; taking it back is for people.
        priority: Some(task.priority.min(reading.priority)).filter(|_| reading.status != Status::Completed),
        task_status: said(task, reading),
        // Whoever was to answer has.
        waiting_on: (task.waiting_on == Some(WaitingOn::Customer)).then_some(None),
        workflow_state: (begins && !is_persons(task, "workflow_state")).then_some(WorkflowState::InProgress),
        ..TaskPatch::default()
    };
    let mut change = change::update(task, &patch, rules, &actor(), now)?;
    explain(task, &mut change.task, reading);
    Some(change)
}

/// Whether a person has set a field: then what mail says of it is only added, if at all. A task that no mail has opened is
/// a person's as far as its fields say something.
fn is_persons(task: &Task, field: &str) -> bool {
    let said = task.analysis.get(field);
    said.is_some_and(|why| why.rule == BY_PERSON)
        || (task.email_id.is_none() && said.is_none() && (field != "dollar_value" || task.dollar_value > Cents(0)))
}

/// What a mail has changed is explained by that mail.
fn explain(before: &Task, task: &mut Task, reading: &Reading) {
    let changed = [
        ("workflow_state", before.workflow_state != task.workflow_state),
        ("dollar_value", before.dollar_value != task.dollar_value),
        ("priority", before.priority != task.priority),
        ("task_status", before.manual_status != task.manual_status),
    ];
    for (field, _) in changed.into_iter().filter(|(_, changed)| *changed) {
        match reading.analysis.get(field) {
            Some(why) => task.analysis.insert(field.to_owned(), why.clone()),
            None => task.analysis.remove(field),
        };
    }
    for name in Entities::LISTS {
        if let Some(why) = reading.analysis.get(name) {
            task.analysis.entry(name.to_owned()).or_insert_with(|| why.clone());
        }
    }
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

#[cfg(test)]
mod tests;
