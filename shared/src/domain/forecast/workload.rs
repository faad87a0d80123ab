//! How busy owners are: how many tasks each has open, at any instant of the history.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::case::Case;
use super::curve::Spell;
use crate::domain::text_enum::text_enum;

text_enum! {
    /// How busy the owner of a task is, compared with all owners.
    Load {
        /// Nobody owns it.
        Unassigned = "unassigned",
        /// The owner is in the lower third.
        Light = "light",
        /// The owner is in the middle third.
        Normal = "normal",
        /// The owner is in the upper third.
        Heavy = "heavy",
    }
}

/// The open tasks of an owner up to which a load is light, and up to which it is normal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoadLimits {
    /// Light up to here.
    pub light: u32,
    /// Normal up to here; heavy beyond.
    pub normal: u32,
}

impl LoadLimits {
    /// The load of an owner with so many open tasks; `None` for no owner.
    pub fn load(self, open_tasks: Option<u32>) -> Load {
        match open_tasks {
            None => Load::Unassigned,
            Some(open) if open <= self.light => Load::Light,
            Some(open) if open <= self.normal => Load::Normal,
            Some(_) => Load::Heavy,
        }
    }
}

/// The number of open tasks of each owner, as it changed.
pub struct Workload<'a> {
    /// For each owner the instants of change, and the number from each on.
    owners: HashMap<&'a str, Vec<(DateTime<Utc>, u32)>>,
}

impl<'a> Workload<'a> {
    /// What these tasks make of it. The number at an instant follows from what was before it alone.
    pub fn of(cases: &'a [Case]) -> Self {
        let mut changes: HashMap<&str, Vec<(DateTime<Utc>, i32)>> = HashMap::new();
        for case in cases {
            let Some(owner) = &case.current_owner else { continue };
            let changes = changes.entry(owner).or_default();
            changes.push((case.created_at, 1));
            changes.extend(case.completion_date.map(|done| (done.max(case.created_at), -1)));
        }
        let counted = |mut changes: Vec<(DateTime<Utc>, i32)>| {
            changes.sort_unstable();
            let mut open = 0_i32;
            let mut counts: Vec<(DateTime<Utc>, u32)> = Vec::with_capacity(changes.len());
            for (at, change) in changes {
                open += change;
                let open = open.max(0) as u32;
                match counts.last_mut() {
                    Some(last) if last.0 == at => last.1 = open,
                    _ => counts.push((at, open)),
                }
            }
            counts
        };
        Self { owners: changes.into_iter().map(|(owner, changes)| (owner, counted(changes))).collect() }
    }

    /// Open tasks of an owner at an instant; `None` for no owner.
    pub fn at(&self, owner: Option<&str>, at: DateTime<Utc>) -> Option<u32> {
        let counts = self.counts(owner?);
        Some(last_before(counts, at).map_or(0, |index| counts[index].1))
    }

    /// The thirds of the loads that tasks met when they came, up to `until`.
    pub fn limits(&self, cases: &[Case], until: DateTime<Utc>) -> LoadLimits {
        let mut met: Vec<u32> = cases
            .iter()
            .filter(|case| case.created_at <= until)
            .filter_map(|case| self.at(case.current_owner.as_deref(), case.created_at))
            .collect();
        met.sort_unstable();
        let third = |n: usize| met.get(met.len() * n / 3).copied().unwrap_or_default();
        LoadLimits { light: third(1), normal: third(2) }
    }

    /// The life of a task up to `until`, cut where the load of its owner changed.
    pub fn spells(&self, case: &Case, limits: LoadLimits, until: DateTime<Utc>) -> Vec<(Load, Spell)> {
        let done = case.completed_by(until);
        let (begin, end) = (case.created_at, done.unwrap_or(until));
        let Some(owner) = case.current_owner.as_deref() else {
            return vec![(Load::Unassigned, spell(case, begin, end, done.is_some()))];
        };
        let counts = self.counts(owner);
        let mut from = begin;
        let mut load = limits.load(self.at(Some(owner), begin));
        let mut spells = Vec::new();
        let next = last_before(counts, begin).map_or(0, |index| index + 1);
        for (at, open) in counts[next..].iter().take_while(|(at, _)| *at < end) {
            let changed = limits.load(Some(*open));
            if changed != load {
                spells.push((load, spell(case, from, *at, false)));
                (from, load) = (*at, changed);
            }
        }
        spells.push((load, spell(case, from, end, done.is_some())));
        spells
    }

    fn counts(&self, owner: &str) -> &[(DateTime<Utc>, u32)] {
        self.owners.get(owner).map_or(&[], Vec::as_slice)
    }
}

fn spell(case: &Case, from: DateTime<Utc>, to: DateTime<Utc>, completed: bool) -> Spell {
    Spell { from: case.age(from), to: case.age(to), completed }
}

/// The last change at or before an instant.
fn last_before(counts: &[(DateTime<Utc>, u32)], at: DateTime<Utc>) -> Option<usize> {
    counts.partition_point(|(changed, _)| *changed <= at).checked_sub(1)
}
