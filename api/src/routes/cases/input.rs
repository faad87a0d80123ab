//! What callers may say about merging and splitting, and how it is judged.

use std::collections::HashSet;

use poem_openapi::Object;

use crate::body::{Fields, FromFields, read};

/// Tasks of one merge.
const TASKS: usize = 50;
/// Mails of one split.
const MAILS: usize = 500;

/// Tasks that are one matter.
#[derive(Object)]
#[oai(rename = "MergeTasksRequest")]
pub(crate) struct MergeDoc {
    /// The task that is left.
    #[oai(validator(min_length = 1, max_length = 200))]
    into: String,
    /// The tasks that end in it, at most 50.
    #[oai(validator(min_items = 1, max_items = 50))]
    from: Vec<String>,
    /// Why, for the history of each task.
    #[oai(validator(max_length = 1000))]
    reason: Option<String>,
}

/// A judged merge.
pub(crate) struct MergeInput {
    pub(crate) into: String,
    pub(crate) from: Vec<String>,
    pub(crate) reason: Option<String>,
}

impl FromFields for MergeInput {
    type Schema = MergeDoc;

    fn read(fields: &mut Fields) -> Option<Self> {
        let into = fields.required("into", read::line(200));
        let from = fields.required("from", read::list(TASKS, read::line(200)));
        let reason = fields.optional("reason", read::text(1000));
        let (into, from) = (into?, once(from?));
        if from.is_empty() {
            fields.note("from", "must name a task");
        }
        if from.contains(&into) {
            fields.note("from", "must not name the task that is left");
        }
        Some(Self { into, from, reason })
    }
}

/// Mails that are a matter of their own.
#[derive(Object)]
#[oai(rename = "SplitTaskRequest")]
pub(crate) struct SplitDoc {
    /// Ids of the mails, at most 500.
    #[oai(validator(min_items = 1, max_items = 500))]
    emails: Vec<String>,
    /// Title of the new task; else its first mail says it.
    #[oai(validator(min_length = 1, max_length = 500))]
    title: Option<String>,
    /// Why, for the history of both tasks.
    #[oai(validator(max_length = 1000))]
    reason: Option<String>,
}

/// A judged split.
pub(crate) struct SplitInput {
    pub(crate) emails: Vec<String>,
    pub(crate) title: Option<String>,
    pub(crate) reason: Option<String>,
}

impl FromFields for SplitInput {
    type Schema = SplitDoc;

    fn read(fields: &mut Fields) -> Option<Self> {
        let emails = fields.required("emails", read::list(MAILS, read::line(200)));
        let title = fields.optional("title", read::line(500));
        let reason = fields.optional("reason", read::text(1000));
        let emails = once(emails?);
        if emails.is_empty() {
            fields.note("emails", "must name a mail");
        }
        Some(Self { emails, title, reason })
    }
}

fn once(ids: Vec<String>) -> Vec<String> {
    let mut known = HashSet::new();
    ids.into_iter().filter(|id| known.insert(id.clone())).collect()
}
