//! What a model says of an open task, and why, in words.

use chrono::{DateTime, Utc};
use poem_openapi::Object;
use serde::Serialize;

use super::hours_between;
use super::model::{Estimate, Kind, Level, Model};
use crate::domain::{Category, Cents, Priority};

/// Open tasks of an owner are counted up to here: more are told as so many.
pub const MOST_COUNTED: u32 = 1_000;

/// An open task, as far as a forecast looks at it.
#[derive(Clone, Debug, PartialEq)]
pub struct Subject {
    /// What it is about.
    pub category: Category,
    /// How soon.
    pub priority: Priority,
    /// Open tasks of its owner; `None` for no owner.
    pub owner_open: Option<u32>,
    /// The instant its age counts from.
    pub anchor: DateTime<Utc>,
    /// When it is due.
    pub deadline: Option<DateTime<Utc>>,
    /// Whether work is left to do.
    pub is_open: bool,
    /// Whether its clock stands still.
    pub paused: bool,
    /// Dollars at stake.
    pub value: Cents,
}

/// What is to be expected of an open task.
#[derive(Clone, Debug, PartialEq, Serialize, Object)]
pub struct Outlook {
    /// Probability that it breaches its deadline, from 0 to 1; 1 if it has, null if it has no deadline, is completed, or no model
    /// is there.
    pub probability: Option<f64>,
    /// Probability times value.
    pub expected_dollars_at_risk: Option<Cents>,
    /// How narrow the kind of task is that the probability rests on; null if it rests on none.
    pub level: Option<Level>,
    /// Tasks of that kind that were completed.
    pub completed: Option<u32>,
    /// Tasks of that kind that were open still when last seen.
    pub censored: Option<u32>,
    /// Hours in which half of that kind are completed; null if fewer are.
    pub median_hours: Option<f64>,
    /// Its age in hours.
    pub age_hours: f64,
    /// Hours to its deadline, negative after it; null if it has none.
    pub hours_left: Option<f64>,
    /// Open tasks of its owner, at most 1000; null if nobody owns it.
    pub owner_open_tasks: Option<u32>,
    /// Why, in words.
    pub reasons: Vec<String>,
}

impl Subject {
    /// The probability that it breaches its deadline; `None` if it has none. Without a model only a breach is certain.
    pub fn probability(&self, model: Option<&Model>, now: DateTime<Utc>) -> Option<f64> {
        if !self.is_open {
            return None;
        }
        if now > self.deadline? { Some(1.0) } else { Some(self.estimate(model?, now)?.probability) }
    }

    /// Its value times the probability, to the cent.
    pub fn at_risk(&self, probability: f64) -> Cents {
        Cents((self.value.0 as f64 * probability).round() as i64)
    }

    fn kind(&self, model: &Model) -> Kind {
        Kind::of(self.category, self.priority, model.load_limits.load(self.owner_open))
    }

    fn estimate(&self, model: &Model, now: DateTime<Utc>) -> Option<Estimate> {
        let due = hours_between(self.anchor, self.deadline?);
        Some(model.estimate(self.kind(model), hours_between(self.anchor, now), due))
    }

    /// What is to be expected of it, and why.
    pub fn outlook(&self, model: Option<&Model>, now: DateTime<Utc>) -> Outlook {
        let probability = self.probability(model, now);
        let age_hours = tenth(hours_between(self.anchor, now));
        let hours_left = self.deadline.map(|deadline| tenth(hours_between(now, deadline)));
        let mut outlook = Outlook {
            probability: probability.map(|probability| (probability * 1e4).round() / 1e4),
            expected_dollars_at_risk: probability.map(|probability| self.at_risk(probability)),
            level: None,
            completed: None,
            censored: None,
            median_hours: None,
            age_hours,
            hours_left,
            owner_open_tasks: self.owner_open.map(|open| open.min(MOST_COUNTED)),
            reasons: Vec::new(),
        };
        match (hours_left, model) {
            _ if !self.is_open => outlook.reasons.push("It is completed: nothing is left to forecast.".to_owned()),
            (None, _) => outlook.reasons.push("It has no deadline, so that there is nothing to breach.".to_owned()),
            (Some(left), _) if self.deadline.is_some_and(|deadline| now > deadline) => {
                outlook.reasons.push(format!("It is past its deadline by {} h: this has happened.", left.abs()));
            }
            (Some(_), None) => outlook.reasons.push("There is no model yet, and nothing else to go by.".to_owned()),
            (Some(_), Some(model)) => self.explain(model, now, &mut outlook),
        }
        if self.paused && self.is_open {
            let note = "Its clock stands still; the forecast takes the deadline as it is now, which moves when the clock goes on.";
            outlook.reasons.push(note.to_owned());
        }
        outlook
    }

    fn explain(&self, model: &Model, now: DateTime<Utc>, outlook: &mut Outlook) {
        let Some(estimate) = self.estimate(model, now) else { return };
        outlook.level = Some(estimate.level);
        let narrowest = self.kind(model);
        let used =
            narrowest.widest_first().into_iter().find(|(level, _)| *level == estimate.level).map(|(_, kind)| kind);
        let curve = used.and_then(|kind| Some((kind, model.curve(kind)?)));
        let percent = (estimate.probability * 100.0).round();
        let left = outlook.hours_left.unwrap_or_default();
        let Some((kind, curve)) = curve else {
            let base = "No task of the history was seen to be completed at such an age";
            outlook.reasons.push(format!("{base}: {percent} % is the share of all tasks that breached."));
            return;
        };
        outlook.completed = Some(curve.completed);
        outlook.censored = Some(curve.censored);
        outlook.median_hours = curve.median_hours;
        let since = model.window_from.format("%Y-%m-%d");
        outlook.reasons.push(format!(
            "Kind: {}; {} completed and {} still open when last seen, since {since}.",
            describe(kind),
            curve.completed,
            curve.censored
        ));
        outlook.reasons.push(match curve.median_hours {
            Some(median) => format!(
                "Half of them are completed within {} h; this one is {} h old.",
                tenth(median),
                outlook.age_hours
            ),
            None => {
                format!("Fewer than half of them were seen to be completed; this one is {} h old.", outlook.age_hours)
            }
        });
        outlook.reasons.push(format!(
            "{} of them were open for longer than that; {percent} % of such tasks, wider kinds counted in, stay open for \
             the {left} h that are left.",
            estimate.at_risk
        ));
        if estimate.level != Level::CategoryPriorityLoad {
            outlook.reasons.push(format!(
                "Too few tasks that old are known of the narrower kind ({}), so that this wider one stands in.",
                describe(narrowest)
            ));
        }
        outlook.reasons.push(match self.owner_open {
            Some(open) if open >= MOST_COUNTED => format!("Its owner has {MOST_COUNTED} open tasks or more."),
            Some(open) => format!("Its owner has {open} open tasks: a {} load.", model.load_limits.load(Some(open))),
            None => "Nobody owns it.".to_owned(),
        });
    }
}

fn describe(kind: Kind) -> String {
    let mut words: Vec<String> = Vec::new();
    words.extend(kind.category.map(|category| category.to_string()));
    words.extend(kind.priority.map(|priority| priority.to_string()));
    words.extend(kind.load.map(|load| match load {
        super::Load::Unassigned => "no owner".to_owned(),
        load => format!("an owner with a {load} load"),
    }));
    if words.is_empty() { "all tasks".to_owned() } else { words.join(", ") }
}

fn tenth(hours: f64) -> f64 {
    (hours * 10.0).round() / 10.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;

    fn subject() -> Subject {
        let anchor = DateTime::UNIX_EPOCH;
        Subject {
            category: Category::QuoteProcessing,
            priority: Priority::High,
            owner_open: None,
            anchor,
            deadline: Some(anchor + TimeDelta::hours(24)),
            is_open: true,
            paused: false,
            value: Cents(10_000),
        }
    }

    #[test]
    fn what_has_happened_is_certain_without_any_model() {
        let late = subject().outlook(None, DateTime::UNIX_EPOCH + TimeDelta::hours(25));
        assert_eq!(
            (late.probability, late.expected_dollars_at_risk, late.hours_left),
            (Some(1.0), Some(Cents(10_000)), Some(-1.0))
        );
        assert_eq!(late.reasons, ["It is past its deadline by 1 h: this has happened."]);

        let at_the_deadline = subject().outlook(None, DateTime::UNIX_EPOCH + TimeDelta::hours(24));
        assert_eq!(at_the_deadline.probability, None, "completed at the deadline is in time");
    }

    #[test]
    fn without_a_deadline_there_is_no_probability() {
        let undated = Subject { deadline: None, paused: true, ..subject() }.outlook(None, DateTime::UNIX_EPOCH);
        assert_eq!((undated.probability, undated.expected_dollars_at_risk), (None, None));
        assert!(undated.reasons[0].contains("no deadline") && undated.reasons[1].contains("stands still"));
    }
}
