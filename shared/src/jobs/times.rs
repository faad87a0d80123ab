//! How long many things took, in little room: what several minutes or queues hold can be put together, which their
//! percentiles cannot.

use std::collections::BTreeMap;
use std::fmt;

/// Leading binary digits of a duration that are kept.
const DIGITS: u32 = 6;

/// Durations in milliseconds and how many there were of each: exact up to 63 ms, longer ones within 1.6 %.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Times(BTreeMap<i64, i64>);

impl Times {
    /// Adds `count` durations of `ms` milliseconds; a negative one, of two clocks that differ, counts as none.
    pub fn add(&mut self, ms: i64, count: i64) {
        *self.0.entry(rounded(ms.max(0))).or_default() += count;
    }

    /// The durations that [`Times`] wrote as text, or several such texts with a space between them. What is no such text is
    /// left out.
    pub fn read(text: &str) -> Self {
        let mut times = Self::default();
        for (ms, count) in text.split_whitespace().filter_map(|entry| entry.split_once(':')) {
            if let (Ok(ms), Ok(count)) = (ms.parse::<i64>(), count.parse::<i64>()) {
                *times.0.entry(ms).or_default() += count;
            }
        }
        times
    }

    /// The duration in milliseconds that this percentage of them does not exceed, by the nearest rank; `None` of none.
    pub fn percentile(&self, percent: i64) -> Option<i64> {
        let total: i64 = self.0.values().sum();
        let rank = (total * percent + 99) / 100;
        let mut passed = 0;
        self.0.iter().find_map(|(ms, count)| {
            passed += count;
            (passed >= rank).then_some(*ms)
        })
    }
}

impl fmt::Display for Times {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, (ms, count)) in self.0.iter().enumerate() {
            write!(f, "{}{ms}:{count}", if at == 0 { "" } else { " " })?;
        }
        Ok(())
    }
}

/// The middle of the cell that a duration lies in. A cell is as wide as the last digit that is kept.
fn rounded(ms: i64) -> i64 {
    match (i64::BITS - ms.leading_zeros()).saturating_sub(DIGITS) {
        0 => ms,
        dropped => (ms >> dropped << dropped) + (1 << (dropped - 1)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(durations: impl IntoIterator<Item = i64>) -> Times {
        let mut times = Times::default();
        for ms in durations {
            times.add(ms, 1);
        }
        times
    }

    #[test]
    fn percentiles_are_those_of_the_durations_within_two_percent() {
        let exact: Vec<i64> = (1..=10_000).map(|n| n * n % 86_400_000 + n).collect();
        let times = of(exact.iter().copied());
        let mut sorted = exact;
        sorted.sort_unstable();
        for percent in 1..=100 {
            let expected = sorted[(sorted.len() * percent as usize).div_ceil(100) - 1];
            let found = times.percentile(percent).unwrap();
            assert!((found - expected).abs() * 62 <= expected, "p{percent}: {found} for {expected}");
        }
    }

    #[test]
    fn short_durations_are_exact_and_few_have_their_percentiles() {
        assert_eq!(of([]).percentile(50), None);
        assert_eq!((of([7]).percentile(50), of([7]).percentile(99)), (Some(7), Some(7)));
        let four = of([63, 1, 2, 3]);
        assert_eq!([50, 75, 95, 99].map(|percent| four.percentile(percent)), [Some(2), Some(3), Some(63), Some(63)]);
        assert_eq!(of([-5]).percentile(50), Some(0));
        assert!(of([i64::MAX]).percentile(50).is_some_and(|ms| ms > 0));
    }

    #[test]
    fn texts_are_read_back_and_put_together() {
        let (some, more) = (of([12, 12, 80, 5_000]), of([12, 1]));
        assert_eq!(of([12, 12, 80]).to_string(), "12:2 81:1");
        assert_eq!(Times::read(&some.to_string()), some);
        assert_eq!(Times::read(&format!("{some}  {more}")), of([12, 12, 80, 5_000, 12, 1]));
        assert_eq!(Times::read("nonsense 3: :4 5:x"), Times::default());
    }
}
