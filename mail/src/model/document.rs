//! A mail as features: its words by zone and by who wrote them, its structure, and what the rules found.

use std::sync::Arc;

use crate::category;
use crate::entity::Entities;
use crate::fold::Folded;
use crate::house::{Party, party};
use crate::language::Language;
use crate::reading::{Reading, Stance};
use crate::subject::Relation;
use crate::{Before, Signal, date, noise, state, status};

use super::concept;
use super::features::{Features, Place, Zone};

/// Words read of a zone.
const MOST: usize = 600;
/// Words of an opening or a question count besides as such.
const HEAD: usize = 14;
/// Length the words of a zone are scaled to, so that long mail is not louder than short mail.
const OWN: f32 = 4.0;
const SUBJECT: f32 = 2.0;
const QUOTED: f32 = 1.5;
const ROLE: f32 = 2.0;
const CUE: f32 = 0.4;
const MEANING: f32 = 4.0;
/// Pairs are many and rare; with a length of their own they do not drown what stands alone.
const PAIRS: f32 = 3.0;
const PLACED: f32 = 2.0;

/// What the document models read of a mail, beside its words.
pub(crate) struct Evidence<'a> {
    pub reading: &'a Reading<'a>,
    pub entities: &'a Entities,
    /// Amount at stake.
    pub cents: Option<i64>,
    /// Reason of the rules for noise.
    pub noise: Option<&'static str>,
}

/// The texts that features point into.
#[derive(Debug)]
pub(crate) struct Texts {
    subject: Folded,
    own: Arc<Folded>,
    quoted: Option<Folded>,
}

impl Texts {
    /// Takes them out of a reading that is no longer needed.
    pub fn of(reading: Reading<'_>) -> Self {
        Self { subject: reading.subject, own: reading.own, quoted: reading.layers.into_iter().next() }
    }

    /// The literal words at a place.
    pub fn words(&self, place: &Place) -> Option<String> {
        let text = match place.zone {
            Zone::Subject => &self.subject,
            Zone::Own => &self.own,
            Zone::Quoted => self.quoted.as_ref()?,
        };
        Some(text.original(place.range()).to_owned()).filter(|words| !words.is_empty())
    }
}

/// Who speaks, and how the mail stands to an earlier one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Speaker {
    role: &'static str,
    relation: &'static str,
}

impl Speaker {
    pub fn of(reading: &Reading<'_>) -> Self {
        Self { role: role(reading), relation: relation(reading) }
    }
}

/// What is known of the matter apart from the mail, as further features; `named` keeps their names for training.
pub(crate) fn context(speaker: Speaker, before: Before, named: bool) -> Features {
    let mut features = if named { Features::named() } else { Features::default() };
    let Speaker { role, relation } = speaker;
    let known = if before.joined { "joins" } else { "first" };
    features.add(&[known], 1.0, None);
    features.add(&[known, role], 1.0, None);
    features.add(&[known, relation], 1.0, None);
    if let Some(status) = before.status {
        features.add(&["was", status.as_str()], 1.0, None);
        features.add(&["was", status.as_str(), role], 1.0, None);
    }
    features
}

/// All features of a mail; `named` keeps their names for training.
pub(crate) fn features(evidence: &Evidence<'_>, named: bool) -> Features {
    let mut features = if named { Features::named() } else { Features::with_capacity(2_000) };
    words(&mut features, evidence.reading);
    structure(&mut features, evidence);
    cues(&mut features, evidence);
    features
}

fn words(features: &mut Features, reading: &Reading<'_>) {
    let role = role(reading);
    let own = tokens(&reading.own);
    let own_said = said(&own);
    let opens = !reading.is_reply();
    let from = features.len();
    grams(features, "own", &own, Zone::Own);
    features.block(from, OWN);
    let from = features.len();
    for token in &own {
        features.add(&[role, token.word], 1.0, Some(place(Zone::Own, token)));
    }
    features.block(from, ROLE);
    let from = features.len();
    let pairs = meanings(features, role, &own, &own_said, Zone::Own);
    features.block(from, MEANING);
    let from = features.len();
    paired(features, pairs);
    features.block(from, PAIRS);
    let from = features.len();
    placed(features, relation(reading), &own, &own_said);
    features.block(from, PLACED);
    let from = features.len();
    for token in own.iter().take(HEAD) {
        features.add(&["head", token.word], 1.0, Some(place(Zone::Own, token)));
    }
    features.block(from, 1.0);
    let from = features.len();
    for token in own.iter().filter(|token| token.asked) {
        features.add(&["asked", token.word], 1.0, Some(place(Zone::Own, token)));
    }
    features.block(from, 1.0);

    let subject = tokens(&reading.subject);
    let from = features.len();
    grams(features, "subject", &subject, Zone::Subject);
    features.block(from, SUBJECT);
    let from = features.len();
    let pairs = meanings(features, "subject", &subject, &said(&subject), Zone::Subject);
    paired(features, pairs);
    features.block(from, SUBJECT);
    if opens {
        let from = features.len();
        for token in &subject {
            features.add(&["topic", token.word], 1.0, Some(place(Zone::Subject, token)));
        }
        features.block(from, SUBJECT);
    }
    if let Some(nearest) = reading.layers.first() {
        let quoted = tokens(nearest);
        let from = features.len();
        let pairs = meanings(features, "quoted", &quoted, &said(&quoted), Zone::Quoted);
        paired(features, pairs);
        features.block(from, QUOTED);
        let from = features.len();
        for token in &quoted {
            features.add(&["quoted", token.word], 1.0, Some(place(Zone::Quoted, token)));
        }
        features.block(from, QUOTED);
    }
    if let Some(oldest) = reading.layers.last().filter(|_| reading.layers.len() > 1) {
        let from = features.len();
        for token in &tokens(oldest) {
            features.add(&["oldest", token.word], 1.0, None);
        }
        features.block(from, QUOTED);
    }
}

/// Words, their stems and pairs of neighbours.
fn grams(features: &mut Features, zone: &str, tokens: &[Token<'_>], kind: Zone) {
    for (index, token) in tokens.iter().enumerate() {
        features.add(&[zone, token.word], 1.0, Some(place(kind, token)));
        // Endings change with number, case and tense; compounds begin alike.
        if token.word.len() > 6
            && let Some(stem) = token.word.get(..5)
        {
            features.add(&[zone, "~", stem], 0.7, Some(place(kind, token)));
        }
        if let Some(next) = tokens.get(index + 1).filter(|next| next.clause == token.clause) {
            let range = token.range.start..next.range.end;
            features.add(&[zone, token.word, next.word], 0.7, Some(Place::new(kind, range)));
        }
    }
}

/// Two meanings in the order of a clause.
struct Pair {
    earlier: &'static str,
    later: &'static str,
    place: Place,
}

/// What words mean, by who says it; returns which meanings follow each other in a clause.
fn meanings(features: &mut Features, speaker: &str, tokens: &[Token<'_>], said: &[Said], zone: Zone) -> Vec<Pair> {
    let mut pairs = Vec::new();
    let mut before: Vec<(usize, &'static str)> = Vec::new();
    for (token, said) in tokens.iter().zip(said) {
        if before.last().is_some_and(|(clause, _)| *clause != token.clause) {
            before.clear();
        }
        for meaning in said.all() {
            let at = || Some(place(zone, token));
            features.add(&["means", meaning], 1.0, at());
            features.add(&["means", meaning, speaker], 1.0, at());
            if token.asked {
                features.add(&["means asked", meaning], 1.0, at());
            }
            for (_, earlier) in before.iter().rev().take(3).filter(|(_, earlier)| *earlier != meaning) {
                pairs.push(Pair { earlier, later: meaning, place: place(zone, token) });
            }
        }
        before.extend(said.all().map(|meaning| (token.clause, meaning)));
    }
    pairs
}

fn paired(features: &mut Features, pairs: Vec<Pair>) {
    for Pair { earlier, later, place } in pairs {
        features.add(&["means", earlier, later], 0.8, Some(place));
    }
}

/// Meanings by where they stand in the text, and by how the mail stands to an earlier one.
fn placed(features: &mut Features, relation: &str, tokens: &[Token<'_>], said: &[Said]) {
    let last = tokens.last().map_or(0, |token| token.clause);
    for (index, (token, said)) in tokens.iter().zip(said).enumerate() {
        for meaning in &said.meanings {
            let at = || Some(place(Zone::Own, token));
            features.add(&["means", meaning, relation], 1.0, at());
            if index < 2 * HEAD {
                features.add(&["opens with", meaning], 1.0, at());
            }
            if token.clause + 3 > last {
                features.add(&["ends with", meaning], 0.7, at());
            }
        }
    }
}

/// What a word says.
struct Said {
    /// A French negation leans on it.
    negates: bool,
    /// Of the phrases that begin with it and end in its clause.
    meanings: Vec<&'static str>,
}

impl Said {
    fn all(&self) -> impl Iterator<Item = &'static str> {
        self.negates.then_some("not").into_iter().chain(self.meanings.iter().copied())
    }
}

fn said(tokens: &[Token<'_>]) -> Vec<Said> {
    let (words, negates): (Vec<&str>, Vec<bool>) = tokens.iter().map(|token| concept::unelided(token.word)).unzip();
    let in_clause = |index: usize| {
        tokens[index..].iter().take(concept::LONGEST).take_while(|token| token.clause == tokens[index].clause).count()
    };
    let of = |index: usize| concept::of(&words[index..index + in_clause(index)]);
    negates.into_iter().enumerate().map(|(index, negates)| Said { negates, meanings: of(index) }).collect()
}

fn place(zone: Zone, token: &Token<'_>) -> Place {
    Place::new(zone, token.range.clone())
}

struct Token<'t> {
    word: &'t str,
    range: std::ops::Range<usize>,
    /// Number of its clause.
    clause: usize,
    /// In a question.
    asked: bool,
}

/// Words of a folded text; numbers become `#`, amounts `$`, addresses vanish.
fn tokens(text: &Folded) -> Vec<Token<'_>> {
    let bytes = text.text.as_bytes();
    let mut tokens: Vec<Token<'_>> = Vec::new();
    let (mut at, mut clause, mut sentence) = (0, 0, 0);
    while at < bytes.len() && tokens.len() < MOST {
        let c = bytes[at];
        if c.is_ascii_alphanumeric() || c >= 0x80 || c == b'$' {
            let start = at;
            while at < bytes.len()
                && (bytes[at].is_ascii_alphanumeric()
                    || bytes[at] >= 0x80
                    || matches!(bytes[at], b'\'' | b'$')
                    || (matches!(bytes[at], b'-' | b'.' | b'@' | b'/' | b',' | b':' | b'_')
                        && bytes.get(at + 1).is_some_and(u8::is_ascii_alphanumeric)
                        && bytes[start..at].iter().chain(bytes.get(at + 1)).any(|b| b.is_ascii_digit() || *b == b'@')))
            {
                at += 1;
            }
            if let Some(word) = normal(&text.text[start..at]) {
                tokens.push(Token { word, range: start..at, clause, asked: false });
            }
        } else {
            match c {
                b'?' => {
                    tokens[sentence..].iter_mut().for_each(|token| token.asked = true);
                    (clause, sentence) = (clause + 1, tokens.len());
                }
                b'.' | b'!' | b'\n' => (clause, sentence) = (clause + 1, tokens.len()),
                b';' | b':' | b'(' | b')' | b',' => clause += 1,
                _ => {}
            }
            at += 1;
        }
    }
    tokens
}

fn normal(word: &str) -> Option<&str> {
    let word = word.trim_matches(['\'', '-']);
    if word.is_empty() || word.len() > 40 {
        return None;
    }
    if word.contains('@') {
        return None;
    }
    if word.contains('$') {
        return Some("$");
    }
    let digits = word.bytes().filter(u8::is_ascii_digit).count();
    if digits == 0 {
        return Some(word);
    }
    Some(match (digits, word.len()) {
        (_, 1) => "#",
        (d, l) if d == l && l <= 2 => "##",
        (d, _) if d >= 4 => "####",
        _ => "#x",
    })
}

/// Who speaks: our people, a machine, a vendor, a carrier, or somebody else, most likely a customer.
pub(crate) fn role(reading: &Stance<'_>) -> &'static str {
    if reading.machine {
        return "machine";
    }
    if reading.house.sent {
        return "house";
    }
    match reading.mail.from.as_ref().map(party) {
        Some(Party::Vendor) => "vendor",
        Some(Party::Carrier) => "carrier",
        _ => "customer",
    }
}

fn relation(reading: &Stance<'_>) -> &'static str {
    match reading.relation {
        Relation::Opens if reading.mail.in_reply_to.is_some() => "continues",
        Relation::Opens => "opens",
        Relation::Reply => "reply",
        Relation::Forward => "forward",
    }
}

fn structure(features: &mut Features, evidence: &Evidence<'_>) {
    let reading = evidence.reading;
    let mail = reading.mail;
    let role = role(reading);
    let relation = relation(reading);
    features.add(&["is", relation], 1.0, None);
    features.add(&["is", role], 1.0, None);
    features.add(&["is", relation, role], 1.0, None);
    let language = reading.language;
    if language != Language::English {
        features.add(&["is", language.as_str()], 0.5, None);
    }
    let questions = reading.own.text.matches('?').count();
    for (name, holds) in [
        ("asks", reading.asks),
        ("question", questions > 0),
        ("questions", questions > 1),
        ("exclaims", reading.own.text.contains('!')),
        ("shouts", shouts(&mail.subject) || shouts(&mail.new_text)),
    ] {
        features.flag(name, holds);
        if holds {
            features.add(&[name, role], 1.0, None);
            features.add(&[name, relation], 0.5, None);
        }
    }
    for (name, holds) in [
        ("house certain", reading.house.certain),
        ("attachment", !mail.attachments.is_empty()),
        ("signed", !mail.signature.is_empty()),
        ("quotes", !reading.layers.is_empty()),
        ("quotes many", reading.layers.len() > 2),
        ("answers", mail.in_reply_to.is_some()),
        ("deep", mail.references.len() > 1),
        ("no recipient of ours", !mail.to.iter().chain(&mail.cc).any(|a| reading.house.holds(&a.email))),
        ("undisclosed", mail.to.is_empty()),
        ("due soon", date::due_soon(reading.dates(), mail.date).is_some()),
        ("link", mail.text.contains("http://") || mail.text.contains("https://")),
    ] {
        features.flag(name, holds);
    }
    for signal in [
        Signal::AutoReplied,
        Signal::AutoGenerated,
        Signal::Bulk,
        Signal::List,
        Signal::DeliveryReport,
        Signal::ReadReceipt,
        Signal::Calendar,
        Signal::Important,
        Signal::NullSender,
        Signal::SuppressesReplies,
        Signal::BulkMailer,
        Signal::Forged,
        Signal::ReplyElsewhere,
        Signal::Impersonates,
        Signal::MisleadingLink,
    ] {
        if mail.has(signal) {
            features.add(&["signal", &format!("{signal:?}")], 1.0, None);
        }
    }
    let length = match reading.own.text.len() {
        0..40 => "terse",
        40..120 => "short",
        120..400 => "medium",
        400..1200 => "long",
        _ => "endless",
    };
    features.add(&["length", length], 1.0, None);
    numbers(features, evidence);
}

fn numbers(features: &mut Features, evidence: &Evidence<'_>) {
    let e = evidence.entities;
    let mut any = false;
    for (name, list) in [
        ("po", &e.po_numbers),
        ("quote", &e.quote_numbers),
        ("case", &e.case_numbers),
        ("order", &e.order_numbers),
        ("part", &e.part_numbers),
        ("tracking", &e.tracking_numbers),
        ("customer", &e.customers),
    ] {
        if !list.is_empty() {
            features.add(&["names", name], 1.0, None);
            any |= name != "customer" && name != "part";
        }
    }
    features.flag("names nothing", !any);
    if let Some(cents) = evidence.cents {
        features.flag("value", true);
        features.flag("value 10k", cents >= 1_000_000);
        features.flag("value 50k", cents >= 5_000_000);
    }
}

fn cues(features: &mut Features, evidence: &Evidence<'_>) {
    let reading = evidence.reading;
    let role = role(reading);
    for &(category, weight) in category::weights(reading) {
        features.add(&["rule", category.as_str()], (weight * CUE).min(3.0), None);
    }
    let best = category::choose(reading);
    features.add(&["rule best", best.as_str()], 1.0, None);
    let state = state::decide(reading, best);
    features.add(&["rule", state.as_str()], 1.0, None);
    let (status, priority) = status::judge(reading, state, best, evidence.cents);
    features.add(&["rule", status.as_str()], 1.0, None);
    features.add(&["rule", priority.as_str()], 1.0, None);
    let all = state::cues(reading).into_iter().chain(status::cues(reading)).chain(noise::cues(reading));
    for (name, weight) in all.filter(|(_, weight)| *weight > 0.0) {
        let value = (weight * CUE).min(2.0);
        features.add(&["cue", name], value, None);
        features.add(&["cue", name, role], value, None);
    }
    if let Some(reason) = evidence.noise {
        features.flag("rule noise", true);
        features.add(&["rule noise", reason], 1.0, None);
    }
    if let Some(category) = category::addressed(reading) {
        features.add(&["mailbox", category.as_str()], 1.0, None);
    }
}

/// Words in capitals, more than abbreviations.
fn shouts(text: &str) -> bool {
    let loud = |word: &str| {
        word.chars().filter(|c| c.is_alphabetic()).count() >= 5
            && !word.chars().any(|c| c.is_lowercase() || c.is_numeric())
    };
    text.split_whitespace().take(300).filter(|word| loud(word)).count() >= 2
}
