//! Words of one meaning, whatever the language: what a model learns of one holds for the others.

use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

use super::features::ByWord;
use crate::tree::Tree;

/// A set phrase: what must follow its first word, and what all of it means.
struct Phrase {
    rest: Vec<&'static str>,
    meaning: &'static str,
}

/// Phrases by their first word, or by the beginning of it.
struct Thesaurus {
    words: HashMap<&'static str, Vec<Phrase>, ByWord>,
    /// Places in `begun`.
    beginnings: Tree,
    begun: Vec<Vec<Phrase>>,
}

/// Words of the longest phrase.
pub(crate) const LONGEST: usize = 4;

static THESAURUS: LazyLock<Thesaurus> = LazyLock::new(|| {
    let mut whole: HashMap<&str, Vec<Phrase>, ByWord> = HashMap::default();
    let mut begun: BTreeMap<&str, Vec<Phrase>> = BTreeMap::new();
    for line in include_str!("concepts.txt").lines().filter(|line| !line.starts_with('#')) {
        let Some((meaning, phrases)) = line.split_once(':') else { continue };
        for phrase in phrases.split_whitespace() {
            // A hyphen parts words, as it does in mail.
            let mut words = phrase.split(['_', '-']).map(|word| unelided(word).0);
            let Some(first) = words.next() else { continue };
            let phrases = match first.strip_suffix('*') {
                Some(beginning) => begun.entry(beginning).or_default(),
                None => whole.entry(first).or_default(),
            };
            phrases.push(Phrase { rest: words.collect(), meaning });
        }
    }
    let beginnings = Tree::of(begun.keys().enumerate().map(|(index, begin)| (begin.as_bytes(), index as u16)));
    Thesaurus { words: whole, beginnings, begun: begun.into_values().collect() }
});

/// Meanings of the phrases that begin a run of folded words.
pub(crate) fn of(words: &[&str]) -> Vec<&'static str> {
    let mut found: Vec<&'static str> = Vec::new();
    let Some((word, rest)) = words.split_first() else { return found };
    let mut add = |phrases: &[Phrase]| {
        for phrase in phrases {
            if phrase.rest.len() <= rest.len()
                && phrase.rest.iter().zip(rest).all(|(wanted, word)| fits(wanted, word))
                && !found.contains(&phrase.meaning)
            {
                found.push(phrase.meaning);
            }
        }
    };
    if let Some(phrases) = THESAURUS.words.get(word) {
        add(phrases);
    }
    THESAURUS.beginnings.follow(word.as_bytes(), |index| add(&THESAURUS.begun[usize::from(index)]));
    found
}

fn fits(wanted: &str, word: &str) -> bool {
    wanted.strip_suffix('*').map_or(wanted == word, |beginning| word.starts_with(beginning))
}

/// A French word without the article or pronoun that leans on it, and whether that was a negation.
pub(crate) fn unelided(word: &str) -> (&str, bool) {
    match word.split_once('\'') {
        Some(("l" | "d" | "j" | "s" | "m" | "t" | "c" | "qu" | "jusqu" | "lorsqu" | "puisqu", rest))
            if rest.len() > 1 =>
        {
            (rest, false)
        }
        Some(("n", rest)) if rest.len() > 1 => (rest, true),
        _ => (word, false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_meaning_in_four_languages() {
        for word in ["delayed", "retraso", "retardee", "verspatung"] {
            assert!(of(&[word]).contains(&"late"), "{word}");
        }
        assert!(of(&["no", "rush"]).contains(&"no-rush"));
        assert!(of(&["zebra"]).is_empty());
        assert_eq!(unelided("n'est"), ("est", true));
    }

    #[test]
    fn the_list_is_folded() {
        for line in include_str!("concepts.txt").lines().filter(|line| !line.starts_with('#')) {
            let (meaning, words) = line.split_once(':').unwrap();
            assert!(!meaning.is_empty() && !words.trim().is_empty(), "{line}");
            for phrase in words.split_whitespace() {
                assert_eq!(crate::fold::Folded::new(phrase).text, phrase);
                assert!(phrase.split(['_', '-']).count() <= LONGEST, "{phrase}");
                for word in phrase.split(['_', '-']) {
                    assert!(!word.ends_with('*') || word.len() > 3, "{phrase}");
                }
            }
        }
    }
}
