//! Deciding a change: what the task becomes, which history explains it, which events announce it.

use std::collections::BTreeMap;
use std::iter;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::event::{self, Announcement, Matches, StatusChanged, TaskDeleted, TaskUpdated, WorkflowEvent};
use super::history::HistoryEntry;
use super::money::Cents;
use super::sla::escalation::{self, Fired};
use super::sla::rules::Rules;
use super::sla::{self, Announce};
use super::task::{Analysis, Entities, Task};
use super::values::{BreachReason, Category, Priority, SlaState, Status, WaitingOn, WorkflowState};

/// `changed_by` of everything the passing of time did.
pub const SLA_MONITOR: &str = "SLA Monitor";
/// `changed_by` of everything that mail did.
pub const MAIL: &str = "mail";
/// Why a snooze is over that nobody ended.
const SNOOZE_ENDED: &str = "Snooze ended";
/// `changed_by` of everything that giving out tasks did.
pub const ASSIGNMENT: &str = "Assignment";

/// Who makes a change, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    /// The authenticated principal, or [`MAIL`].
    pub principal: String,
    /// Reason given with the change.
    pub reason: Option<String>,
}

/// A decided change, to be saved in one transaction.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// The task as it will be.
    pub task: Task,
    /// Its history rows, in order.
    pub history: Vec<HistoryEntry>,
    /// Its events, in order.
    pub events: Vec<Announcement>,
}

/// Why a change is not applied.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// No such task.
    #[error("the task does not exist")]
    Missing,
    /// It was deleted.
    #[error("the task was deleted")]
    Deleted,
    /// Another version than the caller saw.
    #[error("the task is at version {current}")]
    Version {
        /// The version it has.
        current: i64,
    },
    /// What was to be undone no longer holds.
    #[error("changed since")]
    Overtaken,
}

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

/// Creates a task. A task from mail that is past its deadline already is violated and RED but announces nothing, nor does
/// its policy escalate what came late.
pub fn create(new: NewTask, rules: &Rules, actor: &Actor, now: DateTime<Utc>) -> Change {
    let mut task = born(new, actor, now);
    let said = task.manual_status;
    sla::wake(&mut task, rules, now);
    sla::arrange(&mut task, rules, now);
    let mut announce = sla::settle(&mut task, now);
    if actor.principal == MAIL && sla::settled_level(&task) == sla::Level::Violated {
        announce = Announce::default();
        task.sla_alerted = sla::Level::Violated as i16;
        escalation::skip(&mut task, now);
        sla::settle(&mut task, now);
    }

    let mut history =
        vec![entry(&task, "created", None, Some(said.to_string()), &actor.principal, actor.reason.clone(), now)];
    if task.task_status != said {
        history.push(sla_entry(&task, said, now));
    }
    let mut events = vec![WorkflowEvent::TaskCreated(event::summary(&task, now))];
    if !task.is_open() {
        events.push(WorkflowEvent::TaskCompleted(event::summary(&task, now)));
    }
    announce_sla(&mut events, &task, announce, &[], now);
    let matches = Matches::of([&task]);
    Change { events: announced(events, &task, &matches), task, history }
}

/// A new task before its SLA is planned.
fn born(new: NewTask, actor: &Actor, now: DateTime<Utc>) -> Task {
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

/// Applies a patch. `None` if nothing changes.
pub fn update(before: &Task, patch: &TaskPatch, rules: &Rules, actor: &Actor, now: DateTime<Utc>) -> Option<Change> {
    let mut task = before.clone();
    sla::wake(&mut task, rules, now);
    apply_fields(&mut task, patch, now);
    apply_status(&mut task, patch, &actor.principal, now);
    apply_clock(&mut task, patch, now);
    let begins = before.workflow_state == WorkflowState::StartPoint && task.workflow_state != WorkflowState::StartPoint;
    if is_person(&actor.principal) && (begins || task.current_owner != before.current_owner) {
        task.first_response_at = task.first_response_at.or(Some(now));
    }
    if bears_on_sla(before, &task) {
        sla::arrange(&mut task, rules, now);
    }
    finish_update(before, task, &[], actor, now)
}

/// Lets time pass: levels, the end of a snooze, escalations. `None` if nothing changes.
pub fn age(before: &Task, rules: &Rules, now: DateTime<Utc>) -> Option<Change> {
    let mut task = before.clone();
    sla::wake(&mut task, rules, now);
    let fired = escalation::fire(&mut task, now);
    let woken = before.snoozed_until != task.snoozed_until;
    let actor = Actor { principal: SLA_MONITOR.to_owned(), reason: woken.then(|| SNOOZE_ENDED.to_owned()) };
    finish_update(before, task, &fired, &actor, now)
}

/// Plans an open task anew after the rules have changed. `None` if nothing changes.
pub fn replan(before: &Task, rules: &Rules, now: DateTime<Utc>, actor: &Actor) -> Option<Change> {
    if !before.is_open() {
        return None;
    }
    let mut task = before.clone();
    sla::wake(&mut task, rules, now);
    sla::arrange(&mut task, rules, now);
    finish_update(before, task, &[], actor, now)
}

/// Whether what the SLA is planned from has changed.
fn bears_on_sla(before: &Task, task: &Task) -> bool {
    before.priority != task.priority
        || before.workflow_category != task.workflow_category
        || before.mailbox_source != task.mailbox_source
        || before.entities.customers != task.entities.customers
        || before.dollar_value != task.dollar_value
        || (&before.sla_policy, before.sla_hours, before.sla_deadline)
            != (&task.sla_policy, task.sla_hours, task.sla_deadline)
        || (before.waiting_on, before.snoozed_until) != (task.waiting_on, task.snoozed_until)
        || before.is_open() != task.is_open()
}

/// Whether somebody of ours acts, and neither mail nor time nor the rules that give out tasks.
fn is_person(principal: &str) -> bool {
    ![MAIL, SLA_MONITOR, ASSIGNMENT].contains(&principal)
}

/// Deletes a task: it leaves every list, view and metric, its history stays.
pub fn delete(before: &Task, actor: &Actor, now: DateTime<Utc>) -> Change {
    let mut task = before.clone();
    task.deleted_at = Some(now);
    task.updated_at = now.max(before.updated_at);
    task.version += 1;
    task.sla_next_at = None;
    let status = Some(before.task_status.to_string());
    let history = vec![entry(&task, "deleted", status, None, &actor.principal, actor.reason.clone(), now)];
    let event = WorkflowEvent::TaskDeleted(TaskDeleted {
        task_id: task.task_id.clone(),
        changed_by: actor.principal.clone(),
        version: task.version,
        timestamp: now,
    });
    let matches = Matches::of([before]);
    Change { events: announced(vec![event], &task, &matches), task, history }
}

fn apply_fields(task: &mut Task, patch: &TaskPatch, now: DateTime<Utc>) {
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
fn apply_status(task: &mut Task, patch: &TaskPatch, principal: &str, now: DateTime<Utc>) {
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
fn apply_clock(task: &mut Task, patch: &TaskPatch, now: DateTime<Utc>) {
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

/// Settles the SLA, compares with before, and writes the history and events of every difference.
fn finish_update(before: &Task, mut task: Task, fired: &[Fired], actor: &Actor, now: DateTime<Utc>) -> Option<Change> {
    if task.sla_deadline != before.sla_deadline {
        sla::restart(&mut task);
    }
    // The colour a person's word gives against the SLA as it stood; what the SLA does beyond it is the SLA's part.
    let spoken = sla::worse(task.manual_status, sla::settled_level(before));
    let announce = sla::settle(&mut task, now);
    let (updates, previous_values) = differences(before, &task);
    if updates.is_empty() {
        return None;
    }
    task.version = before.version + 1;
    // Each version holds from its instant until that of the next, whatever the clocks of two workers say.
    task.updated_at = now.max(before.updated_at);

    let by_steps: Vec<_> = fired.iter().flat_map(|fired| &fired.changes).map(|(field, ..)| *field).collect();
    let mut history = update_history(before, &task, spoken, &by_steps, actor, now);
    history.extend(fired.iter().flat_map(|fired| escalation_history(&task, fired, now)));
    let mut events = vec![WorkflowEvent::TaskUpdated(TaskUpdated {
        task_id: task.task_id.clone(),
        updates,
        previous_values,
        changed_by: actor.principal.clone(),
        version: task.version,
        timestamp: now,
    })];
    if task.task_status != before.task_status {
        let by_sla = spoken == before.task_status;
        events.push(WorkflowEvent::StatusChanged(StatusChanged {
            task_id: task.task_id.clone(),
            old_status: before.task_status,
            new_status: task.task_status,
            changed_by: if by_sla { SLA_MONITOR } else { &actor.principal }.to_owned(),
            reason: if by_sla { Some(sla_reason(&task)) } else { actor.reason.clone() },
            version: task.version,
            timestamp: now,
        }));
        if task.task_status == Status::Completed {
            events.push(WorkflowEvent::TaskCompleted(event::summary(&task, now)));
        }
    }
    announce_sla(&mut events, &task, announce, fired, now);
    let mut matches = Matches::of([before, &task]);
    matches.watcher.extend(fired.iter().filter_map(|fired| fired.step.to.clone()));
    Some(Change { events: announced(events, &task, &matches), task, history })
}

/// Fields that have a history row of their own, and how their text is taken.
fn tracked(task: &Task) -> [(&'static str, Option<String>); 12] {
    let instant = |at: DateTime<Utc>| at.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true);
    [
        ("workflow_state", Some(task.workflow_state.to_string())),
        ("current_owner", task.current_owner.clone()),
        ("owner_email", task.owner_email.clone()),
        ("priority", Some(task.priority.to_string())),
        ("workflow_category", Some(task.workflow_category.to_string())),
        ("sla_deadline", task.sla_deadline.map(instant)),
        ("dollar_value", Some(format!("{}.{:02}", task.dollar_value.0 / 100, task.dollar_value.0 % 100))),
        ("title", Some(task.title.clone())),
        ("tags", Some(Value::from(task.tags.clone()).to_string())),
        ("waiting_on", task.waiting_on.map(|whom| whom.to_string())),
        ("snoozed_until", task.snoozed_until.map(instant)),
        ("breach_reason", task.breach_reason.map(|reason| reason.to_string())),
    ]
}

fn update_history(
    before: &Task,
    task: &Task,
    spoken: Status,
    by_steps: &[&str],
    actor: &Actor,
    now: DateTime<Utc>,
) -> Vec<HistoryEntry> {
    let mut rows = Vec::new();
    let by_person = |field, old, new| entry(task, field, old, new, &actor.principal, actor.reason.clone(), now);
    if spoken != before.task_status && actor.principal != SLA_MONITOR {
        rows.push(by_person("task_status", Some(before.task_status.to_string()), Some(spoken.to_string())));
    }
    let base = if actor.principal == SLA_MONITOR { before.task_status } else { spoken };
    if base != task.task_status {
        rows.push(sla_entry(task, base, now));
    }
    let woken = task.snoozed_until.is_none() && before.snoozed_until.is_some_and(|until| until <= now);
    for ((field, old), (_, new)) in tracked(before).into_iter().zip(tracked(task)) {
        if old == new || by_steps.contains(&field) {
            continue;
        }
        rows.push(if field == "snoozed_until" && woken {
            entry(task, field, old, new, SLA_MONITOR, Some(SNOOZE_ENDED.to_owned()), now)
        } else {
            by_person(field, old, new)
        });
    }
    rows
}

/// That a step happened, and what it changed.
fn escalation_history(task: &Task, fired: &Fired, now: DateTime<Utc>) -> Vec<HistoryEntry> {
    let done = match &fired.step.to {
        Some(to) => format!("{} {to}", fired.step.action),
        None => fired.step.action.to_string(),
    };
    let rows = iter::once(("escalation", None, Some(done))).chain(fired.changes.iter().cloned());
    let reason = fired.reason(task);
    rows.map(|(field, old, new)| entry(task, field, old, new, SLA_MONITOR, Some(reason.clone()), now)).collect()
}

fn sla_reason(task: &Task) -> String {
    format!("SLA {}", task.sla_state)
}

fn sla_entry(task: &Task, from: Status, now: DateTime<Utc>) -> HistoryEntry {
    let (old, new) = (Some(from.to_string()), Some(task.task_status.to_string()));
    entry(task, "task_status", old, new, SLA_MONITOR, Some(sla_reason(task)), now)
}

fn entry(
    task: &Task,
    field: &str,
    old_value: Option<String>,
    new_value: Option<String>,
    by: &str,
    change_reason: Option<String>,
    now: DateTime<Utc>,
) -> HistoryEntry {
    HistoryEntry {
        id: 0,
        task_id: task.task_id.clone(),
        field: field.to_owned(),
        old_value,
        new_value,
        changed_by: by.to_owned(),
        change_reason,
        changed_at: now,
        version: task.version,
    }
}

/// Fields that differ, as clients see them: new values and old ones. Empty if only bookkeeping would change.
fn differences(before: &Task, after: &Task) -> (Map<String, Value>, Map<String, Value>) {
    let fields = |task: &Task| match serde_json::to_value(task).expect("a task serialises") {
        Value::Object(map) => map,
        _ => unreachable!("a task is an object"),
    };
    let (old, new) = (fields(before), fields(after));
    let mut changed = (Map::new(), Map::new());
    for ((name, old), (_, new)) in old.into_iter().zip(new) {
        // Rows of before there were thresholds get theirs with the next change, and are not changed by that alone.
        let fills = old.is_null() && matches!(&*name, "sla_warning_at" | "sla_critical_at");
        let fills = fills && before.sla_deadline == after.sla_deadline;
        if old != new && !fills && !matches!(&*name, "analysis" | "sla_revision") {
            changed.0.insert(name.clone(), new);
            changed.1.insert(name, old);
        }
    }
    changed
}

fn announce_sla(events: &mut Vec<WorkflowEvent>, task: &Task, announce: Announce, fired: &[Fired], now: DateTime<Utc>) {
    events.extend(announce.level.and_then(|level| event::sla_event(task, level, now)));
    events.extend(fired.iter().filter_map(|fired| event::escalated(task, fired, now)));
    if announce.alert {
        events.push(event::alert(task, now));
    }
}

fn announced(events: Vec<WorkflowEvent>, task: &Task, matches: &Matches) -> Vec<Announcement> {
    let stored = |event| Announcement { event, task_id: Some(task.task_id.clone()), matches: matches.clone() };
    events.into_iter().map(stored).collect()
}
