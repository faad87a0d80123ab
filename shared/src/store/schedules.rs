//! Schedules: rows whose ticks make jobs.

use chrono::{DateTime, Utc};

use super::query::{execute, fetch_all, fetch_optional};
use super::{Result, Session, Tx};
use crate::faults::{self, Guard};
use crate::jobs::NewJob;

/// A schedule: a job made at each tick of a cron expression.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct ScheduleRow {
    /// Its name.
    pub name: String,
    /// Kind of the jobs it makes.
    pub kind: String,
    /// Their queue.
    pub queue: String,
    /// Their priority.
    pub priority: i16,
    /// Their attempts at most.
    pub max_attempts: i16,
    /// Their arguments as JSON text.
    pub args: String,
    /// Cron expression.
    pub cron: String,
    /// IANA zone the expression is read in.
    pub tz: String,
    /// What happens to missed ticks: `skip`, `one` or `all`.
    pub catch_up: String,
    /// Whether it makes no jobs.
    pub paused: bool,
    /// Who paused it.
    pub paused_by: Option<String>,
    /// Why.
    pub reason: Option<String>,
    /// Tick that last made a job.
    pub last_run_at: Option<DateTime<Utc>>,
    /// Next tick.
    pub next_run_at: DateTime<Utc>,
    /// The last job made.
    pub last_job: Option<i64>,
}

macro_rules! schedule_columns {
    () => {
        "name, kind, queue, priority, max_attempts, CAST(args AS text) AS args, cron, tz, catch_up, paused, paused_by, \
         reason, last_run_at, next_run_at, last_job"
    };
}

/// Adds a schedule that is not there yet. Of an existing one only the job is brought up to date: what operators set
/// stays.
pub async fn declare(
    tx: &mut Tx,
    name: &str,
    job: &NewJob,
    cron: &str,
    tz: &str,
    catch_up: &str,
    next_run_at: DateTime<Utc>,
) -> Result<()> {
    const SQL: &str =
        "INSERT INTO schedules (name, kind, queue, priority, max_attempts, args, cron, tz, catch_up, next_run_at)
         VALUES ($1, $2, $3, $4, $5, $6::jsonb, $7, $8, $9, $10)
         ON CONFLICT (name) DO UPDATE
         SET kind = excluded.kind, queue = excluded.queue, priority = excluded.priority,
             max_attempts = excluded.max_attempts, args = excluded.args";
    let args = job.args.to_string();
    let (kind, queue) = (&*job.kind, &*job.queue);
    execute!(tx, SQL, name, kind, queue, job.priority, job.max_attempts, args, cron, tz, catch_up, next_run_at)
        .map(drop)
}

/// Schedules whose tick has come, locked; those another process holds are left to it.
pub async fn lock_due(tx: &mut Tx, now: DateTime<Utc>) -> Result<Vec<ScheduleRow>> {
    const SQL: &str = concat!(
        "SELECT ",
        schedule_columns!(),
        " FROM schedules
         WHERE next_run_at <= $1
         ORDER BY name FOR UPDATE SKIP LOCKED"
    );
    const UNGUARDED: &str =
        concat!("SELECT ", schedule_columns!(), " FROM schedules WHERE next_run_at <= $1 ORDER BY name");
    let sql = if faults::is_off(Guard::Ticks) { UNGUARDED } else { SQL };
    fetch_all!(tx, ScheduleRow, sql, now)
}

/// The schedule of this name, locked.
pub async fn lock(tx: &mut Tx, name: &str) -> Result<Option<ScheduleRow>> {
    const SQL: &str = concat!("SELECT ", schedule_columns!(), " FROM schedules WHERE name = $1 FOR UPDATE");
    fetch_optional!(tx, ScheduleRow, SQL, name)
}

/// Moves a schedule to its next tick.
pub async fn advance(tx: &mut Tx, name: &str, ran: Option<(DateTime<Utc>, i64)>, next: DateTime<Utc>) -> Result<()> {
    const SQL: &str = "UPDATE schedules
         SET last_run_at = COALESCE($2, last_run_at), last_job = COALESCE($3, last_job), next_run_at = $4
         WHERE name = $1";
    execute!(tx, SQL, name, ran.map(|(tick, _)| tick), ran.map(|(_, job)| job), next).map(drop)
}

/// Writes what operators may set.
pub async fn save_settings(tx: &mut Tx, schedule: &ScheduleRow) -> Result<()> {
    const SQL: &str = "UPDATE schedules
         SET cron = $2, tz = $3, catch_up = $4, paused = $5, paused_by = $6, reason = $7, next_run_at = $8
         WHERE name = $1";
    let ScheduleRow { name, cron, tz, catch_up, paused, paused_by, reason, next_run_at, .. } = schedule;
    execute!(tx, SQL, name, cron, tz, catch_up, *paused, paused_by.as_deref(), reason.as_deref(), *next_run_at)
        .map(drop)
}

/// All schedules.
pub async fn list(session: &mut Session) -> Result<Vec<ScheduleRow>> {
    const SQL: &str = concat!("SELECT ", schedule_columns!(), " FROM schedules ORDER BY name");
    fetch_all!(session, ScheduleRow, SQL)
}

/// Whether a job of this schedule has been made and not been started.
pub async fn has_unstarted(session: &mut Session, name: &str) -> Result<bool> {
    const SQL: &str = "SELECT seq FROM jobs
         WHERE schedule = $1
           AND state IN ('available', 'scheduled', 'pending', 'retryable')
         ORDER BY seq DESC
         LIMIT 1";
    Ok(fetch_optional!(session, (i64,), SQL, name)?.is_some())
}
