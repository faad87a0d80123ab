//! Making and revoking keys, by the API and by the command line alike: one transaction each, with its line in the audit trail.

use chrono::{DateTime, Utc};
use serde_json::json;

use super::{Pepper, Secret};
use crate::domain::access::{ApiKey, Role};
use crate::store::{Db, StoreError, audit, keys};

/// A key that is to be made. Name and mailboxes are judged by [`crate::domain::access`].
#[derive(Clone, Debug)]
pub struct NewKey {
    /// The principal.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// The mailboxes it is limited to; `None` for all.
    pub mailboxes: Option<Vec<String>>,
    /// From when on it is worth nothing; `None` for never.
    pub expires_at: Option<DateTime<Utc>>,
}

/// Why a key was not made.
#[derive(Debug, thiserror::Error)]
pub enum IssueError {
    /// A field cannot be so.
    #[error("{0} {1}")]
    Invalid(&'static str, &'static str),
    /// The name belongs to a key of another role or other mailboxes.
    #[error("{0}")]
    Taken(String),
    /// There are no random numbers.
    #[error("the system gave no random numbers")]
    NoRandomness,
    /// The database refused it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Makes a key; gives what is stored of it, and the secret.
pub async fn issue(
    db: &Db,
    pepper: &Pepper,
    wish: NewKey,
    principal: &str,
    now: DateTime<Utc>,
) -> Result<(ApiKey, Secret), IssueError> {
    let NewKey { name, role, mailboxes, expires_at } = wish;
    if expires_at.is_some_and(|end| end <= now) {
        return Err(IssueError::Invalid("expires_at", "must be in the future"));
    }
    if role == Role::Admin && mailboxes.is_some() {
        return Err(IssueError::Invalid("mailboxes", "cannot limit an admin, who sees to all of them"));
    }
    let (id, secret) = Secret::key().ok_or(IssueError::NoRandomness)?;
    let key = ApiKey {
        digest: pepper.digest(&secret),
        id,
        name,
        role,
        mailboxes: mailboxes.map(|names| json!(names).to_string()),
        created_at: now,
        created_by: principal.to_owned(),
        expires_at,
        last_used_at: None,
        revoked_at: None,
        revoked_by: None,
    };
    let mut tx = db.begin().await?;
    // History and audit know a principal by name alone: it must not be two things at once.
    if let Some(other) = keys::named(&mut tx, &key.name, now).await?
        && (other.role, other.scope()) != (key.role, key.scope())
    {
        return Err(IssueError::Taken(format!(
            "{} is the name of key {}, which has another role or other mailboxes; revoke that one first, or choose another name",
            other.name, other.id
        )));
    }
    keys::insert(&mut tx, &key).await?;
    let detail = json!({"name": key.name, "role": key.role, "mailboxes": key.scope(), "expires_at": key.expires_at});
    audit::audit(&mut tx, now, principal, "key.create", &key.id, &detail).await?;
    tx.commit().await?;
    Ok((key, secret))
}

/// Revokes a key; gives it as it is then, or `None` if there is none of this id. A second time changes nothing.
pub async fn revoke(db: &Db, id: &str, principal: &str, now: DateTime<Utc>) -> Result<Option<ApiKey>, StoreError> {
    let mut tx = db.begin().await?;
    if keys::revoke(&mut tx, id, principal, now).await? {
        audit::audit(&mut tx, now, principal, "key.revoke", id, &json!({})).await?;
    }
    let key = keys::lookup(&mut tx, id).await?;
    tx.commit().await?;
    Ok(key)
}
