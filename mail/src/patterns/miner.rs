//! The passes over all mails. Each is given every mail once, in one order, those of a task together.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sha2::{Digest as _, Sha256};

use super::duplicates::{Sketch, near};
use super::figures::{lift, min_support, rounded, surprise, trend};
use super::structure::Structures;
use super::template::{Counts, hash, specificity, templates, words};

/// Patterns kept at most, the best supported ones.
const MOST: usize = 5_000;
/// Examples of a pattern.
const EXAMPLES: usize = 5;
/// Least lift that says anything.
const LIFT: f64 = 1.1;
/// Standard deviations above chance.
const SURPRISE: f64 = 2.0;

/// How a task ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Completion {
    /// It had no deadline, or was completed by it.
    pub in_time: bool,
    /// Milliseconds from creation to completion.
    pub millis: i64,
}

/// A mail and what is known of its task by now.
#[derive(Clone, Copy, Debug)]
pub struct Sighting<'a> {
    /// The mail.
    pub email: &'a str,
    /// Its task.
    pub task: &'a str,
    /// The task's category.
    pub category: &'a str,
    /// When the mail was sent.
    pub at: DateTime<Utc>,
    /// The task's value in cents.
    pub cents: i64,
    /// How the task ended; none while it is open.
    pub completed: Option<Completion>,
    /// What of the mail could recur.
    pub structures: &'a Structures,
}

/// First pass: how many mails there are of each category, from when to when, and which words are frequent.
#[derive(Clone, Debug)]
pub struct Census {
    mails: u64,
    by_category: HashMap<String, u64>,
    span: Option<(DateTime<Utc>, DateTime<Utc>)>,
    words: Counts,
}

impl Default for Census {
    fn default() -> Self {
        Self { mails: 0, by_category: HashMap::new(), span: None, words: Counts::new() }
    }
}

impl Census {
    /// Counts a mail.
    pub fn count(&mut self, seen: &Sighting<'_>) {
        self.mails += 1;
        *self.by_category.entry(seen.category.to_owned()).or_default() += 1;
        let (first, last) = self.span.unwrap_or((seen.at, seen.at));
        self.span = Some((first.min(seen.at), last.max(seen.at)));
        for word in words(seen.structures) {
            self.words.add(hash(word));
        }
    }

    /// Mails counted.
    pub fn mails(&self) -> u64 {
        self.mails
    }

    fn is_recent(&self, at: DateTime<Utc>) -> bool {
        self.span.is_some_and(|(first, last)| at >= first + (last - first) / 2)
    }

    fn templates(&self, structures: &Structures) -> Vec<String> {
        templates(structures, &self.words, self.mails)
    }
}

/// Second pass: which templates may be frequent in a category.
#[derive(Clone, Debug)]
pub struct Screen {
    census: Census,
    seen: Counts,
    recent: u64,
}

impl Screen {
    /// Begins the second pass.
    pub fn new(census: Census) -> Self {
        Self { census, seen: Counts::new(), recent: 0 }
    }

    /// Counts a mail.
    pub fn count(&mut self, seen: &Sighting<'_>) {
        self.recent += u64::from(self.census.is_recent(seen.at));
        for template in self.census.templates(seen.structures) {
            self.seen.add(key(&template, seen.category));
        }
    }
}

fn key(template: &str, category: &str) -> u64 {
    hash(&format!("{category}: {template}"))
}

/// What is known of a template in one category.
#[derive(Clone, Debug)]
struct Count {
    mails: u64,
    recent: u64,
    tasks: u64,
    last_task: String,
    cents: i64,
    completed: u64,
    in_time: u64,
    millis: i128,
    span: (DateTime<Utc>, DateTime<Utc>),
    /// The newest mails.
    examples: Vec<(DateTime<Utc>, String)>,
    sketch: Sketch,
}

impl Count {
    fn new(at: DateTime<Utc>) -> Self {
        Self {
            mails: 0,
            recent: 0,
            tasks: 0,
            last_task: String::new(),
            cents: 0,
            completed: 0,
            in_time: 0,
            millis: 0,
            span: (at, at),
            examples: Vec::new(),
            sketch: Sketch::default(),
        }
    }

    fn add(&mut self, seen: &Sighting<'_>, is_recent: bool) {
        self.mails += 1;
        self.recent += u64::from(is_recent);
        self.span = (self.span.0.min(seen.at), self.span.1.max(seen.at));
        self.sketch.add(hash(seen.email));
        self.examples.push((seen.at, seen.email.to_owned()));
        self.examples.sort_unstable_by(|a, b| b.cmp(a));
        self.examples.truncate(EXAMPLES);
        // Mails of a task come together, so that each task counts once.
        if self.last_task == seen.task {
            return;
        }
        seen.task.clone_into(&mut self.last_task);
        self.tasks += 1;
        self.cents = self.cents.saturating_add(seen.cents);
        if let Some(completion) = seen.completed {
            self.completed += 1;
            self.in_time += u64::from(completion.in_time);
            self.millis += i128::from(completion.millis);
        }
    }
}

/// Third pass: the figures of what is frequent.
#[derive(Clone, Debug)]
pub struct Tally {
    screen: Screen,
    least: u64,
    counts: HashMap<String, HashMap<String, Count>>,
    /// Mails of any category with a template.
    everywhere: HashMap<String, u64>,
}

/// A pattern, with the figures it has by now.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// Follows from the signature alone.
    pub id: String,
    /// Category and template in one line.
    pub signature: String,
    /// The category.
    pub category: String,
    /// Mails it is in.
    pub support: u64,
    /// As [`lift`] has it, to three decimals.
    pub lift: f64,
    /// As [`trend`] has it, to three decimals.
    pub trend: f64,
    /// When its first mail was sent.
    pub first_seen: DateTime<Utc>,
    /// When its last mail was sent.
    pub last_seen: DateTime<Utc>,
    /// Cents of its tasks, each task once.
    pub cents: i64,
    /// Part of its completed tasks that were in time, to four decimals; none if none is completed.
    pub success_rate: Option<f64>,
    /// Hours from creation to completion on average, to two decimals; none if none is completed.
    pub completion_hours: Option<f64>,
    /// Its newest mails.
    pub examples: Vec<String>,
    template: String,
}

impl Tally {
    /// Begins the third pass.
    pub fn new(screen: Screen) -> Self {
        let least = min_support(screen.census.mails);
        Self { screen, least, counts: HashMap::new(), everywhere: HashMap::new() }
    }

    /// Counts a mail.
    pub fn count(&mut self, seen: &Sighting<'_>) {
        let is_recent = self.screen.census.is_recent(seen.at);
        let categories: Vec<&String> = self.screen.census.by_category.keys().collect();
        for template in self.screen.census.templates(seen.structures) {
            let frequent = |category: &str| self.screen.seen.at(key(&template, category)) >= self.least;
            if frequent(seen.category) {
                let count = self.counts.entry(template.clone()).or_default();
                let count = count.entry(seen.category.to_owned()).or_insert_with(|| Count::new(seen.at));
                count.add(seen, is_recent);
            } else if !categories.iter().any(|category| frequent(category)) {
                continue;
            }
            *self.everywhere.entry(template).or_default() += 1;
        }
    }

    /// The patterns, the best supported first, and what says which mail bears which.
    pub fn patterns(self) -> (Vec<Found>, Matcher) {
        let Self { screen, least, counts, everywhere } = self;
        let census = &screen.census;
        let mut candidates = Vec::new();
        for (template, by_category) in counts {
            let with = everywhere.get(&template).copied().unwrap_or_default();
            for (category, count) in by_category {
                let of_category = census.by_category.get(&category).copied().unwrap_or_default();
                let lift = lift(count.mails, with, of_category, census.mails);
                let alone = of_category == census.mails;
                let telling = lift >= LIFT && surprise(count.mails, with, of_category, census.mails) >= SURPRISE;
                // Many mails of few tasks are conversations, not a pattern.
                if count.mails >= least && count.tasks >= (least / 4).max(3) && (alone || telling) {
                    candidates.push((template.clone(), category, count, lift));
                }
            }
        }
        candidates.sort_by(|a, b| {
            let said = |template: &str| specificity(template);
            (said(&b.0), b.2.mails, &a.0, &a.1).cmp(&(said(&a.0), a.2.mails, &b.0, &b.1))
        });
        let mut kept: Vec<(String, String, Count, f64)> = Vec::new();
        for candidate in candidates {
            let near = |other: &(String, String, Count, f64)| {
                let (a, b) = (&candidate.2, &other.2);
                candidate.1 == other.1 && near((a.mails, &a.sketch), (b.mails, &b.sketch))
            };
            if !kept.iter().any(near) {
                kept.push(candidate);
            }
        }
        let half = (screen.recent, census.mails - screen.recent);
        let mut found: Vec<Found> = kept
            .into_iter()
            .map(|(template, category, count, lift)| figure(template, category, &count, lift, half))
            .collect();
        found.sort_by(|a, b| (b.support, &a.signature).cmp(&(a.support, &b.signature)));
        found.truncate(MOST);
        let by_key = found.iter().map(|found| ((found.category.clone(), found.template.clone()), found.id.clone()));
        let matcher = Matcher { by_key: by_key.collect(), census: screen.census };
        (found, matcher)
    }
}

fn figure(template: String, category: String, count: &Count, lift: f64, (recent, earlier): (u64, u64)) -> Found {
    let signature = format!("{category}: {template}");
    let of_completed = |figure: f64| (count.completed > 0).then(|| figure / count.completed as f64);
    Found {
        id: format!("PAT-{}", &format!("{:x}", Sha256::digest(signature.as_bytes()))[..16]),
        support: count.mails,
        lift: rounded(lift),
        trend: rounded(trend(count.recent, recent, count.mails - count.recent, earlier)),
        first_seen: count.span.0,
        last_seen: count.span.1,
        cents: count.cents,
        success_rate: of_completed(count.in_time as f64).map(|rate| (rate * 10_000.0).round() / 10_000.0),
        completion_hours: of_completed(count.millis as f64 / 3_600_000.0).map(|hours| (hours * 100.0).round() / 100.0),
        examples: count.examples.iter().map(|(_, email)| email.clone()).collect(),
        signature,
        category,
        template,
    }
}

/// Says which patterns a mail bears.
#[derive(Clone, Debug)]
pub struct Matcher {
    by_key: HashMap<(String, String), String>,
    census: Census,
}

impl Matcher {
    /// Ids of the patterns a mail bears, the ones that say most first.
    pub fn of(&self, category: &str, structures: &Structures) -> Vec<String> {
        let mut found: Vec<(usize, String)> = Vec::new();
        for template in self.census.templates(structures) {
            let said = specificity(&template);
            if let Some(id) = self.by_key.get(&(category.to_owned(), template)) {
                found.push((said, id.clone()));
            }
        }
        found.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
        found.into_iter().map(|(_, id)| id).collect()
    }
}
