//! How the database itself fares.

use chrono::{DateTime, Utc};
use poem::Request;
use poem::web::Data;
use poem_openapi::{Object, OpenApi};
use serde::Serialize;
use shared::store::{health, rollups, workers};

use super::jobs::ALIVE;
use crate::app::App;
use crate::openapi::Tag;
use crate::params;
use crate::payload::Answer;
use crate::problem::Problem;

pub(crate) struct DatabaseApi;

/// How the database fares.
#[derive(Serialize, Object)]
pub(crate) struct Database {
    /// `postgresql` or `sqlite`.
    kind: String,
    /// Its version.
    version: String,
    /// Its size on disk in bytes.
    size_bytes: i64,
    /// Of it, the write-ahead log; null on PostgreSQL.
    wal_bytes: Option<i64>,
    /// Of it, free; null on PostgreSQL.
    free_bytes: Option<i64>,
    /// Its tables, the largest first.
    tables: Vec<Table>,
    /// The oldest transaction that keeps dead rows; null if there is none.
    oldest_transaction: Option<OldestTransaction>,
    /// 95th percentile of the last claims of each worker alive.
    claim_p95_ms: Vec<ClaimTime>,
    /// What the last comparison of the sums behind the figures with the tasks found; null if there was none.
    reconciled: Option<Reconciled>,
    /// What somebody should look at, in words.
    warnings: Vec<String>,
}

/// What a comparison of the sums behind the figures with the tasks found.
#[derive(Serialize, Object)]
pub(crate) struct Reconciled {
    /// When.
    at: DateTime<Utc>,
    /// Sums compared.
    cells: i64,
    /// Sums that differed and were put right.
    repaired: i64,
}

/// How a table fares.
#[derive(Serialize, Object)]
#[oai(rename = "DatabaseTable")]
pub(crate) struct Table {
    /// Its name.
    name: String,
    /// Live rows, estimated; null on SQLite.
    rows: Option<i64>,
    /// Dead rows, estimated; null on SQLite.
    dead_rows: Option<i64>,
    /// Bytes without indexes; null on SQLite.
    size_bytes: Option<i64>,
    /// Bytes of its indexes; null on SQLite.
    index_bytes: Option<i64>,
    /// Seconds since it was last vacuumed; null if it never was.
    vacuumed_seconds_ago: Option<i64>,
}

/// An open transaction and who holds it.
#[derive(Serialize, Object)]
pub(crate) struct OldestTransaction {
    /// For how long.
    age_seconds: i64,
    /// Server process.
    pid: i64,
    /// What it does.
    state: Option<String>,
    /// Its last statement, shortened.
    query: Option<String>,
    /// Program that opened it.
    application: Option<String>,
}

/// How long a worker's claims take.
#[derive(Serialize, Object)]
pub(crate) struct ClaimTime {
    /// The worker.
    worker: String,
    /// Milliseconds.
    ms: f64,
}

#[OpenApi(prefix_path = "/api", tag = "Tag::Jobs")]
impl DatabaseApi {
    /// Look after the database
    #[oai(path = "/database", method = "get", operation_id = "getDatabase")]
    async fn get(&self, app: Data<&App>, request: &Request) -> Result<Answer<Database>, Problem> {
        params::check(request)?;
        let found = app.db.health().await?;
        let alive = workers::list(&mut app.db.read().await?, app.clock.now() - ALIVE).await?;
        let compared = rollups::last_comparison(&mut app.db.read().await?).await?;
        let reconciled = compared.map(|(at, found)| Reconciled { at, cells: found.cells, repaired: found.repaired });
        let warnings = health::warnings(&found);
        let table = |table: health::TableHealth| Table {
            name: table.name,
            rows: table.rows,
            dead_rows: table.dead_rows,
            size_bytes: table.size_bytes,
            index_bytes: table.index_bytes,
            vacuumed_seconds_ago: table.vacuumed_seconds_ago,
        };
        let oldest = |oldest: health::OldestTransaction| OldestTransaction {
            age_seconds: oldest.age_seconds,
            pid: oldest.pid,
            state: oldest.state,
            query: oldest.query,
            application: oldest.application,
        };
        let claims = alive.into_iter().filter_map(|row| Some(ClaimTime { worker: row.id, ms: row.claim_p95_ms? }));
        Ok(Answer::of(&Database {
            kind: found.kind.to_owned(),
            version: found.version,
            size_bytes: found.size_bytes,
            wal_bytes: found.wal_bytes,
            free_bytes: found.free_bytes,
            tables: found.tables.into_iter().map(table).collect(),
            oldest_transaction: found.oldest_transaction.map(oldest),
            claim_p95_ms: claims.collect(),
            reconciled,
            warnings,
        }))
    }
}
