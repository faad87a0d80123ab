//! What a key that is limited to some mailboxes may see.

use serde_json::json;

use super::query::fetch_one;
use super::{Result, Session};

/// What one can be asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// A task, deleted or not.
    Task,
    /// A mail.
    Email,
    /// A batch.
    Batch,
}

/// Condition that a column is one of the names in `$n`, a list of objects; of those statements that take it, null means all.
macro_rules! within {
    ($column:literal, $list:literal) => {
        concat!(
            "EXISTS (SELECT 1 FROM jsonb_array_elements((",
            $list,
            "::text)::jsonb) AS m WHERE (m.value ->> 'mailbox') = ",
            $column,
            ")"
        )
    };
}
pub(super) use within;

/// The mailboxes as statements take them.
pub(super) fn list(mailboxes: &[String]) -> String {
    mailboxes.iter().map(|mailbox| json!({"mailbox": mailbox})).collect::<serde_json::Value>().to_string()
}

/// Whether what has this id is there, and belongs to one of the mailboxes.
pub async fn covers(session: &mut Session, subject: Subject, id: &str, mailboxes: &[String]) -> Result<bool> {
    const TASK: &str =
        concat!("SELECT count(*) FROM workflow_tasks WHERE task_id = $1 AND ", within!("mailbox_source", "$2"));
    const EMAIL: &str = concat!("SELECT count(*) FROM emails WHERE id = $1 AND ", within!("mailbox", "$2"));
    const BATCH: &str = concat!("SELECT count(*) FROM batches WHERE id = $1 AND ", within!("mailbox", "$2"));
    let sql = match subject {
        Subject::Task => TASK,
        Subject::Email => EMAIL,
        Subject::Batch => BATCH,
    };
    let (count,) = fetch_one!(session, (i64,), sql, id, list(mailboxes))?;
    Ok(count == 1)
}
