//! Text folded for matching: lower case, no accents, plain quotes and dashes, with the way back to the original so
//! that an explanation can show the literal words.

use std::ops::Range;
use std::sync::{Mutex, OnceLock, PoisonError};

use crate::cue::Hit;
use crate::scout::Spots;

/// Folded text and, for each of its bytes, where it came from.
#[derive(Debug, Default)]
pub(crate) struct Folded {
    pub text: String,
    original: String,
    at: Vec<u32>,
    /// What cues found here, by the place of the cues in memory: rules and models ask the same of one text.
    found: Mutex<Vec<(usize, Hit)>>,
    /// Where the patterns that are sought may begin, once one was asked for.
    pub spots: [OnceLock<Spots>; 2],
}

/// Folded text alone, where the way back is not needed.
pub(crate) fn plain(original: &str) -> String {
    let mut text = String::with_capacity(original.len());
    original.chars().for_each(|c| add(&mut text, c));
    text
}

/// Adds a character in lower case.
fn add(text: &mut String, c: char) {
    if c.is_ascii() && c != '`' {
        text.push(c.to_ascii_lowercase());
    } else {
        c.to_lowercase().for_each(|lower| push(text, lower));
    }
}

impl Folded {
    pub fn new(original: &str) -> Self {
        if original.is_ascii() {
            let text = original.to_ascii_lowercase().replace('`', "'");
            return Self {
                text,
                original: original.to_owned(),
                at: (0..=original.len() as u32).collect(),
                ..Self::default()
            };
        }
        let mut text = String::with_capacity(original.len());
        let mut at = Vec::with_capacity(original.len() + 1);
        for (from, c) in original.char_indices() {
            add(&mut text, c);
            at.resize(text.len(), from as u32);
        }
        at.push(original.len() as u32);
        Self { text, original: original.to_owned(), at, ..Self::default() }
    }

    /// The answer to a question that may have been put before; `asks` tells questions apart.
    pub fn once(&self, asks: usize, find: impl FnOnce() -> Hit) -> Hit {
        let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, hit)) = found.iter().find(|(asked, _)| *asked == asks) {
            return hit.clone();
        }
        let hit = find();
        found.push((asks, hit.clone()));
        hit
    }

    /// The original words behind a range of the folded text.
    pub fn original(&self, range: Range<usize>) -> &str {
        let from = self.at[range.start] as usize;
        let mut to = self.at[range.end] as usize;
        // Two folded characters may stem from one.
        while to < self.original.len() && to == self.at[range.end.saturating_sub(1)] as usize {
            to += self.original[to..].chars().next().map_or(1, char::len_utf8);
        }
        &self.original[from..to.max(from)]
    }

    /// The whole original.
    pub fn whole(&self) -> &str {
        &self.original
    }

    /// Where a folded position lies in the original.
    pub fn position(&self, position: usize) -> usize {
        self.at[position] as usize
    }

    /// The folded position of an original one, or of the next character that was kept.
    pub fn folded_position(&self, original: usize) -> usize {
        self.at.partition_point(|at| (*at as usize) < original).min(self.text.len())
    }

    /// The sentence that holds this position; lines end sentences.
    pub fn sentence(&self, position: usize) -> Range<usize> {
        let ends = |b: u8, next: Option<&u8>| {
            matches!(b, b'!' | b'?' | b'\n') || (b == b'.' && next.is_none_or(u8::is_ascii_whitespace))
        };
        let bytes = self.text.as_bytes();
        let start = (0..position).rev().find(|i| ends(bytes[*i], bytes.get(i + 1))).map_or(0, |i| i + 1);
        let end = (position..bytes.len()).find(|i| ends(bytes[*i], bytes.get(i + 1))).map_or(bytes.len(), |i| i + 1);
        start..end
    }

    /// Whether a negation stands before this position in its clause.
    pub fn negated(&self, position: usize) -> bool {
        let sentence = self.sentence(position);
        let before = &self.text[sentence.start..position];
        // "If this is not fixed today" asks for today.
        let conditional = before.split_whitespace().next().is_some_and(|word| CONDITIONS.contains(&word));
        if conditional {
            return false;
        }
        let clause = before.rsplit([',', ';', ':', '(']).next().unwrap_or(before);
        clause.split(|c: char| !c.is_alphanumeric() && c != '\'').filter(|w| !w.is_empty()).rev().take(4).any(|word| {
            NEGATIONS.contains(&word) || word.ends_with("n't") || word.starts_with("kein") || word.starts_with("n'")
        })
    }
}

const CONDITIONS: &[&str] = &["if", "unless", "wenn", "falls", "sofern", "si"];

const NEGATIONS: &[&str] = &[
    "not", "no", "never", "without", "cannot", "nothing", "none", "neither", "nor", "nicht", "nichts", "nie", "ohne",
    "weder", "sin", "nunca", "ningun", "ninguna", "nada", "tampoco", "ne", "pas", "sans", "jamais", "aucun", "aucune",
    "rien", "ni",
];

fn push(text: &mut String, c: char) {
    let plain = match c {
        'à' | 'á' | 'â' | 'ã' | 'ä' | 'å' | 'ª' => 'a',
        'ç' => 'c',
        'è' | 'é' | 'ê' | 'ë' => 'e',
        'ì' | 'í' | 'î' | 'ï' => 'i',
        'ñ' => 'n',
        'ò' | 'ó' | 'ô' | 'õ' | 'ö' | 'ø' | 'º' => 'o',
        'ù' | 'ú' | 'û' | 'ü' => 'u',
        'ý' | 'ÿ' => 'y',
        'ß' => {
            text.push_str("ss");
            return;
        }
        'œ' => {
            text.push_str("oe");
            return;
        }
        '‘' | '’' | '´' | '`' | '‚' => '\'',
        '“' | '”' | '„' | '«' | '»' => '"',
        '‐' | '‑' | '–' | '—' | '−' => '-',
        '\u{a0}' | '\u{202f}' | '\u{2009}' => ' ',
        '\u{300}'..='\u{36f}' => return,
        other => other,
    };
    text.push(plain);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_original_words_are_found_again() {
        let folded = Folded::new("Größe: “Été” – fin");
        let at = folded.text.find("grosse").unwrap();
        assert_eq!(folded.original(at..at + 6), "Größe");
        let at = folded.text.find("\"ete\"").unwrap();
        assert_eq!(folded.original(at..at + 5), "“Été”");
    }

    #[test]
    fn negation_holds_within_its_clause() {
        let folded = Folded::new("This is not urgent. It is urgent, no doubt.");
        assert!(folded.negated(folded.text.find("urgent").unwrap()));
        assert!(!folded.negated(folded.text.rfind("urgent").unwrap()));
        let folded = Folded::new("Das ist nicht dringend; kein Problem");
        assert!(folded.negated(folded.text.find("dringend").unwrap()));
    }
}
