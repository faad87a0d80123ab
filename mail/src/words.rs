//! Fixed lists of words, found by their first byte.

/// A list of words.
pub(crate) struct Words(Vec<Vec<String>>);

impl Words {
    /// The words of a list, parted by `|`.
    pub fn of(list: &str) -> Self {
        Self::from(list.split('|').map(str::to_owned))
    }

    /// The words given.
    pub fn from(words: impl Iterator<Item = String>) -> Self {
        let mut by_first = vec![Vec::new(); 256];
        for word in words {
            by_first[usize::from(word.as_bytes()[0])].push(word);
        }
        Self(by_first)
    }

    /// Whether the list holds a word.
    pub fn holds(&self, word: &str) -> bool {
        self.like(word).iter().any(|known| known == word)
    }

    /// The words with the first byte of a text: only these can begin it. They keep the order of the list.
    pub fn like(&self, text: &str) -> &[String] {
        text.as_bytes().first().map_or(&[], |first| &self.0[usize::from(*first)])
    }

    /// What follows each of the words that begin a text.
    pub fn after<'t>(&self, text: &'t str) -> impl Iterator<Item = &'t str> {
        self.like(text).iter().filter_map(|known| text.strip_prefix(known.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_found_whole_and_as_a_beginning() {
        let words = Words::of("or|order|été");
        assert!(words.holds("order") && words.holds("été") && !words.holds("ord") && !words.holds(""));
        assert_eq!(words.after("orders").collect::<Vec<_>>(), ["ders", "s"]);
    }
}
