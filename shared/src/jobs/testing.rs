//! A queue for tests of jobs: no loops, no waiting. Jobs run when the test says so, at the instant its clock shows.

use std::sync::Arc;

use tokio::task::JoinHandle;

use super::contract::{Job, NewJob};
use super::engine::{Engine, EngineConfig};
use super::handler::Registry;
use super::schedule::Schedule;
use super::state::JobState;
use crate::clock::Clock;
use crate::events::{Bus, Relay};
use crate::store::jobs::{JobFilter, JobRow};
use crate::store::{self, Db};

/// A queue whose jobs run when the test says so.
pub struct TestQueue {
    engine: Arc<Engine>,
    completions: JoinHandle<()>,
}

impl TestQueue {
    /// A queue with these handlers and schedules, on a clock that stands still until it is advanced. For a queue name
    /// of the test's own, see [`TestQueue::on`].
    pub fn new(db: &Db, clock: &Clock, registry: Registry, schedules: Vec<Schedule>) -> Self {
        Self::on(db, clock, registry, schedules, EngineConfig::default())
    }

    /// A queue with a configuration of the test's own.
    pub fn on(db: &Db, clock: &Clock, registry: Registry, schedules: Vec<Schedule>, config: EngineConfig) -> Self {
        let bus = Bus::in_process();
        let relay = Relay::start(db.clone(), bus.clone());
        let engine = Engine::new(db.clone(), clock.clone(), bus, relay, registry, schedules, config);
        let finished = engine.finished();
        Self { completions: tokio::spawn(engine.clone().complete_in_batches(finished)), engine }
    }

    /// The bus the jobs use.
    pub fn bus(&self) -> &Bus {
        &self.engine.bus
    }

    /// Accepts a job.
    pub async fn enqueue(&self, job: &impl Job) -> i64 {
        self.accept(NewJob::of(job, "test")).await
    }

    /// Accepts a job with settings of its own.
    pub async fn accept(&self, job: NewJob) -> i64 {
        let mut tx = self.engine.db.begin().await.expect("the database answers");
        let now = self.engine.clock.now();
        let written = store::jobs::enqueue(&mut tx, &[job], now).await.expect("the job can be written");
        tx.commit().await.expect("the transaction commits");
        written[0].seq
    }

    /// Runs everything that may run at this instant, what the jobs enqueue included; gives the number of runs.
    pub async fn run_dry(&self) -> usize {
        let mut runs = 0;
        loop {
            let ran = self.engine.run_available().await.expect("the database answers");
            if ran == 0 {
                return runs;
            }
            runs += ran;
        }
    }

    /// Declares the schedules, and makes the jobs of every tick that is due.
    pub async fn tick(&self) {
        self.engine.declare_schedules().await.expect("the database answers");
        self.engine.tick().await.expect("the database answers");
    }

    /// The unfinished jobs of a kind, oldest first.
    pub async fn enqueued<J: Job>(&self) -> Vec<J> {
        let waiting = |row: &JobRow| !row.state.is_final();
        let rows = self.jobs::<J>().await;
        rows.iter().filter(|row| waiting(row)).map(|row| read(&row.args)).collect()
    }

    /// Fails the test unless an unfinished job of this kind satisfies the condition.
    pub async fn assert_enqueued<J: Job>(&self, condition: impl Fn(&J) -> bool) {
        let enqueued = self.enqueued::<J>().await;
        assert!(enqueued.iter().any(condition), "none of the {} {} jobs is the one", enqueued.len(), J::KIND);
    }

    /// The state of a job.
    pub async fn state(&self, seq: i64) -> JobState {
        self.job(seq).await.state
    }

    /// A job as it is in the table.
    pub async fn job(&self, seq: i64) -> JobRow {
        let mut session = self.engine.db.read().await.expect("the database answers");
        store::jobs::lookup(&mut session, seq).await.expect("the job can be read").expect("the job exists")
    }

    async fn jobs<J: Job>(&self) -> Vec<JobRow> {
        let filter = JobFilter { kind: vec![J::KIND.to_owned()], ..JobFilter::default() };
        let mut session = self.engine.db.read().await.expect("the database answers");
        let mut rows = store::jobs::list(&mut session, &filter, None, 10_000).await.expect("jobs can be read");
        rows.reverse();
        rows
    }
}

impl Drop for TestQueue {
    fn drop(&mut self) {
        self.completions.abort();
    }
}

fn read<J: Job>(args: &str) -> J {
    serde_json::from_str(args).expect("the arguments are those of the kind")
}
