//! What is asked about mails, and written of them, many at a time.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::EmailOutcome;
use crate::store::dialect::instant;
use crate::store::query::{execute, fetch_all};
use crate::store::{Result, Session, Tx};

/// The earlier copy of each of these bytes, by their SHA-256, and no copy of a copy: a mail that is put back to work may have
/// copies. Broken mails of one batch are each kept for themselves.
pub async fn same_bytes(session: &mut Session, sha256: &[&str], batch_id: &str) -> Result<HashMap<String, String>> {
    const SQL: &str = "SELECT found.sha256, found.id
         FROM (SELECT m.sha256, m.id,
                      row_number() OVER (PARTITION BY m.sha256 ORDER BY m.received_at, m.position) AS place
               FROM jsonb_array_elements($1::jsonb) AS e
               JOIN emails AS m ON m.sha256 = (e.value ->> 'k')
               WHERE m.outcome NOT IN ('pending', 'duplicate')
                 AND (m.batch_id <> $2 OR m.outcome <> 'quarantined')) AS found
         WHERE found.place = 1";
    let keys = Value::from(sha256.iter().map(|key| json!({"k": key})).collect::<Vec<_>>()).to_string();
    Ok(fetch_all!(session, (String, String), SQL, keys, batch_id)?.into_iter().collect())
}

/// A content that is looked for: under the same Message-ID, or sent within days of it.
#[derive(Clone, Debug)]
pub struct SameContent<'a> {
    /// Which of those asked about; comes back with the answer.
    pub place: usize,
    /// Identity of the content.
    pub fingerprint: &'a str,
    /// Its Message-ID.
    pub message_id: Option<&'a str>,
    /// Between which instants a copy under another Message-ID was sent.
    pub sent: (DateTime<Utc>, DateTime<Utc>),
}

/// The earlier mail with each of these contents, where there is one.
pub async fn same_content(session: &mut Session, sought: &[SameContent<'_>]) -> Result<HashMap<usize, String>> {
    const SQL: &str = "SELECT found.asked, found.id
         FROM (SELECT (e.value ->> 'place')::bigint AS asked, m.id,
                      row_number() OVER (PARTITION BY (e.value ->> 'place') ORDER BY m.received_at, m.position) AS place
               FROM jsonb_array_elements($1::jsonb) AS e
               JOIN emails AS m ON m.fingerprint = (e.value ->> 'k')
               WHERE m.outcome NOT IN ('pending', 'duplicate')
                 AND (m.message_id = (e.value ->> 'id')
                      OR m.sent_at IS NULL
                      OR m.sent_at BETWEEN (e.value ->> 'from')::timestamptz AND (e.value ->> 'to')::timestamptz)) AS found
         WHERE found.place = 1";
    let row = |one: &SameContent<'_>| {
        let (from, to) = (instant(one.sent.0), instant(one.sent.1));
        json!({"place": one.place, "k": one.fingerprint, "id": one.message_id, "from": from, "to": to})
    };
    let rows = Value::from(sought.iter().map(row).collect::<Vec<_>>()).to_string();
    Ok(fetch_all!(session, (i64, String), SQL, rows)?.into_iter().map(|(place, id)| (place as usize, id)).collect())
}

/// Records what was found out about mails.
pub async fn record(tx: &mut Tx, found: &[(&str, EmailOutcome)]) -> Result<()> {
    const SQL: &str = "UPDATE emails
         SET outcome = (e.value ->> 'outcome'), reason = (e.value ->> 'reason'), message_id = (e.value ->> 'message_id'),
             fingerprint = (e.value ->> 'fingerprint'), subject = (e.value ->> 'subject'), sender = (e.value ->> 'sender'),
             recipients = (e.value -> 'recipients'), sent_at = (e.value ->> 'sent_at')::timestamptz,
             attachments = (e.value -> 'attachments'), task_id = (e.value ->> 'task_id'),
             duplicate_of = (e.value ->> 'duplicate_of'), flood_key = (e.value ->> 'flood_key'),
             flood_at = (e.value ->> 'flood_at')::timestamptz
         FROM jsonb_array_elements($1::jsonb) AS e
         WHERE emails.id = (e.value ->> 'id')";
    let row = |(id, found): &(&str, EmailOutcome)| {
        let attachments = if found.attachments.is_null() { json!([]) } else { found.attachments.clone() };
        json!({
            "id": id, "outcome": found.outcome, "reason": found.reason, "message_id": found.message_id,
            "fingerprint": found.fingerprint, "subject": found.subject, "sender": found.sender,
            "recipients": found.recipients, "sent_at": found.sent_at.map(instant), "attachments": attachments,
            "task_id": found.task_id, "duplicate_of": found.duplicate_of,
            "flood_key": found.flood.as_ref().map(|(key, _)| key),
            "flood_at": found.flood.as_ref().map(|(_, at)| instant(*at)),
        })
    };
    let rows = Value::from(found.iter().map(row).collect::<Vec<_>>()).to_string();
    execute!(tx, SQL, rows).map(drop)
}

/// The keys by which later mail finds a mail's task.
#[derive(Clone, Debug)]
pub struct NewLinks {
    /// Such as `id:<message id>` or `po:45018823`.
    pub keys: Vec<String>,
    /// The task.
    pub task_id: String,
    /// The mail.
    pub email_id: String,
    /// Addresses of the mail.
    pub people: Vec<String>,
    /// When it was sent.
    pub at: DateTime<Utc>,
}

/// Stores the keys of mails that belong to tasks.
pub async fn add_links(tx: &mut Tx, links: &[NewLinks]) -> Result<()> {
    const SQL: &str = "INSERT INTO email_links (key, task_id, email_id, people, at)
         SELECT (e.value ->> 'k'), (e.value ->> 'task'), (e.value ->> 'email'), (e.value -> 'people'),
                (e.value ->> 'at')::timestamptz
         FROM jsonb_array_elements($1::jsonb) AS e
         WHERE true
         ON CONFLICT DO NOTHING";
    let rows = links.iter().flat_map(|NewLinks { keys, task_id, email_id, people, at }| {
        let at = instant(*at);
        keys.iter().map(move |key| json!({"k": key, "task": task_id, "email": email_id, "people": people, "at": at}))
    });
    let rows: Vec<Value> = rows.collect();
    if rows.is_empty() {
        return Ok(());
    }
    execute!(tx, SQL, Value::from(rows).to_string()).map(drop)
}
