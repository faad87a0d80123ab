//! The task that a resource below it is about.

use shared::store::{Session, tasks};

use crate::problem::Problem;

/// Longest id that is looked for.
const ID: usize = 200;

/// An id as it may be looked for or written into a job.
///
/// # Errors
/// 404 for `what`: no id is longer or has a NUL, which the databases do not take.
pub(super) fn known(id: String, what: &str) -> Result<String, Problem> {
    if id.len() <= ID && !id.contains('\0') { Ok(id) } else { Err(Problem::not_found(what)) }
}

/// The id of a task that is there.
///
/// # Errors
/// 404 if there never was one, 410 if it was deleted.
pub(super) async fn live(session: &mut Session, task_id: String) -> Result<String, Problem> {
    let task_id = known(task_id, "the task")?;
    match tasks::is_deleted(session, &task_id).await? {
        None => Err(Problem::not_found("the task")),
        Some(true) => Err(Problem::gone("the task")),
        Some(false) => Ok(task_id),
    }
}
