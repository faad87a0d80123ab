//! Tasks and their history.

use std::fmt::Write;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use sqlx::AssertSqlSafe;

use super::db::Target;
use super::dialect::{self, instant};
use super::query::{execute, fetch_all, fetch_optional};
use super::{Result, Session, StoreError, Tx, events};
use crate::domain::{Category, Cents, Change, HistoryEntry, Priority, SlaState, Status, Task, WorkflowState};

macro_rules! task_columns {
    () => {
        "task_id, email_id, conversation_id, workflow_category, secondary_categories, workflow_state, task_status, \
         manual_status, manual_by, title, description, priority, current_owner, owner_email, assigned_date, entities, \
         dollar_value, currency, created_at, updated_at, received_at, sla_deadline, sla_policy, sla_state, sla_warned_at, \
         sla_violated_at, sla_hours, sla_next_at, sla_announced, sla_alerted, completion_date, mailbox_source, group_name, \
         tags, confidence_score, processing_time, analysis, batch_id, version, deleted_at"
    };
}

/// The task of this id, deleted or not.
pub async fn lookup(session: &mut Session, task_id: &str) -> Result<Option<Task>> {
    const SQL: &str = concat!("SELECT ", task_columns!(), " FROM workflow_tasks WHERE task_id = $1");
    fetch_optional!(session, Task, SQL, task_id)
}

/// The task of this id, locked until the transaction ends.
pub async fn lock(tx: &mut Tx, task_id: &str) -> Result<Option<Task>> {
    const SQL: &str = concat!("SELECT ", task_columns!(), " FROM workflow_tasks WHERE task_id = $1 FOR UPDATE");
    fetch_optional!(tx, Task, SQL, task_id)
}

/// These tasks, locked until the transaction ends; in no particular order, those that do not exist left out.
pub async fn lock_all(tx: &mut Tx, task_ids: &[&str]) -> Result<Vec<Task>> {
    // In one order for everybody, so that two batches cannot wait for each other.
    const SQL: &str = concat!(
        "SELECT ",
        task_columns!(),
        " FROM workflow_tasks
         WHERE task_id = ANY(ARRAY(SELECT (e.value ->> 'id') FROM jsonb_array_elements($1::jsonb) AS e))
         ORDER BY task_id FOR UPDATE"
    );
    let rows = Value::from(task_ids.iter().map(|id| json!({"id": id})).collect::<Vec<_>>()).to_string();
    fetch_all!(tx, Task, SQL, rows)
}

/// Up to `limit` tasks that the passing of time has changed by `now`, locked; those another sweep holds are left to it.
pub async fn lock_due(tx: &mut Tx, now: DateTime<Utc>, limit: i64) -> Result<Vec<Task>> {
    const SQL: &str = concat!(
        "SELECT ",
        task_columns!(),
        " FROM workflow_tasks
         WHERE sla_next_at <= $1
           AND deleted_at IS NULL
         ORDER BY sla_next_at
         LIMIT $2 FOR UPDATE SKIP LOCKED"
    );
    fetch_all!(tx, Task, SQL, now, limit)
}

/// History of a task, oldest first; also of a deleted one.
pub async fn history(session: &mut Session, task_id: &str) -> Result<Vec<HistoryEntry>> {
    const SQL: &str = "SELECT id, task_id, field, old_value, new_value, changed_by, change_reason, changed_at, version
         FROM workflow_status_history
         WHERE task_id = $1
         ORDER BY id";
    fetch_all!(session, HistoryEntry, SQL, task_id)
}

/// Saves decided changes: tasks, history and events, in a fixed number of statements.
///
/// # Errors
/// [`StoreError::Conflict`] if a task is no longer at the version its change was decided on.
pub async fn save(tx: &mut Tx, changes: &[Change]) -> Result<()> {
    let (new, old): (Vec<_>, Vec<_>) = changes.iter().partition(|change| change.task.version == 1);
    if !new.is_empty() && write(tx, INSERT, &new).await? != new.len() as u64 {
        return Err(StoreError::Conflict);
    }
    if !old.is_empty() && write(tx, UPDATE, &old).await? != old.len() as u64 {
        return Err(StoreError::Conflict);
    }
    let history: Vec<Value> = changes.iter().flat_map(|change| &change.history).map(history_row).collect();
    if !history.is_empty() {
        execute!(tx, INSERT_HISTORY, Value::from(history).to_string())?;
    }
    events::append(tx, changes.iter().flat_map(|change| &change.events)).await
}

async fn write(tx: &mut Tx, sql: &'static str, changes: &[&Change]) -> Result<u64> {
    let rows = Value::from(changes.iter().map(|change| row(&change.task)).collect::<Vec<_>>()).to_string();
    execute!(tx, sql, rows)
}

const INSERT: &str = concat!(
    "INSERT INTO workflow_tasks (",
    task_columns!(),
    ", search_text)
     SELECT (e.value ->> 'task_id'), (e.value ->> 'email_id'), (e.value ->> 'conversation_id'),
            (e.value ->> 'workflow_category'), (e.value -> 'secondary_categories'), (e.value ->> 'workflow_state'),
            (e.value ->> 'task_status'), (e.value ->> 'manual_status'), (e.value ->> 'manual_by'), (e.value ->> 'title'),
            (e.value ->> 'description'), (e.value ->> 'priority'), (e.value ->> 'current_owner'),
            (e.value ->> 'owner_email'), (e.value ->> 'assigned_date')::timestamptz, (e.value -> 'entities'),
            (e.value ->> 'dollar_value')::bigint, (e.value ->> 'currency'), (e.value ->> 'created_at')::timestamptz,
            (e.value ->> 'updated_at')::timestamptz, (e.value ->> 'received_at')::timestamptz,
            (e.value ->> 'sla_deadline')::timestamptz, (e.value ->> 'sla_policy'), (e.value ->> 'sla_state'),
            (e.value ->> 'sla_warned_at')::timestamptz, (e.value ->> 'sla_violated_at')::timestamptz,
            (e.value ->> 'sla_hours')::float8, (e.value ->> 'sla_next_at')::timestamptz,
            (e.value ->> 'sla_announced')::smallint, (e.value ->> 'sla_alerted')::smallint,
            (e.value ->> 'completion_date')::timestamptz, (e.value ->> 'mailbox_source'), (e.value ->> 'group_name'),
            (e.value -> 'tags'), (e.value ->> 'confidence_score')::float8, (e.value ->> 'processing_time')::bigint,
            (e.value -> 'analysis'), (e.value ->> 'batch_id'), (e.value ->> 'version')::bigint,
            (e.value ->> 'deleted_at')::timestamptz, (e.value ->> 'search_text')
     FROM jsonb_array_elements($1::jsonb) AS e
     WHERE true
     ON CONFLICT DO NOTHING"
);

const UPDATE: &str = "UPDATE workflow_tasks
     SET workflow_category = (e.value ->> 'workflow_category'),
         secondary_categories = (e.value -> 'secondary_categories'),
         workflow_state = (e.value ->> 'workflow_state'),
         task_status = (e.value ->> 'task_status'),
         manual_status = (e.value ->> 'manual_status'),
         manual_by = (e.value ->> 'manual_by'),
         title = (e.value ->> 'title'),
         description = (e.value ->> 'description'),
         priority = (e.value ->> 'priority'),
         current_owner = (e.value ->> 'current_owner'),
         owner_email = (e.value ->> 'owner_email'),
         assigned_date = (e.value ->> 'assigned_date')::timestamptz,
         entities = (e.value -> 'entities'),
         dollar_value = (e.value ->> 'dollar_value')::bigint,
         updated_at = (e.value ->> 'updated_at')::timestamptz,
         sla_deadline = (e.value ->> 'sla_deadline')::timestamptz,
         sla_policy = (e.value ->> 'sla_policy'),
         sla_state = (e.value ->> 'sla_state'),
         sla_warned_at = (e.value ->> 'sla_warned_at')::timestamptz,
         sla_violated_at = (e.value ->> 'sla_violated_at')::timestamptz,
         sla_hours = (e.value ->> 'sla_hours')::float8,
         sla_next_at = (e.value ->> 'sla_next_at')::timestamptz,
         sla_announced = (e.value ->> 'sla_announced')::smallint,
         sla_alerted = (e.value ->> 'sla_alerted')::smallint,
         completion_date = (e.value ->> 'completion_date')::timestamptz,
         group_name = (e.value ->> 'group_name'),
         tags = (e.value -> 'tags'),
         analysis = (e.value -> 'analysis'),
         version = (e.value ->> 'version')::bigint,
         deleted_at = (e.value ->> 'deleted_at')::timestamptz,
         search_text = (e.value ->> 'search_text')
     FROM jsonb_array_elements($1::jsonb) AS e
     WHERE workflow_tasks.task_id = (e.value ->> 'task_id')
       AND workflow_tasks.version = (e.value ->> 'version')::bigint - 1";

const INSERT_HISTORY: &str = "INSERT INTO workflow_status_history
         (task_id, field, old_value, new_value, changed_by, change_reason, changed_at, version)
     SELECT (e.value ->> 'task_id'), (e.value ->> 'field'), (e.value ->> 'old_value'), (e.value ->> 'new_value'),
            (e.value ->> 'changed_by'), (e.value ->> 'change_reason'), (e.value ->> 'changed_at')::timestamptz,
            (e.value ->> 'version')::bigint
     FROM jsonb_array_elements($1::jsonb) AS e";

/// A task as the statements above read it: columns as stored, cents and instants included.
fn row(task: &Task) -> Value {
    let at = |at: Option<DateTime<Utc>>| at.map(instant);
    json!({
        "task_id": task.task_id, "email_id": task.email_id, "conversation_id": task.conversation_id,
        "workflow_category": task.workflow_category, "secondary_categories": task.secondary_categories,
        "workflow_state": task.workflow_state, "task_status": task.task_status, "manual_status": task.manual_status,
        "manual_by": task.manual_by, "title": task.title, "description": task.description, "priority": task.priority,
        "current_owner": task.current_owner, "owner_email": task.owner_email, "assigned_date": at(task.assigned_date),
        "entities": task.entities, "dollar_value": task.dollar_value.0, "currency": task.currency,
        "created_at": instant(task.created_at), "updated_at": instant(task.updated_at),
        "received_at": at(task.received_at), "sla_deadline": at(task.sla_deadline), "sla_policy": task.sla_policy,
        "sla_state": task.sla_state, "sla_warned_at": at(task.sla_warned_at), "sla_violated_at": at(task.sla_violated_at),
        "sla_hours": task.sla_hours, "sla_next_at": at(task.sla_next_at), "sla_announced": task.sla_announced,
        "sla_alerted": task.sla_alerted, "completion_date": at(task.completion_date),
        "mailbox_source": task.mailbox_source, "group_name": task.group_name, "tags": task.tags,
        "confidence_score": task.confidence_score, "processing_time": task.processing_time, "analysis": task.analysis,
        "batch_id": task.batch_id, "version": task.version, "deleted_at": at(task.deleted_at),
        "search_text": task.search_text(),
    })
}

fn history_row(entry: &HistoryEntry) -> Value {
    json!({
        "task_id": entry.task_id, "field": entry.field, "old_value": entry.old_value, "new_value": entry.new_value,
        "changed_by": entry.changed_by, "change_reason": entry.change_reason, "changed_at": instant(entry.changed_at),
        "version": entry.version,
    })
}

/// What a list shows of a task by default.
#[derive(Clone, Debug, serde::Serialize, poem_openapi::Object, sqlx::FromRow)]
pub struct TaskRow {
    /// `TASK-<unix milliseconds>-<random>`.
    pub task_id: String,
    /// One line.
    pub title: String,
    /// What it is about.
    pub workflow_category: Category,
    /// Its colour.
    pub task_status: Status,
    /// How far it has come.
    pub workflow_state: WorkflowState,
    /// How soon.
    pub priority: Priority,
    /// Who works on it.
    pub current_owner: Option<String>,
    /// Their address.
    pub owner_email: Option<String>,
    /// Value at stake.
    pub dollar_value: Cents,
    /// When it is due.
    pub sla_deadline: Option<DateTime<Utc>>,
    /// Where it stands against its deadline.
    pub sla_state: SlaState,
    /// When it was inserted.
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
    /// When it was completed.
    pub completion_date: Option<DateTime<Utc>>,
    /// The mailbox its mail came to.
    pub mailbox_source: Option<String>,
    /// Free labels.
    #[sqlx(json)]
    pub tags: Vec<String>,
    /// Grows with each change.
    pub version: i64,
}

const ROW_COLUMNS: &str = "task_id, title, workflow_category, task_status, workflow_state, priority, current_owner, \
     owner_email, dollar_value, sla_deadline, sla_state, created_at, updated_at, completion_date, mailbox_source, tags, version";

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

    fn column(self) -> &'static str {
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

/// Which tasks a list shows. Values of one field are alternatives; fields are combined.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Colours.
    pub status: Vec<String>,
    /// Categories.
    pub category: Vec<String>,
    /// Owners.
    pub owner: Vec<String>,
    /// Priorities.
    pub priority: Vec<String>,
    /// States.
    pub state: Vec<String>,
    /// Mailboxes.
    pub mailbox: Vec<String>,
    /// SLA states.
    pub sla_state: Vec<String>,
    /// Labels; any of them.
    pub tag: Vec<String>,
    /// Text to be found in title, owner, description or entities.
    pub q: Option<String>,
    /// Created at or after.
    pub created_from: Option<DateTime<Utc>>,
    /// Created before or at.
    pub created_to: Option<DateTime<Utc>>,
    /// Due at or after.
    pub due_from: Option<DateTime<Utc>>,
    /// Due before or at.
    pub due_to: Option<DateTime<Utc>>,
    /// Worth at least.
    pub min_value: Option<Cents>,
    /// Worth at most.
    pub max_value: Option<Cents>,
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

/// A bound value of a composed statement.
#[derive(Clone, Debug)]
enum Bind {
    Text(String),
    Number(i64),
    At(DateTime<Utc>),
}

/// Composes a WHERE clause from constant fragments; every value is bound.
struct Where {
    sql: String,
    binds: Vec<Bind>,
}

impl Where {
    fn new() -> Self {
        Self { sql: "deleted_at IS NULL".to_owned(), binds: Vec::new() }
    }

    fn bind(&mut self, value: Bind) -> String {
        self.binds.push(value);
        format!("${}", self.binds.len())
    }

    fn any_of(&mut self, column: &'static str, values: &[String]) {
        if !values.is_empty() {
            let places: Vec<_> = values.iter().map(|value| self.bind(Bind::Text(value.clone()))).collect();
            let _ = write!(self.sql, " AND {column} IN ({})", places.join(", "));
        }
    }

    fn compare(&mut self, comparison: &'static str, value: Option<Bind>) {
        if let Some(value) = value {
            let place = self.bind(value);
            let _ = write!(self.sql, " AND {comparison} {place}");
        }
    }

    fn filter(filter: &Filter) -> Self {
        let mut all = Self::new();
        all.any_of("task_status", &filter.status);
        all.any_of("workflow_category", &filter.category);
        all.any_of("current_owner", &filter.owner);
        all.any_of("priority", &filter.priority);
        all.any_of("workflow_state", &filter.state);
        all.any_of("mailbox_source", &filter.mailbox);
        all.any_of("sla_state", &filter.sla_state);
        if !filter.tag.is_empty() {
            let places: Vec<_> = filter.tag.iter().map(|tag| all.bind(Bind::Text(tag.clone()))).collect();
            let elements = "EXISTS (SELECT 1 FROM jsonb_array_elements(tags) AS e WHERE (e.value #>> '{}') IN";
            let _ = write!(all.sql, " AND {elements} ({}))", places.join(", "));
        }
        if let Some(q) = &filter.q {
            let escaped = q.to_lowercase().replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
            let place = all.bind(Bind::Text(format!("%{escaped}%")));
            let _ = write!(all.sql, " AND search_text LIKE {place} ESCAPE '\\'");
        }
        all.compare("created_at >=", filter.created_from.map(Bind::At));
        all.compare("created_at <=", filter.created_to.map(Bind::At));
        all.compare("sla_deadline >=", filter.due_from.map(Bind::At));
        all.compare("sla_deadline <=", filter.due_to.map(Bind::At));
        all.compare("dollar_value >=", filter.min_value.map(|value| Bind::Number(value.0)));
        all.compare("dollar_value <=", filter.max_value.map(|value| Bind::Number(value.0)));
        all
    }

    /// Everything after a row, in an order where nulls come last both ways and ties go by id.
    fn after(&mut self, page: &Page, key: &SortKey, task_id: &str) {
        let column = page.sort.column();
        let beyond = if page.ascending { ">" } else { "<" };
        let id = self.bind(Bind::Text(task_id.to_owned()));
        let bound = match key {
            SortKey::Null => {
                let _ = write!(self.sql, " AND {column} IS NULL AND task_id {beyond} {id}");
                return;
            }
            SortKey::At(at) => self.bind(Bind::At(*at)),
            SortKey::Number(number) => self.bind(Bind::Number(*number)),
        };
        let nulls = if page.sort == Sort::SlaDeadline { format!(" OR {column} IS NULL") } else { String::new() };
        let _ = write!(self.sql, " AND (({column}, task_id) {beyond} ({bound}, {id}){nulls})");
    }
}

/// Runs a composed statement; `$run` finishes the query.
macro_rules! composed {
    ($session:expr, $row:ty, $sql:expr, $binds:expr, $run:ident) => {
        match $session.target() {
            Target::Pg(c) => {
                let mut query = sqlx::query_as::<_, $row>(AssertSqlSafe($sql));
                for bind in $binds {
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
                let sql = dialect::rewrite(&$sql).replace("(e.value #>> '{}')", "e.value");
                let mut query = sqlx::query_as::<_, $row>(AssertSqlSafe(sql));
                for bind in $binds {
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
    };
}

/// A page of tasks.
pub async fn list(session: &mut Session, filter: &Filter, page: &Page) -> Result<Vec<TaskRow>> {
    let mut conditions = Where::filter(filter);
    let offset = match &page.start {
        Start::Offset(rows) => *rows,
        Start::After(key, task_id) => {
            conditions.after(page, key, task_id);
            0
        }
    };
    let (column, direction) = (page.sort.column(), if page.ascending { "ASC" } else { "DESC" });
    // Only this column has nulls. Naming them keeps the others' indexes usable in both directions.
    let nulls = if page.sort == Sort::SlaDeadline { " NULLS LAST" } else { "" };
    let limit = conditions.bind(Bind::Number(page.limit));
    let offset = conditions.bind(Bind::Number(offset));
    let sql = format!(
        "SELECT {ROW_COLUMNS} FROM workflow_tasks WHERE {} ORDER BY {column} {direction}{nulls}, task_id {direction} \
         LIMIT {limit} OFFSET {offset}",
        conditions.sql
    );
    composed!(session, TaskRow, sql, conditions.binds, fetch_all)
}

/// The number of tasks a filter shows.
pub async fn count(session: &mut Session, filter: &Filter) -> Result<i64> {
    let conditions = Where::filter(filter);
    let sql = format!("SELECT count(*) FROM workflow_tasks WHERE {}", conditions.sql);
    let (count,): (i64,) = composed!(session, (i64,), sql, conditions.binds, fetch_one)?;
    Ok(count)
}
