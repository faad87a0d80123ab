//! Mine patterns, in three steps: read new mail for what could recur, compare changed tasks with those that share a number,
//! find what recurs.
//!
//! Each mail is read once, each change of a task looked at once; the last step goes through all mails four times with
//! tables of a fixed size, and is left out while nothing has changed. A second run finds nothing to do.

mod compare;
mod recur;

use mail::patterns::{EDITION, structures};
use mail::{Format, Limits};
use serde_json::{Value, json};
use shared::jobs::{Done, Handler, JobContext, JobError, MinePatterns};
use shared::store::cases::StoredEmail;
use shared::store::mining;

/// Mails read in one transaction.
const MAILS: i64 = 64;

/// Mines.
pub struct Mine;

impl Handler<MinePatterns> for Mine {
    async fn run(&self, context: JobContext, _: MinePatterns) -> Result<Done, JobError> {
        let read = read_new(&context).await?;
        let findings = compare::changed(&context, read).await?;
        let patterns = recur::find(&context).await?;
        let result = json!({"mails_read": read, "findings": findings, "patterns": patterns});
        Ok(Done::with(context.db().begin().await?, result))
    }
}

/// Reads mails that were not read yet, and gives their number.
async fn read_new(context: &JobContext) -> Result<usize, JobError> {
    let (mut read, mut after) = (0, String::new());
    loop {
        let mails = mining::unread(&mut context.db().read().await?, EDITION, &after, MAILS).await?;
        let Some(last) = mails.last() else { return Ok(read) };
        after.clone_from(&last.id);
        read += mails.len();
        let found = tokio::task::spawn_blocking(move || mails.into_iter().map(structures_of).collect::<Vec<_>>()).await;
        let found = found.map_err(|error| JobError::Retry(error.to_string()))?;
        let mut tx = context.db().begin().await?;
        mining::keep(&mut tx, EDITION, &found).await?;
        context.checkpoint(tx, &json!({"step": "mails", "mails_read": read})).await?;
    }
}

/// A mail that cannot be read any more has nothing that could recur.
fn structures_of(email: StoredEmail) -> (String, Value) {
    let format = if email.format == "json" { Format::Json } else { Format::Rfc822 };
    let read = std::panic::catch_unwind(|| {
        let mail = mail::parse(&email.raw, format, &Limits::default()).ok()?;
        Some(structures(&mail, &mail::analyse(&mail)))
    });
    let found = read.ok().flatten().unwrap_or_default();
    // PostgreSQL's JSON cannot hold NUL.
    let text = serde_json::to_string(&found).expect("structures serialise").replace("\\u0000", "");
    (email.id, serde_json::from_str(&text).unwrap_or_else(|_| json!({})))
}
