//! Time cut into spans, and the sums that tell how many tasks lie in each.
//!
//! A cut is first read as if it lay on the nearest midnight, so that whole days make up the spans. What lies between there and
//! the nearest narrow bucket is moved by the sums of those buckets, and what lies between that and the cut itself by the
//! tasks. So each cut costs half a day of narrow buckets and half a narrow bucket of tasks at most, and is read once, however
//! many figures begin or end there.

use std::cmp::Ordering;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::spans::{DAY, FAR, second};
use crate::store::dialect::instant;

/// Some tasks of a series, all of which lie between two instants: they belong to a span, and were taken for another's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Part {
    /// The series, by its place.
    pub(super) series: usize,
    /// The span they belong to.
    pub(super) to: usize,
    /// The span that has them too many.
    pub(super) from: Option<usize>,
}

/// What a series is cut at.
pub(super) struct Cuts {
    /// Name of the series of sums.
    pub(super) series: &'static str,
    /// Its status: these are sums of one.
    pub(super) status: &'static str,
    /// Seconds of its narrow buckets.
    pub(super) narrow: i64,
    /// The instants, in order: one more span than these.
    pub(super) at: Vec<DateTime<Utc>>,
}

impl Cuts {
    /// The span that the sums have a task in whose instant lies in this second.
    pub(super) fn span(&self, at: i64) -> usize {
        self.at.iter().filter(|cut| nearest(**cut, self.narrow) <= at).count()
    }
}

/// What is to be read of several series.
#[derive(Default)]
pub(super) struct Plan {
    /// By the numbers that the rows have.
    pub(super) parts: Vec<Part>,
    /// Ranges of buckets.
    buckets: Vec<Value>,
    /// Ranges of instants, by the place of the series.
    edges: Vec<Vec<Value>>,
}

impl Plan {
    /// For these series; the spans that no figure is about are named by `needless`, by place of the series and span.
    pub(super) fn of(series: &[Cuts], needless: &[(usize, usize)]) -> Self {
        let mut plan = Self::default();
        for (place, cuts) in series.iter().enumerate() {
            let days: Vec<i64> = cuts.at.iter().map(|at| nearest(*at, DAY)).collect();
            let ends = days.iter().copied().chain([FAR]);
            for (span, (from, to)) in [-FAR].into_iter().chain(days.iter().copied()).zip(ends).enumerate() {
                if from < to && !needless.contains(&(place, span)) {
                    plan.bucket(cuts, DAY, (from, to), Part { series: place, to: span, from: None });
                }
            }
            let mut edges = Vec::new();
            for (span, at) in cuts.at.iter().enumerate() {
                let (day, narrow) = (days[span], nearest(*at, cuts.narrow));
                let moved = |order| match order {
                    Ordering::Less => Some(Part { series: place, to: span, from: Some(span + 1) }),
                    Ordering::Equal => None,
                    Ordering::Greater => Some(Part { series: place, to: span + 1, from: Some(span) }),
                };
                if let Some(part) = moved(day.cmp(&narrow)) {
                    plan.bucket(cuts, cuts.narrow, (day.min(narrow), day.max(narrow)), part);
                }
                let rounded = second(narrow);
                if let Some(part) = moved(rounded.cmp(at)) {
                    let (from, to) = (instant(rounded.min(*at)), instant(rounded.max(*at)));
                    edges.push(json!({"part": plan.parts.len(), "from": from, "to": to}));
                    plan.parts.push(part);
                }
            }
            plan.edges.push(edges);
        }
        plan
    }

    fn bucket(&mut self, cuts: &Cuts, width: i64, (from, to): (i64, i64), part: Part) {
        let part_number = self.parts.len();
        let Cuts { series, status, .. } = cuts;
        self.buckets.push(
            json!({"part": part_number, "series": series, "status": status, "width": width, "from": from, "to": to}),
        );
        self.parts.push(part);
    }

    /// The ranges of buckets as a statement reads them.
    pub(super) fn buckets(&self) -> String {
        Value::from(self.buckets.clone()).to_string()
    }

    /// The ranges of instants of the series at a place.
    pub(super) fn edges(&self, place: usize) -> String {
        Value::from(self.edges[place].clone()).to_string()
    }
}

/// The beginning of a bucket that is nearest to an instant.
fn nearest(at: DateTime<Utc>, width: i64) -> i64 {
    (at.timestamp() + width / 2).div_euclid(width) * width
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    /// How many instants each span has by the plan, if instants are counted as the statements count them.
    fn planned(cuts: &Cuts, instants: &[DateTime<Utc>]) -> Vec<i64> {
        let plan = Plan::of(std::slice::from_ref(cuts), &[]);
        let mut spans = vec![0; cuts.at.len() + 1];
        let mut apply = |range: &Value, within: &dyn Fn(&DateTime<Utc>) -> bool| {
            let part = plan.parts[usize::try_from(range["part"].as_i64().unwrap()).unwrap()];
            let n = instants.iter().filter(|at| within(at)).count() as i64;
            spans[part.to] += n;
            if let Some(from) = part.from {
                spans[from] -= n;
            }
        };
        for range in &plan.buckets {
            let [width, from, to] = ["width", "from", "to"].map(|name| range[name].as_i64().unwrap());
            assert!(width == DAY || to - from <= DAY / 2, "at most half a day of narrow buckets");
            apply(range, &|at| (from..to).contains(&(at.timestamp().div_euclid(width) * width)));
        }
        for edge in &plan.edges[0] {
            let [from, to] = ["from", "to"].map(|name| self::at(edge[name].as_str().unwrap()));
            assert!(to - from <= TimeDelta::seconds(cuts.narrow / 2), "at most half a bucket of tasks");
            apply(edge, &|at| *at >= from && *at < to);
        }
        spans
    }

    #[test]
    fn parts_give_each_span_what_lies_in_it() {
        let base = at("2026-11-22T20:41:30.500Z");
        let instants: Vec<_> = (-400..400).map(|n| base + TimeDelta::milliseconds(n * 1_234_567)).collect();
        for shift in [0, 1, 450_000, 809_500, 11_909_500, 11_909_499, 43_200_000, 80_000_000] {
            let now = base + TimeDelta::milliseconds(shift);
            for (narrow, hours) in [(900, [0, 1, 4, 24]), (3_600, [-168, -24, -3, 0]), (900, [0, 0, 0, 90])] {
                let cuts = Cuts {
                    series: "due",
                    status: "open",
                    narrow,
                    at: hours.iter().map(|hours| now + TimeDelta::hours(*hours)).collect(),
                };
                let mut expected = vec![0; 5];
                for instant in &instants {
                    expected[cuts.at.iter().filter(|cut| *cut <= instant).count()] += 1;
                }
                assert_eq!(planned(&cuts, &instants), expected, "{now} {narrow}");
            }
        }
    }

    #[test]
    fn what_is_not_folded_is_counted_where_its_bucket_is() {
        let cuts = Cuts { series: "due", status: "open", narrow: 900, at: vec![at("2026-11-22T20:41:30.500Z")] };
        let seconds = ["20:44:59Z", "20:45:00Z"].map(|time| at(&format!("2026-11-22T{time}")).timestamp());
        assert_eq!(seconds.map(|second| cuts.span(second)), [0, 1]);
    }
}
