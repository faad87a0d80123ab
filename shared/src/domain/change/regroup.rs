//! Merging tasks, splitting one, and taking that back: what each task involved becomes, and how it is told.
//!
//! Whoever merges says that several tasks are one matter. The task that is left keeps what is its own and takes what it
//! lacks; nothing a person set on it is overwritten but by the more urgent of two words.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::account::{announce_sla, announced, entry, sla_entry};
use super::{Actor, Change, TaskPatch, update};
use crate::domain::counted::Counted;
use crate::domain::event::{self, Matches, TaskUpdated, WorkflowEvent};
use crate::domain::sla;
use crate::domain::sla::rules::Rules;
use crate::domain::task::{Entities, Task};
use crate::domain::undo::{self, Values};
use crate::domain::values::WorkflowState;

/// Field of the history rows of a task that took others in, or gave mails away.
const MERGED: &str = "merged";
const SPLIT: &str = "split";
/// Field of the history rows of a task that ended in another, or began as part of one.
const MERGED_INTO: &str = "merged_into";
const SPLIT_FROM: &str = "split_from";

/// The task that is left takes in what the others have: their numbers and labels, the most urgent priority, the worst
/// colour of those that are open, the furthest state. Its owner, value and mailbox stay unless it has none: then the
/// first of the others that has one gives it, of values the largest. Its title, category and deadline are its own.
pub fn absorb(left: &Task, others: &[Task], rules: &Rules, actor: &Actor, now: DateTime<Utc>) -> Change {
    let mut entities = left.entities.clone();
    let mut tags = left.tags.clone();
    for other in others {
        entities.merge(&other.entities);
        tags.extend(other.tags.iter().filter(|tag| !left.tags.contains(tag)).cloned());
    }
    let mut seen = Vec::new();
    tags.retain(|tag| {
        !seen.contains(tag) && {
            seen.push(tag.clone());
            true
        }
    });
    let open = others.iter().filter(|other| other.is_open());
    let worst = open.clone().map(|other| other.manual_status).max();
    // Open work does not vanish in a completed task: it is opened again.
    let status = worst.filter(|worst| !left.is_open() || *worst > left.manual_status);
    let begun = others.iter().any(|other| other.is_open() && other.workflow_state == WorkflowState::InProgress);
    let owner = others.iter().find(|other| other.current_owner.is_some()).filter(|_| left.current_owner.is_none());
    let value = others.iter().map(|other| other.dollar_value).max().filter(|_| left.dollar_value.0 == 0);
    let patch = TaskPatch {
        entities: Some(Some(lists(&entities))),
        tags: Some(tags),
        priority: open.map(|other| other.priority).min().filter(|priority| *priority < left.priority),
        task_status: status,
        workflow_state: (begun && left.workflow_state == WorkflowState::StartPoint)
            .then_some(WorkflowState::InProgress),
        current_owner: owner.map(|other| other.current_owner.clone()),
        owner_email: owner.map(|other| other.owner_email.clone()),
        dollar_value: value,
        ..TaskPatch::default()
    };
    let ids: Vec<&str> = others.iter().map(|other| other.task_id.as_str()).collect();
    told(left, update(left, &patch, rules, actor, now), (MERGED, &ids.join(", ")), actor, now)
}

/// The task ends in another: it leaves every list like a deleted one, and its history says where it went.
pub fn end_in(task: &Task, left: &str, actor: &Actor, now: DateTime<Utc>) -> Change {
    let mut change = super::delete(task, actor, now);
    let (by, why) = (&actor.principal, actor.reason.clone());
    change.history.push(entry(&change.task, MERGED_INTO, None, Some(left.to_owned()), by, why, now));
    change
}

/// A task that ended in another is there again, as it was; for the passing of time meanwhile it is settled anew. To
/// whoever follows the events it is a new task.
pub fn restore(task: &Task, left: &str, rules: &Rules, actor: &Actor, now: DateTime<Utc>) -> Change {
    let (before, was) = (task.task_status, Counted::of(task));
    let mut task = task.clone();
    task.deleted_at = None;
    sla::wake(&mut task, rules, now);
    let announce = sla::settle(&mut task, now);
    task.version += 1;
    task.updated_at = now.max(task.updated_at);
    let (by, why) = (&actor.principal, actor.reason.clone());
    let mut history = vec![entry(&task, MERGED_INTO, Some(left.to_owned()), None, by, why, now)];
    if task.task_status != before {
        history.push(sla_entry(&task, before, now));
    }
    let mut events = vec![WorkflowEvent::TaskCreated(event::summary(&task, now))];
    announce_sla(&mut events, &task, announce, &[], now);
    let matches = Matches::of([&task]);
    Change { events: announced(events, &task, &matches), task, was, history }
}

/// A task gives mails away, and the numbers that they alone name.
pub fn give_away(
    task: &Task,
    alone: &Entities,
    new_task: &str,
    rules: &Rules,
    actor: &Actor,
    now: DateTime<Utc>,
) -> Change {
    let mut entities = task.entities.clone();
    let mut gone = alone.clone();
    for name in Entities::LISTS {
        let gone = std::mem::take(gone.list_mut(name).expect("a name of LISTS"));
        entities.list_mut(name).expect("a name of LISTS").retain(|value| !gone.contains(value));
    }
    let patch = TaskPatch { entities: Some(Some(lists(&entities))), ..TaskPatch::default() };
    told(task, update(task, &patch, rules, actor, now), (SPLIT, new_task), actor, now)
}

/// Says of a task that was just made of another one's mails which that was, and gives it the title it was asked for.
pub fn taken_from(
    task: &Task,
    source: &str,
    title: Option<&str>,
    rules: &Rules,
    actor: &Actor,
    now: DateTime<Utc>,
) -> Change {
    let patch = TaskPatch { title: title.map(str::to_owned), ..TaskPatch::default() };
    told(task, update(task, &patch, rules, actor, now), (SPLIT_FROM, source), actor, now)
}

/// What is taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A merge.
    Merge,
    /// A split.
    Split,
}

/// What undoing did to the task that was left.
pub struct Reverted {
    /// The change.
    pub change: Change,
    /// Fields that were changed since and stay as they are.
    pub kept: Vec<String>,
}

/// Gives a task back what a merge or a split replaced, field by field, where it still has what that put there. What was
/// added to a list since stays; of what the merge added only that is taken out.
pub fn revert(
    task: &Task,
    (was, became): (&Values, &Values),
    (kind, others): (Kind, &[String]),
    rules: &Rules,
    actor: &Actor,
    now: DateTime<Utc>,
) -> Reverted {
    let (mut patch, mut kept) = (Values::new(), Vec::new());
    for (field, value) in became {
        let Some(old) = was.get(field) else { continue };
        let alone = Values::from_iter([(field.clone(), value.clone())]);
        if undo::holds(task, &alone) {
            patch.insert(field.clone(), old.clone());
        } else if field == "entities" {
            patch.insert(field.clone(), without(task, old, value));
        } else if field != "completion_date" {
            kept.push(field.clone());
        }
    }
    let patch: TaskPatch = serde_json::from_value(patch.into()).unwrap_or_default();
    let field = if kind == Kind::Merge { MERGED } else { SPLIT };
    let change = told(task, update(task, &patch, rules, actor, now), (field, ""), actor, now);
    Reverted { change: renamed(change, &others.join(", ")), kept }
}

/// The history row of an undo says what is no longer so.
fn renamed(mut change: Change, others: &str) -> Change {
    if let Some(row) = change.history.last_mut() {
        (row.old_value, row.new_value) = (Some(others.to_owned()), None);
    }
    change
}

/// The lists of a task without what a merge added to them.
fn without(task: &Task, old: &Value, added: &Value) -> Value {
    let mut entities = task.entities.clone();
    let texts = |lists: &Value, name: &str| -> Vec<String> {
        let list = lists[name].as_array().into_iter().flatten();
        list.filter_map(|value| value.as_str().map(str::to_owned)).collect()
    };
    let mut lists = serde_json::Map::new();
    for name in Entities::LISTS.into_iter().filter(|name| added.get(name).is_some()) {
        let (old, added) = (texts(old, name), texts(added, name));
        let mut list = std::mem::take(entities.list_mut(name).expect("a name of LISTS"));
        list.retain(|value| old.contains(value) || !added.contains(value));
        lists.insert(name.to_owned(), list.into());
    }
    lists.into()
}

/// Adds the row that says what happened to a change, or makes one where no field changed: the version grows in any case,
/// because what belongs to the task is no longer the same.
fn told(
    before: &Task,
    change: Option<Change>,
    (field, value): (&str, &str),
    actor: &Actor,
    now: DateTime<Utc>,
) -> Change {
    let mut change = change.unwrap_or_else(|| {
        let mut task = before.clone();
        task.version += 1;
        task.updated_at = now.max(task.updated_at);
        let event = WorkflowEvent::TaskUpdated(TaskUpdated {
            task_id: task.task_id.clone(),
            updates: Values::new(),
            previous_values: Values::new(),
            changed_by: actor.principal.clone(),
            version: task.version,
            timestamp: now,
        });
        let matches = Matches::of([&task]);
        Change { events: announced(vec![event], &task, &matches), task, was: Counted::of(before), history: Vec::new() }
    });
    // Whose word a field is does not change by putting mails together.
    change.task.analysis.clone_from(&before.analysis);
    let row = entry(&change.task, field, None, Some(value.to_owned()), &actor.principal, actor.reason.clone(), now);
    change.history.push(row);
    change
}

fn lists(entities: &Entities) -> BTreeMap<String, Vec<String>> {
    let mut entities = entities.clone();
    let list = |name: &str| std::mem::take(entities.list_mut(name).expect("a name of LISTS"));
    let names = Entities::LISTS;
    names.into_iter().map(str::to_owned).zip(names.map(list)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::change::{self, NewTask};
    use crate::domain::{Category, Cents, Priority, Status};

    fn at(hours: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000, 0).unwrap() + chrono::TimeDelta::hours(hours)
    }

    fn ana() -> Actor {
        Actor { principal: "ana".to_owned(), reason: None }
    }

    fn task(id: &str, po: &str, priority: Priority, status: Status) -> Task {
        let mut new = NewTask::new(id, format!("Order {po}"), Category::OrderManagement);
        new.entities.po_numbers = vec![po.to_owned()];
        (new.priority, new.task_status) = (priority, Some(status));
        change::create(new, &Rules::builtin(), &ana(), at(0)).task
    }

    #[test]
    fn the_task_that_is_left_takes_the_more_urgent_word_and_every_number() {
        let left = task("TASK-1-a", "11", Priority::Medium, Status::Green);
        let mut other = task("TASK-1-b", "22", Priority::High, Status::Yellow);
        other.dollar_value = Cents(500);
        other.current_owner = Some("Bo".to_owned());
        let change = absorb(&left, &[other], &Rules::builtin(), &ana(), at(1));
        let task = &change.task;
        assert_eq!(task.entities.po_numbers, ["11", "22"]);
        assert_eq!(
            (task.priority, task.manual_status, task.dollar_value),
            (Priority::High, Status::Yellow, Cents(500))
        );
        assert_eq!((task.current_owner.as_deref(), task.version), (Some("Bo"), 2));
        assert_eq!(change.history.last().unwrap().new_value.as_deref(), Some("TASK-1-b"));
    }

    #[test]
    fn what_is_done_neither_hurries_nor_reopens_what_it_ends_in() {
        let left = task("TASK-1-a", "11", Priority::Medium, Status::Green);
        let done = task("TASK-1-b", "11", Priority::Critical, Status::Completed);
        let change = absorb(&left, &[done], &Rules::builtin(), &ana(), at(1));
        assert_eq!((change.task.priority, change.task.manual_status), (Priority::Medium, Status::Green));
        assert_eq!(change.task.version, 2, "its mails are others than before");
    }

    #[test]
    fn an_undo_leaves_alone_what_was_set_since() {
        let left = task("TASK-1-a", "11", Priority::Medium, Status::Green);
        let other = task("TASK-1-b", "22", Priority::High, Status::Yellow);
        let merged = absorb(&left, &[other], &Rules::builtin(), &ana(), at(1)).task;
        let trace = undo::trace(&left, &merged);
        let patch = TaskPatch {
            priority: Some(Priority::Critical),
            entities: Some(Some(BTreeMap::from([(
                "po_numbers".to_owned(),
                ["11", "22", "33"].map(str::to_owned).to_vec(),
            )]))),
            ..TaskPatch::default()
        };
        let since = update(&merged, &patch, &Rules::builtin(), &ana(), at(2)).unwrap().task;
        let others = ["TASK-1-b".to_owned()];
        let traced = (&trace.was, &trace.became);
        let back = revert(&since, traced, (Kind::Merge, &others), &Rules::builtin(), &ana(), at(3));
        let task = &back.change.task;
        assert_eq!((task.priority, task.manual_status), (Priority::Critical, Status::Green));
        assert_eq!(task.entities.po_numbers, ["11", "33"]);
        assert_eq!(back.kept, ["priority"]);
    }

    #[test]
    fn a_task_comes_back_as_it_was_and_time_has_passed_for_it() {
        let task = task("TASK-1-b", "22", Priority::Critical, Status::Green);
        let gone = end_in(&task, "TASK-1-a", &ana(), at(1)).task;
        let back = restore(&gone, "TASK-1-a", &Rules::builtin(), &ana(), at(9)).task;
        assert_eq!((back.deleted_at, back.version, back.task_status), (None, 3, Status::Red));
        assert!(back.sla_next_at.is_none() || back.sla_next_at > Some(at(9)));
    }
}
