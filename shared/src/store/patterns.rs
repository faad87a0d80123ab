//! What recurs in the mail of completed work. Rows are written by the job that mines them.

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
    /// What recurs, in one line; no two patterns have the same.
    pub signature: String,
    /// The category it was found in.
    pub workflow_category: Category,
    /// Tasks it was found in.
    pub support: i64,
    /// How many times more often it is found in its category than by chance.
    pub lift: f64,
    /// When it was first seen.
    pub first_seen: DateTime<Utc>,
    /// When it was last seen.
    pub last_seen: DateTime<Utc>,
    /// How much more often it is seen of late than before: over 0 it grows, under 0 it fades.
    pub trend: f64,
    /// Dollars at stake in its tasks.
    pub total_value: Cents,
    /// Part of its completed tasks that were in time, between 0 and 1; null if none is completed.
    pub success_rate: Option<f64>,
    /// Hours from creation to completion on average; null if none is completed.
    pub average_completion_hours: Option<f64>,
    /// Some of its tasks.
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
