//! How a number looks: what classes of characters it is made of, and in which lengths.

use std::fmt::Write as _;
use std::sync::LazyLock;

use regex::Regex;

use crate::body::pattern;
use crate::label::Kind;
use crate::model::{Features, numeral};
use crate::shape;

static DATE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^(?:\d{1,2}[/.-]\d{1,2}(?:[/.-](?:\d{2}|20\d\d))?|20\d\d[/.-]\d{1,2}[/.-]\d{1,2}|\d{0,4}-?(?:jan|feb|mar|apr|may|mai|jun|jul|aug|sep|oct|okt|nov|dec|dez|ene|abr|ago|dic)[a-z]*-?\d{2,4})$",
    )
});
static CLOCK: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?i)^\d{1,2}[:.h]\d{2}(?:am|pm|h|uhr)?$|^\d{1,2}(?:am|pm|h|:00)$"));
static DECIMAL: LazyLock<Regex> = LazyLock::new(|| pattern(r"^\d{1,3}(?:[.,]\d{3})+(?:[.,]\d{2})?$|^\d+[.,]\d{1,2}$"));
static PHONE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^(?:1[-. ])?\d{3}[-. ]\d{3}[-. ]\d{4}$|^\d{3}[-. ]\d{4}$|^0\d{1,5}[-/ ]\d[\d /-]{4,}$|^\d{2}(?:[ .]\d{2}){4}$",
    )
});
static YEAR: LazyLock<Regex> = LazyLock::new(|| pattern(r"^(?:19|20)\d\d$"));

/// Runs of one class: `KS7-200418` gives `A2 91 - 96`.
fn runs(text: &str) -> Vec<(char, usize)> {
    let mut runs: Vec<(char, usize)> = Vec::new();
    for c in text.chars() {
        let class = match c {
            '0'..='9' => '9',
            c if c.is_uppercase() => 'A',
            c if c.is_alphabetic() => 'a',
            c if c.is_whitespace() => ' ',
            c => c,
        };
        match runs.last_mut() {
            Some((last, length)) if *last == class => *length += 1,
            _ => runs.push((class, 1)),
        }
    }
    runs
}

/// The form in which numbers of one system are alike: their letters, the lengths of their digits, and of bare digits the
/// first two. Codes of many turns are alike by their classes.
pub(crate) fn likeness(text: &str) -> String {
    let runs = runs(text);
    if runs.iter().filter(|(class, _)| class.is_alphanumeric()).count() > 5 {
        return runs.iter().map(|(class, _)| *class).collect();
    }
    let mut form = String::with_capacity(text.len() + 8);
    let mut rest = text;
    for (class, length) in &runs {
        let end = rest.char_indices().nth(*length).map_or(rest.len(), |(at, _)| at);
        if *class == '9' {
            if text.len() == *length && *length >= 6 {
                form.push_str(&rest[..2]);
            }
            form.push('9');
            form.push_str(&length.to_string());
        } else {
            form.push_str(&rest[..end]);
        }
        rest = &rest[end..];
    }
    form
}

/// A coarse form, to be joined with what the words say.
pub(crate) fn coarse(text: &str) -> &'static str {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let letters = text.bytes().filter(u8::is_ascii_alphabetic).count();
    let lower = text.bytes().any(|b| b.is_ascii_lowercase());
    match (letters, digits) {
        _ if lower => "lower",
        (0, 0..=3) => "tiny",
        (0, 4..=6) => "short",
        (0, 7..=9) => "long",
        (0, _) => "longest",
        (_, 0..=2) => "worded",
        _ => "coded",
    }
}

/// Features of a number's own characters.
pub(crate) fn form(features: &mut Features, text: &str) {
    let runs = runs(text);
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let letters = text.bytes().filter(u8::is_ascii_alphabetic).count();
    let classes: String = runs.iter().map(|(class, _)| *class).take(12).collect();
    features.add(&["its form", &classes], 1.0, None);
    if runs.len() <= 5 {
        let lengths = runs.iter().fold(String::new(), |mut text, (class, length)| {
            let _ = write!(text, "{class}{length}");
            text
        });
        features.add(&["its form", &lengths], 1.0, None);
    }
    if let Some((class, length)) = runs.first() {
        features.add(&["its begins", &format!("{class}{}", length.min(&9))], 0.7, None);
    }
    if let Some((class, length)) = runs.last() {
        features.add(&["its ends", &format!("{class}{}", length.min(&9))], 0.7, None);
    }
    features.add(&["its digits", numeral(digits.min(24))], 1.0, None);
    features.add(&["its letters", numeral(letters.min(9))], 1.0, None);
    features.add(&["its length", numeral((text.len() / 2).min(14))], 0.7, None);
    features.add(&["its coarse", coarse(text)], 1.0, None);
    let turns = runs.iter().filter(|(class, _)| class.is_alphanumeric()).count();
    features.add(&["its turns", numeral(turns.min(8))], 1.0, None);
    for sign in ["-", "/", ".", "#", "_", " ", "=", "+", "*", ":", ","] {
        let count = text.matches(sign).count();
        if count > 0 {
            features.add(&["its sign", sign], 1.0, None);
            features.add(&["its sign", sign, numeral(count.min(4))], 0.7, None);
        }
    }
    let prefix: String = text.chars().take_while(char::is_ascii_alphabetic).collect::<String>().to_ascii_lowercase();
    if !prefix.is_empty() && prefix.len() < text.len() {
        features.add(&["its prefix", &prefix], 1.0, None);
        features.add(&["its prefix ends", &prefix[prefix.len() - 1..]], 0.7, None);
        features.add(&["its prefix begins", &prefix[..1]], 0.5, None);
        for known in
            ["po", "so", "q", "rma", "cas", "tk", "inc", "ret", "cot", "ord", "ang", "dev", "re", "b", "sr", "ot"]
        {
            if prefix.contains(known) {
                features.add(&["its prefix has", known], 0.7, None);
            }
        }
    }
    for segment in text.split(|c: char| !c.is_ascii_alphabetic()).filter(|segment| !segment.is_empty()) {
        if let Some((kind, _)) = SEGMENTS.iter().find(|(_, known)| known.split('|').any(|known| known == segment)) {
            features.add(&["its letters say", name(*kind)], 1.0, None);
        }
    }
    flags(features, text);
}

/// Abbreviations within a number that say what it is.
const SEGMENTS: &[(Kind, &str)] = &[
    (Kind::Po, "PO|OC|BC|BEST|PUR"),
    (Kind::Quote, "Q|QT|QTE|QU|QUO|QUOTE|COT|ANG|OFF|OFR|DEV|PRES|BID"),
    (Kind::Case, "RMA|CAS|CASE|TKT|TCK|CLM|INC|SR|RET|SAV|REK|SCH|RGA|TIC|REP|INCIDENT"),
    (Kind::Order, "SO|ORD|AB|WEB|PED|CDE|AUF|OV"),
];

fn flags(features: &mut Features, text: &str) {
    for (name, holds) in [
        ("a date", DATE.is_match(text)),
        ("a time", CLOCK.is_match(text)),
        ("a decimal", DECIMAL.is_match(text)),
        ("a phone", PHONE.is_match(text)),
        ("a year", YEAR.is_match(text)),
        ("a unit", shape::is_measure(text)),
        ("a parcel", shape::parcel(text).is_some()),
    ] {
        if holds {
            features.add(&["its", name], 1.0, None);
        }
    }
    if let Some(kind) = shape::prefixed(text) {
        features.add(&["its prefixed", name(kind)], 1.0, None);
    }
}

/// The name of a kind in features.
pub(crate) fn name(kind: Kind) -> &'static str {
    match kind {
        Kind::Po => "po",
        Kind::Quote => "quote",
        Kind::Case => "case",
        Kind::Order => "order",
        Kind::Part => "part",
        Kind::Tracking => "tracking",
        Kind::Other => "other",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_one_system_are_alike() {
        assert_eq!(likeness("W7T-209101"), likeness("W7T-209744"));
        assert_ne!(likeness("W7T-209101"), likeness("W7R-209744"));
        assert_ne!(likeness("4410"), likeness("44101"));
    }
}
