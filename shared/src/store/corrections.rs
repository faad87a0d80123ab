//! What people say mails should have been read as, in the order in which they said it.

use chrono::{DateTime, Utc};

use super::query::{execute, fetch_all, fetch_one};
use super::{Result, Session, Tx};
use crate::domain::correction::Correction;

/// Which corrections a list shows.
#[derive(Clone, Debug, Default)]
pub struct CorrectionFilter {
    /// Of these fields; of all if empty.
    pub fields: Vec<String>,
    /// Made at this instant or later.
    pub from: Option<DateTime<Utc>>,
    /// Made at this instant or earlier.
    pub to: Option<DateTime<Utc>>,
    /// Only those after this one.
    pub after: i64,
}

/// Corrections, oldest first.
pub async fn list(session: &mut Session, filter: &CorrectionFilter, limit: i64) -> Result<Vec<Correction>> {
    const SQL: &str = "SELECT id, task_id, email_id, field, said, corrected,
                CASE WHEN request IS NULL THEN 'update' ELSE 'correct' END AS source, principal, at
         FROM corrections
         WHERE id > $1
           AND ($2 = '[]'
                OR field = ANY(ARRAY(SELECT (e.value ->> 'f') FROM jsonb_array_elements($2::jsonb) AS e)))
           AND ($3::timestamptz IS NULL OR at >= $3)
           AND ($4::timestamptz IS NULL OR at <= $4)
         ORDER BY id
         LIMIT $5";
    let fields: serde_json::Value = filter.fields.iter().map(|field| serde_json::json!({"f": field})).collect();
    fetch_all!(session, Correction, SQL, filter.after, fields.to_string(), filter.from, filter.to, limit)
}

/// Whether the request of this id was carried out.
pub async fn is_known(session: &mut Session, request: &str) -> Result<bool> {
    let (count,) = fetch_one!(session, (i64,), "SELECT count(*) FROM corrections WHERE request = $1", request)?;
    Ok(count > 0)
}

/// Writes corrections; `request` is the id of what they are part of, if somebody asked for them.
pub async fn add(tx: &mut Tx, request: Option<&str>, corrections: &[Correction]) -> Result<()> {
    const SQL: &str = "INSERT INTO corrections (request, task_id, email_id, field, said, corrected, principal, at)
         VALUES ($1, $2, $3, $4, $5::jsonb, $6::jsonb, $7, $8)";
    for correction in corrections {
        let Correction { id: _, task_id, email_id, field, said, corrected, source: _, principal, at } = correction;
        let (said, corrected) = (said.to_string(), corrected.to_string());
        execute!(tx, SQL, request, task_id, email_id, field, said, corrected, principal, *at)?;
    }
    Ok(())
}
