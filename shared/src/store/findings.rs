//! Traits by which tasks are related, and what was found to be wrong with tasks that share one.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::query::{execute, fetch_all, fetch_optional};
use super::tasks::task_columns;
use super::{Result, Session, Tx};
use crate::domain::finding::{Finding, MOST};
use crate::domain::{Category, Cents, Task};

/// Live tasks that changed at an instant or later, after a place, in the order of their changes.
pub async fn changed(session: &mut Session, after: (DateTime<Utc>, &str), limit: i64) -> Result<Vec<Task>> {
    const SQL: &str = concat!(
        "SELECT ",
        task_columns!(),
        " FROM workflow_tasks
         WHERE deleted_at IS NULL
           AND updated_at >= $1
           AND (updated_at > $1 OR task_id > $2)
         ORDER BY updated_at, task_id
         LIMIT $3"
    );
    fetch_all!(session, Task, SQL, after.0, after.1, limit)
}

/// The people who wrote or got mail of these tasks, as `person:ADDRESS`, at most 40 a task.
pub async fn people(session: &mut Session, task_ids: &[&str]) -> Result<BTreeMap<String, BTreeSet<String>>> {
    const SQL: &str = "SELECT DISTINCT task_id, CAST(people AS text)
         FROM email_links
         WHERE task_id = ANY(ARRAY(SELECT (e.value ->> 'id') FROM jsonb_array_elements($1::jsonb) AS e))";
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (task_id, people) in fetch_all!(session, (String, String), SQL, ids(task_ids))? {
        let people: Vec<String> = serde_json::from_str(&people).unwrap_or_default();
        let known = found.entry(task_id).or_default();
        let addresses = people.into_iter().filter(|person| person.find('@').is_some_and(|at| at > 0));
        known.extend(addresses.take(40 - known.len().min(40)).map(|person| format!("person:{person}")));
    }
    Ok(found)
}

/// Puts these traits of tasks in the place of those they had.
pub async fn set_traits(tx: &mut Tx, tasks: &[(&str, &BTreeSet<String>)]) -> Result<()> {
    const GONE: &str = "DELETE FROM task_traits
         WHERE task_id = ANY(ARRAY(SELECT (e.value ->> 'id') FROM jsonb_array_elements($1::jsonb) AS e))";
    const NEW: &str = "INSERT INTO task_traits (trait, task_id)
         SELECT (e.value ->> 'k'), (e.value ->> 't')
         FROM jsonb_array_elements($1::jsonb) AS e
         WHERE true
         ON CONFLICT DO NOTHING";
    let task_ids: Vec<&str> = tasks.iter().map(|(task_id, _)| *task_id).collect();
    execute!(tx, GONE, ids(&task_ids))?;
    let rows = tasks.iter().flat_map(|(task, traits)| traits.iter().map(move |known| json!({"k": known, "t": task})));
    execute!(tx, NEW, rows.collect::<Value>().to_string()).map(drop)
}

/// Live tasks of the category of orders that have one of these traits, the newest few; of one value if it is given.
pub async fn sharing(session: &mut Session, traits: &[&str], value: Option<Cents>) -> Result<Vec<Task>> {
    const SQL: &str = concat!(
        "SELECT ",
        task_columns!(),
        " FROM workflow_tasks
         WHERE task_id = ANY(ARRAY(SELECT t.task_id FROM task_traits AS t
                                   WHERE t.trait = ANY(ARRAY(SELECT (e.value ->> 'id')
                                                             FROM jsonb_array_elements($1::jsonb) AS e))))
           AND deleted_at IS NULL
           AND workflow_category = $2
           AND ($3::bigint IS NULL OR dollar_value = $3)
         ORDER BY created_at DESC, task_id
         LIMIT $4"
    );
    let category = Category::OrderManagement.as_str();
    fetch_all!(session, Task, SQL, ids(traits), category, value.map(|value| value.0), MOST as i64 + 1)
}

macro_rules! finding_columns {
    () => {
        "id, kind, state, task_ids, detail, found_at, dismissed_by, dismissed_at, reason"
    };
}

/// The finding of this id.
pub async fn lookup(session: &mut Session, id: &str) -> Result<Option<Finding>> {
    const SQL: &str = concat!("SELECT ", finding_columns!(), " FROM workflow_findings WHERE id = $1");
    fetch_optional!(session, Finding, SQL, id)
}

/// The finding of this id, locked until the transaction ends.
pub async fn lock(tx: &mut Tx, id: &str) -> Result<Option<Finding>> {
    const SQL: &str = concat!("SELECT ", finding_columns!(), " FROM workflow_findings WHERE id = $1 FOR UPDATE");
    fetch_optional!(tx, Finding, SQL, id)
}

/// Findings, the newest first; those after a place.
pub async fn list(
    session: &mut Session,
    (state, kind, task_id): (Option<&str>, Option<&str>, Option<&str>),
    after: Option<(DateTime<Utc>, &str)>,
    limit: i64,
) -> Result<Vec<Finding>> {
    const SQL: &str = concat!(
        "SELECT ",
        finding_columns!(),
        " FROM workflow_findings
         WHERE ($1::text IS NULL OR state = $1)
           AND ($2::text IS NULL OR kind = $2)
           AND ($3::text IS NULL OR id = ANY(ARRAY(SELECT finding_id FROM finding_tasks WHERE task_id = $3)))
           AND ($4::timestamptz IS NULL OR found_at < $4 OR (found_at = $4 AND id > $5))
         ORDER BY found_at DESC, id
         LIMIT $6"
    );
    let (at, id) = after.unzip();
    fetch_all!(session, Finding, SQL, state, kind, task_id, at, id.unwrap_or_default(), limit)
}

/// Open findings about a task.
pub async fn open_of(session: &mut Session, task_id: &str) -> Result<Vec<Finding>> {
    const SQL: &str = concat!(
        "SELECT ",
        finding_columns!(),
        " FROM workflow_findings
         WHERE state = 'open'
           AND id = ANY(ARRAY(SELECT finding_id FROM finding_tasks WHERE task_id = $1))
         ORDER BY id"
    );
    fetch_all!(session, Finding, SQL, task_id)
}

/// Open findings of which a task is gone, at most 500.
pub async fn orphaned(session: &mut Session) -> Result<Vec<Finding>> {
    const SQL: &str = concat!(
        "SELECT ",
        finding_columns!(),
        " FROM workflow_findings
         WHERE state = 'open'
           AND id = ANY(ARRAY(SELECT f.finding_id FROM finding_tasks AS f
                              JOIN workflow_tasks AS t ON t.task_id = f.task_id AND t.deleted_at IS NOT NULL))
         ORDER BY id
         LIMIT 500"
    );
    fetch_all!(session, Finding, SQL)
}

/// Writes a finding as it is by now.
pub async fn save(tx: &mut Tx, finding: &Finding) -> Result<()> {
    const SQL: &str = "INSERT INTO workflow_findings
                (id, kind, state, task_ids, detail, found_at, dismissed_by, dismissed_at, reason)
         VALUES ($1, $2, $3, $4::jsonb, $5, $6, $7, $8, $9)
         ON CONFLICT (id) DO UPDATE
         SET state = $3, detail = $5, found_at = $6, dismissed_by = $7, dismissed_at = $8, reason = $9";
    const TASKS: &str = "INSERT INTO finding_tasks (task_id, finding_id)
         SELECT (e.value ->> 'id'), $2
         FROM jsonb_array_elements($1::jsonb) AS e
         WHERE true
         ON CONFLICT DO NOTHING";
    let task_ids: Vec<&str> = finding.task_ids.iter().map(String::as_str).collect();
    execute!(
        tx,
        SQL,
        &finding.id,
        &finding.kind,
        &finding.state,
        json!(finding.task_ids).to_string(),
        &finding.detail,
        finding.found_at,
        &finding.dismissed_by,
        finding.dismissed_at,
        &finding.reason
    )?;
    execute!(tx, TASKS, ids(&task_ids), &finding.id).map(drop)
}

/// Tasks of one trait that are considered, the newest.
const EACH: i64 = 200;

/// Trait and task for live tasks that have one of these traits, at most 200 tasks of each.
pub async fn with_traits(session: &mut Session, traits: &[&str]) -> Result<Vec<(String, String)>> {
    const SQL: &str = "SELECT found.trait, found.task_id
         FROM (SELECT k.trait, k.task_id,
                      row_number() OVER (PARTITION BY k.trait ORDER BY t.updated_at DESC, t.task_id) AS place
               FROM task_traits AS k
               JOIN workflow_tasks AS t ON t.task_id = k.task_id AND t.deleted_at IS NULL
               WHERE k.trait = ANY(ARRAY(SELECT (e.value ->> 'id') FROM jsonb_array_elements($1::jsonb) AS e))) AS found
         WHERE found.place <= $2
         ORDER BY found.task_id, found.trait";
    fetch_all!(session, (String, String), SQL, ids(traits), EACH)
}

/// Numbers and names of live tasks that changed since an instant, the newest 2,000.
pub async fn recent(session: &mut Session, since: DateTime<Utc>) -> Result<Vec<(String, String)>> {
    const SQL: &str = "SELECT task_id, CAST(entities AS text)
         FROM workflow_tasks
         WHERE deleted_at IS NULL
           AND updated_at >= $1
         ORDER BY updated_at DESC, task_id
         LIMIT 2000";
    fetch_all!(session, (String, String), SQL, since)
}

fn ids(ids: &[&str]) -> String {
    Value::from(ids.iter().map(|id| json!({"id": id})).collect::<Vec<_>>()).to_string()
}
