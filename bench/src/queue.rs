//! P6 and P7: the engine itself, from enqueue to start and as fast as it goes.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use serde::{Deserialize, Serialize};
use shared::clock::Clock;
use shared::events::{Bus, Relay};
use shared::jobs::{
    Done, Engine, EngineConfig, Enqueuer, Handler, Job, JobContext, JobError, NewJob, Registry, Request,
};
use shared::store::testing::TestDatabase;
use shared::store::{self, Db};
use tokio::sync::mpsc;

use crate::peer;
use crate::{Bar, Figure, Terms, median, percentile};

/// Does nothing.
#[derive(Debug, Serialize, Deserialize)]
pub struct Noop {
    n: u64,
}

impl Job for Noop {
    const KIND: &'static str = "no-op";
    const QUEUE: &'static str = "bench";
    const TIMEOUT: Duration = Duration::from_secs(5);
}

struct Nothing {
    runs: Arc<AtomicU64>,
    started: mpsc::UnboundedSender<(u64, Instant)>,
}

impl Handler<Noop> for Nothing {
    async fn run(&self, _: JobContext, job: Noop) -> Result<Done, JobError> {
        self.runs.fetch_add(1, Ordering::Relaxed);
        let _ = self.started.send((job.n, Instant::now()));
        Ok(Done::Nothing)
    }
}

/// A running engine.
struct Running {
    stop: tokio::sync::oneshot::Sender<()>,
    ended: tokio::task::JoinHandle<shared::jobs::Stopped>,
    started: mpsc::UnboundedReceiver<(u64, Instant)>,
    enqueuer: Enqueuer,
}

/// Starts an engine on the queue of the benchmarks.
async fn start(db: &Db, slots: Option<usize>) -> Result<Running> {
    let clock = Clock::system();
    // As between processes: wake-ups go through the database.
    let bus = Bus::connect(db, None).await?;
    let relay = Relay::start(db.clone(), bus.clone());
    let (sender, started) = mpsc::unbounded_channel();
    let registry = Registry::default().with(Nothing { runs: Arc::default(), started: sender });
    let default = EngineConfig::default();
    let concurrency = slots.unwrap_or(default.concurrency);
    let config = EngineConfig { queues: vec![Noop::QUEUE.to_owned()], concurrency, ..default };
    let engine = Engine::new(db.clone(), clock.clone(), bus.clone(), relay, registry, Vec::new(), config);
    let (stop, stopped) = tokio::sync::oneshot::channel();
    let ended = tokio::spawn(engine.run(async { drop(stopped.await) }));
    Ok(Running { stop, ended, started, enqueuer: Enqueuer::start(db.clone(), clock, bus) })
}

/// P6: from the call that enqueues to the handler's first line, the commit included.
pub async fn latency(terms: &Terms) -> Result<Vec<Figure>> {
    let database = TestDatabase::postgres().await.context("run it by `cargo xtask bench`")?;
    let db = database.open().await;
    let mut running = start(&db, None).await?;
    tokio::time::sleep(Duration::from_secs(1)).await;
    let mut asked = Vec::new();
    let mut ticks = tokio::time::interval(Duration::from_millis(20));
    for n in 0..500 {
        ticks.tick().await;
        asked.push(Instant::now());
        let enqueuer = running.enqueuer.clone();
        tokio::spawn(async move {
            let job = NewJob::of(&Noop { n }, "bench");
            enqueuer.accept(Request { job, idempotency: None }).await
        });
    }
    let mut took = Vec::new();
    while took.len() < asked.len() {
        let next = tokio::time::timeout(Duration::from_secs(10), running.started.recv()).await?;
        let (n, at) = next.context("the engine runs")?;
        took.push(at - asked[n as usize]);
    }
    drop(running.stop);
    let p50 = percentile(&mut took, 50);
    let p99 = percentile(&mut took, 99);
    let detail = format!("p50 {p50:.1} ms, 500 jobs at 50/s");
    let mut figures =
        vec![Figure { name: "P6 enqueue to start p99, ms".to_owned(), value: p99, bar: Bar::AtMost(20.0), detail }];
    if let Some(peer) = peer::measure(terms.peer.as_deref(), "latency", &database.url).await? {
        let (their50, theirs) =
            (peer["p50_ms"].as_f64().unwrap_or_default(), peer["p99_ms"].as_f64().unwrap_or_default());
        figures.push(Figure {
            name: "P6 enqueue to start p99 / peer".to_owned(),
            value: p99 / theirs,
            bar: Bar::AtMost(1.0),
            detail: format!("{p99:.1} ms against {theirs:.1} ms (p50 {p50:.1} against {their50:.1}), {}", peer["peer"]),
        });
    }
    Ok(figures)
}

/// Jobs a second of a drain of `count` jobs that wait already, until the last is completed in the table.
pub async fn drain_rate(db: &Db, count: u64, slots: Option<usize>) -> Result<f64> {
    for chunk in 0..count / 1_000 {
        let jobs: Vec<NewJob> = (0..1_000).map(|n| NewJob::of(&Noop { n: chunk * 1_000 + n }, "bench")).collect();
        let mut tx = db.begin().await?;
        store::jobs::enqueue(&mut tx, &jobs, Clock::system().now()).await?;
        tx.commit().await?;
    }
    if !db.is_sqlite() {
        db.execute_raw("ANALYZE jobs").await;
    }
    let done = "SELECT count(*) FROM jobs WHERE queue = 'bench' AND state = 'completed'";
    let before = db.query_i64(done).await.unsigned_abs();
    let began = Instant::now();
    let mut running = start(db, slots).await?;
    for _ in 0..count {
        running.started.recv().await.context("the engine runs")?;
    }
    while db.query_i64(done).await.unsigned_abs() < before + count {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    let rate = count as f64 / began.elapsed().as_secs_f64();
    drop(running.stop);
    running.ended.await?;
    Ok(rate)
}

/// P7: a drain of 20,000 jobs that do nothing.
pub async fn drain(terms: &Terms) -> Result<Vec<Figure>> {
    const COUNT: u64 = 20_000;
    let database = TestDatabase::postgres().await.context("run it by `cargo xtask bench`")?;
    let db = database.open().await;
    let (mut ours, mut theirs, mut ratios, mut name) = (Vec::new(), Vec::new(), Vec::new(), String::new());
    for _ in 0..terms.rounds {
        let rate = drain_rate(&db, COUNT, None).await?;
        ours.push(rate);
        if let Some(peer) = peer::measure(terms.peer.as_deref(), "drain", &database.url).await? {
            let peer_rate = peer["jobs_per_s"].as_f64().unwrap_or_default();
            ratios.push(rate / peer_rate);
            theirs.push(peer_rate);
            name = peer["peer"].to_string();
        }
    }
    let rate = median(ours);
    let mut figures = Vec::new();
    if !ratios.is_empty() {
        figures.push(Figure {
            name: "P7 drain of 20,000 no-ops / peer".to_owned(),
            value: median(ratios),
            bar: Bar::AtLeast(2.0),
            detail: format!("{rate:.0} jobs/s against {:.0}, {name}", median(theirs)),
        });
    }
    for slots in [16, 100, 256, 500] {
        let rate = drain_rate(&db, COUNT, Some(slots)).await?;
        let name = format!("P7 drain at {slots} slots, jobs/s");
        figures.push(Figure { name, value: rate, bar: Bar::None, detail: String::new() });
    }
    let sqlite = TestDatabase::sqlite();
    let rate = drain_rate(&sqlite.open().await, COUNT, None).await?;
    let name = "P7 drain, embedded, jobs/s".to_owned();
    figures.push(Figure { name, value: rate, bar: Bar::None, detail: String::new() });
    Ok(figures)
}
