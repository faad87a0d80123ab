//! What people say a mail should have been read as. A correction names the mail, so that the mail and the right labels
//! can become a test or training data.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::change::{Actor, Change, TaskPatch, is_person};
use super::task::{Entities, Task};

/// Fields that can be corrected.
pub const FIELDS: [&str; 7] =
    ["workflow_category", "workflow_state", "task_status", "priority", "dollar_value", "entities", "is_noise"];
/// The field that says that a mail makes no task.
pub const IS_NOISE: &str = "is_noise";
/// `source` of what somebody said of a mail.
pub const CORRECT: &str = "correct";
/// `source` of what a change of the task implies.
pub const UPDATE: &str = "update";

/// What one field of a mail should have been read as.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, sqlx::FromRow)]
pub struct Correction {
    /// Its number, in order of writing; 0 before it is written.
    pub id: i64,
    /// The task.
    pub task_id: String,
    /// The mail that was misread.
    pub email_id: String,
    /// `workflow_category`, `workflow_state`, `task_status`, `priority`, `dollar_value`, `entities` or `is_noise`.
    pub field: String,
    /// What the task showed; of entities the lists that the correction names.
    #[sqlx(json)]
    pub said: Value,
    /// What it should have been.
    #[sqlx(json)]
    pub corrected: Value,
    /// `correct` if somebody said so of the mail, `update` if a change of the task implies it.
    pub source: String,
    /// Who says so.
    pub principal: String,
    /// When.
    pub at: DateTime<Utc>,
}

/// Every field that a patch names, as corrections of a mail: to confirm what was read is a label too.
pub fn told(task: &Task, email_id: &str, patch: &TaskPatch, actor: &Actor, now: DateTime<Utc>) -> Vec<Correction> {
    let mut found = Vec::new();
    let mut tell = |field: &str, said: Value, corrected: Option<Value>| {
        let correction = |corrected| one(task, email_id, field, (said, corrected), actor, now);
        found.extend(corrected.map(|corrected| Correction { source: CORRECT.to_owned(), ..correction(corrected) }));
    };
    tell("workflow_category", json!(task.workflow_category), patch.workflow_category.map(|it| json!(it)));
    tell("workflow_state", json!(task.workflow_state), patch.workflow_state.map(|it| json!(it)));
    // The colour the SLA gives is no reading of a mail.
    tell("task_status", json!(task.manual_status), patch.task_status.map(|it| json!(it)));
    tell("priority", json!(task.priority), patch.priority.map(|it| json!(it)));
    tell("dollar_value", json!(task.dollar_value), patch.dollar_value.map(|it| json!(it)));
    if let Some(lists) = &patch.entities {
        let named = |name: &str| lists.as_ref().is_none_or(|lists| lists.contains_key(name));
        let corrected = Entities::LISTS.iter().filter(|name| named(name)).map(|name| {
            let list = lists.as_ref().and_then(|lists| lists.get(*name)).cloned().unwrap_or_default();
            ((*name).to_owned(), json!(list))
        });
        tell("entities", lists_of(task, named), Some(Value::Object(corrected.collect())));
    }
    found
}

/// That a mail makes no task.
pub fn noise(task: &Task, email_id: &str, actor: &Actor, now: DateTime<Utc>) -> Correction {
    let correction = one(task, email_id, IS_NOISE, (json!(false), json!(true)), actor, now);
    Correction { source: CORRECT.to_owned(), ..correction }
}

/// What an ordinary change of a task that mail opened says of that mail: category, numbers and value do not change as
/// work goes on, so that a person who changes them puts a misreading right. Status, state and priority are progress.
pub fn implied(before: &Task, change: &Change, actor: &Actor, now: DateTime<Utc>) -> Vec<Correction> {
    let after = &change.task;
    let (Some(email_id), Some(_)) = (&before.email_id, &before.batch_id) else { return Vec::new() };
    if !is_person(&actor.principal) || after.deleted_at.is_some() {
        return Vec::new();
    }
    let mut found = Vec::new();
    let mut imply = |field: &str, said: Value, corrected: Value| {
        if said != corrected {
            found.push(one(before, email_id, field, (said, corrected), actor, now));
        }
    };
    imply("workflow_category", json!(before.workflow_category), json!(after.workflow_category));
    imply("dollar_value", json!(before.dollar_value), json!(after.dollar_value));
    let (old, new) = (json!(before.entities), json!(after.entities));
    let differs = |name: &str| old[name] != new[name];
    imply("entities", lists_of(before, differs), lists_of(after, differs));
    found
}

fn lists_of(task: &Task, named: impl Fn(&str) -> bool) -> Value {
    let all = json!(task.entities);
    Entities::LISTS.iter().filter(|name| named(name)).map(|name| ((*name).to_owned(), all[*name].clone())).collect()
}

fn one(
    task: &Task,
    email_id: &str,
    field: &str,
    (said, corrected): (Value, Value),
    actor: &Actor,
    at: DateTime<Utc>,
) -> Correction {
    Correction {
        id: 0,
        source: UPDATE.to_owned(),
        task_id: task.task_id.clone(),
        email_id: email_id.to_owned(),
        field: field.to_owned(),
        said,
        corrected,
        principal: actor.principal.clone(),
        at,
    }
}
