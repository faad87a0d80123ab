//! Everybody who may be given tasks, as giving them out changes it.

use chrono::{DateTime, Utc};

use super::super::change::{self, ASSIGNMENT, Actor, Change, TaskPatch};
use super::super::sla::rules::Rules;
use super::super::task::Task;
use super::super::team::Team;
use super::super::values::Category;
use super::{Candidate, Choice, Demand, Facts, Mailboxes, choose};

/// The teams in their order, and their people with what they have.
#[derive(Clone, Debug, Default)]
pub struct Roster {
    teams: Vec<Team>,
    candidates: Vec<Candidate>,
}

impl Roster {
    /// Of these teams and people, in any order.
    pub fn new(mut teams: Vec<Team>, mut candidates: Vec<Candidate>) -> Self {
        teams.sort_by(|one, other| (one.position, &one.name).cmp(&(other.position, &other.name)));
        candidates.sort_by(|one, other| one.person.name.cmp(&other.person.name));
        Self { teams, candidates }
    }

    fn of_team<'a>(&'a self, team: &'a Team) -> impl Iterator<Item = &'a Candidate> {
        self.candidates.iter().filter(|candidate| candidate.person.team.as_deref() == Some(team.name.as_str()))
    }

    /// Who is given the task now.
    pub fn choose(&self, task: &Facts, now: DateTime<Utc>) -> Choice {
        let (mut asked, mut considered) = (Vec::new(), Vec::new());
        for team in self.teams.iter().filter(|team| team.serves(task)) {
            let (owner, people) = choose(task, team, &self.of_team(team).collect::<Vec<_>>(), now);
            considered.extend(people);
            if let Some((owner, reason)) = owner {
                return Choice { owner: Some(owner), team: Some(team.name.clone()), reason, considered };
            }
            asked.push(team.name.as_str());
        }
        let reason = if asked.is_empty() {
            "no team serves it".to_owned()
        } else {
            format!("nobody of {} is free for it", asked.join(", "))
        };
        Choice { owner: None, team: None, reason, considered }
    }

    /// Notes that somebody is given a task, taken from `before` if somebody had it.
    pub fn give(&mut self, owner: &str, before: Option<&str>) {
        let turn = self.candidates.iter().map(|candidate| candidate.person.last_turn).max().unwrap_or(0) + 1;
        for candidate in &mut self.candidates {
            if candidate.person.name == owner {
                candidate.open += 1;
                candidate.person.last_turn = turn;
            } else if Some(candidate.person.name.as_str()) == before {
                candidate.open -= 1;
            }
        }
    }

    /// Numbers of everybody's last turns.
    pub fn turns(&self) -> impl Iterator<Item = (&str, i64)> {
        self.candidates.iter().map(|candidate| (candidate.person.name.as_str(), candidate.person.last_turn))
    }

    /// What the teams serve, whether somebody is free or not.
    pub fn served(&self) -> Vec<Demand> {
        Demand::each(|category: Category| {
            let teams = self.teams.iter().filter(move |team| team.serves_category(category));
            teams.map(Team::mailboxes).reduce(Mailboxes::or)
        })
    }

    /// What somebody is free for now. Of these tasks the first can be given away, whichever it is.
    pub fn wanted(&self, now: DateTime<Utc>) -> Vec<Demand> {
        Demand::each(|category: Category| {
            let teams = self.teams.iter().filter(|team| team.serves_category(category));
            let pairs = teams.flat_map(|team| self.of_team(team).map(move |candidate| (team, candidate)));
            let free = pairs.filter(|(_, candidate)| candidate.knows_category(category) && candidate.free(now) > 0);
            free.map(|(team, candidate)| team.mailboxes().and(candidate.mailboxes())).reduce(Mailboxes::or)
        })
    }

    /// Who is absent now and has others take over, each with the beginning of the absence.
    pub fn leaves(&self, now: DateTime<Utc>) -> Vec<(&str, DateTime<Utc>)> {
        let teams = self.teams.iter().filter(|team| team.reassign_on_absence);
        let people = teams.flat_map(|team| self.of_team(team));
        people.filter_map(|who| Some((who.person.name.as_str(), who.person.absence(now)?.from))).collect()
    }

    fn candidate(&self, name: &str) -> Option<&Candidate> {
        self.candidates.iter().find(|candidate| candidate.person.name == name)
    }

    /// Gives tasks away, those that can be, in their order.
    pub fn assign(&mut self, waiting: &[Task], rules: &Rules, now: DateTime<Utc>) -> Vec<Change> {
        let mut changes = Vec::new();
        for task in waiting {
            let choice = self.choose(&Facts::of(task), now);
            let Some(owner) = choice.owner else { continue };
            let absent = task.current_owner.as_deref();
            let reason = match absent.and_then(|name| self.candidate(name)?.unavailable(now)) {
                Some(why) => format!("{} {why}; {}", absent.unwrap_or_default(), choice.reason),
                None => choice.reason,
            };
            let patch = TaskPatch {
                owner_email: Some(self.candidate(&owner).and_then(|who| who.person.email.clone())),
                current_owner: Some(Some(owner.clone())),
                ..TaskPatch::default()
            };
            let actor = Actor { principal: ASSIGNMENT.to_owned(), reason: Some(reason) };
            changes.extend(change::update(task, &patch, rules, &actor, now));
            self.give(&owner, absent);
        }
        changes
    }
}
