//! A fitted model: a curve for each kind of task that was seen often enough, and how they stand in for each other.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::case::Case;
use super::curve::{Curve, Spell};
use super::workload::{Load, LoadLimits, Workload};
use crate::domain::text_enum::text_enum;
use crate::domain::{Category, Priority};

/// Completed tasks that a history must have for a model.
pub const NEEDED: u32 = 100;
/// Completed tasks that a kind must have for a curve of its own.
pub const ENOUGH: u32 = 20;
/// Tasks that the estimate of the next wider kind counts as: a kind with as many of its own at risk is believed half.
pub const WEIGHT: f64 = 10.0;

text_enum! {
    /// How narrow the kind is that a forecast rests on.
    Level {
        /// No curve reaches so far: the share of all tasks that breached.
        Base = "base",
        /// All tasks.
        All = "all",
        /// Tasks of this priority.
        Priority = "priority",
        /// Tasks of this category and priority.
        CategoryPriority = "category_priority",
        /// Tasks of this category and priority whose owner is as busy.
        CategoryPriorityLoad = "category_priority_load",
    }
}

/// A kind of task; what is absent may be anything.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Kind {
    /// What it is about.
    pub category: Option<Category>,
    /// How soon.
    pub priority: Option<Priority>,
    /// How busy its owner is.
    pub load: Option<Load>,
}

impl Kind {
    /// The narrowest kind of a task.
    pub fn of(category: Category, priority: Priority, load: Load) -> Self {
        Self { category: Some(category), priority: Some(priority), load: Some(load) }
    }

    /// The kinds that hold this one, the widest first, with it as the last.
    pub fn widest_first(self) -> [(Level, Self); 4] {
        [
            (Level::All, Self::default()),
            (Level::Priority, Self { category: None, load: None, ..self }),
            (Level::CategoryPriority, Self { load: None, ..self }),
            (Level::CategoryPriorityLoad, self),
        ]
    }

    fn level(self) -> Level {
        match self {
            Self { load: Some(_), .. } => Level::CategoryPriorityLoad,
            Self { category: Some(_), .. } => Level::CategoryPriority,
            Self { priority: Some(_), .. } => Level::Priority,
            Self { .. } => Level::All,
        }
    }
}

/// The curve of a kind.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct KindCurve {
    /// The kind.
    #[serde(flatten)]
    pub kind: Kind,
    /// Its curve.
    #[serde(flatten)]
    pub curve: Curve,
}

/// A probability, and the narrowest kind that had a part in it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// That a task still open at its age is so at its deadline, between 0 and 1.
    pub probability: f64,
    /// How narrow the kind was.
    pub level: Level,
    /// Tasks of that kind that were seen beyond the age.
    pub at_risk: u32,
}

/// What a history says about how long tasks take.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Model {
    /// Tasks inserted from this instant on.
    pub window_from: DateTime<Utc>,
    /// What was known at this instant.
    pub fitted_at: DateTime<Utc>,
    /// Tasks of the window.
    pub tasks: u32,
    /// Completed ones.
    pub completed: u32,
    /// Share of tasks that breached, of those of which it is known.
    pub base_rate: f64,
    /// What loads count as light and as normal.
    pub load_limits: LoadLimits,
    /// In the order of their kinds.
    curves: Vec<KindCurve>,
}

impl Model {
    /// How far back the history goes that a model is fitted to.
    pub const WINDOW: TimeDelta = TimeDelta::days(180);

    /// What these tasks, those inserted from `from` on, say as far as is known at `until`; `None` if too few are completed.
    pub fn fit(cases: &[Case], from: DateTime<Utc>, until: DateTime<Utc>) -> Option<Self> {
        let known: Vec<&Case> = cases.iter().filter(|case| case.created_at <= until).collect();
        let completed = known.iter().filter(|case| case.completed_by(until).is_some()).count() as u32;
        if completed < NEEDED {
            return None;
        }
        let workload = Workload::of(cases);
        let load_limits = workload.limits(cases, until);
        let mut spells: BTreeMap<Kind, Vec<Spell>> = BTreeMap::new();
        for case in &known {
            let pieces = workload.spells(case, load_limits, until);
            let whole = Spell { from: pieces[0].1.from, ..pieces[pieces.len() - 1].1 };
            let kinds = Kind::of(case.workflow_category, case.priority, pieces[0].0).widest_first();
            for (_, kind) in &kinds[..3] {
                spells.entry(*kind).or_default().push(whole);
            }
            for (load, piece) in pieces {
                spells.entry(Kind { load: Some(load), ..kinds[3].1 }).or_default().push(piece);
            }
        }
        let curves = spells.into_iter().map(|(kind, spells)| KindCurve { kind, curve: Curve::fit(&spells) });
        Some(Self {
            window_from: from,
            fitted_at: until,
            tasks: known.len() as u32,
            completed,
            base_rate: base_rate(known.iter().filter_map(|case| case.breached(until))),
            load_limits,
            curves: curves.filter(|of| of.curve.completed >= ENOUGH).collect(),
        })
    }

    /// Every curve, in the order of their kinds.
    pub fn curves(&self) -> &[KindCurve] {
        &self.curves
    }

    /// The curve of a kind, if it was seen often enough.
    pub fn curve(&self, kind: Kind) -> Option<&Curve> {
        let at = self.curves.binary_search_by(|of| of.kind.cmp(&kind)).ok()?;
        Some(&self.curves[at].curve)
    }

    /// The probability that a task of this kind that is open at `age` is still open at `due`, both in hours of its age.
    ///
    /// From the widest kind to the narrowest, each is mixed with what the wider ones said: its own conditional estimate
    /// counts as many times as it had tasks at risk beyond `age`, theirs [`WEIGHT`] times.
    pub fn estimate(&self, kind: Kind, age: f64, due: f64) -> Estimate {
        let mut estimate = Estimate { probability: self.base_rate, level: Level::Base, at_risk: 0 };
        for (level, kind) in kind.widest_first() {
            let Some(curve) = self.curve(kind) else { continue };
            let Some(own) = curve.open_still(age, due) else { continue };
            let at_risk = curve.at_risk_after(age);
            let weight = f64::from(at_risk);
            let probability = (own * weight + estimate.probability * WEIGHT) / (weight + WEIGHT);
            estimate = Estimate { probability, level, at_risk };
        }
        estimate
    }

    /// Curves at each level, the narrowest first.
    pub fn levels(&self) -> [(Level, u32); 4] {
        [Level::CategoryPriorityLoad, Level::CategoryPriority, Level::Priority, Level::All]
            .map(|level| (level, self.curves.iter().filter(|of| of.kind.level() == level).count() as u32))
    }
}

/// Share of breaches, as if one task more had breached and one had not.
pub(super) fn base_rate(outcomes: impl Iterator<Item = bool>) -> f64 {
    let (breached, known) =
        outcomes.fold((0_u32, 0_u32), |(breached, known), breach| (breached + u32::from(breach), known + 1));
    f64::from(breached + 1) / f64::from(known + 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(kind: Kind, hours: f64, open: f64, at_risk: u32) -> KindCurve {
        let steps = vec![super::super::Step(hours, open, at_risk)];
        KindCurve { kind, curve: Curve { completed: at_risk, censored: 0, median_hours: None, steps } }
    }

    fn model(curves: Vec<KindCurve>) -> Model {
        let at = DateTime::UNIX_EPOCH;
        let load_limits = LoadLimits { light: 3, normal: 6 };
        Model { window_from: at, fitted_at: at, tasks: 0, completed: 0, base_rate: 0.5, load_limits, curves }
    }

    #[test]
    fn a_kind_is_believed_as_far_as_it_was_seen() {
        let kind = Kind::of(Category::QuoteProcessing, Priority::High, Load::Heavy);
        let [_, (_, priority), (_, category), _] = kind.widest_first();
        let seen = model(vec![
            step(Kind::default(), 5.0, 0.2, 20),
            step(priority, 5.0, 0.4, 60),
            step(category, 9.0, 0.9, 20),
        ]);

        // All: (0.2 x 20 + 0.5 x 10) / 30 = 0.3. Priority: (0.4 x 60 + 0.3 x 10) / 70 = 0.385714. Category: (1 x 20 +
        // 0.385714 x 10) / 30 = 0.795238: its only drop is at 9 h, after the deadline.
        let estimate = seen.estimate(kind, 1.0, 8.0);
        assert!((estimate.probability - 0.795_238).abs() < 1e-6, "{estimate:?}");
        assert_eq!((estimate.level, estimate.at_risk), (Level::CategoryPriority, 20));

        let old = seen.estimate(kind, 10.0, 12.0);
        assert_eq!((old.level, old.probability), (Level::Base, 0.5), "nobody was seen to end so late");
    }

    #[test]
    fn a_model_is_read_back_as_it_was_written() {
        let written = model(vec![step(Kind::default(), 5.0, 0.2, 20)]);
        let read: Model = serde_json::from_str(&serde_json::to_string(&written).unwrap()).unwrap();
        assert_eq!(read, written);
    }
}
