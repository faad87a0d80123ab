//! Dates a text asks for or promises, read relative to the day the mail was sent, in English, Spanish, French and German.

use std::cell::LazyCell;
use std::ops::Range;
use std::sync::LazyLock;

use chrono::{DateTime, Datelike as _, Duration, NaiveDate, Utc, Weekday};
use regex_automata::util::captures::Captures;
use serde::{Deserialize, Serialize};

use crate::fold::Folded;
use crate::language::{self, Language};
use crate::scout::Sought;

/// Whose word a date is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DateKind {
    /// Something is asked for by then.
    Due,
    /// Something is said to happen then.
    Promise,
}

/// A date named in the text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DueDate {
    /// The day meant.
    pub day: NaiveDate,
    /// Asked for or promised.
    pub kind: DateKind,
    /// Literal words of the mail.
    pub span: String,
}

/// A day, in any of the ways it is written; the groups say which.
const DAY: &str = r"(?P<today>today|tonight|eod|eob|cob|heute|aujourd'hui|ce soir|hoy)|(?P<over>day after tomorrow|ubermorgen|apres-demain|pasado manana)|(?P<tomorrow>tomorrow|morgen|demain|manana)|(?P<iso>\d{4}-\d{2}-\d{2})|(?P<d1>\d{1,2})(?:st|nd|rd|th|er)?\.?\s?(?:of |de |du )?(?P<m1>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|januar|februar|marz|mai|juni|juli|okt|dez|janv|fevr|avr|juin|juil|aout|ene|abr|ago|set|dic)[a-z]*\.?|(?P<m2>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?\s(?P<d2>\d{1,2})(?:st|nd|rd|th)?|(?P<n1>\d{1,2})(?P<sep>[/.])(?P<n2>\d{1,2})(?:[/.](?P<y>\d{4}|\d{2})|\.)?|(?:kw|cw|wk|week|semaine|sem|semana|kalenderwoche)\.?\s?(?P<week>\d{1,2})|(?P<end>end of (?:the |this )?(?P<eu>week|month)|(?:ende|bis) (?:der |dieser |des |diese )?(?P<ed>woche|monats?)|fin (?:de |du |de la )?(?P<ef>semaine|mois|semana|mes))|(?P<next>next |nachsten |kommenden |proximo )?(?P<weekday>mon(?:day|tag)|tue(?:sday)?|dienstag|wed(?:nesday)?|mittwoch|thu(?:rs(?:day)?)?|donnerstag|fri(?:day)?|freitag|sat(?:urday)?|samstag|sunday|sonntag|lundi|mardi|mercredi|jeudi|vendredi|samedi|lunes|martes|miercoles|jueves|viernes|sabado)|(?:the |den |dem |le |el )(?P<of>\d{1,2})(?:st|nd|rd|th|er)?";

static ASKED: LazyLock<Sought> = LazyLock::new(|| {
    Sought::new(&format!(
        r"\b(?:by|before|until|till|no later than|not later than|latest|(?:is |are )?needed (?:on|by|for)|need(?:s|ed)? (?:it|them|this|these|that)? ?(?:on|by|for|before)|due(?: on| by)?|deadline(?: is|:)?|bis(?: zum| spatestens)?|spatestens(?: am| bis)?|vor(?: dem)?|frist(?: ist|:)?|wunschtermin|liefertermin|avant(?: le)?|d'ici(?: a| au)?(?: le)?|au plus tard(?: le)?|pour(?: le)?|echeance(?: le|:)?|antes del?|a mas tardar(?: el)?|para(?: el)?|hasta(?: el)?|fecha limite(?: es|:)?)\s+(?:(?:eob|eod|cob|close of business|end of business|noon|midday|mittag|midi|mediodia|\d{{1,2}}(?::\d{{2}})? ?(?:am|pm|h|uhr)?) )?(?:on |am |this |the |diesen |dieser |ce |cette |este |the coming |kommenden |coming |zum |den |dem |le |el )?(?P<day>{DAY})\b"
    ))
});
static PROMISED: LazyLock<Sought> = LazyLock::new(|| {
    Sought::new(&format!(
        r"\b(?:eta|etd|will (?:ship|arrive|be (?:there|delivered|shipped|released|back))|ships?|arrives?|lands?|leaves?|(?:is |are )?(?:scheduled|expected|promised|planned|due in)|delivery(?: is)?|back (?:on|by)|lieferung|geliefert|liefern wir|versand|trifft|kommt|zustellung|geht|zugesagt|livraison(?: prevue)?|livre|expedie|partira|part|arrivera|prevue?|entrega(?: prevista)?|llega(?:ra)?|sale|saldra|enviamos|previst[oa])\b[^.;!?\n]{{0,24}}?\b(?P<day>{DAY})\b"
    ))
});

/// The patterns of dates.
pub(crate) fn patterns() -> [&'static Sought; 2] {
    [&ASKED, &PROMISED]
}

/// Dates read of one text.
const MOST: usize = 50;

/// The dates of a text, each with its literal words; negated ones are left out.
pub(crate) fn dates(text: &Folded, sent: Option<DateTime<Utc>>) -> Vec<DueDate> {
    let Some(sent) = sent.map(|sent| sent.date_naive()) else { return Vec::new() };
    let english = LazyCell::new(|| language::of(text) == Language::English);
    let mut found: Vec<(Range<usize>, DueDate)> = Vec::new();
    for (kind, words) in [(DateKind::Due, &*ASKED), (DateKind::Promise, &*PROMISED)] {
        for all in words.find_iter(text).take(MOST) {
            let captures = words.captures(text, all.start);
            let Some(word) = captures.get_group_by_name("day") else { continue };
            if text.negated(all.start) || found.iter().any(|(known, _)| known.contains(&word.start)) {
                continue;
            }
            if let Some(day) = day(&text.text, &captures, sent, *english) {
                let span = text.original(all.clone()).to_owned();
                found.push((all, DueDate { day, kind, span }));
            }
        }
    }
    found.sort_by_key(|(range, _)| range.start);
    found.into_iter().map(|(_, date)| date).collect()
}

/// The words of the first of these dates that asks for something within two business days of `sent`, if any.
pub(crate) fn due_soon(dates: &[DueDate], sent: Option<DateTime<Utc>>) -> Option<&str> {
    let day = sent?.date_naive();
    dates
        .iter()
        .filter(|date| date.kind == DateKind::Due)
        .find(|date| date.day > day && business_days(day, date.day) <= 2)
        .map(|date| date.span.as_str())
}

/// Resolves what was written.
fn day(text: &str, captures: &Captures, sent: NaiveDate, english: bool) -> Option<NaiveDate> {
    let text = |name: &str| captures.get_group_by_name(name).map(|found| &text[found]);
    let number = |name: &str| text(name).and_then(|digits| digits.parse::<u32>().ok());
    if text("today").is_some() {
        return Some(sent);
    }
    if text("over").is_some() {
        return Some(sent + Duration::days(2));
    }
    if text("tomorrow").is_some() {
        return Some(sent + Duration::days(1));
    }
    if let Some(iso) = text("iso") {
        return iso.parse().ok();
    }
    if let (Some(day), Some(month)) = (number("d1"), text("m1").and_then(month)) {
        return near(sent, month, day);
    }
    if let (Some(day), Some(month)) = (number("d2"), text("m2").and_then(month)) {
        return near(sent, month, day);
    }
    if let (Some(first), Some(second)) = (number("n1"), number("n2")) {
        let american = english && text("sep") == Some("/") && first <= 12 || second > 12;
        let (month, day) = if american { (first, second) } else { (second, first) };
        return match number("y") {
            Some(year) => {
                NaiveDate::from_ymd_opt(if year < 100 { 2000 + year as i32 } else { year as i32 }, month, day)
            }
            None => near(sent, month, day),
        };
    }
    if let Some(week) = number("week") {
        let of = |year| NaiveDate::from_isoywd_opt(year, week, Weekday::Fri);
        let this = of(sent.year())?;
        return if this + Duration::days(30) < sent { of(sent.year() + 1) } else { Some(this) };
    }
    if text("end").is_some() {
        let period = ["eu", "ed", "ef"].into_iter().find_map(text)?;
        let month = period.starts_with("mo") || period.starts_with("mes");
        return if month { last_of_month(sent) } else { Some(ahead(sent, Weekday::Fri, true)) };
    }
    if let Some(weekday) = text("weekday").and_then(weekday) {
        return Some(ahead(sent, weekday, false));
    }
    // "The 9th": of this month, or of the next if it has passed.
    let of = number("of")?;
    let this = NaiveDate::from_ymd_opt(sent.year(), sent.month(), of);
    this.filter(|day| *day >= sent).or_else(|| {
        let first = last_of_month(sent)? + Duration::days(1);
        NaiveDate::from_ymd_opt(first.year(), first.month(), of)
    })
}

fn last_of_month(day: NaiveDate) -> Option<NaiveDate> {
    let (year, month) = if day.month() == 12 { (day.year() + 1, 1) } else { (day.year(), day.month() + 1) };
    NaiveDate::from_ymd_opt(year, month, 1)?.pred_opt()
}

/// The next such weekday, the same day counting only if `today` says so.
fn ahead(sent: NaiveDate, weekday: Weekday, today: bool) -> NaiveDate {
    let days = (7 + i64::from(weekday.num_days_from_monday()) - i64::from(sent.weekday().num_days_from_monday())) % 7;
    sent + Duration::days(if days == 0 && !today { 7 } else { days })
}

/// The day in the year that brings it closest to `sent`.
fn near(sent: NaiveDate, month: u32, day: u32) -> Option<NaiveDate> {
    [sent.year(), sent.year() + 1, sent.year() - 1]
        .into_iter()
        .filter_map(|year| NaiveDate::from_ymd_opt(year, month, day))
        .min_by_key(|day| (*day - sent).num_days().abs())
}

fn month(word: &str) -> Option<u32> {
    const BEGINNINGS: &[(&str, u32)] = &[
        ("jan", 1),
        ("ene", 1),
        ("feb", 2),
        ("fev", 2),
        ("mar", 3),
        ("apr", 4),
        ("avr", 4),
        ("abr", 4),
        ("may", 5),
        ("mai", 5),
        ("juin", 6),
        ("jun", 6),
        ("jul", 7),
        ("juil", 7),
        ("aug", 8),
        ("ago", 8),
        ("aou", 8),
        ("sep", 9),
        ("set", 9),
        ("oct", 10),
        ("okt", 10),
        ("nov", 11),
        ("dec", 12),
        ("dez", 12),
        ("dic", 12),
    ];
    BEGINNINGS.iter().find(|(begin, _)| word.starts_with(begin)).map(|(_, month)| *month)
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
        ("sat", Weekday::Sat),
        ("sam", Weekday::Sat),
        ("sab", Weekday::Sat),
        ("sun", Weekday::Sun),
        ("son", Weekday::Sun),
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
        let soon = |text: &str| due_soon(&dates(&Folded::new(text), friday), friday).map(str::to_owned);
        assert_eq!(soon("Deliver by Tuesday.").as_deref(), Some("by Tuesday"));
        assert_eq!(soon("Bitte bis Montag liefern").as_deref(), Some("bis Montag"));
        assert_eq!(soon("before 2/28 please"), None);
        assert_eq!(soon("not needed by Tuesday"), None);
    }

    #[test]
    fn dates_are_read_in_four_languages_and_many_forms() {
        let sent = Utc.with_ymd_and_hms(2026, 11, 30, 9, 0, 0).single();
        for (text, month, day, kind) in [
            ("We need it by Friday", 12, 4, DateKind::Due),
            ("please deliver before the 9th", 12, 9, DateKind::Due),
            ("must be there by EOB tomorrow", 12, 1, DateKind::Due),
            ("no later than 3 Dec please", 12, 3, DateKind::Due),
            ("needed by 12/04", 12, 4, DateKind::Due),
            ("Liefertermin KW 49", 12, 4, DateKind::Due),
            ("Bitte spätestens am 3. Dezember liefern", 12, 3, DateKind::Due),
            ("Wir brauchen die Ware bis 04.12. im Haus", 12, 4, DateKind::Due),
            ("à livrer avant le 4 décembre, merci", 12, 4, DateKind::Due),
            ("Lo necesitamos antes del viernes", 12, 4, DateKind::Due),
            ("The order ships on Thursday", 12, 3, DateKind::Promise),
            ("Livraison prévue mardi", 12, 1, DateKind::Promise),
            ("El pedido sale el 2 de diciembre", 12, 2, DateKind::Promise),
        ] {
            let found = dates(&Folded::new(text), sent);
            let said: Vec<(u32, u32, DateKind)> =
                found.iter().map(|date| (date.day.month(), date.day.day(), date.kind)).collect();
            assert_eq!(said, [(month, day, kind)], "{text}");
            assert!(text.contains(&found[0].span), "{text}");
        }
    }

    #[test]
    fn a_mail_without_a_date_of_its_own_has_none() {
        assert!(dates(&Folded::new("by Friday"), None).is_empty());
    }
}
