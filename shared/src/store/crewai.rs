//! Reads the SQLite file of the old system, whatever is in its tables. Nothing is written to it.

use std::path::Path;

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteRow, SqliteValueRef};
use sqlx::{Column, ConnectOptions, Connection, Decode, Row as _, Sqlite, TypeInfo, ValueRef};

use crate::domain::legacy::{Cell, Row};

/// The rows of the tables that are taken over.
#[derive(Clone, Debug, Default)]
pub struct OldTables {
    /// `workflow_tasks`.
    pub tasks: Vec<Row>,
    /// `workflow_status_history`; empty if there is no such table.
    pub history: Vec<Row>,
}

/// Reads the file.
///
/// # Errors
/// In words: it cannot be opened, is no SQLite database, is one of ours, or has no tasks of the old system.
pub async fn read(path: &Path) -> Result<OldTables, String> {
    const TABLES: &str = "SELECT name FROM sqlite_schema
         WHERE type = 'table'
           AND name IN ('workflow_tasks', 'workflow_status_history', 'workflow_migrations')";
    const TASKS: &str = "SELECT * FROM workflow_tasks ORDER BY task_id";
    const HISTORY: &str = "SELECT * FROM workflow_status_history ORDER BY id";
    let shown = path.display();
    let options = SqliteConnectOptions::new().filename(path).read_only(true);
    let mut connection = options.connect().await.map_err(|error| format!("{shown}: {error}"))?;
    let wrong = |error: sqlx::Error| format!("{shown}: {error}");
    let tables: Vec<String> = sqlx::query_scalar(TABLES).fetch_all(&mut connection).await.map_err(wrong)?;
    let has = |name: &str| tables.iter().any(|table| table == name);
    if has("workflow_migrations") {
        return Err(format!("{shown} is a database of this system; import is for the one it takes the place of"));
    }
    if !has("workflow_tasks") {
        return Err(format!("{shown} has no table workflow_tasks"));
    }
    let tasks = rows(&mut connection, TASKS).await.map_err(wrong)?;
    let history =
        if has("workflow_status_history") { rows(&mut connection, HISTORY).await.map_err(wrong)? } else { Vec::new() };
    connection.close().await.ok();
    Ok(OldTables { tasks, history })
}

async fn rows(connection: &mut SqliteConnection, sql: &'static str) -> Result<Vec<Row>, sqlx::Error> {
    let rows = sqlx::query(sql).fetch_all(connection).await?;
    rows.iter().map(row).collect()
}

fn row(row: &SqliteRow) -> Result<Row, sqlx::Error> {
    let cells = row.columns().iter().map(|column| {
        let value = row.try_get_raw(column.ordinal())?;
        Ok((column.name().to_lowercase(), cell(value).map_err(sqlx::Error::Decode)?))
    });
    cells.collect()
}

/// By what the value is, not by what its column was declared as.
fn cell(value: SqliteValueRef<'_>) -> Result<Cell, sqlx::error::BoxDynError> {
    if value.is_null() {
        return Ok(Cell::Null);
    }
    let kind = value.type_info().name().to_owned();
    Ok(match kind.as_str() {
        "INTEGER" => Cell::Integer(<i64 as Decode<'_, Sqlite>>::decode(value)?),
        "REAL" => Cell::Real(<f64 as Decode<'_, Sqlite>>::decode(value)?),
        _ => {
            let bytes = <Vec<u8> as Decode<'_, Sqlite>>::decode(value)?;
            match String::from_utf8(bytes) {
                Ok(text) => Cell::Text(text),
                Err(error) => Cell::Blob(error.into_bytes()),
            }
        }
    })
}
