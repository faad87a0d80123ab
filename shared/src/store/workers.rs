//! Workers, schedules and queues as they are seen across processes.

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::query::{execute, fetch_all, fetch_one};
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
    /// When it started.
    pub started_at: DateTime<Utc>,
    /// When it was last heard of.
    pub heartbeat_at: DateTime<Utc>,
    /// Jobs it runs.
    pub running: i64,
}

/// Tells that a worker is alive.
pub async fn heartbeat(tx: &mut Tx, worker: &WorkerRow) -> Result<()> {
    const SQL: &str = "INSERT INTO workers (id, host, version, queues, started_at, heartbeat_at, running)
         VALUES ($1, $2, $3, $4::jsonb, $5, $6, $7)
         ON CONFLICT (id) DO UPDATE
         SET heartbeat_at = excluded.heartbeat_at, running = excluded.running, queues = excluded.queues";
    let queues = serde_json::json!(worker.queues).to_string();
    execute!(
        tx,
        SQL,
        &worker.id,
        &worker.host,
        &worker.version,
        queues,
        worker.started_at,
        worker.heartbeat_at,
        worker.running
    )
    .map(drop)
}

/// Forgets a worker that has stopped.
pub async fn leave(tx: &mut Tx, id: &str) -> Result<()> {
    execute!(tx, "DELETE FROM workers WHERE id = $1", id).map(drop)
}

/// Forgets workers not heard of since `before`.
pub async fn forget(tx: &mut Tx, before: DateTime<Utc>) -> Result<u64> {
    execute!(tx, "DELETE FROM workers WHERE heartbeat_at < $1", before)
}

/// Workers heard of since `after`.
pub async fn list(session: &mut Session, after: DateTime<Utc>) -> Result<Vec<WorkerRow>> {
    const SQL: &str = "SELECT id, host, version, queues, started_at, heartbeat_at, running
         FROM workers
         WHERE heartbeat_at >= $1
         ORDER BY started_at, id";
    fetch_all!(session, WorkerRow, SQL, after)
}

/// A schedule: a kind of job made at each tick of a cron expression.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct ScheduleRow {
    /// Its name.
    pub name: String,
    /// Kind of the jobs it makes.
    pub kind: String,
    /// Five-field cron expression.
    pub cron: String,
    /// IANA zone the expression is read in.
    pub tz: String,
    /// Whether it makes no jobs.
    pub paused: bool,
    /// Tick that last made a job.
    pub last_run_at: Option<DateTime<Utc>>,
    /// Next tick.
    pub next_run_at: DateTime<Utc>,
}

/// Adds a schedule that is not there yet; an existing one keeps what operators set.
pub async fn add_schedule(tx: &mut Tx, schedule: &ScheduleRow) -> Result<()> {
    const SQL: &str = "INSERT INTO schedules (name, kind, cron, tz, next_run_at)
         VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (name) DO NOTHING";
    execute!(tx, SQL, &schedule.name, &schedule.kind, &schedule.cron, &schedule.tz, schedule.next_run_at).map(drop)
}

/// Schedules whose tick has come, locked; those another process holds are left to it.
pub async fn lock_due_schedules(tx: &mut Tx, now: DateTime<Utc>) -> Result<Vec<ScheduleRow>> {
    const SQL: &str = "SELECT name, kind, cron, tz, paused, last_run_at, next_run_at
         FROM schedules
         WHERE next_run_at <= $1
         ORDER BY name FOR UPDATE SKIP LOCKED";
    fetch_all!(tx, ScheduleRow, SQL, now)
}

/// Moves a schedule to its next tick.
pub async fn advance_schedule(tx: &mut Tx, name: &str, last: Option<DateTime<Utc>>, next: DateTime<Utc>) -> Result<()> {
    const SQL: &str = "UPDATE schedules SET last_run_at = COALESCE($2, last_run_at), next_run_at = $3 WHERE name = $1";
    execute!(tx, SQL, name, last, next).map(drop)
}

/// All schedules.
pub async fn schedules(session: &mut Session) -> Result<Vec<ScheduleRow>> {
    const SQL: &str = "SELECT name, kind, cron, tz, paused, last_run_at, next_run_at FROM schedules ORDER BY name";
    fetch_all!(session, ScheduleRow, SQL)
}

/// Writes an operator's action to the audit trail.
pub async fn audit(
    tx: &mut Tx,
    at: DateTime<Utc>,
    principal: &str,
    action: &str,
    object: &str,
    detail: &Value,
) -> Result<()> {
    const SQL: &str = "INSERT INTO audit (at, principal, action, object, detail) VALUES ($1, $2, $3, $4, $5::jsonb)";
    execute!(tx, SQL, at, principal, action, object, detail.to_string()).map(drop)
}
