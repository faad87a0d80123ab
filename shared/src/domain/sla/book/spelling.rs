//! What somebody may have meant.

/// The candidate that differs least from a word, if it differs little: in a third of its letters at most.
pub(super) fn nearest<'a>(word: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let word = word.to_lowercase();
    if word.chars().count() > 60 {
        return None;
    }
    let measured = candidates.map(|candidate| (distance(&word, &candidate.to_lowercase()), candidate));
    let (differences, nearest) = measured.min()?;
    (differences * 3 <= nearest.chars().count().max(3)).then_some(nearest)
}

/// Letters to insert, remove or replace (Levenshtein), neighbours that change places counting as one.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let (mut before_last, mut last): (Vec<usize>, Vec<usize>) = (Vec::new(), (0..=b.len()).collect());
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let replaced = last[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut cost = replaced.min(last[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                cost = cost.min(before_last[j - 2] + 1);
            }
            row.push(cost);
        }
        before_last = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_word_is_found_if_it_is_near() {
        let words = ["Europe/Berlin", "Europe/Dublin", "America/New_York"];
        assert_eq!(nearest("europe/berlin", words.into_iter()), Some("Europe/Berlin"));
        assert_eq!(nearest("Europe/Belrin", words.into_iter()), Some("Europe/Berlin"));
        assert_eq!(nearest("America/NewYork", words.into_iter()), Some("America/New_York"));
        assert_eq!(nearest("the moon", words.into_iter()), None);
        assert_eq!(nearest("", words.into_iter()), None);
    }
}
