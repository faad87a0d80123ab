//! Tickets of the socket: each opens one connection, for a short time.

use chrono::{DateTime, Utc};

use super::query::{execute, fetch_one, fetch_optional};
use super::{Result, Session, Tx};

/// Whom a ticket was made for.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Holder {
    /// Who asked for it.
    pub principal: String,
    /// The key they did so with; `None` while authentication was off.
    pub key_id: Option<String>,
    /// The digest of their session, if they were signed in.
    pub session: Option<String>,
    /// From when on it is worth nothing.
    pub expires_at: DateTime<Utc>,
}

/// Writes a ticket, known by its hash alone.
pub async fn insert(tx: &mut Tx, hash: &str, holder: &Holder) -> Result<()> {
    const SQL: &str =
        "INSERT INTO ws_tickets (hash, principal, key_id, session, expires_at) VALUES ($1, $2, $3, $4, $5)";
    let Holder { principal, key_id, session, expires_at } = holder;
    execute!(tx, SQL, hash, principal, key_id.as_deref(), session.as_deref(), *expires_at).map(drop)
}

/// Whether there is a ticket of this hash.
pub async fn exists(session: &mut Session, hash: &str) -> Result<bool> {
    const SQL: &str = "SELECT CAST(count(*) AS bigint) FROM ws_tickets WHERE hash = $1";
    Ok(fetch_one!(session, (i64,), SQL, hash)?.0 > 0)
}

/// Uses a ticket up; gives whom it was made for, unless there is none of this hash or it has expired.
pub async fn redeem(tx: &mut Tx, hash: &str, now: DateTime<Utc>) -> Result<Option<Holder>> {
    // One statement, so that of two processes that are shown the same ticket one finds it.
    const SQL: &str = "DELETE FROM ws_tickets WHERE hash = $1 RETURNING principal, key_id, session, expires_at";
    let found = fetch_optional!(tx, Holder, SQL, hash)?;
    Ok(found.filter(|holder| now < holder.expires_at))
}

/// Removes tickets that expired before `before`, at most `limit` of them.
pub async fn prune(tx: &mut Tx, before: DateTime<Utc>, limit: i64) -> Result<u64> {
    const SQL: &str = "DELETE FROM ws_tickets
         WHERE hash = ANY(ARRAY(SELECT hash FROM ws_tickets WHERE expires_at < $1 ORDER BY expires_at LIMIT $2))";
    execute!(tx, SQL, before, limit)
}
