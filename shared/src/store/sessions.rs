//! Browsers that signed in with a key, known by the digest of what their cookie holds.

use chrono::{DateTime, Utc};
use serde_json::json;

use super::keys::columns;
use super::query::{execute, fetch_all, fetch_optional};
use super::{Result, Session, Tx};
use crate::domain::access::ApiKey;

/// A session's key, and until when the session is good.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct SignedIn {
    /// The key it was opened with.
    #[sqlx(flatten)]
    pub key: ApiKey,
    /// From when on the session is worth nothing.
    pub ends_at: DateTime<Utc>,
}

/// Writes a session.
pub async fn insert(tx: &mut Tx, hash: &str, key_id: &str, now: DateTime<Utc>, ends_at: DateTime<Utc>) -> Result<()> {
    const SQL: &str = "INSERT INTO sessions (hash, key_id, created_at, expires_at) VALUES ($1, $2, $3, $4)";
    execute!(tx, SQL, hash, key_id, now, ends_at).map(drop)
}

/// The session of this digest, whatever it and its key are worth.
pub async fn lookup(session: &mut Session, hash: &str) -> Result<Option<SignedIn>> {
    const SQL: &str = concat!(
        "SELECT ",
        columns!(),
        ", s.expires_at AS ends_at
         FROM sessions AS s
         JOIN api_keys AS k ON k.id = s.key_id
         WHERE s.hash = $1"
    );
    fetch_optional!(session, SignedIn, SQL, hash)
}

/// Ends a session.
pub async fn delete(tx: &mut Tx, hash: &str) -> Result<()> {
    execute!(tx, "DELETE FROM sessions WHERE hash = $1", hash).map(drop)
}

/// Which of these digests are those of sessions that are good at `now`. That of the key is another question.
pub async fn good(session: &mut Session, hashes: &[&str], now: DateTime<Utc>) -> Result<Vec<String>> {
    const SQL: &str = "SELECT s.hash
         FROM jsonb_array_elements($1::jsonb) AS e
         JOIN sessions AS s ON s.hash = (e.value ->> 'hash')
         WHERE s.expires_at > $2";
    let hashes: Vec<_> = hashes.iter().map(|hash| json!({"hash": hash})).collect();
    let found = fetch_all!(session, (String,), SQL, json!(hashes).to_string(), now)?;
    Ok(found.into_iter().map(|(hash,)| hash).collect())
}

/// Removes sessions that ended before `before`, at most `limit` of them.
pub async fn prune(tx: &mut Tx, before: DateTime<Utc>, limit: i64) -> Result<u64> {
    const SQL: &str = "DELETE FROM sessions
         WHERE hash = ANY(ARRAY(SELECT hash FROM sessions WHERE expires_at < $1 ORDER BY expires_at LIMIT $2))";
    execute!(tx, SQL, before, limit)
}
