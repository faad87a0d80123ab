//! Who is told of deadlines by mail.

mod digests;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

pub use self::digests::{
    DigestRow, DigestState, Line, NewLine, NoticeRow, add_lines, adopt, advance, end, freeze, is_behind, lines,
    lock_cursor, lock_digest, newest_event, notices, open, prune,
};
use super::query::{execute, fetch_all, fetch_one, fetch_optional};
use super::{Result, Session, Tx};
use crate::domain::notification::{Interests, Mode, Notice, QuietHours};

/// Somebody who is told of deadlines.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct RecipientRow {
    /// Their id.
    pub id: String,
    /// Where mail reaches them.
    pub address: String,
    /// Their name.
    pub name: Option<String>,
    /// Owners of the tasks they are told of; none means any.
    #[sqlx(json)]
    pub owners: Vec<String>,
    /// Categories; none means any.
    #[sqlx(json)]
    pub categories: Vec<String>,
    /// Mailboxes; none means any.
    #[sqlx(json)]
    pub mailboxes: Vec<String>,
    /// What they are told of.
    #[sqlx(json)]
    pub events: Vec<Notice>,
    /// When.
    pub mode: Mode,
    /// When digests are sent, as a cron expression.
    pub cron: Option<String>,
    /// IANA zone the expression is read in.
    pub tz: Option<String>,
    /// Hours without mail.
    #[sqlx(json(nullable))]
    pub quiet: Option<QuietHours>,
    /// Whether they are told of nothing for now.
    pub paused: bool,
    /// When they were added.
    pub created_at: DateTime<Utc>,
    /// By whom.
    pub created_by: String,
    /// When that was last changed.
    pub updated_at: DateTime<Utc>,
}

impl RecipientRow {
    /// What they want to be told of.
    pub fn interests(&self) -> Interests {
        Interests {
            events: self.events.clone(),
            owners: self.owners.clone(),
            categories: self.categories.clone(),
            mailboxes: self.mailboxes.clone(),
        }
    }
}

macro_rules! recipient_columns {
    () => {
        "id, address, name, owners, categories, mailboxes, events, mode, cron, tz, quiet, paused, created_at, created_by,
         updated_at"
    };
}

/// All recipients, oldest first.
pub async fn list(session: &mut Session) -> Result<Vec<RecipientRow>> {
    const SQL: &str = concat!("SELECT ", recipient_columns!(), " FROM notification_recipients ORDER BY id");
    fetch_all!(session, RecipientRow, SQL)
}

/// The recipient of this id.
pub async fn lookup(session: &mut Session, id: &str) -> Result<Option<RecipientRow>> {
    const SQL: &str = concat!("SELECT ", recipient_columns!(), " FROM notification_recipients WHERE id = $1");
    fetch_optional!(session, RecipientRow, SQL, id)
}

/// How many there are.
pub async fn count(session: &mut Session) -> Result<i64> {
    let (count,): (i64,) = fetch_one!(session, (i64,), "SELECT count(*) FROM notification_recipients")?;
    Ok(count)
}

/// Adds a recipient, who is told of what happens from now on.
pub async fn insert(tx: &mut Tx, recipient: &RecipientRow) -> Result<()> {
    // While there is nobody, nobody moves the cursor.
    const CATCH_UP: &str = "UPDATE notification_cursor
         SET last_id = (SELECT last_id FROM event_cursor WHERE one = 1)
         WHERE one = 1
           AND NOT EXISTS (SELECT 1 FROM notification_recipients)";
    const SQL: &str =
        "INSERT INTO notification_recipients (id, address, name, owners, categories, mailboxes, events, mode,
                                                            cron, tz, quiet, paused, created_at, created_by, updated_at)
         SELECT (e.value ->> 'id'), (e.value ->> 'address'), (e.value ->> 'name'), (e.value -> 'owners'),
                (e.value -> 'categories'), (e.value -> 'mailboxes'), (e.value -> 'events'), (e.value ->> 'mode'),
                (e.value ->> 'cron'), (e.value ->> 'tz'), $2::jsonb, $3, $4, (e.value ->> 'created_by'), $4
         FROM jsonb_array_elements($1::jsonb) AS e";
    execute!(tx, CATCH_UP)?;
    execute!(tx, SQL, row(recipient), quiet(recipient), recipient.paused, recipient.created_at).map(drop)
}

/// Writes what may be changed of a recipient; `false` if there is none.
pub async fn save(tx: &mut Tx, recipient: &RecipientRow, now: DateTime<Utc>) -> Result<bool> {
    const SQL: &str = "UPDATE notification_recipients
         SET address = (e.value ->> 'address'), name = (e.value ->> 'name'), owners = (e.value -> 'owners'),
             categories = (e.value -> 'categories'), mailboxes = (e.value -> 'mailboxes'), events = (e.value -> 'events'),
             mode = (e.value ->> 'mode'), cron = (e.value ->> 'cron'), tz = (e.value ->> 'tz'), quiet = $2::jsonb,
             paused = $3, updated_at = $4
         FROM jsonb_array_elements($1::jsonb) AS e
         WHERE notification_recipients.id = (e.value ->> 'id')";
    Ok(execute!(tx, SQL, row(recipient), quiet(recipient), recipient.paused, now)? == 1)
}

/// Removes a recipient with what waits for them.
pub async fn delete(tx: &mut Tx, id: &str) -> Result<bool> {
    Ok(execute!(tx, "DELETE FROM notification_recipients WHERE id = $1", id)? == 1)
}

fn row(recipient: &RecipientRow) -> String {
    let RecipientRow { id, address, name, owners, categories, mailboxes, events, mode, cron, tz, created_by, .. } =
        recipient;
    json!([{
        "id": id, "address": address, "name": name, "owners": owners, "categories": categories, "mailboxes": mailboxes,
        "events": events, "mode": mode, "cron": cron, "tz": tz, "created_by": created_by,
    }])
    .to_string()
}

fn quiet(recipient: &RecipientRow) -> Option<String> {
    recipient.quiet.as_ref().map(|quiet| json!(quiet).to_string())
}

/// Rows for a statement over a JSON array.
fn rows(items: impl Iterator<Item = Value>) -> Option<String> {
    let rows: Vec<Value> = items.collect();
    (!rows.is_empty()).then(|| Value::from(rows).to_string())
}
