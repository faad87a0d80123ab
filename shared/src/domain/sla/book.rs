//! The book: every calendar and every policy as one document, whose changes are revisions.
//!
//! It is judged as a whole, and everything that is wrong with it is told at once.

mod calendars;
mod conditions;
mod order;
mod policies;
mod reading;
mod spelling;
mod times;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};

use self::reading::{Faults, Fields};
use super::policy::Policy;
use crate::domain::calendar::Calendar;

/// Policies of one book.
pub const MOST_POLICIES: usize = 200;
/// Calendars of one book.
pub const MOST_CALENDARS: usize = 50;
/// Days with hours of their own in one calendar.
pub const MOST_EXCEPTIONS: usize = 2_000;
/// Escalations of one policy.
pub const MOST_STEPS: usize = 20;
/// Characters of a name.
pub const LONGEST_NAME: usize = 100;

/// A document without faults, and what it says.
#[derive(Clone, Debug, PartialEq)]
pub struct Book {
    /// As it was written.
    pub document: Value,
    /// Business hours by name.
    pub calendars: BTreeMap<String, Arc<Calendar>>,
    /// In the order in which they are tried.
    pub policies: Vec<Policy>,
}

/// Something that is wrong with a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Where: a JSON pointer.
    pub pointer: String,
    /// What.
    pub detail: String,
}

impl Book {
    /// A book that says nothing: the default policy alone applies.
    pub fn empty() -> Self {
        let document = json!({"calendars": {}, "policies": []});
        Self { document, calendars: BTreeMap::new(), policies: Vec::new() }
    }

    /// Reads a document.
    ///
    /// # Errors
    /// Everything that is wrong with it, in the document's order.
    pub fn read(document: &Value) -> Result<Self, Vec<Fault>> {
        let mut faults = Faults::default();
        let read = Fields::of(document, String::new(), &mut faults).map(|mut fields| {
            let calendars = calendars::read(&mut fields, &mut faults);
            let policies = policies::read(&mut fields, &calendars, &mut faults);
            fields.end(&mut faults);
            (calendars, policies)
        });
        match (faults.into_list(), read) {
            (faults, Some((calendars, policies))) if faults.is_empty() => Ok(Self {
                document: whole(document),
                calendars: calendars.into_iter().filter_map(|(name, calendar)| Some((name, calendar?))).collect(),
                policies: policies.into_iter().flatten().collect(),
            }),
            (faults, _) => Err(faults),
        }
    }

    /// Names of the policies that use a calendar.
    pub fn users_of(&self, calendar: &str) -> Vec<&str> {
        let uses = |policy: &&Policy| policy.calendar_name.as_deref() == Some(calendar);
        self.policies.iter().filter(uses).map(|policy| policy.name.as_str()).collect()
    }
}

/// What is wrong with a policy by itself, whatever book it is for.
pub fn faults_of_policy(policy: &Value) -> Vec<Fault> {
    let mut faults = Faults::default();
    policies::policy(policy, String::new(), None, &mut faults);
    faults.into_list()
}

/// What is wrong with a calendar.
pub fn faults_of_calendar(calendar: &Value) -> Vec<Fault> {
    let mut faults = Faults::default();
    calendars::calendar(calendar, String::new(), &mut faults);
    faults.into_list()
}

/// The document with both its parts, also where one was left out.
fn whole(document: &Value) -> Value {
    let part = |name: &str, empty: Value| document.get(name).cloned().unwrap_or(empty);
    json!({"calendars": part("calendars", json!({})), "policies": part("policies", json!([]))})
}
