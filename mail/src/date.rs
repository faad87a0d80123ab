//! Dates a text asks for, read relative to the day the mail was sent.

use std::sync::LazyLock;

use chrono::{DateTime, Datelike as _, Duration, NaiveDate, Utc, Weekday};
use regex::Regex;

use crate::body::pattern;
use crate::fold::Folded;

static DUE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"\b(?:by|before|until|no later than|needed (?:on|by|for)|need (?:it|them|this|these) (?:on|by|for)|due|bis(?: zum| spatestens)?|spatestens(?: am)?|vor|avant(?: le)?|d'ici(?: a)?(?: le)?|au plus tard(?: le)?|pour|antes del?|a mas tardar(?: el)?|para el|hasta el)\s+(?:this |next |kommenden |diesen |ce |este |proximo )?(tomorrow|morgen|demain|manana|mon(?:day|tag)|tue(?:sday)?|dienstag|wed(?:nesday)?|mittwoch|thu(?:rsday)?|donnerstag|fri(?:day)?|freitag|samstag|lundi|mardi|mercredi|jeudi|vendredi|lunes|martes|miercoles|jueves|viernes|\d{1,2}[/.]\d{1,2}(?:[/.]\d{2,4})?)\b",
    )
});

/// The words that ask for something within two business days of `sent`, if any.
pub(crate) fn due_soon(text: &Folded, sent: Option<DateTime<Utc>>) -> Option<String> {
    let sent = sent?.date_naive();
    DUE.captures_iter(&text.text)
        .filter(|found| !text.negated(found.get(0).map_or(0, |all| all.start())))
        .find(|found| {
            let due = found.get(1).and_then(|word| day(word.as_str(), sent));
            due.is_some_and(|due| due >= sent && business_days(sent, due) <= 2)
        })
        .and_then(|found| found.get(0))
        .map(|all| text.original(all.range()).to_owned())
}

/// Resolves a weekday, "tomorrow" or a numeric date.
fn day(word: &str, sent: NaiveDate) -> Option<NaiveDate> {
    if ["tomorrow", "morgen", "demain", "manana"].contains(&word) {
        return Some(sent + Duration::days(1));
    }
    if word.as_bytes()[0].is_ascii_digit() {
        let american = word.contains('/');
        let mut numbers = word.split(['/', '.']).map_while(|n| n.parse::<u32>().ok());
        let (first, second) = (numbers.next()?, numbers.next()?);
        let order = if american && first <= 12 { (first, second) } else { (second, first) };
        return NaiveDate::from_ymd_opt(sent.year(), order.0, order.1);
    }
    let weekday = weekday(word)?;
    let ahead = (7 + i64::from(weekday.num_days_from_monday()) - i64::from(sent.weekday().num_days_from_monday())) % 7;
    Some(sent + Duration::days(if ahead == 0 { 7 } else { ahead }))
}

fn weekday(word: &str) -> Option<Weekday> {
    const BEGINNINGS: &[(&str, Weekday)] = &[
        ("mon", Weekday::Mon),
        ("lun", Weekday::Mon),
        ("tue", Weekday::Tue),
        ("die", Weekday::Tue),
        ("mar", Weekday::Tue),
        ("wed", Weekday::Wed),
        ("mit", Weekday::Wed),
        ("mer", Weekday::Wed),
        ("mie", Weekday::Wed),
        ("thu", Weekday::Thu),
        ("don", Weekday::Thu),
        ("jeu", Weekday::Thu),
        ("jue", Weekday::Thu),
        ("fri", Weekday::Fri),
        ("fre", Weekday::Fri),
        ("ven", Weekday::Fri),
        ("vie", Weekday::Fri),
        ("sam", Weekday::Sat),
    ];
    BEGINNINGS.iter().find(|(begin, _)| word.starts_with(begin)).map(|(_, day)| *day)
}

fn business_days(from: NaiveDate, to: NaiveDate) -> usize {
    from.iter_days()
        .skip(1)
        .take(10)
        .take_while(|day| *day <= to)
        .filter(|day| !matches!(day.weekday(), Weekday::Sat | Weekday::Sun))
        .count()
        + if (to - from).num_days() > 10 { 10 } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeZone as _;

    #[test]
    fn two_business_days_reach_over_the_weekend() {
        let friday = Utc.with_ymd_and_hms(2025, 2, 7, 9, 0, 0).single();
        let soon = |text: &str| due_soon(&Folded::new(text), friday);
        assert_eq!(soon("Deliver by Tuesday.").as_deref(), Some("by Tuesday"));
        assert_eq!(soon("Bitte bis Montag liefern").as_deref(), Some("bis Montag"));
        assert_eq!(soon("before 2/28 please"), None);
        assert_eq!(soon("not needed by Tuesday"), None);
    }
}
