//! Databases for tests: real ones, each test its own.

pub mod figures;

use std::path::PathBuf;
use std::str::FromStr;

use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, Connection};

use super::{Db, StoreError};

/// Names the PostgreSQL server that tests make their databases on, as a superuser's URL.
pub const POSTGRES: &str = "WORKFLOW_TEST_POSTGRES";

/// A database of a test.
pub struct TestDatabase {
    /// Its URL.
    pub url: String,
    /// The folder of an SQLite file, removed at the end.
    folder: Option<PathBuf>,
}

impl TestDatabase {
    /// A new SQLite file in a folder of its own.
    pub fn sqlite() -> Self {
        let folder = std::env::temp_dir().join(format!("workflow-test-{}", uuid::Uuid::now_v7().simple()));
        std::fs::create_dir_all(&folder).expect("a temporary folder can be made");
        Self { url: format!("sqlite://{}", folder.join("test.db").display()), folder: Some(folder) }
    }

    /// One that somebody else made.
    pub fn at(url: String) -> Self {
        Self { url, folder: None }
    }

    /// A new PostgreSQL database, or `None` with the reason printed if no server is named. Where CI is set, a missing
    /// server is a failure.
    pub async fn postgres() -> Option<Self> {
        let Ok(server) = std::env::var(POSTGRES) else {
            assert!(std::env::var_os("CI").is_none(), "{POSTGRES} is not set, and CI allows no skip");
            eprintln!("skipped: {POSTGRES} is not set; `cargo xtask test` sets it");
            return None;
        };
        let name = format!("test_{}", uuid::Uuid::now_v7().simple());
        let options = PgConnectOptions::from_str(&server).expect("the server's URL is one");
        let mut admin = PgConnection::connect_with(&options).await.expect("the test server answers");
        let create = AssertSqlSafe(format!("CREATE DATABASE {name} TEMPLATE template0"));
        sqlx::raw_sql(create).execute(&mut admin).await.expect("a database can be made");
        admin.close().await.ok();
        let mut url = url::Url::parse(&server).expect("the server's URL is one");
        url.set_path(&name);
        Some(Self { url: url.to_string(), folder: None })
    }

    /// Opens it, with all migrations applied.
    pub async fn open(&self) -> Db {
        Db::open(&self.url, 12).await.expect("a new database opens")
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        if let Some(folder) = &self.folder {
            let _ = std::fs::remove_dir_all(folder);
        }
    }
}

impl Db {
    /// Runs one statement of a test's own, written for the database at hand.
    pub async fn execute_raw(&self, sql: &str) -> u64 {
        let mut tx = self.begin().await.expect("the database answers");
        let sql = AssertSqlSafe(sql.to_owned());
        let rows = match tx.target() {
            super::db::Target::Pg(c) => sqlx::raw_sql(sql).execute(c).await.map(|done| done.rows_affected()),
            super::db::Target::Sqlite(c) => sqlx::raw_sql(sql).execute(c).await.map(|done| done.rows_affected()),
        };
        let rows = rows.expect("the statement runs");
        tx.commit().await.expect("the transaction commits");
        rows
    }

    /// One integer of a test's own query.
    pub async fn query_i64(&self, sql: &str) -> i64 {
        self.try_query_i64(sql).await.expect("the query runs")
    }

    /// The same from a database that may be away.
    pub async fn try_query_i64(&self, sql: &str) -> Result<i64, StoreError> {
        let mut session = self.read().await?;
        let sql = AssertSqlSafe(sql.to_owned());
        Ok(match session.target() {
            super::db::Target::Pg(c) => sqlx::query_scalar(sql).fetch_one(c).await,
            super::db::Target::Sqlite(c) => sqlx::query_scalar(sql).fetch_one(c).await,
        }?)
    }

    /// The texts of a test's own query.
    pub async fn query_texts(&self, sql: &str) -> Vec<String> {
        let mut session = self.read().await.expect("the database answers");
        let sql = AssertSqlSafe(sql.to_owned());
        match session.target() {
            super::db::Target::Pg(c) => sqlx::query_scalar(sql).fetch_all(c).await,
            super::db::Target::Sqlite(c) => sqlx::query_scalar(sql).fetch_all(c).await,
        }
        .expect("the query runs")
    }

    /// `PRAGMA synchronous` of every SQLite connection: the writer's and as many readers' as there are.
    pub async fn synchronous_of_all(&self) -> Vec<i64> {
        const LEVEL: &str = "PRAGMA synchronous";
        let super::db::Engine::Sqlite { readers, .. } = &self.0 else { return Vec::new() };
        let mut levels = Vec::new();
        let mut writer = self.begin().await.expect("the database answers");
        let mut held = Vec::new();
        for _ in 0..readers.options().get_max_connections() {
            held.push(readers.acquire().await.expect("a reader is free"));
        }
        if let super::db::Target::Sqlite(c) = writer.target() {
            levels.push(sqlx::query_scalar(LEVEL).fetch_one(c).await.expect("a pragma answers"));
        }
        for reader in &mut held {
            levels.push(sqlx::query_scalar(LEVEL).fetch_one(&mut **reader).await.expect("a pragma answers"));
        }
        levels
    }
}
