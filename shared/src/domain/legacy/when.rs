//! Instants as the old system wrote them: RFC 3339, SQLite's text, or a number.

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};

use super::row::Cell;

/// How an instant was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Written {
    /// With its offset.
    Exact,
    /// Without one, as SQLite's `datetime('now')` does: UTC.
    Plain,
    /// As seconds or milliseconds since 1970.
    Number,
}

/// The instant of a cell; `None` if it is none from 1990 to 2100.
pub(super) fn instant(cell: &Cell) -> Option<(DateTime<Utc>, Written)> {
    let (at, written) = match cell {
        Cell::Text(text) => text_instant(text.trim())?,
        Cell::Integer(number) => (number_instant(*number)?, Written::Number),
        Cell::Real(number) if number.is_finite() => (number_instant(*number as i64)?, Written::Number),
        _ => return None,
    };
    let year = chrono::Datelike::year(&at);
    (1990..=2100).contains(&year).then_some((at, written))
}

fn text_instant(text: &str) -> Option<(DateTime<Utc>, Written)> {
    if let Ok(at) = DateTime::parse_from_rfc3339(text) {
        return Some((at.to_utc(), Written::Exact));
    }
    for form in ["%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M"] {
        if let Ok(at) = NaiveDateTime::parse_from_str(text, form) {
            return Some((at.and_utc(), Written::Plain));
        }
    }
    if let Ok(date) = NaiveDate::parse_from_str(text, "%Y-%m-%d") {
        return Some((date.and_time(chrono::NaiveTime::MIN).and_utc(), Written::Plain));
    }
    text.parse().ok().and_then(number_instant).map(|at| (at, Written::Number))
}

fn number_instant(number: i64) -> Option<DateTime<Utc>> {
    // Seconds of the years 1990 to 2100 are no milliseconds of them, nor the other way round.
    if number.abs() < 100_000_000_000 {
        DateTime::from_timestamp(number, 0)
    } else {
        DateTime::from_timestamp_millis(number)
    }
}
