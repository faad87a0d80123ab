//! Worker processes as they are seen by others, and the name of this database.

use chrono::{DateTime, Utc};

use super::query::{execute, fetch_all, fetch_one, fetch_optional};
use super::{Result, Session, Tx};

/// Names this database among others.
pub async fn installation(session: &mut Session) -> Result<String> {
    let (id,): (String,) = fetch_one!(session, (String,), "SELECT id FROM installation WHERE one = 1")?;
    Ok(id)
}

/// A worker process.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct WorkerRow {
    /// New at every boot.
    pub id: String,
    /// Machine it runs on.
    pub host: String,
    /// Its version.
    pub version: String,
    /// Queues it works on.
    #[sqlx(json)]
    pub queues: Vec<String>,
    /// Kinds of jobs it knows.
    #[sqlx(json)]
    pub kinds: Vec<String>,
    /// When it started.
    pub started_at: DateTime<Utc>,
    /// When it was last heard of.
    pub heartbeat_at: DateTime<Utc>,
    /// Jobs it runs.
    pub running: i64,
    /// Jobs of one queue it runs at once.
    pub concurrency: i64,
    /// What an operator asked for instead.
    pub wanted_concurrency: Option<i64>,
    /// Whether it takes nothing new because it is about to stop.
    pub draining: bool,
    /// 95th percentile of its last claims, in milliseconds.
    pub claim_p95_ms: Option<f64>,
}

/// Tells that a worker is alive; gives the concurrency an operator asked for.
pub async fn heartbeat(tx: &mut Tx, worker: &WorkerRow) -> Result<Option<i64>> {
    const SQL: &str = "INSERT INTO workers (id, host, version, queues, kinds, started_at, heartbeat_at, running,
                              concurrency, draining, claim_p95_ms)
         VALUES ($1, $2, $3, $4::jsonb, $5::jsonb, $6, $7, $8, $9, $10, $11)
         ON CONFLICT (id) DO UPDATE
         SET heartbeat_at = excluded.heartbeat_at, running = excluded.running, concurrency = excluded.concurrency,
             draining = excluded.draining, claim_p95_ms = excluded.claim_p95_ms
         RETURNING wanted_concurrency";
    let (queues, kinds) = (serde_json::json!(worker.queues).to_string(), serde_json::json!(worker.kinds).to_string());
    let (wanted,) = fetch_one!(
        tx,
        (Option<i64>,),
        SQL,
        &worker.id,
        &worker.host,
        &worker.version,
        queues,
        kinds,
        worker.started_at,
        worker.heartbeat_at,
        worker.running,
        worker.concurrency,
        worker.draining,
        worker.claim_p95_ms
    )?;
    Ok(wanted)
}

/// Asks a worker for another concurrency.
pub async fn want_concurrency(tx: &mut Tx, id: &str, concurrency: i64) -> Result<bool> {
    Ok(execute!(tx, "UPDATE workers SET wanted_concurrency = $2 WHERE id = $1", id, concurrency)? == 1)
}

/// Forgets a worker that has stopped.
pub async fn leave(tx: &mut Tx, id: &str) -> Result<()> {
    execute!(tx, "DELETE FROM workers WHERE id = $1", id).map(drop)
}

/// Forgets workers not heard of since `before`.
pub async fn forget(tx: &mut Tx, before: DateTime<Utc>) -> Result<u64> {
    execute!(tx, "DELETE FROM workers WHERE heartbeat_at < $1", before)
}

macro_rules! worker_columns {
    () => {
        "id, host, version, queues, kinds, started_at, heartbeat_at, running, concurrency, wanted_concurrency, draining, \
         claim_p95_ms"
    };
}

/// Workers heard of since `after`, oldest first.
pub async fn list(session: &mut Session, after: DateTime<Utc>) -> Result<Vec<WorkerRow>> {
    const SQL: &str =
        concat!("SELECT ", worker_columns!(), " FROM workers WHERE heartbeat_at >= $1 ORDER BY started_at, id");
    fetch_all!(session, WorkerRow, SQL, after)
}

/// The worker of this id.
pub async fn lookup(session: &mut Session, id: &str) -> Result<Option<WorkerRow>> {
    const SQL: &str = concat!("SELECT ", worker_columns!(), " FROM workers WHERE id = $1");
    fetch_optional!(session, WorkerRow, SQL, id)
}
