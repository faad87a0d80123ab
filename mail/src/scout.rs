//! Finds patterns in folded text without searching for each. Hundreds of patterns are asked of every text, and few of them
//! occur: one walk over the words of a text notes for all patterns where a match may begin, and only there is a pattern
//! tried.

use std::ops::Range;
use std::sync::{LazyLock, OnceLock};

use regex_automata::meta::{FindMatches, Regex};
use regex_automata::util::captures::Captures;
use regex_automata::{Anchored, Input};
use regex_syntax::hir::literal::Extractor;
use regex_syntax::hir::{Hir, HirKind, Look};

use crate::cue::Cues;
use crate::fold::Folded;
use crate::tree::Tree;
use crate::{customer, date, label, noise, reading, state, status, vocabulary};

/// A pattern whose matches begin at the edge of a word.
pub(crate) struct Sought {
    regex: Regex,
    /// What every match begins with; nothing if that cannot be told.
    begins: Vec<Vec<u8>>,
    /// Its scout, and its number there, if it has one.
    number: OnceLock<(Scouts, usize)>,
}

impl Sought {
    pub fn new(source: &str) -> Self {
        let looks = hir(source).properties().look_set_prefix();
        let edged = looks.contains(Look::WordAscii) || looks.contains(Look::WordUnicode);
        let begins = if edged { begins(source) } else { Vec::new() };
        Self { regex: pattern(source), begins, number: OnceLock::new() }
    }

    /// The matches in a text that do not overlap, the leftmost first.
    pub fn find_iter<'t>(&'t self, text: &'t Folded) -> Found<'t> {
        match self.spots(text) {
            Some(spots) => Found::Tried { regex: &self.regex, text: &text.text, at: 0, spots: spots.iter() },
            None => Found::Searched(self.regex.find_iter(&text.text)),
        }
    }

    pub fn is_match(&self, text: &Folded) -> bool {
        self.find_iter(text).next().is_some()
    }

    /// Where a match may begin; none if that cannot be told.
    pub fn spots<'t>(&self, text: &'t Folded) -> Option<&'t [u32]> {
        LazyLock::force(&SCOUTS);
        let (scout, number) = *self.number.get()?;
        let spots = text.spots[scout as usize].get_or_init(|| SCOUTS[scout as usize].walk(text.text.as_bytes()));
        Some(spots.at(number))
    }

    /// The groups of the match that begins at `start`.
    pub fn captures(&self, text: &Folded, start: usize) -> Captures {
        let mut captures = self.regex.create_captures();
        self.regex.search_captures(&anchored(&text.text, start), &mut captures);
        captures
    }
}

/// A pattern of the engine itself, which can search a range of a text or try one place.
pub(crate) fn pattern(source: &str) -> Regex {
    Regex::new(source).expect("the pattern is a constant checked by the tests")
}

fn hir(source: &str) -> Hir {
    regex_syntax::parse(source).expect("the pattern is a constant checked by the tests")
}

/// A try at one place.
pub(crate) fn anchored(text: &str, start: usize) -> Input<'_> {
    Input::new(text).range(start..).anchored(Anchored::Yes)
}

/// The matches in a text that do not overlap, of a pattern that matches at most where `may_begin` says so of the byte there.
pub(crate) fn tried<'t>(
    regex: &'t Regex,
    text: &'t str,
    may_begin: impl Fn(u8) -> bool + 't,
) -> impl Iterator<Item = Range<usize>> + 't {
    let mut at = 0;
    std::iter::from_fn(move || {
        while let Some(byte) = text.as_bytes().get(at) {
            let start = at;
            at += 1;
            if may_begin(*byte)
                && let Some(end) = regex.search_half(&anchored(text, start))
            {
                at = end.offset();
                return Some(start..at);
            }
        }
        None
    })
}

/// Matches of one pattern in a text.
pub(crate) enum Found<'t> {
    /// Tried where a match may begin.
    Tried {
        regex: &'t Regex,
        text: &'t str,
        at: usize,
        spots: std::slice::Iter<'t, u32>,
    },
    Searched(FindMatches<'t, 't>),
}

impl Iterator for Found<'_> {
    type Item = Range<usize>;

    fn next(&mut self) -> Option<Range<usize>> {
        match self {
            Self::Tried { regex, text, at, spots } => spots.find_map(|spot| {
                let start = *spot as usize;
                let end = (start >= *at).then(|| regex.search_half(&anchored(text, start)))??.offset();
                *at = end;
                Some(start..end)
            }),
            Self::Searched(found) => found.next().map(|found| found.start()..found.end()),
        }
    }
}

/// What every match of a pattern begins with, or is; nothing if that cannot be told.
pub(crate) fn literals(source: &str) -> Vec<Vec<u8>> {
    let mut literals = Vec::new();
    if beginnings(&hir(source), &mut literals).is_none() {
        literals.clear();
    }
    literals
}

/// Longest beginning that is looked at, in bytes: more tell hardly more.
const LONGEST: usize = 10;

/// The same, cut, and without what a shorter beginning covers.
fn begins(source: &str) -> Vec<Vec<u8>> {
    let mut begins = literals(source);
    for begin in &mut begins {
        begin.truncate(LONGEST);
    }
    begins.sort_unstable();
    begins.dedup_by(|next, kept| next.starts_with(kept));
    begins
}

/// Collects what matches begin with; none if that is too much or may be nothing.
fn beginnings(hir: &Hir, into: &mut Vec<Vec<u8>>) -> Option<()> {
    match hir.kind() {
        HirKind::Capture(capture) => return beginnings(&capture.sub, into),
        HirKind::Alternation(branches) => return branches.iter().try_for_each(|branch| beginnings(branch, into)),
        HirKind::Concat(parts) => {
            let mut telling = parts.iter().filter(|part| !matches!(part.kind(), HirKind::Look(_)));
            if let (Some(only), None) = (telling.next(), telling.next()) {
                return beginnings(only, into);
            }
        }
        _ => {}
    }
    let sequence = Extractor::new().extract(hir);
    for literal in sequence.literals()? {
        if literal.is_empty() {
            return None;
        }
        into.push(literal.as_bytes().to_vec());
    }
    Some(())
}

/// Patterns that are asked of the same texts.
#[derive(Clone, Copy, Debug)]
enum Scouts {
    /// What sentences say.
    Words,
    /// What numbers and names are called.
    Labels,
}

/// All patterns that are sought in folded text.
static SCOUTS: LazyLock<[Scout; 2]> = LazyLock::new(|| {
    let cues = vocabulary::CUES.iter().map(|(_, cues)| cues);
    let cues = cues.chain(state::all_cues()).chain(status::all_cues()).chain(noise::all_cues());
    let words = cues.flat_map(Cues::patterns).chain(reading::patterns()).chain(date::patterns());
    let labels = label::patterns().chain(customer::patterns());
    [Scout::of(Scouts::Words, words), Scout::of(Scouts::Labels, labels)]
});

/// Finds where patterns may begin.
struct Scout {
    /// Numbers of the patterns by what they begin with.
    tree: Tree,
    patterns: Vec<&'static Sought>,
}

impl Scout {
    fn of(scout: Scouts, patterns: impl Iterator<Item = &'static Sought>) -> Self {
        let patterns: Vec<&Sought> = patterns.filter(|pattern| !pattern.begins.is_empty()).collect();
        for (number, pattern) in patterns.iter().enumerate() {
            pattern.number.set((scout, number)).expect("a pattern is named once");
        }
        let begins = patterns.iter().enumerate();
        let begins =
            begins.flat_map(|(number, pattern)| pattern.begins.iter().map(move |begin| (&**begin, number as u16)));
        Self { tree: Tree::of(begins), patterns }
    }

    /// Notes for each pattern where a match may begin.
    fn walk(&self, text: &[u8]) -> Spots {
        let mut seen: Vec<(u16, u32)> = Vec::new();
        let mut before = b' ';
        for (start, byte) in text.iter().enumerate() {
            if may_part(before, *byte) {
                self.tree.follow(&text[start..], |pattern| seen.push((pattern, start as u32)));
            }
            before = *byte;
        }
        Spots::of(&seen, self.patterns.len())
    }
}

/// Whether there may be an edge of a word between two bytes; for letters beyond ASCII that is left to the pattern.
fn may_part(before: u8, after: u8) -> bool {
    let word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    word(before) != word(after) || !before.is_ascii() || !after.is_ascii()
}

/// Where in a text matches of each pattern may begin.
#[derive(Debug, Default)]
pub(crate) struct Spots {
    /// Where the places of each pattern begin in `places`, and where the last one's end.
    begins: Vec<u32>,
    places: Vec<u32>,
}

impl Spots {
    /// Sorts by pattern what was seen in the order of the text.
    fn of(seen: &[(u16, u32)], patterns: usize) -> Self {
        let mut begins = vec![0; patterns + 2];
        for (pattern, _) in seen {
            begins[usize::from(*pattern) + 2] += 1;
        }
        for index in 1..begins.len() {
            begins[index] += begins[index - 1];
        }
        let mut places = vec![0; seen.len()];
        for (pattern, place) in seen {
            let next = &mut begins[usize::from(*pattern) + 1];
            places[*next as usize] = *place;
            *next += 1;
        }
        Self { begins, places }
    }

    fn at(&self, pattern: usize) -> &[u32] {
        &self.places[self.begins[pattern] as usize..self.begins[pattern + 1] as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_tried_at_its_spots_is_what_a_search_finds() {
        let texts = [
            "please book order 4711, re-order it; orders are late. Größe ÉTÉ ł order\n% off and 30% off",
            "urgent: the order was cancelled? no, cancelled by us, tomorrow or by friday",
        ];
        for text in texts.map(Folded::new) {
            for pattern in SCOUTS.iter().flat_map(|scout| &scout.patterns) {
                let found: Vec<Range<usize>> = pattern.find_iter(&text).collect();
                let searched: Vec<Range<usize>> =
                    pattern.regex.find_iter(&text.text).map(|found| found.start()..found.end()).collect();
                assert_eq!(found, searched);
            }
        }
    }
}
