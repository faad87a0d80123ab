use chrono::TimeDelta;
use shared::clock::Clock;
use shared::jobs::NewJob;
use shared::store::Db;
use shared::store::jobs::{self, QueueSettings};

use crate::control::{errand, queue};
use crate::support::{noon, on_both};

async fn limit(db: &Db, set: impl FnOnce(&mut QueueSettings)) {
    let mut tx = db.begin().await.unwrap();
    let mut settings = jobs::lock_settings(&mut tx, "mutations").await.unwrap();
    set(&mut settings);
    jobs::save_settings(&mut tx, &settings).await.unwrap();
    tx.commit().await.unwrap();
}

async fn claim(db: &Db, clock: &Clock) -> Vec<jobs::ClaimedRow> {
    let mut tx = db.begin().await.unwrap();
    let now = clock.now();
    let claimed = jobs::claim_limited(&mut tx, "mutations", 16, "w", now + TimeDelta::hours(1), now).await.unwrap();
    tx.commit().await.unwrap();
    claimed
}

async fn fill(db: &Db, clock: &Clock, keys: &[Option<&str>]) {
    let queue = queue(db, clock);
    for (n, key) in keys.iter().enumerate() {
        let job = NewJob { limit_key: key.map(str::to_owned), ..NewJob::of(&errand(n as i64, None, "effect"), "ana") };
        queue.accept(job).await;
    }
}

async fn complete(db: &Db, clock: &Clock, jobs: &[jobs::ClaimedRow]) {
    let mut tx = db.begin().await.unwrap();
    let leases: Vec<_> = jobs.iter().map(|job| jobs::Lease { seq: job.seq, token: job.lease_token }).collect();
    jobs::complete_many(&mut tx, &leases, clock.now()).await.unwrap();
    tx.commit().await.unwrap();
}

on_both! {
    async fn no_more_jobs_of_a_queue_run_at_once_than_its_limit(db: Db) {
        let clock = Clock::fixed(noon());
        fill(&db, &clock, &[None; 5]).await;
        limit(&db, |queue| queue.concurrency = Some(2)).await;
        let first = claim(&db, &clock).await;
        assert_eq!(first.len(), 2);
        assert!(claim(&db, &clock).await.is_empty());
        complete(&db, &clock, &first[..1]).await;
        assert_eq!(claim(&db, &clock).await.len(), 1);
        let mut tx = db.begin_relaxed().await.unwrap();
        assert!(jobs::claim(&mut tx, "mutations", 3, "w", noon(), noon()).await.unwrap().is_empty(), "a claim that knows no limits finds nothing");
    }

    async fn no_more_jobs_start_in_a_time_than_the_rate(db: Db) {
        let clock = Clock::fixed(noon());
        fill(&db, &clock, &[None; 9]).await;
        limit(&db, |queue| (queue.rate, queue.rate_seconds) = (Some(4), Some(10))).await;
        assert_eq!(claim(&db, &clock).await.len(), 4);
        assert!(claim(&db, &clock).await.is_empty());
        clock.advance(TimeDelta::seconds(5));
        assert_eq!(claim(&db, &clock).await.len(), 2, "half the time fills half the bucket");
        clock.advance(TimeDelta::hours(1));
        assert_eq!(claim(&db, &clock).await.len(), 3, "never more than the bucket holds, and no more are left");
    }

    async fn a_key_at_its_limit_does_not_hold_back_the_others(db: Db) {
        let clock = Clock::fixed(noon());
        let mut keys = vec![Some("hot"); 600];
        keys.extend([Some("cold"), None]);
        fill(&db, &clock, &keys).await;
        limit(&db, |queue| queue.key_concurrency = Some(1)).await;
        let claimed = claim(&db, &clock).await;
        assert_eq!(claimed.len(), 3, "one of each key, and the one without");
        complete(&db, &clock, &claimed).await;
        limit(&db, |queue| (queue.key_concurrency, queue.key_rate, queue.key_rate_seconds) = (None, Some(2), Some(60))).await;
        assert_eq!(claim(&db, &clock).await.len(), 2);
        assert!(claim(&db, &clock).await.is_empty());
    }

    async fn a_pause_with_an_end_ends_by_itself(db: Db) {
        let clock = Clock::fixed(noon());
        let queue = queue(&db, &clock);
        queue.enqueue(&errand(1, None, "effect")).await;
        limit(&db, |queue| (queue.paused_at, queue.until) = (Some(noon()), Some(noon() + TimeDelta::hours(1)))).await;
        assert_eq!(queue.run_dry().await, 0);
        clock.advance(TimeDelta::hours(1));
        assert_eq!(queue.run_dry().await, 1);
    }
}
