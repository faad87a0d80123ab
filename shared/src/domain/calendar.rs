//! Business hours: how long work takes when people are only there some of the time.
//!
//! A calendar is a week of spans in the wall-clock time of a zone, days on which nobody works, and days with hours of
//! their own. Working time is time that really passes while a span is open: an hour that the clocks skip is not worked,
//! an hour that they repeat is worked twice. An opening or a closing that the clocks skip is at the instant of the skip;
//! of an opening that comes twice the first counts, of a closing the last. A pause is time that does not count even so.

use std::collections::BTreeMap;
use std::iter::once;

use chrono::{DateTime, Datelike, LocalResult, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;

/// Minutes of a day.
const DAY: u16 = 24 * 60;
/// Nothing is due after this year.
const LAST_YEAR: i32 = 9999;

/// From the first instant up to the second.
pub type Stretch = (DateTime<Utc>, DateTime<Utc>);

/// Hours within a day, in minutes after midnight; the end is not included and may be 1440.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    from: u16,
    to: u16,
}

/// Business hours in a zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Calendar {
    zone: Tz,
    /// From Monday.
    week: [Vec<Span>; 7],
    /// Days with hours of their own; none at all on a holiday.
    exceptions: BTreeMap<NaiveDate, Vec<Span>>,
}

impl Span {
    /// A span of a day; `None` if it is empty or does not fit in one.
    pub fn new(from: u16, to: u16) -> Option<Self> {
        (from < to && to <= DAY).then_some(Self { from, to })
    }

    /// Whether the two share a minute.
    pub fn overlaps(self, other: Self) -> bool {
        self.from < other.to && other.from < self.to
    }
}

impl Calendar {
    /// Hours of each day from Monday, and of days that differ. The spans of a day are sorted and do not overlap, and at
    /// least one day of the week has some: `None` else.
    pub fn new(zone: Tz, week: [Vec<Span>; 7], exceptions: BTreeMap<NaiveDate, Vec<Span>>) -> Option<Self> {
        let apart = |spans: &Vec<Span>| spans.windows(2).all(|pair| pair[0].to <= pair[1].from);
        let sane =
            week.iter().any(|spans| !spans.is_empty()) && week.iter().all(apart) && exceptions.values().all(apart);
        sane.then_some(Self { zone, week, exceptions })
    }

    /// The zone its hours are in.
    pub fn zone(&self) -> Tz {
        self.zone
    }

    /// The instant at which so much working time has passed since `start`, pauses not counted; `None` if that is after the
    /// year 9999. Pauses are sorted and do not overlap.
    pub fn after(&self, start: DateTime<Utc>, work: TimeDelta, pauses: &[Stretch]) -> Option<DateTime<Utc>> {
        spend(self.worked(start, pauses), work)
    }

    /// Working time between two instants, pauses not counted; zero if they are not in this order.
    pub fn between(&self, start: DateTime<Utc>, end: DateTime<Utc>, pauses: &[Stretch]) -> TimeDelta {
        let worked = self.worked(start, pauses).take_while(|(from, _)| *from < end);
        worked.fold(TimeDelta::zero(), |sum, (from, to)| sum + (to.min(end) - from))
    }

    /// Stretches of work after `start`, in order.
    pub fn worked(&self, start: DateTime<Utc>, pauses: &[Stretch]) -> impl Iterator<Item = Stretch> {
        let open = self.openings(start).map(move |(opens, closes)| (opens.max(start), closes));
        open.flat_map(|open| without(open, pauses))
    }

    /// Spans as instants, from the day before `start` to the last day of all. They do not overlap, although two that meet
    /// at a minute that comes twice would.
    fn openings(&self, start: DateTime<Utc>) -> impl Iterator<Item = Stretch> {
        let first = start.with_timezone(&self.zone).date_naive();
        let days = first.pred_opt().unwrap_or(first).iter_days().take_while(|day| day.year() <= LAST_YEAR);
        let spans = days.flat_map(move |day| {
            let spans = self.exceptions.get(&day).unwrap_or(&self.week[day.weekday().num_days_from_monday() as usize]);
            spans.iter().map(move |span| (self.opening(day, span.from), self.closing(day, span.to)))
        });
        spans.scan(DateTime::<Utc>::MIN_UTC, |closed, (opens, closes)| {
            let opens = opens.max(*closed);
            *closed = closes.max(*closed);
            Some((opens, closes))
        })
    }

    fn opening(&self, day: NaiveDate, minute: u16) -> DateTime<Utc> {
        self.instant(day, minute, |first, _| first)
    }

    fn closing(&self, day: NaiveDate, minute: u16) -> DateTime<Utc> {
        self.instant(day, minute, |_, last| last)
    }

    fn instant(
        &self,
        day: NaiveDate,
        minute: u16,
        choose: impl Fn(DateTime<Utc>, DateTime<Utc>) -> DateTime<Utc>,
    ) -> DateTime<Utc> {
        let wall = day.and_time(NaiveTime::MIN) + TimeDelta::minutes(minute.into());
        match self.zone.from_local_datetime(&wall) {
            LocalResult::Single(at) => at.to_utc(),
            LocalResult::Ambiguous(first, last) => choose(first.to_utc(), last.to_utc()),
            LocalResult::None => self.skip(wall),
        }
    }

    /// The instant at which the clocks skip this wall-clock time.
    fn skip(&self, wall: NaiveDateTime) -> DateTime<Utc> {
        // No zone is further from UTC, and none skips more than a day.
        let near = wall.and_utc().timestamp();
        let (mut before, mut after) = (near - 48 * 3600, near + 48 * 3600);
        while after - before > 1 {
            let middle = i64::midpoint(before, after);
            let local = DateTime::from_timestamp(middle, 0).map(|at| at.with_timezone(&self.zone).naive_local());
            *(if local.is_none_or(|local| local <= wall) { &mut before } else { &mut after }) = middle;
        }
        DateTime::from_timestamp(after, 0).unwrap_or_default()
    }
}

/// [`Calendar::worked`] round the clock.
pub fn worked(start: DateTime<Utc>, pauses: &[Stretch]) -> impl Iterator<Item = Stretch> {
    let never = NaiveDate::from_ymd_opt(LAST_YEAR + 1, 1, 1).unwrap_or(NaiveDate::MAX).and_time(NaiveTime::MIN);
    without((start, never.and_utc()), pauses)
}

/// [`Calendar::after`] round the clock.
pub fn after(start: DateTime<Utc>, time: TimeDelta, pauses: &[Stretch]) -> Option<DateTime<Utc>> {
    let never = NaiveDate::from_ymd_opt(LAST_YEAR + 1, 1, 1)?.and_time(NaiveTime::MIN).and_utc();
    spend(without((start, never), pauses), time).filter(|at| *at < never)
}

/// The instant at which so much of these stretches has passed.
fn spend(stretches: impl Iterator<Item = Stretch>, time: TimeDelta) -> Option<DateTime<Utc>> {
    let mut left = time;
    for (from, to) in stretches {
        if left <= to - from {
            return Some(from + left);
        }
        left -= to - from;
    }
    None
}

/// What of a stretch is left between the pauses.
fn without((from, to): Stretch, pauses: &[Stretch]) -> impl Iterator<Item = Stretch> {
    let begins = once(from).chain(pauses.iter().map(|(_, ends)| *ends));
    let ends = pauses.iter().map(|(begins, _)| *begins).chain(once(to));
    begins.zip(ends).map(move |(begins, ends)| (begins.max(from), ends.min(to))).filter(|(begins, ends)| begins < ends)
}
