use std::time::Duration;

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use shared::clock::Clock;
use shared::jobs::testing::TestQueue;
use shared::jobs::{
    Done, GroupHandler, GroupJob, Handler, Job, JobContext, JobError, JobState, NewJob, Registry, Unique,
};
use shared::store::jobs::{self, JobFilter, Verdict, Wish};
use shared::store::{Db, Tx, audit};

use crate::support::{noon, on_both};

/// A job of a test's own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Errand {
    pub n: i64,
    pub key: Option<String>,
    pub act: String,
}

impl Job for Errand {
    const KIND: &'static str = "errand";
    const QUEUE: &'static str = "mutations";
    const MAX_ATTEMPTS: i16 = 2;
    const TIMEOUT: Duration = Duration::from_secs(5);

    fn order_key(&self) -> Option<&str> {
        self.key.as_deref()
    }
}

pub fn errand(n: i64, key: Option<&str>, act: &str) -> Errand {
    Errand { n, key: key.map(str::to_owned), act: act.to_owned() }
}

pub struct Errands;

impl Handler<Errand> for Errands {
    async fn run(&self, context: JobContext, job: Errand) -> Result<Done, JobError> {
        match job.act.as_str() {
            "fail" => return Err(JobError::Fail("as told 7".to_owned())),
            "retry" => return Err(JobError::Retry("as told".to_owned())),
            "snooze" if context.now() < noon() + TimeDelta::hours(1) => {
                return Ok(Done::Snooze(Duration::from_hours(1)));
            }
            _ => {}
        }
        let mut tx = context.db().begin().await?;
        effect(&mut tx, &job).await?;
        Ok(Done::with(tx, json!({"n": job.n})))
    }
}

async fn effect(tx: &mut Tx, job: &Errand) -> Result<(), JobError> {
    Ok(audit::audit(tx, noon(), "test", "effect", &job.n.to_string(), &json!({})).await?)
}

/// Runs errands together; "alone" ones leave, "spoil" ones spoil it for all.
struct Company;

impl GroupHandler for Company {
    const KINDS: &'static [&'static str] = &["errand"];

    async fn run(
        &self,
        tx: &mut Tx,
        jobs: &[GroupJob<'_>],
        _: chrono::DateTime<chrono::Utc>,
    ) -> Result<Vec<Option<Value>>, JobError> {
        let mut results = Vec::new();
        for job in jobs {
            let job: Errand = serde_json::from_str(job.args).unwrap();
            match job.act.as_str() {
                "alone" | "fail" => results.push(None),
                "spoil" => panic!("as told"),
                _ => {
                    effect(tx, &job).await?;
                    results.push(Some(json!({"together": true})));
                }
            }
        }
        Ok(results)
    }
}

pub fn queue(db: &Db, clock: &Clock) -> TestQueue {
    TestQueue::new(db, clock, Registry::default().with(Errands), Vec::new())
}

async fn effects(db: &Db) -> i64 {
    db.query_i64("SELECT count(*) FROM audit WHERE action = 'effect'").await
}

fn wish(clock: &Clock) -> Wish<'static> {
    Wish { principal: "ana", reason: Some("a test"), now: clock.now() }
}

/// Applies one verb in a transaction of its own.
macro_rules! verb {
    ($db:expr, $verb:ident, $seq:expr $(, $arg:expr)*) => {{
        let mut tx = $db.begin().await.unwrap();
        let verdict = jobs::$verb(&mut tx, $seq $(, $arg)*).await.unwrap();
        tx.commit().await.unwrap();
        verdict
    }};
}

on_both! {
    async fn a_discarded_job_is_retried_with_one_more_attempt(db: Db) {
        let clock = Clock::fixed(noon());
        let queue = queue(&db, &clock);
        let seq = queue.enqueue(&errand(1, None, "fail")).await;
        assert_eq!(queue.run_dry().await, 1);
        assert_eq!(queue.state(seq).await, JobState::Discarded);
        assert!(matches!(verb!(db, retry, seq, wish(&clock)), Verdict::Changed(_)));
        assert_eq!(queue.state(seq).await, JobState::Available);
        queue.run_dry().await;
        let job = queue.job(seq).await;
        assert_eq!((job.state, job.attempt), (JobState::Discarded, 2));
        assert!(matches!(verb!(db, retry, seq, wish(&clock)), Verdict::Changed(_)));
        assert_eq!(queue.job(seq).await.max_attempts, 3);
        assert!(matches!(verb!(db, retry, 999_999, wish(&clock)), Verdict::Missing));
    }

    async fn a_cancelled_job_lets_the_next_of_its_key_go_and_returns_behind_it(db: Db) {
        let clock = Clock::fixed(noon());
        let queue = queue(&db, &clock);
        let mut seqs = Vec::new();
        for n in 0..3 {
            seqs.push(queue.enqueue(&errand(n, Some("k"), "effect")).await);
        }
        assert!(matches!(verb!(db, cancel, seqs[0], wish(&clock)), Verdict::Changed(_)));
        assert_eq!(queue.state(seqs[1]).await, JobState::Available);
        assert_eq!(queue.state(seqs[2]).await, JobState::Pending);
        assert!(matches!(verb!(db, retry, seqs[0], wish(&clock)), Verdict::Changed(_)));
        assert_eq!(queue.state(seqs[0]).await, JobState::Pending, "another of its key is on its way");
        assert!(matches!(verb!(db, cancel, seqs[2], wish(&clock)), Verdict::Changed(_)));
        assert_eq!(queue.state(seqs[0]).await, JobState::Pending, "a waiting one that leaves lets nobody go");
        queue.run_dry().await;
        assert_eq!(queue.state(seqs[0]).await, JobState::Completed);
        assert_eq!(effects(&db).await, 2);
    }

    async fn a_running_job_that_is_cancelled_can_write_nothing_any_more(db: Db) {
        let clock = Clock::fixed(noon());
        let queue = queue(&db, &clock);
        let seq = queue.enqueue(&errand(1, None, "effect")).await;
        let mut tx = db.begin().await.unwrap();
        let claimed = jobs::claim(&mut tx, "mutations", 0, "w", noon(), noon()).await.unwrap().remove(0);
        tx.commit().await.unwrap();
        assert!(matches!(verb!(db, cancel, seq, wish(&clock)), Verdict::Changed(_)));
        let lease = jobs::Lease { seq, token: claimed.lease_token };
        let mut tx = db.begin().await.unwrap();
        assert!(jobs::complete(&mut tx, lease, None, None, noon()).await.is_err());
        drop(tx);
        let attempts = jobs::attempts(&mut db.read().await.unwrap(), &[seq]).await.unwrap();
        assert_eq!(attempts[0].error, "cancelled by ana: a test");
        assert!(matches!(verb!(db, cancel, seq, wish(&clock)), Verdict::Unchanged(_)));
    }

    async fn a_waiting_job_is_edited_run_and_deleted_but_not_a_finished_one(db: Db) {
        let clock = Clock::fixed(noon());
        let queue = queue(&db, &clock);
        let seq = queue.enqueue(&errand(1, None, "effect")).await;
        let later = noon() + TimeDelta::hours(2);
        assert!(matches!(verb!(db, edit, seq, Some(4), Some(later), wish(&clock)), Verdict::Changed(_)));
        let job = queue.job(seq).await;
        assert_eq!((job.state, job.priority, job.run_at), (JobState::Scheduled, 4, later));
        assert_eq!(queue.run_dry().await, 0);
        assert!(matches!(verb!(db, run, seq, wish(&clock)), Verdict::Changed(_)));
        assert_eq!(queue.run_dry().await, 1);
        assert!(matches!(verb!(db, edit, seq, Some(1), None, wish(&clock)), Verdict::Refused(_)));
        assert!(matches!(verb!(db, retry, seq, wish(&clock)), Verdict::Refused(_)));
        assert!(matches!(verb!(db, delete, seq), Verdict::Changed(_)));
        assert!(matches!(verb!(db, delete, seq), Verdict::Missing));
    }

    async fn a_retry_is_refused_while_another_job_holds_the_unique_key(db: Db) {
        let clock = Clock::fixed(noon());
        let queue = queue(&db, &clock);
        let unique = |act: &str| NewJob { unique: Some(Unique::by_key("one")), ..NewJob::of(&errand(1, None, act), "ana") };
        let first = queue.accept(unique("fail")).await;
        queue.run_dry().await;
        let second = queue.accept(unique("effect")).await;
        assert_ne!(first, second, "a discarded job does not hold its key");
        match verb!(db, retry, first, wish(&clock)) {
            Verdict::Refused(why) => assert!(why.contains(&second.to_string()), "{why}"),
            other => panic!("{other:?}"),
        }
    }

    async fn a_job_unique_within_a_period_is_given_until_the_period_ends(db: Db) {
        let clock = Clock::fixed(noon());
        let queue = queue(&db, &clock);
        let hourly = || NewJob {
            unique: Some(Unique::by_args().within(Duration::from_hours(1))),
            ..NewJob::of(&errand(1, None, "effect"), "ana")
        };
        let first = queue.accept(hourly()).await;
        queue.run_dry().await;
        assert_eq!(queue.accept(hourly()).await, first, "completed in the same hour");
        clock.advance(TimeDelta::hours(1));
        assert_ne!(queue.accept(hourly()).await, first);
    }

    async fn a_snoozed_job_costs_no_attempt(db: Db) {
        let clock = Clock::fixed(noon());
        let queue = queue(&db, &clock);
        let seq = queue.enqueue(&errand(1, None, "snooze")).await;
        assert_eq!(queue.run_dry().await, 1);
        let job = queue.job(seq).await;
        assert_eq!((job.state, job.attempt), (JobState::Scheduled, 0));
        clock.advance(TimeDelta::hours(1));
        queue.run_dry().await;
        let job = queue.job(seq).await;
        assert_eq!((job.state, job.attempt), (JobState::Completed, 1));
    }

    async fn a_group_shares_a_transaction_and_is_run_one_by_one_when_it_fails(db: Db) {
        let clock = Clock::fixed(noon());
        let registry = Registry::default().with(Errands).with_group(Company);
        let queue = TestQueue::new(&db, &clock, registry, Vec::new());
        let mut seqs = Vec::new();
        for (n, act) in ["effect", "effect", "alone", "fail"].into_iter().enumerate() {
            seqs.push(queue.enqueue(&errand(n as i64, None, act)).await);
        }
        queue.run_dry().await;
        assert_eq!(effects(&db).await, 3);
        assert!(queue.job(seqs[0]).await.result.unwrap().contains("together"));
        assert!(!queue.job(seqs[2]).await.result.unwrap().contains("together"));
        assert_eq!(queue.state(seqs[3]).await, JobState::Discarded);

        for act in ["effect", "spoil", "effect"] {
            queue.enqueue(&errand(9, None, act)).await;
        }
        queue.run_dry().await;
        assert_eq!(effects(&db).await, 6, "each ran by itself");
        assert_eq!(db.query_i64("SELECT count(*) FROM jobs WHERE state = 'completed' AND attempt = 1").await, 6);
    }

    async fn filters_find_what_they_say_and_errors_are_grouped(db: Db) {
        let clock = Clock::fixed(noon());
        let queue = queue(&db, &clock);
        for n in 0..5 {
            queue.enqueue(&errand(n, Some(&format!("T-{n}")), if n < 3 { "fail" } else { "effect" })).await;
        }
        queue.run_dry().await;
        queue.enqueue(&errand(100, Some("T-1"), "100% sure")).await;
        let count = async |filter: JobFilter| jobs::count(&mut db.read().await.unwrap(), &filter, i64::MAX).await.unwrap();
        let any = JobFilter::default;
        let state = |state| JobFilter { state: vec![state], ..any() };
        assert_eq!(count(any()).await, 6);
        assert_eq!(count(state(JobState::Discarded)).await, 3);
        assert_eq!(count(state(JobState::Available)).await, 1);
        assert_eq!(count(JobFilter { task_id: Some("T-1".to_owned()), ..any() }).await, 2);
        assert_eq!(count(JobFilter { error: Some("AS TOLD".to_owned()), ..any() }).await, 3);
        assert_eq!(count(JobFilter { q: Some("100%".to_owned()), ..any() }).await, 1);
        assert_eq!(count(JobFilter { q: Some("1_0".to_owned()), ..any() }).await, 0, "no wildcard");
        assert_eq!(count(JobFilter { queue: vec!["sla".to_owned()], ..any() }).await, 0);
        assert_eq!(count(JobFilter { kind: vec!["errand".to_owned()], from: Some(noon()), to: Some(noon()), ..any() }).await, 6);
        let groups = jobs::error_groups(&mut db.read().await.unwrap(), None, None).await.unwrap();
        assert_eq!((groups.len(), groups[0].count), (1, 3));
        assert!(groups[0].fingerprint.contains("as told #"), "{}", groups[0].fingerprint);
    }

    async fn ended_jobs_are_kept_as_long_as_their_state_says(db: Db) {
        let clock = Clock::fixed(noon());
        let queue = queue(&db, &clock);
        for act in ["effect", "fail"] {
            queue.enqueue(&errand(1, None, act)).await;
        }
        queue.run_dry().await;
        let mut tx = db.begin().await.unwrap();
        let later = noon() + TimeDelta::days(1);
        assert_eq!(jobs::prune(&mut tx, JobState::Completed, later, 10).await.unwrap(), 1);
        assert_eq!(jobs::prune(&mut tx, JobState::Discarded, noon(), 10).await.unwrap(), 0);
        tx.commit().await.unwrap();
        assert_eq!(db.query_i64("SELECT count(*) FROM jobs").await, 1);
    }

    async fn a_test_sees_what_is_enqueued(db: Db) {
        let queue = queue(&db, &Clock::fixed(noon()));
        queue.enqueue(&errand(7, None, "effect")).await;
        queue.assert_enqueued(|job: &Errand| job.n == 7).await;
        queue.run_dry().await;
        assert!(queue.enqueued::<Errand>().await.is_empty());
    }
}
