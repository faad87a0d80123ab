//! What is attached to the mails of a task.

use serde::{Deserialize, Serialize};

use super::query::fetch_all;
use super::{Result, Session};

/// An attachment as its mail describes it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Attached {
    /// Its name, by the mail's word.
    pub name: Option<String>,
    /// Its type, by the mail's word.
    pub content_type: String,
    /// Bytes when decoded.
    pub size: i64,
}

/// A mail with its attachments, in their order.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct MailWithAttachments {
    /// The mail.
    pub email_id: String,
    /// At least one.
    #[sqlx(json)]
    pub attachments: Vec<Attached>,
}

/// Mails of a task that have attachments, oldest first; those after the mail `after`.
pub async fn list(
    session: &mut Session,
    task_id: &str,
    after: Option<&str>,
    limit: i64,
) -> Result<Vec<MailWithAttachments>> {
    const SQL: &str = "SELECT id AS email_id, attachments
         FROM emails
         WHERE task_id = $1
           AND attachments <> '[]'
           AND ($2::text IS NULL
                OR (received_at, batch_id, position)
                   > (SELECT a.received_at, a.batch_id, a.position FROM emails AS a WHERE a.id = $2))
         ORDER BY received_at, batch_id, position
         LIMIT $3";
    fetch_all!(session, MailWithAttachments, SQL, task_id, after, limit)
}
