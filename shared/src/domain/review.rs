//! Tasks whose mail could not be read with confidence: marked when mail opens them, until a person has looked.

use super::change::TaskPatch;
use super::task::{Analysis, Explanation, Task};

/// The label of a task that somebody should look at.
pub const TAG: &str = "review";
/// Confidence below which a task is marked, unless the operator says otherwise; between 0 and 1.
pub const BELOW: f64 = 0.5;

/// Why a reading of this confidence needs a look; `None` if it needs none.
pub fn reason(confidence: f64, below: f64) -> Option<Explanation> {
    let rule = format!("confidence below {below:.2}");
    (confidence < below).then_some(Explanation { rule, span: None, confidence: confidence as f32 })
}

/// Enters the reason and gives the labels the task begins with.
pub(super) fn mark(analysis: &mut Analysis, confidence: f64, below: f64) -> Vec<String> {
    let Some(reason) = reason(confidence, below) else { return Vec::new() };
    analysis.insert(TAG.to_owned(), reason);
    vec![TAG.to_owned()]
}

/// Takes the label off a task that mail opened, once a person has spoken on what the mail was read for. To say the same
/// as the mail is to agree, and has the same effect. A label that the person sets themselves stays.
pub(super) fn settle(before: &Task, task: &mut Task, patch: &TaskPatch) {
    let marked = before.analysis.contains_key(TAG) && before.tags.iter().any(|tag| tag == TAG);
    if marked && speaks(patch) {
        task.tags.retain(|tag| tag != TAG);
    }
}

fn speaks(patch: &TaskPatch) -> bool {
    patch.workflow_category.is_some()
        || patch.task_status.is_some()
        || patch.workflow_state.is_some()
        || patch.priority.is_some()
        || patch.entities.is_some()
        || patch.dollar_value.is_some()
}
