//! What operators did, append-only.

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::query::{execute, fetch_all};
use super::{Result, Session, Tx};

/// An operator's action.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct AuditEntry {
    /// Its number, in order of writing.
    pub id: i64,
    /// When.
    pub at: DateTime<Utc>,
    /// Who.
    pub principal: String,
    /// What: a noun and a verb, such as `queue.pause`.
    pub action: String,
    /// To what: its id or name.
    pub object: String,
    /// What else there is to say, as JSON text.
    pub detail: String,
}

/// Writes an operator's action, in the transaction of the action.
pub async fn audit(
    tx: &mut Tx,
    at: DateTime<Utc>,
    principal: &str,
    action: &str,
    object: &str,
    detail: &Value,
) -> Result<()> {
    const SQL: &str = "INSERT INTO audit (at, principal, action, object, detail) VALUES ($1, $2, $3, $4, $5::jsonb)";
    execute!(tx, SQL, at, principal, action, object, detail.to_string()).map(drop)
}

/// Which actions a list shows.
#[derive(Clone, Debug, Default)]
pub struct AuditFilter {
    /// The action.
    pub action: Option<String>,
    /// Who did it.
    pub principal: Option<String>,
    /// What it was done to.
    pub object: Option<String>,
    /// Only those before this one.
    pub before: Option<i64>,
}

/// Actions, newest first.
pub async fn list(session: &mut Session, filter: &AuditFilter, limit: i64) -> Result<Vec<AuditEntry>> {
    const SQL: &str = "SELECT id, at, principal, action, object, CAST(detail AS text) AS detail
         FROM audit
         WHERE ($1::text IS NULL OR action = $1)
           AND ($2::text IS NULL OR principal = $2)
           AND ($3::text IS NULL OR object = $3)
           AND ($4::bigint IS NULL OR id < $4)
         ORDER BY id DESC
         LIMIT $5";
    let AuditFilter { action, principal, object, before } = filter;
    fetch_all!(session, AuditEntry, SQL, action.as_deref(), principal.as_deref(), object.as_deref(), *before, limit)
}
