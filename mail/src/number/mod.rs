//! Numbers of a mail by kind, decided by a model over all sightings of a number: what it looks like, what stands around
//! it wherever it is written, what the rules said, and what numbers of the same form are called in the same mail.

mod candidate;
mod context;
mod form;
mod formats;

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

use crate::entity::{Entities, normal};
use crate::fold::Folded;
use crate::house::{Party, party};
use crate::label::{self, Kind};
use crate::model::{Features, Linear, document};
use crate::reading::Stance;
use crate::{entity, shape};

use candidate::{Candidate, Tokens};
use context::Context;
pub(crate) use form::likeness;
pub use formats::Formats;

/// Classes of the model, in its order.
pub(crate) const KINDS: [Kind; 7] =
    [Kind::Other, Kind::Po, Kind::Quote, Kind::Case, Kind::Order, Kind::Part, Kind::Tracking];

/// Names of [`KINDS`].
pub(crate) fn classes() -> Vec<&'static str> {
    KINDS.iter().map(|kind| form::name(*kind)).collect()
}

/// Sightings of one number that are read.
const SIGHTINGS: usize = 6;
/// Numbers judged in one mail.
const MOST: usize = 600;
/// A mail with more part numbers encloses a price list: it speaks of none of them.
const LISTED: usize = 40;
/// Power of what a form meant in earlier mail, against what the mail itself shows. Measured on mail of companies left out.
const SHARP: f32 = 2.0;
/// A missed number costs as much as a false one, but most candidates are neither: nothing is believed a little less.
const DOUBTFUL: f32 = 0.8;
/// How much what alike numbers are called counts.
const ALIKE: f32 = 0.6;

/// The text whose numbers are read, and where its zones begin.
pub(crate) struct Source<'a> {
    pub text: &'a Folded,
    /// Bytes where subject, new text, signature and quotation begin.
    pub zones: [usize; 4],
    /// Who speaks.
    pub role: &'static str,
    /// Domain of the outside organisation the mail is from or to; empty for vendors, carriers and machines.
    pub party: String,
}

impl<'a> Source<'a> {
    /// The whole of a mail; `text` is, folded, what [`crate::analysis::searched`] gives.
    pub fn of(stance: &Stance<'_>, text: &'a Folded) -> Self {
        let mail = stance.mail;
        let from = mail.from.iter().chain(&mail.to).chain(&mail.cc);
        let party = from
            .filter(|address| !stance.house.holds(&address.email) && party(address) == Party::Unknown)
            .map(|address| address.domain().to_owned())
            .next()
            .unwrap_or_default();
        Self { text, zones: crate::analysis::zones(mail), role: document::role(stance), party }
    }
}

/// A number with all its sightings.
pub(crate) struct Value {
    /// Its normal form.
    pub key: String,
    /// As first written.
    pub text: String,
    /// What the model reads.
    pub features: Features,
    /// Places in the folded text.
    places: Vec<Range<usize>>,
    /// What it is called, as alike numbers are told.
    told: Vec<String>,
}

/// A number whose kind is decided.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    pub kind: Kind,
    /// As written.
    pub text: String,
    /// Probability of the kind.
    pub confidence: f32,
}

/// All numbers of a text that may be something, with their features; `named` keeps the features' names for training.
pub(crate) fn values(source: &Source<'_>, named: bool) -> Vec<Value> {
    let text = source.text;
    let tokens = Tokens::new(text);
    let labels = label::labels(text);
    let zones = source.zones.map(|at| text.folded_position(at));
    let context = Context { text, tokens: &tokens, labels: &labels, zones, role: source.role };
    let rules = ruled(&entity::numbers(text, &labels));
    let mut values: Vec<Value> = Vec::new();
    let mut known: HashMap<String, usize> = HashMap::new();
    for candidate in tokens.candidates(text, |range| context.is_label(range)) {
        let written = text.original(candidate.range.clone()).trim();
        let key = normal(written);
        let index = *known.entry(key.clone()).or_insert_with(|| {
            let features = if named { Features::named() } else { Features::default() };
            values.push(Value { key, text: written.to_owned(), features, places: Vec::new(), told: Vec::new() });
            values.len() - 1
        });
        if index >= MOST {
            values.pop();
            break;
        }
        let value = &mut values[index];
        if value.places.len() < SIGHTINGS {
            context.around(&mut value.features, &mut value.told, &candidate, written);
            judged(&mut value.features, text, &candidate, written);
        }
        value.places.push(candidate.range);
    }
    for value in &mut values {
        form::form(&mut value.features, &value.text);
        match rules.get(&value.key) {
            Some(kind) => {
                value.features.add(&["rule", form::name(*kind)], 1.0, None);
                value.told.push(format!("rule {}", form::name(*kind)));
            }
            None => value.features.add(&["rule none"], 1.0, None),
        }
        let seen = value.places.len();
        value.features.add(
            &[
                "seen",
                if seen > 3 {
                    "often"
                } else if seen > 1 {
                    "again"
                } else {
                    "once"
                },
            ],
            0.5,
            None,
        );
    }
    alike(&mut values);
    for value in &mut values {
        value.features.unique();
    }
    values
}

/// What the rules for forms say of one sighting.
fn judged(features: &mut Features, text: &Folded, candidate: &Candidate, written: &str) {
    let start = text.position(candidate.range.start);
    let range = start..start + written.len();
    let original = text.whole();
    if original.get(range.clone()) == Some(written) && shape::is_part(original, &range, written) {
        features.add(&["its looks are a part's"], 1.0, None);
    }
}

/// The kinds the rules gave.
fn ruled(entities: &Entities) -> HashMap<String, Kind> {
    let lists = [
        (Kind::Po, &entities.po_numbers),
        (Kind::Quote, &entities.quote_numbers),
        (Kind::Case, &entities.case_numbers),
        (Kind::Order, &entities.order_numbers),
        (Kind::Part, &entities.part_numbers),
        (Kind::Tracking, &entities.tracking_numbers),
    ];
    lists.into_iter().flat_map(|(kind, list)| list.iter().map(move |number| (normal(number), kind))).collect()
}

/// Lets numbers of one form share what they are called.
fn alike(values: &mut [Value]) {
    let mut forms: HashMap<String, Vec<usize>> = HashMap::new();
    for (index, value) in values.iter().enumerate() {
        forms.entry(form::likeness(&value.text)).or_default().push(index);
    }
    let mut gifts: Vec<(usize, Vec<String>)> = Vec::new();
    for members in forms.values().filter(|members| members.len() > 1) {
        let shared: Vec<(usize, String)> = members
            .iter()
            .take(12)
            .flat_map(|index| values[*index].told.iter().map(|name| (*index, name.clone())))
            .collect();
        for index in members {
            let mut names: Vec<String> =
                shared.iter().filter(|(from, _)| from != index).map(|(_, name)| name.clone()).collect();
            names.sort_unstable();
            names.dedup();
            names.push(match members.len() {
                2 => "one more".to_owned(),
                3..=5 => "some more".to_owned(),
                6..=20 => "many more".to_owned(),
                _ => "a listing".to_owned(),
            });
            gifts.push((*index, names));
        }
    }
    for (index, names) in gifts {
        for name in names {
            values[index].features.add(&["alike", &name], ALIKE, None);
        }
    }
}

/// The kinds of all numbers by the model and by what their forms meant in earlier mail, in the order of appearance. Of
/// overlapping ones the surest wins.
pub(crate) fn decide(values: &[Value], model: &Linear, formats: &Formats) -> Vec<Found> {
    settle(values, model, formats).found
}

/// What one number teaches about those of its form.
#[derive(Clone, Debug)]
pub(crate) struct Lesson {
    form: String,
    key: String,
    /// Of each of the [`KINDS`].
    probabilities: Vec<f32>,
}

/// What the numbers of one mail teach.
pub(crate) fn lessons(values: &[Value], model: &Linear, formats: &Formats) -> Vec<Lesson> {
    let settled = settle(values, model, formats);
    let pairs = values.iter().zip(settled.probabilities);
    pairs
        .filter_map(|(value, probabilities)| {
            let probabilities = probabilities?;
            // Where nothing says what a number is, the guess that it is nothing teaches nothing.
            let teaches = value.told.iter().any(|told| !told.starts_with("led")) || probabilities[0] < 0.3;
            teaches.then(|| Lesson { form: likeness(&value.text), key: value.key.clone(), probabilities })
        })
        .collect()
}

struct Settled {
    found: Vec<Found>,
    /// Of each value its kinds' probabilities, unless a surer one covers it.
    probabilities: Vec<Option<Vec<f32>>>,
}

fn settle(values: &[Value], model: &Linear, formats: &Formats) -> Settled {
    let mut judged: Vec<(usize, Vec<f32>, usize)> = values
        .iter()
        .enumerate()
        .map(|(index, value)| {
            let mut probabilities = model.probabilities(&value.features);
            let ratios = formats.ratios(&likeness(&value.text));
            probabilities.iter_mut().zip(ratios).for_each(|(p, ratio)| *p *= ratio.powf(SHARP));
            probabilities[0] *= DOUBTFUL;
            let sum: f32 = probabilities.iter().sum();
            for probability in &mut probabilities {
                *probability /= sum;
            }
            let best =
                (1..probabilities.len()).max_by(|a, b| probabilities[*a].total_cmp(&probabilities[*b])).unwrap_or(0);
            (index, probabilities, best)
        })
        .collect();
    judged.sort_by(|a, b| {
        let sure = |entry: &(usize, Vec<f32>, usize)| 1.0 - entry.1[0];
        sure(b).total_cmp(&sure(a)).then(values[b.0].key.len().cmp(&values[a.0].key.len())).then(a.0.cmp(&b.0))
    });
    let mut taken: BTreeMap<usize, usize> = BTreeMap::new();
    let mut found: Vec<(usize, Found)> = Vec::new();
    let mut settled = vec![None; values.len()];
    for (index, probabilities, best) in judged {
        let value = &values[index];
        let free: Vec<&Range<usize>> = value
            .places
            .iter()
            .filter(|place| taken.range(..place.end).next_back().is_none_or(|(_, end)| *end <= place.start))
            .collect();
        let Some(first) = free.first() else { continue };
        if probabilities[best] > probabilities[0] {
            let confidence = probabilities[best];
            found.push((first.start, Found { kind: KINDS[best], text: value.text.clone(), confidence }));
            for place in free {
                taken.insert(place.start, place.end);
            }
        }
        settled[index] = Some(probabilities);
    }
    found.sort_by_key(|(at, _)| *at);
    let parts = found.iter().filter(|(_, number)| number.kind == Kind::Part).count();
    if parts > LISTED {
        found.retain(|(_, number)| number.kind != Kind::Part);
    }
    Settled { found: found.into_iter().map(|(_, found)| found).collect(), probabilities: settled }
}

/// The field of the task that lists numbers of a kind.
pub(crate) fn field(kind: Kind) -> Option<&'static str> {
    match kind {
        Kind::Po => Some("po_numbers"),
        Kind::Quote => Some("quote_numbers"),
        Kind::Case => Some("case_numbers"),
        Kind::Order => Some("order_numbers"),
        Kind::Part => Some("part_numbers"),
        Kind::Tracking => Some("tracking_numbers"),
        Kind::Other => None,
    }
}

/// The lists of decided numbers; customers stay empty.
pub(crate) fn lists(found: &[Found]) -> Entities {
    let mut entities = Entities::default();
    for number in found {
        let list = match number.kind {
            Kind::Po => &mut entities.po_numbers,
            Kind::Quote => &mut entities.quote_numbers,
            Kind::Case => &mut entities.case_numbers,
            Kind::Order => &mut entities.order_numbers,
            Kind::Part => &mut entities.part_numbers,
            Kind::Tracking => &mut entities.tracking_numbers,
            Kind::Other => continue,
        };
        list.push(number.text.clone());
    }
    entities
}

/// What is believed of features before mail was seen: feature, class, weight.
pub(crate) fn beliefs() -> Vec<(String, usize, f64)> {
    let mut beliefs = Vec::new();
    for (class, kind) in KINDS.iter().enumerate() {
        let kind = form::name(*kind);
        let mut believe = |feature: String, weight: f64| beliefs.push((feature, class, weight));
        believe(format!("label {kind} 0"), 2.0);
        believe(format!("label {kind} 1"), 1.0);
        believe(format!("label {kind} 2"), 0.5);
        believe(format!("label {kind}"), 0.8);
        believe(format!("column label {kind}"), 2.0);
        believe(format!("list label {kind}"), 1.0);
        believe(format!("rule {kind}"), 1.5);
        believe(format!("its prefixed {kind}"), 1.5);
        believe(format!("its letters say {kind}"), 1.0);
        believe(format!("alike label {kind}"), 0.8);
        believe(format!("alike rule {kind}"), 0.5);
    }
    let at = |kind| KINDS.iter().position(|known| *known == kind).unwrap_or(0);
    beliefs.push(("its a parcel".to_owned(), at(Kind::Tracking), 4.0));
    beliefs.push(("carrier before".to_owned(), at(Kind::Tracking), 1.0));
    for longer in ["group before initials", "group after initials", "group after short", "group before short"] {
        beliefs.push((longer.to_owned(), 0, 1.5));
    }
    for (feature, weight) in [
        ("carrier before longest", 2.5),
        ("carrier before coded", 1.0),
        ("groups 3", 1.0),
        ("groups 4", 1.0),
        ("groups 5", 1.0),
    ] {
        beliefs.push((feature.to_owned(), at(Kind::Tracking), weight));
    }
    beliefs.push(("in signature".to_owned(), 0, 2.0));
    beliefs.push(("its coarse tiny".to_owned(), 0, 2.0));
    beliefs.push(("its looks are a part's".to_owned(), at(Kind::Part), 1.0));
    for nothing in
        ["its a date", "its a time", "its a decimal", "its a phone", "its a year", "its a unit", "part of a token"]
    {
        beliefs.push((nothing.to_owned(), 0, 2.0));
    }
    beliefs
}
