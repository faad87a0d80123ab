use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::json;
use shared::clock::Clock;
use shared::events::{Bus, Relay};
use shared::jobs::{
    Done, Engine, EngineConfig, Enqueuer, Handler, Job, JobContext, JobError, JobState, NewJob, Outcomes, Registry,
    Request, Stopped,
};
use shared::store::jobs::{self, Fate, Lease};
use shared::store::{Db, StoreError};

use crate::support::{noon, on_both};

#[derive(Clone, Serialize, Deserialize)]
struct Step {
    key: Option<String>,
    act: String,
    n: usize,
}

impl Job for Step {
    const KIND: &'static str = "step";
    const QUEUE: &'static str = "mutations";
    const MAX_ATTEMPTS: i16 = 3;
    const TIMEOUT: Duration = Duration::from_millis(500);

    fn order_key(&self) -> Option<&str> {
        self.key.as_deref()
    }
}

fn step(key: Option<&str>, act: &str, n: usize) -> NewJob {
    NewJob::of(&Step { key: key.map(str::to_owned), act: act.to_owned(), n }, "ana")
}

/// Does what the job says, and writes an effect row for each run that commits.
struct Steps(Arc<AtomicUsize>);

impl Handler<Step> for Steps {
    async fn run(&self, context: JobContext, job: Step) -> Result<Done, JobError> {
        self.0.fetch_add(1, Ordering::SeqCst);
        match job.act.as_str() {
            "panic" => panic!("as told"),
            "hang" => std::future::pending().await,
            "fail" => return Err(JobError::Fail("as told".to_owned())),
            "slow" => tokio::time::sleep(Duration::from_millis(300)).await,
            "flaky" if context.attempt() == 1 => return Err(JobError::Retry("once".to_owned())),
            "nothing" => return Ok(Done::Nothing),
            _ => {}
        }
        let mut tx = context.db().begin().await?;
        let object = format!("{}/{}", job.key.unwrap_or_default(), job.n);
        shared::store::audit::audit(&mut tx, context.now(), "test", "effect", &object, &json!({})).await?;
        Ok(Done::with(tx, json!({"status": 200, "n": job.n})))
    }
}

struct Running {
    stop: tokio::sync::oneshot::Sender<()>,
    engine: tokio::task::JoinHandle<Stopped>,
    runs: Arc<AtomicUsize>,
    enqueuer: Enqueuer,
    outcomes: Outcomes,
}

fn start(db: &Db, concurrency: usize) -> Running {
    let (bus, clock) = (Bus::in_process(), Clock::system());
    let relay = Relay::start(db.clone(), bus.clone());
    let runs = Arc::new(AtomicUsize::new(0));
    let registry = Registry::default().with(Steps(runs.clone()));
    let config = EngineConfig { concurrency, lease: Duration::from_secs(3), ..EngineConfig::default() };
    let engine = Engine::new(db.clone(), clock.clone(), bus.clone(), relay, registry, Vec::new(), config);
    let (stop, stopped) = tokio::sync::oneshot::channel();
    let engine = tokio::spawn(engine.run(async { drop(stopped.await) }));
    Running {
        stop,
        engine,
        runs,
        enqueuer: Enqueuer::start(db.clone(), clock, bus.clone()),
        outcomes: Outcomes::start(db.clone(), &bus),
    }
}

impl Running {
    async fn accept(&self, job: NewJob) -> i64 {
        self.enqueuer.accept(Request { job, idempotency: None }).await.unwrap().seq
    }

    async fn outcome(&self, seq: i64) -> JobState {
        self.outcomes.wait(seq, Duration::from_secs(20)).await.expect("in time").state
    }

    async fn stop(self) -> Stopped {
        let _ = self.stop.send(());
        self.engine.await.unwrap()
    }
}

async fn effects(db: &Db) -> i64 {
    db.query_i64("SELECT count(*) FROM audit WHERE action = 'effect'").await
}

on_both! {
    async fn jobs_run_once_and_answer_with_their_result(db: Db) {
        let running = start(&db, 16);
        let mut seqs = Vec::new();
        for n in 0..200 {
            seqs.push(running.accept(step(None, if n % 4 == 0 { "nothing" } else { "effect" }, n)).await);
        }
        for seq in seqs {
            assert_eq!(running.outcome(seq).await, JobState::Completed);
        }
        assert_eq!(effects(&db).await, 150);
        assert_eq!(running.stop().await, Stopped::Drained);
    }

    async fn jobs_of_one_key_take_effect_in_the_order_accepted(db: Db) {
        let running = start(&db, 16);
        let mut last = 0;
        for n in 0..120 {
            let act = if n == 7 { "flaky" } else { "effect" };
            last = running.accept(step(Some(["a", "b", "c"][n % 3]), act, n)).await;
        }
        assert_eq!(running.outcome(last).await, JobState::Completed);
        tokio::time::timeout(Duration::from_secs(10), async {
            while effects(&db).await < 120 {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }).await.expect("all take effect");
        for key in ["a", "b", "c"] {
            let out_of_order = format!(
                "SELECT count(*) FROM audit x JOIN audit y ON x.id < y.id AND x.object LIKE '{key}/%' AND y.object LIKE '{key}/%' \
                 AND CAST(substr(x.object, 3) AS integer) > CAST(substr(y.object, 3) AS integer)");
            assert_eq!(db.query_i64(&out_of_order).await, 0);
        }
        running.stop().await;
    }

    async fn poison_is_discarded_with_its_reason_and_harms_nobody(db: Db) {
        let running = start(&db, 8);
        let mut poison = Vec::new();
        for act in ["panic", "hang", "fail"] {
            poison.push(running.accept(step(None, act, 0)).await);
        }
        let mut undecodable = step(None, "effect", 0);
        undecodable.args = json!({"n": "not a number"});
        poison.push(running.accept(undecodable).await);
        for n in 0..50 {
            running.accept(step(None, "effect", n)).await;
        }
        for seq in poison {
            assert_eq!(running.outcome(seq).await, JobState::Discarded);
            let attempts = jobs::attempts(&mut db.read().await.unwrap(), &[seq]).await.unwrap();
            assert!(!attempts.is_empty() && attempts.iter().all(|attempt| !attempt.error.is_empty()));
        }
        assert_eq!(effects(&db).await, 50);
        running.stop().await;
    }

    async fn a_stop_lets_running_jobs_end_and_costs_waiting_ones_nothing(db: Db) {
        let running = start(&db, 4);
        for n in 0..40 {
            running.accept(step(None, "slow", n)).await;
        }
        tokio::time::sleep(Duration::from_millis(150)).await;
        let started = running.runs.clone();

        assert_eq!(running.stop().await, Stopped::Drained);

        assert_eq!(effects(&db).await, started.load(Ordering::SeqCst) as i64);
        assert_eq!(db.query_i64("SELECT count(*) FROM jobs WHERE state = 'running'").await, 0);
        assert_eq!(db.query_i64("SELECT count(*) FROM jobs WHERE state = 'available' AND attempt <> 0").await, 0);
    }

    async fn whoever_lost_the_lease_can_no_longer_write(db: Db) {
        let mut tx = db.begin().await.unwrap();
        jobs::enqueue(&mut tx, &[step(Some("k"), "effect", 1), step(Some("k"), "effect", 2)], noon()).await.unwrap();
        tx.commit().await.unwrap();
        let claim = async |worker: &str, now| {
            let mut tx = db.begin().await.unwrap();
            let claimed = jobs::claim(&mut tx, "mutations", 0, worker, now + Duration::from_secs(15), now).await.unwrap();
            tx.commit().await.unwrap();
            claimed
        };
        let zombie = claim("zombie", noon()).await.remove(0);
        assert!(claim("other", noon()).await.is_empty(), "the second waits for the first");

        let later = noon() + Duration::from_mins(1);
        let mut tx = db.begin().await.unwrap();
        let rescued = jobs::rescue(&mut tx, later).await.unwrap();
        jobs::promote_due(&mut tx, later).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!((rescued.len(), rescued[0].1), (1, Fate::Retry(later)));
        let heir = claim("heir", later).await.remove(0);
        assert_eq!((heir.seq, heir.attempt), (zombie.seq, 2));

        let lease = Lease { seq: zombie.seq, token: zombie.lease_token };
        let mut tx = db.begin().await.unwrap();
        assert!(matches!(jobs::complete(&mut tx, lease, None, None, later).await, Err(StoreError::LeaseLost(_))));
        assert!(matches!(jobs::checkpoint(&mut tx, lease, &json!({}), later).await, Err(StoreError::LeaseLost(_))));
        assert!(jobs::renew(&mut tx, &[lease], later).await.unwrap().is_empty());
        jobs::fail(&mut tx, &zombie, "late", Fate::Discard, later).await.unwrap();
        let lease = Lease { seq: heir.seq, token: heir.lease_token };
        jobs::complete(&mut tx, lease, Some("k"), None, later).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(claim("heir", later).await.len(), 1, "the next of the key may go");
    }

    async fn a_job_that_kills_its_workers_is_discarded_in_the_end(db: Db) {
        let mut tx = db.begin().await.unwrap();
        jobs::enqueue(&mut tx, &[step(None, "effect", 1)], noon()).await.unwrap();
        tx.commit().await.unwrap();
        let mut now = noon();
        for attempt in 1..=3 {
            let mut tx = db.begin().await.unwrap();
            jobs::promote_due(&mut tx, now).await.unwrap();
            let claimed = jobs::claim(&mut tx, "mutations", 2, "w", now + Duration::from_secs(15), now).await.unwrap();
            assert_eq!(claimed.len(), 1, "attempt {attempt}");
            now += Duration::from_mins(1);
            if claimed[0].is_suspect() {
                let lease = Lease { seq: claimed[0].seq, token: claimed[0].lease_token };
                assert!(jobs::run_alone(&mut tx, lease).await.unwrap());
            }
            jobs::rescue(&mut tx, now).await.unwrap();
            tx.commit().await.unwrap();
        }
        assert_eq!(db.query_i64("SELECT count(*) FROM jobs WHERE state = 'discarded' AND attempt = 3").await, 1);
        assert_eq!(db.query_i64("SELECT count(*) FROM job_attempts").await, 3);
    }

    async fn a_suspect_that_only_waited_its_turn_is_not_blamed_for_the_death_of_its_worker(db: Db) {
        let mut tx = db.begin().await.unwrap();
        jobs::enqueue(&mut tx, &[step(None, "effect", 1)], noon()).await.unwrap();
        tx.commit().await.unwrap();
        let mut now = noon();
        for _ in 0..6 {
            let mut tx = db.begin().await.unwrap();
            jobs::promote_due(&mut tx, now).await.unwrap();
            assert_eq!(jobs::claim(&mut tx, "mutations", 0, "w", now, now).await.unwrap().len(), 1);
            now += Duration::from_mins(1);
            jobs::rescue(&mut tx, now).await.unwrap();
            tx.commit().await.unwrap();
        }
        assert_eq!(db.query_i64("SELECT count(*) FROM jobs WHERE state = 'available' AND attempt = 2").await, 1);
    }

    async fn a_unique_job_that_is_unfinished_is_given_instead(db: Db) {
        let mut unique = step(None, "effect", 1);
        unique.unique = Some(shared::jobs::Unique::by_key("only"));
        let mut tx = db.begin().await.unwrap();
        let first = jobs::enqueue(&mut tx, &[unique.clone()], noon()).await.unwrap()[0];
        let second = jobs::enqueue(&mut tx, &[unique.clone()], noon()).await.unwrap()[0];
        assert_eq!((second.seq, first.existing, second.existing), (first.seq, false, true));
        tx.commit().await.unwrap();

        let mut tx = db.begin().await.unwrap();
        let claimed = jobs::claim(&mut tx, "mutations", 0, "w", noon(), noon()).await.unwrap().remove(0);
        jobs::complete(&mut tx, Lease { seq: claimed.seq, token: claimed.lease_token }, None, None, noon()).await.unwrap();
        let third = jobs::enqueue(&mut tx, &[unique], noon()).await.unwrap()[0];
        assert!(!third.existing);
        tx.commit().await.unwrap();
    }

    async fn claims_take_the_most_urgent_first_and_none_of_a_paused_queue(db: Db) {
        let mut jobs_in = vec![step(None, "x", 0), step(None, "x", 1), step(None, "x", 2)];
        jobs_in[2].priority = 1;
        jobs_in[1].run_at = Some(noon() + Duration::from_mins(1));
        let mut tx = db.begin().await.unwrap();
        let seqs = jobs::enqueue(&mut tx, &jobs_in, noon()).await.unwrap();
        tx.commit().await.unwrap();
        let claim = async || {
            let mut tx = db.begin_relaxed().await.unwrap();
            let claimed = jobs::claim(&mut tx, "mutations", 0, "w", noon(), noon()).await.unwrap();
            tx.commit().await.unwrap();
            claimed.into_iter().map(|job| job.seq).collect::<Vec<_>>()
        };
        db.execute_raw("INSERT INTO queues (name, paused_at) VALUES ('mutations', '2026-01-01T00:00:00+00:00')").await;
        assert!(claim().await.is_empty());
        db.execute_raw("DELETE FROM queues").await;
        assert_eq!(claim().await, [seqs[2].seq]);
        assert_eq!(claim().await, [seqs[0].seq]);
        assert!(claim().await.is_empty(), "the last is for later");
    }
}
