//! Sums of tasks that the figures are read from, and tasks as they were before each change.
//!
//! Whoever writes tasks calls [`keep`] before and [`count`] after, in the same transaction: the first keeps what is about
//! to be replaced, the second writes what the change does to the sums as rows of its own, so that no two changes wait for
//! one sum. [`fold`] adds those rows up. What is read is always the sums and what is not folded yet.

mod compare;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::query::{execute, fetch_all, fetch_one, fetch_optional};
use super::tasks::task_columns;
use super::{Result, Session, Tx};
use crate::faults::{self, Guard};

pub use compare::{Comparison, Difference, Findings, compare, last_comparison, repair};

/// A task that is about to be written.
#[derive(Clone, Copy, Debug)]
pub struct Written<'a> {
    /// The task.
    pub task_id: &'a str,
    /// The version that is replaced; 0 for a new task.
    pub was: i64,
    /// When: from then on the new version holds.
    pub at: DateTime<Utc>,
}

/// The tasks of one write, as the statements below read them.
///
/// They name their rows by arrays: a join is planned while the tables of a new database are empty, as a scan of all their
/// rows, and would stay one while they grow.
pub struct Writing {
    /// By the instant from which the next version holds: most often all have one.
    replaced: BTreeMap<DateTime<Utc>, Vec<Value>>,
    all: String,
}

impl Writing {
    /// These tasks, each once.
    pub fn of<'a>(tasks: impl Iterator<Item = Written<'a>>) -> Self {
        let (mut replaced, mut all) = (BTreeMap::<_, Vec<Value>>::new(), Vec::new());
        for task in tasks {
            let row = json!({"id": task.task_id, "was": task.was});
            if task.was > 0 {
                replaced.entry(task.at).or_default().push(row.clone());
            }
            all.push(row);
        }
        Self { replaced, all: Value::from(all).to_string() }
    }
}

/// Keeps these tasks as they are before they change; they are locked already.
pub async fn keep(tx: &mut Tx, writing: &Writing) -> Result<()> {
    const SQL: &str = concat!(
        "INSERT INTO task_versions (",
        task_columns!(),
        ", valid_to) SELECT ",
        task_columns!(),
        ", $2
         FROM workflow_tasks
         WHERE task_id = ANY(ARRAY(SELECT (e.value ->> 'id') FROM jsonb_array_elements($1::jsonb) AS e))
         ON CONFLICT DO NOTHING"
    );
    for (at, tasks) in &writing.replaced {
        execute!(tx, SQL, Value::from(tasks.clone()).to_string(), at)?;
    }
    Ok(())
}

/// Writes what the change of these tasks does to the sums, after they were written.
pub async fn count(tx: &mut Tx, writing: &Writing) -> Result<()> {
    const NEW: &str = "INSERT INTO rollup_deltas
                (sign, category, status, priority, owner, owner_email, cents, created, due, done, met, spent_ms)
         SELECT 1, category, status, priority, owner, owner_email, cents, created, due, done, met, spent_ms
         FROM task_marks
         WHERE task_id = ANY(ARRAY(SELECT (e.value ->> 'id') FROM jsonb_array_elements($1::jsonb) AS e))";
    // Grouped, so that a change that none of the sums is about leaves nothing. Of the versions those of these tasks and
    // numbers are a range of their key; which number is whose is compared among them.
    const CHANGED: &str = "INSERT INTO rollup_deltas
                (sign, category, status, priority, owner, owner_email, cents, created, due, done, met, spent_ms)
         SELECT sum(m.sign), m.category, m.status, m.priority, m.owner, m.owner_email, m.cents, m.created, m.due, m.done,
                m.met, m.spent_ms
         FROM (SELECT 1 AS sign, t.category, t.status, t.priority, t.owner, t.owner_email, t.cents, t.created, t.due,
                      t.done, t.met, t.spent_ms
               FROM task_marks AS t
               WHERE t.task_id = ANY(ARRAY(SELECT (e.value ->> 'id') FROM jsonb_array_elements($1::jsonb) AS e))
               UNION ALL
               SELECT -1, v.category, v.status, v.priority, v.owner, v.owner_email, v.cents, v.created, v.due,
                      v.done, v.met, v.spent_ms
               FROM version_marks AS v
               WHERE v.task_id = ANY(ARRAY(SELECT (e.value ->> 'id') FROM jsonb_array_elements($1::jsonb) AS e))
                 AND v.version = ANY(ARRAY(SELECT (e.value ->> 'was')::bigint
                                           FROM jsonb_array_elements($1::jsonb) AS e))
                 AND (v.version || ' ' || v.task_id)
                     = ANY(ARRAY(SELECT (e.value ->> 'was') || ' ' || (e.value ->> 'id')
                                 FROM jsonb_array_elements($1::jsonb) AS e))) AS m
         GROUP BY m.category, m.status, m.priority, m.owner, m.owner_email, m.cents, m.created, m.due, m.done, m.met,
                  m.spent_ms
         HAVING sum(m.sign) <> 0";
    execute!(tx, if writing.replaced.is_empty() { NEW } else { CHANGED }, &writing.all)?;
    Ok(())
}

/// How many changes are not added up yet, counted up to `limit`.
pub async fn unfolded(session: &mut Session, limit: i64) -> Result<i64> {
    const SQL: &str = "SELECT count(*) FROM (SELECT 1 AS one FROM rollup_deltas LIMIT $1) AS few";
    let (count,): (i64,) = fetch_one!(session, (i64,), SQL, limit)?;
    Ok(count)
}

/// Adds up to `limit` changes to the sums; how many there were. None if somebody else is at it.
pub async fn fold(tx: &mut Tx, limit: i64) -> Result<u64> {
    const LOCK: &str = "SELECT comparisons FROM rollup_state WHERE one = 1 FOR UPDATE SKIP LOCKED";
    // By their ids, not up to one: a smaller id may be committed between the statements.
    const WHICH: &str = "SELECT id FROM rollup_deltas ORDER BY id LIMIT $1";
    const ADD: &str = "INSERT INTO task_rollups AS r
                (series, width, status, bucket, category, priority, owner, owner_email, n, cents, red, done, due, met,
                 timed, spent_ms)
         SELECT c.series, c.width, c.status, c.bucket, c.category, c.priority, c.owner, c.owner_email, sum(c.n),
                sum(c.cents), sum(c.red), sum(c.done), sum(c.due), sum(c.met), sum(c.timed), sum(c.spent_ms)
         FROM rollup_delta_cells AS c
         WHERE c.id = ANY(ARRAY(SELECT (e.value)::bigint FROM jsonb_array_elements($1::jsonb) AS e))
         GROUP BY c.series, c.width, c.status, c.bucket, c.category, c.priority, c.owner, c.owner_email
         ON CONFLICT (series, width, status, bucket, category, priority, owner, owner_email) DO UPDATE
         SET n = r.n + excluded.n,
             cents = r.cents + excluded.cents,
             red = r.red + excluded.red,
             done = r.done + excluded.done,
             due = r.due + excluded.due,
             met = r.met + excluded.met,
             timed = r.timed + excluded.timed,
             spent_ms = r.spent_ms + excluded.spent_ms";
    const REMOVE: &str = "DELETE FROM rollup_deltas
         WHERE id = ANY(ARRAY(SELECT (e.value)::bigint FROM jsonb_array_elements($1::jsonb) AS e))";
    if fetch_optional!(tx, (i64,), LOCK)?.is_none() {
        return Ok(0);
    }
    let ids: Vec<i64> = fetch_all!(tx, (i64,), WHICH, limit)?.into_iter().map(|(id,)| id).collect();
    let folded = ids.len() as u64;
    if folded > 0 {
        let ids = Value::from(ids).to_string();
        execute!(tx, ADD, &ids)?;
        faults::point("fold.added");
        if faults::is_off(Guard::Fold) {
            execute!(tx, "DELETE FROM rollup_deltas")?;
        }
        execute!(tx, REMOVE, &ids)?;
    }
    Ok(folded)
}
