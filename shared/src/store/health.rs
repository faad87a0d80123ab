//! How the database itself fares.
//!
//! Differs because each database has catalogues of its own: both sides fill one structure.

use std::time::Duration;

use chrono::{DateTime, Utc};

use super::db::{Db, Engine, Target};
use super::{Result, Session, Tx};
use crate::store::query::{fetch_all, fetch_one, fetch_optional};

/// How the database fares.
#[derive(Clone, Debug, Default)]
pub struct DatabaseHealth {
    /// `postgresql` or `sqlite`.
    pub kind: &'static str,
    /// Its version.
    pub version: String,
    /// Its size on disk in bytes.
    pub size_bytes: i64,
    /// Of it, the write-ahead log; SQLite only.
    pub wal_bytes: Option<i64>,
    /// Of it, free; SQLite only.
    pub free_bytes: Option<i64>,
    /// Its tables, the largest first.
    pub tables: Vec<TableHealth>,
    /// The transaction that keeps dead rows from being removed; PostgreSQL only.
    pub oldest_transaction: Option<OldestTransaction>,
}

/// How a table fares.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct TableHealth {
    /// Its name.
    pub name: String,
    /// Live rows, estimated; PostgreSQL only.
    pub rows: Option<i64>,
    /// Dead rows, estimated; PostgreSQL only.
    pub dead_rows: Option<i64>,
    /// Bytes without indexes.
    pub size_bytes: Option<i64>,
    /// Bytes of its indexes.
    pub index_bytes: Option<i64>,
    /// Seconds since it was last vacuumed; PostgreSQL only.
    pub vacuumed_seconds_ago: Option<i64>,
}

/// The oldest open transaction and who holds it.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct OldestTransaction {
    /// For how long.
    pub age_seconds: i64,
    /// Server process.
    pub pid: i64,
    /// What it does.
    pub state: Option<String>,
    /// Its last statement, shortened.
    pub query: Option<String>,
    /// Program that opened it.
    pub application: Option<String>,
}

impl Db {
    /// Looks after the database.
    pub async fn health(&self) -> Result<DatabaseHealth> {
        match &self.0 {
            Engine::Pg { .. } => postgres(self).await,
            Engine::Sqlite { .. } => sqlite(self).await,
        }
    }
}

/// The database's clock, to the second.
pub async fn clock(session: &mut Session) -> Result<DateTime<Utc>> {
    Ok(fetch_one!(session, (DateTime<Utc>,), "SELECT CURRENT_TIMESTAMP")?.0)
}

async fn postgres(db: &Db) -> Result<DatabaseHealth> {
    const SIZE: &str = "SELECT pg_database_size(current_database()), current_setting('server_version')";
    const TABLES: &str = "SELECT CAST(relname AS text) AS name, n_live_tup AS rows, n_dead_tup AS dead_rows,
                pg_table_size(relid) AS size_bytes, pg_indexes_size(relid) AS index_bytes,
                CAST(extract(epoch FROM now() - GREATEST(last_autovacuum, last_vacuum)) AS bigint) AS vacuumed_seconds_ago
         FROM pg_stat_user_tables
         WHERE schemaname = current_schema()
         ORDER BY pg_total_relation_size(relid) DESC";
    // Its snapshot is what keeps dead rows; a transaction without one keeps none.
    const OLDEST: &str = "SELECT CAST(extract(epoch FROM clock_timestamp() - xact_start) AS bigint) AS age_seconds,
                CAST(pid AS bigint) AS pid, state, left(query, 200) AS query, application_name AS application
         FROM pg_stat_activity
         WHERE datname = current_database()
           AND pid <> pg_backend_pid()
           AND xact_start IS NOT NULL
           AND (backend_xmin IS NOT NULL OR backend_xid IS NOT NULL)
         ORDER BY xact_start
         LIMIT 1";
    let mut session = db.read().await?;
    let size = fetch_optional!(session, (i64, String), SIZE)?;
    let (size_bytes, version) = size.unwrap_or_default();
    Ok(DatabaseHealth {
        kind: "postgresql",
        version,
        size_bytes,
        tables: fetch_all!(session, TableHealth, TABLES)?,
        oldest_transaction: fetch_optional!(session, OldestTransaction, OLDEST)?,
        ..DatabaseHealth::default()
    })
}

/// Lets the embedded database look at what its tables hold, so that it takes the index that fits. PostgreSQL does by itself.
pub async fn analyze(tx: &mut Tx) -> Result<()> {
    // 0x10000: also tables that this connection has not asked; see https://sqlite.org/pragma.html#pragma_optimize.
    if let Target::Sqlite(connection) = tx.target() {
        sqlx::query("PRAGMA optimize = 0x10002").execute(connection).await?;
    }
    Ok(())
}

async fn sqlite(db: &Db) -> Result<DatabaseHealth> {
    const SIZE: &str = "SELECT page_count * page_size, freelist_count * page_size, sqlite_version()
         FROM pragma_page_count(), pragma_freelist_count(), pragma_page_size()";
    const TABLES: &str = "SELECT name, NULL AS rows, NULL AS dead_rows, NULL AS size_bytes, NULL AS index_bytes,
                NULL AS vacuumed_seconds_ago
         FROM sqlite_schema
         WHERE type = 'table' AND name NOT LIKE 'sqlite%'
         ORDER BY name";
    let mut session = db.read().await?;
    let (size_bytes, free_bytes, version) = fetch_optional!(session, (i64, i64, String), SIZE)?.unwrap_or_default();
    let tables = fetch_all!(session, TableHealth, TABLES)?;
    let wal = match session.target() {
        Target::Sqlite(connection) => {
            let file: Option<String> = sqlx::query_scalar("SELECT file FROM pragma_database_list WHERE name = 'main'")
                .fetch_one(connection)
                .await?;
            file.and_then(|file| std::fs::metadata(format!("{file}-wal")).ok()).map(|wal| wal.len() as i64)
        }
        Target::Pg(_) => None,
    };
    let wal_bytes = Some(wal.unwrap_or(0));
    Ok(DatabaseHealth {
        kind: "sqlite",
        version,
        size_bytes,
        wal_bytes,
        free_bytes: Some(free_bytes),
        tables,
        oldest_transaction: None,
    })
}

/// What an operator should look at, in words.
pub fn warnings(health: &DatabaseHealth) -> Vec<String> {
    const LONG: Duration = Duration::from_mins(5);
    let mut warnings = Vec::new();
    for table in &health.tables {
        if let (Some(rows), Some(dead)) = (table.rows, table.dead_rows)
            && dead > 50_000
            && dead > rows
        {
            warnings.push(format!(
                "{} has {dead} dead rows beside {rows} live ones: autovacuum does not keep up, or a transaction holds \
                 them",
                table.name
            ));
        }
    }
    if let Some(oldest) = &health.oldest_transaction
        && oldest.age_seconds > LONG.as_secs() as i64
    {
        let who = oldest.application.as_deref().filter(|name| !name.is_empty()).unwrap_or("somebody");
        warnings.push(format!(
            "a transaction of {who} (process {}) has been open for {} s: dead rows are kept until it ends",
            oldest.pid, oldest.age_seconds
        ));
    }
    warnings
}
