//! Applies migrations, and refuses databases that are not ours or too new before anything is written.

use std::sync::LazyLock;

use sqlx::migrate::{MigrateError, Migrator};
use sqlx::postgres::PgPool;
use sqlx::sqlite::SqliteConnection;

use super::OpenError;
use super::db::Migrate;

/// Table of applied migrations; our own name, so that another program's in the same database is never confused with it.
const TABLE: &str = "workflow_migrations";

static POSTGRES: LazyLock<Migrator> = LazyLock::new(|| named(sqlx::migrate!("../migrations/postgres")));
static SQLITE: LazyLock<Migrator> = LazyLock::new(|| named(sqlx::migrate!("../migrations/sqlite")));

fn named(mut migrator: Migrator) -> Migrator {
    migrator.dangerous_set_table_name(TABLE);
    migrator
}

pub(super) async fn postgres(pool: &PgPool, migrate: Migrate) -> Result<(), OpenError> {
    const TABLES: &str = "SELECT CAST(c.relname AS text) FROM pg_class c WHERE c.relkind IN ('r', 'p', 'v') \
        AND c.relnamespace = to_regnamespace(current_schema()) AND c.relname IN ('workflow_migrations', 'workflow_tasks', \
        'workflow_status_history', 'emails', 'batches', 'jobs', 'schedules', 'workers', 'workflow_events')";
    let unreachable = |error: sqlx::Error| OpenError::Unreachable(error.to_string());
    let tables: Vec<String> = sqlx::query_scalar(TABLES).fetch_all(pool).await.map_err(unreachable)?;
    let ours = tables.iter().any(|name| name == TABLE);
    if !ours && !tables.is_empty() {
        return Err(OpenError::Foreign(format!("the database with table {}", tables.join(", "))));
    }
    let found = if ours {
        const NEWEST: &str = "SELECT COALESCE(max(version), 0) FROM workflow_migrations WHERE success";
        sqlx::query_scalar(NEWEST).fetch_one(pool).await.map_err(unreachable)?
    } else {
        0
    };
    if !check(&POSTGRES, found, migrate)? {
        POSTGRES.run(pool).await.map_err(failed)?;
    }
    Ok(())
}

pub(super) async fn sqlite(connection: &mut SqliteConnection, migrate: Migrate) -> Result<(), OpenError> {
    const OURS: &str = "SELECT count(*) FROM sqlite_schema WHERE name = 'workflow_migrations'";
    const NEWEST: &str = "SELECT COALESCE(max(version), 0) FROM workflow_migrations WHERE success";
    let unreachable = |error: sqlx::Error| OpenError::Unreachable(error.to_string());
    let ours: i64 = sqlx::query_scalar(OURS).fetch_one(&mut *connection).await.map_err(unreachable)?;
    let found = match ours {
        0 => 0,
        _ => sqlx::query_scalar(NEWEST).fetch_one(&mut *connection).await.map_err(unreachable)?,
    };
    if !check(&SQLITE, found, migrate)? {
        SQLITE.run(connection).await.map_err(failed)?;
    }
    Ok(())
}

/// Whether the schema is the one this program needs already.
fn check(migrator: &Migrator, found: i64, migrate: Migrate) -> Result<bool, OpenError> {
    let known = migrator.iter().map(|migration| migration.version).max().unwrap_or_default();
    match found.cmp(&known) {
        std::cmp::Ordering::Greater => Err(OpenError::Newer { found, known }),
        std::cmp::Ordering::Equal => Ok(true),
        std::cmp::Ordering::Less if migrate == Migrate::Require => Err(OpenError::Older { found, known }),
        std::cmp::Ordering::Less => Ok(false),
    }
}

fn failed(error: MigrateError) -> OpenError {
    match error {
        MigrateError::Execute(error) => OpenError::Unreachable(error.to_string()),
        other => OpenError::Migration(other.to_string()),
    }
}
