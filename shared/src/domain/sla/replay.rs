//! What other rules would have made of a task: its history lived again under them.
//!
//! A breach is what the product calls one: the task was completed after the deadline it had then, or is open past the one
//! it has and not paused. Under other rules the deadline is computed from what the task is now, which is what its real one
//! is computed from too, and from the pauses those rules would have made; those follow from what the history says it was at
//! each instant. Work was done when it was done: nobody hurries more under a shorter deadline. A deadline or hours that
//! were given are under no policy and stay. The names of customers have no history: they count as they are now.

use chrono::{DateTime, Utc};

use super::pause::{self, Pause};
use super::rules::Rules;
use super::{GIVEN_HOURS, plan};
use crate::domain::change::SLA_MONITOR;
use crate::domain::history::HistoryEntry;
use crate::domain::money::Cents;
use crate::domain::task::Task;
use crate::domain::values::{Category, Priority, Status, WaitingOn};

/// What rules made of a task.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// The policy it is under; `sla_hours` if hours were given, `None` if an instant was.
    pub policy: Option<String>,
    /// When it is due.
    pub deadline: Option<DateTime<Utc>>,
    /// Whether it breached that, as far as is known now.
    pub breached: bool,
}

impl Outcome {
    /// That of a task as it stands at `now`.
    pub fn of(task: &Task, now: DateTime<Utc>) -> Self {
        let late = |deadline: DateTime<Utc>| match task.completion_date {
            Some(done) => done > deadline,
            None => now > deadline && !pause::is_paused(task),
        };
        let breached = task.sla_deadline.is_some_and(late);
        Self { policy: task.sla_policy.clone(), deadline: task.sla_deadline, breached }
    }
}

/// Whether any policy of these rules ever stops the clock: otherwise a replay needs no history.
pub fn pauses(rules: &Rules) -> bool {
    rules.policies().iter().any(|policy| policy.pause_while_waiting || policy.pause_while_snoozed)
}

/// What `other` rules would have made of a task that lived under `current` ones, from its history, the oldest row first.
/// Without pauses in either the history is not looked at.
pub fn replay(task: &Task, history: &[HistoryEntry], current: &Rules, other: &Rules, now: DateTime<Utc>) -> Outcome {
    let mut task = task.clone();
    if task.sla_policy.as_deref().is_some_and(|policy| policy != GIVEN_HOURS) {
        if pauses(current) || pauses(other) {
            task.sla_pauses = other_pauses(&task, history, current, other, now);
        }
        plan(&mut task, other);
    }
    Outcome::of(&task, now)
}

/// The pauses that `other` rules would have made. Where they stop the clock when the current ones do, these are those that
/// were noted.
fn other_pauses(
    task: &Task,
    history: &[HistoryEntry],
    current: &Rules,
    other: &Rules,
    now: DateTime<Utc>,
) -> Vec<Pause> {
    let moments = moments(task, history, now);
    let asks = |rules: &Rules, then: &Task| then.is_open() && pause::is_asked_for(rules.matching(then), then);
    if moments.iter().all(|(_, then)| asks(current, then) == asks(other, then)) {
        return task.sla_pauses.clone();
    }
    let noted =
        |at: DateTime<Utc>| task.sla_pauses.iter().any(|pause| pause.from <= at && pause.to.is_none_or(|to| at < to));
    let mut lived = Task { sla_pauses: Vec::new(), ..task.clone() };
    for (at, then) in moments {
        // Where the current rules would have stopped the clock and did not, its deadline was given then.
        let was_given = asks(current, &then) && !noted(at);
        lived = Task { sla_pauses: lived.sla_pauses, ..then };
        let policy = (!was_given).then(|| other.matching(&lived));
        pause::note(&mut lived, policy, at);
    }
    lived.sla_pauses
}

/// The task as it was from each instant on at which anything changed that its clock depends on.
fn moments(task: &Task, history: &[HistoryEntry], now: DateTime<Utc>) -> Vec<(DateTime<Utc>, Task)> {
    let mut then = beginning(task, history);
    let mut moments = vec![(task.created_at, then.clone())];
    for rows in history.chunk_by(|a, b| a.version == b.version) {
        let at = rows[0].changed_at;
        wake(&mut then, at, &mut moments);
        // An escalation raises the priority, and leaves the deadline as it was planned.
        for row in rows.iter().filter(|row| row.field != "priority" || row.changed_by != SLA_MONITOR) {
            set(&mut then, &row.field, row.new_value.as_deref());
        }
        moments.push((at, then.clone()));
    }
    wake(&mut then, now, &mut moments);
    moments
}

/// A snooze ends at its instant, whenever that was found.
fn wake(then: &mut Task, by: DateTime<Utc>, moments: &mut Vec<(DateTime<Utc>, Task)>) {
    if let Some(until) = then.snoozed_until.filter(|until| *until <= by) {
        then.snoozed_until = None;
        moments.push((until, then.clone()));
    }
}

/// The task as it was created: the first change of a field tells what it was before; a field without one is as it was.
fn beginning(task: &Task, history: &[HistoryEntry]) -> Task {
    let mut first = task.clone();
    // What an escalation has raised counts as it was.
    first.priority = task.sla_priority.unwrap_or(task.priority);
    first.sla_priority = None;
    first.completion_date = None;
    for row in history.iter().rev() {
        set(&mut first, &row.field, row.old_value.as_deref());
    }
    first
}

/// Puts a value of the history into its field; what cannot be read leaves it as it is.
fn set(task: &mut Task, field: &str, value: Option<&str>) {
    match (field, value) {
        ("task_status", Some(status)) => {
            // Only whether it was completed counts here, not its colour.
            let done = status == Status::Completed.as_str();
            task.manual_status = if done { Status::Completed } else { Status::Green };
        }
        ("priority", Some(priority)) => task.priority = Priority::parse(priority).unwrap_or(task.priority),
        ("workflow_category", Some(category)) => {
            task.workflow_category = Category::parse(category).unwrap_or(task.workflow_category);
        }
        ("dollar_value", Some(dollars)) => {
            let cents = dollars.replace('.', "").parse().map(Cents);
            task.dollar_value = cents.unwrap_or(task.dollar_value);
        }
        ("waiting_on", whom) => task.waiting_on = whom.and_then(WaitingOn::parse),
        ("snoozed_until", until) => {
            let read = |text: &str| DateTime::parse_from_rfc3339(text).ok().map(|at| at.to_utc());
            task.snoozed_until = until.and_then(read);
        }
        _ => {}
    }
}
