//! What is wrong with tasks that are about one purchase order: entered twice, or claimed by two.
//!
//! Pure. Only tasks that place or handle an order are compared ([`Category::OrderManagement`]): a parcel or an invoice names
//! the same order number without ordering anything.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use poem_openapi::Object;
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::event::{Matches, TaskUpdated, WorkflowEvent};
use super::money::Cents;
use super::task::{Entities, Task};
use super::trail::Trail;
use super::values::Category;

/// How far apart two tasks may have come for one to be the other once more.
pub const WINDOW: TimeDelta = TimeDelta::days(14);
/// Tasks compared with one another at most: beyond it a number is not one of an order.
pub const MOST: usize = 20;
/// Field of the history rows that tell of a finding.
const FIELD: &str = "finding";

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Object, sqlx::FromRow)]
pub struct Finding {
    /// Its id: follows from what it is about.
    pub id: String,
    /// `duplicate-order`: two tasks order the same for one customer. `po-conflict`: one purchase order number with
    /// different customers or totals.
    pub kind: String,
    /// `open`, `dismissed`, or `resolved` because it no longer holds.
    pub state: String,
    /// The tasks, in the order of their ids.
    #[sqlx(json)]
    pub task_ids: Vec<String>,
    /// One sentence for people.
    pub detail: String,
    /// When it was found.
    pub found_at: DateTime<Utc>,
    /// Who said that it is none.
    pub dismissed_by: Option<String>,
    /// When.
    pub dismissed_at: Option<DateTime<Utc>>,
    /// Why.
    pub reason: Option<String>,
}

/// A number or a name as tasks are compared by it: upper case, without separators.
pub fn normal(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_uppercase).collect()
}

/// The traits of a task: kind and normal form of every number and customer it names.
pub fn traits(entities: &Entities) -> BTreeSet<String> {
    let lists = [
        ("po", &entities.po_numbers),
        ("quote", &entities.quote_numbers),
        ("case", &entities.case_numbers),
        ("order", &entities.order_numbers),
        ("part", &entities.part_numbers),
        ("tracking", &entities.tracking_numbers),
        ("customer", &entities.customers),
    ];
    let named = lists.into_iter().flat_map(|(kind, list)| list.iter().map(move |value| (kind, normal(value))));
    // Shorter ones are quantities and initials.
    let telling = named.filter(|(_, value)| value.chars().count() >= 3);
    telling.map(|(kind, value)| format!("{kind}:{}", value.chars().take(100).collect::<String>())).take(200).collect()
}

/// What is wrong with a task, given others that share a trait with it. Findings are in the order of their ids.
pub fn judge(task: &Task, others: &[Task], now: DateTime<Utc>) -> Vec<Finding> {
    let mut found = BTreeMap::new();
    for other in others.iter().filter(|other| other.task_id != task.task_id) {
        for finding in [duplicate(task, other, now), conflict(task, other, now)].into_iter().flatten() {
            found.insert(finding.id.clone(), finding);
        }
    }
    found.into_values().collect()
}

fn is_order(task: &Task) -> bool {
    task.workflow_category == Category::OrderManagement && task.deleted_at.is_none()
}

fn came(task: &Task) -> DateTime<Utc> {
    task.received_at.unwrap_or(task.created_at)
}

fn shared(a: &[String], b: &[String]) -> BTreeSet<String> {
    let of = |list: &[String]| list.iter().map(|value| normal(value)).collect::<BTreeSet<_>>();
    of(a).intersection(&of(b)).cloned().collect()
}

fn duplicate(task: &Task, other: &Task, now: DateTime<Utc>) -> Option<Finding> {
    let near = (came(task) - came(other)).abs() <= WINDOW;
    let customers = shared(&task.entities.customers, &other.entities.customers);
    if !is_order(task) || !is_order(other) || !near || customers.is_empty() {
        return None;
    }
    let numbers = shared(&task.entities.po_numbers, &other.entities.po_numbers);
    let parts = |task: &Task| task.entities.part_numbers.iter().map(|part| normal(part)).collect::<BTreeSet<_>>();
    let same_goods = !task.entities.part_numbers.is_empty()
        && parts(task) == parts(other)
        && task.dollar_value == other.dollar_value
        && task.dollar_value > Cents(0);
    // Two purchase orders of their own numbers are two orders, however alike.
    let apart = numbers.is_empty() && !task.entities.po_numbers.is_empty() && !other.entities.po_numbers.is_empty();
    let what = match numbers.first() {
        Some(number) => format!("purchase order {number}"),
        None if same_goods && !apart => "the same parts for the same total".to_owned(),
        None => return None,
    };
    let days = (came(task) - came(other)).abs().num_days();
    let customer = customers.first().map_or("", String::as_str);
    let detail = format!("{customer} ordered {what} in two tasks within {} days", days.max(1));
    Some(finding("duplicate-order", &what, [task, other], detail, now))
}

fn conflict(task: &Task, other: &Task, now: DateTime<Utc>) -> Option<Finding> {
    let numbers = shared(&task.entities.po_numbers, &other.entities.po_numbers);
    let number = numbers.first().filter(|_| is_order(task) && is_order(other))?;
    let (ours, theirs) = (&task.entities.customers, &other.entities.customers);
    let strangers = !ours.is_empty() && !theirs.is_empty() && shared(ours, theirs).is_empty();
    let totals =
        task.dollar_value > Cents(0) && other.dollar_value > Cents(0) && task.dollar_value != other.dollar_value;
    let why = match (strangers, totals) {
        (true, _) => format!("customers {} and {}", ours[0], theirs[0]),
        (false, true) => {
            format!("totals {:.2} and {:.2}", task.dollar_value.dollars(), other.dollar_value.dollars())
        }
        (false, false) => return None,
    };
    let detail = format!("purchase order {number} has {why} in two tasks");
    Some(finding("po-conflict", number, [task, other], detail, now))
}

fn finding(kind: &str, about: &str, tasks: [&Task; 2], detail: String, now: DateTime<Utc>) -> Finding {
    let mut task_ids = tasks.map(|task| task.task_id.clone()).to_vec();
    task_ids.sort_unstable();
    let digest = Sha256::digest(format!("{kind}/{about}/{}", task_ids.join("/")));
    Finding {
        id: format!("FIND-{}", &format!("{digest:x}")[..24]),
        kind: kind.to_owned(),
        state: "open".to_owned(),
        task_ids,
        detail,
        found_at: now,
        dismissed_by: None,
        dismissed_at: None,
        reason: None,
    }
}

/// Tells a task of a finding about it: a history row, and an update whose `finding` is new. The task stays as it is.
pub fn told(task: &Task, finding: &Finding, by: &str, now: DateTime<Utc>) -> Trail {
    let mut trail = Trail::default();
    let says = format!("{}: {}", finding.kind, finding.detail);
    let open = finding.state == "open";
    let values = if open { (None, Some(says.as_str())) } else { (Some(says.as_str()), None) };
    trail.note(task, FIELD, values, by, now);
    if let Some(row) = trail.history.last_mut() {
        row.change_reason.clone_from(&finding.reason);
    }
    let shown = serde_json::json!({"id": finding.id, "kind": finding.kind, "detail": finding.detail});
    let only = |value: serde_json::Value| serde_json::Map::from_iter([(FIELD.to_owned(), value)]);
    let (new, old) = if open { (shown, serde_json::Value::Null) } else { (serde_json::Value::Null, shown) };
    let event = TaskUpdated {
        task_id: task.task_id.clone(),
        updates: only(new),
        previous_values: only(old),
        changed_by: by.to_owned(),
        version: task.version,
        timestamp: now,
    };
    trail.events.push(super::event::Announcement {
        event: WorkflowEvent::TaskUpdated(event),
        task_id: Some(task.task_id.clone()),
        matches: Matches::of([task]),
    });
    trail
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::change::{self, Actor, NewTask};
    use crate::domain::sla::rules::Rules;

    fn at(days: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000, 0).unwrap() + TimeDelta::days(days)
    }

    fn order(id: &str, day: i64, po: &[&str], customer: &str, cents: i64) -> Task {
        let mut new = NewTask::new(id, "Order", Category::OrderManagement);
        new.entities.po_numbers = po.iter().map(|po| (*po).to_owned()).collect();
        new.entities.customers = vec![customer.to_owned()];
        new.entities.part_numbers = vec!["QN-7731B".to_owned()];
        new.dollar_value = Cents(cents);
        let actor = Actor { principal: "ana".to_owned(), reason: None };
        change::create(new, &Rules::builtin(), &actor, at(day)).task
    }

    fn kinds(a: &Task, b: &Task) -> Vec<String> {
        let (one, two) = (judge(a, std::slice::from_ref(b), at(30)), judge(b, std::slice::from_ref(a), at(30)));
        assert_eq!(one.iter().map(|f| &f.id).collect::<Vec<_>>(), two.iter().map(|f| &f.id).collect::<Vec<_>>());
        let mut kinds: Vec<String> = one.into_iter().map(|found| found.kind).collect();
        kinds.sort_unstable();
        kinds
    }

    #[test]
    fn an_order_that_comes_twice_is_a_duplicate_and_another_ones_number_a_conflict() {
        let first = order("TASK-1-a", 0, &["45-1"], "Nordlicht GmbH", 100);
        assert_eq!(kinds(&first, &order("TASK-1-b", 3, &["451"], "nordlicht gmbh", 100)), ["duplicate-order"]);
        assert_eq!(kinds(&first, &order("TASK-1-b", 3, &["45-1"], "Kestrel", 100)), ["po-conflict"]);
        let dearer = order("TASK-1-b", 3, &["45-1"], "Nordlicht GmbH", 900);
        assert_eq!(kinds(&first, &dearer), ["duplicate-order", "po-conflict"]);
    }

    #[test]
    fn what_is_alike_but_ordered_apart_is_none() {
        let first = order("TASK-1-a", 0, &["45-1"], "Nordlicht GmbH", 100);
        assert_eq!(kinds(&first, &order("TASK-1-b", 15, &["45-1"], "Nordlicht GmbH", 100)), Vec::<String>::new());
        assert_eq!(kinds(&first, &order("TASK-1-b", 1, &["77-9"], "Nordlicht GmbH", 100)), Vec::<String>::new());
        let mut parcel = order("TASK-1-b", 1, &["45-1"], "Kestrel", 100);
        parcel.workflow_category = Category::ShippingAndLogistics;
        assert_eq!(kinds(&first, &parcel), Vec::<String>::new());
        assert_eq!(kinds(&order("TASK-1-c", 0, &[], "Nordlicht GmbH", 100), &first), ["duplicate-order"]);
    }
}
