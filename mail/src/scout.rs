//! Finds patterns in folded text without searching for each. Hundreds of patterns are asked of every text, and few of them
//! occur: one walk over the words of a text notes for all patterns where a match may begin, and only there is a pattern
//! tried.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{LazyLock, OnceLock};

use regex_automata::meta::{FindMatches, Regex};
use regex_automata::util::captures::Captures;
use regex_automata::{Anchored, Input};
use regex_syntax::hir::literal::Extractor;
use regex_syntax::hir::{Hir, HirKind, Look};

use crate::fold::Folded;
use crate::{date, label, noise, reading, state, status, vocabulary};

/// A pattern whose matches begin at the edge of a word.
pub(crate) struct Sought {
    regex: Regex,
    /// What every match begins with; nothing if that cannot be told.
    begins: Vec<Vec<u8>>,
    /// Its number in [`SCOUT`], if it is there.
    number: OnceLock<usize>,
}

impl Sought {
    pub fn new(pattern: &str) -> Self {
        let hir = regex_syntax::parse(pattern).expect("the pattern is a constant checked by the tests");
        let mut begins = Vec::new();
        let edged =
            [Look::WordAscii, Look::WordUnicode].iter().any(|edge| hir.properties().look_set_prefix().contains(*edge));
        if !edged || beginnings(&hir, &mut begins).is_none() {
            begins.clear();
        }
        shortest(&mut begins);
        let regex = Regex::builder().build_from_hir(&hir).expect("the pattern is a constant checked by the tests");
        Self { regex, begins, number: OnceLock::new() }
    }

    /// The matches in a text that do not overlap, the leftmost first.
    pub fn find_iter<'t>(&'t self, text: &'t Folded) -> Found<'t> {
        let spots = text.spots.get_or_init(|| SCOUT.walk(text.text.as_bytes()));
        match self.number.get() {
            Some(number) => {
                Found::Tried { regex: &self.regex, text: &text.text, at: 0, spots: spots.at(*number).iter() }
            }
            None => Found::Searched(self.regex.find_iter(&text.text)),
        }
    }

    pub fn is_match(&self, text: &Folded) -> bool {
        self.find_iter(text).next().is_some()
    }

    /// The groups of the match that begins at `start`.
    pub fn captures(&self, text: &Folded, start: usize) -> Captures {
        let mut captures = self.regex.create_captures();
        self.regex.search_captures(&anchored(&text.text, start), &mut captures);
        captures
    }
}

fn anchored(text: &str, start: usize) -> Input<'_> {
    Input::new(text).range(start..).anchored(Anchored::Yes)
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
            Self::Searched(found) => found.next().map(|found| found.range()),
        }
    }
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

/// Drops what a shorter beginning covers.
fn shortest(begins: &mut Vec<Vec<u8>>) {
    begins.sort_unstable();
    begins.dedup_by(|next, kept| next.starts_with(kept));
}

/// All patterns that are sought in folded text.
static SCOUT: LazyLock<Scout> = LazyLock::new(|| {
    let cues = vocabulary::CUES.iter().map(|(_, cues)| cues);
    let cues = cues.chain(state::all_cues()).chain(status::all_cues()).chain(noise::all_cues());
    Scout::of(
        cues.flat_map(|cues| cues.patterns())
            .chain(reading::patterns())
            .chain(label::patterns())
            .chain(date::patterns()),
    )
});

/// A tree of what the patterns begin with, a byte a level.
#[derive(Default)]
struct Scout {
    nodes: Vec<Node>,
    /// The ways on from all nodes: a byte and the node it leads to.
    ways: Vec<(u8, u32)>,
    /// Numbers of the patterns that begin with what leads to a node.
    ends: Vec<u16>,
    /// Where the first byte leads; 0 is nowhere.
    first: Vec<u32>,
    patterns: Vec<&'static Sought>,
}

#[derive(Clone, Default)]
struct Node {
    ways: Range<u32>,
    ends: Range<u32>,
}

/// A node while the tree grows.
#[derive(Default)]
struct Branch {
    ways: BTreeMap<u8, Branch>,
    ends: Vec<u16>,
}

impl Scout {
    fn of(patterns: impl Iterator<Item = &'static Sought>) -> Self {
        let mut root = Branch::default();
        let mut scout = Self { first: vec![0; 256], ..Self::default() };
        for pattern in patterns.filter(|pattern| !pattern.begins.is_empty()) {
            let number = scout.patterns.len();
            pattern.number.set(number).expect("a pattern is named once");
            scout.patterns.push(pattern);
            for begin in &pattern.begins {
                let end = begin.iter().fold(&mut root, |branch, byte| branch.ways.entry(*byte).or_default());
                end.ends.push(number as u16);
            }
        }
        scout.add(&root);
        for (byte, node) in scout.ways[scout.nodes[0].ways.start as usize..scout.nodes[0].ways.end as usize].to_vec() {
            scout.first[usize::from(byte)] = node;
        }
        scout
    }

    fn add(&mut self, branch: &Branch) -> u32 {
        let index = self.nodes.len();
        let begun = self.ends.len() as u32;
        self.ends.extend(&branch.ends);
        self.nodes.push(Node { ends: begun..self.ends.len() as u32, ..Node::default() });
        let ways: Vec<(u8, u32)> = branch.ways.iter().map(|(byte, next)| (*byte, self.add(next))).collect();
        let begun = self.ways.len() as u32;
        self.ways.extend(ways);
        self.nodes[index].ways = begun..self.ways.len() as u32;
        index as u32
    }

    /// Notes for each pattern where a match may begin.
    fn walk(&self, text: &[u8]) -> Spots {
        let mut seen: Vec<(u16, u32)> = Vec::new();
        let mut before = b' ';
        for (start, byte) in text.iter().enumerate() {
            if may_part(before, *byte) {
                self.follow(&text[start..], |pattern| seen.push((pattern, start as u32)));
            }
            before = *byte;
        }
        Spots::of(&seen, self.patterns.len())
    }

    fn follow(&self, text: &[u8], mut note: impl FnMut(u16)) {
        let mut at = self.first[usize::from(text[0])];
        let mut rest = &text[1..];
        while at != 0 {
            let node = &self.nodes[at as usize];
            self.ends[node.ends.start as usize..node.ends.end as usize].iter().for_each(|pattern| note(*pattern));
            let Some((byte, after)) = rest.split_first() else { break };
            let ways = &self.ways[node.ways.start as usize..node.ways.end as usize];
            at = ways.iter().find(|(way, _)| way == byte).map_or(0, |(_, next)| *next);
            rest = after;
        }
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
            for pattern in &SCOUT.patterns {
                let found: Vec<Range<usize>> = pattern.find_iter(&text).collect();
                let searched: Vec<Range<usize>> = pattern.regex.find_iter(&text.text).map(|m| m.range()).collect();
                assert_eq!(found, searched);
            }
        }
    }
}
