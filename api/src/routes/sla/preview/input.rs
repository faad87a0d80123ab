//! What a preview is made of.

use chrono::{DateTime, Utc};
use poem_openapi::Object;
use poem_openapi::types::Any;
use serde_json::Value;
use shared::domain::change::NewTask;
use shared::domain::sla::book::{Book, faults_of_policy};
use shared::domain::sla::pause::Pause;
use shared::domain::{Category, Cents, Priority};

use super::super::document::SlaBook;
use crate::body::{Fields, FromFields, read};

/// Pauses of one preview.
const MOST_PAUSES: usize = 100;

/// A task that there is not, and what it is to be planned by.
#[derive(Object)]
#[oai(rename = "PreviewSlaRequest")]
pub(crate) struct PreviewDoc {
    /// A policy as in the book, or the name of one; without it, the first one that matches.
    policy: Option<Any<Value>>,
    /// A book in the place of the current one.
    book: Option<SlaBook>,
    /// When the work begins; now without it.
    start: Option<DateTime<Utc>>,
    /// How soon; NORMAL without it.
    priority: Option<Priority>,
    /// What it is about; General Support without it.
    category: Option<Category>,
    /// The mailbox it came to.
    #[oai(validator(max_length = 200))]
    mailbox: Option<String>,
    /// Its customers.
    #[oai(validator(max_items = 100))]
    customers: Option<Vec<String>>,
    /// What it is worth.
    dollar_value: Option<Cents>,
    /// Times in which the clock stands still, in order.
    #[oai(validator(max_items = 100))]
    pauses: Option<Vec<SlaPreviewPause>>,
}

/// A time that does not count.
#[derive(Object)]
pub(crate) struct SlaPreviewPause {
    /// When it begins.
    from: DateTime<Utc>,
    /// When it ends.
    to: DateTime<Utc>,
}

/// Which policy is to be shown.
pub(crate) enum Wanted {
    /// The first that matches.
    Match,
    /// That of this name.
    Named(String),
    /// One that was sent, by itself without fault.
    Sent(Value),
}

pub(crate) struct PreviewInput {
    pub(super) book: Option<Book>,
    pub(super) wanted: Wanted,
    pub(super) task: NewTask,
    pub(super) start: Option<DateTime<Utc>>,
    pub(super) pauses: Vec<Pause>,
}

impl FromFields for PreviewInput {
    type Schema = PreviewDoc;

    fn read(fields: &mut Fields) -> Option<Self> {
        let wanted = wanted(fields);
        let book = book(fields);
        let start = fields.some("start", read::instant);
        let category = fields.some("category", category).unwrap_or(Category::GeneralSupport);
        let mut task = NewTask::new("TASK-preview", "Preview", category);
        task.priority =
            fields.some("priority", read::one_of(Priority::ALL, Priority::parse)).unwrap_or(Priority::Normal);
        task.mailbox_source = fields.some("mailbox", read::line(200));
        task.entities.customers = fields.some("customers", read::list(100, read::line(200))).unwrap_or_default();
        task.dollar_value = fields.some("dollar_value", read::dollars).unwrap_or_default();
        let pauses = pauses(fields);
        Some(Self { book, wanted, task, start, pauses })
    }
}

fn wanted(fields: &mut Fields) -> Wanted {
    match fields.take("policy") {
        None => Wanted::Match,
        Some(Value::String(name)) => Wanted::Named(name),
        Some(policy @ Value::Object(_)) => {
            for fault in faults_of_policy(&policy) {
                fields.note(&format!("policy{}", fault.pointer), fault.detail);
            }
            Wanted::Sent(policy)
        }
        Some(_) => {
            fields.note("policy", "must be a policy or the name of one");
            Wanted::Match
        }
    }
}

fn book(fields: &mut Fields) -> Option<Book> {
    let document = fields.take("book")?;
    let read = Book::read(&document);
    let faults = read.as_ref().err().into_iter().flatten();
    for fault in faults {
        fields.note(&format!("book{}", fault.pointer), fault.detail.clone());
    }
    read.ok()
}

fn category(value: &Value) -> Result<Category, String> {
    let known = || Category::ALL.iter().map(Category::to_string).collect::<Vec<_>>().join(", ");
    value.as_str().and_then(Category::from_input).ok_or_else(|| format!("must be one of {}", known()))
}

/// Pauses in order, none of which begins before the one above it has ended.
fn pauses(fields: &mut Fields) -> Vec<Pause> {
    let items = fields.some("pauses", read::list(MOST_PAUSES, |item| Ok(item.clone()))).unwrap_or_default();
    let mut pauses: Vec<Pause> = Vec::new();
    for (index, item) in items.into_iter().enumerate() {
        let Value::Object(map) = item else {
            fields.note(&format!("pauses/{index}"), "must be an object");
            continue;
        };
        let mut inner = Fields::of(map);
        let from = inner.required("from", read::instant);
        let to = inner.required("to", read::instant);
        if let Some((from, to)) = from.zip(to) {
            if to <= from {
                inner.note("to", "must be after from");
            }
            if pauses.last().is_some_and(|last| last.to.is_some_and(|ended| from < ended)) {
                inner.note("from", "must not be before the end of the pause above it");
            }
            pauses.push(Pause { from, to: Some(to) });
        }
        fields.adopt(&format!("pauses/{index}"), inner);
    }
    pauses
}
