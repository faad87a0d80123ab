//! What of one mail could recur.

use serde::{Deserialize, Serialize};

use super::mask;
use crate::{Analysis, Mail, subject};

/// Edition of [`structures`]: mails that were read by an older one are read again.
pub const EDITION: i16 = 1;

/// Sentences kept of a mail.
const SENTENCES: usize = 10;
/// Words and slots of a sentence, at least and at most.
const WORDS: std::ops::RangeInclusive<usize> = 4..=28;
/// Number shapes kept of a mail.
const SHAPES: usize = 8;
/// Characters of the new text that are looked at.
const SEARCHED: usize = 16 << 10;

/// What of one mail could recur: templates as words and slots with single blanks between.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Structures {
    /// Domain of the sender.
    #[serde(rename = "d", skip_serializing_if = "Option::is_none")]
    pub domain: Option<String>,
    /// Kind and shape of its numbers, such as `po A-#`.
    #[serde(rename = "n", skip_serializing_if = "Vec::is_empty")]
    pub numbers: Vec<String>,
    /// Its subject, without reply prefixes; empty if it says nothing.
    #[serde(rename = "s", skip_serializing_if = "String::is_empty")]
    pub subject: String,
    /// Sentences of its new text.
    #[serde(rename = "b", skip_serializing_if = "Vec::is_empty")]
    pub sentences: Vec<String>,
}

/// What of a mail could recur. Quotation, signature and disclaimer are not looked at; noise has nothing.
pub fn structures(mail: &Mail, analysis: &Analysis) -> Structures {
    if analysis.noise.is_some() {
        return Structures::default();
    }
    let customers = &analysis.entities.customers;
    let from = mail.from.as_ref().and_then(|from| from.email.rsplit_once('@'));
    let subject = mask::tokens(subject::clean(&mail.subject), customers).unwrap_or_default();
    let mut found = Structures {
        domain: from.map(|(_, domain)| domain.to_lowercase()).filter(|domain| domain.contains('.')),
        numbers: shapes(analysis),
        subject: subject.join(" ").chars().take(200).collect(),
        sentences: Vec::new(),
    };
    for sentence in sentences(&mail.new_text) {
        let Some(tokens) = mask::tokens(&sentence, customers) else { continue };
        let words = tokens.iter().filter(|token| !token.starts_with('{')).count();
        if !WORDS.contains(&tokens.len()) || words * 2 < tokens.len() || is_boilerplate(&tokens) {
            continue;
        }
        let template = tokens.join(" ");
        if !found.sentences.contains(&template) {
            found.sentences.push(template);
        }
        if found.sentences.len() == SENTENCES {
            break;
        }
    }
    found
}

/// Shapes of the numbers, once with all letters as `A` and once with a short prefix as it is.
fn shapes(analysis: &Analysis) -> Vec<String> {
    let entities = &analysis.entities;
    let lists = [
        ("po", &entities.po_numbers),
        ("quote", &entities.quote_numbers),
        ("case", &entities.case_numbers),
        ("order", &entities.order_numbers),
        ("part", &entities.part_numbers),
        ("tracking", &entities.tracking_numbers),
    ];
    let mut shapes = Vec::new();
    for (kind, number) in lists.into_iter().flat_map(|(kind, list)| list.iter().take(20).map(move |n| (kind, n))) {
        for shape in [mask::prefixed_shape(number), mask::shape(number)] {
            let shape = format!("{kind} {shape}");
            // A bare number says nothing of its form.
            let tells = shape.chars().filter(|c| "#A".contains(*c)).count() > 1 || shape.contains('-');
            if tells && shapes.len() < SHAPES && !shapes.contains(&shape) {
                shapes.push(shape);
            }
        }
    }
    shapes
}

/// Sentences of a text whose paragraphs may be broken at any width.
fn sentences(text: &str) -> Vec<String> {
    let mut end = text.len().min(SEARCHED);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let mut found = Vec::new();
    let mut open = String::new();
    let mut lines = text[..end].lines().map(str::trim).peekable();
    while let Some(line) = lines.next() {
        let goes_on = lines.peek().is_some_and(|next| next.starts_with(char::is_lowercase));
        let short = line.chars().count() < 45 && !goes_on;
        let item = line.starts_with(['-', '*', '•', '|', '#']);
        if line.is_empty() || item {
            found.push(std::mem::take(&mut open));
        }
        for piece in line.split_inclusive(['.', '!', '?', ':', ';']) {
            open.push_str(piece);
            let rest = piece.trim_end_matches(['.', '!', '?', ':', ';']);
            // A mark inside a number or an address ends nothing.
            let ends = rest.len() < piece.len();
            let inside = !line.ends_with(piece) && !line[after(line, piece)..].starts_with(char::is_whitespace);
            if ends && !inside {
                found.push(std::mem::take(&mut open));
            }
        }
        open.push(' ');
        if short || item {
            found.push(std::mem::take(&mut open));
        }
    }
    found.push(open);
    found.retain(|sentence| !sentence.trim().is_empty());
    found
}

/// Where in `line` the slice `piece` of it ends.
fn after(line: &str, piece: &str) -> usize {
    (piece.as_ptr() as usize - line.as_ptr() as usize) + piece.len()
}

/// What mail programs, lawyers and marketing add to any mail, where it was not recognised as signature.
fn is_boilerplate(tokens: &[String]) -> bool {
    const STEMS: &[&str] = &[
        "confidential",
        "unauthori",
        "unsubscri",
        "disclaim",
        "privileged",
        "recipient",
        "copyright",
        "newsletter",
        "virus",
        "liabilit",
        "environment",
        "browser",
        "vertraulich",
        "empfänger",
        "abmelden",
        "haftung",
        "umwelt",
        "confidenc",
        "confidenti",
        "destinata",
        "désabonn",
        "desuscrib",
        "responsabil",
        "handelsregister",
        "geschäftsführer",
        "ust-id",
        "registergericht",
        "linkedin",
        "facebook",
        "twitter",
        "{link}",
    ];
    tokens.iter().any(|token| STEMS.iter().any(|stem| token.starts_with(stem)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Format, Limits, analyse, parse};

    fn of(raw: &str) -> Structures {
        let mail = parse(raw.as_bytes(), Format::Rfc822, &Limits::default()).unwrap();
        structures(&mail, &analyse(&mail))
    }

    #[test]
    fn new_text_gives_templates_and_quotation_signature_and_disclaimer_give_none() {
        let found = of(
            "From: Ana <ana@reseller.example>\r\nTo: orders@dist.example\r\nSubject: Re: PO KX-8812-B for March\r\n\r\n\
            Please book our PO KX-8812-B for\r\nnext week and confirm the price of $1,200.50. Thanks.\r\n\r\nKind regards\r\nAna Ortiz\r\n\
            This message contains confidential information of the sender.\r\n\r\n\
            On Mon, 2 Mar 2026 at 10:00, Bo <bo@dist.example> wrote:\r\n> We have entered your earlier order today.\r\n",
        );
        assert_eq!(found.domain.as_deref(), Some("reseller.example"));
        assert_eq!(found.subject, "po {A-#-A} for march");
        assert_eq!(found.sentences, ["please book our po {A-#-A} for next week and confirm the price of {amount}"]);
        assert_eq!(found.numbers, ["po KX-#-A", "po A-#-A"]);
    }

    #[test]
    fn markup_that_was_sent_as_text_gives_nothing() {
        let found = of("From: a@b.example\r\nTo: c@d.example\r\nSubject: PO 4711-88\r\n\r\n\
            .button { color: #fff; font-family: Arial }\r\n<td class=\"x\">hello there my friend of old</td>\r\n");
        assert_eq!(found.sentences, Vec::<String>::new());
    }
}
