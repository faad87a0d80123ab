//! Pages of tasks. A page is one statement, so that its rows and their total are of one instant, and costs the same at any
//! depth: each order has an index in which a cursor is the beginning of a range.

use std::fmt::Write;

use chrono::{DateTime, Utc};
use serde::ser::{SerializeMap, Serializer};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sqlx::AssertSqlSafe;

use super::filter::{Bind, Filter, Where};
use super::task_columns;
use crate::domain::task::Analysis;
use crate::domain::{Category, Cents, Entities, Priority, SlaState, Status, Task, WorkflowState};
use crate::store::db::Target;
use crate::store::dialect;
use crate::store::query::fetch_all;
use crate::store::{Result, Session, StoreError};

/// Declares what a list shows: the fields of every row, and those that are shown if asked for.
macro_rules! columns {
    (
        $(#[$meta:meta])* struct $row:ident { $($(#[$field_meta:meta])* $field:ident: $type:ty,)+ }
        $(#[$further_meta:meta])* struct $further:ident { $($(#[$more_meta:meta])* $more:ident: $more_type:ty,)+ }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug, Serialize, poem_openapi::Object, sqlx::FromRow)]
        pub struct $row { $($(#[$field_meta])* pub $field: $type,)+ }

        impl $row {
            /// The fields of every row.
            pub const FIELDS: &'static [&'static str] = &[$(stringify!($field)),+];
        }

        $(#[$further_meta])*
        #[derive(Clone, Debug, Default, sqlx::FromRow)]
        struct $further { $($(#[$more_meta])* #[sqlx(default)] $more: $more_type,)+ }

        impl $further {
            const FIELDS: &'static [&'static str] = &[$(stringify!($more)),+];

            fn write<M: SerializeMap>(&self, field: &'static str, map: &mut M) -> std::result::Result<(), M::Error> {
                match field {
                    $(stringify!($more) => map.serialize_entry(field, &self.$more),)+
                    _ => Ok(()),
                }
            }
        }
    };
}

columns! {
    /// What a list shows of a task by default.
    struct TaskRow {
        /// `TASK-<unix milliseconds>-<random>`.
        task_id: String,
        /// One line.
        title: String,
        /// What it is about.
        workflow_category: Category,
        /// Its colour.
        task_status: Status,
        /// How far it has come.
        workflow_state: WorkflowState,
        /// How soon.
        priority: Priority,
        /// Who works on it.
        current_owner: Option<String>,
        /// Their address.
        owner_email: Option<String>,
        /// Value at stake.
        dollar_value: Cents,
        /// When it is due.
        sla_deadline: Option<DateTime<Utc>>,
        /// Where it stands against its deadline.
        sla_state: SlaState,
        /// When it was inserted.
        created_at: DateTime<Utc>,
        /// When it last changed.
        updated_at: DateTime<Utc>,
        /// When it was completed.
        completion_date: Option<DateTime<Utc>>,
        /// The mailbox its mail came to.
        mailbox_source: Option<String>,
        /// Free labels.
        #[sqlx(json)]
        tags: Vec<String>,
        /// Grows with each change.
        version: i64,
    }

    /// What it shows if asked for. None of it is missing in a row that has the column.
    struct Further {
        email_id: Option<String>,
        conversation_id: Option<String>,
        #[sqlx(json)]
        secondary_categories: Vec<Category>,
        manual_status: Option<Status>,
        description: Option<String>,
        assigned_date: Option<DateTime<Utc>>,
        #[sqlx(json)]
        entities: Entities,
        currency: String,
        received_at: Option<DateTime<Utc>>,
        sla_policy: Option<String>,
        sla_warned_at: Option<DateTime<Utc>>,
        sla_violated_at: Option<DateTime<Utc>>,
        group_name: Option<String>,
        confidence_score: Option<f64>,
        processing_time: Option<i64>,
        #[sqlx(json)]
        analysis: Analysis,
        batch_id: Option<String>,
    }
}

/// A task of a list, with the further fields that were asked for.
#[derive(Clone, Debug, Serialize)]
pub struct Listed {
    /// What every list shows.
    #[serde(flatten)]
    pub row: TaskRow,
    #[serde(flatten)]
    chosen: Chosen,
}

#[derive(Clone, Debug, Default)]
struct Chosen {
    names: Vec<&'static str>,
    values: Box<Further>,
}

impl Serialize for Chosen {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.names.len()))?;
        for name in &self.names {
            self.values.write(name, &mut map)?;
        }
        map.end()
    }
}

/// A page of tasks.
#[derive(Clone, Debug)]
pub struct Listing {
    /// The tasks.
    pub tasks: Vec<Listed>,
    /// How many the filter shows in all, if that was asked for and any is on this page.
    pub total: Option<i64>,
}

/// What of the tasks of a page is shown.
#[derive(Clone, Debug, Default)]
pub struct Show {
    further: Vec<&'static str>,
    total: bool,
}

impl Show {
    /// Shows what every list shows, and the total of all pages if it is wanted.
    pub fn with(total: bool) -> Self {
        Self { further: Vec::new(), total }
    }

    /// Shows a further field of a task; `false` if there is none of this name.
    pub fn add(&mut self, name: &str) -> bool {
        let further = Further::FIELDS.iter().find(|field| **field == name);
        if let Some(field) = further.filter(|field| !self.further.contains(field)) {
            self.further.push(field);
        }
        further.is_some() || TaskRow::FIELDS.contains(&name)
    }
}

/// What a list may be sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
        let total = if total {
            format!("(SELECT count(*) FROM workflow_tasks WHERE {})", all.sql)
        } else {
            "NULL::bigint".to_owned()
        };
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

/// A row as it is read, and the total.
#[derive(sqlx::FromRow)]
struct Plain {
    #[sqlx(flatten)]
    row: TaskRow,
    total: Option<i64>,
}

/// The same with further columns.
#[derive(sqlx::FromRow)]
struct Wide {
    #[sqlx(flatten)]
    row: TaskRow,
    #[sqlx(flatten)]
    further: Further,
    total: Option<i64>,
}

/// A page of tasks.
pub async fn list(session: &mut Session, filter: &Filter, page: &Page, show: &Show) -> Result<Listing> {
    let mut columns = TaskRow::FIELDS.join(", ");
    if show.further.is_empty() {
        let found = composed!(session, Plain, Statement::page(&columns, filter, page, show.total), fetch_all)?;
        let total = found.first().and_then(|first| first.total);
        let listed = |plain: Plain| Listed { row: plain.row, chosen: Chosen::default() };
        return Ok(Listing { tasks: found.into_iter().map(listed).collect(), total });
    }
    for field in &show.further {
        let _ = write!(columns, ", {field}");
    }
    let found = composed!(session, Wide, Statement::page(&columns, filter, page, show.total), fetch_all)?;
    let total = found.first().and_then(|first| first.total);
    let listed = |wide: Wide| {
        let chosen = Chosen { names: show.further.clone(), values: Box::new(wide.further) };
        Listed { row: wide.row, chosen }
    };
    Ok(Listing { tasks: found.into_iter().map(listed).collect(), total })
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
    const SQL: &str = "SELECT task_id, title, workflow_category, task_status, workflow_state, priority, current_owner,
                owner_email, dollar_value, sla_deadline, sla_state, created_at, updated_at, completion_date,
                mailbox_source, tags, version
         FROM workflow_tasks
         WHERE task_id = ANY(ARRAY(SELECT (e.value ->> 'id') FROM jsonb_array_elements($1::jsonb) AS e))
           AND deleted_at IS NULL
         ORDER BY task_id";
    let rows = Value::from(task_ids.iter().map(|id| json!({"id": id})).collect::<Vec<_>>()).to_string();
    fetch_all!(session, TaskRow, SQL, rows)
}

/// The number of tasks a filter shows.
pub async fn count(session: &mut Session, filter: &Filter) -> Result<i64> {
    let all = Where::filter(filter);
    let sql = format!("SELECT count(*) FROM workflow_tasks WHERE {}", all.sql);
    let (count,) = composed!(session, (i64,), Statement { sql, binds: all.binds }, fetch_one)?;
    Ok(count)
}
