//! Single policies of the book.

use poem::Request;
use poem::web::Data;
use poem_openapi::param::Path;
use poem_openapi::{Object, OpenApi};
use serde::Serialize;
use serde_json::Value;
use shared::domain::sla::DEFAULT_POLICY;
use shared::domain::sla::book::{Book, MOST_POLICIES, faults_of_policy};
use shared::store::sla;

use super::super::jobs::reason;
use super::document::SlaPolicy;
use super::edit::{Change, Draft, Edit};
use crate::app::App;
use crate::body::{Body, Fields, FromFields, read};
use crate::openapi::Tag;
use crate::params::{self, Given};
use crate::payload::Answer;
use crate::problem::{Issue, Problem};

pub(crate) struct SlaPoliciesApi;

/// A policy of the book.
#[derive(Object)]
pub(crate) struct SlaPolicyEntry {
    /// The revision it was read in.
    revision: i64,
    /// Its place among the policies, from 1.
    position: i64,
    /// What it says.
    policy: SlaPolicy,
}

#[derive(Serialize)]
struct EntryView<'a> {
    revision: i64,
    position: usize,
    policy: &'a Value,
}

/// A policy to be put into the book.
#[derive(Object)]
#[oai(rename = "PutSlaPolicyRequest")]
pub(crate) struct PutDoc {
    /// The policy, with the name that the path has.
    policy: SlaPolicy,
    /// Its place among the policies, 1 to 200. Without it, it stays where it is, or comes last before the default.
    position: Option<i64>,
    /// Kept with the revision and in the audit trail.
    #[oai(validator(max_length = 500))]
    reason: Option<String>,
}

pub(crate) struct Put {
    policy: Value,
    position: Option<usize>,
    reason: Option<String>,
}

impl FromFields for Put {
    type Schema = PutDoc;

    fn read(fields: &mut Fields) -> Option<Self> {
        let reason = reason(fields);
        let position = fields.some("position", read::integer(1..=MOST_POLICIES as i64));
        let policy = fields.required("policy", |value| Ok(value.clone()))?;
        for fault in faults_of_policy(&policy) {
            fields.note(&format!("policy{}", fault.pointer), fault.detail);
        }
        Some(Self { policy, position: position.map(|place| place as usize), reason })
    }
}

#[OpenApi(prefix_path = "/api", tag = "Tag::Sla")]
impl SlaPoliciesApi {
    /// Get a policy
    #[oai(path = "/sla/policies/:name", method = "get", operation_id = "getSlaPolicy")]
    async fn get(
        &self,
        app: Data<&App>,
        request: &Request,
        /// Its name.
        name: Path<String>,
    ) -> Result<Answer<SlaPolicyEntry>, Problem> {
        params::check(request)?;
        let row = sla::current(&mut app.db.read().await?).await?.ok_or_else(missing)?;
        let book = row.book()?;
        let index = place(&book, &name).ok_or_else(missing)?;
        let policy = &book.document["policies"][index];
        Ok(Answer::of(&EntryView { revision: row.revision, position: index + 1, policy }))
    }

    /// Add or change a policy
    ///
    /// One more revision of the book. The answer is 409 only if the book is being changed by many at once.
    #[oai(path = "/sla/policies/:name", method = "put", operation_id = "putSlaPolicy")]
    async fn put(
        &self,
        app: Data<&App>,
        request: &Request,
        /// Its name.
        name: Path<String>,
        body: Body<Put>,
    ) -> Result<Change, Problem> {
        let Put { policy, position, reason } = body.value;
        if policy["name"] != *name {
            return Err(Problem::unprocessable(vec![Issue::at("/policy/name", "is not the name in the path")]));
        }
        let edit = Edit::of(&app, request, "sla.policy.put", &name, reason, None)?;
        let draw = |book: &Book| {
            let mut policies: Vec<Value> = listed(book);
            let index = target(&policies, &name, position)?;
            policies.retain(|other| other["name"] != *name);
            policies.insert(index, policy.clone());
            Ok(Draft { document: with(book, policies), sent: (format!("/policies/{index}"), "policy") })
        };
        edit.apply(&draw).await
    }

    /// Remove a policy
    ///
    /// One more revision of the book. Tasks keep the deadlines it gave them until they change or are recomputed. The answer
    /// is 409 only if the book is being changed by many at once.
    #[oai(path = "/sla/policies/:name", method = "delete", operation_id = "deleteSlaPolicy")]
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
        let edit = Edit::of(&app, request, "sla.policy.delete", &name, reason, None)?;
        let draw = |book: &Book| {
            place(book, &name).ok_or_else(missing)?;
            let mut policies: Vec<Value> = listed(book);
            policies.retain(|other| other["name"] != *name);
            Ok(Draft { document: with(book, policies), sent: (String::new(), "book") })
        };
        edit.apply(&draw).await
    }
}

fn missing() -> Problem {
    Problem::not_found("the policy")
}

pub(super) fn listed(book: &Book) -> Vec<Value> {
    book.document["policies"].as_array().cloned().unwrap_or_default()
}

fn place(book: &Book, name: &str) -> Option<usize> {
    book.policies.iter().position(|policy| policy.name == name)
}

pub(super) fn with(book: &Book, policies: Vec<Value>) -> Value {
    let mut document = book.document.clone();
    document["policies"] = Value::Array(policies);
    document
}

/// Where a policy goes, among the others.
pub(super) fn target(policies: &[Value], name: &str, position: Option<usize>) -> Result<usize, Problem> {
    let others = policies.iter().filter(|other| other["name"] != name).count();
    if let Some(position) = position {
        if position <= others + 1 {
            return Ok(position - 1);
        }
        let detail = format!("must be at most {}: there are {others} other policies", others + 1);
        return Err(Problem::unprocessable(vec![Issue::at("/position", detail)]));
    }
    let own = policies.iter().position(|other| other["name"] == name);
    let before_default = || policies.iter().position(|other| other["name"] == DEFAULT_POLICY);
    Ok(own.or_else(before_default).unwrap_or(others))
}
