//! What callers may say about a person, and how it is judged.

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use poem_openapi::Object;
use serde_json::Value;
use shared::domain::team::{Absence, Skill, beginning, is_zone, overlapping};
use shared::domain::{Category, mention};

use crate::body::{Fields, FromFields, read};

/// Open tasks at most.
const CAPACITY: i64 = 10_000;
/// Skills, and absences, of one person.
const ITEMS: usize = 100;

/// A skill: `category` or `mailbox`, and the level.
#[derive(Object)]
#[oai(rename = "SkillInput")]
pub(crate) struct SkillDoc {
    /// A category.
    category: Option<Category>,
    /// A mailbox.
    #[oai(validator(max_length = 200))]
    mailbox: Option<String>,
    /// 1 to 5; a greater one goes before among people as loaded.
    level: i64,
}

/// A time somebody is away.
#[derive(Object)]
#[oai(rename = "AbsenceInput")]
pub(crate) struct AbsenceDoc {
    /// When it begins: an instant, or a date such as 2026-12-24 for its beginning in the person's zone.
    from: String,
    /// When it is over: an instant, or a date, which is the first that is worked on again.
    to: String,
}

/// A person. What is absent takes its default.
#[derive(Object)]
#[oai(rename = "SavePersonRequest")]
pub(crate) struct PersonDoc {
    /// Their address, for `owner_email`.
    #[oai(validator(max_length = 200))]
    email: Option<String>,
    /// Their team, which must be known. Without one they are given nothing.
    #[oai(validator(max_length = 200))]
    team: Option<String>,
    /// Open tasks they are given at most, 0 to 10,000. People may give them more.
    capacity: i64,
    /// What they can do, at most 100: any category if none is named, any mailbox if none is.
    skills: Option<Vec<SkillDoc>>,
    /// When they are away, at most 100, none within another.
    absences: Option<Vec<AbsenceDoc>>,
    /// IANA zone of the dates in `absences`; UTC if absent.
    #[oai(validator(max_length = 100))]
    zone: Option<String>,
    /// Whether they are given anything; true if absent.
    active: Option<bool>,
}

/// A judged person.
pub(crate) struct PersonInput {
    pub(super) email: Option<String>,
    pub(super) team: Option<String>,
    pub(super) capacity: i64,
    pub(super) skills: Vec<Skill>,
    pub(super) absences: Vec<Absence>,
    pub(super) zone: Option<String>,
    pub(super) active: bool,
}

impl FromFields for PersonInput {
    type Schema = PersonDoc;

    fn read(fields: &mut Fields) -> Option<Self> {
        let email = fields.optional("email", address);
        let team = fields.optional("team", read::line(200));
        let capacity = fields.required("capacity", read::integer(0..=CAPACITY));
        let skills = skills(fields);
        let zone = fields.optional("zone", |value| {
            let name = read::line(100)(value)?;
            if is_zone(&name) { Ok(name) } else { Err("must be an IANA zone such as Europe/Berlin".to_owned()) }
        });
        let absences = absences(fields, zone.as_deref());
        let active = fields.optional("active", |value| value.as_bool().ok_or("must be true or false".to_owned()));
        Some(Self { email, team, capacity: capacity?, skills, absences, zone, active: active.unwrap_or(true) })
    }
}

fn address(value: &Value) -> Result<String, String> {
    let text = read::line(200)(value)?;
    let well_formed = text.split_once('@').is_some_and(|(local, domain)| !local.is_empty() && !domain.is_empty());
    if well_formed && !text.contains(char::is_whitespace) { Ok(text) } else { Err("must be a mail address".to_owned()) }
}

/// The objects of a list with their places, each judged as a whole; what is wrong with one is noted at its place.
fn objects<T>(fields: &mut Fields, name: &str, read: impl Fn(&mut Fields) -> Option<T>) -> Vec<(usize, T)> {
    let list = fields.optional(name, |value| {
        let items = value.as_array().ok_or("must be a list")?;
        if items.len() > ITEMS { Err(format!("must have at most {ITEMS} items")) } else { Ok(items.clone()) }
    });
    let mut found = Vec::new();
    for (n, item) in list.unwrap_or_default().into_iter().enumerate() {
        let Value::Object(map) = item else {
            fields.note(&format!("{name}/{n}"), "must be an object");
            continue;
        };
        let mut inner = Fields::of(map);
        found.extend(read(&mut inner).map(|item| (n, item)));
        inner.refuse_the_rest();
        for issue in inner.issues {
            fields.note(&format!("{name}/{n}{}", issue.pointer), issue.detail);
        }
    }
    found
}

fn skills(fields: &mut Fields) -> Vec<Skill> {
    let found = objects(fields, "skills", |inner| {
        let category = inner.optional("category", read::one_of(Category::ALL, Category::from_input));
        let mailbox = inner.optional("mailbox", read::line(200));
        let level = inner.required("level", read::integer(1..=5));
        if category.is_some() == mailbox.is_some() && inner.issues.is_empty() {
            inner.note("category", "either this or mailbox must be given");
        }
        Some(Skill { category, mailbox, level: level? }).filter(|_| inner.issues.is_empty())
    });
    let mut skills: Vec<Skill> = Vec::with_capacity(found.len());
    for (n, skill) in found {
        if skills.iter().any(|known| (known.category, &known.mailbox) == (skill.category, &skill.mailbox)) {
            fields.note(&format!("skills/{n}"), "is named twice");
        }
        skills.push(skill);
    }
    skills
}

fn absences(fields: &mut Fields, zone: Option<&str>) -> Vec<Absence> {
    let mut found = objects(fields, "absences", |inner| {
        let from = inner.required("from", |value| beginning_of(value, zone));
        let to = inner.required("to", |value| beginning_of(value, zone));
        let absence = Absence { from: from?, to: to? };
        if absence.to <= absence.from {
            inner.note("to", "must be after from");
            return None;
        }
        Some(absence)
    });
    found.sort_by_key(|(_, absence)| absence.from);
    let absences: Vec<Absence> = found.iter().map(|(_, absence)| *absence).collect();
    if let Some(late) = overlapping(&absences) {
        let n = found.iter().rfind(|(_, absence)| absence == late).map_or(0, |(n, _)| *n);
        fields.note(&format!("absences/{n}"), "overlaps another");
    }
    absences
}

/// An instant, or the beginning of a date.
fn beginning_of(value: &Value, zone: Option<&str>) -> Result<DateTime<Utc>, String> {
    let Some(text) = value.as_str().filter(|text| text.len() == "2026-12-24".len()) else {
        return read::instant(value);
    };
    let date: NaiveDate = text.parse().map_err(|_| "must be a date of the calendar or an instant".to_owned())?;
    let years = 1970..=9999;
    if years.contains(&date.year()) {
        Ok(beginning(date, zone))
    } else {
        Err("must be from the year 1970 to 9999".to_owned())
    }
}

/// Names of people.
pub(in super::super) fn names(value: &Value) -> Result<Vec<String>, String> {
    let person = |value: &Value| {
        let name = read::line(200)(value)?;
        if mention::is_name(&name) { Ok(name) } else { Err("must be names of people".to_owned()) }
    };
    read::list(1_000, person)(value)
}
