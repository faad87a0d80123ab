//! Compares the sums with the tasks, and puts them right.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::store::query::{execute, fetch_all, fetch_one, fetch_optional};
use crate::store::{Result, Session, StoreError, Tx};

/// Differences shown at most.
const SHOWN: usize = 20;
/// Cells of one statement.
const CHUNK: usize = 2_000;

/// By how much a sum is too small; negative where it is too large.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::FromRow)]
pub struct Difference {
    /// What the sum is about.
    pub series: String,
    /// Width of its buckets in seconds; 0 if it has none.
    pub width: i64,
    /// Status, or fate of deadlines.
    pub status: String,
    /// The second since 1970 its bucket begins at.
    pub bucket: i64,
    /// Category.
    pub category: String,
    /// Priority.
    pub priority: String,
    /// Owner.
    pub owner: String,
    /// Their address.
    pub owner_email: String,
    /// Tasks.
    pub n: i64,
    /// Cents.
    pub cents: i64,
    /// RED ones.
    pub red: i64,
    /// COMPLETED ones.
    pub done: i64,
    /// Completed ones with a deadline.
    pub due: i64,
    /// Those in time.
    pub met: i64,
    /// Completed ones whose completion is dated.
    pub timed: i64,
    /// Milliseconds these took.
    pub spent_ms: i64,
}

/// What a comparison found.
#[derive(Clone, Debug)]
pub struct Comparison {
    /// Sums compared.
    pub cells: i64,
    /// Those that differ.
    pub differences: Vec<Difference>,
    /// How many comparisons there were before.
    number: i64,
}

/// The account of a comparison, as it is kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Findings {
    /// Sums compared.
    pub cells: i64,
    /// Sums that differed and were put right.
    pub repaired: i64,
    /// Some of them: by how much each was too small.
    pub differences: Vec<Difference>,
}

/// Counts all tasks anew. Give it a snapshot.
pub async fn compare(snapshot: &mut Session) -> Result<Comparison> {
    const NUMBER: &str = "SELECT comparisons, (SELECT count(*) FROM task_rollups) FROM rollup_state WHERE one = 1";
    const SQL: &str = "SELECT series, width, status, bucket, category, priority, owner, owner_email,
                CAST(sum(n) AS bigint) AS n, CAST(sum(cents) AS bigint) AS cents, CAST(sum(red) AS bigint) AS red,
                CAST(sum(done) AS bigint) AS done, CAST(sum(due) AS bigint) AS due, CAST(sum(met) AS bigint) AS met,
                CAST(sum(timed) AS bigint) AS timed, CAST(sum(spent_ms) AS bigint) AS spent_ms
         FROM (SELECT series, width, status, bucket, category, priority, owner, owner_email, sum(n) AS n,
                      sum(cents) AS cents, sum(red) AS red, sum(done) AS done, sum(due) AS due, sum(met) AS met,
                      sum(timed) AS timed, sum(spent_ms) AS spent_ms
               FROM task_cells
               GROUP BY series, width, status, bucket, category, priority, owner, owner_email
               UNION ALL
               SELECT series, width, status, bucket, category, priority, owner, owner_email, -n, -cents, -red, -done,
                      -due, -met, -timed, -spent_ms
               FROM task_rollups
               UNION ALL
               SELECT series, width, status, bucket, category, priority, owner, owner_email, -n, -cents, -red, -done,
                      -due, -met, -timed, -spent_ms
               FROM rollup_delta_cells) AS both_sides
         GROUP BY series, width, status, bucket, category, priority, owner, owner_email
         HAVING sum(n) <> 0 OR sum(cents) <> 0 OR sum(red) <> 0 OR sum(done) <> 0 OR sum(due) <> 0 OR sum(met) <> 0
             OR sum(timed) <> 0 OR sum(spent_ms) <> 0";
    let (number, cells): (i64, i64) = fetch_one!(snapshot, (i64, i64), NUMBER)?;
    Ok(Comparison { cells, differences: fetch_all!(snapshot, Difference, SQL)?, number })
}

/// Puts right what differed, removes empty sums, and keeps the account.
///
/// What differed when it was looked at differs by as much now: changes since then, folded or not, have brought their own.
///
/// # Errors
/// [`StoreError::Conflict`] if another comparison has repaired in between.
pub async fn repair(tx: &mut Tx, comparison: &Comparison, now: DateTime<Utc>) -> Result<Findings> {
    const LOCK: &str = "SELECT comparisons FROM rollup_state WHERE one = 1 FOR UPDATE";
    const ADD: &str = "INSERT INTO task_rollups AS r
                (series, width, status, bucket, category, priority, owner, owner_email, n, cents, red, done, due, met,
                 timed, spent_ms)
         SELECT (e.value ->> 'series'), (e.value ->> 'width')::bigint, (e.value ->> 'status'),
                (e.value ->> 'bucket')::bigint, (e.value ->> 'category'), (e.value ->> 'priority'),
                (e.value ->> 'owner'), (e.value ->> 'owner_email'), (e.value ->> 'n')::bigint,
                (e.value ->> 'cents')::bigint, (e.value ->> 'red')::bigint, (e.value ->> 'done')::bigint,
                (e.value ->> 'due')::bigint, (e.value ->> 'met')::bigint, (e.value ->> 'timed')::bigint,
                (e.value ->> 'spent_ms')::bigint
         FROM jsonb_array_elements($1::jsonb) AS e
         WHERE true
         ON CONFLICT (series, width, status, bucket, category, priority, owner, owner_email) DO UPDATE
         SET n = r.n + excluded.n,
             cents = r.cents + excluded.cents,
             red = r.red + excluded.red,
             done = r.done + excluded.done,
             due = r.due + excluded.due,
             met = r.met + excluded.met,
             timed = r.timed + excluded.timed,
             spent_ms = r.spent_ms + excluded.spent_ms";
    const EMPTY: &str = "DELETE FROM task_rollups
         WHERE n = 0 AND cents = 0 AND red = 0 AND done = 0 AND due = 0 AND met = 0 AND timed = 0 AND spent_ms = 0";
    const KEEP: &str = "UPDATE rollup_state
         SET comparisons = comparisons + 1,
             reconciled_at = $1,
             result = $2::jsonb
         WHERE one = 1";
    if fetch_optional!(tx, (i64,), LOCK)? != Some((comparison.number,)) {
        return Err(StoreError::Conflict);
    }
    for chunk in comparison.differences.chunks(CHUNK) {
        execute!(tx, ADD, serde_json::json!(chunk).to_string())?;
    }
    execute!(tx, EMPTY)?;
    let findings = Findings {
        cells: comparison.cells,
        repaired: comparison.differences.len() as i64,
        differences: comparison.differences.iter().take(SHOWN).cloned().collect(),
    };
    execute!(tx, KEEP, now, serde_json::json!(findings).to_string())?;
    Ok(findings)
}

/// When the sums were last compared with the tasks, and what was found; `None` if they never were.
pub async fn last_comparison(session: &mut Session) -> Result<Option<(DateTime<Utc>, Findings)>> {
    const SQL: &str = "SELECT reconciled_at, result FROM rollup_state WHERE reconciled_at IS NOT NULL";
    let found = fetch_optional!(session, (DateTime<Utc>, sqlx::types::Json<Value>), SQL)?;
    Ok(found.and_then(|(at, result)| Some((at, serde_json::from_value(result.0).ok()?))))
}
