//! The task that a resource below it is about.

use shared::store::{Session, cases, tasks};

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
        Some(true) => Err(gone(session, &task_id).await?),
        Some(false) => Ok(task_id),
    }
}

/// 410 for a task that is gone, with the task it ended in if it was merged.
pub(super) async fn gone(session: &mut Session, task_id: &str) -> Result<Problem, Problem> {
    let merged_into = cases::survivor(session, task_id).await?;
    let detail = merged_into.as_ref().map(|left| format!("the task was merged into {left}"));
    let gone = Problem::gone("the task");
    Ok(Problem { detail: detail.unwrap_or_else(|| gone.detail.clone()), merged_into, ..gone })
}
