//! Deadlines, levels and colours: one pure function of a task, its policy and an instant, used by create, update and the
//! sweep alike.
//!
//! [`arrange`] computes every instant that counts from the rules, the task's anchor and its pauses, and keeps them on the
//! task. [`settle`] compares them with the present. It needs no rules, so that what was planned holds until something it
//! depends on changes, whatever becomes of the policies meanwhile.

pub mod book;
pub mod escalation;
pub mod explanation;
pub mod pause;
mod plan;
pub mod policy;
pub mod recompute;
pub mod replay;
pub mod rules;

use chrono::{DateTime, TimeDelta, Utc};

use super::task::Task;
use super::values::{Priority, SlaState, Status};

pub use plan::{arrange, governing, plan, wake};

/// How close a deadline is. Announced levels are stored as these numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// More time left than any threshold, or no deadline.
    Ok = 0,
    /// Within the warning threshold.
    Warning = 1,
    /// Within the critical threshold.
    Critical = 2,
    /// Past the deadline.
    Violated = 3,
}

/// Name of the policy that applies when no other matches.
pub const DEFAULT_POLICY: &str = "default";
/// `sla_policy` of a deadline computed from hours given with the task.
pub const GIVEN_HOURS: &str = "sla_hours";

/// Hours of the default policy, round the clock.
pub fn default_hours(priority: Priority) -> f64 {
    match priority {
        Priority::Critical => 4.0,
        Priority::High => 24.0,
        Priority::Medium => 72.0,
        Priority::Normal => 168.0,
    }
}

/// A number of hours as a duration, to the millisecond.
pub fn hours(hours: f64) -> TimeDelta {
    TimeDelta::milliseconds((hours * 3_600_000.0).round() as i64)
}

/// Hours before the deadline at which the warning and the critical level usually begin, for a target of so many hours.
pub fn usual_thresholds(target_hours: f64) -> (f64, f64) {
    ((target_hours * 0.25).min(24.0), (target_hours * 0.10).min(4.0))
}

/// When the warning and the critical level begin if no policy says otherwise: 24 h and 4 h before the deadline; for a
/// deadline computed from a target of `target_hours`, no more than 25 % and 10 % of it.
pub fn thresholds(deadline: DateTime<Utc>, target_hours: Option<f64>) -> (DateTime<Utc>, DateTime<Utc>) {
    let (warning, critical) = target_hours.map_or((24.0, 4.0), usual_thresholds);
    (deadline - hours(warning), deadline - hours(critical))
}

/// When the levels of a deadline begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Levels {
    /// Warning.
    pub warning_at: DateTime<Utc>,
    /// Critical; not before the warning.
    pub critical_at: DateTime<Utc>,
    /// Violated is what is after it.
    pub deadline: DateTime<Utc>,
}

impl Levels {
    /// Those of a task as it was planned.
    pub fn of(task: &Task) -> Option<Self> {
        let (warning_at, critical_at) = (task.sla_warning_at?, task.sla_critical_at?);
        Some(Self { warning_at, critical_at, deadline: task.sla_deadline? })
    }

    /// The level at `now`: exactly at a threshold it has begun, exactly at the deadline it is not yet violated.
    pub fn at(&self, now: DateTime<Utc>) -> Level {
        if now > self.deadline {
            Level::Violated
        } else if now >= self.critical_at {
            Level::Critical
        } else if now >= self.warning_at {
            Level::Warning
        } else {
            Level::Ok
        }
    }

    /// When the level after this one begins.
    pub fn after(&self, reached: Level) -> Option<DateTime<Utc>> {
        match reached {
            Level::Ok => Some(self.warning_at),
            Level::Warning => Some(self.critical_at),
            // The first instant that is after the deadline, in the resolution of both databases.
            Level::Critical => Some(self.deadline + TimeDelta::microseconds(1)),
            Level::Violated => None,
        }
    }
}

/// The state of an open task at a level.
pub fn state_at(level: Level) -> SlaState {
    match level {
        Level::Ok => SlaState::Ok,
        Level::Warning => SlaState::Warning,
        Level::Critical => SlaState::Critical,
        Level::Violated => SlaState::Violated,
    }
}

/// The colour a level asks for.
pub fn colour(level: Level) -> Status {
    match level {
        Level::Ok => Status::Green,
        Level::Warning => Status::Yellow,
        Level::Critical | Level::Violated => Status::Red,
    }
}

/// The level a task stood at when it was last settled.
pub fn settled_level(task: &Task) -> Level {
    match task.sla_state {
        SlaState::Warning => Level::Warning,
        SlaState::Critical => Level::Critical,
        SlaState::Violated => Level::Violated,
        _ => Level::Ok,
    }
}

/// The worse of what was said and what the SLA says; COMPLETED is final.
pub fn worse(said: Status, level: Level) -> Status {
    if said == Status::Completed { said } else { said.max(colour(level)) }
}

/// What reaching a level announces.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Announce {
    /// The level to announce as a warning or a violation.
    pub level: Option<Level>,
    /// Whether a high-value alert goes with it.
    pub alert: bool,
}

/// Value from which a critical or violated task is alerted: 50,000.00 dollars.
pub const ALERT_FROM_CENTS: i64 = 5_000_000;

/// Brings everything that follows from the planned instants up to date: state, colour, next instant, what to announce.
///
/// Each level is announced once per deadline and only the worst of those reached at once; an alert likewise. While the
/// clock stands still nothing is reached, and only the end of a snooze is waited for.
pub fn settle(task: &mut Task, now: DateTime<Utc>) -> Announce {
    complete(task);
    let paused = pause::is_paused(task);
    let levels = Levels::of(task).filter(|_| !paused);
    let reached = levels.map_or(Level::Ok, |levels| levels.at(now));
    task.task_status = worse(task.manual_status, reached);
    task.sla_state = state(task, paused, reached);
    task.sla_step_at = task.sla_steps.iter().filter(|step| step.done_at.is_none()).map(|step| step.at).min();
    task.sla_next_at = next(task, levels, reached);
    if task.is_open() { announce(task, reached, now) } else { Announce::default() }
}

/// Thresholds of a row from before they were kept.
fn complete(task: &mut Task) {
    let missing = task.sla_warning_at.is_none() || task.sla_critical_at.is_none();
    if let Some(deadline) = task.sla_deadline.filter(|_| missing) {
        let (warning, critical) = thresholds(deadline, task.sla_hours);
        (task.sla_warning_at, task.sla_critical_at) = (Some(warning), Some(critical));
    }
}

fn state(task: &Task, paused: bool, reached: Level) -> SlaState {
    match (task.sla_deadline, task.completion_date) {
        (None, _) => SlaState::None,
        (Some(deadline), Some(done)) if done <= deadline => SlaState::Met,
        (Some(_), Some(_)) => SlaState::Missed,
        (Some(_), None) if paused => SlaState::Paused,
        (Some(_), None) => state_at(reached),
    }
}

/// The next instant at which the passing of time changes something.
fn next(task: &Task, levels: Option<Levels>, reached: Level) -> Option<DateTime<Utc>> {
    if !task.is_open() {
        return None;
    }
    let Some(levels) = levels else { return task.snoozed_until };
    [levels.after(reached), task.sla_step_at, task.snoozed_until].into_iter().flatten().min()
}

fn announce(task: &mut Task, reached: Level, now: DateTime<Utc>) -> Announce {
    let mut announce = Announce::default();
    if reached > Level::Ok && reached as i16 > task.sla_announced {
        announce.level = Some(reached);
        task.sla_announced = reached as i16;
        task.sla_warned_at = task.sla_warned_at.or((reached < Level::Violated).then_some(now));
    }
    if reached == Level::Violated {
        task.sla_violated_at = task.sla_violated_at.or(Some(now));
    }
    if reached >= Level::Critical && task.dollar_value.0 >= ALERT_FROM_CENTS && reached as i16 > task.sla_alerted {
        announce.alert = true;
        task.sla_alerted = reached as i16;
    }
    announce
}

/// Forgets what was announced: the deadline is another one now.
pub fn restart(task: &mut Task) {
    task.sla_announced = 0;
    task.sla_alerted = 0;
    task.sla_warned_at = None;
    task.sla_violated_at = None;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hours: i64, micros: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000, 0).unwrap() + TimeDelta::hours(hours) + TimeDelta::microseconds(micros)
    }

    #[test]
    fn levels_begin_exactly_at_their_thresholds() {
        let (warning_at, critical_at) = thresholds(at(0, 0), None);
        let levels = Levels { warning_at, critical_at, deadline: at(0, 0) };
        for (now, expected) in [
            (at(-24, -1), Level::Ok),
            (at(-24, 0), Level::Warning),
            (at(-4, -1), Level::Warning),
            (at(-4, 0), Level::Critical),
            (at(0, 0), Level::Critical),
            (at(0, 1), Level::Violated),
        ] {
            assert_eq!(levels.at(now), expected, "{now}");
        }
    }

    #[test]
    fn a_target_bounds_the_thresholds_by_a_quarter_and_a_tenth() {
        let (warning, critical) = thresholds(at(0, 0), Some(4.0));
        assert_eq!((warning, critical), (at(-1, 0), at(0, 0) - TimeDelta::minutes(24)));
        assert_eq!(thresholds(at(0, 0), Some(168.0)), (at(-24, 0), at(-4, 0)));
    }
}
