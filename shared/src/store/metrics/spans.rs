//! Spans of time, as whole buckets and the edges that are left.

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use serde_json::{Value, json};

use crate::store::dialect::instant;

/// Seconds of the wide buckets.
pub(super) const DAY: i64 = 86_400;
/// Seconds that no instant is before, or after.
pub(super) const FAR: i64 = DAY * 10_000_000;

/// From an instant until before another; without one, to the end of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::store) struct Span {
    from: Option<DateTime<Utc>>,
    until: Option<DateTime<Utc>>,
}

impl Span {
    pub(in crate::store) fn between(from: DateTime<Utc>, until: DateTime<Utc>) -> Self {
        Self { from: Some(from), until: Some(until) }
    }

    pub(in crate::store) fn since(from: DateTime<Utc>) -> Self {
        Self { from: Some(from), until: None }
    }
}

/// The instant after this one: stored instants have whole microseconds.
pub(in crate::store) fn next(at: DateTime<Utc>) -> DateTime<Utc> {
    at.trunc_subsecs(6) + TimeDelta::microseconds(1)
}

/// Spans as statements read them: arrays of ranges of buckets, and of instants.
pub(in crate::store) struct Cover {
    pub(in crate::store) buckets: String,
    pub(in crate::store) edges: String,
}

impl Cover {
    /// With narrow buckets of so many seconds.
    pub(in crate::store) fn of(spans: &[Span], narrow: i64) -> Self {
        let (mut buckets, mut edges) = (Vec::new(), Vec::new());
        for (number, span) in spans.iter().enumerate() {
            let bucket =
                |width: i64, from: i64, to: i64| json!({"span": number, "width": width, "from": from, "to": to});
            let edge = |from: DateTime<Utc>, to: DateTime<Utc>| json!({"span": number, "from": instant(from), "to": instant(to)});
            let first = span.from.map_or(-FAR, |from| ceil(from, narrow));
            let last = span.until.map_or(FAR, |until| until.timestamp().div_euclid(narrow) * narrow);
            if first > last {
                // Within one bucket.
                edges.extend(span.from.zip(span.until).map(|(from, until)| edge(from, until)));
                continue;
            }
            edges.extend(span.from.filter(|from| *from < second(first)).map(|from| edge(from, second(first))));
            edges.extend(span.until.filter(|until| second(last) < *until).map(|until| edge(second(last), until)));
            let (begin, end) = (-(-first).div_euclid(DAY) * DAY, last.div_euclid(DAY) * DAY);
            let ranges = if begin < end {
                vec![(narrow, first, begin), (DAY, begin, end), (narrow, end, last)]
            } else {
                vec![(narrow, first, last)]
            };
            // A range without end has no narrow part there.
            let whole = ranges.into_iter().filter(|(width, from, to)| from < to && (*width == DAY || !far(*from, *to)));
            buckets.extend(whole.map(|(width, from, to)| bucket(width, from, to)));
        }
        Self { buckets: Value::from(buckets).to_string(), edges: Value::from(edges).to_string() }
    }
}

fn ceil(at: DateTime<Utc>, width: i64) -> i64 {
    let floor = at.timestamp().div_euclid(width) * width;
    if second(floor) == at { floor } else { floor + width }
}

pub(super) fn second(at: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(at, 0).unwrap_or(DateTime::UNIX_EPOCH)
}

fn far(from: i64, to: i64) -> bool {
    from <= -FAR || to >= FAR
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    /// Seconds and milliseconds of all parts of one span, and whether they touch without overlap.
    fn parts(span: Span, narrow: i64) -> Vec<(i64, i64)> {
        let cover = Cover::of(&[span], narrow);
        let mut parts = Vec::new();
        for range in serde_json::from_str::<Vec<Value>>(&cover.buckets).unwrap() {
            let (width, from, to) = (&range["width"], range["from"].as_i64().unwrap(), range["to"].as_i64().unwrap());
            assert!(from % width.as_i64().unwrap() == 0 || from == -FAR);
            parts.push((from * 1_000, to * 1_000));
        }
        for edge in serde_json::from_str::<Vec<Value>>(&cover.edges).unwrap() {
            let part = |name: &str| at(edge[name].as_str().unwrap()).timestamp_millis();
            assert!(part("to") - part("from") < narrow * 1_000);
            parts.push((part("from"), part("to")));
        }
        parts.sort_unstable();
        parts
    }

    #[test]
    fn parts_of_a_span_touch_and_give_it_back() {
        let base = at("2026-11-22T20:41:30.500Z");
        for narrow in [900, 3_600] {
            for length in [1, 400, 900_000, 3_600_000, 5_000_001, 86_400_000, 90_000_000, 2_592_000_123] {
                for shift in [0, 500, 1_000, 809_500, 11_909_500] {
                    let from = base + TimeDelta::milliseconds(shift);
                    let until = from + TimeDelta::milliseconds(length);
                    let parts = parts(Span::between(from, until), narrow);
                    assert_eq!(parts.first().unwrap().0, from.timestamp_millis());
                    assert_eq!(parts.last().unwrap().1, until.timestamp_millis());
                    assert!(parts.windows(2).all(|pair| pair[0].1 == pair[1].0), "{parts:?}");
                }
            }
        }
    }

    #[test]
    fn a_span_without_an_end_has_one_edge() {
        let base = at("2026-11-22T20:41:30.500Z");
        for (span, far) in [(Span { from: None, until: Some(base) }, -FAR), (Span::since(base), FAR)] {
            let parts = parts(span, 900);
            let ends = [parts.first().unwrap().0, parts.last().unwrap().1];
            assert!(ends.contains(&(far * 1_000)) && ends.contains(&base.timestamp_millis()), "{parts:?}");
            assert!(parts.windows(2).all(|pair| pair[0].1 == pair[1].0), "{parts:?}");
        }
    }
}
