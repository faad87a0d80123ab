//! API keys.

use chrono::{DateTime, Utc};
use serde_json::json;

use super::alone::{Alone, alone};
use super::query::{execute, fetch_all, fetch_optional};
use super::{Result, Session, Tx};
use crate::domain::access::ApiKey;

macro_rules! columns {
    () => {
        "k.id, k.name, k.role, CAST(k.mailboxes AS text) AS mailboxes, k.digest, k.created_at, k.created_by, \
         k.expires_at, k.last_used_at, k.revoked_at, k.revoked_by"
    };
}
pub(super) use columns;

/// Writes a new key.
pub async fn insert(tx: &mut Tx, key: &ApiKey) -> Result<()> {
    const SQL: &str = "INSERT INTO api_keys (id, name, role, mailboxes, digest, created_at, created_by, expires_at)
         VALUES ($1, $2, $3, $4::jsonb, $5, $6, $7, $8)";
    let ApiKey { id, name, role, mailboxes, digest, created_at, created_by, expires_at, .. } = key;
    execute!(tx, SQL, id, name, *role, mailboxes.as_deref(), digest, *created_at, created_by, *expires_at).map(drop)
}

/// The key of this id, whatever it is worth.
pub async fn lookup(session: &mut Session, id: &str) -> Result<Option<ApiKey>> {
    const SQL: &str = concat!("SELECT ", columns!(), " FROM api_keys AS k WHERE k.id = $1");
    fetch_optional!(session, ApiKey, SQL, id)
}

/// All keys, the newest first.
pub async fn list(session: &mut Session) -> Result<Vec<ApiKey>> {
    const SQL: &str = concat!("SELECT ", columns!(), " FROM api_keys AS k ORDER BY k.created_at DESC, k.id");
    fetch_all!(session, ApiKey, SQL)
}

/// A key of this name that is good at `now`, if there is one. Nobody else gives a name until the transaction ends.
pub async fn named(tx: &mut Tx, name: &str, now: DateTime<Utc>) -> Result<Option<ApiKey>> {
    const SQL: &str = concat!(
        "SELECT ",
        columns!(),
        " FROM api_keys AS k
         WHERE k.name = $1
           AND k.revoked_at IS NULL
           AND (k.expires_at IS NULL OR k.expires_at > $2)
         ORDER BY k.created_at DESC
         LIMIT 1"
    );
    alone(tx, Alone::KeyName).await?;
    fetch_optional!(tx, ApiKey, SQL, name, now)
}

/// Revokes a key; `false` if there is none of this id that was not.
pub async fn revoke(tx: &mut Tx, id: &str, principal: &str, now: DateTime<Utc>) -> Result<bool> {
    const SQL: &str = "UPDATE api_keys SET revoked_at = $2, revoked_by = $3 WHERE id = $1 AND revoked_at IS NULL";
    Ok(execute!(tx, SQL, id, now, principal)? > 0)
}

/// Notes that a key was used, unless that was noted since `before`.
pub async fn touch(tx: &mut Tx, id: &str, now: DateTime<Utc>, before: DateTime<Utc>) -> Result<()> {
    const SQL: &str = "UPDATE api_keys SET last_used_at = $2
         WHERE id = $1
           AND (last_used_at IS NULL OR last_used_at < $3)";
    execute!(tx, SQL, id, now, before).map(drop)
}

/// Which of these ids are those of keys that are good at `now`.
pub async fn good(session: &mut Session, ids: &[&str], now: DateTime<Utc>) -> Result<Vec<String>> {
    const SQL: &str = "SELECT k.id
         FROM jsonb_array_elements($1::jsonb) AS e
         JOIN api_keys AS k ON k.id = (e.value ->> 'id')
         WHERE k.revoked_at IS NULL
           AND (k.expires_at IS NULL OR k.expires_at > $2)";
    let ids: Vec<_> = ids.iter().map(|id| json!({"id": id})).collect();
    let found = fetch_all!(session, (String,), SQL, json!(ids).to_string(), now)?;
    Ok(found.into_iter().map(|(id,)| id).collect())
}
