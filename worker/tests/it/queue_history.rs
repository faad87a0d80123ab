//! The minutes of the queues, from jobs in the tables to rows in the tables.

use shared::store::jobs::history::{self, Point};

use super::*;

/// The minutes since noon of which something is known, with what stands available and what was completed of `queue`.
async fn minutes(db: &Db, queue: Option<&str>) -> Vec<(i64, Option<i64>, i64)> {
    let noon = history::minute_of(noon());
    let found = history::points(&mut db.read().await.unwrap(), queue, noon, noon + 100_000, 1).await.unwrap();
    let seen =
        |point: Point| (point.minute - noon, point.standing.map(|standing| standing.available), point.ended.completed);
    found.into_iter().map(seen).collect()
}

async fn refresh(queue: &TestQueue) {
    queue.enqueue(&RefreshMetrics {}).await;
    queue.run_dry().await;
}

in_both_databases! {
    async fn each_minute_is_kept_when_it_is_over_and_missed_ones_are_made_up_for(db: Db) {
        let clock = Clock::fixed(noon());
        let queue = TestQueue::new(&db, &clock, worker::registry(worker::Retention::default()), worker::schedules());
        queue.enqueue(&SweepSla {}).await;
        queue.run_dry().await;
        clock.advance(TimeDelta::seconds(59));
        refresh(&queue).await;
        assert_eq!(minutes(&db, None).await, [], "the minute is not over");

        clock.advance(TimeDelta::seconds(3));
        refresh(&queue).await;
        let first = minutes(&db, None).await;
        assert_eq!(first, [(0, Some(0), 2)]);
        assert_eq!(minutes(&db, Some("sla")).await, [(0, Some(0), 1)]);
        assert_eq!(minutes(&db, Some("email")).await, [(0, Some(0), 0)], "an idle queue has its minutes too");
        refresh(&queue).await;
        assert_eq!(minutes(&db, None).await, first, "a second look at the same minute changes nothing");

        // For 25 minutes nobody writes, though jobs end; one that may run is waiting at the end.
        for _ in 0..5 {
            clock.advance(TimeDelta::minutes(5));
            queue.enqueue(&SweepSla {}).await;
            queue.run_dry().await;
        }
        db.execute_raw("INSERT INTO queues (name, paused_at) VALUES ('sla', '2026-03-02T12:00:00+00:00')").await;
        queue.enqueue(&SweepSla {}).await;
        clock.advance(TimeDelta::minutes(1));
        refresh(&queue).await;
        assert_eq!(
            minutes(&db, Some("sla")).await,
            [(0, Some(0), 1), (6, None, 1), (11, None, 1), (16, None, 1), (21, None, 1), (26, Some(1), 1)],
            "what ended then is known, how the queue stood is not"
        );
        let noon = history::minute_of(noon());
        let last = history::points(&mut db.read().await.unwrap(), None, noon + 26, noon + 27, 1).await.unwrap();
        assert_eq!(last[0].oldest_ms, Some(60_000));

        clock.advance(TimeDelta::days(6));
        queue.enqueue(&Maintain {}).await;
        queue.run_dry().await;
        assert_eq!(minutes(&db, None).await.len(), 7);
        clock.advance(TimeDelta::days(1));
        queue.enqueue(&Maintain {}).await;
        queue.run_dry().await;
        assert_eq!(minutes(&db, None).await, [], "a week is kept");
    }

    async fn a_long_pause_is_made_up_for_by_half_a_day(db: Db) {
        let clock = Clock::fixed(noon());
        let queue = TestQueue::new(&db, &clock, worker::registry(worker::Retention::default()), Vec::new());
        for _ in 0..5 {
            queue.enqueue(&SweepSla {}).await;
            queue.run_dry().await;
            clock.advance(TimeDelta::hours(5));
        }
        refresh(&queue).await;
        let found = minutes(&db, None).await;
        let hours: Vec<i64> = found.iter().map(|(minute, ..)| minute / 60).collect();
        assert_eq!(hours, [15, 20, 24]);
    }
}
