//! The gate that keeps jobs of one key in the order accepted: of the unfinished jobs of a key, at most one is not
//! `pending`, and whoever ends that one lets the oldest of the others go, in the same transaction.

use std::collections::{HashMap, HashSet};

use serde_json::{Value, json};

use super::read::seq_rows;
use super::unfinished;
use crate::store::query::{execute, fetch_all, fetch_one};
use crate::store::{Result, Session, Tx};

/// Puts transactions that add to or end jobs of the same keys one behind the other.
pub(super) async fn lock_order_keys<'a>(tx: &mut Tx, keys: impl Iterator<Item = &'a str>) -> Result<()> {
    // Hashes in one order for everybody, so that two batches cannot wait for each other.
    const SQL: &str = "SELECT count(pg_advisory_xact_lock(hash))
         FROM (SELECT DISTINCT hashtextextended(e.value #>> '{}', 7) AS hash
               FROM jsonb_array_elements($1::jsonb) AS e
               ORDER BY hash) AS hashes";
    let keys: HashSet<&str> = keys.collect();
    // Differs because SQLite has one writer: its transactions are one behind the other already.
    if tx.is_sqlite() || keys.is_empty() {
        return Ok(());
    }
    fetch_one!(tx, (i64,), SQL, json!(keys).to_string()).map(drop)
}

/// Lets the oldest waiting job of each key go, unless another of the key is on its way already; gives the number of those
/// that may go now.
pub(super) async fn release_order<'a>(tx: &mut Tx, keys: impl Iterator<Item = &'a str> + Clone) -> Result<u64> {
    const SQL: &str = "UPDATE jobs
         SET state = CASE WHEN run_at > created_at THEN 'scheduled' ELSE 'available' END
         WHERE state = 'pending'
           AND seq = ANY(ARRAY(SELECT (SELECT head.seq FROM jobs AS head
                                       WHERE head.order_key = (e.value ->> 'k')
                                         AND head.state = 'pending'
                                         AND NOT EXISTS (SELECT 1 FROM jobs AS active
                                                         WHERE active.order_key = head.order_key
                                                           AND active.state IN
                                                               ('available', 'scheduled', 'running', 'retryable'))
                                       ORDER BY head.seq
                                       LIMIT 1)
                               FROM jsonb_array_elements($1::jsonb) AS e))";
    let rows: Vec<Value> = keys.clone().map(|key| json!({"k": key})).collect();
    if rows.is_empty() {
        return Ok(0);
    }
    lock_order_keys(tx, keys).await?;
    execute!(tx, SQL, Value::from(rows).to_string())
}

/// Repairs keys whose waiting jobs have nobody before them any more. Finds nothing unless something went wrong.
pub async fn promote_stranded(tx: &mut Tx) -> Result<u64> {
    const SQL: &str = "SELECT DISTINCT p.order_key
         FROM jobs AS p
         WHERE p.state = 'pending'
           AND NOT EXISTS (SELECT 1 FROM jobs AS active
                           WHERE active.order_key = p.order_key
                             AND active.state IN ('available', 'scheduled', 'running', 'retryable'))
         LIMIT 100";
    let keys = fetch_all!(tx, (String,), SQL)?;
    release_order(tx, keys.iter().map(|(key,)| key.as_str())).await?;
    Ok(keys.len() as u64)
}

/// For each of these pending jobs, the unfinished job of its key that goes before it, if it is not the next itself.
pub async fn earlier_of_keys(session: &mut Session, seqs: &[i64]) -> Result<HashMap<i64, i64>> {
    const SQL: &str = concat!(
        "SELECT waiting.seq, (SELECT earlier.seq FROM jobs AS earlier
                              WHERE earlier.order_key = waiting.order_key
                                AND earlier.seq <> waiting.seq
                                AND (earlier.state <> 'pending' OR earlier.seq < waiting.seq)
                                AND earlier.state IN ",
        unfinished!(),
        "                     ORDER BY earlier.seq DESC
                              LIMIT 1)
         FROM jsonb_array_elements($1::jsonb) AS e
         JOIN jobs AS waiting ON waiting.seq = (e.value ->> 's')::bigint"
    );
    let found = fetch_all!(session, (i64, Option<i64>), SQL, seq_rows(seqs))?;
    Ok(found.into_iter().filter_map(|(seq, earlier)| Some((seq, earlier?))).collect())
}
