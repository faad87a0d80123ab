//! Tickets of the socket: each opens one connection, for a short time.

use chrono::{DateTime, Utc};

use super::query::{execute, fetch_optional};
use super::{Result, Tx};

/// Writes a ticket, known by its hash alone.
pub async fn insert(tx: &mut Tx, hash: &str, principal: &str, expires_at: DateTime<Utc>) -> Result<()> {
    const SQL: &str = "INSERT INTO ws_tickets (hash, principal, expires_at) VALUES ($1, $2, $3)";
    execute!(tx, SQL, hash, principal, expires_at).map(drop)
}

/// Uses a ticket up; gives whom it was made for, unless there is none of this hash or it has expired.
pub async fn redeem(tx: &mut Tx, hash: &str, now: DateTime<Utc>) -> Result<Option<String>> {
    // One statement, so that of two processes that are shown the same ticket one finds it.
    const SQL: &str = "DELETE FROM ws_tickets WHERE hash = $1 RETURNING principal, expires_at";
    let found = fetch_optional!(tx, (String, DateTime<Utc>), SQL, hash)?;
    Ok(found.filter(|(_, expires_at)| now < *expires_at).map(|(principal, _)| principal))
}

/// Removes tickets that expired before `before`, at most `limit` of them.
pub async fn prune(tx: &mut Tx, before: DateTime<Utc>, limit: i64) -> Result<u64> {
    const SQL: &str = "DELETE FROM ws_tickets
         WHERE hash = ANY(ARRAY(SELECT hash FROM ws_tickets WHERE expires_at < $1 ORDER BY expires_at LIMIT $2))";
    execute!(tx, SQL, before, limit)
}
