//! Calendars as they are written: `{zone, week: {mon: ["09:00-12:00", ...], ...}, exceptions: {"2026-12-25": []}}`.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{Datelike, NaiveDate};
use chrono_tz::{TZ_VARIANTS, Tz};
use serde_json::Value;

use super::reading::{Faults, Fields, list, name, step};
use super::spelling::nearest;
use super::{MOST_CALENDARS, MOST_EXCEPTIONS};
use crate::domain::calendar::{Calendar, Span};

/// Days of the week as they are written, from Monday.
const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
/// Spans of one day.
const MOST_SPANS: usize = 24;

/// Calendars by name; `None` for one with faults, so that its name is still known.
pub(super) type Calendars = BTreeMap<String, Option<Arc<Calendar>>>;

pub(super) fn read(book: &mut Fields<'_>, faults: &mut Faults) -> Calendars {
    let at = book.pointer("calendars");
    let Some(value) = book.get("calendars") else { return Calendars::new() };
    let Some(named) = value.as_object() else {
        faults.add(at, "must be an object of calendars by name");
        return Calendars::new();
    };
    if named.len() > MOST_CALENDARS {
        faults.add(&at, format!("must have at most {MOST_CALENDARS} calendars"));
        return named.keys().map(|name| (name.clone(), None)).collect();
    }
    let mut read = Calendars::new();
    for (own, value) in named {
        let at = step(&at, own);
        faults.take(&at, name(own).map_err(|detail| format!("its name {detail}")));
        if let Some(other) = read.keys().find(|other| other.to_lowercase() == own.to_lowercase()) {
            faults.add(&at, format!("has the name of {other}, in another case of letters"));
        }
        read.insert(own.clone(), calendar(value, at, faults).map(Arc::new));
    }
    read
}

pub(super) fn calendar(value: &Value, at: String, faults: &mut Faults) -> Option<Calendar> {
    let mut fields = Fields::of(value, at, faults)?;
    let zone = fields.required("zone", ": its hours are those of the clocks somewhere, such as Europe/Berlin", faults);
    let zone = zone.and_then(|value| faults.take(&fields.pointer("zone"), zone_of(value)));
    let at_week = fields.pointer("week");
    let week = fields.required("week", ": the hours of mon, tue, wed, thu, fri, sat and sun", faults);
    let week = week.and_then(|value| week_of(value, &at_week, faults));
    let at_exceptions = fields.pointer("exceptions");
    let exceptions = match fields.get("exceptions") {
        None => Some(BTreeMap::new()),
        Some(value) => exceptions_of(value, &at_exceptions, faults),
    };
    fields.end(faults);
    let week = week?;
    if week.iter().all(Vec::is_empty) {
        faults.add(at_week, "has no open hour: no work would ever be done");
        return None;
    }
    Calendar::new(zone?, week, exceptions?)
}

fn zone_of(value: &Value) -> Result<Tz, String> {
    let text = value.as_str().ok_or("must be the name of an IANA zone, such as Europe/Berlin")?;
    text.parse().map_err(|_| {
        let near = nearest(text, TZ_VARIANTS.iter().map(|zone| zone.name()));
        let hint = near.map_or_else(|| ", such as Europe/Berlin".to_owned(), |near| format!("; did you mean {near}?"));
        format!("is not the name of an IANA zone{hint}")
    })
}

/// `None` if a day cannot be read.
fn week_of(value: &Value, at: &str, faults: &mut Faults) -> Option<[Vec<Span>; 7]> {
    let mut fields = Fields::of(value, at.to_owned(), faults)?;
    let mut days = [const { Some(Vec::new()) }; 7];
    for (day, name) in days.iter_mut().zip(DAYS) {
        if let Some(value) = fields.get(name) {
            *day = spans(value, &fields.pointer(name), faults);
        }
    }
    fields.end(faults);
    let mut week = [const { Vec::new() }; 7];
    for (day, spans) in week.iter_mut().zip(days) {
        *day = spans?;
    }
    Some(week)
}

fn exceptions_of(value: &Value, at: &str, faults: &mut Faults) -> Option<BTreeMap<NaiveDate, Vec<Span>>> {
    let Some(days) = value.as_object() else {
        faults.add(at, "must be an object of hours by day, such as {\"2026-12-25\": []}");
        return None;
    };
    if days.len() > MOST_EXCEPTIONS {
        faults.add(at, format!("must have at most {MOST_EXCEPTIONS} days"));
        return None;
    }
    let mut read = BTreeMap::new();
    for (text, value) in days {
        let at = step(at, text);
        let day = faults.take(&at, day_of(text));
        let spans = spans(value, &at, faults);
        read.extend(day.zip(spans));
    }
    (read.len() == days.len()).then_some(read)
}

fn day_of(text: &str) -> Result<NaiveDate, String> {
    let wrong = || "must be a day such as 2026-12-25".to_owned();
    let parts: Vec<&str> = text.split('-').collect();
    let is_digits = |part: &&str, length| part.len() == length && part.bytes().all(|byte| byte.is_ascii_digit());
    let (year, month, day) = match parts.as_slice() {
        [year, month, day] if is_digits(year, 4) && is_digits(month, 2) && is_digits(day, 2) => {
            (year.parse().map_err(|_| wrong())?, month.parse().map_err(|_| wrong())?, day.parse().map_err(|_| wrong())?)
        }
        _ => return Err(wrong()),
    };
    if !(1970..=9999).contains(&year) {
        return Err("must be in the years 1970 to 9999".to_owned());
    }
    if let Some(date) = NaiveDate::from_ymd_opt(year, month, day) {
        return Ok(date);
    }
    let Some(first) = NaiveDate::from_ymd_opt(year, month, 1) else {
        return Err("is no day: a year has 12 months".to_owned());
    };
    let last = first.iter_days().take_while(|day| day.month() == month).count();
    Err(format!("is no day: {} has {last} days", first.format("%B %Y")))
}

/// Spans of a day in order, none of which shares a minute with another.
fn spans(value: &Value, at: &str, faults: &mut Faults) -> Option<Vec<Span>> {
    let mut read: Vec<(Span, &str)> = Vec::new();
    let items = list(value, at, MOST_SPANS, faults)?;
    let all = items.len();
    for (at, item) in items {
        let Some(span) = faults.take(&at, span_of(item)) else { continue };
        if let Some((_, other)) = read.iter().find(|(other, _)| span.overlaps(*other)) {
            faults.add(&at, format!("overlaps {other}"));
        }
        read.push((span, item.as_str().unwrap_or_default()));
    }
    read.sort_unstable();
    (read.len() == all).then(|| read.into_iter().map(|(span, _)| span).collect())
}

fn span_of(value: &Value) -> Result<Span, String> {
    let wrong = "must be hours of a day such as 09:00-17:30";
    let (from, to) = value.as_str().and_then(|text| text.split_once('-')).ok_or(wrong)?;
    let (from, to) = (minute_of(from).ok_or(wrong)?, minute_of(to).ok_or(wrong)?);
    if from == to {
        return Err("is empty: it ends when it begins".to_owned());
    }
    if from > to {
        return Err("ends before it begins; hours over midnight are two spans, to 24:00 and from 00:00".to_owned());
    }
    Span::new(from, to).ok_or_else(|| wrong.to_owned())
}

/// Minutes after midnight of `HH:MM`, to 24:00.
fn minute_of(text: &str) -> Option<u16> {
    let (hour, minute) = text.trim().split_once(':')?;
    let digits = |text: &str| text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(hour) || !digits(minute) {
        return None;
    }
    let (hour, minute): (u16, u16) = (hour.parse().ok()?, minute.parse().ok()?);
    (minute < 60 && hour * 60 + minute <= 24 * 60).then_some(hour * 60 + minute)
}
