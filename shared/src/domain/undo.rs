//! Taking a change back: what it did to the fields that people set, and whether that still holds.
//!
//! Only those fields count. What follows from them or from time (the colour an SLA gives, a deadline its policy computes)
//! neither is taken back nor stands in the way.

use serde_json::{Map, Value};

use super::change::TaskPatch;
use super::sla;
use super::task::{Entities, Task};

/// Fields by name, as a [`TaskPatch`] has them.
pub type Values = Map<String, Value>;

/// What a change did.
#[derive(Clone, Debug, PartialEq)]
pub struct Trace {
    /// What it replaced: applied as a patch, it takes the change back.
    pub was: Values,
    /// What it put there.
    pub became: Values,
}

/// What a change did to a task.
pub fn trace(before: &Task, after: &Task) -> Trace {
    let (was, became) = (settable(before), settable(after));
    Trace { was: differing(&was, &became), became: differing(&became, &was) }
}

/// Whether the task still has what a change put there.
pub fn holds(task: &Task, became: &Values) -> bool {
    contains(&settable(task), became)
}

/// Every field that can be set, as the patch that would set it so.
fn settable(task: &Task) -> Values {
    let mut entities = task.entities.clone();
    let lists = Entities::LISTS.map(|name| {
        let list = entities.list_mut(name).expect("a name of LISTS");
        (name.to_owned(), std::mem::take(list))
    });
    let by_policy = task.sla_policy.is_some();
    let patch = TaskPatch {
        title: Some(task.title.clone()),
        workflow_category: Some(task.workflow_category),
        secondary_categories: Some(task.secondary_categories.clone()),
        workflow_state: Some(task.workflow_state),
        task_status: Some(task.manual_status),
        completion_date: task.completion_date,
        priority: Some(task.priority),
        description: Some(task.description.clone()),
        current_owner: Some(task.current_owner.clone()),
        owner_email: Some(task.owner_email.clone()),
        entities: Some(Some(lists.into())),
        dollar_value: Some(task.dollar_value),
        sla_deadline: (!by_policy).then_some(task.sla_deadline),
        sla_hours: by_policy.then(|| task.sla_hours.filter(|_| task.sla_policy.as_deref() == Some(sla::GIVEN_HOURS))),
        waiting_on: Some(task.waiting_on),
        snoozed_until: Some(task.snoozed_until),
        breach_reason: Some(task.breach_reason),
        tags: Some(task.tags.clone()),
        group_name: Some(task.group_name.clone()),
    };
    match serde_json::to_value(patch).expect("a patch serialises") {
        Value::Object(map) => map,
        _ => unreachable!("a patch is an object"),
    }
}

/// What of ours is not theirs.
fn differing(ours: &Values, theirs: &Values) -> Values {
    let own = |(name, value): (&String, &Value)| match (value, theirs.get(name)) {
        (value, Some(other)) if value == other => None,
        (Value::Object(inner), Some(Value::Object(other))) => Some((name.clone(), differing(inner, other).into())),
        _ => Some((name.clone(), value.clone())),
    };
    ours.iter().filter_map(own).collect()
}

fn contains(whole: &Values, part: &Values) -> bool {
    part.iter().all(|(name, value)| match (whole.get(name), value) {
        (Some(Value::Object(inner)), Value::Object(part)) => contains(inner, part),
        (found, value) => found == Some(value),
    })
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta, Utc};

    use super::*;
    use crate::domain::change::{self, Actor, NewTask};
    use crate::domain::sla::rules::Rules;
    use crate::domain::values::{BreachReason, WaitingOn};
    use crate::domain::{Category, Priority, Status};

    fn at(hours: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000, 0).unwrap() + TimeDelta::hours(hours)
    }

    fn actor() -> Actor {
        Actor { principal: "ana".to_owned(), reason: None }
    }

    fn task() -> Task {
        let mut new = NewTask::new("TASK-1-a", "Order", Category::OrderManagement);
        new.entities.po_numbers = vec!["4501".to_owned()];
        new.current_owner = Some("Bo".to_owned());
        change::create(new, &Rules::builtin(), &actor(), at(0)).task
    }

    fn patched(task: &Task, patch: &TaskPatch, now: DateTime<Utc>) -> Task {
        change::update(task, patch, &Rules::builtin(), &actor(), now).unwrap().task
    }

    fn undone(task: &Task, trace: &Trace, now: DateTime<Utc>) -> Task {
        patched(task, &serde_json::from_value(trace.was.clone().into()).unwrap(), now)
    }

    #[test]
    fn a_change_that_is_taken_back_leaves_what_people_had_set() {
        let lists = [("po_numbers".to_owned(), vec!["77".to_owned()])];
        let patches = [
            TaskPatch { task_status: Some(Status::Completed), ..TaskPatch::default() },
            TaskPatch { current_owner: Some(None), tags: Some(vec!["rush".to_owned()]), ..TaskPatch::default() },
            TaskPatch { priority: Some(Priority::Critical), ..TaskPatch::default() },
            TaskPatch { sla_deadline: Some(Some(at(5))), ..TaskPatch::default() },
            TaskPatch { sla_hours: Some(Some(2.5)), ..TaskPatch::default() },
            TaskPatch { entities: Some(Some(lists.into())), ..TaskPatch::default() },
            TaskPatch { waiting_on: Some(Some(WaitingOn::Vendor)), ..TaskPatch::default() },
            TaskPatch { snoozed_until: Some(Some(at(90))), ..TaskPatch::default() },
            TaskPatch { breach_reason: Some(Some(BreachReason::Capacity)), ..TaskPatch::default() },
        ];
        for patch in patches {
            let before = task();
            let after = patched(&before, &patch, at(1));
            let trace = trace(&before, &after);
            assert!(holds(&after, &trace.became) && !holds(&before, &trace.became), "{patch:?}");
            let back = undone(&after, &trace, at(2));
            assert_eq!(settable(&back), settable(&before), "{patch:?}");
            assert_eq!(back.sla_deadline, before.sla_deadline, "{patch:?}");
        }
    }

    #[test]
    fn a_reopened_task_gets_its_day_of_completion_back() {
        let done = patched(&task(), &TaskPatch { task_status: Some(Status::Completed), ..TaskPatch::default() }, at(1));
        let open = patched(&done, &TaskPatch { task_status: Some(Status::Yellow), ..TaskPatch::default() }, at(9));
        let back = undone(&open, &trace(&done, &open), at(20));
        assert_eq!(back.completion_date, Some(at(1)));
    }

    #[test]
    fn time_does_not_stand_in_the_way_but_a_persons_word_does() {
        let before = task();
        let hurried = patched(&before, &TaskPatch { sla_hours: Some(Some(2.0)), ..TaskPatch::default() }, at(0));
        let trace = trace(&before, &hurried);
        let violated = change::age(&hurried, &Rules::builtin(), at(3)).unwrap().task;
        assert_eq!(violated.task_status, Status::Red);
        assert!(holds(&violated, &trace.became));
        let moved = patched(&hurried, &TaskPatch { sla_hours: Some(Some(3.0)), ..TaskPatch::default() }, at(0));
        assert!(!holds(&moved, &trace.became));
    }
}
