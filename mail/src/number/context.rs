//! What stands around a number: the words before and after it, the head of its column or list, its line and zone.

use std::ops::Range;

use crate::fold::Folded;
use crate::label::Kind;
use crate::model::{Features, numeral};
use crate::{house, shape};

use super::candidate::{Candidate, Line, Sort, Tokens};
use super::form::{coarse, name};

/// Words read before a number.
const BEFORE: usize = 6;
/// Words read after a number.
const AFTER: usize = 4;
/// Lines looked up for the head of a column or list.
const ABOVE: usize = 40;
/// From this length on a line may have been broken by the mail program.
const WRAPPED: usize = 50;

/// A text with everything its numbers are judged by.
pub(crate) struct Context<'a> {
    pub text: &'a Folded,
    pub tokens: &'a Tokens,
    /// Labels of the rules, by position.
    pub labels: &'a [(Kind, Range<usize>)],
    /// Where subject, new text, signature and quotation begin in the folded text.
    pub zones: [usize; 4],
    pub role: &'static str,
}

const ZONES: [&str; 4] = ["subject", "own", "signature", "quoted"];

impl Context<'_> {
    /// The name of the zone a position lies in.
    pub fn zone(&self, at: usize) -> &'static str {
        let index = self.zones.iter().rposition(|start| *start <= at).unwrap_or(0);
        ZONES[index]
    }

    /// Whether a word calls the number after it something, or is a carrier, a currency or a week.
    pub fn is_label(&self, range: &Range<usize>) -> bool {
        const OTHERS: &[&str] = &[
            "usd", "eur", "cad", "mxn", "gbp", "chf", "aud", "kw", "cw", "wk", "hrb", "tx", "ca", "ny", "il", "fl",
            "utc", "gmt", "am", "pm", "est", "cst", "pst", "cet", "hs", "vol", "no", "nr",
        ];
        let word = &self.text.text[range.clone()];
        let from = self.labels.partition_point(|(_, label)| label.end < range.end);
        self.labels.get(from).is_some_and(|(_, label)| label.start <= range.start && label.end >= range.end)
            || house::is_carrier_word(word)
            || OTHERS.contains(&word)
    }

    /// Adds what one sighting shows; `told` takes what it is called, for numbers of the same form.
    pub fn around(&self, features: &mut Features, told: &mut Vec<String>, candidate: &Candidate, written: &str) {
        let zone = self.zone(candidate.range.start);
        features.add(&["in", zone], 0.7, None);
        features.add(&["in", zone, self.role], 0.3, None);
        self.before(features, told, candidate, written);
        self.after(features, candidate);
        self.line(features, candidate, written);
        self.head(features, candidate);
        self.neighbours(features, candidate);
    }

    fn before(&self, features: &mut Features, told: &mut Vec<String>, candidate: &Candidate, written: &str) {
        let line = self.tokens.all[candidate.tokens.start].line;
        let mut words: Vec<&str> = Vec::new();
        let mut at = candidate.tokens.start;
        let mut sign = "";
        while at > 0 && words.len() < BEFORE {
            at -= 1;
            let token = &self.tokens.all[at];
            let gap = line - token.line;
            if gap > 1 || (gap == 1 && !self.continues(token.line)) {
                break;
            }
            let word = &self.text.text[token.range.clone()];
            match token.sort {
                Sort::Sign => {
                    if words.is_empty() && sign.is_empty() {
                        sign = word;
                    }
                    let ends = matches!(word, "." | "!" | "?")
                        && self.text.text[token.range.end..].starts_with([' ', '\n'])
                        && !words.is_empty();
                    if ends || (matches!(word, "|") && !words.is_empty()) {
                        break;
                    }
                }
                Sort::Number => words.push("#"),
                Sort::Word => words.push(word),
            }
        }
        // A full stop right before, as in "No. 4711", ends no sentence unless a long word stands before it.
        features.add(&["sign before", sign], 0.5, None);
        let form = coarse(written);
        for (distance, word) in words.iter().enumerate() {
            if distance < 3 {
                features.add(&["before", numeral(distance + 1), word], 1.0, None);
            }
            features.add(&["before", word], 0.7, None);
            if word.len() > 6
                && let (Some(start), Some(end)) = (word.get(..5), word.get(word.len() - 6..))
            {
                features.add(&["before", "~", start], 0.5, None);
                features.add(&["before", "~~", end], 0.5, None);
            }
        }
        if words.iter().take(4).any(|word| house::is_carrier_word(word)) {
            features.add(&["carrier before"], 1.0, None);
            features.add(&["carrier before", form], 1.0, None);
        }
        if let Some(word) = words.first() {
            features.add(&["before", word, "+", form], 0.7, None);
        }
        if let [first, second, ..] = words.as_slice() {
            features.add(&["before", second, first], 1.0, None);
        }
        if words.is_empty() {
            features.add(&["nothing before"], 1.0, None);
            features.add(&["nothing before", form], 0.7, None);
        }
        // The label may stand before other numbers of the same list.
        if let Some(word) = words.iter().find(|word| word.len() > 1 && !JOINS.contains(word)) {
            features.add(&["led by", word], 1.0, None);
            told.push(format!("led by {word}"));
        }
        self.labelled_before(features, told, candidate, form);
    }

    /// Whether the line after `line` goes on with its sentence.
    fn continues(&self, line: usize) -> bool {
        self.tokens.lines.get(line).is_some_and(|line| {
            line.range.len() >= WRAPPED && !self.text.text[line.range.clone()].contains(['|', '\t'])
        })
    }

    fn labelled_before(&self, features: &mut Features, told: &mut Vec<String>, candidate: &Candidate, form: &str) {
        let start = candidate.range.start;
        let line = self.tokens.all[candidate.tokens.start].line;
        let mut from = self.tokens.lines[line].range.start;
        if line > 0 && self.continues(line - 1) {
            from = self.tokens.lines[line - 1].range.start;
        }
        let end = self.labels.partition_point(|(_, range)| range.end <= start);
        let mut count = 0;
        for (kind, range) in self.labels[..end].iter().rev().take_while(|(_, range)| range.start >= from) {
            let between = &self.text.text[range.end..start];
            let (words, numbers) = gap(between);
            let far = match words {
                0 => "0",
                1 => "1",
                2 | 3 => "2",
                4..=6 => "4",
                _ => "far",
            };
            let which = if count == 0 { "label" } else { "second label" };
            features.add(&[which, name(*kind)], 1.0, None);
            features.add(&[which, name(*kind), far], 1.0, None);
            if count == 0 {
                if words < 4 {
                    told.push(format!("label {}", name(*kind)));
                }
                features.add(&[which, name(*kind), "+", form], 1.0, None);
                if numbers > 0 {
                    features.add(&["label past numbers", name(*kind)], 0.7, None);
                }
                if between.contains(". ") {
                    features.add(&["label in an earlier sentence"], 1.0, None);
                }
                features.add(&["label", &self.text.text[range.clone()]], 0.5, None);
            }
            count += 1;
            if count == 2 {
                break;
            }
        }
        if count == 0 {
            features.add(&["no label"], 1.0, None);
            features.add(&["no label", form], 1.0, None);
        }
    }

    fn after(&self, features: &mut Features, candidate: &Candidate) {
        let line = self.tokens.all[candidate.tokens.start].line;
        let mut seen = 0;
        for at in candidate.tokens.end..self.tokens.all.len() {
            let token = &self.tokens.all[at];
            if token.line != line || seen == AFTER {
                break;
            }
            let word = &self.text.text[token.range.clone()];
            match token.sort {
                Sort::Sign => {
                    if at == candidate.tokens.end {
                        features.add(&["sign after", word], 0.5, None);
                    }
                    if matches!(word, "." | "!" | "?" | "|") {
                        break;
                    }
                }
                Sort::Number => {
                    features.add(&["after", "#"], 0.5, None);
                    seen += 1;
                }
                Sort::Word => {
                    features.add(&["after", word], 0.7, None);
                    if seen < 2 {
                        features.add(&["after", numeral(seen + 1), word], 1.0, None);
                    }
                    if word.len() > 6
                        && let Some(stem) = word.get(..5)
                    {
                        features.add(&["after", "~", stem], 0.5, None);
                    }
                    seen += 1;
                }
            }
        }
        if seen == 0 {
            features.add(&["nothing after"], 0.5, None);
        }
        let from = self.labels.partition_point(|(_, range)| range.start < candidate.range.end);
        if let Some((kind, range)) = self.labels.get(from)
            && range.start <= self.tokens.lines[line].range.end
        {
            let (words, _) = gap(&self.text.text[candidate.range.end..range.start]);
            if words <= 2 {
                features.add(&["label after", name(*kind)], 0.7, None);
                features.add(&["label after", name(*kind), numeral(words)], 0.7, None);
            }
        }
    }

    fn line(&self, features: &mut Features, candidate: &Candidate, written: &str) {
        let line = &self.tokens.lines[self.tokens.all[candidate.tokens.start].line];
        let text = &self.text.text[line.range.clone()];
        let text = text.get(..text.len().min(400)).unwrap_or(text);
        let form = coarse(written);
        if shape::lists_goods(text) {
            features.add(&["goods line"], 1.0, None);
            features.add(&["goods line", form], 1.0, None);
        }
        let table = text.contains(['|', '\t']);
        if table {
            features.add(&["in a row"], 0.7, None);
            features.add(&["in a row", form], 0.7, None);
        }
        let first = candidate.tokens.start == line.tokens.start
            || (line.tokens.start..candidate.tokens.start).all(|at| self.tokens.all[at].sort == Sort::Sign);
        if first {
            features.add(&["first of its line"], 0.5, None);
        }
        if line.tokens.len() == candidate.tokens.len() {
            features.add(&["alone on its line"], 0.7, None);
        }
        if let Some(word) = line.tokens.clone().find(|at| self.tokens.all[*at].sort == Sort::Word)
            && word < candidate.tokens.start
        {
            features.add(&["line begins", self.tokens.word(self.text, word)], 0.7, None);
        }
        let enclosed = self.text.text[..candidate.range.start].ends_with('(')
            && self.text.text[candidate.range.end..].starts_with(')');
        if enclosed {
            features.add(&["enclosed"], 0.7, None);
            features.add(&["enclosed", form], 0.7, None);
        }
    }

    /// The head of the number's column, or the line that opens its list.
    fn head(&self, features: &mut Features, candidate: &Candidate) {
        let line = self.tokens.all[candidate.tokens.start].line;
        let own = &self.tokens.lines[line];
        let own_text = &self.text.text[own.range.clone()];
        if let Some(split) = splitter(own_text) {
            let column = self.text.text[own.range.start..candidate.range.start].matches(split).count();
            let cells = own_text.matches(split).count();
            let mut top: Option<&Line> = None;
            for above in self.tokens.lines[line.saturating_sub(ABOVE)..line].iter().rev() {
                let text = &self.text.text[above.range.clone()];
                let count = text.matches(split).count();
                if count == 0 && !text.trim().is_empty() {
                    break;
                }
                if count == cells {
                    top = Some(above);
                }
            }
            if let Some(cell) =
                top.and_then(|top| self.text.text[top.range.clone()].split(split).nth(column).map(str::trim))
                && cell.len() <= 40
            {
                self.headed(features, "column", cell);
            }
            return;
        }
        let first = candidate.tokens.start <= own.tokens.start + 2;
        if !first {
            return;
        }
        for above in self.tokens.lines[line.saturating_sub(ABOVE)..line].iter().rev() {
            let text = self.text.text[above.range.clone()].trim();
            if text.ends_with(':') {
                let from = floor(text, text.len().saturating_sub(40));
                self.headed(features, "list", &text[from..]);
                break;
            }
            if text.is_empty() && above.tokens.start != own.tokens.start {
                // Blank lines part a heading from its list, but not two paragraphs.
                continue;
            }
            if text.len() > 80 {
                break;
            }
        }
    }

    fn headed(&self, features: &mut Features, what: &str, head: &str) {
        for word in head.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).take(6) {
            features.add(&[what, word], 0.7, None);
        }
        let start = head.as_ptr() as usize - self.text.text.as_ptr() as usize;
        let from = self.labels.partition_point(|(_, range)| range.start < start);
        for (kind, _) in self.labels[from..].iter().take_while(|(_, range)| range.end <= start + head.len()) {
            features.add(&[what, "label", name(*kind)], 1.0, None);
        }
    }

    /// Groups next to the candidate that could belong to it.
    fn neighbours(&self, features: &mut Features, candidate: &Candidate) {
        let near = |at: usize, other: usize| {
            let (a, b) = (&self.tokens.all[at.min(other)], &self.tokens.all[at.max(other)]);
            a.line == b.line && a.range.end + 1 == b.range.start && self.text.text.as_bytes()[a.range.end] == b' '
        };
        let (start, end) = (candidate.tokens.start, candidate.tokens.end);
        if start > 0 && near(start, start - 1) {
            self.neighbour(features, "group before", start - 1);
        }
        if end < self.tokens.all.len() && near(end, end - 1) {
            self.neighbour(features, "group after", end);
        }
        let whole = self.tokens.all[start].range.start == candidate.range.start
            && self.tokens.all[end - 1].range.end == candidate.range.end;
        if !whole && !self.text.text[..candidate.range.start].ends_with(['#', ':']) {
            features.add(&["part of a token"], 1.0, None);
        }
        let groups = candidate.tokens.len();
        if groups > 1 {
            features.add(&["groups", numeral(groups.min(6))], 1.0, None);
            for (end, at) in [("opens with", start), ("closes with", candidate.tokens.end - 1)] {
                if self.tokens.all[at].sort == Sort::Word {
                    let word = self.tokens.word(self.text, at);
                    features.add(&[end, "letters"], 1.0, None);
                    features.add(&[end, word], 1.0, None);
                    let known = self.is_label(&self.tokens.all[at].range);
                    features.flag(
                        if known { "opens or closes with a label" } else { "opens or closes with initials" },
                        true,
                    );
                }
            }
        }
    }

    fn neighbour(&self, features: &mut Features, what: &str, at: usize) {
        let token = &self.tokens.all[at];
        let written = self.text.original(token.range.clone());
        if token.sort == Sort::Number {
            features.add(&[what, coarse(written)], 1.0, None);
        } else if token.sort == Sort::Word && token.range.len() <= 4 && written.bytes().all(|b| b.is_ascii_uppercase())
        {
            let known = self.is_label(&token.range);
            features.add(&[what, if known { "label" } else { "initials" }], 1.0, None);
            features.add(&[what, &self.text.text[token.range.clone()]], 1.0, None);
        }
    }
}

/// Words between numbers of one list.
const JOINS: &[&str] = &["#", "and", "or", "und", "oder", "y", "e", "o", "et", "ou", "no", "nr", "number", "numero"];

/// Words and numbers of a stretch of text.
fn gap(between: &str) -> (usize, usize) {
    let (mut words, mut numbers) = (0, 0);
    for word in between.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).take(12) {
        if word.bytes().any(|b| b.is_ascii_digit()) {
            numbers += 1;
        } else {
            words += 1;
        }
    }
    (words, numbers)
}

/// What parts the cells of a row.
fn splitter(line: &str) -> Option<&'static str> {
    ["|", "\t", "   "].into_iter().find(|split| line.trim().contains(split))
}

fn floor(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}
