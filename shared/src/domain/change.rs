//! Deciding a change: what the task becomes, which history explains it, which events announce it.

mod account;
mod new_task;
mod patch;
pub mod regroup;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use self::account::{
    announce_sla, announced, differences, entry, escalation_history, sla_entry, sla_reason, update_history,
};
use self::new_task::born;
use self::patch::{apply_clock, apply_fields, apply_status};
use super::counted::Counted;
use super::event::{self, Announcement, Matches, StatusChanged, TaskDeleted, TaskUpdated, WorkflowEvent};
use super::history::HistoryEntry;
use super::review;
use super::sla::escalation::{self, Fired};
use super::sla::rules::Rules;
use super::sla::{self, Announce};
use super::task::{Explanation, Task};
use super::values::{Status, WorkflowState};

pub use new_task::NewTask;
pub use patch::TaskPatch;

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
    /// What of it counted before; `None` for a new one.
    pub was: Option<Counted>,
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
    Change { events: announced(events, &task, &matches), task, was: None, history }
}

/// Applies a patch. `None` if nothing changes.
pub fn update(before: &Task, patch: &TaskPatch, rules: &Rules, actor: &Actor, now: DateTime<Utc>) -> Option<Change> {
    let mut task = before.clone();
    sla::wake(&mut task, rules, now);
    apply_fields(&mut task, patch, now);
    if is_person(&actor.principal) {
        review::settle(before, &mut task, patch);
    }
    apply_status(&mut task, patch, &actor.principal, now);
    apply_clock(&mut task, patch, now);
    if is_person(&actor.principal) {
        note_person(before, &mut task);
    }
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

/// The explanation of a field that a person has set: later mail leaves it alone.
pub const BY_PERSON: &str = "person";

/// Says of each field a mail could speak about that a person has changed it.
fn note_person(before: &Task, task: &mut Task) {
    let changed = [
        ("workflow_category", before.workflow_category != task.workflow_category),
        ("workflow_state", before.workflow_state != task.workflow_state),
        ("dollar_value", before.dollar_value != task.dollar_value),
        ("priority", before.priority != task.priority),
        ("task_status", before.manual_status != task.manual_status),
    ];
    for (field, _) in changed.into_iter().filter(|(_, changed)| *changed) {
        let by_person = Explanation { rule: BY_PERSON.to_owned(), span: None, confidence: 1.0 };
        task.analysis.insert(field.to_owned(), by_person);
    }
}

/// Whether somebody of ours acts, and neither mail nor time nor the rules that give out tasks.
pub(super) fn is_person(principal: &str) -> bool {
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
    Change { events: announced(vec![event], &task, &matches), task, was: Counted::of(before), history }
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
    Some(Change { events: announced(events, &task, &matches), task, was: Counted::of(before), history })
}
