//! The book of calendars and policies: reading it, replacing it, and what it was before.

pub(crate) mod calendars;
mod document;
mod edit;
pub(crate) mod explanation;
pub(crate) mod policies;
pub(crate) mod preview;
pub(crate) mod recompute;
pub(crate) mod what_if;

use chrono::{DateTime, Utc};
use poem::Request;
use poem::web::Data;
use poem_openapi::param::Path;
use poem_openapi::{ApiResponse, Object, OpenApi};
use serde::Serialize;
use serde_json::Value;
use shared::domain::sla::book::Book;
use shared::store::sla::{self, Revision};

use self::document::SlaBook;
use self::edit::{Change, Edit};
use super::jobs::reason;
use super::{cursor, tasks};
use crate::app::App;
use crate::body::{Body, Fields, FromFields};
use crate::openapi::Tag;
use crate::params::{self, Given};
use crate::payload::Answer;
use crate::problem::Problem;

pub(crate) struct SlaApi;

/// A revision of the book.
#[derive(Object)]
#[oai(rename = "SlaRevision")]
pub(crate) struct RevisionDoc {
    /// Its number, also its entity tag; 0 as long as there never was a book.
    revision: i64,
    /// What it says.
    book: SlaBook,
    /// Why it was made.
    reason: Option<String>,
    /// Who made it.
    created_by: Option<String>,
    /// When.
    created_at: Option<DateTime<Utc>>,
}

#[derive(Serialize)]
struct RevisionView {
    revision: i64,
    book: Value,
    reason: Option<String>,
    created_by: Option<String>,
    created_at: Option<DateTime<Utc>>,
}

impl RevisionView {
    /// A revision, or the state before there was one.
    fn of(row: Option<Revision>) -> Result<Self, Problem> {
        Ok(match row {
            None => {
                Self { revision: 0, book: Book::empty().document, reason: None, created_by: None, created_at: None }
            }
            Some(row) => Self {
                revision: row.revision,
                book: row.book()?.document,
                reason: row.reason,
                created_by: Some(row.created_by),
                created_at: Some(row.created_at),
            },
        })
    }
}

/// A revision without what it says.
#[derive(Serialize, Object)]
pub(crate) struct SlaRevisionSummary {
    /// Its number.
    revision: i64,
    /// How many policies it has.
    policies: i64,
    /// How many calendars it has.
    calendars: i64,
    /// Why it was made.
    reason: Option<String>,
    /// Who made it.
    created_by: String,
    /// When.
    created_at: DateTime<Utc>,
}

/// Revisions of the book, newest first.
#[derive(Serialize, Object)]
pub(crate) struct SlaRevisionList {
    /// The revisions.
    revisions: Vec<SlaRevisionSummary>,
    /// For `cursor`; null at the end.
    next_cursor: Option<String>,
}

/// Answers of reading the book.
#[derive(ApiResponse)]
pub(crate) enum GetBook {
    /// The book.
    #[oai(status = 200)]
    Found(
        Answer<RevisionDoc>,
        /// The revision.
        #[oai(header = "ETag")]
        String,
    ),
    /// It is still the revision of If-None-Match.
    #[oai(status = 304)]
    NotModified(
        /// The revision.
        #[oai(header = "ETag")]
        String,
    ),
}

/// A new book.
#[derive(Object)]
#[oai(rename = "ReplaceSlaBookRequest")]
pub(crate) struct ReplaceDoc {
    /// The whole book: what it does not say is gone.
    book: SlaBook,
    /// Kept with the revision and in the audit trail.
    #[oai(validator(max_length = 500))]
    reason: Option<String>,
}

pub(crate) struct Replace {
    book: Book,
    reason: Option<String>,
}

impl FromFields for Replace {
    type Schema = ReplaceDoc;

    fn read(fields: &mut Fields) -> Option<Self> {
        let reason = reason(fields);
        let document = fields.required("book", |value| Ok(value.clone()))?;
        match Book::read(&document) {
            Ok(book) => Some(Self { book, reason }),
            Err(faults) => {
                for fault in faults {
                    fields.note(&format!("book{}", fault.pointer), fault.detail);
                }
                None
            }
        }
    }
}

#[OpenApi(prefix_path = "/api", tag = "Tag::Sla")]
impl SlaApi {
    /// Get the book of calendars and policies
    ///
    /// Where no policy of it is for a task, and as long as there is none at all, the default policy applies: 4, 24, 72 and
    /// 168 hours by priority, round the clock.
    #[oai(path = "/sla", method = "get", operation_id = "getSlaBook")]
    async fn get(&self, app: Data<&App>, request: &Request) -> Result<GetBook, Problem> {
        params::check(request)?;
        let mut session = app.db.read().await?;
        if let Some(tags) = request.header("if-none-match") {
            let tag = tasks::entity_tag(sla::current_number(&mut session).await?);
            if tasks::matches_tag(tags, &tag) {
                return Ok(GetBook::NotModified(tag));
            }
        }
        let view = RevisionView::of(sla::current(&mut session).await?)?;
        let tag = tasks::entity_tag(view.revision);
        Ok(GetBook::Found(Answer::of(&view), tag))
    }

    /// Replace the book
    ///
    /// The new revision applies to what is planned from now on; deadlines that exist stay until tasks change or are
    /// recomputed. A book that says the same makes no revision. The answer is 409 if another revision was made at the same
    /// time.
    #[oai(path = "/sla", method = "put", operation_id = "replaceSlaBook")]
    async fn replace(
        &self,
        app: Data<&App>,
        request: &Request,
        /// Only tell what is wrong with it, and how many open tasks would get another deadline.
        dry_run: Given<bool>,
        body: Body<Replace>,
    ) -> Result<Change, Problem> {
        let Replace { book, reason } = body.value;
        let edit = Edit::of(&app, request, "sla.book.replace", "book", reason, dry_run.0)?;
        edit.replace(&book).await
    }

    /// List revisions of the book
    #[oai(path = "/sla/revisions", method = "get", operation_id = "listSlaRevisions")]
    async fn revisions(
        &self,
        app: Data<&App>,
        request: &Request,
        /// `next_cursor` of the page before.
        cursor: Given<i64>,
        /// Revisions at most, 1 to 200; 50 by default.
        limit: Given<i64>,
    ) -> Result<Answer<SlaRevisionList>, Problem> {
        let limit = limit.within(request, "limit", 1..=200, 50);
        params::check(request)?;
        let before = cursor.0.unwrap_or(i64::MAX);
        let mut rows = sla::revisions(&mut app.db.read().await?, before, limit + 1).await?;
        let next_cursor = cursor::cut(&mut rows, limit).map(|last| last.revision.to_string());
        Ok(Answer::of(&SlaRevisionList { revisions: rows.into_iter().map(summary).collect(), next_cursor }))
    }

    /// Get a revision of the book
    #[oai(path = "/sla/revisions/:revision", method = "get", operation_id = "getSlaRevision")]
    async fn revision(
        &self,
        app: Data<&App>,
        request: &Request,
        /// Its number.
        revision: Path<String>,
    ) -> Result<Answer<RevisionDoc>, Problem> {
        params::check(request)?;
        let missing = || Problem::not_found("the revision");
        let number: i64 = revision.parse().map_err(|_| missing())?;
        let row = sla::revision(&mut app.db.read().await?, number).await?.ok_or_else(missing)?;
        Ok(Answer::of(&RevisionView::of(Some(row))?))
    }
}

fn summary(row: Revision) -> SlaRevisionSummary {
    let document: Value = serde_json::from_str(&row.document).unwrap_or_default();
    SlaRevisionSummary {
        revision: row.revision,
        policies: document["policies"].as_array().map_or(0, Vec::len) as i64,
        calendars: document["calendars"].as_object().map_or(0, serde_json::Map::len) as i64,
        reason: row.reason,
        created_by: row.created_by,
        created_at: row.created_at,
    }
}
