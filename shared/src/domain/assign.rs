//! Choosing who is given a task: one pure function of the task, the teams, their people with what they have, and now.
//!
//! Teams are asked in their order; the first that serves the task and has somebody free for it gives it away. Whoever is
//! absent, inactive, without the skill or at capacity is not free. Every choice says why, and why it was not the others.

mod demand;
mod roster;
#[cfg(test)]
mod tests;

use std::cmp::Ordering;

use chrono::{DateTime, Utc};
use poem_openapi::Object;
use serde::Serialize;

use super::change::Change;
use super::task::Task;
use super::team::{Person, Strategy, Team, told};
use super::values::{Category, Status};

pub use demand::{Demand, Mailboxes};
pub use roster::Roster;

/// What of a task decides who may be given it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// Its category.
    pub category: Category,
    /// Its mailbox.
    pub mailbox: Option<String>,
}

impl Facts {
    /// Those of a task.
    pub fn of(task: &Task) -> Self {
        Self { category: task.workflow_category, mailbox: task.mailbox_source.clone() }
    }
}

/// Somebody who may be given tasks, and how many they have.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Candidate {
    /// Who.
    #[sqlx(flatten)]
    pub person: Person,
    /// Open tasks they have, whoever gave them.
    pub open: i64,
}

/// Somebody a choice looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Object)]
pub struct Considered {
    /// Their team.
    pub team: String,
    /// Their name.
    pub name: String,
    /// Open tasks they have.
    pub open_tasks: i64,
    /// Open tasks they are given at most.
    pub capacity: i64,
    /// Why it was not them; null for who was chosen.
    pub why_not: Option<String>,
}

/// Who is given a task, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Object)]
#[oai(rename = "AssignmentChoice")]
pub struct Choice {
    /// Who; null if nobody is free.
    pub owner: Option<String>,
    /// The team that chose.
    pub team: Option<String>,
    /// Why, in words.
    pub reason: String,
    /// Everybody who was looked at, in the order of teams and names.
    pub considered: Vec<Considered>,
}

impl Team {
    /// Mailboxes it serves.
    fn mailboxes(&self) -> Mailboxes {
        Mailboxes::of(self.mailboxes.iter(), false)
    }

    fn serves_category(&self, category: Category) -> bool {
        self.categories.is_empty() || self.categories.contains(&category)
    }

    /// Whether it serves the task.
    pub fn serves(&self, task: &Facts) -> bool {
        self.serves_category(task.category) && self.mailboxes().contain(task.mailbox.as_ref())
    }
}

impl Candidate {
    /// Mailboxes they know; a task without one asks for no such skill.
    fn mailboxes(&self) -> Mailboxes {
        Mailboxes::of(self.person.skills.iter().filter_map(|skill| skill.mailbox.as_ref()), true)
    }

    fn knows_category(&self, category: Category) -> bool {
        let mut known = self.person.skills.iter().filter_map(|skill| skill.category).peekable();
        known.peek().is_none() || known.any(|known| known == category)
    }

    /// Why they are given nothing, whatever it is.
    fn unavailable(&self, now: DateTime<Utc>) -> Option<String> {
        let Person { capacity, active, .. } = &self.person;
        if !active {
            Some("is not active".to_owned())
        } else if let Some(absence) = self.person.absence(now) {
            Some(format!("is absent until {}", told(absence.to)))
        } else if self.open >= *capacity {
            Some(format!("has {} of {capacity} open", self.open))
        } else {
            None
        }
    }

    /// How many more they may be given now.
    pub fn free(&self, now: DateTime<Utc>) -> i64 {
        if self.unavailable(now).is_some() { 0 } else { self.person.capacity - self.open }
    }

    fn why_not(&self, task: &Facts, now: DateTime<Utc>) -> Option<String> {
        if !self.knows_category(task.category) {
            return Some(format!("has no skill {}", task.category));
        }
        match &task.mailbox {
            Some(mailbox) if !self.mailboxes().contain(Some(mailbox)) => Some(format!("has no skill {mailbox}")),
            _ => self.unavailable(now),
        }
    }

    /// Levels of the skills a task asks for, and their names.
    fn skill(&self, task: &Facts) -> (i64, Vec<String>) {
        let asked = self.person.skills.iter().filter_map(|skill| {
            let category = skill.category.filter(|category| *category == task.category).map(|known| known.to_string());
            let mailbox = skill.mailbox.clone().filter(|known| Some(known) == task.mailbox.as_ref());
            Some((skill.level, category.or(mailbox)?))
        });
        asked.fold((0, Vec::new()), |(sum, mut names), (level, name)| {
            names.push(name);
            (sum + level, names)
        })
    }

    /// Compares the parts of their capacities that are in use.
    fn cmp_load(&self, other: &Self) -> Ordering {
        let part = |one: &Self, other: &Self| i128::from(one.open) * i128::from(other.person.capacity);
        part(self, other).cmp(&part(other, self))
    }
}

/// The order in which a strategy takes people who are free for a task, and the word for what decided between two.
fn compare(strategy: Strategy, task: &Facts, one: &Candidate, other: &Candidate) -> (Ordering, &'static str) {
    let steps = [
        (one.cmp_load(other), "is more loaded"),
        (other.skill(task).0.cmp(&one.skill(task).0), "is as loaded and less skilled"),
        (one.person.last_turn.cmp(&other.person.last_turn), "was given a task later"),
        (one.person.name.cmp(&other.person.name), "comes later by name"),
    ];
    let first = match strategy {
        Strategy::LeastLoaded => 0,
        Strategy::RoundRobin => 2,
    };
    steps.into_iter().skip(first).find(|(order, _)| order.is_ne()).unwrap_or((Ordering::Equal, ""))
}

/// Chooses among the people of one team: the owner with the reason, and everybody it looked at.
pub fn choose(
    task: &Facts,
    team: &Team,
    candidates: &[&Candidate],
    now: DateTime<Utc>,
) -> (Option<(String, String)>, Vec<Considered>) {
    let free = candidates.iter().filter(|candidate| candidate.why_not(task, now).is_none());
    let chosen = free.copied().min_by(|one, other| compare(team.strategy, task, one, other).0);
    let considered = candidates.iter().map(|candidate| Considered {
        team: team.name.clone(),
        name: candidate.person.name.clone(),
        open_tasks: candidate.open,
        capacity: candidate.person.capacity,
        why_not: candidate.why_not(task, now).or_else(|| {
            let why = compare(team.strategy, task, candidate, chosen?).1;
            Some(why.to_owned()).filter(|why| !why.is_empty())
        }),
    });
    let owner = chosen.map(|candidate| {
        let how = match team.strategy {
            Strategy::RoundRobin => "next in turn",
            Strategy::LeastLoaded => "least loaded",
        };
        let (open, capacity) = (candidate.open, candidate.person.capacity);
        let mut reason = format!("{how} of {}: {open} of {capacity} open", team.name);
        for skill in candidate.skill(task).1 {
            reason.push_str(", skill ");
            reason.push_str(&skill);
        }
        (candidate.person.name.clone(), reason)
    });
    (owner, considered.collect())
}

/// Compares two waiting tasks: the more urgent goes first, then the earlier due, then the older.
pub fn order(one: &Task, other: &Task) -> Ordering {
    let due = |task: &Task| (task.sla_deadline.is_none(), task.sla_deadline);
    let key = |task: &Task| (task.priority, due(task), task.created_at);
    key(one).cmp(&key(other)).then_with(|| one.task_id.cmp(&other.task_id))
}

/// Whether a change makes a task wait for an owner, or gives somebody room for another.
pub fn concerns(change: &Change) -> bool {
    let task = &change.task;
    let waits = task.current_owner.is_none() && task.is_open() && task.deleted_at.is_none();
    let completed = Some(Status::Completed.as_str());
    change.history.iter().any(|row| match row.field.as_str() {
        "created" | "workflow_category" => waits,
        "current_owner" => true,
        "deleted" => task.current_owner.is_some(),
        "task_status" => row.new_value.as_deref() == completed || waits && row.old_value.as_deref() == completed,
        _ => false,
    })
}
