//! Open tasks that may be given to somebody: those without an owner, and those whose owner has left them.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::task_columns;
use crate::domain::assign::{Demand, Mailboxes};
use crate::domain::{Task, assign};
use crate::store::query::fetch_all;
use crate::store::{Result, Session, Tx};

/// Tasks that are looked at together.
pub const TOGETHER: usize = 200;

/// Open tasks of a category and, unless `$2` is null, of some mailboxes, in the order of [`assign::order`].
/// The limit is a literal, because a bound one makes PostgreSQL plan for a tenth of the table.
macro_rules! open_tasks {
    ($owner:literal, $lock:literal) => {
        concat!(
            "SELECT ",
            task_columns!(),
            " FROM workflow_tasks
             WHERE workflow_category = $1
               AND ($2::text IS NULL OR COALESCE(mailbox_source, '') = ANY(ARRAY(SELECT (e.value ->> 'name')
                                                    FROM jsonb_array_elements($2::jsonb) AS e)))
               AND task_status <> 'COMPLETED'
               AND deleted_at IS NULL
               AND ",
            $owner,
            " ORDER BY priority_rank, (sla_deadline IS NULL), sla_deadline, created_at, task_id
             LIMIT 200",
            $lock
        )
    };
}

/// The first tasks that wait for an owner, at most [`TOGETHER`].
pub async fn waiting(session: &mut Session, demands: &[Demand]) -> Result<Vec<Task>> {
    const SQL: &str = open_tasks!("current_owner IS NULL", "");
    let mut found = Vec::new();
    for Demand { category, mailboxes } in demands {
        found.extend(fetch_all!(session, Task, SQL, *category, names(mailboxes))?);
    }
    Ok(first(found))
}

/// The first tasks that wait for an owner or were given to one of `leaves` before the instant beside their name, at most
/// [`TOGETHER`], locked; those that are being changed are left to their change.
pub async fn lock_waiting(tx: &mut Tx, demands: &[Demand], leaves: &[(&str, DateTime<Utc>)]) -> Result<Vec<Task>> {
    const FREE: &str = open_tasks!("current_owner IS NULL", " FOR UPDATE SKIP LOCKED");
    const LEFT: &str = open_tasks!("current_owner = $3 AND assigned_date < $4", " FOR UPDATE SKIP LOCKED");
    let mut found = Vec::new();
    for Demand { category, mailboxes } in demands {
        let names = names(mailboxes);
        found.extend(fetch_all!(tx, Task, FREE, *category, &names)?);
        for (owner, since) in leaves {
            found.extend(fetch_all!(tx, Task, LEFT, *category, &names, *owner, *since)?);
        }
    }
    Ok(first(found))
}

fn names(mailboxes: &Mailboxes) -> Option<String> {
    let Mailboxes::These(named) = mailboxes else { return None };
    let name = |name: &Option<String>| json!({"name": name.as_deref().unwrap_or_default()});
    Some(named.iter().map(name).collect::<Value>().to_string())
}

/// Each list was as long as the whole may be, so that nothing is missing among the first.
fn first(mut found: Vec<Task>) -> Vec<Task> {
    found.sort_by(assign::order);
    found.truncate(TOGETHER);
    found
}
