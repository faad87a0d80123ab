//! Spans of a text that may be numbers: single tokens with a digit, tokens without the label written onto them, and
//! runs of groups parted by blanks. Overlapping candidates are all proposed; which is meant is decided later.

use std::ops::Range;

use crate::fold::Folded;

/// A word, a number-like token or a sign, by its bytes in the folded text.
#[derive(Clone, Debug)]
pub(crate) struct Token {
    pub range: Range<usize>,
    /// Index of its line.
    pub line: usize,
    pub sort: Sort,
}

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sort {
    Word,
    /// Holds a digit.
    Number,
    /// One character of punctuation.
    Sign,
}

/// A line of the text.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    /// Bytes in the folded text, without the line feed.
    pub range: Range<usize>,
    /// Its tokens.
    pub tokens: Range<usize>,
}

/// A text cut into lines and tokens.
#[derive(Debug)]
pub(crate) struct Tokens {
    pub all: Vec<Token>,
    pub lines: Vec<Line>,
}

/// A span that may be a number: first and last token, and its bytes in the folded text.
#[derive(Clone, Debug)]
pub(crate) struct Candidate {
    pub tokens: Range<usize>,
    pub range: Range<usize>,
}

/// Number-like tokens read of a text; a mail with more is a listing.
const MOST: usize = 1_200;
/// Longest token that can be a number, in bytes.
const LONGEST: usize = 40;
/// Most groups of one number.
const GROUPS: usize = 7;

impl Tokens {
    /// Cuts a folded text. Takes time in proportion to its length.
    pub fn new(text: &Folded) -> Self {
        let bytes = text.text.as_bytes();
        let (mut all, mut lines): (Vec<Token>, Vec<Line>) = (Vec::new(), Vec::new());
        let (mut at, mut start, mut first) = (0, 0, 0);
        while at <= bytes.len() {
            if at == bytes.len() || bytes[at] == b'\n' {
                lines.push(Line { range: start..at, tokens: first..all.len() });
                (start, first) = (at + 1, all.len());
                at += 1;
                continue;
            }
            let from = at;
            if !is_inner(bytes[at]) {
                at += 1;
                while at < bytes.len() && !text.text.is_char_boundary(at) {
                    at += 1;
                }
                if !bytes[from].is_ascii_whitespace() {
                    all.push(Token { range: from..at, line: lines.len(), sort: Sort::Sign });
                }
                continue;
            }
            let mut digit = false;
            while at < bytes.len()
                && (is_inner(bytes[at])
                    || (is_joint(bytes[at])
                        && bytes.get(at + 1).is_some_and(|next| is_inner(*next))
                        && at > from
                        && is_inner(bytes[at - 1])))
            {
                digit |= bytes[at].is_ascii_digit();
                at += 1;
            }
            if digit
                && matches!(bytes.get(at), Some(b'=' | b'+'))
                && bytes.get(at + 1).is_none_or(|next| !is_inner(*next))
            {
                at += 1;
            }
            let sort = if digit { Sort::Number } else { Sort::Word };
            all.push(Token { range: from..at, line: lines.len(), sort });
        }
        Self { all, lines }
    }

    /// The words of a token, folded.
    pub fn word<'t>(&self, text: &'t Folded, index: usize) -> &'t str {
        &text.text[self.all[index].range.clone()]
    }

    /// All candidates, in the order of their beginnings. `is_label` tells initials that call the number something.
    pub fn candidates(&self, text: &Folded, is_label: impl Fn(&Range<usize>) -> bool) -> Vec<Candidate> {
        let mut found = Vec::new();
        let mut read = 0;
        let mut grouped = 0;
        for index in 0..self.all.len() {
            let token = &self.all[index];
            if token.sort != Sort::Number {
                continue;
            }
            read += 1;
            if read > MOST {
                break;
            }
            if self.is_address(text, index) {
                continue;
            }
            let mut sure = index < grouped;
            if !sure {
                let end = self.groups(text, index);
                sure = end > index + 2;
                self.propose(text, index..end, &is_label, &mut found);
                if end > index + 1 {
                    grouped = end;
                }
            }
            if !sure && is_plausible(&text.text[token.range.clone()]) {
                found.push(Candidate { tokens: index..index + 1, range: token.range.clone() });
                for range in without_label(&text.text, &token.range) {
                    found.push(Candidate { tokens: index..index + 1, range });
                }
            }
        }
        found
    }

    /// Proposes groups as one number, with the initials around them and without.
    fn propose(
        &self,
        text: &Folded,
        groups: Range<usize>,
        is_label: impl Fn(&Range<usize>) -> bool,
        found: &mut Vec<Candidate>,
    ) {
        let initials = |index: usize, most: usize| {
            let range = &self.all[index].range;
            range.len() <= most && is_initials(text, range) && !is_label(range)
        };
        let digits: usize =
            groups.clone().map(|at| self.word(text, at).bytes().filter(u8::is_ascii_digit).count()).sum();
        let first = groups.start > 0
            && self.adjoin(text, groups.start)
            && initials(groups.start - 1, 4)
            && self.word(text, groups.start).as_bytes()[0].is_ascii_digit();
        let last = groups.end < self.all.len() && self.adjoin(text, groups.end) && initials(groups.end, 3);
        let mut push = |tokens: Range<usize>| {
            let range = self.all[tokens.start].range.start..self.all[tokens.end - 1].range.end;
            if tokens.len() > 1 && range.len() <= LONGEST && digits >= 4 {
                found.push(Candidate { tokens, range });
            }
        };
        if groups.len() > 1 {
            push(groups.clone());
        }
        if first {
            push(groups.start - 1..groups.end);
        }
        if last {
            push(groups.start..groups.end + 1);
        }
        if first && last {
            push(groups.start - 1..groups.end + 1);
        }
    }

    /// Whether a token stands one blank after the one before it.
    fn adjoin(&self, text: &Folded, index: usize) -> bool {
        let (before, token) = (&self.all[index - 1], &self.all[index]);
        token.line == before.line
            && token.range.start == before.range.end + 1
            && text.text.as_bytes()[before.range.end] == b' '
    }

    /// The end of the groups that one number, begun at `first`, is written in.
    fn groups(&self, text: &Folded, first: usize) -> usize {
        let word = |at: usize| self.word(text, at);
        let parcel = word(first).starts_with("1z");
        if !parcel && (word(first).len() < 2 || !is_group(word(first), 14)) {
            return first + 1;
        }
        let mut end = first + 1;
        let mut length = word(first).len();
        while end < self.all.len()
            && end - first < GROUPS
            && self.all[end].sort == Sort::Number
            && self.adjoin(text, end)
            && (if parcel { length < 18 } else { is_group(word(end), 7) && word(end).len() >= 2 })
        {
            length += word(end).len();
            end += 1;
        }
        // Two groups may as well be two numbers, or a number and a quantity.
        let short = |at: usize| word(at).len() < 3;
        if !parcel && end == first + 2 && (short(first) || short(first + 1)) {
            return first + 1;
        }
        end
    }

    /// Part of a mail address or of the address of a page.
    fn is_address(&self, text: &Folded, index: usize) -> bool {
        let range = &self.all[index].range;
        let before = text.text.as_bytes().get(..range.start).and_then(|b| b.last());
        let after = text.text.as_bytes().get(range.end);
        let word = &text.text[range.clone()];
        before == Some(&b'@')
            || after == Some(&b'@')
            || word.contains('@')
            || word.starts_with("www.")
            || text.text[..range.start].ends_with("://")
            || text.text[..range.start].ends_with('/')
                && text.text[..range.start].rfind("http").is_some_and(|at| {
                    range.start - at < 200 && !text.text[at..range.start].contains(char::is_whitespace)
                })
    }
}

fn is_inner(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

fn is_joint(byte: u8) -> bool {
    matches!(byte, b'-' | b'/' | b'.' | b'#' | b'+' | b'*' | b':' | b'@' | b'\'' | b',')
}

/// Two to four capitals, as they stand before or after the digits of a number.
fn is_initials(text: &Folded, range: &Range<usize>) -> bool {
    (2..=4).contains(&range.len()) && text.original(range.clone()).bytes().all(|b| b.is_ascii_uppercase())
}

/// Mostly digits, and no amount, time or date.
fn is_group(word: &str, longest: usize) -> bool {
    let digits = word.bytes().filter(u8::is_ascii_digit).count();
    word.len() <= longest && digits * 2 > word.len() && !word.contains([':', '.', ',', '/', '=', '+', '*'])
}

fn is_plausible(word: &str) -> bool {
    let digits = word.bytes().filter(u8::is_ascii_digit).count();
    (2..=LONGEST).contains(&word.len()) && (digits >= 2 || word.len() >= 5)
}

/// What remains of a token without a label written onto it: `PO#4711`, `SO:8812`, `PO-4711`, `RMA8812`.
fn without_label(text: &str, range: &Range<usize>) -> Vec<Range<usize>> {
    const LABELS: &[&str] =
        &["po", "p.o", "so", "rma", "pro", "awb", "no", "nr", "ord", "sr", "bc", "oc", "ref", "pn", "p/n"];
    let word = &text[range.clone()];
    let mut rest = Vec::new();
    for (at, c) in word.char_indices() {
        let letters = word[..at].bytes().all(|b| !b.is_ascii_digit());
        if matches!(c, '#' | ':') && letters || c == '/' {
            rest.push(range.start + at + 1..range.end);
        }
        // Two numbers joined by a stroke.
        if c == '/' {
            rest.push(range.start..range.start + at);
        }
    }
    if let Some(label) = LABELS.iter().find(|label| word.starts_with(**label)) {
        let skip = word[label.len()..].bytes().take_while(|b| matches!(b, b'-' | b'.' | b'_')).count();
        if word.as_bytes().get(label.len() + skip).is_some_and(u8::is_ascii_digit) {
            rest.push(range.start + label.len() + skip..range.end);
        }
    }
    rest.retain(|range| is_plausible(&text[range.clone()]) && text[range.clone()].bytes().any(|b| b.is_ascii_digit()));
    rest.truncate(6);
    rest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proposed(text: &str) -> Vec<String> {
        let folded = Folded::new(text);
        let tokens = Tokens::new(&folded);
        tokens.candidates(&folded, |_| false).into_iter().map(|c| folded.original(c.range).to_owned()).collect()
    }

    #[test]
    fn groups_are_proposed_with_and_without_their_neighbours() {
        let found = proposed("order MSO 4410-88790 left");
        assert!(found.contains(&"4410-88790".to_owned()) && found.contains(&"MSO 4410-88790".to_owned()));
        let found = proposed("colis XF 118 204 471 FR parti");
        assert!(found.contains(&"XF 118 204 471 FR".to_owned()) && !found.contains(&"204".to_owned()));
    }

    #[test]
    fn a_label_written_onto_a_number_can_be_left_off() {
        assert!(proposed("see PO#4711-2.").contains(&"4711-2".to_owned()));
        assert!(proposed("see PO-4711").contains(&"4711".to_owned()));
    }

    #[test]
    fn addresses_hold_no_numbers() {
        assert_eq!(proposed("mail a12345@x.example or https://x.example/t/998877"), Vec::<String>::new());
    }

    #[test]
    fn a_quantity_after_a_number_is_no_group_of_it() {
        assert!(!proposed("PO 5517 40 units").contains(&"5517 40".to_owned()));
    }

    #[test]
    fn a_megabyte_of_digits_is_one_token() {
        assert_eq!(proposed(&"7".repeat(1 << 20)), Vec::<String>::new());
    }
}
