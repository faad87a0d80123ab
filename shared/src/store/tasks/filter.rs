//! Which tasks are meant, as a WHERE clause.

use std::fmt::Write;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::list::{Page, SortKey};
use crate::domain::Cents;
use crate::faults::{self, Guard};

/// Which tasks a list shows. Values of one field are alternatives; fields are combined.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Filter {
    /// Colours.
    pub status: Vec<String>,
    /// Categories.
    pub category: Vec<String>,
    /// Owners.
    pub owner: Vec<String>,
    /// Priorities.
    pub priority: Vec<String>,
    /// States.
    pub state: Vec<String>,
    /// Mailboxes.
    pub mailbox: Vec<String>,
    /// SLA states.
    pub sla_state: Vec<String>,
    /// Labels; any of them.
    pub tag: Vec<String>,
    /// Text to be found in title, owner, description, labels or entities.
    pub q: Option<String>,
    /// Created at or after.
    pub created_from: Option<DateTime<Utc>>,
    /// Created before or at.
    pub created_to: Option<DateTime<Utc>>,
    /// Due at or after.
    pub due_from: Option<DateTime<Utc>>,
    /// Due before or at.
    pub due_to: Option<DateTime<Utc>>,
    /// Worth at least.
    pub min_value: Option<Cents>,
    /// Worth at most.
    pub max_value: Option<Cents>,
    /// Not completed, or completed.
    pub open: Option<bool>,
    /// Without owner, or with one.
    pub unassigned: Option<bool>,
    /// Addresses of owners.
    pub owner_email: Vec<String>,
    /// Without an owner's address, or with one.
    pub unaddressed: Option<bool>,
    /// People who watch; any of them.
    pub watcher: Vec<String>,
    /// With a deadline, or without.
    pub has_deadline: Option<bool>,
    /// Completed at or after.
    pub completed_from: Option<DateTime<Utc>>,
    /// Completed before or at.
    pub completed_to: Option<DateTime<Utc>>,
    /// Completed by the deadline, or after it.
    pub completed_in_time: Option<bool>,
    /// The mailboxes that whoever asks is limited to; `None` for all. Nothing they ask for, so that it is no part of a cursor
    /// or a job.
    #[serde(skip)]
    pub within: Option<Vec<String>>,
}

impl Filter {
    /// Whether it asks for status, category, priority and openness alone.
    pub(super) fn is_of_totals(&self) -> bool {
        let asked = Self {
            status: self.status.clone(),
            category: self.category.clone(),
            priority: self.priority.clone(),
            open: self.open,
            ..Self::default()
        };
        asked == *self
    }
}

/// A bound value of a composed statement.
#[derive(Clone, Debug)]
pub(super) enum Bind {
    Text(String),
    Number(i64),
    At(DateTime<Utc>),
}

/// Composes a WHERE clause from constant fragments; every value is bound.
#[derive(Clone)]
pub(super) struct Where {
    pub(super) sql: String,
    pub(super) binds: Vec<Bind>,
}

impl Where {
    pub(super) fn filter(filter: &Filter) -> Self {
        let mut all = Self { sql: "deleted_at IS NULL".to_owned(), binds: Vec::new() };
        all.any_of("task_status", &filter.status);
        all.any_of("workflow_category", &filter.category);
        all.any_of("current_owner", &filter.owner);
        all.any_of("priority", &filter.priority);
        all.any_of("workflow_state", &filter.state);
        all.any_of("mailbox_source", &filter.mailbox);
        match filter.within.as_deref() {
            None => {}
            Some([]) => all.and("1 = 0"),
            Some(mailboxes) => all.any_of("mailbox_source", mailboxes),
        }
        all.any_of("sla_state", &filter.sla_state);
        if !filter.tag.is_empty() {
            let places: Vec<_> = filter.tag.iter().map(|tag| all.bind(Bind::Text(tag.clone()))).collect();
            let elements = "EXISTS (SELECT 1 FROM jsonb_array_elements(tags) AS e WHERE (e.value #>> '{}') IN";
            let _ = write!(all.sql, " AND {elements} ({}))", places.join(", "));
        }
        if let Some(q) = &filter.q {
            let escaped = q.to_lowercase().replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
            let place = all.bind(Bind::Text(format!("%{escaped}%")));
            let _ = write!(all.sql, " AND search_text LIKE {place} ESCAPE '\\'");
        }
        all.compare("created_at >=", filter.created_from.map(Bind::At));
        all.compare("created_at <=", filter.created_to.map(Bind::At));
        all.compare("sla_deadline >=", filter.due_from.map(Bind::At));
        all.compare("sla_deadline <=", filter.due_to.map(Bind::At));
        all.compare("dollar_value >=", filter.min_value.map(|value| Bind::Number(value.0)));
        all.compare("dollar_value <=", filter.max_value.map(|value| Bind::Number(value.0)));
        all.compare("completion_date >=", filter.completed_from.map(Bind::At));
        all.compare("completion_date <=", filter.completed_to.map(Bind::At));
        all.any_of("owner_email", &filter.owner_email);
        if !filter.watcher.is_empty() {
            let places: Vec<_> = filter.watcher.iter().map(|name| all.bind(Bind::Text(name.clone()))).collect();
            let watched = "task_id IN (SELECT w.task_id FROM task_watchers AS w WHERE w.name IN";
            let _ = write!(all.sql, " AND {watched} ({}))", places.join(", "));
        }
        // Open ones by name: an index finds these.
        all.either(filter.open, "task_status IN ('RED', 'YELLOW', 'GREEN')", "task_status = 'COMPLETED'");
        all.either(filter.unassigned, "current_owner IS NULL", "current_owner IS NOT NULL");
        all.either(filter.unaddressed, "owner_email IS NULL", "owner_email IS NOT NULL");
        all.either(filter.has_deadline, "sla_deadline IS NOT NULL", "sla_deadline IS NULL");
        all.either(filter.completed_in_time, "completion_date <= sla_deadline", "completion_date > sla_deadline");
        all
    }

    pub(super) fn bind(&mut self, value: Bind) -> String {
        self.binds.push(value);
        format!("${}", self.binds.len())
    }

    /// With a further condition that binds nothing.
    pub(super) fn and(&mut self, condition: &'static str) {
        let _ = write!(self.sql, " AND {condition}");
    }

    fn either(&mut self, wanted: Option<bool>, yes: &'static str, no: &'static str) {
        if let Some(wanted) = wanted {
            self.and(if wanted { yes } else { no });
        }
    }

    fn any_of(&mut self, column: &'static str, values: &[String]) {
        if !values.is_empty() {
            let places: Vec<_> = values.iter().map(|value| self.bind(Bind::Text(value.clone()))).collect();
            let _ = write!(self.sql, " AND {column} IN ({})", places.join(", "));
        }
    }

    fn compare(&mut self, comparison: &'static str, value: Option<Bind>) {
        if let Some(value) = value {
            let place = self.bind(value);
            let _ = write!(self.sql, " AND {comparison} {place}");
        }
    }

    /// Everything after a row among those that have a value to be sorted by, or among those that have none; ties go by
    /// id. A single comparison of rows: it is a range of the index of that order.
    pub(super) fn after(&mut self, page: &Page, key: &SortKey, task_id: &str) {
        let column = page.sort.column();
        let beyond = if page.ascending { ">" } else { "<" };
        let bound = match key {
            SortKey::Null => {
                let id = self.bind(Bind::Text(task_id.to_owned()));
                let _ = write!(self.sql, " AND {column} IS NULL AND task_id {beyond} {id}");
                return;
            }
            SortKey::At(at) => self.bind(Bind::At(*at)),
            SortKey::Number(number) => self.bind(Bind::Number(*number)),
        };
        if faults::is_off(Guard::Ties) {
            let _ = write!(self.sql, " AND {column} {beyond} {bound}");
            return;
        }
        let id = self.bind(Bind::Text(task_id.to_owned()));
        let _ = write!(self.sql, " AND ({column}, task_id) {beyond} ({bound}, {id})");
    }
}
