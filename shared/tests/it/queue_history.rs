//! What ended in a minute is what the rows of the jobs say; how a minute ended is seen once.

use chrono::{DateTime, TimeDelta, Utc};
use shared::clock::Clock;
use shared::jobs::testing::TestQueue;
use shared::jobs::{NewJob, Registry, Times};
use shared::store::Db;
use shared::store::jobs::history::{self, Ended, Point, Standing};
use shared::store::jobs::{self, Wish};

use crate::control::{Errands, errand};
use crate::support::{noon, on_both};

const QUEUE: &str = "mutations";

fn started(db: &Db) -> (Clock, TestQueue) {
    let clock = Clock::fixed(noon());
    let queue = TestQueue::new(db, &clock, Registry::default().with(Errands), Vec::new());
    (clock, queue)
}

/// Gives an ended job times of the test's own: instants in seconds and milliseconds after noon.
async fn date(db: &Db, seq: i64, run_at: i64, started_at: i64, finished_at: i64) {
    let text = |ms: i64| (noon() + TimeDelta::milliseconds(ms)).to_rfc3339();
    db.execute_raw(&format!(
        "UPDATE jobs SET run_at = '{}', started_at = '{}', finished_at = '{}' WHERE seq = {seq}",
        text(run_at),
        text(started_at),
        text(finished_at)
    ))
    .await;
}

async fn date_attempts(db: &Db, seq: i64, started_at: i64, finished_at: i64) {
    let text = |ms: i64| (noon() + TimeDelta::milliseconds(ms)).to_rfc3339();
    db.execute_raw(&format!(
        "UPDATE job_attempts SET started_at = '{}', finished_at = '{}' WHERE job_seq = {seq}",
        text(started_at),
        text(finished_at)
    ))
    .await;
}

/// Counts what ended from noon for some minutes, and writes it.
async fn write(db: &Db, minutes: i64) -> usize {
    let first = history::minute_of(noon());
    let ended = history::ended(&mut db.read().await.unwrap(), first, first + minutes).await.unwrap();
    let mut tx = db.begin().await.unwrap();
    history::record_ended(&mut tx, &ended).await.unwrap();
    tx.commit().await.unwrap();
    ended.len()
}

async fn look(db: &Db, at: DateTime<Utc>, rows: &[(&str, i64, Option<i64>)]) {
    let rows: Vec<_> = rows
        .iter()
        .map(|(name, available, oldest)| {
            let standing = Standing { available: *available, running: 1, ..Standing::default() };
            ((*name).to_owned(), standing, oldest.map(TimeDelta::milliseconds))
        })
        .collect();
    let mut tx = db.begin().await.unwrap();
    history::record_standing(&mut tx, history::minute_of(at), &rows).await.unwrap();
    tx.commit().await.unwrap();
}

async fn points(db: &Db, queue: Option<&str>, minutes: i64, step: i64) -> Vec<Point> {
    let first = history::minute_of(noon());
    history::points(&mut db.read().await.unwrap(), queue, first, first + minutes, step).await.unwrap()
}

fn times(durations: &[i64]) -> Times {
    let mut times = Times::default();
    for ms in durations {
        times.add(*ms, 1);
    }
    times
}

on_both! {
    async fn a_minute_holds_what_ended_in_it_and_how_long_that_took(db: Db) {
        let (clock, queue) = started(&db);
        let mut seqs = Vec::new();
        for (n, act) in ["", "", "", "fail", "retry"].into_iter().enumerate() {
            seqs.push(queue.enqueue(&errand(n as i64, None, act)).await);
        }
        queue.run_dry().await;
        clock.advance(TimeDelta::minutes(30));
        queue.run_dry().await;
        // The first second of a minute and the last millisecond of it, with and without fractions.
        date(&db, seqs[0], 0, 10, 60_000).await;
        date(&db, seqs[1], 59_000, 59_999, 119_999).await;
        date(&db, seqs[2], 60_000, 120_000, 120_000).await;
        date(&db, seqs[3], 90_000, 90_040, 90_000).await;
        date_attempts(&db, seqs[3], 90_040, 90_047).await;
        date_attempts(&db, seqs[4], 100_000, 100_500).await;
        date(&db, seqs[4], 0, 0, 179_999).await;
        let first = history::minute_of(noon());
        let ended = history::ended(&mut db.read().await.unwrap(), first, first + 3).await.unwrap();
        let of = |minute: i64| ended.get(&(first + minute, QUEUE.to_owned())).cloned();
        assert_eq!(of(0), None, "nothing ended in it");
        assert_eq!(
            of(1),
            Some(Ended {
                completed: 2,
                failed: 3,
                discarded: 1,
                waits: times(&[10, 999, 40]),
                runs: times(&[59_990, 60_000, 7, 500, 500]),
            }),
            "an errand that is told to retry has two attempts, both failed"
        );
        let last = of(2).unwrap();
        assert_eq!((last.completed, last.discarded, &last.waits), (1, 1, &times(&[60_000])));
        let fewer = history::ended(&mut db.read().await.unwrap(), first + 1, first + 2).await.unwrap();
        assert_eq!(fewer.keys().map(|(minute, _)| minute - first).collect::<Vec<_>>(), [1]);
    }

    async fn a_minute_is_written_once_and_grows_by_what_was_committed_late(db: Db) {
        let (_, queue) = started(&db);
        let seqs = [queue.enqueue(&errand(1, None, "fail")).await, queue.enqueue(&errand(2, None, "")).await];
        queue.run_dry().await;
        assert_eq!((write(&db, 1).await, write(&db, 1).await), (1, 1));
        let before = points(&db, None, 1, 1).await;
        let Point { ended, standing, minutes, .. } = &before[0];
        assert_eq!((ended.completed, ended.failed, ended.discarded, *minutes), (1, 1, 1, 1));
        assert_eq!(*standing, None, "nobody looked");

        let mut tx = db.begin().await.unwrap();
        let wish = Wish { principal: "ana", reason: None, now: noon() };
        jobs::retry(&mut tx, seqs[0], wish).await.unwrap();
        tx.commit().await.unwrap();
        write(&db, 1).await;
        assert_eq!(points(&db, None, 1, 1).await, before, "what happened is not undone by a retry");

        for n in 3..6 {
            queue.accept(NewJob::of(&errand(n, None, ""), "ana")).await;
        }
        queue.run_dry().await;
        write(&db, 1).await;
        assert_eq!(points(&db, None, 1, 1).await[0].ended.completed, 4);
    }

    async fn points_put_minutes_and_queues_together_and_leave_out_what_is_not_known(db: Db) {
        let minute = |n: i64| noon() + TimeDelta::minutes(n);
        look(&db, minute(0), &[("email", 5, Some(2_000)), ("sla", 1, None)]).await;
        look(&db, minute(0), &[("email", 99, Some(1)), ("sla", 99, None)]).await;
        look(&db, minute(2), &[("email", 0, None), ("sla", 7, Some(9_500))]).await;
        look(&db, minute(7), &[("email", 3, None), ("sla", 0, None)]).await;
        let one = |minutes: i64, waits: &[i64]| {
            ((history::minute_of(minute(minutes)), "email".to_owned()), Ended { completed: 4, failed: 1, discarded: 0, waits: times(waits), runs: times(&[50]) })
        };
        let mut tx = db.begin().await.unwrap();
        history::record_ended(&mut tx, &[one(0, &[10, 20]), one(1, &[3_000]), one(7, &[])].into_iter().collect()).await.unwrap();
        tx.commit().await.unwrap();

        let all = points(&db, None, 10, 1).await;
        let starts: Vec<i64> = all.iter().map(|point| point.minute - history::minute_of(noon())).collect();
        assert_eq!(starts, [0, 1, 2, 7], "minutes of which nothing is known are absent");
        let standing = |available, running| Some(Standing { available, running, ..Standing::default() });
        assert_eq!((all[0].standing, all[0].oldest_ms), (standing(6, 2), Some(2_000)), "the first look counts");
        assert_eq!((all[1].standing, all[1].oldest_ms, all[1].ended.completed), (None, None, 4));

        // Noon lies on a multiple of five minutes.
        let steps = points(&db, None, 10, 5).await;
        assert_eq!(steps.iter().map(|point| point.minutes).collect::<Vec<_>>(), [3, 1]);
        assert_eq!((steps[0].standing, steps[0].oldest_ms), (standing(7, 2), Some(9_500)), "the most of the sums");
        assert_eq!((steps[0].ended.completed, steps[0].ended.failed), (8, 2));
        assert_eq!(steps[0].ended.waits, times(&[10, 20, 3_000]));

        let email = points(&db, Some("email"), 10, 5).await;
        assert_eq!((email[0].standing, email[0].oldest_ms), (standing(5, 1), Some(2_000)));
        assert_eq!(points(&db, Some("sla"), 10, 5).await[0].ended, Ended::default());
        assert_eq!(points(&db, Some("none"), 10, 5).await, []);
    }

    async fn old_minutes_are_removed(db: Db) {
        for n in 0..10 {
            look(&db, noon() + TimeDelta::minutes(n), &[("email", n, None), ("sla", n, None)]).await;
        }
        let before = history::minute_of(noon()) + 6;
        let mut removed = Vec::new();
        for _ in 0..3 {
            let mut tx = db.begin().await.unwrap();
            removed.push(history::prune(&mut tx, before, 8).await.unwrap());
            tx.commit().await.unwrap();
        }
        assert_eq!(removed, [8, 4, 0]);
        assert_eq!(points(&db, None, 10, 1).await.len(), 4);
        assert_eq!(history::newest(&mut db.read().await.unwrap()).await.unwrap(), Some(before + 3));
    }
}
