//! Who is told of deadlines by mail, of what, and when.

use chrono::{DateTime, Days, LocalResult, NaiveDate, NaiveTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;
use poem_openapi::Object;
use serde::{Deserialize, Serialize};

use super::event::Matches;
use super::interest::any_of;
use super::text_enum::text_enum;

text_enum! {
    /// What somebody is told of.
    Notice {
        /// A deadline comes close.
        Warning = "warning",
        /// A deadline is missed.
        Breach = "breach",
        /// A task of high value is critical.
        Alert = "alert",
        /// An escalation step was taken.
        Escalated = "escalated",
    }
}

impl Notice {
    /// What an event of this name is a notice of.
    pub fn of(event: &str) -> Option<Self> {
        match event {
            "workflow:sla:warning" => Some(Self::Warning),
            "workflow:sla:violated" => Some(Self::Breach),
            "workflow:critical:alert" => Some(Self::Alert),
            "workflow:sla:escalated" => Some(Self::Escalated),
            _ => None,
        }
    }
}

text_enum! {
    /// When somebody is told.
    Mode {
        /// At once.
        Immediate = "immediate",
        /// At the times of an expression, all in one mail.
        Digest = "digest",
    }
}

/// Hours of each day without mail; `from` after `to` means over midnight.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Object)]
pub struct QuietHours {
    /// When they begin: `HH:MM`, in the zone.
    pub from: String,
    /// When they end.
    pub to: String,
    /// IANA zone.
    pub tz: String,
}

/// A time of day such as `22:00`.
pub fn time_of_day(text: &str) -> Option<NaiveTime> {
    (text.len() == 5).then(|| NaiveTime::parse_from_str(text, "%H:%M").ok()).flatten()
}

impl QuietHours {
    /// When the quiet hours end that an instant falls into; none if it falls into none.
    pub fn end(&self, at: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let (from, to, zone) = (time_of_day(&self.from)?, time_of_day(&self.to)?, self.tz.parse::<Tz>().ok()?);
        let local = at.with_timezone(&zone).naive_local();
        let (day, time) = (local.date(), local.time());
        let over_midnight = from > to;
        let quiet = if over_midnight { time >= from || time < to } else { time >= from && time < to };
        if !quiet {
            return None;
        }
        let ends_on = if over_midnight && time >= from { day.checked_add_days(Days::new(1))? } else { day };
        // An hour that is repeated has its end twice: the one still to come counts.
        let end = instants(zone, ends_on, to).into_iter().find(|end| *end > at)?;
        Some(end)
    }
}

/// The instants at which a clock of the zone shows a time; after a gap the first that it shows.
fn instants(zone: Tz, day: NaiveDate, time: NaiveTime) -> Vec<DateTime<Utc>> {
    let mut local = day.and_time(time);
    for _ in 0..=26 * 4 {
        match zone.from_local_datetime(&local) {
            LocalResult::Single(at) => return vec![at.to_utc()],
            LocalResult::Ambiguous(first, second) => return vec![first.to_utc(), second.to_utc()],
            LocalResult::None => local += TimeDelta::minutes(15),
        }
    }
    Vec::new()
}

/// What somebody wants to be told of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Interests {
    /// Notices.
    pub events: Vec<Notice>,
    /// Owners of the tasks; none means any.
    pub owners: Vec<String>,
    /// Categories; none means any.
    pub categories: Vec<String>,
    /// Mailboxes; none means any.
    pub mailboxes: Vec<String>,
}

impl Interests {
    /// Whether a notice of a task is of interest.
    pub fn include(&self, notice: Notice, matches: &Matches, mailbox: Option<&str>) -> bool {
        self.events.contains(&notice)
            && any_of(&self.owners, &matches.owner)
            && any_of(&self.categories, &matches.category)
            && (self.mailboxes.is_empty() || mailbox.is_some_and(|name| self.mailboxes.iter().any(|one| one == name)))
    }
}

/// Whether a text is an address that mail can be sent to: ASCII, one mailbox, without display name or comment.
pub fn is_address(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else { return false };
    let atom = |part: &str| {
        !part.is_empty()
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&byte))
    };
    let label = |part: &str| {
        (1..=63).contains(&part.len())
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !part.starts_with('-')
            && !part.ends_with('-')
    };
    text.len() <= 254 && local.len() <= 64 && local.split('.').all(atom) && domain.split('.').all(label)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quiet(from: &str, to: &str, tz: &str, at: &str) -> Option<String> {
        let hours = QuietHours { from: from.to_owned(), to: to.to_owned(), tz: tz.to_owned() };
        hours.end(at.parse().unwrap()).map(|end| end.to_rfc3339())
    }

    #[test]
    fn quiet_hours_end_on_the_same_day_or_on_the_next() {
        let night = |at| quiet("22:00", "07:00", "Europe/Berlin", at);
        assert_eq!(night("2026-03-02T20:59:59Z"), None);
        assert_eq!(night("2026-03-02T21:00:00Z").unwrap(), "2026-03-03T06:00:00+00:00");
        assert_eq!(night("2026-03-03T05:59:59Z").unwrap(), "2026-03-03T06:00:00+00:00");
        assert_eq!(night("2026-03-03T06:00:00Z"), None, "the end is not quiet any more");
        let lunch = |at| quiet("12:00", "13:00", "UTC", at);
        assert_eq!(lunch("2026-03-02T12:30:00Z").unwrap(), "2026-03-02T13:00:00+00:00");
        assert_eq!(lunch("2026-03-02T11:59:59Z"), None);
        assert_eq!(quiet("22:00", "00:00", "UTC", "2028-02-28T23:00:00Z").unwrap(), "2028-02-29T00:00:00+00:00");
    }

    #[test]
    fn a_change_of_clocks_moves_the_end_of_quiet_hours() {
        let early = |at| quiet("22:00", "02:30", "Europe/Berlin", at);
        // On 29 March 2026 clocks go from 2:00 to 3:00: 2:30 does not exist, and the hours end at 3:00.
        assert_eq!(early("2026-03-28T23:00:00Z").unwrap(), "2026-03-29T01:00:00+00:00");
        // On 25 October clocks go from 3:00 to 2:00, and 2:30 comes twice: they end at the first, and are quiet again
        // from the repeated 2:00 to the second.
        assert_eq!(early("2026-10-24T22:00:00Z").unwrap(), "2026-10-25T00:30:00+00:00");
        assert_eq!(early("2026-10-25T00:45:00Z"), None);
        assert_eq!(early("2026-10-25T01:15:00Z").unwrap(), "2026-10-25T01:30:00+00:00");
    }

    #[test]
    fn an_address_is_one_mailbox_and_nothing_that_could_be_more() {
        for good in ["ana@example.com", "a.b+c@mail.example.co", "x@localhost"] {
            assert!(is_address(good), "{good}");
        }
        for bad in [
            "",
            "ana",
            "@example.com",
            "ana@",
            "a b@example.com",
            "ana@example.com\r\nBcc: all@example.com",
            "a@b@c.example",
            "Ana <ana@example.com>",
            "ana@-x.example",
            "ana@x..example",
            ".ana@example.com",
            "ana@example.com,",
            "ä@example.com",
        ] {
            assert!(!is_address(bad), "{bad}");
        }
    }

    #[test]
    fn somebody_is_told_of_what_they_asked_for() {
        let text = |text: &str| vec![text.to_owned()];
        let hers = Interests {
            events: vec![Notice::Breach],
            owners: text("Ana"),
            mailboxes: text("orders"),
            ..Interests::default()
        };
        let matches = Matches { owner: text("Ana"), ..Matches::default() };
        assert!(hers.include(Notice::Breach, &matches, Some("orders")));
        assert!(!hers.include(Notice::Warning, &matches, Some("orders")));
        assert!(!hers.include(Notice::Breach, &matches, None));
        assert!(!hers.include(Notice::Breach, &Matches::default(), Some("orders")));
    }
}
