//! What operators set on queues.

use std::collections::HashSet;

use chrono::{DateTime, Utc};

use crate::store::query::{fetch_all, fetch_one};
use crate::store::{Result, Session};

/// Whether a queue is paused at `now`.
pub async fn is_paused(session: &mut Session, queue: &str, now: DateTime<Utc>) -> Result<bool> {
    const SQL: &str = "SELECT count(*) FROM queues
         WHERE name = $1 AND paused_at IS NOT NULL AND (until IS NULL OR until > $2)";
    let (count,): (i64,) = fetch_one!(session, (i64,), SQL, queue, now)?;
    Ok(count > 0)
}

/// The queues that are paused at `now`.
pub async fn paused_queues(session: &mut Session, now: DateTime<Utc>) -> Result<HashSet<String>> {
    const SQL: &str = "SELECT name FROM queues WHERE paused_at IS NOT NULL AND (until IS NULL OR until > $1)";
    Ok(fetch_all!(session, (String,), SQL, now)?.into_iter().map(|(name,)| name).collect())
}
