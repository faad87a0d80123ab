//! Subjects without the prefixes mail programs add.

use std::sync::LazyLock;

use regex::Regex;

use crate::body::pattern;

static PREFIX: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^\s*(?:\[(?:ext|extern|external|externe|externo|spam)\w*\]\s*|(re|aw|antw|antwort|rv|sv|fw|fwd|wg|tr|rif|res|enc|reenv(?:iado)?|ref|r)\s*(?:\[\d+\]|\(\d+\))?\s*:\s*)",
    )
});

/// How a subject relates to an earlier mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Relation {
    Opens,
    Reply,
    Forward,
}

/// The subject without `Re:`, `AW:`, `TR:` and the like.
pub(crate) fn clean(subject: &str) -> &str {
    let mut rest = subject.trim();
    while let Some(found) = PREFIX.find(rest) {
        if found.end() == 0 {
            break;
        }
        rest = rest[found.end()..].trim_start();
    }
    rest
}

/// Whether the outermost prefix marks a reply or a forward.
pub(crate) fn relation(subject: &str) -> Relation {
    let mut rest = subject.trim();
    while let Some(found) = PREFIX.captures(rest) {
        if let Some(word) = found.get(1) {
            return match word.as_str().to_ascii_lowercase().as_str() {
                "fw" | "fwd" | "wg" | "tr" | "rv" | "enc" | "reenv" | "reenviado" => Relation::Forward,
                _ => Relation::Reply,
            };
        }
        rest = &rest[found.get(0).map_or(0, |all| all.end())..];
    }
    Relation::Opens
}

pub(crate) fn is_forward(subject: &str) -> bool {
    relation(subject) == Relation::Forward
}

/// The subject as a key: no prefixes, lower case, single blanks, no punctuation at the ends.
pub(crate) fn key(subject: &str) -> String {
    let lower = clean(subject).to_lowercase();
    let words: Vec<&str> = lower.split_whitespace().collect();
    words.join(" ").trim_matches(|c: char| !c.is_alphanumeric()).chars().take(160).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_of_four_languages_are_removed() {
        for subject in ["RE: FW: Crates", "AW: WG: Crates", "Re[2]: TR: Crates", "[EXTERNAL] RV: Crates", "Crates"] {
            assert_eq!(clean(subject), "Crates", "{subject}");
        }
    }

    #[test]
    fn the_outermost_prefix_says_what_a_mail_is() {
        assert_eq!(relation("[EXT] Re: Fwd: x"), Relation::Reply);
        assert_eq!(relation("WG: AW: x"), Relation::Forward);
        assert_eq!(relation("Reader offer"), Relation::Opens);
    }
}
