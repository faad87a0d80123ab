//! Who is to be told of what, judged as a whole.

use chrono::DateTime;
use poem_openapi::Object;
use serde_json::Value;
use shared::domain::Category;
use shared::domain::notification::{Mode, Notice, QuietHours, is_address, time_of_day};
use shared::jobs::next_tick;

use crate::body::{Fields, FromFields, read};

/// Values in one list.
const ENTRIES: usize = 100;

/// Who is to be told of what.
#[derive(Object)]
#[oai(rename = "NotificationRecipientRequest")]
pub(crate) struct InputDoc {
    /// Where mail reaches them: one address in ASCII, without display name.
    #[oai(validator(min_length = 3, max_length = 254))]
    address: String,
    /// Their name, without control characters.
    #[oai(validator(max_length = 200))]
    name: Option<String>,
    /// Owners of the tasks; any if absent or empty.
    #[oai(validator(max_items = 100))]
    owners: Option<Vec<String>>,
    /// Categories of the tasks; any if absent or empty.
    #[oai(validator(max_items = 100))]
    categories: Option<Vec<Category>>,
    /// Mailboxes the tasks came from; any if absent or empty.
    #[oai(validator(max_items = 100))]
    mailboxes: Option<Vec<String>>,
    /// What they are told of; all of it if absent.
    #[oai(validator(min_items = 1, max_items = 4))]
    events: Option<Vec<Notice>>,
    /// When: at once if absent.
    mode: Option<Mode>,
    /// When digests are sent, for mode `digest` alone: minute, hour, day, month, weekday.
    #[oai(validator(max_length = 100))]
    cron: Option<String>,
    /// IANA zone of that, and of the times in mails; UTC if absent.
    #[oai(validator(max_length = 100))]
    tz: Option<String>,
    /// Hours without mail: from `from` to `to`, over midnight if `from` is later.
    quiet_hours: Option<QuietHours>,
    /// Whether they are told of nothing for now.
    #[oai(default)]
    paused: bool,
}

/// Who is to be told of what.
pub(crate) struct Input {
    pub(super) address: String,
    pub(super) name: Option<String>,
    pub(super) owners: Vec<String>,
    pub(super) categories: Vec<String>,
    pub(super) mailboxes: Vec<String>,
    pub(super) events: Vec<Notice>,
    pub(super) mode: Mode,
    pub(super) cron: Option<String>,
    pub(super) tz: Option<String>,
    pub(super) quiet_hours: Option<QuietHours>,
    pub(super) paused: bool,
}

impl FromFields for Input {
    type Schema = InputDoc;

    fn read(fields: &mut Fields) -> Option<Self> {
        let address = fields.required("address", address);
        let name = fields.optional("name", name);
        let texts = read::list(ENTRIES, read::line(200));
        let owners = fields.optional("owners", &texts).unwrap_or_default();
        let categories = fields.optional("categories", read::list(ENTRIES, category)).unwrap_or_default();
        let mailboxes = fields.optional("mailboxes", &texts).unwrap_or_default();
        let events = fields.optional("events", events).unwrap_or_else(|| Notice::ALL.to_vec());
        let mode = fields.optional("mode", read::one_of(Mode::ALL, Mode::parse)).unwrap_or(Mode::Immediate);
        let (cron, tz) = when(fields, mode);
        let quiet_hours = quiet_hours(fields);
        let paused = fields.optional("paused", |value| value.as_bool().ok_or("must be true or false".to_owned()));
        let paused = paused.unwrap_or(false);
        let address = address?;
        Some(Self { address, name, owners, categories, mailboxes, events, mode, cron, tz, quiet_hours, paused })
    }
}

/// Expression and zone, each judged by itself, so that both are told if both are wrong.
fn when(fields: &mut Fields, mode: Mode) -> (Option<String>, Option<String>) {
    let given = fields.take("cron").filter(|value| !value.is_null());
    let cron = match (mode, &given) {
        (Mode::Digest, None) => Err("is required for mode digest".to_owned()),
        (Mode::Immediate, Some(_)) => Err("is for mode digest alone".to_owned()),
        (_, None) => Ok(None),
        (_, Some(value)) => expression(value).map(Some),
    };
    let cron = cron.unwrap_or_else(|detail| {
        fields.note("cron", detail);
        None
    });
    let tz = fields.optional("tz", zone).or_else(|| cron.as_ref().map(|_| "UTC".to_owned()));
    (cron, tz)
}

fn expression(value: &Value) -> Result<String, String> {
    let text = read::line(100)(value)?;
    if text.split_whitespace().count() != 5 {
        return Err("must have five fields: minute, hour, day, month, weekday".to_owned());
    }
    next_tick(&text, "UTC", DateTime::UNIX_EPOCH).map(|_| text)
}

fn zone(value: &Value) -> Result<String, String> {
    let text = read::line(100)(value)?;
    match text.parse::<chrono_tz::Tz>() {
        Ok(_) => Ok(text),
        Err(_) => Err("must be an IANA zone such as Europe/Berlin".to_owned()),
    }
}

fn quiet_hours(fields: &mut Fields) -> Option<QuietHours> {
    let map = fields
        .optional("quiet_hours", |value| value.as_object().cloned().ok_or_else(|| "must be an object".to_owned()))?;
    let mut inner = Fields::of(map);
    let (from, to) = (inner.required("from", time), inner.required("to", time));
    let tz = inner.required("tz", zone);
    if from.is_some() && from == to {
        inner.note("to", "must differ from `from`: a day without any mail is a pause");
    }
    inner.refuse_the_rest();
    for issue in inner.issues {
        fields.note(&format!("quiet_hours{}", issue.pointer), issue.detail);
    }
    Some(QuietHours { from: from?, to: to?, tz: tz? })
}

fn time(value: &Value) -> Result<String, String> {
    let text = value.as_str().filter(|text| time_of_day(text).is_some());
    text.map(str::to_owned).ok_or_else(|| "must be a time of day such as 22:00".to_owned())
}

fn address(value: &Value) -> Result<String, String> {
    let text = value.as_str().filter(|text| is_address(text));
    text.map(str::to_owned).ok_or_else(|| "must be one mail address such as ana@example.com".to_owned())
}

fn name(value: &Value) -> Result<String, String> {
    let text = read::line(200)(value)?;
    if text.chars().any(char::is_control) { Err("must not contain control characters".to_owned()) } else { Ok(text) }
}

fn category(value: &Value) -> Result<String, String> {
    let known = value.as_str().and_then(Category::from_input).map(|category| category.as_str().to_owned());
    known.ok_or_else(|| {
        let names: Vec<&str> = Category::ALL.iter().map(|category| category.as_str()).collect();
        format!("must be one of {}", names.join(", "))
    })
}

fn events(value: &Value) -> Result<Vec<Notice>, String> {
    let mut notices = read::list(Notice::ALL.len(), read::one_of(Notice::ALL, Notice::parse))(value)?;
    notices.sort_unstable();
    notices.dedup();
    if notices.is_empty() { Err("must name at least one; to tell nothing, pause".to_owned()) } else { Ok(notices) }
}
