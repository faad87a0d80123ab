//! Worker processes.

use chrono::{DateTime, Utc};
use poem::Request;
use poem::web::Data;
use poem_openapi::param::Path;
use poem_openapi::{Object, OpenApi};
use serde::Serialize;
use serde_json::json;
use shared::events::Signal;
use shared::store::audit;
use shared::store::workers::{self, WorkerRow};

use super::jobs::{ALIVE, reason};
use crate::app::App;
use crate::body::{Body, Fields, FromFields, read};
use crate::openapi::Tag;
use crate::params;
use crate::payload::Answer;
use crate::problem::Problem;

pub(crate) struct WorkersApi;

/// A worker process.
#[derive(Serialize, Object)]
pub(crate) struct Worker {
    /// New at every start.
    id: String,
    /// Machine it runs on.
    host: String,
    /// Its version.
    version: String,
    /// Queues it works on.
    queues: Vec<String>,
    /// Kinds of jobs it knows.
    kinds: Vec<String>,
    /// When it started.
    started_at: DateTime<Utc>,
    /// When it was last heard of.
    heartbeat_at: DateTime<Utc>,
    /// Whether that was in the last 15 seconds. One that went silent is forgotten after five minutes.
    alive: bool,
    /// Jobs it runs.
    running: i64,
    /// Jobs of one queue it runs at once; fewer on queues of large jobs.
    concurrency: i64,
    /// What an operator asked for instead.
    wanted_concurrency: Option<i64>,
    /// Whether it takes nothing new because it is about to stop.
    draining: bool,
    /// 95th percentile of its last claims, in milliseconds.
    claim_p95_ms: Option<f64>,
}

/// The workers, the oldest first.
#[derive(Serialize, Object)]
#[oai(rename = "WorkerList")]
pub(crate) struct Workers {
    /// The workers.
    workers: Vec<Worker>,
}

/// How many jobs a worker is to run at once.
#[derive(Object)]
#[oai(rename = "EditWorkerRequest")]
pub(crate) struct EditDoc {
    /// Jobs of one queue; 0 to take nothing new.
    #[oai(validator(minimum(value = "0"), maximum(value = "1000")))]
    concurrency: i64,
    /// Kept in the audit trail.
    #[oai(validator(max_length = 500))]
    reason: Option<String>,
}

pub(crate) struct Edit {
    concurrency: i64,
    reason: Option<String>,
}

impl FromFields for Edit {
    type Schema = EditDoc;

    fn read(fields: &mut Fields) -> Option<Self> {
        let concurrency = fields.required("concurrency", read::integer(0..=1_000));
        let reason = reason(fields);
        Some(Self { concurrency: concurrency?, reason })
    }
}

#[OpenApi(prefix_path = "/api", tag = "Tag::Jobs")]
impl WorkersApi {
    /// List workers
    #[oai(path = "/workers", method = "get", operation_id = "listWorkers")]
    async fn list(&self, app: Data<&App>, request: &Request) -> Result<Answer<Workers>, Problem> {
        params::check(request)?;
        let now = app.clock.now();
        let rows = workers::list(&mut app.db.read().await?, now - chrono::TimeDelta::minutes(5)).await?;
        Ok(Answer::of(&Workers { workers: rows.into_iter().map(|row| view(row, now)).collect() }))
    }

    /// Change how many jobs a worker runs at once
    ///
    /// What runs goes on. Until the worker stops; a new process begins with its own setting.
    #[oai(path = "/workers/:worker_id", method = "patch", operation_id = "editWorker")]
    async fn edit(
        &self,
        app: Data<&App>,
        request: &Request,
        /// The worker.
        worker_id: Path<String>,
        body: Body<Edit>,
    ) -> Result<Answer<Worker>, Problem> {
        params::check(request)?;
        let Edit { concurrency, reason } = body.value;
        let (now, missing) = (app.clock.now(), || Problem::not_found("the worker"));
        let mut tx = app.db.begin().await?;
        if !workers::want_concurrency(&mut tx, &worker_id, concurrency).await? {
            return Err(missing());
        }
        let detail = json!({"concurrency": concurrency, "reason": reason});
        audit::audit(&mut tx, now, app.principal(), "worker.concurrency", &worker_id, &detail).await?;
        let row = workers::lookup(&mut tx, &worker_id).await?.ok_or_else(missing)?;
        tx.commit().await?;
        let worker = worker_id.0.clone();
        app.bus.publish(Signal::Concurrency { worker, concurrency: concurrency as usize });
        Ok(Answer::of(&view(row, now)))
    }
}

fn view(row: WorkerRow, now: DateTime<Utc>) -> Worker {
    Worker {
        alive: row.heartbeat_at >= now - ALIVE,
        id: row.id,
        host: row.host,
        version: row.version,
        queues: row.queues,
        kinds: row.kinds,
        started_at: row.started_at,
        heartbeat_at: row.heartbeat_at,
        running: row.running,
        concurrency: row.concurrency,
        wanted_concurrency: row.wanted_concurrency,
        draining: row.draining,
        claim_p95_ms: row.claim_p95_ms,
    }
}
