//! How good forecasts are: on the last part of the history, by a model that was fitted without it.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use poem_openapi::Object;
use serde::{Deserialize, Serialize};

use super::case::Case;
use super::model::{Kind, Model, base_rate};
use super::workload::Workload;
use crate::domain::Priority;

/// A forecast that was put to the test: what was said of an open task at an instant, and what came of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Trial {
    /// What the model said.
    pub forecast: f64,
    /// What was always said of such tasks before, in the four ways of a base rate.
    pub base: [f64; 4],
    /// What came.
    pub breached: bool,
}

/// The base rates that forecasts must beat: the share of breaches in the part of the history that the model was fitted to.
/// Open tasks are, at any instant, more often those that take long; so the share is also taken of the open tasks of each
/// day, which is the harder rate to beat.
pub const BASES: [&str; 4] =
    ["all tasks", "tasks of the priority", "open tasks of each day", "open tasks of each day and of the priority"];

/// Forecasts that lie close together, and what came of them.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, Object)]
#[oai(rename = "ForecastBin")]
pub struct Bin {
    /// Forecasts from here on.
    pub from: f64,
    /// To here; the last bin includes it.
    pub to: f64,
    /// Forecasts.
    pub forecasts: u32,
    /// Their mean; null if there are none.
    pub mean_forecast: Option<f64>,
    /// Share that breached; null if there are none.
    pub breached_share: Option<f64>,
}

/// How good the forecasts of a model were that was fitted to the first part of a window, in the rest of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Object)]
#[oai(rename = "ForecastCalibration")]
pub struct Calibration {
    /// End of the part that the measured model was fitted to: forecasts are of the days after it.
    pub held_out_from: DateTime<Utc>,
    /// Forecasts that were put to the test: one for each open task and day of which the outcome is known.
    pub forecasts: u32,
    /// Share that breached.
    pub breached_share: f64,
    /// Mean squared difference of forecast and outcome (Brier, 1950): 0 is perfect.
    pub brier: f64,
    /// The same for always saying the base rate: the best of the four.
    pub base_brier: f64,
    /// Which base rate that is the share of.
    pub base: String,
    /// Part of the base rate's Brier score that the forecasts take away; below 0 they are worse than it.
    pub skill: f64,
    /// Ten bins of a tenth each.
    pub bins: Vec<Bin>,
}

impl Calibration {
    /// The figures of these trials; `None` if there are none.
    pub fn of(trials: &[Trial], held_out_from: DateTime<Utc>) -> Option<Self> {
        if trials.is_empty() {
            return None;
        }
        let brier =
            |say: &dyn Fn(&Trial) -> f64| mean(trials.iter().map(|trial| (say(trial) - outcome(trial)).powi(2)));
        let own = brier(&|trial| trial.forecast);
        let bases: Vec<f64> = (0..BASES.len()).map(|base| brier(&|trial| trial.base[base])).collect();
        let best = (0..BASES.len()).min_by(|a, b| bases[*a].total_cmp(&bases[*b])).expect("there are four");
        Some(Self {
            held_out_from,
            forecasts: trials.len() as u32,
            breached_share: rounded(mean(trials.iter().map(outcome))),
            brier: rounded(own),
            base_brier: rounded(bases[best]),
            base: BASES[best].to_owned(),
            skill: rounded(if bases[best] > 0.0 { 1.0 - own / bases[best] } else { 0.0 }),
            bins: (0..10).map(|tenth| bin(trials, tenth)).collect(),
        })
    }

    /// The last fifth of a history, as it was forecast day by day by a model fitted to what was known before.
    pub fn held_out(cases: &[Case], from: DateTime<Utc>, until: DateTime<Utc>) -> Option<Self> {
        let cutoff = from + (until - from) * 4 / 5;
        Self::of(&hold_out(cases, from, cutoff, until, TimeDelta::days(1)), cutoff)
    }
}

/// Forecasts of the open tasks at each `step` from `cutoff` to `until`, by a model fitted to what was known at `cutoff`.
///
/// A task counts while its deadline is ahead, if the deadline passes before `until`: its outcome is known then,
/// whichever it is. Nothing for a history too short for a model.
pub fn hold_out(
    cases: &[Case],
    from: DateTime<Utc>,
    cutoff: DateTime<Utc>,
    until: DateTime<Utc>,
    step: TimeDelta,
) -> Vec<Trial> {
    let Some(model) = Model::fit(cases, from, cutoff) else { return Vec::new() };
    let workload = Workload::of(cases);
    let bases = Bases::of(cases, from, cutoff);
    let trial = |(case, at, breached): (&Case, DateTime<Utc>, bool)| {
        let load = model.load_limits.load(workload.at(case.current_owner.as_deref(), at));
        let kind = Kind::of(case.workflow_category, case.priority, load);
        let due = case.sla_deadline.map_or(0.0, |deadline| case.age(deadline));
        let forecast = model.estimate(kind, case.age(at), due).probability;
        Trial { forecast, base: bases.say(case.priority), breached }
    };
    looks(cases, cutoff, until, step).map(trial).collect()
}

/// Each task at each step at which it is open and not yet due, with its outcome, for deadlines that pass before `until`.
fn looks(
    cases: &[Case],
    from: DateTime<Utc>,
    until: DateTime<Utc>,
    step: TimeDelta,
) -> impl Iterator<Item = (&Case, DateTime<Utc>, bool)> {
    cases.iter().flat_map(move |case| {
        let deadline = case.sla_deadline.filter(|deadline| *deadline < until);
        let end =
            deadline.map_or(from, |deadline| case.completed_by(until).map_or(deadline, |done| done.min(deadline)));
        let missed = (case.created_at - from).as_seconds_f64() / step.as_seconds_f64();
        let first = from + step * missed.ceil().max(0.0) as i32;
        let breached = case.breached(until).unwrap_or(false);
        std::iter::successors(Some(first), move |at| Some(*at + step))
            .take_while(move |at| *at < end)
            .map(move |at| (case, at, breached))
    })
}

/// Shares of breaches before the held-out part.
struct Bases {
    all: [f64; 2],
    of_priority: HashMap<Priority, [f64; 2]>,
}

impl Bases {
    fn of(cases: &[Case], from: DateTime<Utc>, cutoff: DateTime<Utc>) -> Self {
        let tasks = |priority: Option<Priority>| {
            let meant = cases.iter().filter(move |case| priority.is_none_or(|wanted| case.priority == wanted));
            base_rate(meant.filter(|case| case.created_at <= cutoff).filter_map(|case| case.breached(cutoff)))
        };
        let days = |priority: Option<Priority>| {
            let meant = looks(cases, from, cutoff, TimeDelta::days(1));
            base_rate(
                meant
                    .filter(|(case, ..)| priority.is_none_or(|wanted| case.priority == wanted))
                    .map(|(.., breach)| breach),
            )
        };
        let of_priority =
            Priority::ALL.iter().map(|priority| (*priority, [tasks(Some(*priority)), days(Some(*priority))]));
        Self { all: [tasks(None), days(None)], of_priority: of_priority.collect() }
    }

    /// In the order of [`BASES`].
    fn say(&self, priority: Priority) -> [f64; 4] {
        let own = self.of_priority[&priority];
        [self.all[0], own[0], self.all[1], own[1]]
    }
}

fn outcome(trial: &Trial) -> f64 {
    f64::from(u8::from(trial.breached))
}

fn bin(trials: &[Trial], tenth: u32) -> Bin {
    let within = || trials.iter().filter(|trial| ((trial.forecast * 10.0) as u32).min(9) == tenth);
    let forecasts = within().count() as u32;
    let of = |mean: f64| (forecasts > 0).then(|| rounded(mean));
    Bin {
        from: f64::from(tenth) / 10.0,
        to: f64::from(tenth + 1) / 10.0,
        forecasts,
        mean_forecast: of(mean(within().map(|trial| trial.forecast))),
        breached_share: of(mean(within().map(outcome))),
    }
}

fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (sum, count) = values.fold((0.0, 0.0), |(sum, count), value| (sum + value, count + 1.0));
    if count > 0.0 { sum / count } else { 0.0 }
}

/// To six decimals.
fn rounded(value: f64) -> f64 {
    (value * 1e6).round() / 1e6
}
