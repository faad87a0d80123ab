use std::time::Duration;

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use shared::clock::Clock;
use shared::jobs::testing::TestQueue;
use shared::jobs::{CatchUp, Done, Handler, Job, JobContext, JobError, Registry, Schedule};
use shared::store::{Db, schedules};

use crate::support::{noon, on_both};

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Chime {}

impl Job for Chime {
    const KIND: &'static str = "chime";
    const QUEUE: &'static str = "maintenance";
    const TIMEOUT: Duration = Duration::from_secs(5);
}

struct Bell;

impl Handler<Chime> for Bell {
    async fn run(&self, _: JobContext, _: Chime) -> Result<Done, JobError> {
        Ok(Done::Nothing)
    }
}

fn queue(db: &Db, clock: &Clock, catch_up: CatchUp) -> TestQueue {
    let schedule = Schedule::of::<Chime>("bell", "*/10 * * * *").catching_up(catch_up);
    TestQueue::new(db, clock, Registry::default().with(Bell), vec![schedule])
}

async fn jobs(db: &Db) -> i64 {
    db.query_i64("SELECT count(*) FROM jobs WHERE schedule = 'bell'").await
}

on_both! {
    async fn each_tick_makes_one_job_however_many_processes_tick(db: Db) {
        let clock = Clock::fixed(noon());
        let queues = [queue(&db, &clock, CatchUp::One), queue(&db, &clock, CatchUp::One)];
        for queue in &queues {
            queue.tick().await;
        }
        assert_eq!(jobs(&db).await, 0);
        for tick in 1..=3 {
            clock.advance(TimeDelta::minutes(10));
            for queue in &queues {
                queue.tick().await;
                queue.run_dry().await;
            }
            assert_eq!(jobs(&db).await, tick);
        }
        assert_eq!(db.query_i64("SELECT count(*) FROM jobs WHERE state = 'completed'").await, 3);
    }

    async fn missed_ticks_are_made_up_for_as_the_schedule_says(db: Db) {
        let clock = Clock::fixed(noon());
        let queue = queue(&db, &clock, CatchUp::All);
        queue.tick().await;
        clock.advance(TimeDelta::minutes(45));
        queue.tick().await;
        assert_eq!(jobs(&db).await, 4);
        let row = schedules::list(&mut db.read().await.unwrap()).await.unwrap().remove(0);
        assert_eq!(row.last_run_at, Some(noon() + TimeDelta::minutes(40)));
        assert_eq!(row.next_run_at, noon() + TimeDelta::minutes(50));
        assert!(row.last_job.is_some());
    }

    async fn what_operators_set_outlives_a_restart_and_a_paused_schedule_makes_nothing(db: Db) {
        let clock = Clock::fixed(noon());
        queue(&db, &clock, CatchUp::One).tick().await;
        let mut tx = db.begin().await.unwrap();
        let mut row = schedules::lock(&mut tx, "bell").await.unwrap().unwrap();
        row.paused = true;
        row.cron = "*/5 * * * *".to_owned();
        schedules::save_settings(&mut tx, &row).await.unwrap();
        tx.commit().await.unwrap();
        clock.advance(TimeDelta::minutes(30));
        queue(&db, &clock, CatchUp::One).tick().await;
        assert_eq!(jobs(&db).await, 0);
        let row = schedules::list(&mut db.read().await.unwrap()).await.unwrap().remove(0);
        assert_eq!((row.cron.as_str(), row.paused, row.next_run_at), ("*/5 * * * *", true, noon() + TimeDelta::minutes(35)));
    }

    async fn a_paused_queue_does_not_collect_a_job_a_tick(db: Db) {
        let clock = Clock::fixed(noon());
        let queue = queue(&db, &clock, CatchUp::One);
        queue.tick().await;
        let paused = "INSERT INTO queues (name, paused_at) VALUES ('maintenance', '2026-01-01T00:00:00+00:00')";
        db.execute_raw(paused).await;
        for _ in 0..5 {
            clock.advance(TimeDelta::minutes(10));
            queue.tick().await;
        }
        assert_eq!(jobs(&db).await, 1);
    }
}
