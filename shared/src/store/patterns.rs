//! What recurs in mail. Rows are written by the job that mines them.

use chrono::{DateTime, Utc};
use poem_openapi::Object;
use serde::Serialize;
use serde_json::{Value, json};

use super::query::fetch_all;
use super::{Result, Session};
use crate::domain::{Category, Cents};

/// Something that recurs.
#[derive(Clone, Debug, Serialize, Object, sqlx::FromRow)]
pub struct Pattern {
    /// Its id.
    pub id: String,
    /// Category and structure in one line; no two patterns have the same. `#` is a run of digits, `A` of letters, `*` a gap
    /// of any words, and what stands in braces varies.
    pub signature: String,
    /// The category it was found in.
    pub workflow_category: Category,
    /// Mails it was found in.
    pub support: i64,
    /// How many times more often a mail with the structure is of the category than any mail is; 1 is chance.
    pub lift: f64,
    /// When it was first seen.
    pub first_seen: DateTime<Utc>,
    /// When it was last seen.
    pub last_seen: DateTime<Utc>,
    /// How its share of all mail has moved from the earlier half of the time to the recent one, r and e: (r - e) / (r + e),
    /// from -1 to 1. Over 0 it grows, under 0 it fades.
    pub trend: f64,
    /// Dollars at stake in its tasks, each task once.
    pub total_value: Cents,
    /// Part of its completed tasks that were in time, between 0 and 1; null if none is completed.
    pub success_rate: Option<f64>,
    /// Hours from creation to completion on average; null if none is completed.
    pub average_completion_hours: Option<f64>,
    /// Some of its mails, the newest first.
    #[sqlx(json)]
    pub examples: Vec<String>,
}

/// Patterns of these categories, or of all, with at least so much support: the best supported first, ties by signature;
/// those after the given place.
pub async fn list(
    session: &mut Session,
    categories: &[String],
    min_support: i64,
    after: Option<(i64, &str)>,
    limit: i64,
) -> Result<Vec<Pattern>> {
    const SQL: &str =
        "SELECT id, signature, workflow_category, support, lift, first_seen, last_seen, trend, total_value,
                success_rate, average_completion_hours, examples
         FROM workflow_patterns
         WHERE support >= $1
           AND ($2 = '[]'
                OR workflow_category = ANY(ARRAY(SELECT (e.value ->> 'c') FROM jsonb_array_elements($2::jsonb) AS e)))
           AND ($3::bigint IS NULL OR support < $3 OR (support = $3 AND signature > $4))
         ORDER BY support DESC, signature
         LIMIT $5";
    let categories = categories.iter().map(|category| json!({"c": category})).collect::<Value>().to_string();
    let (support, signature) = after.unzip();
    fetch_all!(session, Pattern, SQL, min_support, categories, support, signature.unwrap_or_default(), limit)
}

/// The patterns a task bears, the one that says most first.
pub async fn of_task(session: &mut Session, task_id: &str) -> Result<Vec<Pattern>> {
    const SQL: &str =
        "SELECT p.id, p.signature, p.workflow_category, p.support, p.lift, p.first_seen, p.last_seen, p.trend,
                p.total_value, p.success_rate, p.average_completion_hours, p.examples
         FROM workflow_patterns AS p
         WHERE p.id = ANY(ARRAY(SELECT (e.value ->> 'id')
                                FROM task_patterns AS t, jsonb_array_elements(t.patterns) AS e
                                WHERE t.task_id = $1))
         ORDER BY p.support, p.signature";
    fetch_all!(session, Pattern, SQL, task_id)
}
