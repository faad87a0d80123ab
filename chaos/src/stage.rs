//! The system under test: a database of its own, and the processes on it.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use shared::store::Db;
use shared::store::testing::TestDatabase;

use crate::Terms;
use crate::process::Process;

/// Which database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Database {
    /// The embedded one, with everything in one process.
    Sqlite,
    /// PostgreSQL, with many processes.
    Postgres,
}

impl Database {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
        }
    }
}

/// The newest event there is.
pub const NEWEST_EVENT: &str = "SELECT coalesce(max(id), 0) FROM workflow_events";

/// The system under test.
pub struct Stage {
    /// Which database it is on.
    pub database: Database,
    /// A connection past the product.
    pub db: Db,
    test: TestDatabase,
    /// Seconds of a lease.
    pub lease: u64,
    redis: Option<String>,
    guards_off: &'static str,
}

impl Stage {
    /// A new database without processes.
    pub async fn new(test: TestDatabase, database: Database, terms: Terms) -> Result<Self> {
        let db = test.open().await;
        let redis = (database == Database::Postgres).then(|| std::env::var("WORKFLOW_TEST_REDIS").ok()).flatten();
        Ok(Self { database, db, test, lease: 2, redis, guards_off: terms.guards_off })
    }

    /// Uses another Redis from now on.
    pub fn use_redis(&mut self, url: String) {
        self.redis = Some(url);
    }

    fn settings(&self, more: &[(&'static str, String)]) -> Vec<(&'static str, String)> {
        let mut settings = vec![
            ("DATABASE_URL", self.test.url.clone()),
            ("WORKFLOW_LEASE", self.lease.to_string()),
            ("WORKFLOW_PATIENCE", "20".to_owned()),
            ("WORKFLOW_GUARDS_OFF", self.guards_off.to_owned()),
        ];
        settings.extend(self.redis.clone().map(|url| ("REDIS_URL", url)));
        settings.extend(more.iter().cloned());
        settings
    }

    /// A process of the product. `api` and `worker` are `up` on SQLite, which has no other form.
    pub async fn start(&self, role: &str, more: &[(&'static str, String)]) -> Result<Process> {
        let binary = std::env::var("WORKFLOW_CHAOS_BINARY").context("run it by `cargo xtask chaos`")?;
        let role = if self.database == Database::Sqlite { "up" } else { role };
        Process::start(&binary, &[role], &self.settings(more)).await
    }

    /// A worker with kinds that misbehave.
    pub async fn start_chaos_worker(&self, more: &[(&'static str, String)]) -> Result<Process> {
        let this = std::env::current_exe()?;
        Process::start(&this.to_string_lossy(), &["worker"], &self.settings(more)).await
    }

    /// A number from the database, which may be away for a moment.
    pub async fn number(&self, sql: &str) -> u64 {
        for _ in 0..100 {
            match self.db.try_query_i64(sql).await {
                Ok(number) => return number.max(0).unsigned_abs(),
                Err(error) if error.is_transient() => tokio::time::sleep(Duration::from_millis(100)).await,
                Err(error) => panic!("{sql}: {error}"),
            }
        }
        panic!("the database did not answer: {sql}")
    }

    /// Waits until the query gives 0; whether it did in time.
    pub async fn until_none(&self, sql: &str, within: Duration) -> bool {
        let began = Instant::now();
        loop {
            if self.number(sql).await == 0 {
                return true;
            }
            if began.elapsed() > within {
                return false;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Waits until every event has its number; gives the newest.
    pub async fn numbered(&self, within: Duration) -> u64 {
        self.until_none("SELECT count(*) FROM workflow_events WHERE id IS NULL", within).await;
        self.number(NEWEST_EVENT).await
    }

    /// Waits until no job is unfinished.
    pub async fn until_dry(&self, within: Duration) -> bool {
        const UNFINISHED: &str = "SELECT count(*) FROM jobs WHERE finished_at IS NULL AND schedule IS NULL";
        self.until_none(UNFINISHED, within).await
    }
}
