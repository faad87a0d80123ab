//! From the rules to instants: when a task is due, when its levels begin, when its policy wants something done.

use std::borrow::Cow;

use chrono::{DateTime, Datelike, TimeDelta, Utc};

use super::escalation::Escalation;
use super::policy::{Policy, Threshold};
use super::rules::Rules;
use super::{GIVEN_HOURS, hours, pause, thresholds};
use crate::domain::calendar::{self, Stretch};
use crate::domain::task::Task;

/// The policy a task is under; none if its deadline or its hours were given.
pub fn governing<'a>(task: &Task, rules: &'a Rules) -> Option<&'a Policy> {
    match task.sla_policy.as_deref() {
        None | Some(GIVEN_HOURS) => None,
        Some(_) => Some(rules.matching(&as_planned(task))),
    }
}

/// Ends a snooze whose time has come, at that very instant, however late it is found.
pub fn wake(task: &mut Task, rules: &Rules, now: DateTime<Utc>) {
    if let Some(until) = task.snoozed_until.filter(|until| *until <= now) {
        task.snoozed_until = None;
        arrange(task, rules, until);
    }
}

/// Begins or ends a pause, and plans.
pub fn arrange(task: &mut Task, rules: &Rules, now: DateTime<Utc>) {
    pause::note(task, governing(task, rules), now);
    plan(task, rules);
}

/// Computes the deadline and all that goes with it: from the policy that matches, or from the hours or the instant given.
///
/// Work begins when the mail was received, or else when the task was created. Hours and instants that were given are under
/// no policy: they run round the clock, never pause, and have no escalations. A deadline after the year 9999 is none.
pub fn plan(task: &mut Task, rules: &Rules) {
    let before = task.sla_deadline;
    match governing(task, rules) {
        Some(policy) => by_policy(task, policy, rules.revision),
        None => as_given(task),
    }
    // Another deadline has its own escalations; of the same one, what is done is done.
    if task.sla_deadline != before {
        for step in &mut task.sla_steps {
            step.done_at = None;
        }
    }
}

fn by_policy(task: &mut Task, policy: &Policy, revision: i64) {
    let priority = task.sla_priority.unwrap_or(task.priority);
    let clock = Clock::of(task, policy);
    let target = policy.resolution.hours(priority);
    task.sla_policy = Some(policy.name.clone());
    task.sla_revision = Some(revision);
    task.sla_hours = Some(target);
    task.sla_deadline = clock.after(target);
    task.first_response_due = policy.first_response.and_then(|first| clock.after(first.hours(priority)));
    (task.sla_warning_at, task.sla_critical_at) = (None, None);
    if let Some(deadline) = task.sla_deadline {
        let usual = thresholds(deadline, Some(target));
        let begins = |threshold: Option<Threshold>, usual| match threshold {
            None => usual,
            Some(Threshold::Hours(before)) => deadline - hours(before),
            Some(Threshold::Percent(left)) => clock.after(target * (1.0 - left / 100.0)).unwrap_or(deadline),
        };
        let critical = begins(policy.critical, usual.1).min(deadline);
        task.sla_warning_at = Some(begins(policy.warning, usual.0).min(critical));
        task.sla_critical_at = Some(critical);
    }
    task.sla_steps = steps(task, policy);
}

fn as_given(task: &mut Task) {
    if let Some(given) = task.sla_hours {
        task.sla_deadline = calendar::after(anchor(task), hours(given), &[]);
    }
    let levels = task.sla_deadline.map(|deadline| thresholds(deadline, task.sla_hours));
    (task.sla_warning_at, task.sla_critical_at) = levels.unzip();
    (task.sla_revision, task.first_response_due) = (None, None);
    task.sla_steps.clear();
}

/// The steps of the policy around the deadline; those that are done stay so.
fn steps(task: &Task, policy: &Policy) -> Vec<Escalation> {
    let Some(deadline) = task.sla_deadline else { return Vec::new() };
    let mut known: Vec<&Escalation> = task.sla_steps.iter().collect();
    let planned = policy.escalations.iter().filter_map(|step| {
        let at = deadline.checked_add_signed(hours(step.hours)).filter(|at| at.year() <= 9999)?;
        let same = known.iter().position(|old| (old.hours, old.action, &old.to) == (step.hours, step.action, &step.to));
        let done_at = same.and_then(|place| known.remove(place).done_at);
        Some(Escalation { at, hours: step.hours, action: step.action, to: step.to.clone(), done_at })
    });
    planned.collect()
}

/// When work on a task begins.
fn anchor(task: &Task) -> DateTime<Utc> {
    task.received_at.unwrap_or(task.created_at)
}

/// The task with the priority it is planned by, whatever escalations made of it.
fn as_planned(task: &Task) -> Cow<'_, Task> {
    match task.sla_priority {
        None => Cow::Borrowed(task),
        Some(priority) => Cow::Owned(Task { priority, ..task.clone() }),
    }
}

/// The working time of a task under a policy.
struct Clock<'a> {
    policy: &'a Policy,
    start: DateTime<Utc>,
    pauses: Vec<Stretch>,
}

impl<'a> Clock<'a> {
    fn of(task: &Task, policy: &'a Policy) -> Self {
        Self { policy, start: anchor(task), pauses: pause::over(task) }
    }

    /// When so many hours have been worked.
    fn after(&self, work: f64) -> Option<DateTime<Utc>> {
        let work: TimeDelta = hours(work);
        match &self.policy.calendar {
            Some(calendar) => calendar.after(self.start, work, &self.pauses),
            None => calendar::after(self.start, work, &self.pauses),
        }
    }
}
