//! Removing what is past its retention, in chunks.

use chrono::{DateTime, Utc};

use crate::jobs::JobState;
use crate::store::query::execute;
use crate::store::{Result, Tx};

/// Removes jobs that ended in this state before `before`, at most `limit` of them.
pub async fn prune(tx: &mut Tx, state: JobState, before: DateTime<Utc>, limit: i64) -> Result<u64> {
    const SQL: &str = "DELETE FROM jobs
         WHERE seq = ANY(ARRAY(SELECT seq FROM jobs
                               WHERE state = $1
                                 AND finished_at < $2
                               ORDER BY finished_at
                               LIMIT $3))";
    execute!(tx, SQL, state.as_str(), before, limit)
}

/// Removes idempotency keys older than `before`, at most `limit` of them.
pub async fn prune_idempotency(tx: &mut Tx, before: DateTime<Utc>, limit: i64) -> Result<u64> {
    const SQL: &str = "DELETE FROM idempotency
         WHERE created_at IN (SELECT created_at FROM idempotency WHERE created_at < $1 ORDER BY created_at LIMIT $2)";
    execute!(tx, SQL, before, limit)
}

/// Removes token buckets not used since `before`: they are full, or their limit is gone.
pub async fn prune_rate_buckets(tx: &mut Tx, before: DateTime<Utc>) -> Result<u64> {
    execute!(tx, "DELETE FROM rate_buckets WHERE filled_at < $1", before)
}
