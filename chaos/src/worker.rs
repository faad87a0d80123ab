//! A worker whose registry has kinds that misbehave, beside those of the product.

use std::time::Duration;

use anyhow::Result;
use clap::Args;
use serde::{Deserialize, Serialize};
use serde_json::json;
use shared::clock::Clock;
use shared::events::{Bus, Relay};
use shared::jobs::{Done, Engine, EngineConfig, Handler, Job, JobContext, JobError, queue};
use shared::store::{Db, audit};
use tokio::signal::unix::{SignalKind, signal};

/// Settings of the worker.
#[derive(Args)]
pub struct Settings {
    /// The database
    #[arg(long, env = "DATABASE_URL")]
    database_url: String,
    /// Redis between processes
    #[arg(long, env = "REDIS_URL")]
    redis_url: Option<String>,
    /// Seconds of a lease
    #[arg(long, env = "WORKFLOW_LEASE", default_value_t = 2)]
    lease: u64,
    /// Seconds that running jobs may take to end at a stop
    #[arg(long, env = "WORKFLOW_CHAOS_DRAIN", default_value_t = 15)]
    drain: u64,
    /// Jobs of one queue that run at once
    #[arg(long, env = "WORKFLOW_CONCURRENCY", default_value_t = 256)]
    concurrency: usize,
}

/// A job that behaves as it says.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Misbehave {
    /// Tells it from the others.
    pub n: u64,
    /// What it does.
    pub act: Act,
}

/// What a job does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Act {
    /// Writes its line in the ledger.
    Good,
    /// The same, after some time.
    Slow,
    /// The same, after a long time.
    Long,
    /// Panics.
    Panic,
    /// Ends the process.
    Abort,
    /// Never ends.
    Hang,
    /// Fails again and again.
    Fail,
}

impl Job for Misbehave {
    const KIND: &'static str = "misbehave";
    const QUEUE: &'static str = queue::MUTATIONS;
    const MAX_ATTEMPTS: i16 = 5;
    const TIMEOUT: Duration = Duration::from_secs(8);
}

struct Stagehand;

impl Handler<Misbehave> for Stagehand {
    async fn run(&self, context: JobContext, job: Misbehave) -> Result<Done, JobError> {
        match job.act {
            Act::Good => {}
            Act::Slow => tokio::time::sleep(Duration::from_millis(400)).await,
            Act::Long => tokio::time::sleep(Duration::from_secs(3)).await,
            Act::Panic => panic!("as told"),
            Act::Abort => std::process::abort(),
            Act::Hang => std::future::pending().await,
            Act::Fail => return Err(JobError::Retry("as told".to_owned())),
        }
        let mut tx = context.db().begin().await?;
        audit::audit(&mut tx, context.now(), "chaos", "effect", &job.n.to_string(), &json!({})).await?;
        Ok(Done::with(tx, json!({"n": job.n})))
    }
}

/// Works until SIGTERM.
pub async fn run(settings: Settings) -> Result<()> {
    // Panics are what is tried here; their outcomes are in the table.
    std::panic::set_hook(Box::new(|_| {}));
    let db = Db::open_migrated(&settings.database_url, 12).await?;
    let bus = Bus::connect(&db, settings.redis_url.as_deref()).await?;
    let relay = Relay::start(db.clone(), bus.clone());
    let registry = worker::registry(worker::Retention::default()).with(Stagehand);
    let config = EngineConfig {
        lease: Duration::from_secs(settings.lease),
        drain: Duration::from_secs(settings.drain),
        concurrency: settings.concurrency,
        ..EngineConfig::default()
    };
    let engine = Engine::new(db, Clock::system(), bus, relay, registry, worker::schedules(), config);
    println!("worker {} is ready", engine.worker_id());
    let mut terminate = signal(SignalKind::terminate())?;
    let stop = async move {
        terminate.recv().await;
    };
    engine.run(stop).await;
    Ok(())
}
