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
use crate::domain::Counted;
use crate::faults::{self, Guard};

pub use compare::{Comparison, Difference, Findings, compare, last_comparison, repair};

/// A task that is about to be written.
#[derive(Clone, Copy, Debug)]
pub struct Written<'a> {
    /// The task.
    pub task_id: &'a str,
    /// When: from then on the new version holds.
    pub at: DateTime<Utc>,
}

/// Keeps the tasks of a JSON array as they are, until an instant; both are named by their places.
///
/// It names its rows by an array and not by a join: that is planned while the tables of a new database are empty, as a scan
/// of all their rows, and would stay one while they grow.
macro_rules! keep_tasks {
    ($tasks:literal, $at:literal) => {
        concat!(
            "INSERT INTO task_versions (",
            task_columns!(),
            ", valid_to) SELECT ",
            task_columns!(),
            ", ",
            $at,
            " FROM workflow_tasks
             WHERE task_id = ANY(ARRAY(SELECT (e.value ->> 'task_id') FROM jsonb_array_elements(",
            $tasks,
            "::jsonb) AS e))
             ON CONFLICT DO NOTHING"
        )
    };
}
pub(super) use keep_tasks;

/// Writes a JSON array of [`Deltas`], named by its place.
macro_rules! count_deltas {
    ($deltas:literal) => {
        concat!(
            "INSERT INTO rollup_deltas
                (sign, category, status, priority, owner, owner_email, cents, created, due, done, met, spent_ms)
             SELECT (e.value ->> 0)::bigint, (e.value ->> 1), (e.value ->> 2), (e.value ->> 3), (e.value ->> 4),
                    (e.value ->> 5), (e.value ->> 6)::bigint, (e.value ->> 7)::bigint, (e.value ->> 8)::bigint,
                    (e.value ->> 9)::bigint, (e.value ->> 10)::bigint, (e.value ->> 11)::bigint
             FROM jsonb_array_elements(",
            $deltas,
            "::jsonb) AS e"
        )
    };
}
pub(super) use count_deltas;

/// Keeps these tasks as they are before they change; they are locked already.
pub async fn keep(tx: &mut Tx, replaced: impl Iterator<Item = Written<'_>>) -> Result<()> {
    const SQL: &str = keep_tasks!("$1", "$2");
    // Most often all have one instant.
    let mut by_instant = BTreeMap::<_, Vec<Value>>::new();
    for task in replaced {
        by_instant.entry(task.at).or_default().push(json!({"task_id": task.task_id}));
    }
    for (at, tasks) in by_instant {
        execute!(tx, SQL, Value::from(tasks).to_string(), at)?;
    }
    Ok(())
}

/// What changes do to the sums.
#[derive(Debug)]
pub struct Deltas(Vec<Value>);

impl Deltas {
    /// Of tasks, what counted of each and what counts.
    pub fn of<'a>(changes: impl Iterator<Item = (Option<&'a Counted>, Option<Counted>)>) -> Self {
        let mut rows = Vec::new();
        for (was, is) in changes.filter(|(was, is)| *was != is.as_ref()) {
            rows.extend(was.map(|was| delta(-1, was)));
            rows.extend(is.map(|is| delta(1, &is)));
        }
        Self(rows)
    }

    /// As a statement reads them.
    pub(super) fn rows(self) -> String {
        Value::from(self.0).to_string()
    }
}

/// Writes what changes do to the sums.
pub async fn count(tx: &mut Tx, deltas: Deltas) -> Result<()> {
    const SQL: &str = count_deltas!("$1");
    if !deltas.0.is_empty() {
        execute!(tx, SQL, deltas.rows())?;
    }
    Ok(())
}

/// A row of changes, as the view `task_marks` has it of tasks.
fn delta(sign: i64, task: &Counted) -> Value {
    let second = |at: Option<DateTime<Utc>>| at.map(|at| at.timestamp());
    let Counted { category, status, priority, owner, owner_email, .. } = task;
    let spent = task.done().map(|done| (done - task.created_at).num_milliseconds());
    json!([
        sign,
        category,
        status,
        priority,
        owner.as_deref().unwrap_or_default(),
        owner_email.as_deref().unwrap_or_default(),
        task.value.0,
        task.created_at.timestamp(),
        second(task.sla_deadline),
        second(task.done()),
        i64::from(task.met()),
        spent,
    ])
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
