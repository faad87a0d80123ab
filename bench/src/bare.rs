//! The ceiling of reads: axum and sqlx with nothing around them, running the product's SELECTs and writing its JSON.
//! It is a process of its own, as the product is.

use std::sync::Arc;

use anyhow::{Context as _, Result};
use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderName, StatusCode, header};
use axum::routing::get;
use serde::Serialize;
use serde_json::{Value, json};
use shared::domain::{HistoryEntry, Task};
use shared::store::tasks::TaskRow;
use sqlx::AssertSqlSafe;
use sqlx::postgres::{PgPool, PgPoolOptions};

/// Connections, as many as the product's API has for reads.
const CONNECTIONS: u32 = 12;
/// Rows of a page.
pub const LIMIT: usize = 50;

/// A task by its key.
pub const TASK: &str =
    "SELECT task_id, email_id, conversation_id, workflow_category, secondary_categories, workflow_state,
        task_status, manual_status, manual_by, title, description, priority, current_owner, owner_email, assigned_date,
        entities, dollar_value, currency, created_at, updated_at, received_at, sla_deadline, sla_policy, sla_state,
        sla_warned_at, sla_violated_at, sla_revision, sla_warning_at, sla_critical_at, sla_pauses, sla_steps, sla_priority,
        sla_step_at, sla_hours, sla_next_at, sla_announced, sla_alerted, waiting_on, snoozed_until, first_response_due,
        first_response_at, breach_reason, completion_date, mailbox_source, group_name, tags, confidence_score, processing_time, analysis, batch_id, version, deleted_at
     FROM workflow_tasks
     WHERE task_id = $1";

/// Its history.
pub const HISTORY: &str =
    "SELECT id, task_id, field, old_value, new_value, changed_by, change_reason, changed_at, version
     FROM workflow_status_history
     WHERE task_id = $1
       AND version <= $2
     ORDER BY id";

/// A page of the list, one row longer than shown: the first with the total, or the one after a row without it.
pub fn list(after: bool) -> String {
    let total = if after { "NULL::bigint" } else { "(SELECT count(*) FROM workflow_tasks WHERE deleted_at IS NULL)" };
    let beyond = if after { " AND (created_at, task_id) < ($1, $2)" } else { "" };
    format!(
        "SELECT {}, {total} AS total FROM workflow_tasks WHERE deleted_at IS NULL{beyond}
         ORDER BY created_at DESC, task_id DESC LIMIT {}",
        TaskRow::FIELDS.join(", "),
        LIMIT + 1
    )
}

#[derive(sqlx::FromRow)]
struct Row {
    #[sqlx(flatten)]
    row: TaskRow,
    total: Option<i64>,
}

#[derive(Serialize)]
struct Found {
    task: Task,
    history: Vec<HistoryEntry>,
}

#[derive(Serialize)]
struct Page {
    tasks: Vec<TaskRow>,
    pagination: Value,
}

#[derive(Clone)]
struct Reads {
    pool: PgPool,
    first: Arc<str>,
    next: Arc<str>,
}

/// Serves until it is killed.
pub async fn serve() -> Result<()> {
    let url = std::env::var("DATABASE_URL").context("DATABASE_URL names the database")?;
    let pool = PgPoolOptions::new().max_connections(CONNECTIONS).test_before_acquire(false).connect(&url).await?;
    let reads = Reads { pool, first: list(false).into(), next: list(true).into() };
    let app = Router::new()
        .route("/api/workflow/get/{task_id}", get(one))
        .route("/api/workflow/list", get(first))
        .route("/after/{at}/{task_id}", get(next))
        .with_state(reads);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    println!("ready at http://{}", listener.local_addr()?);
    axum::serve(listener, app).await?;
    Ok(())
}

type Answer = Result<([(HeaderName, &'static str); 1], Vec<u8>), StatusCode>;

/// JSON, as axum's own extractor writes it; that would bring further crates into the workspace.
fn json_of(value: &impl Serialize) -> Answer {
    let body = serde_json::to_vec(value).map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    Ok(([(header::CONTENT_TYPE, "application/json")], body))
}

fn broken(error: &sqlx::Error) -> StatusCode {
    eprintln!("bench: {error}");
    StatusCode::INTERNAL_SERVER_ERROR
}

async fn one(State(reads): State<Reads>, Path(task_id): Path<String>) -> Answer {
    let mut connection = reads.pool.acquire().await.map_err(|error| broken(&error))?;
    let task: Option<Task> =
        sqlx::query_as(TASK).bind(&task_id).fetch_optional(&mut *connection).await.map_err(|error| broken(&error))?;
    let task = task.ok_or(StatusCode::NOT_FOUND)?;
    let history = sqlx::query_as(HISTORY)
        .bind(&task_id)
        .bind(task.version)
        .fetch_all(&mut *connection)
        .await
        .map_err(|error| broken(&error))?;
    json_of(&Found { task, history })
}

async fn first(State(reads): State<Reads>) -> Answer {
    let sql = AssertSqlSafe(reads.first.to_string());
    let rows = sqlx::query_as::<_, Row>(sql).fetch_all(&reads.pool).await.map_err(|error| broken(&error))?;
    let total = rows.first().and_then(|row| row.total).unwrap_or(0);
    let pages = (total + LIMIT as i64 - 1) / LIMIT as i64;
    page(rows, json!({"page": 1, "limit": LIMIT, "total": total, "total_pages": pages}))
}

async fn next(State(reads): State<Reads>, Path((at, task_id)): Path<(i64, String)>) -> Answer {
    let at = chrono::DateTime::from_timestamp_micros(at).ok_or(StatusCode::BAD_REQUEST)?;
    let sql = AssertSqlSafe(reads.next.to_string());
    let rows = sqlx::query_as::<_, Row>(sql)
        .bind(at)
        .bind(task_id)
        .fetch_all(&reads.pool)
        .await
        .map_err(|error| broken(&error))?;
    page(rows, json!({"page": null, "limit": LIMIT, "total": null, "total_pages": null}))
}

fn page(mut rows: Vec<Row>, mut pagination: Value) -> Answer {
    let more = rows.len() > LIMIT;
    rows.truncate(LIMIT);
    let last = rows.last().filter(|_| more);
    pagination["next_cursor"] =
        last.map(|row| format!("{}/{}", row.row.created_at.timestamp_micros(), row.row.task_id)).into();
    json_of(&Page { tasks: rows.into_iter().map(|row| row.row).collect(), pagination })
}
