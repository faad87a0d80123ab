//! What mail has taught, as one document that its readers write and read.

use chrono::{DateTime, Utc};

use super::query::{execute, fetch_optional};
use super::{Result, Session, Tx};

/// What was kept last, if anything.
pub async fn lookup(session: &mut Session) -> Result<Option<String>> {
    const SQL: &str = "SELECT learned FROM mail_memory WHERE id = 1";
    Ok(fetch_optional!(session, (String,), SQL)?.map(|(learned,)| learned))
}

/// Keeps it in the place of what was there.
pub async fn save(tx: &mut Tx, learned: &str, now: DateTime<Utc>) -> Result<()> {
    const SQL: &str = "INSERT INTO mail_memory (id, learned, at)
         VALUES (1, $1, $2)
         ON CONFLICT (id) DO UPDATE
         SET learned = excluded.learned, at = excluded.at";
    execute!(tx, SQL, learned, now).map(drop)
}
