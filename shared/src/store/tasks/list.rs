//! Pages of tasks. A page is one statement, so that its rows and their total are of one instant, and costs the same at any
//! depth: each order has an index in which a cursor is the beginning of a range.

use std::fmt::Write;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use sqlx::AssertSqlSafe;

use super::filter::{Bind, Filter, Where};
use super::row::{Listed, Plain, Show, TaskRow, Wide};
use super::task_columns;
use crate::domain::Task;
use crate::store::db::Target;
use crate::store::dialect;
use crate::store::{Result, Session, StoreError};

/// A page of tasks.
#[derive(Clone, Debug)]
pub struct Listing {
    /// The tasks.
    pub tasks: Vec<Listed>,
    /// How many the filter shows in all, if that was asked for and any is on this page.
    pub total: Option<i64>,
}

/// What a list may be sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    /// Instant of insertion.
    CreatedAt,
    /// Instant of the last change.
    UpdatedAt,
    /// Deadline, nulls last.
    SlaDeadline,
    /// Value.
    DollarValue,
    /// CRITICAL first when ascending.
    Priority,
}

impl Sort {
    /// The sort of this name.
    pub fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "created_at" => Self::CreatedAt,
            "updated_at" => Self::UpdatedAt,
            "sla_deadline" => Self::SlaDeadline,
            "dollar_value" => Self::DollarValue,
            "priority" => Self::Priority,
            _ => return None,
        })
    }

    pub(super) fn column(self) -> &'static str {
        match self {
            Self::CreatedAt => "created_at",
            Self::UpdatedAt => "updated_at",
            Self::SlaDeadline => "sla_deadline",
            Self::DollarValue => "dollar_value",
            Self::Priority => "priority_rank",
        }
    }

    /// Whether tasks may have nothing to be sorted by.
    fn has_nulls(self) -> bool {
        self == Self::SlaDeadline
    }

    /// The row's place in this order.
    pub fn key(self, row: &TaskRow) -> SortKey {
        match self {
            Self::CreatedAt => SortKey::At(row.created_at),
            Self::UpdatedAt => SortKey::At(row.updated_at),
            Self::SlaDeadline => row.sla_deadline.map_or(SortKey::Null, SortKey::At),
            Self::DollarValue => SortKey::Number(row.dollar_value.0),
            Self::Priority => SortKey::Number(row.priority as i64),
        }
    }

    /// The task's place in this order.
    pub fn key_of(self, task: &Task) -> SortKey {
        match self {
            Self::CreatedAt => SortKey::At(task.created_at),
            Self::UpdatedAt => SortKey::At(task.updated_at),
            Self::SlaDeadline => task.sla_deadline.map_or(SortKey::Null, SortKey::At),
            Self::DollarValue => SortKey::Number(task.dollar_value.0),
            Self::Priority => SortKey::Number(task.priority as i64),
        }
    }
}

/// A value a list is sorted by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SortKey {
    /// After all others.
    Null,
    /// An instant.
    At(DateTime<Utc>),
    /// Cents or a rank.
    Number(i64),
}

/// Where a page begins.
#[derive(Clone, Debug)]
pub enum Start {
    /// After so many rows.
    Offset(i64),
    /// After the row with this key and id.
    After(SortKey, String),
}

/// A page of a list.
#[derive(Clone, Debug)]
pub struct Page {
    /// Order.
    pub sort: Sort,
    /// Smallest first.
    pub ascending: bool,
    /// Rows at most.
    pub limit: i64,
    /// Where it begins.
    pub start: Start,
}

/// A composed statement.
struct Statement {
    sql: String,
    binds: Vec<Bind>,
}

impl Statement {
    /// `columns` of a page, and the total if it is wanted, as a last column.
    fn page(columns: &str, filter: &Filter, page: &Page, total: bool) -> Self {
        let mut all = Where::filter(filter);
        let total = if total { format!("({})", count_of(filter, &all)) } else { "NULL::bigint".to_owned() };
        let mut skipped = 0;
        let mut sql = match &page.start {
            Start::After(SortKey::Null, task_id) => {
                all.after(page, &SortKey::Null, task_id);
                format!("SELECT {columns}, {total} AS total FROM workflow_tasks WHERE {}{}", all.sql, order(page))
            }
            Start::After(key, task_id) => {
                let undated = all.clone();
                all.after(page, key, task_id);
                rows(columns, &total, &mut all, &undated, page, 0)
            }
            Start::Offset(rows_before) => {
                skipped = *rows_before;
                let undated = all.clone();
                if page.sort.has_nulls() {
                    all.and("sla_deadline IS NOT NULL");
                }
                rows(columns, &total, &mut all, &undated, page, skipped)
            }
        };
        // Written out: with a bound limit PostgreSQL would plan each call anew, for a tenth of the table.
        let _ = write!(sql, " LIMIT {}", page.limit);
        if skipped > 0 {
            let place = all.bind(Bind::Number(skipped));
            let _ = write!(sql, " OFFSET {place}");
        }
        Self { sql, binds: all.binds }
    }
}

/// Rows in their order. Where some have no value to be sorted by, they come last both ways: no index has them so, but each
/// half is a range of one. `skipped` rows are read beside those of the page.
fn rows(columns: &str, total: &str, dated: &mut Where, undated: &Where, page: &Page, skipped: i64) -> String {
    let order = order(page);
    if !page.sort.has_nulls() {
        return format!("SELECT {columns}, {total} AS total FROM workflow_tasks WHERE {}{order}", dated.sql);
    }
    let (limit, direction) = (page.limit + skipped, direction(page));
    format!(
        "SELECT {columns}, {total} AS total
         FROM (SELECT {columns}
               FROM (SELECT {columns} FROM workflow_tasks WHERE {}{order} LIMIT {limit}) AS dated
               UNION ALL
               SELECT {columns}
               FROM (SELECT {columns} FROM workflow_tasks WHERE {} AND sla_deadline IS NULL{order} LIMIT {limit})
                    AS undated) AS halves
         ORDER BY sla_deadline {direction} NULLS LAST, task_id {direction}",
        dated.sql, undated.sql
    )
}

fn direction(page: &Page) -> &'static str {
    if page.ascending { "ASC" } else { "DESC" }
}

fn order(page: &Page) -> String {
    let (column, direction) = (page.sort.column(), direction(page));
    format!(" ORDER BY {column} {direction}, task_id {direction}")
}

/// Runs a composed statement; `$run` finishes the query.
macro_rules! composed {
    ($session:expr, $row:ty, $statement:expr, $run:ident) => {{
        let Statement { sql, binds } = $statement;
        match $session.target() {
            Target::Pg(c) => {
                let mut query = sqlx::query_as::<_, $row>(AssertSqlSafe(sql));
                for bind in binds {
                    query = match bind {
                        Bind::Text(text) => query.bind(text),
                        Bind::Number(number) => query.bind(number),
                        Bind::At(at) => query.bind(at),
                    };
                }
                query.$run(c).await
            }
            Target::Sqlite(c) => {
                // Differs because an element of a SQLite JSON array is its value already.
                let sql = dialect::rewrite(&sql).replace("(e.value #>> '{}')", "e.value");
                let mut query = sqlx::query_as::<_, $row>(AssertSqlSafe(sql));
                for bind in binds {
                    query = match bind {
                        Bind::Text(text) => query.bind(text),
                        Bind::Number(number) => query.bind(number),
                        Bind::At(at) => query.bind(at),
                    };
                }
                query.$run(c).await
            }
        }
        .map_err(StoreError::from)
    }};
}

/// A page of tasks.
pub async fn list(session: &mut Session, filter: &Filter, page: &Page, show: &Show) -> Result<Listing> {
    let mut columns = TaskRow::FIELDS.join(", ");
    if show.further.is_empty() {
        let found = composed!(session, Plain, Statement::page(&columns, filter, page, show.total), fetch_all)?;
        let total = found.first().and_then(|first| first.total);
        return Ok(Listing { tasks: found.into_iter().map(|plain| plain.row.into()).collect(), total });
    }
    for field in &show.further {
        let _ = write!(columns, ", {field}");
    }
    let found = composed!(session, Wide, Statement::page(&columns, filter, page, show.total), fetch_all)?;
    let total = found.first().and_then(|first| first.total);
    let tasks = found.into_iter().map(|wide| Listed::wide(wide, &show.further)).collect();
    Ok(Listing { tasks, total })
}

/// A page of whole tasks.
pub async fn walk(session: &mut Session, filter: &Filter, page: &Page) -> Result<Vec<Task>> {
    composed!(session, Task, Statement::page(task_columns!(), filter, page, false), fetch_all)
}

/// The ids of the newest tasks that a filter shows, so many at most.
pub async fn ids(session: &mut Session, filter: &Filter, limit: i64) -> Result<Vec<String>> {
    let page = Page { sort: Sort::CreatedAt, ascending: false, limit, start: Start::Offset(0) };
    let found = composed!(session, (String,), Statement::page("task_id", filter, &page, false), fetch_all)?;
    Ok(found.into_iter().map(|(task_id,)| task_id).collect())
}

/// These tasks as a list shows them, those that are there; in the order of their ids.
pub async fn rows_of(session: &mut Session, task_ids: &[String]) -> Result<Vec<TaskRow>> {
    let sql = format!(
        "SELECT {}
         FROM workflow_tasks
         WHERE task_id = ANY(ARRAY(SELECT (e.value ->> 'id') FROM jsonb_array_elements($1::jsonb) AS e))
           AND deleted_at IS NULL
         ORDER BY task_id",
        TaskRow::FIELDS.join(", ")
    );
    let wanted = Value::from(task_ids.iter().map(|id| json!({"id": id})).collect::<Vec<_>>()).to_string();
    composed!(session, TaskRow, Statement { sql, binds: vec![Bind::Text(wanted)] }, fetch_all)
}

/// Counts the tasks a filter shows: from the sums, if it asks only for what these are kept by.
fn count_of(filter: &Filter, all: &Where) -> String {
    if !filter.is_of_totals() {
        return format!("SELECT count(*) FROM workflow_tasks WHERE {}", all.sql);
    }
    // Its conditions hold for the sums under the tasks' names.
    let columns = "status AS task_status, category AS workflow_category, priority, NULL AS deleted_at";
    format!(
        "SELECT CAST(COALESCE(sum(n), 0) AS bigint)
         FROM (SELECT n, {columns} FROM task_rollups WHERE series = 'all'
               UNION ALL
               SELECT sign AS n, {columns} FROM rollup_deltas) AS totals
         WHERE {}",
        all.sql
    )
}

/// The number of tasks a filter shows.
pub async fn count(session: &mut Session, filter: &Filter) -> Result<i64> {
    let all = Where::filter(filter);
    let sql = count_of(filter, &all);
    let (count,) = composed!(session, (i64,), Statement { sql, binds: all.binds }, fetch_one)?;
    Ok(count)
}
