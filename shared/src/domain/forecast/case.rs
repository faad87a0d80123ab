//! A task of the history.

use chrono::{DateTime, Utc};

use super::hours_between;
use crate::domain::{Category, Priority};

/// What the history says of one task: when it could first be seen, how it ended, if it did.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct Case {
    /// Its id.
    pub task_id: String,
    /// What it is about.
    pub workflow_category: Category,
    /// How soon.
    pub priority: Priority,
    /// Who works on it.
    pub current_owner: Option<String>,
    /// When it was inserted; before that it could not have been seen to end.
    pub created_at: DateTime<Utc>,
    /// When its mail was received.
    pub received_at: Option<DateTime<Utc>>,
    /// When it is due.
    pub sla_deadline: Option<DateTime<Utc>>,
    /// When it was completed; null while open.
    pub completion_date: Option<DateTime<Utc>>,
}

impl Case {
    /// The instant its age counts from: the mail's, or its insertion.
    pub fn anchor(&self) -> DateTime<Utc> {
        self.received_at.unwrap_or(self.created_at)
    }

    /// Its age at an instant, in hours.
    pub fn age(&self, at: DateTime<Utc>) -> f64 {
        hours_between(self.anchor(), at)
    }

    /// When it was completed, as far as is known at `until`.
    pub fn completed_by(&self, until: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.completion_date.filter(|done| *done <= until)
    }

    /// Whether it is there and not yet completed at an instant.
    pub fn is_open(&self, at: DateTime<Utc>) -> bool {
        self.created_at <= at && self.completed_by(at).is_none()
    }

    /// Whether it breached its deadline; `None` while that is not known at `until`, or if it has no deadline.
    pub fn breached(&self, until: DateTime<Utc>) -> Option<bool> {
        let deadline = self.sla_deadline?;
        match self.completed_by(until) {
            Some(done) => Some(done > deadline),
            None => (deadline < until).then_some(true),
        }
    }
}
