//! The book: every calendar and every policy as one document, whose changes are revisions.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

use super::policy::Policy;
use crate::domain::calendar::Calendar;

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
