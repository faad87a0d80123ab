//! Splits the text of a mail, line by line, into what its sender wrote now, what is quoted, and the signature.

use std::sync::LazyLock;

use regex::Regex;

use crate::earlier::{self, Marker, is_quoted, marker};
use crate::parse::beginning;
use crate::signature;

/// The three parts of a body.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Split {
    pub new: String,
    pub quoted: String,
    pub signature: String,
}

static TRIVIAL: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^\W*((hi|hello|hey|hallo|hola|bonjour|dear|guten tag|buenos d(í|i)as|team|all|fyi|zur info|zur kenntnis|pour info|para su informaci(ó|o)n|see (below|attached)|please (see|handle|advise|process|review|action)( below| this)?|pls( see| handle)?|siehe unten|voir ci-dessous|ver abajo|thanks|thx|danke|merci|gracias|bitte (um )?(bearbeitung|pr(ü|u)fung|erledigen)|for you(r information)?)\W*(\w+\W*)?)*$",
    )
});

pub(crate) fn pattern(source: &str) -> Regex {
    Regex::new(source).expect("the pattern is a constant checked by the tests")
}

/// Most bytes of a text that are looked at line by line; the rest belongs to the part that they end with.
const LOOKED_AT: usize = 1 << 20;

/// Splits `text`; `author` is the display name of the sender, `forward` says that the subject marks a forward.
pub(crate) fn split(text: &str, author: Option<&str>, forward: bool) -> Split {
    let begins = beginning(text, LOOKED_AT);
    let lines: Vec<&str> = begins.lines().collect();
    let (new, quoted) = partition(&lines);
    // A single "> 5 units" above or below a text is no quotation.
    let compares = |line: &&str| line.trim_start_matches(['>', ' ', '\t']).starts_with(|c: char| c.is_ascii_digit());
    let last = lines.last().copied();
    let (new, quoted) =
        if quoted.len() == 1 && quoted.iter().all(compares) { (lines, Vec::new()) } else { (new, quoted) };
    let (own, signature) = signature::cut(&new, author);
    let mut split = Split { new: own, quoted: trimmed(&quoted.join("\n")), signature };
    let rest = &text[begins.len()..];
    if !rest.is_empty() {
        let ends_quoted = quoted.last().zip(last).is_some_and(|(line, last)| std::ptr::eq(*line, last));
        if ends_quoted { &mut split.quoted } else { &mut split.new }.push_str(rest);
    }
    if !split.quoted.is_empty() && (forward || split.new.is_empty()) && is_trivial(&split.new) {
        adopt_forwarded(&mut split);
    }
    split
}

/// The mails inside a quotation, the nearest first, without quote marks.
pub(crate) fn layers(quoted: &str) -> Vec<String> {
    let stripped: Vec<&str> = quoted.lines().map(unquote).collect();
    let mut layers = vec![Vec::new()];
    let mut at = 0;
    while at < stripped.len() {
        if let Some((_, used)) = marker(&stripped, at) {
            if layers.last().is_some_and(|layer| layer.iter().any(|line: &&str| !line.trim().is_empty())) {
                layers.push(Vec::new());
            }
            at += used;
        } else {
            layers.last_mut().expect("there is always a layer").push(stripped[at]);
            at += 1;
        }
    }
    layers.into_iter().map(|lines| lines.join("\n").trim().to_owned()).filter(|layer| !layer.is_empty()).collect()
}

/// Separates lines into new and quoted ones.
fn partition<'a>(lines: &[&'a str]) -> (Vec<&'a str>, Vec<&'a str>) {
    let (mut new, mut quoted) = (Vec::new(), Vec::new());
    let mut at = 0;
    while at < lines.len() {
        if is_quoted(lines[at]) {
            quoted.push(lines[at]);
            at += 1;
            continue;
        }
        match marker(lines, at) {
            Some((Marker::Rest, used)) => {
                quoted.extend_from_slice(&lines[at..at + used]);
                quoted.extend_from_slice(&lines[at + used..]);
                break;
            }
            Some((Marker::Attribution, used)) => {
                quoted.extend_from_slice(&lines[at..at + used]);
                at += used;
                let marked = lines[at..].iter().find(|line| !line.trim().is_empty()).is_some_and(|l| is_quoted(l));
                if !marked {
                    quoted.extend_from_slice(&lines[at..]);
                    break;
                }
            }
            None => {
                new.push(lines[at]);
                at += 1;
            }
        }
    }
    (new, quoted)
}

fn unquote(line: &str) -> &str {
    let mut rest = line;
    while let Some(inner) = rest.trim_start().strip_prefix('>') {
        rest = inner;
    }
    rest.strip_prefix(' ').unwrap_or(rest)
}

fn is_trivial(comment: &str) -> bool {
    comment.chars().count() <= 120 && TRIVIAL.is_match(comment.trim())
}

/// In a forward without a comment of its own, the forwarded mail is what is said.
fn adopt_forwarded(split: &mut Split) {
    let mut layers = layers(&split.quoted).into_iter();
    let Some(nearest) = layers.next() else { return };
    let lines: Vec<&str> = nearest.lines().collect();
    let head: Vec<&str> = split.quoted.lines().take(12).collect();
    let (own, signature) = signature::cut(&lines, earlier::author(&head));
    let new = trimmed(&format!("{}\n\n{own}", split.new));
    let signature = trimmed(&format!("{}\n{signature}", split.signature));
    // The author line of the forwarded mail stays readable as quotation.
    let head: Vec<&str> = split.quoted.lines().take_while(|line| unquote(line).trim() != lines[0].trim()).collect();
    let rest: Vec<String> = layers.collect();
    let quoted = trimmed(&format!("{}\n{}", head.join("\n"), rest.join("\n\n")));
    *split = Split { new, quoted, signature };
}

fn trimmed(text: &str) -> String {
    text.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str) -> (String, String) {
        let split = split(text, Some("Ada Moss"), false);
        (split.new, split.quoted)
    }

    #[test]
    fn attributions_in_four_languages_begin_the_quotation() {
        for head in [
            "On Tue, 4 Feb 2025 at 10:11, Ben Ito <ben@x.example> wrote:",
            "Am 04.02.2025 um 10:11 schrieb Ben Ito <ben@x.example>:",
            "Le mar. 4 févr. 2025 à 10:11, Ben Ito <ben@x.example> a écrit :",
            "El mar, 4 feb 2025 a las 10:11, Ben Ito (<ben@x.example>) escribió:",
            "On Tue, 4 Feb 2025 at 10:11, Ben Ito\n<ben@x.example> wrote:",
        ] {
            let (new, quoted) = parts(&format!("Fine by me.\n\n{head}\n> earlier\n> words"));
            assert_eq!(new, "Fine by me.", "{head}");
            assert!(quoted.contains("> words"), "{head}");
        }
    }

    #[test]
    fn a_block_of_header_fields_begins_the_quotation() {
        for head in [
            "-----Original Message-----\nFrom: Ben\nSent: Monday\nTo: Ada\nSubject: x",
            "________________________________\nVon: Ben\nGesendet: Montag\nAn: Ada\nBetreff: x",
            "De : Ben\nEnvoyé : lundi\nÀ : Ada\nObjet : x",
            "De: Ben\nEnviado el: lunes\nPara: Ada\nAsunto: x",
            "Ben Ito\n02/04/2025 10:11 AM\n   To: Ada\n   Subject: x",
        ] {
            let (new, quoted) = parts(&format!("Fine by me.\n\n{head}\n\nearlier words"));
            assert_eq!(new, "Fine by me.", "{head}");
            assert!(quoted.ends_with("earlier words"), "{head}");
        }
    }

    #[test]
    fn answers_between_quoted_lines_are_new() {
        let (new, _) = parts("On Tue, 4 Feb 2025 at 10:11, Ben wrote:\n> red or blue?\nBlue.\n> when?\nMonday.");
        assert_eq!(new, "Blue.\nMonday.");
    }

    #[test]
    fn a_forward_without_comment_speaks_for_itself() {
        let text = "FYI\n\n---------- Forwarded message ---------\nFrom: Ben <b@x.example>\nDate: Mon\nSubject: x\nTo: y\n\nPlease ship the crates.\n\nOn 2025-01-02 09:00, Cy wrote:\n> older";
        let split = split(text, Some("Ada Moss"), true);
        assert_eq!(split.new, "FYI\n\nPlease ship the crates.");
        assert!(split.quoted.contains("older") && split.quoted.contains("b@x.example"));
    }

    #[test]
    fn layers_come_nearest_first() {
        let quoted = "On 2025-01-02 09:00, Cy wrote:\n> second\n> On 2025-01-01 09:00, Di wrote:\n>> first";
        assert_eq!(layers(quoted), ["second", "first"]);
    }
}
