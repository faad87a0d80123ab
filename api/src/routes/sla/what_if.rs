//! What another book would have made of the past.

mod account;

use chrono::{DateTime, TimeDelta, Utc};
use poem::Request;
use poem::web::Data;
use poem_openapi::{Object, OpenApi};
use serde_json::Value;
use shared::domain::sla::book::{Book, MOST_POLICIES, faults_of_policy};
use shared::domain::sla::replay::{Outcome, pauses, replay};
use shared::domain::sla::rules::Rules;
use shared::store::replay::histories;
use shared::store::tasks::{self, Filter, Page, Sort, Start};
use shared::store::{Session, sla};

use self::account::{Account, WhatIf};
use super::document::{SlaBook, SlaPolicy};
use super::edit::issues;
use super::policies::{listed, target, with};
use crate::app::App;
use crate::body::{Body, Fields, FromFields, read};
use crate::openapi::Tag;
use crate::params;
use crate::payload::Answer;
use crate::problem::Problem;

pub(crate) struct WhatIfApi;

/// Tasks of one read.
const CHUNK: i64 = 500;
/// Tasks that one question replays.
const MOST: u64 = 50_000;

/// Another book, or another policy in the present one; not both. With neither the present one is replayed.
#[derive(Object)]
#[oai(rename = "SlaWhatIfRequest")]
pub(crate) struct WhatIfDoc {
    /// How many days to look back, 1 to 90.
    #[oai(validator(minimum(value = "1"), maximum(value = "90")))]
    days: i64,
    /// A whole book in the place of the present one.
    book: Option<SlaBook>,
    /// A policy in the place of the one of this name, or a further one.
    policy: Option<SlaPolicy>,
    /// The policy's place among the policies, 1 to 200. Without it, it stays where it is, or comes last before the default.
    position: Option<i64>,
}

pub(crate) struct Question {
    days: i64,
    other: Other,
}

/// What is tried instead of the present book.
enum Other {
    Present,
    Book(Book),
    Policy(Value, Option<usize>),
}

impl FromFields for Question {
    type Schema = WhatIfDoc;

    fn read(fields: &mut Fields) -> Option<Self> {
        let days = fields.required("days", read::integer(1..=90));
        let position = fields.some("position", read::integer(1..=MOST_POLICIES as i64)).map(|place| place as usize);
        let book = fields.some("book", |value| Ok(value.clone()));
        let policy = fields.some("policy", |value| Ok(value.clone()));
        if position.is_some() && policy.is_none() {
            fields.note("position", "is the place of policy, which is not there");
        }
        let other = match (book, policy) {
            (None, None) => Some(Other::Present),
            (Some(_), Some(_)) => {
                fields.note("policy", "cannot be given together with book");
                None
            }
            (Some(document), None) => match Book::read(&document) {
                Ok(book) => Some(Other::Book(book)),
                Err(faults) => {
                    for fault in faults {
                        fields.note(&format!("book{}", fault.pointer), fault.detail);
                    }
                    None
                }
            },
            (None, Some(policy)) => {
                for fault in faults_of_policy(&policy) {
                    fields.note(&format!("policy{}", fault.pointer), fault.detail);
                }
                Some(Other::Policy(policy, position))
            }
        };
        Some(Self { days: days?, other: other? })
    }
}

#[OpenApi(prefix_path = "/api", tag = "Tag::Sla")]
impl WhatIfApi {
    /// Replay the past under another book
    ///
    /// The tasks created in the last days, the newest 50,000 of them: what each is due and whether it breached, beside what
    /// it would have been. Work was done when it was done. A deadline that was given stays. Nothing is changed. With the
    /// present book and no recomputation outstanding, both sides are the same.
    #[oai(path = "/sla/what-if", method = "post", operation_id = "replaySla")]
    async fn what_if(
        &self,
        app: Data<&App>,
        request: &Request,
        body: Body<Question>,
    ) -> Result<Answer<WhatIf>, Problem> {
        params::check(request)?;
        let Question { days, other } = body.value;
        let now = app.clock.now();
        let from = now - TimeDelta::days(days);
        let mut session = app.db.snapshot().await?;
        let current = sla::rules(&mut session).await?;
        let other = compiled(&mut session, other, &current).await?;
        let account = replayed(&mut session, from, now, (&current, &other)).await?;
        Ok(Answer::of(&account.told(days, current.revision, from, now)))
    }
}

/// The rules that are tried.
async fn compiled(session: &mut Session, other: Other, current: &Rules) -> Result<Rules, Problem> {
    let (policy, position) = match other {
        Other::Present => return Ok(current.clone()),
        Other::Book(book) => return Ok(Rules::compile(current.revision, &book)),
        Other::Policy(policy, position) => (policy, position),
    };
    let book = sla::current(session).await?.map_or_else(|| Ok(Book::empty()), |row| row.book())?;
    let name = policy["name"].as_str().unwrap_or_default().to_owned();
    let mut policies = listed(&book);
    let index = target(&policies, &name, position)?;
    policies.retain(|other| other["name"] != *name);
    policies.insert(index, policy);
    let sent = (format!("/policies/{index}"), "policy");
    let book = Book::read(&with(&book, policies)).map_err(|faults| Problem::unprocessable(issues(faults, &sent)))?;
    Ok(Rules::compile(current.revision, &book))
}

/// Walks down the tasks, the newest first, and keeps the account alone.
async fn replayed(
    session: &mut Session,
    from: DateTime<Utc>,
    now: DateTime<Utc>,
    (current, other): (&Rules, &Rules),
) -> Result<Account, Problem> {
    let filter = Filter { created_from: Some(from), ..Filter::default() };
    let with_history = pauses(current) || pauses(other);
    let mut page = Page { sort: Sort::CreatedAt, ascending: false, limit: CHUNK, start: Start::Offset(0) };
    let mut account = Account::default();
    loop {
        let chunk = tasks::walk(session, &filter, &page).await?;
        let mut known = if with_history {
            let ids: Vec<&str> = chunk.iter().map(|task| task.task_id.as_str()).collect();
            histories(session, &ids).await?
        } else {
            std::collections::HashMap::new()
        };
        for task in &chunk {
            let history = known.remove(&task.task_id).unwrap_or_default();
            account.count(task, Outcome::of(task, now), replay(task, &history, current, other, now));
        }
        let Some(last) = chunk.last().filter(|_| chunk.len() as i64 == CHUNK) else { return Ok(account) };
        if account.matched >= MOST {
            account.stopped_at = Some(last.created_at);
            return Ok(account);
        }
        page.start = Start::After(page.sort.key_of(last), last.task_id.clone());
    }
}
