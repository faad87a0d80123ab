//! Removing what is past its retention, in chunks.

use chrono::{DateTime, Utc};

use crate::store::query::execute;
use crate::store::{Result, Tx};

/// Removes finished jobs older than `before`, at most `limit` of them.
pub async fn prune(tx: &mut Tx, before: DateTime<Utc>, limit: i64) -> Result<u64> {
    const SQL: &str = "DELETE FROM jobs
         WHERE seq = ANY(ARRAY(SELECT seq FROM jobs WHERE finished_at < $1 ORDER BY finished_at LIMIT $2))";
    execute!(tx, SQL, before, limit)
}

/// Removes idempotency keys older than `before`, at most `limit` of them.
pub async fn prune_idempotency(tx: &mut Tx, before: DateTime<Utc>, limit: i64) -> Result<u64> {
    const SQL: &str = "DELETE FROM idempotency
         WHERE created_at IN (SELECT created_at FROM idempotency WHERE created_at < $1 ORDER BY created_at LIMIT $2)";
    execute!(tx, SQL, before, limit)
}
