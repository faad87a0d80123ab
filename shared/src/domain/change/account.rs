//! How a change is told: which history rows explain it, which events announce it.

use std::iter;

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

use super::{Actor, SLA_MONITOR, SNOOZE_ENDED};
use crate::domain::event::{self, Announcement, Matches, WorkflowEvent};
use crate::domain::history::HistoryEntry;
use crate::domain::sla::Announce;
use crate::domain::sla::escalation::Fired;
use crate::domain::task::Task;
use crate::domain::values::Status;

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

pub(super) fn update_history(
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
pub(super) fn escalation_history(task: &Task, fired: &Fired, now: DateTime<Utc>) -> Vec<HistoryEntry> {
    let done = match &fired.step.to {
        Some(to) => format!("{} {to}", fired.step.action),
        None => fired.step.action.to_string(),
    };
    let rows = iter::once(("escalation", None, Some(done))).chain(fired.changes.iter().cloned());
    let reason = fired.reason(task);
    rows.map(|(field, old, new)| entry(task, field, old, new, SLA_MONITOR, Some(reason.clone()), now)).collect()
}

pub(super) fn sla_reason(task: &Task) -> String {
    format!("SLA {}", task.sla_state)
}

pub(super) fn sla_entry(task: &Task, from: Status, now: DateTime<Utc>) -> HistoryEntry {
    let (old, new) = (Some(from.to_string()), Some(task.task_status.to_string()));
    entry(task, "task_status", old, new, SLA_MONITOR, Some(sla_reason(task)), now)
}

pub(super) fn entry(
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
pub(super) fn differences(before: &Task, after: &Task) -> (Map<String, Value>, Map<String, Value>) {
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

pub(super) fn announce_sla(
    events: &mut Vec<WorkflowEvent>,
    task: &Task,
    announce: Announce,
    fired: &[Fired],
    now: DateTime<Utc>,
) {
    events.extend(announce.level.and_then(|level| event::sla_event(task, level, now)));
    events.extend(fired.iter().filter_map(|fired| event::escalated(task, fired, now)));
    if announce.alert {
        events.push(event::alert(task, now));
    }
}

pub(super) fn announced(events: Vec<WorkflowEvent>, task: &Task, matches: &Matches) -> Vec<Announcement> {
    let stored = |event| Announcement { event, task_id: Some(task.task_id.clone()), matches: matches.clone() };
    events.into_iter().map(stored).collect()
}
