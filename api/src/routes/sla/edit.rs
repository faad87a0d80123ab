//! A change of the book: whoever makes one, and however small, it is one more revision in one transaction with its row of
//! the audit trail.

use std::collections::BTreeSet;

use poem::Request;
use poem::http::StatusCode;
use poem_openapi::{ApiResponse, Object};
use serde::Serialize;
use serde_json::{Map, Value, json};
use shared::domain::sla::book::{Book, Fault};
use shared::domain::sla::rules::Rules;
use shared::store::tasks::Filter;
use shared::store::{StoreError, Tx, audit, sla};

use super::super::mutation::Terms;
use super::super::tasks::entity_tag;
use super::document::SlaBook;
use super::recompute::{SlaEffect, effect};
use crate::app::App;
use crate::params;
use crate::payload::Answer;
use crate::problem::{Issue, Problem};

/// Times that a change of one entry is tried anew after somebody else's was first.
const TRIES: u32 = 5;

/// The book after a change.
#[derive(Object)]
pub(crate) struct SlaBookChange {
    /// The revision that applies now.
    revision: i64,
    /// Whether there is a new one.
    changed: bool,
    /// What it says; in a dry run, what it would say.
    book: SlaBook,
    /// In a dry run, what recomputing would change then.
    effect: Option<SlaEffect>,
}

#[derive(Serialize)]
struct View<'a> {
    revision: i64,
    changed: bool,
    book: &'a Value,
    effect: Option<SlaEffect>,
}

/// The answer of changing the book.
#[derive(ApiResponse)]
pub(crate) enum Change {
    /// Changed, or unchanged because it was so already.
    #[oai(status = 200)]
    Done(
        Answer<SlaBookChange>,
        /// The revision.
        #[oai(header = "ETag")]
        String,
    ),
}

/// A new book, before it is judged.
pub(super) struct Draft {
    pub(super) document: Value,
    /// The pointer to the part of it that the caller sent, and the field it was sent in.
    pub(super) sent: (String, &'static str),
}

/// Makes a new book of the current one.
type Draw<'a> = &'a (dyn Fn(&Book) -> Result<Draft, Problem> + Sync);

/// Who changes what, and on which terms.
pub(crate) struct Edit<'a> {
    app: &'a App,
    action: &'static str,
    object: &'a str,
    reason: Option<String>,
    expected: Option<i64>,
    dry_run: bool,
}

impl<'a> Edit<'a> {
    pub(super) fn of(
        app: &'a App,
        request: &Request,
        action: &'static str,
        object: &'a str,
        reason: Option<String>,
        dry_run: Option<bool>,
    ) -> Result<Self, Problem> {
        params::check(request)?;
        let expected = Terms::of(app, request, action, "")?.expected_version;
        Ok(Self { app, action, object, reason, expected, dry_run: dry_run.unwrap_or(false) })
    }

    /// Puts a whole book in the place of the current one.
    pub(super) async fn replace(&self, book: &Book) -> Result<Change, Problem> {
        let draw = |_: &Book| Ok(Draft { document: book.document.clone(), sent: (String::new(), "book") });
        self.attempt(&draw).await?.ok_or_else(|| {
            Problem::new(StatusCode::CONFLICT, "another revision of the book was made at the same time; read it")
        })
    }

    /// Changes a part of the current book, whatever else is changed at the same time.
    pub(super) async fn apply(&self, draw: Draw<'_>) -> Result<Change, Problem> {
        for _ in 0..TRIES {
            if let Some(done) = self.attempt(draw).await? {
                return Ok(done);
            }
        }
        Err(Problem::new(StatusCode::CONFLICT, "the book is being changed by many at once; try again"))
    }

    /// `None` if another revision came in between.
    async fn attempt(&self, draw: Draw<'_>) -> Result<Option<Change>, Problem> {
        let mut tx = self.app.db.begin().await?;
        let current = sla::current(&mut tx).await?;
        let revision = current.as_ref().map_or(0, |row| row.revision);
        if self.expected.is_some_and(|expected| expected != revision) {
            let detail = format!("the book is at revision {revision}");
            let problem = Problem::new(StatusCode::PRECONDITION_FAILED, detail);
            return Err(Problem { current_version: Some(revision), ..problem });
        }
        let before = current.map_or_else(|| Ok(Book::empty()), |row| row.book())?;
        let draft = draw(&before)?;
        let after =
            Book::read(&draft.document).map_err(|faults| Problem::unprocessable(issues(faults, &draft.sent)))?;
        let changed = (&after.calendars, &after.policies) != (&before.calendars, &before.policies);
        if self.dry_run {
            drop(tx);
            let effect = self.effect(revision + 1, &after).await?;
            return Ok(Some(answer(revision, changed, &after, Some(effect))));
        }
        if !changed {
            return Ok(Some(answer(revision, changed, &after, None)));
        }
        match self.add(&mut tx, revision + 1, &before, &after).await {
            Err(StoreError::Conflict) => return Ok(None),
            done => done?,
        }
        tx.commit().await?;
        Ok(Some(answer(revision + 1, true, &after, None)))
    }

    /// What recomputing all open tasks would change under this book.
    async fn effect(&self, revision: i64, book: &Book) -> Result<SlaEffect, Problem> {
        let mut session = self.app.db.snapshot().await?;
        effect(self.app, &mut session, &Filter::default(), &Rules::compile(revision, book)).await
    }

    async fn add(&self, tx: &mut Tx, revision: i64, before: &Book, after: &Book) -> Result<(), StoreError> {
        let (now, principal) = (self.app.clock.now(), self.app.principal());
        sla::add(tx, revision, after, self.reason.as_deref(), principal, now).await?;
        let detail = json!({
            "revision": revision, "reason": self.reason,
            "policies": differences(&policies(before), &policies(after)),
            "calendars": differences(&calendars(before), &calendars(after)),
        });
        audit::audit(tx, now, principal, self.action, self.object, &detail).await
    }
}

fn answer(revision: i64, changed: bool, book: &Book, effect: Option<SlaEffect>) -> Change {
    let view = View { revision, changed, book: &book.document, effect };
    Change::Done(Answer::of(&view), entity_tag(revision))
}

/// The faults of a book, told of what was sent: within that they keep their place, and what it makes wrong elsewhere is
/// told of it as a whole.
pub(super) fn issues(faults: Vec<Fault>, (sent, field): &(String, &'static str)) -> Vec<Issue> {
    let issue = |Fault { pointer, detail }| {
        let rest = pointer.strip_prefix(&**sent).filter(|rest| rest.is_empty() || rest.starts_with('/'));
        match rest {
            Some(rest) => Issue::at(format!("/{field}{rest}"), detail),
            None => Issue::at(format!("/{field}"), format!("makes the book wrong: {pointer} {detail}")),
        }
    };
    faults.into_iter().map(issue).collect()
}

/// The policies by name, with their places.
fn policies(book: &Book) -> Map<String, Value> {
    let listed = book.document["policies"].as_array().into_iter().flatten();
    listed.filter_map(|policy| Some((policy["name"].as_str()?.to_owned(), policy.clone()))).collect()
}

fn calendars(book: &Book) -> Map<String, Value> {
    book.document["calendars"].as_object().cloned().unwrap_or_default()
}

/// Names of what was added, removed and changed.
fn differences(before: &Map<String, Value>, after: &Map<String, Value>) -> Value {
    let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let mut found = json!({"added": [], "removed": [], "changed": []});
    for name in names {
        let kind = match (before.get(name), after.get(name)) {
            (None, _) => "added",
            (_, None) => "removed",
            (old, new) if old != new => "changed",
            _ => continue,
        };
        if let Some(list) = found[kind].as_array_mut() {
            list.push(json!(name));
        }
    }
    found
}
