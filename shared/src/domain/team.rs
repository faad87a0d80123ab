//! People and teams: who may be given which tasks, and how many.

use chrono::{DateTime, NaiveDate, NaiveTime, SecondsFormat, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;
use poem_openapi::Object;
use serde::{Deserialize, Serialize};

use super::text_enum::text_enum;
use super::values::Category;

text_enum! {
    /// How a team chooses among its people.
    Strategy {
        /// Whoever was given a task longest ago.
        RoundRobin = "round_robin",
        /// Whoever has the smallest part of their capacity in use.
        LeastLoaded = "least_loaded",
    }
}

/// A team: what it serves, and how it chooses among its people.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Team {
    /// Its name.
    pub name: String,
    /// How it chooses.
    pub strategy: Strategy,
    /// Categories it serves; all if empty.
    #[sqlx(json)]
    pub categories: Vec<Category>,
    /// Mailboxes it serves; all, and tasks without one, if empty.
    #[sqlx(json)]
    pub mailboxes: Vec<String>,
    /// Teams are asked in this order.
    pub position: i64,
    /// Whether others take over what somebody had when their absence began.
    pub reassign_on_absence: bool,
    /// Grows with each change.
    pub version: i64,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
}

/// Somebody who owns tasks.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Person {
    /// Their name, as in `current_owner`.
    pub name: String,
    /// Their address.
    pub email: Option<String>,
    /// Their team; without one they are given nothing.
    pub team: Option<String>,
    /// Open tasks they are given at most; people may give them more.
    pub capacity: i64,
    /// What they can do: any category if none is named, any mailbox if none is.
    #[sqlx(json)]
    pub skills: Vec<Skill>,
    /// When they are away, in order, none touching the inside of another.
    #[sqlx(json)]
    pub absences: Vec<Absence>,
    /// IANA zone of dates in their absences.
    pub zone: Option<String>,
    /// Whether they are given anything.
    pub active: bool,
    /// Number of the last time they were given a task; 0 before the first.
    pub last_turn: i64,
    /// Grows with each change.
    pub version: i64,
    /// When they last changed.
    pub updated_at: DateTime<Utc>,
}

/// Something a person can do, and how well: a category or a mailbox.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Object)]
pub struct Skill {
    /// A category.
    pub category: Option<Category>,
    /// A mailbox.
    pub mailbox: Option<String>,
    /// 1 to 5; a greater one goes before among people as loaded.
    pub level: i64,
}

/// A time somebody is away: from an instant until just before another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Object)]
pub struct Absence {
    /// When it begins.
    pub from: DateTime<Utc>,
    /// When it is over.
    pub to: DateTime<Utc>,
}

impl Person {
    /// The absence that contains an instant.
    pub fn absence(&self, now: DateTime<Utc>) -> Option<&Absence> {
        self.absences.iter().find(|absence| absence.from <= now && now < absence.to)
    }
}

/// The first of these absences, ordered by their beginning, that begins before the one before it is over.
pub fn overlapping(absences: &[Absence]) -> Option<&Absence> {
    absences.windows(2).find(|pair| pair[1].from < pair[0].to).map(|pair| &pair[1])
}

/// Whether there is a zone of this name.
pub fn is_zone(name: &str) -> bool {
    name.parse::<Tz>().is_ok()
}

/// The instant at which a date begins in a zone, UTC if none is named: its first that the zone's clocks show.
pub fn beginning(date: NaiveDate, zone: Option<&str>) -> DateTime<Utc> {
    let zone: Tz = zone.and_then(|name| name.parse().ok()).unwrap_or(Tz::UTC);
    let midnight = date.and_time(NaiveTime::MIN);
    // Where midnight is skipped, so is at least half an hour after it; Samoa once skipped a day.
    let mut shown = (0..=48).filter_map(|half| {
        let local = midnight.checked_add_signed(TimeDelta::minutes(30 * half))?;
        zone.from_local_datetime(&local).earliest()
    });
    shown.next().map_or_else(|| midnight.and_utc(), |at| at.to_utc())
}

/// An instant as it is told in words.
pub(super) fn told(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_begins_at_its_midnight_or_when_its_first_hour_does() {
        for (date, zone, expected) in [
            ("2026-12-24", "UTC", "2026-12-24T00:00:00Z"),
            ("2026-12-24", "Europe/Berlin", "2026-12-23T23:00:00Z"),
            // Clocks go from midnight to one o'clock.
            ("2026-04-24", "Africa/Cairo", "2026-04-23T22:00:00Z"),
            // Midnight comes twice; the date begins with the first.
            ("2026-11-01", "America/Havana", "2026-11-01T04:00:00Z"),
            // A date that the zone left out altogether.
            ("2011-12-30", "Pacific/Apia", "2011-12-30T10:00:00Z"),
        ] {
            let at = beginning(date.parse().unwrap(), Some(zone));
            assert_eq!(told(at), expected, "{date} in {zone}");
        }
    }

    #[test]
    fn an_absence_has_its_beginning_and_not_its_end() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        let absence = Absence { from: at("2026-03-02T12:00:00Z"), to: at("2026-03-03T12:00:00Z") };
        let next = Absence { from: absence.to, to: at("2026-03-04T12:00:00Z") };
        let person = Person {
            name: "Ana".to_owned(),
            email: None,
            team: None,
            capacity: 1,
            skills: Vec::new(),
            absences: vec![absence],
            zone: None,
            active: true,
            last_turn: 0,
            version: 1,
            updated_at: at("2026-01-01T00:00:00Z"),
        };
        assert_eq!(person.absence(at("2026-03-02T11:59:59.999999Z")), None);
        assert_eq!(person.absence(absence.from), Some(&absence));
        assert_eq!(person.absence(absence.to), None);
        assert_eq!(overlapping(&[absence, next]), None, "one begins when the other is over");
        let early = Absence { from: absence.to - chrono::TimeDelta::microseconds(1), ..next };
        assert_eq!(overlapping(&[absence, early]), Some(&early));
    }
}
