//! Single calendars of the book.

use poem::Request;
use poem::http::StatusCode;
use poem::web::Data;
use poem_openapi::param::Path;
use poem_openapi::{Object, OpenApi};
use serde::Serialize;
use serde_json::Value;
use shared::domain::sla::book::{Book, faults_of_calendar};
use shared::store::sla;

use super::super::jobs::reason;
use super::document::SlaCalendar;
use super::edit::{Change, Draft, Edit};
use crate::app::App;
use crate::body::{Body, Fields, FromFields};
use crate::openapi::Tag;
use crate::params::{self, Given};
use crate::payload::Answer;
use crate::problem::Problem;

pub(crate) struct SlaCalendarsApi;

/// A calendar of the book.
#[derive(Object)]
pub(crate) struct SlaCalendarEntry {
    /// The revision it was read in.
    revision: i64,
    /// Names of the policies that use it.
    used_by: Vec<String>,
    /// What it says.
    calendar: SlaCalendar,
}

#[derive(Serialize)]
struct EntryView<'a> {
    revision: i64,
    used_by: Vec<&'a str>,
    calendar: &'a Value,
}

/// A calendar to be put into the book.
#[derive(Object)]
#[oai(rename = "PutSlaCalendarRequest")]
pub(crate) struct PutDoc {
    /// The calendar.
    calendar: SlaCalendar,
    /// Kept with the revision and in the audit trail.
    #[oai(validator(max_length = 500))]
    reason: Option<String>,
}

pub(crate) struct Put {
    calendar: Value,
    reason: Option<String>,
}

impl FromFields for Put {
    type Schema = PutDoc;

    fn read(fields: &mut Fields) -> Option<Self> {
        let reason = reason(fields);
        let calendar = fields.required("calendar", |value| Ok(value.clone()))?;
        for fault in faults_of_calendar(&calendar) {
            fields.note(&format!("calendar{}", fault.pointer), fault.detail);
        }
        Some(Self { calendar, reason })
    }
}

#[OpenApi(prefix_path = "/api", tag = "Tag::Sla")]
impl SlaCalendarsApi {
    /// Get a calendar
    #[oai(path = "/sla/calendars/:name", method = "get", operation_id = "getSlaCalendar")]
    async fn get(
        &self,
        app: Data<&App>,
        request: &Request,
        /// Its name.
        name: Path<String>,
    ) -> Result<Answer<SlaCalendarEntry>, Problem> {
        params::check(request)?;
        let row = sla::current(&mut app.db.read().await?).await?.ok_or_else(missing)?;
        let book = row.book()?;
        let calendar = book.document["calendars"].get(&*name).ok_or_else(missing)?;
        Ok(Answer::of(&EntryView { revision: row.revision, used_by: book.users_of(&name), calendar }))
    }

    /// Add or change a calendar
    ///
    /// One more revision of the book, for all policies that use it. The answer is 409 only if the book is being changed by
    /// many at once.
    #[oai(path = "/sla/calendars/:name", method = "put", operation_id = "putSlaCalendar")]
    async fn put(
        &self,
        app: Data<&App>,
        request: &Request,
        /// Its name.
        name: Path<String>,
        body: Body<Put>,
    ) -> Result<Change, Problem> {
        let Put { calendar, reason } = body.value;
        let edit = Edit::of(&app, request, "sla.calendar.put", &name, reason, None)?;
        let sent = format!("/calendars/{}", name.replace('~', "~0").replace('/', "~1"));
        let draw = |book: &Book| {
            let mut document = book.document.clone();
            document["calendars"][&*name] = calendar.clone();
            Ok(Draft { document, sent: (sent.clone(), "calendar") })
        };
        edit.apply(&draw).await
    }

    /// Remove a calendar
    ///
    /// One more revision of the book. The answer is 409 while a policy uses it.
    #[oai(path = "/sla/calendars/:name", method = "delete", operation_id = "deleteSlaCalendar")]
    async fn delete(
        &self,
        app: Data<&App>,
        request: &Request,
        /// Its name.
        name: Path<String>,
        /// Kept with the revision and in the audit trail.
        reason: Given<String>,
    ) -> Result<Change, Problem> {
        let reason = reason.text(request, "reason", 500);
        let edit = Edit::of(&app, request, "sla.calendar.delete", &name, reason, None)?;
        let draw = |book: &Book| {
            let users = book.users_of(&name);
            if !users.is_empty() {
                let detail = format!("the calendar {} is used by {}", *name, users.join(", "));
                return Err(Problem::new(StatusCode::CONFLICT, detail));
            }
            let mut document = book.document.clone();
            let calendars = document["calendars"].as_object_mut();
            calendars.and_then(|calendars| calendars.remove(&*name)).ok_or_else(missing)?;
            Ok(Draft { document, sent: (String::new(), "book") })
        };
        edit.apply(&draw).await
    }
}

fn missing() -> Problem {
    Problem::not_found("the calendar")
}
