//! The product-limit estimate of how many tasks are still open after so many hours (Kaplan & Meier, "Nonparametric
//! estimation from incomplete observations", 1958), with late entries as in Lynden-Bell (1971).

use serde::{Deserialize, Serialize};

/// A stretch of a task's life that was watched, in hours of its age.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spell {
    /// Age at which the watch began: 0, or later if the task came late or changed its kind.
    pub from: f64,
    /// Age at which it ended.
    pub to: f64,
    /// Whether it ended with the completion; otherwise all that is known is that it took longer.
    pub completed: bool,
}

/// A drop of a curve: age in hours, part still open after it, tasks that were at risk of it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Step(pub f64, pub f64, pub u32);

/// Steps are kept where the logarithm of the open part has fallen by so much since the last: a conditional probability
/// read from the kept ones is within 2 % of that read from all.
const RESOLUTION: f64 = 0.02;
/// Steps of one curve.
const MOST_STEPS: usize = 400;

/// How many tasks of one kind are still open after so many hours.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Curve {
    /// Spells that ended with a completion.
    pub completed: u32,
    /// Spells that did not.
    pub censored: u32,
    /// Age by which half are completed; null if fewer are.
    pub median_hours: Option<f64>,
    /// In the order of their ages.
    pub steps: Vec<Step>,
}

impl Curve {
    /// The estimate from these spells. Those that end as they begin say nothing.
    pub fn fit(spells: &[Spell]) -> Self {
        let mut ends: Vec<&Spell> = spells.iter().filter(|spell| spell.to > spell.from).collect();
        let mut entries: Vec<f64> = ends.iter().map(|spell| spell.from).collect();
        ends.sort_unstable_by(|a, b| a.to.total_cmp(&b.to));
        entries.sort_unstable_by(f64::total_cmp);

        let completed = ends.iter().filter(|spell| spell.completed).count() as u32;
        let mut curve = Self { completed, censored: ends.len() as u32 - completed, ..Self::default() };
        let mut drops = Drops::default();
        let (mut entered, mut left) = (0, 0);
        while left < ends.len() {
            let age = ends[left].to;
            entered += entries[entered..].iter().take_while(|entry| **entry < age).count();
            let together = ends[left..].iter().take_while(|spell| spell.to <= age).count();
            let done = ends[left..left + together].iter().filter(|spell| spell.completed).count();
            let at_risk = entered - left;
            if done > 0 {
                drops.add(age, done as f64 / at_risk as f64, at_risk as u32);
            }
            left += together;
        }
        drops.end();
        curve.median_hours = drops.median;
        curve.steps = drops.steps;
        curve
    }

    /// Part of the tasks still open at this age; after the last thing that was seen, as it was then.
    pub fn open_at(&self, hours: f64) -> f64 {
        let before = self.steps.partition_point(|step| step.0 <= hours);
        before.checked_sub(1).map_or(1.0, |last| self.steps[last].1)
    }

    /// Tasks that had come beyond this age when the next was completed: what the estimate for this age rests on.
    pub fn at_risk_after(&self, hours: f64) -> u32 {
        self.steps.get(self.steps.partition_point(|step| step.0 <= hours)).map_or(0, |step| step.2)
    }

    /// Part of those still open at `age` that are so at `due` too; `None` if none was seen to come so far.
    pub fn open_still(&self, age: f64, due: f64) -> Option<f64> {
        let now = self.open_at(age);
        (now > 0.0 && self.at_risk_after(age) > 0).then(|| self.open_at(due) / now)
    }
}

/// Gathers the drops of a curve, those too small to be kept together with the next.
struct Drops {
    steps: Vec<Step>,
    open: f64,
    kept: f64,
    /// Drops since the last kept step: age of the latest, tasks at risk of the first.
    waiting: Option<(f64, u32)>,
    median: Option<f64>,
}

impl Default for Drops {
    fn default() -> Self {
        Self { steps: Vec::new(), open: 1.0, kept: 1.0, waiting: None, median: None }
    }
}

impl Drops {
    fn add(&mut self, age: f64, part: f64, at_risk: u32) {
        self.open *= 1.0 - part;
        if self.open <= 0.5 && self.median.is_none() {
            self.median = Some(rounded(age));
        }
        self.waiting = Some((age, self.waiting.map_or(at_risk, |(_, first)| first)));
        if self.open <= 0.0 || (self.kept / self.open).ln() >= RESOLUTION {
            self.end();
        }
    }

    /// Keeps what is waiting. Beyond the bound the last step moves on instead: what is left by then is a sliver.
    fn end(&mut self) {
        let Some((age, at_risk)) = self.waiting.take() else { return };
        self.kept = self.open;
        let step = Step(rounded(age), (self.open * 1e6).round() / 1e6, at_risk);
        if self.steps.len() == MOST_STEPS {
            self.steps.pop();
        }
        self.steps.push(step);
    }
}

/// To the thousandth of an hour.
fn rounded(hours: f64) -> f64 {
    (hours * 1e3).round() / 1e3
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spell(from: f64, to: f64, completed: bool) -> Spell {
        Spell { from, to, completed }
    }

    /// Remission times of 21 patients, the worked example of most textbooks (Freireich et al., 1963): 6, 6, 6, 6+, 7, 9+,
    /// 10, 10+, 11+, 13, 16, 17+, 19+, 20+, 22, 23, 25+, 32+, 32+, 34+, 35+.
    #[test]
    fn the_textbook_example_gives_the_textbook_figures() {
        let done = [6, 6, 6, 7, 10, 13, 16, 22, 23].map(|at| spell(0.0, f64::from(at), true));
        let open = [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35].map(|at| spell(0.0, f64::from(at), false));
        let curve = Curve::fit(&[done.as_slice(), open.as_slice()].concat());

        assert_eq!((curve.completed, curve.censored, curve.median_hours), (9, 12, Some(23.0)));
        let expected = [
            (6.0, 0.857, 21),
            (7.0, 0.807, 17),
            (10.0, 0.753, 15),
            (13.0, 0.690, 12),
            (16.0, 0.627, 11),
            (22.0, 0.538, 7),
            (23.0, 0.448, 6),
        ];
        assert_eq!(curve.steps.len(), expected.len());
        for (Step(age, open, at_risk), expected) in curve.steps.iter().zip(expected) {
            assert_eq!((*age, *at_risk), (expected.0, expected.2));
            assert!((open - expected.1).abs() < 0.000_6, "{open} at {age}");
        }
        assert!(curve.open_at(5.999) >= 1.0);
        assert_eq!(curve.open_still(23.0, 30.0), None, "nobody was seen to end later");
    }

    #[test]
    fn who_comes_late_is_not_at_risk_before() {
        let curve =
            Curve::fit(&[spell(0.0, 2.0, true), spell(0.0, 4.0, true), spell(3.0, 5.0, true), spell(1.0, 1.0, true)]);
        assert_eq!(curve.steps, [Step(2.0, 0.5, 2), Step(4.0, 0.25, 2), Step(5.0, 0.0, 1)]);
        assert_eq!((curve.open_still(2.0, 4.0), curve.open_still(5.0, 9.0)), (Some(0.5), None));
    }

    #[test]
    fn a_curve_of_many_is_small_and_close_to_the_whole() {
        let spells: Vec<_> = (1..=50_000).map(|n| spell(0.0, f64::from(n), n % 10 != 0)).collect();
        let curve = Curve::fit(&spells);
        assert!(curve.steps.len() <= MOST_STEPS, "{}", curve.steps.len());
        for age in [100.0, 10_000.0, 30_000.0, 45_000.0] {
            let expected = (1.0 - age / 50_000.0_f64).powf(0.9);
            assert!((curve.open_at(age) / expected - 1.0).abs() < 0.021, "{} at {age}", curve.open_at(age));
        }
    }
}
