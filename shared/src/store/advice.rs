//! What an adviser said of mails, kept so that none is asked about twice, and how often it was asked.

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::query::{execute, fetch_optional};
use super::{Result, Session, Tx};

/// The answer that is kept for a content; JSON null if it was of no use.
pub async fn lookup(session: &mut Session, fingerprint: &str, model: &str) -> Result<Option<Value>> {
    const SQL: &str = "SELECT CAST(answer AS text) FROM adviser_answers WHERE fingerprint = $1 AND model = $2";
    let found = fetch_optional!(session, (String,), SQL, fingerprint, model)?;
    // What cannot be read any more is asked for again.
    Ok(found.and_then(|(text,)| serde_json::from_str(&text).ok()))
}

/// Keeps an answer; one that is there already stays.
pub async fn keep(tx: &mut Tx, fingerprint: &str, model: &str, answer: &Value, now: DateTime<Utc>) -> Result<()> {
    const SQL: &str = "INSERT INTO adviser_answers (fingerprint, model, answer, at)
         VALUES ($1, $2, $3::jsonb, $4)
         ON CONFLICT DO NOTHING";
    execute!(tx, SQL, fingerprint, model, answer.to_string(), now).map(drop)
}

/// Takes one call of the day's budget, whichever worker asks; `false` if it is spent.
pub async fn claim_call(tx: &mut Tx, budget: i64, now: DateTime<Utc>) -> Result<bool> {
    const SQL: &str = "INSERT INTO adviser_calls (day, calls)
         VALUES ($1, 1)
         ON CONFLICT (day) DO UPDATE
         SET calls = adviser_calls.calls + 1
         WHERE adviser_calls.calls < $2";
    if budget <= 0 {
        return Ok(false);
    }
    let day = now.format("%Y-%m-%d").to_string();
    Ok(execute!(tx, SQL, day, budget)? == 1)
}

/// Removes answers kept since before an instant; gives how many.
pub async fn prune(tx: &mut Tx, before: DateTime<Utc>, limit: i64) -> Result<u64> {
    const SQL: &str = "DELETE FROM adviser_answers
         WHERE fingerprint = ANY(ARRAY(SELECT fingerprint FROM adviser_answers WHERE at < $1 ORDER BY at LIMIT $2))
           AND at < $1";
    execute!(tx, SQL, before, limit)
}
