//! Words of one meaning, whatever the language: what a model learns of one holds for the others.

use std::collections::HashMap;
use std::sync::LazyLock;

/// Meanings of words, of beginnings of words, and of pairs of neighbours.
#[derive(Default)]
struct Thesaurus {
    words: HashMap<&'static str, Vec<&'static str>>,
    beginnings: HashMap<&'static str, Vec<&'static str>>,
}

/// Shortest and longest beginning in the list, in bytes.
const BEGINNINGS: std::ops::RangeInclusive<usize> = 3..=16;

static THESAURUS: LazyLock<Thesaurus> = LazyLock::new(|| {
    let mut thesaurus = Thesaurus::default();
    for line in include_str!("concepts.txt").lines().filter(|line| !line.starts_with('#')) {
        let Some((meaning, words)) = line.split_once(':') else { continue };
        for word in words.split_whitespace() {
            let (map, word) = match word.strip_suffix('*') {
                Some(beginning) => (&mut thesaurus.beginnings, beginning),
                None => (&mut thesaurus.words, word),
            };
            let meanings = map.entry(word).or_default();
            if !meanings.contains(&meaning) {
                meanings.push(meaning);
            }
        }
    }
    thesaurus
});

/// Meanings of a folded word.
pub(crate) fn of(word: &str) -> Vec<&'static str> {
    let mut found: Vec<&'static str> = THESAURUS.words.get(word).cloned().unwrap_or_default();
    for length in BEGINNINGS {
        let Some(beginning) = word.get(..length) else { break };
        for meaning in THESAURUS.beginnings.get(beginning).into_iter().flatten() {
            if !found.contains(meaning) {
                found.push(meaning);
            }
        }
    }
    found
}

/// Meanings of two neighbours together.
pub(crate) fn of_pair(first: &str, second: &str) -> &'static [&'static str] {
    THESAURUS.words.get(format!("{first}_{second}").as_str()).map_or(&[], Vec::as_slice)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_meaning_in_four_languages() {
        for word in ["delayed", "retraso", "retardee", "verspatung"] {
            assert!(of(word).contains(&"late"), "{word}");
        }
        assert_eq!(of_pair("no", "rush"), ["no-rush"]);
        assert!(of("zebra").is_empty());
    }

    #[test]
    fn the_list_is_folded() {
        for line in include_str!("concepts.txt").lines().filter(|line| !line.starts_with('#')) {
            let (meaning, words) = line.split_once(':').unwrap();
            assert!(!meaning.is_empty() && !words.trim().is_empty(), "{line}");
            for word in words.split_whitespace() {
                assert_eq!(crate::fold::Folded::new(word).text, word);
                let length = word.trim_end_matches('*').len();
                assert!(!word.ends_with('*') || BEGINNINGS.contains(&length), "{word}");
            }
        }
    }
}
