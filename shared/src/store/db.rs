//! Opening a database, and the sessions and transactions on it.

use std::ops::{Deref, DerefMut};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgConnectOptions, PgConnection, PgPool, PgPoolOptions};
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{ConnectOptions, Connection, Postgres, Sqlite, Transaction};

use super::migrate;
use super::writer::{Turn, Writer};

/// Identifies our SQLite files in their header ("WFIN").
const APPLICATION_ID: i32 = 0x5746_494E;
/// Where SQLite keeps the application id, big-endian.
const APPLICATION_ID_AT: std::ops::Range<usize> = 68..72;

/// How long a session waits for a connection: less than the 3 s in which a caller is told that the database is away.
const ACQUIRE: Duration = Duration::from_millis(2_500);

/// A failed statement, as callers tell them apart.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database cannot be reached or is going down: the same call may succeed later.
    #[error("database unavailable: {0}")]
    Unavailable(String),
    /// A row was changed by somebody else in between: read again and decide again.
    #[error("the row has changed in between")]
    Conflict,
    /// The holder of a lease has lost it: nothing was written.
    #[error("the lease of job {0} is lost")]
    LeaseLost(i64),
    /// The database refused the statement.
    #[error("database: {0}")]
    Refused(#[source] sqlx::Error),
}

impl StoreError {
    /// Whether trying again later makes sense.
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Unavailable(_) | Self::Conflict)
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed
            | sqlx::Error::Protocol(_) => Self::Unavailable(error.to_string()),
            sqlx::Error::Database(refusal) => {
                let code = refusal.code().unwrap_or_default();
                // Class 57: operator intervention; 08: connection; 53: resources; 40: serialisation and deadlock.
                // SQLite: 5 busy, 6 locked, 10 I/O, 13 full.
                let transient = ["57", "08", "53", "40"].iter().any(|class| code.len() == 5 && code.starts_with(class))
                    || matches!(&*code, "5" | "6" | "10" | "13" | "261" | "517");
                if transient { Self::Unavailable(error.to_string()) } else { Self::Refused(error) }
            }
            _ => Self::Refused(error),
        }
    }
}

/// Why a database cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The URL is neither `sqlite://` nor `postgres://`, or cannot be parsed.
    #[error("DATABASE_URL: {0}")]
    Url(String),
    /// Nobody answers, or the file cannot be created.
    #[error("cannot open the database: {0}")]
    Unreachable(String),
    /// It holds something else; it was not touched.
    #[error("{0} is not a Workflow Intelligence database; it was left untouched. Set DATABASE_URL to another one")]
    Foreign(String),
    /// It was written by a newer version; it was not touched.
    #[error(
        "the database has schema {found}, newer than this program's {known}; it was left untouched. Use a newer program"
    )]
    Newer {
        /// Version found.
        found: i64,
        /// Newest version this program knows.
        known: i64,
    },
    /// Migrations are missing and this process may not apply them.
    #[error("the database has schema {found}, this program needs {known}: run `workflow migrate` first")]
    Older {
        /// Version found; 0 for an empty database.
        found: i64,
        /// Version needed.
        known: i64,
    },
    /// A migration failed; it was rolled back.
    #[error("migration failed and was rolled back: {0}")]
    Migration(String),
}

/// A database, ready for use. Cheap to clone.
#[derive(Clone)]
pub struct Db(pub(super) Engine);

#[derive(Clone)]
pub(super) enum Engine {
    Pg {
        /// Reads, and listens.
        pool: PgPool,
        /// Writes. Never plans a sequential scan: a statement is planned while a new database is empty, where a scan is
        /// best, and would keep that plan while the tables grow until their next ANALYZE. Every write has its index.
        writes: PgPool,
        /// Commits without waiting for the disk: claims and heartbeats, which a crash may lose without harm.
        relaxed: PgPool,
    },
    Sqlite {
        readers: SqlitePool,
        writer: Writer,
    },
}

/// Whether opening may change the schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Migrate {
    /// Apply what is missing.
    Apply,
    /// Refuse a database that is not up to date.
    Require,
}

impl Db {
    /// Opens the database and brings its schema up to date.
    pub async fn open(url: &str, connections: u32) -> Result<Self, OpenError> {
        Self::open_with(url, connections, Migrate::Apply).await
    }

    /// Opens the database, refusing an outdated schema.
    pub async fn open_migrated(url: &str, connections: u32) -> Result<Self, OpenError> {
        Self::open_with(url, connections, Migrate::Require).await
    }

    async fn open_with(url: &str, connections: u32, migrate: Migrate) -> Result<Self, OpenError> {
        if let Some(path) = url.strip_prefix("sqlite:") {
            let path = path.strip_prefix("//").unwrap_or(path).split('?').next().unwrap_or_default();
            if path.is_empty() {
                return Err(OpenError::Url("sqlite:// needs the path of a file".to_owned()));
            }
            Self::open_sqlite(Path::new(path), migrate).await
        } else if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            Self::open_pg(url, connections, migrate).await
        } else {
            Err(OpenError::Url("must start with sqlite:// or postgres://".to_owned()))
        }
    }

    async fn open_pg(url: &str, connections: u32, migrate: Migrate) -> Result<Self, OpenError> {
        let options = PgConnectOptions::from_str(url)
            .map_err(|error| OpenError::Url(error.to_string()))?
            .application_name("workflow")
            .log_statements(tracing::log::LevelFilter::Trace);
        let pools = PgPoolOptions::new()
            .acquire_timeout(ACQUIRE)
            // A ping before each use costs a round trip; a broken connection shows at its next statement anyway.
            .test_before_acquire(false);
        let writing = options.clone().options([("enable_seqscan", "off"), ("jit", "off")]);
        let relaxed = writing.clone().options([("synchronous_commit", "off")]);
        let pool = pools
            .clone()
            .max_connections(connections)
            .connect_with(options)
            .await
            .map_err(|error| OpenError::Unreachable(error.to_string()))?;
        migrate::postgres(&pool, migrate).await?;
        Ok(Self(Engine::Pg {
            pool,
            writes: pools.clone().max_connections(connections).connect_lazy_with(writing),
            relaxed: pools.max_connections(3).connect_lazy_with(relaxed),
        }))
    }

    async fn open_sqlite(path: &Path, migrate: Migrate) -> Result<Self, OpenError> {
        let file = prepare_file(path, migrate)?;
        let options = SqliteConnectOptions::new()
            .filename(&file)
            .busy_timeout(Duration::from_secs(5))
            .foreign_keys(true)
            .synchronous(SqliteSynchronous::Full)
            .log_statements(tracing::log::LevelFilter::Trace);
        let unreachable = |error: sqlx::Error| OpenError::Unreachable(format!("{}: {error}", path.display()));

        // The mark goes into the file's header before write-ahead logging begins, so that no crash can hide it.
        let mut first = options.clone().connect().await.map_err(unreachable)?;
        let id: i32 = sqlx::query_scalar("PRAGMA application_id").fetch_one(&mut first).await.map_err(unreachable)?;
        if id != APPLICATION_ID {
            let mark = sqlx::AssertSqlSafe(format!("PRAGMA application_id = {APPLICATION_ID}"));
            sqlx::raw_sql(mark).execute(&mut first).await.map_err(unreachable)?;
        }
        first.close().await.map_err(unreachable)?;

        let options = options.journal_mode(SqliteJournalMode::Wal);
        let mut connection = options.clone().connect().await.map_err(unreachable)?;
        migrate::sqlite(&mut connection, migrate).await?;
        let readers = SqlitePoolOptions::new()
            .max_connections(4)
            .acquire_timeout(ACQUIRE)
            .test_before_acquire(false)
            .connect_with(options)
            .await
            .map_err(unreachable)?;
        Ok(Self(Engine::Sqlite { readers, writer: Writer::new(connection) }))
    }

    /// Whether this is the embedded database.
    pub fn is_sqlite(&self) -> bool {
        matches!(self.0, Engine::Sqlite { .. })
    }

    /// The PostgreSQL pool, for LISTEN and NOTIFY.
    pub fn postgres(&self) -> Option<&PgPool> {
        match &self.0 {
            Engine::Pg { pool, .. } => Some(pool),
            Engine::Sqlite { .. } => None,
        }
    }

    /// A session for reads; each statement sees what was committed before it.
    pub async fn read(&self) -> Result<Session, StoreError> {
        Ok(Session(match &self.0 {
            Engine::Pg { pool, .. } => Inner::Pg(pool.acquire().await?),
            Engine::Sqlite { readers, .. } => Inner::SqliteRead(readers.acquire().await?),
        }))
    }

    /// A session whose statements all see the same instant.
    pub async fn snapshot(&self) -> Result<Session, StoreError> {
        const SNAPSHOT: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
        Ok(Session(match &self.0 {
            Engine::Pg { pool, .. } => Inner::PgTx(pool.begin_with(SNAPSHOT).await?),
            Engine::Sqlite { readers, .. } => Inner::SqliteSnapshot(readers.begin().await?),
        }))
    }

    /// Begins a write transaction.
    pub async fn begin(&self) -> Result<Tx, StoreError> {
        Ok(Tx(Session(match &self.0 {
            Engine::Pg { writes, .. } => Inner::PgTx(writes.begin().await?),
            Engine::Sqlite { writer, .. } => Inner::Sqlite(writer.begin().await?),
        })))
    }

    /// Begins a transaction whose commit a crash may lose: for leases alone, which expire by themselves.
    pub async fn begin_relaxed(&self) -> Result<Tx, StoreError> {
        Ok(Tx(Session(match &self.0 {
            // One statement a transaction, so it needs no BEGIN.
            Engine::Pg { relaxed, .. } => Inner::Pg(relaxed.acquire().await?),
            Engine::Sqlite { writer, .. } => Inner::Sqlite(writer.begin().await?),
        })))
    }

    /// Whether the database answers a connection made for this alone, within the time.
    pub async fn answers(&self, within: Duration) -> bool {
        let Engine::Pg { pool, .. } = &self.0 else { return true };
        let asked = async {
            let mut connection = PgConnection::connect_with(&pool.connect_options()).await?;
            sqlx::query("SELECT 1").execute(&mut connection).await?;
            connection.close().await
        };
        matches!(tokio::time::timeout(within, asked).await, Ok(Ok(())))
    }

    /// Closes the connections, after what is running.
    pub async fn close(&self) {
        match &self.0 {
            Engine::Pg { pool, writes, relaxed } => {
                relaxed.close().await;
                writes.close().await;
                pool.close().await;
            }
            Engine::Sqlite { readers, .. } => readers.close().await,
        }
    }
}

/// Creates the folder of a new file, or checks that an existing one is ours, without opening it.
fn prepare_file(path: &Path, migrate: Migrate) -> Result<PathBuf, OpenError> {
    let unreachable = |error: std::io::Error| OpenError::Unreachable(format!("{}: {error}", path.display()));
    match std::fs::File::open(path) {
        Ok(mut file) => {
            let mut header = Vec::new();
            std::io::Read::read_to_end(&mut std::io::Read::take(&mut file, 100), &mut header).map_err(unreachable)?;
            let ours = header.get(APPLICATION_ID_AT).is_some_and(|id| id == APPLICATION_ID.to_be_bytes());
            if header.is_empty() || ours {
                Ok(path.to_owned())
            } else {
                Err(OpenError::Foreign(path.display().to_string()))
            }
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && migrate == Migrate::Apply => {
            if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
                std::fs::create_dir_all(folder).map_err(unreachable)?;
            }
            std::fs::File::create_new(path).map_err(unreachable)?;
            Ok(path.to_owned())
        }
        Err(error) => Err(unreachable(error)),
    }
}

/// A connection that store methods run on.
pub struct Session(Inner);

enum Inner {
    Pg(PoolConnection<Postgres>),
    PgTx(Transaction<'static, Postgres>),
    Sqlite(Turn),
    SqliteRead(PoolConnection<Sqlite>),
    SqliteSnapshot(Transaction<'static, Sqlite>),
}

/// The driver's connection of a session.
pub(super) enum Target<'a> {
    Pg(&'a mut PgConnection),
    Sqlite(&'a mut SqliteConnection),
}

impl Session {
    pub(super) fn target(&mut self) -> Target<'_> {
        match &mut self.0 {
            Inner::Pg(connection) => Target::Pg(connection),
            Inner::PgTx(tx) => Target::Pg(tx),
            Inner::Sqlite(turn) => Target::Sqlite(turn.connection()),
            Inner::SqliteRead(connection) => Target::Sqlite(connection),
            Inner::SqliteSnapshot(tx) => Target::Sqlite(tx),
        }
    }

    pub(super) fn is_sqlite(&self) -> bool {
        !matches!(self.0, Inner::Pg(_) | Inner::PgTx(_))
    }
}

/// A write transaction. Dropped without [`Tx::commit`] it is rolled back.
pub struct Tx(Session);

impl Tx {
    /// Returns when everything written is durable.
    pub async fn commit(self) -> Result<(), StoreError> {
        match self.0.0 {
            Inner::PgTx(tx) => Ok(tx.commit().await?),
            Inner::Sqlite(turn) => turn.commit().await,
            Inner::Pg(_) => Ok(()),
            Inner::SqliteRead(_) | Inner::SqliteSnapshot(_) => unreachable!("only read() and snapshot() make these"),
        }
    }
}

impl Deref for Tx {
    type Target = Session;
    fn deref(&self) -> &Session {
        &self.0
    }
}

impl DerefMut for Tx {
    fn deref_mut(&mut self) -> &mut Session {
        &mut self.0
    }
}
