//! What operators did.

use chrono::{DateTime, Utc};
use poem::Request;
use poem::web::Data;
use poem_openapi::types::Any;
use poem_openapi::{Object, OpenApi};
use serde::Serialize;
use serde_json::Value;
use shared::store::audit::{self, AuditEntry, AuditFilter};

use super::cursor;
use crate::app::App;
use crate::openapi::Tag;
use crate::params::{self, Given};
use crate::payload::Answer;
use crate::problem::Problem;

pub(crate) struct AuditApi;

/// An operator's action.
#[derive(Serialize, Object)]
#[oai(rename = "AuditEntry")]
pub(crate) struct Entry {
    /// Its number, in order of writing.
    id: String,
    /// When.
    at: DateTime<Utc>,
    /// Who.
    principal: String,
    /// What: a noun and a verb, such as `queue.pause`.
    action: String,
    /// To what: its id or name.
    object: String,
    /// What else there is to say: the reason, if one was given, and what changed.
    detail: Any<Value>,
}

/// Actions, newest first.
#[derive(Serialize, Object)]
#[oai(rename = "AuditTrail")]
pub(crate) struct Entries {
    /// The actions.
    entries: Vec<Entry>,
    /// For `cursor`; null at the end.
    next_cursor: Option<String>,
}

#[OpenApi(prefix_path = "/api", tag = "Tag::Jobs")]
impl AuditApi {
    /// List what operators did
    #[expect(clippy::too_many_arguments, reason = "one argument for each documented parameter")]
    #[oai(path = "/audit", method = "get", operation_id = "listAudit")]
    async fn list(
        &self,
        app: Data<&App>,
        request: &Request,
        /// Of this action, such as `queue.pause`.
        action: Given<String>,
        /// By this principal.
        principal: Given<String>,
        /// To this object.
        object: Given<String>,
        /// `next_cursor` of the page before.
        cursor: Given<i64>,
        /// Entries at most, 1 to 200; 50 by default.
        limit: Given<i64>,
    ) -> Result<Answer<Entries>, Problem> {
        let filter = AuditFilter {
            action: action.text(request, "action", 100),
            principal: principal.text(request, "principal", 200),
            object: object.text(request, "object", 200),
            before: cursor.0,
        };
        let limit = limit.within(request, "limit", 1..=200, 50);
        params::check(request)?;
        let mut rows = audit::list(&mut app.db.read().await?, &filter, limit + 1).await?;
        let next_cursor = cursor::cut(&mut rows, limit).map(|last| last.id.to_string());
        Ok(Answer::of(&Entries { entries: rows.into_iter().map(view).collect(), next_cursor }))
    }
}

fn view(row: AuditEntry) -> Entry {
    Entry {
        id: row.id.to_string(),
        at: row.at,
        principal: row.principal,
        action: row.action,
        object: row.object,
        detail: Any(serde_json::from_str(&row.detail).unwrap_or_default()),
    }
}
