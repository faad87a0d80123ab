//! What callers may say about a change of many tasks, and how it is judged.

use std::collections::HashSet;

use poem_openapi::Object;
use serde_json::Value;
use shared::domain::change::TaskPatch;
use shared::store::tasks::Filter;

use super::super::task_filter::{FilterDoc, filter_of};
use super::super::task_input::{UpdateDoc, UpdateInput};
use crate::body::{Fields, FromFields, read};
use crate::problem::Issue;

/// Tasks of one bulk update.
pub(crate) const MOST: usize = 10_000;

/// A change of many tasks: `ids` or `filter`, not both.
#[derive(Object)]
#[oai(rename = "BulkUpdateRequest")]
pub(crate) struct BulkUpdateDoc {
    /// These tasks, at most 10,000. Unknown and deleted ones are told in the account.
    #[oai(validator(min_items = 1, max_items = 10_000))]
    ids: Option<Vec<String>>,
    /// The tasks that a list with these filters shows, at most 10,000. At least one condition.
    filter: Option<FilterDoc>,
    /// What changes.
    updates: UpdateDoc,
    /// Only tell which tasks are meant.
    #[oai(default)]
    dry_run: bool,
    /// Why, for the history of each task.
    #[oai(validator(max_length = 1000))]
    reason: Option<String>,
}

/// Which tasks are meant.
pub(crate) enum Whom {
    Ids(Vec<String>),
    Filter(Box<Filter>),
}

/// A judged bulk update.
pub(crate) struct BulkInput {
    pub(crate) whom: Whom,
    pub(crate) updates: TaskPatch,
    pub(crate) dry_run: bool,
    pub(crate) reason: Option<String>,
}

impl FromFields for BulkInput {
    type Schema = BulkUpdateDoc;

    fn read(fields: &mut Fields) -> Option<Self> {
        let object = |value: &Value| value.as_object().cloned().ok_or_else(|| "must be an object".to_owned());
        let dry_run = fields.some("dry_run", |value| value.as_bool().ok_or("must be true or false".to_owned()));
        let reason = fields.optional("reason", read::text(1000));
        let ids = fields.optional("ids", read::list(MOST, read::line(200)));
        let filter = fields.optional("filter", object).map(|map| {
            let mut inner = Fields::of(map);
            let filter = filter_of(&mut inner);
            if filter == Filter::default() && inner.issues.is_empty() {
                inner.issues.push(Issue::at("", "must have a condition: to mean all tasks, name their statuses"));
            }
            fields.adopt("filter", inner);
            filter
        });
        let updates = fields.required("updates", object).and_then(|map| {
            let mut inner = Fields::of(map);
            let input = UpdateInput::read(&mut inner);
            if input.as_ref().is_some_and(|input| input.reason.is_some()) {
                inner.note("reason", "belongs beside updates");
            } else if input.as_ref().is_some_and(UpdateInput::is_empty) && inner.issues.is_empty() && inner.is_spent() {
                inner.issues.push(Issue::at("", "names no field to change"));
            }
            fields.adopt("updates", inner);
            input
        });
        let whom = whom(fields, ids, filter);
        Some(Self { whom: whom?, updates: updates?.patch, dry_run: dry_run.unwrap_or(false), reason })
    }
}

fn whom(fields: &mut Fields, ids: Option<Vec<String>>, filter: Option<Filter>) -> Option<Whom> {
    match (ids, filter) {
        (Some(ids), None) if ids.is_empty() => fields.note("ids", "must name a task"),
        (Some(ids), None) => {
            let mut known = HashSet::new();
            let once = ids.iter().filter(|id| known.insert(id.as_str())).cloned().collect();
            return Some(Whom::Ids(once));
        }
        (None, Some(filter)) => return Some(Whom::Filter(Box::new(filter))),
        (Some(_), Some(_)) => fields.note("filter", "cannot be given together with ids"),
        (None, None) if fields.issues.is_empty() => fields.note("ids", "this or filter is required"),
        (None, None) => {}
    }
    None
}
