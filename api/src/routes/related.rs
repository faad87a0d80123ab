//! Tasks that may belong to one matter, and why.

use std::collections::{BTreeMap, BTreeSet};

use chrono::DateTime;
use poem::Request;
use poem::web::Data;
use poem_openapi::param::Path;
use poem_openapi::{Object, OpenApi};
use serde::Serialize;
use shared::domain::Entities;
use shared::domain::finding;
use shared::store::tasks::{self, TaskRow};
use shared::store::{Session, findings, mining};

use super::subject;
use crate::app::App;
use crate::openapi::Tag;
use crate::params::{self, Given};
use crate::payload::Answer;
use crate::problem::Problem;

pub(crate) struct RelatedApi;

/// Something two tasks have in common.
#[derive(Clone, Serialize, Object, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct SharedTrait {
    /// `po`, `quote`, `case`, `order`, `part`, `tracking`, `customer` or `person`.
    kind: String,
    /// The number or name without separators, or the address.
    value: String,
}

/// A task that has something in common with another one.
#[derive(Serialize, Object)]
pub(crate) struct RelatedTask {
    /// The task.
    task: TaskRow,
    /// What they have in common.
    shared: Vec<SharedTrait>,
    /// 3 for each number in common, 1 for each part, customer and person.
    score: i64,
}

/// Related tasks.
#[derive(Serialize, Object)]
#[oai(rename = "RelatedTaskList")]
pub(crate) struct Related {
    /// Those that have most in common first; ties by id.
    related: Vec<RelatedTask>,
}

#[OpenApi(prefix_path = "/api/workflow", tag = "Tag::Tasks")]
impl RelatedApi {
    /// List related tasks
    ///
    /// Tasks with a number, a customer or a person in common, of each the 200 that changed last. Numbers and customers are
    /// as they are now, of up to 2,000 tasks that changed since the schedule `pattern-mining` last ran; people are as of
    /// that run.
    #[oai(path = "/related/:task_id", method = "get", operation_id = "listRelatedTasks")]
    async fn list(
        &self,
        app: Data<&App>,
        request: &Request,
        /// The task.
        task_id: Path<String>,
        /// Tasks at most, 1 to 100; 20 by default.
        limit: Given<i64>,
    ) -> Result<Answer<Related>, Problem> {
        let limit = limit.within(request, "limit", 1..=100, 20);
        params::check(request)?;
        let mut session = app.db.read().await?;
        let task_id = subject::live(&mut session, task_id.0).await?;
        let Some(task) = tasks::lookup(&mut session, &task_id).await? else {
            return Err(Problem::not_found("the task"));
        };
        let mut traits = finding::traits(&task.entities);
        let mut people = findings::people(&mut session, &[&task_id]).await?;
        traits.extend(people.remove(&task_id).unwrap_or_default());
        let found = sharing(&mut session, &task_id, &traits).await?;
        let mut ranked: Vec<(i64, String, BTreeSet<String>)> = found
            .into_iter()
            .map(|(id, shared)| (shared.iter().map(|known| weight(known)).sum(), id, shared))
            .collect();
        ranked.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
        ranked.truncate(usize::try_from(limit).unwrap_or(20));
        let ids: Vec<String> = ranked.iter().map(|(_, id, _)| id.clone()).collect();
        let mut rows: BTreeMap<String, TaskRow> =
            tasks::rows_of(&mut session, &ids).await?.into_iter().map(|row| (row.task_id.clone(), row)).collect();
        let related = ranked.into_iter().filter_map(|(score, id, shared)| {
            let shared = shared.iter().filter_map(|known| known.split_once(':')).map(shown).collect();
            Some(RelatedTask { task: rows.remove(&id)?, shared, score })
        });
        Ok(Answer::of(&Related { related: related.collect() }))
    }
}

fn shown((kind, value): (&str, &str)) -> SharedTrait {
    SharedTrait { kind: kind.to_owned(), value: value.to_owned() }
}

fn weight(known: &str) -> i64 {
    let kind = known.split(':').next().unwrap_or_default();
    if ["part", "customer", "person"].contains(&kind) { 1 } else { 3 }
}

/// What each other task has in common with this one: as it was when tasks were last looked at, corrected by those that
/// changed since.
async fn sharing(
    session: &mut Session,
    task_id: &str,
    traits: &BTreeSet<String>,
) -> Result<BTreeMap<String, BTreeSet<String>>, Problem> {
    let asked: Vec<&str> = traits.iter().map(String::as_str).collect();
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (known, other) in findings::with_traits(session, &asked).await? {
        found.entry(other).or_default().insert(known);
    }
    let since = mining::state(session).await?.0.unwrap_or(DateTime::UNIX_EPOCH);
    for (other, entities) in findings::recent(session, since).await? {
        let entities: Entities = serde_json::from_str(&entities).unwrap_or_default();
        let known = found.entry(other).or_default();
        known.retain(|known| known.starts_with("person:"));
        known.extend(finding::traits(&entities).intersection(traits).cloned());
    }
    found.retain(|other, shared| other != task_id && !shared.is_empty());
    Ok(found)
}
