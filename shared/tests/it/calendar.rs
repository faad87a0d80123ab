//! Working time against a table worked out by hand, and against what must hold of every calendar.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use proptest::prelude::*;
use shared::domain::calendar::{self, Calendar, Span, Stretch};

const TABLE: &str = include_str!("../fixtures/calendar.txt");

/// `09:00-17:00`.
fn span(text: &str) -> Span {
    let minute = |text: &str| {
        let (hours, minutes) = text.split_once(':').unwrap();
        hours.parse::<u16>().unwrap() * 60 + minutes.parse::<u16>().unwrap()
    };
    let (from, to) = text.split_once('-').unwrap();
    Span::new(minute(from), minute(to)).unwrap()
}

/// A calendar of a table: `name zone days spans; date, date and date closed; date span`.
pub fn calendar(line: &str) -> (String, Calendar) {
    let mut parts = line.split(';').map(str::trim);
    let [name, zone, days, spans @ ..] = &parts.next().unwrap().split_whitespace().collect::<Vec<_>>()[..] else {
        panic!("{line}")
    };
    let day = |day| ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"].iter().position(|name| *name == day).unwrap();
    let (first, last) = days.split_once('-').unwrap_or((days, days));
    let mut week: [Vec<Span>; 7] = Default::default();
    week[day(first)..=day(last)].fill(spans.iter().filter(|word| **word != "and").map(|text| span(text)).collect());
    let mut exceptions = BTreeMap::new();
    for part in parts {
        let (dates, hours) = part.rsplit_once(' ').unwrap();
        let spans = if hours == "closed" { Vec::new() } else { vec![span(hours)] };
        for date in dates.split([' ', ',']).filter_map(|word| word.parse::<NaiveDate>().ok()) {
            exceptions.insert(date, spans.clone());
        }
    }
    ((*name).to_owned(), Calendar::new(zone.parse().unwrap(), week, exceptions).unwrap())
}

/// `1h30m`.
pub fn time(text: &str) -> TimeDelta {
    let parts = text.split_inclusive(['h', 'm', 's']).map(|part| {
        let number = part[..part.len() - 1].parse::<i64>().unwrap();
        number * [3600, 60, 1]["hms".find(&part[part.len() - 1..]).unwrap()]
    });
    TimeDelta::seconds(parts.sum())
}

#[test]
fn work_is_due_when_the_table_says_so() {
    let mut calendars = BTreeMap::new();
    let mut cases = 0;
    for line in TABLE.lines() {
        if let Some(text) = line.strip_prefix("#   ") {
            calendars.extend([calendar(text)]);
        }
        if line.starts_with('#') {
            continue;
        }
        let [name, on, start, work, due] = line.split('|').map(str::trim).collect::<Vec<_>>()[..] else {
            panic!("{line}")
        };
        let start: DateTime<Utc> = start.parse().unwrap();
        let due: Option<DateTime<Utc>> = (due != "never").then(|| due.parse().unwrap());
        assert_eq!(calendars[on].after(start, time(work), &[]), due, "{name}");
        if let Some(due) = due {
            assert_eq!(calendars[on].between(start, due, &[]), time(work), "{name}");
        }
        cases += 1;
    }
    assert!(cases >= 60, "{cases} cases");
}

#[test]
fn a_calendar_with_empty_or_overlapping_spans_or_without_an_open_hour_is_refused() {
    assert_eq!((Span::new(540, 540), Span::new(600, 540), Span::new(0, 1441)), (None, None, None));
    let week = |spans: &[Span]| std::array::from_fn(|day| if day == 1 { spans.to_vec() } else { Vec::new() });
    let new = |week, exceptions: &[(&str, Vec<Span>)]| {
        let exceptions = exceptions.iter().map(|(day, spans)| (day.parse().unwrap(), spans.clone())).collect();
        Calendar::new(chrono_tz::Europe::Berlin, week, exceptions)
    };
    let (morning, noon, day) = (span("08:00-12:00"), span("12:00-13:00"), span("09:00-17:00"));
    assert!(morning.overlaps(day) && !morning.overlaps(noon));
    assert!(new(week(&[morning, noon]), &[]).is_some());
    assert!(new(week(&[morning, day]), &[]).is_none());
    assert!(new(week(&[noon, morning]), &[]).is_none());
    assert!(new(week(&[morning]), &[("2028-02-29", vec![morning, day])]).is_none());
    assert!(new(week(&[]), &[]).is_none());
    assert!(new(week(&[]), &[("2028-02-29", vec![day])]).is_none(), "an exception alone does not recur");
}

#[test]
fn round_the_clock_nothing_is_due_after_the_year_9999() {
    let start: DateTime<Utc> = "9999-12-31T00:00:00Z".parse().unwrap();
    assert_eq!(calendar::after(start, TimeDelta::hours(23), &[]), Some(start + TimeDelta::hours(23)));
    assert_eq!(calendar::after(start, TimeDelta::hours(24), &[]), None);
}

/// Spans that start and end on quarters, in a zone with or without changes of the clock, with a holiday now and then.
fn calendars() -> impl Strategy<Value = Calendar> {
    let day = proptest::collection::btree_set(0..=96_u16, 0..6);
    let spans = |set: std::collections::BTreeSet<u16>| {
        let ends: Vec<u16> = set.into_iter().collect();
        ends.chunks_exact(2).filter_map(|ends| Span::new(ends[0] * 15, ends[1] * 15)).collect::<Vec<_>>()
    };
    let zones = prop_oneof![
        Just(chrono_tz::America::New_York),
        Just(chrono_tz::Europe::Berlin),
        Just(chrono_tz::Australia::Lord_Howe),
        Just(chrono_tz::Asia::Kolkata),
    ];
    let holidays = proptest::collection::btree_set(0..90_i64, 0..4);
    (zones, proptest::collection::vec(day, 7), holidays).prop_filter_map(
        "open at some time",
        move |(zone, week, days)| {
            let mut week = week.into_iter().map(spans);
            let first = NaiveDate::from_ymd_opt(2026, 9, 15)?;
            let holidays = days.into_iter().map(|day| (first + TimeDelta::days(day), Vec::new())).collect();
            Calendar::new(zone, std::array::from_fn(|_| week.next().unwrap_or_default()), holidays)
        },
    )
}

/// Around the changes of the clock in autumn.
fn instant(minutes: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_790_000_000, 0).unwrap() + TimeDelta::minutes(minutes)
}

fn instants() -> std::ops::Range<i64> {
    0..80_000
}

fn pauses() -> impl Strategy<Value = Vec<Stretch>> {
    proptest::collection::btree_set(instants(), 0..8).prop_map(|set| {
        let ends: Vec<_> = set.into_iter().map(instant).collect();
        ends.chunks_exact(2).map(|ends| (ends[0], ends[1])).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn so_much_work_lies_between_the_start_and_the_end(
        calendar in calendars(), start in instants(), work in 1..6_000_i64, pauses in pauses(),
    ) {
        let (start, work) = (instant(start), TimeDelta::minutes(work));
        let due = calendar.after(start, work, &pauses).unwrap();
        prop_assert_eq!(calendar.between(start, due, &pauses), work);
        let summed = calendar.worked(start, &pauses).take_while(|(from, _)| *from < due);
        prop_assert!(summed.map(|(from, to)| to - from).sum::<TimeDelta>() >= work);
    }

    #[test]
    fn more_work_or_a_later_start_is_never_due_earlier(
        calendar in calendars(), start in instants(), work in 0..6_000_i64, more in 0..3_000_i64, pauses in pauses(),
    ) {
        let due = |start, work| calendar.after(instant(start), TimeDelta::minutes(work), &pauses).unwrap();
        prop_assert!(due(start, work) <= due(start, work + more));
        prop_assert!(due(start, work) <= due(start + more, work));
    }

    #[test]
    fn a_pause_moves_what_is_due_by_the_working_time_it_takes(
        calendar in calendars(), start in instants(), work in 1..6_000_i64, pauses in pauses(),
    ) {
        let (start, work) = (instant(start), TimeDelta::minutes(work));
        let without = calendar.after(start, work, &[]).unwrap();
        let with = calendar.after(start, work, &pauses).unwrap();
        prop_assert!(without <= with);
        // All working time up to the new instant is the work and what was paused.
        let paused: TimeDelta = pauses.iter().map(|(from, to)| calendar.between((*from).max(start), (*to).min(with), &[])).sum();
        prop_assert_eq!(calendar.between(start, with, &[]), work + paused);
        let clock = calendar::after(start, work, &pauses).unwrap();
        prop_assert!(start + work <= clock);
    }
}
