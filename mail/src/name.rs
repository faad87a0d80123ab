//! Customers among the names of a mail, decided by a model over all sightings of a name: what proposed it, its words,
//! whose domain it runs like, what stands around it.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use crate::customer::{self, Proposal};
use crate::fold::{self, Folded};
use crate::house::{Party, party};
use crate::model::{Features, Linear, document, numeral};
use crate::organisation::{longest, name_key};
use crate::reading::Stance;

/// Names of the model's classes.
pub(crate) const CLASSES: [&str; 2] = ["other", "customer"];

/// Names judged in one mail.
const MOST: usize = 200;
/// Sightings of one name that are read.
const SIGHTINGS: usize = 6;
/// Forms that end the name of a company.
const LEGAL: &[&str] = &[
    "inc",
    "llc",
    "llp",
    "ltd",
    "limited",
    "corp",
    "corporation",
    "co",
    "gmbh",
    "ggmbh",
    "ag",
    "kg",
    "ohg",
    "se",
    "sa",
    "sas",
    "sarl",
    "sl",
    "slu",
    "sau",
    "cv",
    "bv",
    "nv",
    "plc",
    "pc",
    "c",
    "v",
    "l",
    "ev",
    "ek",
    "ulc",
    "pllc",
    "spa",
];

/// A name with all its sightings.
pub(crate) struct Name {
    /// As first written.
    pub text: String,
    pub features: Features,
    at: usize,
}

/// All names of a mail that may be customers, with their features; `named` keeps the features' names for training.
pub(crate) fn names(stance: &Stance<'_>, text: &Folded, named: bool) -> Vec<Name> {
    let zones = crate::analysis::zones(stance.mail);
    let role = document::role(stance);
    let mut all: Vec<(Name, usize)> = Vec::new();
    let mut known: HashMap<String, usize> = HashMap::new();
    for proposal in customer::proposals(stance.mail, text, &stance.house) {
        let key = name_key(&proposal.name);
        if key.is_empty() || all.len() >= MOST && !known.contains_key(&key) {
            continue;
        }
        let index = *known.entry(key).or_insert_with(|| {
            let features = if named { Features::named() } else { Features::default() };
            all.push((Name { text: proposal.name.clone(), features, at: proposal.at }, 0));
            all.len() - 1
        });
        let (name, seen) = &mut all[index];
        name.features.add(&["by", proposal.by], 1.0, None);
        name.features.add(&["by", proposal.by, role], 0.5, None);
        *seen += 1;
        if *seen <= SIGHTINGS && proposal.by != "sender" {
            around(&mut name.features, text.whole(), &zones, &proposal);
        }
    }
    let keys: Vec<String> = all.iter().map(|(name, _)| name_key(&name.text)).collect();
    for (index, (name, seen)) in all.iter_mut().enumerate() {
        itself(&mut name.features, &name.text, stance);
        let key = &keys[index];
        let within = keys.iter().any(|other| other.len() > key.len() && other.contains(key.as_str()));
        let holds = keys.iter().any(|other| other.len() < key.len() && key.contains(other.as_str()));
        for (what, holds) in [("within another", within), ("holds another", holds), ("seen again", *seen > 1)] {
            if holds {
                name.features.add(&[what], 0.7, None);
            }
        }
        name.features.unique();
    }
    all.into_iter().map(|(name, _)| name).collect()
}

fn itself(features: &mut Features, name: &str, stance: &Stance<'_>) {
    let folded = fold::plain(name);
    let words: Vec<&str> = folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    if let (Some(first), Some(last)) = (words.first(), words.last()) {
        features.add(&["first", first], 0.7, None);
        features.add(&["last", last], 0.7, None);
        if LEGAL.contains(last) {
            features.add(&["legal form"], 1.0, None);
        }
    }
    for word in &words {
        features.add(&["word", word], 0.7, None);
    }
    features.add(&["words", numeral(words.len().min(7))], 0.7, None);
    let capitals = name.chars().all(|c| !c.is_lowercase());
    for (what, holds) in [
        ("capitals", capitals),
        ("digits", name.contains(|c: char| c.is_ascii_digit())),
        ("ampersand", name.contains('&')),
        ("hyphen", name.contains('-')),
        ("short", name.len() < 7),
    ] {
        if holds {
            features.add(&["its", what], 0.7, None);
        }
    }
    let objections = customer::objections(name, &stance.house, stance.mail);
    for objection in &objections {
        features.add(&["objection", objection], 1.0, None);
    }
    if objections.is_empty() {
        features.add(&["no objection"], 1.0, None);
    }
    let mail = stance.mail;
    let outside = |address: &&crate::Address| !stance.house.holds(&address.email) && party(address) == Party::Unknown;
    if mail.from.iter().filter(outside).any(|address| customer::matches_domain(name, address)) {
        features.add(&["the sender's domain"], 1.0, None);
    }
    if mail.to.iter().chain(&mail.cc).filter(outside).any(|address| customer::matches_domain(name, address)) {
        features.add(&["a recipient's domain"], 1.0, None);
    }
    let people = mail.from.iter().chain(&mail.to).chain(&mail.cc).filter_map(|address| address.name.as_deref());
    for person in people.take(50) {
        if person == name {
            features.add(&["a display name"], 1.0, None);
        } else if person.contains(name) {
            features.add(&["within a display name"], 1.0, None);
        }
    }
}

/// What stands around a sighting.
fn around(features: &mut Features, text: &str, zones: &[usize; 4], proposal: &Proposal) {
    let zone =
        ["subject", "own", "signature", "quoted"][zones.iter().rposition(|start| *start <= proposal.at).unwrap_or(0)];
    features.add(&["in", zone], 0.7, None);
    // A cleaned name may begin later than its pattern did.
    let Some(offset) = text[proposal.at..].find(&proposal.name).filter(|offset| *offset < 60) else { return };
    let start = proposal.at + offset;
    let end = start + proposal.name.len();
    let from = text[..start].rfind('\n').map_or(0, |at| at + 1);
    let to = text[end..].find('\n').map_or(text.len(), |at| end + at);
    let before = fold::plain(tail(&text[from..start], 60));
    let after = fold::plain(head(&text[end..to], 40));
    let words = |text: &str| -> Vec<String> {
        text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_owned).collect()
    };
    let (left, right) = (words(&before), words(&after));
    for (distance, word) in left.iter().rev().take(3).enumerate() {
        features.add(&["before", numeral(distance + 1), word], 0.7, None);
        features.add(&["before", word], 0.5, None);
    }
    for (distance, word) in right.iter().take(2).enumerate() {
        features.add(&["after", numeral(distance + 1), word], 0.7, None);
    }
    let sign = |c: Option<char>| c.filter(|c| !c.is_alphanumeric() && !c.is_whitespace()).map(String::from);
    if let Some(sign) = sign(before.trim_end().chars().next_back()) {
        features.add(&["sign before", &sign], 0.5, None);
    }
    if let Some(sign) = sign(after.trim_start().chars().next()) {
        features.add(&["sign after", &sign], 0.5, None);
    }
    let alone = left.is_empty() && right.is_empty();
    for (what, holds) in [("alone", alone), ("begins its line", left.is_empty()), ("ends its line", right.is_empty())] {
        if holds {
            features.add(&[what], 0.7, None);
            features.add(&[what, zone], 0.7, None);
        }
    }
}

fn tail(text: &str, length: usize) -> &str {
    let mut at = text.len().saturating_sub(length);
    while !text.is_char_boundary(at) {
        at += 1;
    }
    &text[at..]
}

fn head(text: &str, length: usize) -> &str {
    let mut at = text.len().min(length);
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    &text[..at]
}

/// What names turned out to be in earlier mail.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Names {
    /// Mails that had a name, and how many of them, weighed by probability, had it as a customer.
    seen: HashMap<String, (f32, f32)>,
}

impl Names {
    /// Learns what a name is in one mail.
    pub(crate) fn learn(&mut self, key: &str, probability: f32) {
        if self.seen.len() >= REMEMBERED {
            self.seen.retain(|_, (mails, _)| *mails > 1.5);
        }
        let (mails, customers) = self.seen.entry(key.to_owned()).or_default();
        *mails += 1.0;
        *customers += probability;
    }

    /// By how much a name is likelier a customer than not, beyond what its own mail shows.
    fn odds(&self, key: &str) -> f32 {
        let Some((mails, customers)) = self.seen.get(key) else { return 1.0 };
        ((customers + 0.5) / (mails - customers + 0.5)).clamp(0.25, 6.0)
    }
}

/// Names remembered; when they are more, those of one mail are forgotten.
const REMEMBERED: usize = 20_000;

/// The names of one mail, and how likely each is a customer's.
pub(crate) fn lessons(names: &[Name], model: &Linear) -> Vec<(String, f32)> {
    let lesson = |name: &Name| Some((name_key(&name.text), *model.probabilities(&name.features).get(1)?));
    names.iter().filter_map(lesson).collect()
}

/// The customers by the model and by earlier mail, in their longest forms, with the probability of each.
pub(crate) fn decide(names: &[Name], model: &Linear, known: &Names) -> Vec<(String, f32)> {
    let judged: Vec<(&Name, f32)> = names
        .iter()
        .filter_map(|name| {
            let alone = *model.probabilities(&name.features).get(1)?;
            let odds = alone / (1.0 - alone).max(1e-6) * known.odds(&name_key(&name.text));
            let probability = odds / (1.0 + odds);
            (probability > 0.45).then_some((name, probability))
        })
        .collect();
    longest(judged.iter().map(|(name, _)| (name.at, name.text.clone())).collect())
        .into_iter()
        .map(|text| {
            let probability =
                judged.iter().find(|(name, _)| name.text == text).map_or(0.5, |(_, probability)| *probability);
            (text, probability)
        })
        .collect()
}

/// What is believed of features before mail was seen: feature, class, weight.
pub(crate) fn beliefs() -> Vec<(String, usize, f64)> {
    let customer = [
        ("the sender's domain", 2.5),
        ("a recipient's domain", 2.5),
        ("by domain", 1.0),
        ("by ending", 1.0),
        ("by kind", 1.5),
        ("by label", 1.5),
        ("legal form", 1.0),
        ("no objection", 0.5),
    ];
    let other = [
        ("objection own", 4.0),
        ("objection vendor", 2.0),
        ("objection person", 3.0),
        ("objection distributor", 3.0),
        ("objection department", 3.0),
        ("objection title", 3.0),
        ("objection trade", 4.0),
        ("by words", 1.0),
        ("its short", 1.0),
    ];
    let believe = |class| move |(feature, weight): (&str, f64)| (feature.to_owned(), class, weight);
    customer.map(believe(1)).into_iter().chain(other.map(believe(0))).collect()
}
