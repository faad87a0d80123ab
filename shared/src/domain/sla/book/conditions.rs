//! Conditions as they are written: `{categories, priorities, mailboxes, customers, min_value, max_value}`.

use serde_json::Value;

use super::reading::{Faults, Fields, line, list, number};
use super::spelling::nearest;
use crate::domain::money::Cents;
use crate::domain::sla::policy::Conditions;
use crate::domain::values::{Category, Priority};

/// Names in one list.
const MOST_NAMES: usize = 1_000;
/// Characters of a mailbox or a customer.
const LONGEST: usize = 200;

/// `None` if anything is wrong with them.
pub(super) fn read(value: &Value, at: String, faults: &mut Faults) -> Option<Conditions> {
    let mut fields = Fields::of(value, at, faults)?;
    let categories = names(&mut fields, "categories", faults, category);
    let priorities = names(&mut fields, "priorities", faults, priority);
    let mailboxes = names(&mut fields, "mailboxes", faults, |value| line(value, LONGEST));
    let customers = names(&mut fields, "customers", faults, |value| line(value, LONGEST));
    let min_value = bound(&mut fields, "min_value", faults);
    let max_value = bound(&mut fields, "max_value", faults);
    if let (Some(Some(least)), Some(Some(most))) = (min_value, max_value)
        && least > most
    {
        faults.add(fields.pointer("max_value"), format!("is less than min_value, {}", least.dollars()));
    }
    fields.end(faults);
    Some(Conditions {
        categories: categories?,
        priorities: priorities?,
        mailboxes: mailboxes?,
        customers: customers?,
        min_value: min_value?,
        max_value: max_value?,
    })
}

/// A list of names, empty if it is absent; `None` if anything is wrong with it.
fn names<T>(
    fields: &mut Fields<'_>,
    name: &'static str,
    faults: &mut Faults,
    read: impl Fn(&Value) -> Result<T, String>,
) -> Option<Vec<T>> {
    let Some(value) = fields.get(name) else { return Some(Vec::new()) };
    let at = fields.pointer(name);
    let items = list(value, &at, MOST_NAMES, faults)?;
    if items.is_empty() {
        faults.add(at, "is empty, so that no task meets it; leave it out to mean any");
        return None;
    }
    let all = items.len();
    let read: Vec<T> = items.into_iter().filter_map(|(at, item)| faults.take(&at, read(item))).collect();
    (read.len() == all).then_some(read)
}

/// An amount, `None` inside if it is absent.
fn bound(fields: &mut Fields<'_>, name: &'static str, faults: &mut Faults) -> Option<Option<Cents>> {
    let Some(value) = fields.get(name) else { return Some(None) };
    let amount = number(value).and_then(|dollars| Cents::from_dollars(dollars).map_err(str::to_owned));
    faults.take(&fields.pointer(name), amount).map(Some)
}

fn category(value: &Value) -> Result<Category, String> {
    let text = value.as_str().ok_or("must be the name of a category")?;
    Category::from_input(text).ok_or_else(|| {
        let hint = nearest(text, Category::names()).map_or_else(
            || format!("must be one of {}", Category::names().collect::<Vec<_>>().join(", ")),
            |near| format!("did you mean {near}?"),
        );
        format!("is not a category; {hint}")
    })
}

fn priority(value: &Value) -> Result<Priority, String> {
    let known = || Priority::ALL.iter().map(|priority| priority.as_str()).collect::<Vec<_>>().join(", ");
    value.as_str().and_then(Priority::parse).ok_or_else(|| format!("must be one of {}", known()))
}
