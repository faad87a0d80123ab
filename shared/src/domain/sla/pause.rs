//! Time in which the clock of the SLA stands still.
//!
//! Pauses are facts: they are noted while the policy says so, and stay when priority or policy change, so that a deadline
//! that is computed anew still counts them. One that begins at the deadline or later moves nothing, since no time was left.

use chrono::{DateTime, Utc};
use poem_openapi::Object;
use serde::{Deserialize, Serialize};

use super::policy::Policy;
use crate::domain::calendar::Stretch;
use crate::domain::task::Task;
use crate::domain::values::WaitingOn;

/// A stretch of time that does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Object)]
#[oai(rename = "TaskPause")]
pub struct Pause {
    /// When it began.
    pub from: DateTime<Utc>,
    /// When it ended; null while it lasts.
    pub to: Option<DateTime<Utc>>,
}

/// Whether the clock stands still: it does not for a task that is done, or was past its deadline already.
pub fn is_paused(task: &Task) -> bool {
    let lasts = task.sla_pauses.last().filter(|pause| pause.to.is_none());
    task.is_open() && lasts.is_some_and(|pause| task.sla_deadline.is_some_and(|deadline| pause.from < deadline))
}

/// Pauses that are over, in order.
pub(super) fn over(task: &Task) -> Vec<Stretch> {
    task.sla_pauses.iter().filter_map(|pause| Some((pause.from, pause.to?))).collect()
}

/// Begins or ends a pause at this instant, as the policy says; without one nothing pauses.
pub(super) fn note(task: &mut Task, policy: Option<&Policy>, at: DateTime<Utc>) {
    let rests = task.is_open() && policy.is_some_and(|policy| is_asked_for(policy, task));
    match task.sla_pauses.last_mut() {
        Some(last) if last.to.is_none() => {
            if rests {
                return;
            }
            // Clocks of two machines differ.
            let end = at.max(last.from);
            if end == last.from {
                task.sla_pauses.pop();
            } else {
                last.to = Some(end);
            }
        }
        last => {
            let from = last.and_then(|last| last.to).map_or(at, |ended| ended.max(at));
            if rests {
                task.sla_pauses.push(Pause { from, to: None });
            }
        }
    }
}

/// Whether a policy lets the clock of an open task stand still as the task is now.
pub(super) fn is_asked_for(policy: &Policy, task: &Task) -> bool {
    (policy.pause_while_waiting && task.waiting_on == Some(WaitingOn::Customer))
        || (policy.pause_while_snoozed && task.snoozed_until.is_some())
}
