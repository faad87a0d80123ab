//! The amount at stake among the amounts of a mail, decided by a model: the words around each, its size among the
//! others, and whether it is their sum or a price times a quantity.

use crate::fold::Folded;
use crate::model::{Features, Linear, document, numeral};
use crate::money::{self, Amount};
use crate::reading::Reading;
use crate::{Category, category};

/// Names of the model's classes.
pub(crate) const CLASSES: [&str; 2] = ["other", "stake"];

/// Amounts judged in one zone.
const MOST: usize = 60;
/// From this probability on an amount is at stake.
const LEAST: f32 = 0.5;

/// An amount with what the model reads.
pub(crate) struct Candidate {
    pub amount: Amount,
    pub features: Features,
}

/// The amounts in dollars of each zone: what the sender wrote now, then the earlier mails, the nearest first. `named`
/// keeps the features' names for training.
pub(crate) fn zones(reading: &Reading<'_>, named: bool) -> Vec<Vec<Candidate>> {
    let own = if reading.is_reply() { &reading.own } else { &reading.opening };
    let prices = category::choose(reading) == Category::VendorPricingUpdates;
    let role = document::role(reading);
    std::iter::once((own, true))
        .chain(reading.layers.iter().map(|layer| (layer, false)))
        .map(|(text, own)| {
            let amounts = money::in_folded(text);
            let dollars: Vec<&Amount> =
                amounts.iter().filter(|amount| amount.currency == "USD" && amount.cents > 0).take(MOST).collect();
            let place = if own { "own" } else { "quoted" };
            dollars
                .iter()
                .enumerate()
                .map(|(index, amount)| {
                    let mut features = if named { Features::named() } else { Features::default() };
                    features.add(&["in", place], 0.5, None);
                    features.add(&["from", role], 0.5, None);
                    if prices {
                        features.add(&["prices", place], 1.0, None);
                    }
                    itself(&mut features, amount);
                    around(&mut features, text, amount);
                    among(&mut features, text, &dollars, index);
                    features.unique();
                    Candidate { amount: (*amount).clone(), features }
                })
                .collect()
        })
        .collect()
}

fn itself(features: &mut Features, amount: &Amount) {
    let size = amount.cents.max(1).ilog10().saturating_sub(1);
    features.add(&["size", &size.to_string()], 0.7, None);
    for sign in &amount.signs {
        features.add(&["sign", sign], 1.0, None);
    }
    let rule = match amount.weight {
        ..0 => "against",
        0 => "silent",
        1..=3 => "for",
        _ => "sure",
    };
    features.add(&["rule", rule], 1.0, None);
    let round = amount.cents % 100_000 == 0;
    features.add(&[if round { "round" } else { "exact" }], 0.5, None);
    let marked = amount.span.contains(['$', 'U', 'u', 'd', 'D']);
    if !marked {
        features.add(&["no currency"], 0.7, None);
    }
}

fn around(features: &mut Features, text: &Folded, amount: &Amount) {
    let line = text.text[..amount.range.start].rfind('\n').map_or(0, |at| at + 1);
    let end = text.text[amount.range.end..].find('\n').map_or(text.text.len(), |at| amount.range.end + at);
    let before = &text.text[line..amount.range.start];
    let after = &text.text[amount.range.end..end];
    // A line broken by the mail program goes on.
    let wrapped = before.trim().is_empty() && line > 1;
    let above = if wrapped {
        let from = text.text[..line - 1].rfind('\n').map_or(0, |at| at + 1);
        &text.text[from..line - 1]
    } else {
        ""
    };
    let words = |text: &str| -> Vec<String> {
        text.split(|c: char| !c.is_alphanumeric())
            .filter(|word| !word.is_empty())
            .map(|word| if word.bytes().any(|b| b.is_ascii_digit()) { "#".to_owned() } else { word.to_owned() })
            .collect()
    };
    let mut left = words(tail(above));
    left.extend(words(tail(before)));
    for (distance, word) in left.iter().rev().take(6).enumerate() {
        features.add(&["before", word], 0.7, None);
        if distance < 2 {
            features.add(&["before", numeral(distance + 1), word], 0.7, None);
        }
        if word.len() > 6
            && let Some(stem) = word.get(..5)
        {
            features.add(&["before", "~", stem], 0.5, None);
        }
    }
    for (distance, word) in words(head(after)).iter().take(3).enumerate() {
        features.add(&["after", word], 0.7, None);
        if distance == 0 {
            features.add(&["after", "1", word], 0.7, None);
        }
    }
    if let Some(sign) = before.trim_end().chars().next_back().filter(|c| !c.is_alphanumeric()) {
        features.add(&["sign before", sign.encode_utf8(&mut [0; 4])], 0.7, None);
    }
    if let Some(sign) = after.trim_start().chars().next().filter(|c| !c.is_alphanumeric()) {
        features.add(&["sign after", sign.encode_utf8(&mut [0; 4])], 0.7, None);
    }
    if let Some(first) = words(&before[..floor(before, before.len().min(30))]).first() {
        features.add(&["line begins", first], 0.7, None);
    }
}

/// How an amount stands among the others of its zone.
fn among(features: &mut Features, text: &Folded, amounts: &[&Amount], index: usize) {
    let own = amounts[index].cents;
    let distinct: std::collections::BTreeSet<i64> = amounts.iter().map(|amount| amount.cents).collect();
    let largest = distinct.last() == Some(&own);
    let sum: i64 = distinct.iter().filter(|cents| **cents != own).sum();
    // A quantity written next to a smaller amount whose product is this one.
    let product = amounts.iter().filter(|amount| amount.cents < own && own % amount.cents == 0).any(|amount| {
        let quantity = (own / amount.cents).to_string();
        let from = floor(&text.text, amount.range.start.saturating_sub(80));
        let to = floor(&text.text, (amount.range.end + 40).min(text.text.len()));
        text.text[from..to].split(|c: char| !c.is_ascii_digit()).any(|word| word == quantity)
    });
    // "from 12,990 to 12,410": the second holds.
    let changes = |from: &Amount, to: &Amount| {
        from.range.end < to.range.start
            && to.range.start - from.range.end < 16
            && ["to", "a", "auf", "->", "→", "=>"].contains(&text.text[from.range.end..to.range.start].trim())
    };
    let here = amounts[index];
    for (what, holds) in [
        ("changed from", amounts.get(index + 1).is_some_and(|next| changes(here, next))),
        ("changed to", index > 0 && changes(amounts[index - 1], here)),
        ("the only one", distinct.len() == 1),
        ("the largest", distinct.len() > 1 && largest),
        ("not the largest", !largest),
        ("the sum of the others", distinct.len() > 2 && sum == own),
        ("a product", product),
        ("named again", amounts.iter().filter(|amount| amount.cents == own).count() > 1),
        ("the last", index + 1 == amounts.len() && distinct.len() > 1),
        ("the first", index == 0 && distinct.len() > 1),
        ("of many", distinct.len() > 5),
    ] {
        if holds {
            features.add(&[what], 1.0, None);
        }
    }
}

fn tail(text: &str) -> &str {
    &text[floor(text, text.len().saturating_sub(80))..]
}

fn head(text: &str) -> &str {
    &text[..floor(text, text.len().min(40))]
}

fn floor(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// The amount at stake with its probability: of what was written now, else of the nearest earlier mail that names one.
pub(crate) fn decide(zones: &[Vec<Candidate>], model: &Linear) -> Option<(Amount, f32)> {
    zones.iter().find_map(|zone| {
        let judged = zone.iter().filter_map(|candidate| {
            let probability = *model.probabilities(&candidate.features).get(1)?;
            (probability >= LEAST).then_some((&candidate.amount, probability))
        });
        // Of equals the more exact and larger.
        judged
            .max_by(|a, b| a.1.total_cmp(&b.1).then(a.0.cents.cmp(&b.0.cents)))
            .map(|(amount, probability)| (amount.clone(), probability))
    })
}

/// What is believed of features before mail was seen: feature, class, weight.
pub(crate) fn beliefs() -> Vec<(String, usize, f64)> {
    let stake = [
        ("sign total", 2.0),
        ("sign budget", 1.0),
        ("sign stated", 1.0),
        ("sign expected", 1.0),
        ("rule sure", 1.0),
        ("rule for", 0.7),
        ("the only one", 1.0),
        ("the largest", 1.0),
        ("the sum of the others", 2.0),
        ("a product", 1.5),
        ("sign before =", 2.0),
        ("changed to", 2.0),
    ];
    let other = [
        ("rule against", 1.5),
        ("sign unit after", 2.0),
        ("sign unit before", 1.5),
        ("sign fee", 1.5),
        ("not the largest", 1.0),
        ("of many", 1.0),
        ("size 1", 1.0),
        ("size 2", 1.0),
        ("prices own", 1.0),
        ("no currency", 1.0),
        ("changed from", 2.0),
    ];
    let believe = |class| move |(feature, weight): (&str, f64)| (feature.to_owned(), class, weight);
    stake.map(believe(1)).into_iter().chain(other.map(believe(0))).collect()
}
