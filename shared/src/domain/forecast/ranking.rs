//! The tasks with most dollars at risk, of any number that is offered, in memory for as many as are wanted.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use crate::domain::Cents;

/// Keeps the `limit` items with the highest expectation. Items are to be offered in falling order of value: the
/// expectation is never more than the value, so that from some value on nothing can get in any more, which is the threshold
/// of Fagin, Lotem and Naor (2001).
pub struct Ranking<T> {
    limit: usize,
    offered: u64,
    /// The least is on top.
    kept: BinaryHeap<Ranked<T>>,
}

struct Ranked<T> {
    expected: Cents,
    /// Which offer it was: of equal expectations the earlier is ahead.
    place: u64,
    item: T,
}

impl<T> Ranking<T> {
    /// An empty one.
    pub fn of(limit: usize) -> Self {
        Self { limit, offered: 0, kept: BinaryHeap::with_capacity(limit + 1) }
    }

    /// Takes an item if it is among the highest.
    pub fn offer(&mut self, expected: Cents, item: T) {
        self.kept.push(Ranked { expected, place: self.offered, item });
        self.offered += 1;
        if self.kept.len() > self.limit {
            self.kept.pop();
        }
    }

    /// Whether no item with this value or less can get in.
    pub fn is_settled(&self, value: Cents) -> bool {
        self.kept.len() == self.limit && self.kept.peek().is_some_and(|least| least.expected >= value)
    }

    /// The items, the highest first.
    pub fn into_items(self) -> Vec<T> {
        self.kept.into_sorted_vec().into_iter().map(|ranked| ranked.item).collect()
    }
}

impl<T> Ord for Ranked<T> {
    fn cmp(&self, other: &Self) -> Ordering {
        other.expected.cmp(&self.expected).then(self.place.cmp(&other.place))
    }
}

impl<T> PartialOrd for Ranked<T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<T> PartialEq for Ranked<T> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl<T> Eq for Ranked<T> {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ranking_is_that_of_all_although_it_stops_early() {
        // Values fall; of each a part between nothing and all is expected.
        let offers: Vec<(i64, i64)> = (0..500_i64).rev().map(|n| (n * 10, n * 10 * (n * 7_919 % 101) / 100)).collect();
        let mut all: Vec<_> = offers.clone();
        all.sort_by_key(|(value, expected)| (-expected, -value));

        let mut ranking = Ranking::of(20);
        let mut read = 0;
        for (value, expected) in offers {
            if ranking.is_settled(Cents(value)) {
                break;
            }
            read += 1;
            ranking.offer(Cents(expected), (value, expected));
        }

        assert_eq!(ranking.into_items(), all[..20]);
        assert!((20..250).contains(&read), "{read}");
    }
}
