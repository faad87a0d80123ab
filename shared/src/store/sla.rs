//! The book of calendars and policies, as a row for each revision. Rows are only ever added.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, RwLock};

use chrono::{DateTime, Utc};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::query::{execute, fetch_all, fetch_optional};
use super::tasks::{self, Filter, Page, Sort, SortKey, Start};
use super::{Result, Session, StoreError, Tx};
use crate::domain::sla::book::Book;
use crate::domain::sla::rules::Rules;
use crate::domain::{Status, Task};

/// A revision of the book.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Revision {
    /// Its number: one more than that of the revision before it.
    pub revision: i64,
    /// The book as JSON text.
    pub document: String,
    /// Why it was made.
    pub reason: Option<String>,
    /// Who made it.
    pub created_by: String,
    /// When.
    pub created_at: DateTime<Utc>,
}

impl Revision {
    /// What it says.
    pub fn book(&self) -> Result<Book> {
        read(self.revision, &self.document)
    }
}

macro_rules! revision_columns {
    () => {
        "revision, CAST(document AS text) AS document, reason, created_by, created_at"
    };
}

type Known = HashMap<(i64, String), Arc<Rules>>;

/// What was compiled before. Revisions do not change, so that it is true for ever; the hash tells apart those of several
/// databases.
static COMPILED: LazyLock<RwLock<Known>> = LazyLock::new(RwLock::default);
static BUILTIN: LazyLock<Arc<Rules>> = LazyLock::new(|| Arc::new(Rules::builtin()));

/// The rules that apply now.
pub async fn rules(session: &mut Session) -> Result<Arc<Rules>> {
    const SQL: &str = "SELECT revision, sha256 FROM sla_books ORDER BY revision DESC LIMIT 1";
    match fetch_optional!(session, (i64, String), SQL)? {
        None => Ok(BUILTIN.clone()),
        Some(key) => compiled(session, key).await,
    }
}

/// The rules of a revision; `None` if there is no such one.
pub async fn rules_of(session: &mut Session, revision: i64) -> Result<Option<Arc<Rules>>> {
    const SQL: &str = "SELECT revision, sha256 FROM sla_books WHERE revision = $1";
    if revision == 0 {
        return Ok(Some(BUILTIN.clone()));
    }
    match fetch_optional!(session, (i64, String), SQL, revision)? {
        None => Ok(None),
        Some(key) => compiled(session, key).await.map(Some),
    }
}

async fn compiled(session: &mut Session, key: (i64, String)) -> Result<Arc<Rules>> {
    if let Some(known) = COMPILED.read().expect("no panic while held").get(&key) {
        return Ok(known.clone());
    }
    let row = revision(session, key.0).await?.ok_or(StoreError::Conflict)?;
    let rules = Arc::new(Rules::compile(row.revision, &row.book()?));
    COMPILED.write().expect("no panic while held").insert(key, rules.clone());
    Ok(rules)
}

/// The current revision; `None` as long as there never was a book.
pub async fn current(session: &mut Session) -> Result<Option<Revision>> {
    const SQL: &str = concat!("SELECT ", revision_columns!(), " FROM sla_books ORDER BY revision DESC LIMIT 1");
    fetch_optional!(session, Revision, SQL)
}

/// The number of the current revision; 0 as long as there never was a book.
pub async fn current_number(session: &mut Session) -> Result<i64> {
    const SQL: &str = "SELECT revision FROM sla_books ORDER BY revision DESC LIMIT 1";
    Ok(fetch_optional!(session, (i64,), SQL)?.map_or(0, |(revision,)| revision))
}

/// A revision.
pub async fn revision(session: &mut Session, revision: i64) -> Result<Option<Revision>> {
    const SQL: &str = concat!("SELECT ", revision_columns!(), " FROM sla_books WHERE revision = $1");
    fetch_optional!(session, Revision, SQL, revision)
}

/// Revisions below one, newest first.
pub async fn revisions(session: &mut Session, before: i64, limit: i64) -> Result<Vec<Revision>> {
    const SQL: &str = concat!(
        "SELECT ",
        revision_columns!(),
        " FROM sla_books
         WHERE revision < $1
         ORDER BY revision DESC
         LIMIT $2"
    );
    fetch_all!(session, Revision, SQL, before, limit)
}

/// Adds a revision.
///
/// # Errors
/// [`StoreError::Conflict`] if somebody else has added one of this number.
pub async fn add(
    tx: &mut Tx,
    revision: i64,
    book: &Book,
    reason: Option<&str>,
    created_by: &str,
    created_at: DateTime<Utc>,
) -> Result<()> {
    const SQL: &str = "INSERT INTO sla_books (revision, document, sha256, reason, created_by, created_at)
         VALUES ($1, $2::jsonb, $3, $4, $5, $6)
         ON CONFLICT (revision) DO NOTHING";
    let document = book.document.to_string();
    let sha256 = format!("{:x}", Sha256::digest(&document));
    match execute!(tx, SQL, revision, document, sha256, reason, created_by, created_at)? {
        0 => Err(StoreError::Conflict),
        _ => Ok(()),
    }
}

/// Where a walk through tasks has come to: the creation and the id of the last one.
pub type Place = (DateTime<Utc>, String);

/// Open tasks of a filter behind a place, in the order of their creation.
pub async fn open_tasks(
    session: &mut Session,
    filter: &Filter,
    after: Option<&Place>,
    limit: i64,
) -> Result<Vec<Task>> {
    let start = match after {
        None => Start::Offset(0),
        Some((created_at, task_id)) => Start::After(SortKey::At(*created_at), task_id.clone()),
    };
    let page = Page { sort: Sort::CreatedAt, ascending: true, limit, start };
    tasks::walk(session, &open(filter), &page).await
}

/// How many open tasks a filter means.
pub async fn count_open(session: &mut Session, filter: &Filter) -> Result<i64> {
    tasks::count(session, &open(filter)).await
}

/// What a filter means of tasks that are not done.
fn open(filter: &Filter) -> Filter {
    let mut filter = filter.clone();
    if filter.status.is_empty() {
        let open = Status::ALL.iter().filter(|status| **status != Status::Completed);
        filter.status = open.map(Status::to_string).collect();
    }
    filter
}

fn read(revision: i64, document: &str) -> Result<Book> {
    let wrong = |what: String| {
        let text = format!("revision {revision} of the SLA book was written by another version: {what}");
        StoreError::Refused(sqlx::Error::Decode(text.into()))
    };
    let document: Value = serde_json::from_str(document).map_err(|error| wrong(error.to_string()))?;
    Book::read(&document).map_err(|faults| {
        let told = faults.first().map(|fault| format!("{} {}", fault.pointer, fault.detail));
        wrong(told.unwrap_or_default())
    })
}
