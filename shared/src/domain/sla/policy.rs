//! Policies: which tasks one is for, how long work on them may take, and what happens as their deadline comes.

use std::sync::Arc;

use super::{DEFAULT_POLICY, default_hours};
use crate::domain::calendar::Calendar;
use crate::domain::money::Cents;
use crate::domain::task::Task;
use crate::domain::text_enum::text_enum;
use crate::domain::values::{Category, Priority};

/// How a kind of task is to be worked on.
#[derive(Clone, Debug, PartialEq)]
pub struct Policy {
    /// Its name, as in `sla_policy` of tasks.
    pub name: String,
    /// The tasks it is for.
    pub when: Conditions,
    /// Time until completion, in open hours of the calendar.
    pub resolution: Target,
    /// Time until somebody first answers, in open hours of the calendar.
    pub first_response: Option<Target>,
    /// When people are there; round the clock if absent.
    pub calendar: Option<Arc<Calendar>>,
    /// Its name in the book.
    pub calendar_name: Option<String>,
    /// When a warning is due; the usual moment if absent.
    pub warning: Option<Threshold>,
    /// When it turns critical; the usual moment if absent.
    pub critical: Option<Threshold>,
    /// Whether the clock stands still while the customer has to answer.
    pub pause_while_waiting: bool,
    /// Whether the clock stands still while the task is snoozed.
    pub pause_while_snoozed: bool,
    /// What happens before and after the deadline, in order of time.
    pub escalations: Vec<Step>,
}

impl Policy {
    /// The one that applies when no other matches and the book has no default of its own: by priority, round the clock.
    pub fn default_policy() -> Self {
        let hours = [Priority::Critical, Priority::High, Priority::Medium, Priority::Normal].map(default_hours);
        Self {
            name: DEFAULT_POLICY.to_owned(),
            when: Conditions::default(),
            resolution: Target::ByPriority(hours),
            first_response: None,
            calendar: None,
            calendar_name: None,
            warning: None,
            critical: None,
            pause_while_waiting: false,
            pause_while_snoozed: false,
            escalations: Vec::new(),
        }
    }
}

/// A number of hours.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Target {
    /// Whatever the priority.
    Hours(f64),
    /// In the order of [`Priority::ALL`].
    ByPriority([f64; 4]),
}

impl Target {
    /// Hours at a priority.
    pub fn hours(&self, priority: Priority) -> f64 {
        match self {
            Self::Hours(hours) => *hours,
            Self::ByPriority(hours) => hours[priority as usize],
        }
    }
}

/// How long before the deadline a level begins.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Threshold {
    /// Hours on the clock.
    Hours(f64),
    /// So many percent of the target are left, in open hours.
    Percent(f64),
}

text_enum! {
    /// What an escalation does.
    Action {
        /// Tells people.
        Notify = "notify",
        /// Gives the task to somebody else.
        Reassign = "reassign",
        /// Makes it one step more urgent; the deadline stays.
        RaisePriority = "raise_priority",
    }
}

/// Something that happens at a distance from the deadline.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// Hours on the clock from the deadline; negative before it.
    pub hours: f64,
    /// What.
    pub action: Action,
    /// Whom to tell, or who gets the task.
    pub to: Option<String>,
}

/// Which tasks a policy is for. Empty lists and absent bounds mean any.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Conditions {
    /// One of these categories.
    pub categories: Vec<Category>,
    /// One of these priorities.
    pub priorities: Vec<Priority>,
    /// One of these mailboxes, in any case of letters.
    pub mailboxes: Vec<String>,
    /// At least one of these customers, in any case of letters.
    pub customers: Vec<String>,
    /// Worth this or more.
    pub min_value: Option<Cents>,
    /// Worth this or less.
    pub max_value: Option<Cents>,
}

/// Whether a task meets one condition, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// Whether it does.
    pub holds: bool,
    /// Why.
    pub words: String,
}

impl Conditions {
    /// Whether a task meets all of them.
    pub fn matches(&self, task: &Task) -> bool {
        self.has_category(task)
            && self.has_priority(task)
            && self.has_mailbox(task)
            && self.has_customer(task)
            && self.is_worth_enough(task)
            && self.is_worth_little_enough(task)
    }

    /// Each condition that is set, and whether a task meets it.
    pub fn judge(&self, task: &Task) -> Vec<Judgement> {
        let one_of = |holds, what: &str, has: &str, list: Vec<&str>| {
            let is = if holds { "is" } else { "is not" };
            Judgement { holds, words: format!("{what} {has} {is} one of {}", list.join(", ")) }
        };
        let mut found = Vec::new();
        if !self.categories.is_empty() {
            let names = self.categories.iter().map(|category| category.as_str()).collect();
            found.push(one_of(self.has_category(task), "category", task.workflow_category.as_str(), names));
        }
        if !self.priorities.is_empty() {
            let names = self.priorities.iter().map(|priority| priority.as_str()).collect();
            found.push(one_of(self.has_priority(task), "priority", task.priority.as_str(), names));
        }
        if !self.mailboxes.is_empty() {
            let names = self.mailboxes.iter().map(String::as_str).collect();
            let has = task.mailbox_source.as_deref().unwrap_or("(none)");
            found.push(one_of(self.has_mailbox(task), "mailbox", has, names));
        }
        if !self.customers.is_empty() {
            let names = self.customers.iter().map(String::as_str).collect();
            let theirs = self.customer_of(task).map_or_else(|| task.entities.customers.join(", "), str::to_owned);
            let has = if theirs.is_empty() { "(none)" } else { &theirs };
            found.push(one_of(self.has_customer(task), "customer", has, names));
        }
        if let Some(least) = self.min_value {
            found.push(worth(task, self.is_worth_enough(task), "at least", least));
        }
        if let Some(most) = self.max_value {
            found.push(worth(task, self.is_worth_little_enough(task), "at most", most));
        }
        found
    }

    /// Whether every task that meets the other's conditions meets these.
    pub fn include(&self, other: &Self) -> bool {
        fn wider<T>(ours: &[T], theirs: &[T], same: impl Fn(&T, &T) -> bool) -> bool {
            let has = |their| ours.iter().any(|our| same(our, their));
            ours.is_empty() || (!theirs.is_empty() && theirs.iter().all(has))
        }
        wider(&self.categories, &other.categories, PartialEq::eq)
            && wider(&self.priorities, &other.priorities, PartialEq::eq)
            && wider(&self.mailboxes, &other.mailboxes, |a, b| is_same(a, b))
            && wider(&self.customers, &other.customers, |a, b| is_same(a, b))
            && self.min_value.is_none_or(|ours| other.min_value.is_some_and(|theirs| ours <= theirs))
            && self.max_value.is_none_or(|ours| other.max_value.is_some_and(|theirs| ours >= theirs))
    }

    fn has_category(&self, task: &Task) -> bool {
        self.categories.is_empty() || self.categories.contains(&task.workflow_category)
    }

    fn has_priority(&self, task: &Task) -> bool {
        self.priorities.is_empty() || self.priorities.contains(&task.priority)
    }

    fn has_mailbox(&self, task: &Task) -> bool {
        let is_theirs = |ours: &String| task.mailbox_source.as_deref().is_some_and(|theirs| is_same(ours, theirs));
        self.mailboxes.is_empty() || self.mailboxes.iter().any(is_theirs)
    }

    fn has_customer(&self, task: &Task) -> bool {
        self.customers.is_empty() || self.customer_of(task).is_some()
    }

    fn customer_of<'a>(&self, task: &'a Task) -> Option<&'a str> {
        let is_meant = |theirs: &&String| self.customers.iter().any(|ours| is_same(ours, theirs));
        task.entities.customers.iter().find(is_meant).map(String::as_str)
    }

    fn is_worth_enough(&self, task: &Task) -> bool {
        self.min_value.is_none_or(|least| task.dollar_value >= least)
    }

    fn is_worth_little_enough(&self, task: &Task) -> bool {
        self.max_value.is_none_or(|most| task.dollar_value <= most)
    }
}

fn worth(task: &Task, holds: bool, bound: &str, limit: Cents) -> Judgement {
    let is = if holds { "is" } else { "is not" };
    Judgement { holds, words: format!("value {} {is} {bound} {}", task.dollar_value.dollars(), limit.dollars()) }
}

/// Names are the same in any case of letters, and however they are padded.
fn is_same(a: &str, b: &str) -> bool {
    let (a, b) = (a.trim(), b.trim());
    a.eq_ignore_ascii_case(b) || (!(a.is_ascii() && b.is_ascii()) && a.to_lowercase() == b.to_lowercase())
}
