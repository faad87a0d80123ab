//! What a job over many things did to each of them.

use serde_json::{Value, json};

use crate::store::query::{execute, fetch_all};
use crate::store::{Result, Session, Tx};

/// One thing and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Item {
    /// Its id.
    pub item: String,
    /// `pending`, `changed`, `skipped`, `unchanged` or `failed`.
    pub outcome: String,
    /// Why, if there is something to say.
    pub detail: Option<String>,
}

/// Adds items of a job; one that is there already stays as it is.
pub async fn add(tx: &mut Tx, seq: i64, items: &[Item]) -> Result<u64> {
    const SQL: &str = "INSERT INTO job_items (job_seq, item, outcome, detail)
         SELECT $1, (e.value ->> 'i'), (e.value ->> 'o'), (e.value ->> 'd')
         FROM jsonb_array_elements($2::jsonb) AS e
         WHERE true
         ON CONFLICT DO NOTHING";
    let rows = items.iter().map(|item| json!({"i": item.item, "o": item.outcome, "d": item.detail}));
    execute!(tx, SQL, seq, Value::from(rows.collect::<Vec<_>>()).to_string())
}

/// Items of a job after `after`, in the order of their ids.
pub async fn list(
    session: &mut Session,
    seq: i64,
    outcome: Option<&str>,
    after: &str,
    limit: i64,
) -> Result<Vec<Item>> {
    const SQL: &str = "SELECT item, outcome, detail
         FROM job_items
         WHERE job_seq = $1
           AND item > $2
           AND ($3::text IS NULL OR outcome = $3)
         ORDER BY item
         LIMIT $4";
    fetch_all!(session, Item, SQL, seq, after, outcome, limit)
}
