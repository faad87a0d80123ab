//! What a process counts and times, in the format of Prometheus. Every name and label is here, and listed with its meaning
//! in `docs/operations.md`; labels take values from closed sets only, so that the number of series is bounded.
//!
//! Without [`start`], as in client commands, counting does nothing.

use std::sync::OnceLock;
use std::time::Duration;

use metrics::{Unit, counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::clock::Clock;
use crate::events::Bus;
use crate::jobs::JobState;
use crate::store::Db;
use crate::store::gauges::Gauges;

/// Upper bounds in seconds of what answers or runs: from what a cache answers to the longest a job may take.
const SECONDS: [f64; 15] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0, 60.0, 300.0];
/// How often samples are folded into their buckets; between two scrapes they would pile up.
const FOLD: Duration = Duration::from_secs(5);

/// How long the figures of the installation are good for: each costs a query.
const KEPT: Duration = Duration::from_secs(5);
/// How long a scrape waits for the database.
const PATIENCE: Duration = Duration::from_secs(2);

static HANDLE: OnceLock<PrometheusHandle> = OnceLock::new();

const REQUESTS: &str = "workflow_http_requests_total";
const REQUEST_SECONDS: &str = "workflow_http_request_seconds";
const REFUSED: &str = "workflow_http_refused_total";
const ATTEMPTS: &str = "workflow_job_attempts_total";
const RUN_SECONDS: &str = "workflow_job_run_seconds";
const WAIT_SECONDS: &str = "workflow_job_wait_seconds";
const RESCUED: &str = "workflow_jobs_rescued_total";
const LEASES_LOST: &str = "workflow_leases_lost_total";
const RUNNING: &str = "workflow_jobs_running";
const EVENTS: &str = "workflow_events_numbered_total";
const SOCKETS: &str = "workflow_sockets";
const SOCKETS_DROPPED: &str = "workflow_sockets_dropped_total";
const MAILS: &str = "workflow_mails_total";
const DATABASE: &str = "workflow_database_up";
const REDIS: &str = "workflow_redis_up";
const CONNECTIONS: &str = "workflow_database_connections";
const DEPTH: &str = "workflow_queue_jobs";
const OLDEST: &str = "workflow_queue_oldest_seconds";
const PAUSED: &str = "workflow_queue_paused";
const WORKERS: &str = "workflow_workers";
const OUTBOX: &str = "workflow_events_unnumbered";
const SCHEDULE_LATE: &str = "workflow_schedule_late_seconds";
const SWEEP_LATE: &str = "workflow_sla_sweep_late_seconds";
const QUARANTINED: &str = "workflow_mails_quarantined";
const BUILD: &str = "workflow_build_info";

/// Why requests reach no operation.
const REFUSALS: [&str; 5] = ["unauthenticated", "forbidden", "host", "rate", "limits"];

/// How an attempt of a job ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attempt {
    /// Its effects are stored.
    Completed,
    /// It failed and will be tried again.
    Retried,
    /// It failed for good.
    Discarded,
    /// It put itself off.
    Snoozed,
}

impl Attempt {
    fn name(self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::Retried => "retried",
            Self::Discarded => "discarded",
            Self::Snoozed => "snoozed",
        }
    }
}

/// Starts counting; needs a Tokio runtime.
///
/// # Errors
/// Something else counts in this process already.
pub fn start() -> Result<(), String> {
    let builder = PrometheusBuilder::new().set_buckets(&SECONDS).map_err(|error| error.to_string())?;
    let handle = builder.install_recorder().map_err(|error| error.to_string())?;
    let folded = handle.clone();
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(FOLD).await;
            folded.run_upkeep();
        }
    });
    let _ = HANDLE.set(handle);
    describe();
    begin();
    gauge!(BUILD, "version" => env!("CARGO_PKG_VERSION")).set(1.0);
    Ok(())
}

fn describe() {
    describe_counter!(REQUESTS, "Requests answered, by operation and class of status");
    describe_histogram!(REQUEST_SECONDS, Unit::Seconds, "From the request's head to its answer's head");
    describe_counter!(REFUSED, "Requests refused before they reached an operation, by reason");
    describe_counter!(ATTEMPTS, "Attempts of jobs that ended, by kind and outcome");
    describe_histogram!(RUN_SECONDS, Unit::Seconds, "How long attempts took, by kind");
    describe_histogram!(WAIT_SECONDS, Unit::Seconds, "From when a job was due to its start, by queue");
    describe_counter!(RESCUED, "Jobs taken over from a worker that went silent");
    describe_counter!(LEASES_LOST, "Runs stopped because their lease was taken over");
    describe_gauge!(RUNNING, "Jobs this process runs");
    describe_counter!(EVENTS, "Events numbered by this process");
    describe_gauge!(SOCKETS, "Open WebSocket connections");
    describe_counter!(SOCKETS_DROPPED, "Connections closed because their client was too slow");
    describe_counter!(MAILS, "Mails read, by what became of them");
    describe_gauge!(DATABASE, "1 if the database answered the last time it was asked");
    describe_gauge!(REDIS, "1 if Redis answers, 0 if not; absent if it is not used");
    describe_gauge!(CONNECTIONS, "Connections to the database, by pool and state");
    describe_gauge!(DEPTH, "Unfinished and discarded jobs of the whole installation, by queue and state");
    describe_gauge!(OLDEST, Unit::Seconds, "For how long the oldest job that may run has waited, by queue");
    describe_gauge!(PAUSED, "1 if an operator paused the queue");
    describe_gauge!(WORKERS, "Workers of the whole installation that are alive");
    describe_gauge!(OUTBOX, "Committed events that have no number yet");
    describe_gauge!(SCHEDULE_LATE, Unit::Seconds, "For how long a schedule that is not paused has been due");
    describe_gauge!(SWEEP_LATE, Unit::Seconds, "For how long the oldest deadline that has passed has not been judged");
    describe_gauge!(QUARANTINED, "Mails that could not be read and wait for a person");
    describe_gauge!(BUILD, "1, with the version as a label");
}

/// What has not happened yet is 0, not absent: an alert on an increase needs a beginning.
fn begin() {
    for name in [RESCUED, LEASES_LOST, EVENTS, SOCKETS_DROPPED] {
        counter!(name).absolute(0);
    }
    for reason in REFUSALS {
        counter!(REFUSED, "reason" => reason).absolute(0);
    }
    for outcome in ["created", "updated", "noise", "duplicate", "quarantined"] {
        counter!(MAILS, "outcome" => outcome).absolute(0);
    }
    gauge!(SOCKETS).set(0.0);
    gauge!(RUNNING).set(0.0);
}

/// What a process shows to Prometheus.
pub struct Scrape {
    db: Db,
    clock: Clock,
    bus: Bus,
    /// When the figures of the installation were read last.
    read: Mutex<Option<Instant>>,
}

impl Scrape {
    /// What this process counts, and what the installation of this database is like.
    pub fn new(db: Db, clock: Clock, bus: Bus) -> Self {
        Self { db, clock, bus, read: Mutex::new(None) }
    }

    /// Everything counted so far, in the text format; empty without [`start`]. The figures of the installation are at most
    /// 5 s old, or left as they were if the database does not answer in 2 s.
    pub async fn text(&self) -> String {
        let mut read = self.read.lock().await;
        if read.is_none_or(|at| at.elapsed() >= KEPT) {
            let asked = tokio::time::timeout(PATIENCE, self.db.gauges(self.clock.now())).await;
            let answered = matches!(asked, Ok(Ok(_)));
            gauge!(DATABASE).set(f64::from(u8::from(answered)));
            if let Ok(Ok(gauges)) = asked {
                installation(&gauges);
                *read = Some(Instant::now());
            }
        }
        drop(read);
        if let Some(up) = self.bus.is_connected() {
            gauge!(REDIS).set(f64::from(u8::from(up)));
        }
        HANDLE.get().map(PrometheusHandle::render).unwrap_or_default()
    }
}

/// An operation has answered. `operation`: its id in the API's document, or `other`.
pub fn request(operation: &'static str, status: u16, took: Duration) {
    counter!(REQUESTS, "operation" => operation, "status" => class(status)).increment(1);
    histogram!(REQUEST_SECONDS, "operation" => operation).record(took.as_secs_f64());
}

/// A request was refused before it reached an operation.
pub fn refused(status: u16) {
    let reason = match status {
        401 => "unauthenticated",
        403 => "forbidden",
        421 => "host",
        429 => "rate",
        _ => "limits",
    };
    counter!(REFUSED, "reason" => reason).increment(1);
}

fn class(status: u16) -> &'static str {
    match status {
        100..=199 => "1xx",
        200..=299 => "2xx",
        300..=399 => "3xx",
        400..=499 => "4xx",
        _ => "5xx",
    }
}

/// An attempt has ended.
pub fn attempt(kind: &'static str, outcome: Attempt, took: Duration) {
    counter!(ATTEMPTS, "kind" => kind, "outcome" => outcome.name()).increment(1);
    histogram!(RUN_SECONDS, "kind" => kind).record(took.as_secs_f64());
}

/// A job has started this long after it was due.
pub fn started(queue: &str, waited: Duration) {
    histogram!(WAIT_SECONDS, "queue" => queue.to_owned()).record(waited.as_secs_f64());
}

/// Jobs were taken over.
pub fn rescued(jobs: usize) {
    counter!(RESCUED).increment(jobs as u64);
}

/// A run was stopped because its lease is somebody else's.
pub fn lease_lost() {
    counter!(LEASES_LOST).increment(1);
}

/// This process runs so many jobs.
pub fn running(jobs: usize) {
    gauge!(RUNNING).set(jobs as f64);
}

/// Events were numbered.
pub fn numbered(events: usize) {
    counter!(EVENTS).increment(events as u64);
}

/// So many sockets are open.
pub fn sockets(open: usize) {
    gauge!(SOCKETS).set(open as f64);
}

/// A socket was closed because its client was too slow.
pub fn socket_dropped() {
    counter!(SOCKETS_DROPPED).increment(1);
}

/// A mail was read. `outcome`: as the account of its batch calls it.
pub fn mail(outcome: &'static str) {
    counter!(MAILS, "outcome" => outcome).increment(1);
}

/// What the whole installation is like.
fn installation(gauges: &Gauges) {
    for pool in &gauges.pools {
        gauge!(CONNECTIONS, "pool" => pool.name, "state" => "idle").set(f64::from(pool.idle));
        gauge!(CONNECTIONS, "pool" => pool.name, "state" => "busy")
            .set(f64::from(pool.open - pool.idle.min(pool.open)));
    }
    for queue in &gauges.queues {
        let name = &queue.name;
        for state in JobState::ALL {
            if let Some(jobs) = queue.jobs.get(state) {
                gauge!(DEPTH, "queue" => name.clone(), "state" => state.as_str()).set(*jobs as f64);
            }
        }
        gauge!(OLDEST, "queue" => name.clone()).set(queue.oldest_seconds);
        gauge!(PAUSED, "queue" => name.clone()).set(f64::from(u8::from(queue.paused)));
    }
    gauge!(WORKERS).set(gauges.workers as f64);
    gauge!(OUTBOX).set(gauges.unnumbered_events as f64);
    for (schedule, late) in &gauges.schedules_late {
        gauge!(SCHEDULE_LATE, "schedule" => schedule.clone()).set(*late);
    }
    gauge!(SWEEP_LATE).set(gauges.sweep_late_seconds);
    gauge!(QUARANTINED).set(gauges.quarantined_mails as f64);
}
