//! Figures of random histories: brute force over the tasks is what each must equal.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use shared::domain::Task;
use shared::store::analytics::{self, Analytics, Period};
use shared::store::testing::figures::{Dice, History, brute_force, live_tasks};
use shared::store::{Db, StoreError, metrics, rollups, tasks};

use crate::support::{noon, on_both, save};

/// Changes of a history.
const CHANGES: usize = 2_000;

async fn fold(db: &Db, limit: i64) -> u64 {
    let mut tx = db.begin().await.unwrap();
    let folded = rollups::fold(&mut tx, limit).await.unwrap();
    tx.commit().await.unwrap();
    folded
}

/// All figures of one snapshot equal those counted over its tasks, now and as of now.
async fn check(db: &Db, now: DateTime<Utc>) {
    let mut snapshot = db.snapshot().await.unwrap();
    let expected = brute_force(&live_tasks(&mut snapshot).await.unwrap(), now);
    assert_eq!(metrics::read(&mut snapshot, now).await.unwrap(), expected);
    assert_eq!(metrics::read_as_of(&mut snapshot, now).await.unwrap(), expected);
}

/// Sums of a series over the tasks.
fn check_series(series: &Analytics, tasks: &[Task], tz: Tz, now: DateTime<Utc>) {
    for (index, trend) in series.trends.iter().enumerate() {
        let end = series.trends.get(index + 1).map_or(now + TimeDelta::milliseconds(1), |next| next.bucket);
        let within = |at: DateTime<Utc>| at >= trend.bucket && at < end;
        let created: Vec<&Task> = tasks.iter().filter(|task| within(task.created_at)).collect();
        assert_eq!(trend.new_tasks, created.len() as i64, "{tz} {}", trend.bucket);
        assert_eq!(trend.value.0, created.iter().map(|task| task.dollar_value.0).sum::<i64>());
        let done = tasks.iter().filter(|task| task.completion_date.is_some_and(within)).count();
        assert_eq!(trend.completed_tasks, done as i64, "{tz} {}", trend.bucket);
    }
    for day in &series.sla_performance {
        let due_then =
            |task: &&Task| task.sla_deadline.is_some_and(|due| due.with_timezone(&tz).date_naive() == day.date);
        let due: Vec<&Task> = tasks.iter().filter(due_then).collect();
        let count = |test: &dyn Fn(&Task) -> bool| due.iter().filter(|task| test(task)).count() as i64;
        let met = count(&|task| !task.is_open() && task.completion_date <= task.sla_deadline);
        let late = count(&|task| task.is_open() && task.sla_deadline < Some(now));
        let open = count(&Task::is_open);
        assert_eq!(
            (day.total_slas, day.met_slas, day.missed_slas, day.violated_slas, day.pending_slas),
            (due.len() as i64, met, due.len() as i64 - met - open, late, open - late),
            "{tz} {}",
            day.date
        );
    }
    for rate in &series.completion_rates {
        let from = series.trends[0].bucket;
        let of = |task: &&Task| task.workflow_category == rate.workflow_category && task.created_at >= from;
        assert_eq!(rate.total, tasks.iter().filter(of).count() as i64, "{tz}");
    }
}

on_both! {
    async fn figures_equal_brute_force_at_every_point_of_a_history(db: Db) {
        let mut history = History::new("h", 20_261_124, noon());
        let mut dice = Dice::new(7);
        for number in 1..=CHANGES {
            save(&db, &history.next_change()).await;
            if dice.roll(40) == 0 {
                fold(&db, 1 + dice.roll(200)).await;
            }
            if number % 100 == 0 {
                check(&db, history.now).await;
                check(&db, history.now + TimeDelta::milliseconds(dice.roll(200_000_000))).await;
            }
        }
        while fold(&db, 500).await > 0 {}
        let folded = metrics::read(&mut db.snapshot().await.unwrap(), history.now).await.unwrap();
        assert_eq!(fold(&db, 500).await, 0, "folding again finds nothing");
        assert_eq!(folded, brute_force(&history.tasks, history.now));
        assert!(rollups::compare(&mut db.snapshot().await.unwrap()).await.unwrap().differences.is_empty());
    }

    async fn a_past_instant_shows_what_was_there(db: Db) {
        // The past of this test lies before its database was made.
        db.execute_raw("UPDATE task_past SET since = '2026-03-02T12:00:00+00:00'").await;
        let mut history = History::new("p", 4_711, noon());
        let mut seen = Vec::new();
        for number in 0..600 {
            let change = history.next_change();
            save(&db, &change).await;
            if number % 60 == 0 {
                seen.push((history.now, brute_force(&history.tasks, history.now), change.task, history.tasks.clone()));
            }
        }
        let mut snapshot = db.snapshot().await.unwrap();
        for (at, figures, changed, then) in &seen {
            assert_eq!(metrics::read_as_of(&mut snapshot, *at).await.unwrap(), *figures, "{at}");
            let (task, entries) = tasks::read_as_of(&mut snapshot, &changed.task_id, *at).await.unwrap().unwrap();
            assert_eq!(task, *changed);
            assert!(entries.iter().all(|entry| entry.version <= task.version) && !entries.is_empty());
            for task in then.iter().take(5) {
                let (found, _) = tasks::read_as_of(&mut snapshot, &task.task_id, *at).await.unwrap().unwrap();
                assert_eq!(found, *task);
            }
        }
        assert!(tasks::read_as_of(&mut snapshot, &seen[9].2.task_id, noon()).await.unwrap().is_none());
        drop(snapshot);

        let cut = seen[5].0;
        let mut tx = db.begin().await.unwrap();
        while tasks::prune_versions(&mut tx, cut, 50).await.unwrap() > 0 {}
        tx.commit().await.unwrap();
        let mut snapshot = db.snapshot().await.unwrap();
        assert_eq!(tasks::past_since(&mut snapshot).await.unwrap(), cut);
        for (at, figures, ..) in &seen[5..] {
            assert_eq!(metrics::read_as_of(&mut snapshot, *at).await.unwrap(), *figures, "{at} is kept");
        }
    }

    async fn figures_of_one_snapshot_agree_while_many_write_and_fold(db: Db) {
        let over = Arc::new(AtomicBool::new(false));
        let end = noon() + TimeDelta::days(30);
        let mut writers = tokio::task::JoinSet::new();
        for writer in 0..4 {
            let db = db.clone();
            writers.spawn(async move {
                let mut history = History::new(&format!("w{writer}"), 99 + writer, noon());
                for _ in 0..250 {
                    save(&db, &history.next_change()).await;
                }
            });
        }
        let mut folders = tokio::task::JoinSet::new();
        for _ in 0..2 {
            let (db, over) = (db.clone(), over.clone());
            folders.spawn(async move {
                while !over.load(Ordering::Relaxed) {
                    fold(&db, 37).await;
                    tokio::task::yield_now().await;
                }
            });
        }
        while !writers.is_empty() {
            check(&db, end).await;
            while writers.try_join_next().map(Result::unwrap).is_some() {}
        }
        over.store(true, Ordering::Relaxed);
        while let Some(folder) = folders.join_next().await {
            folder.unwrap();
        }
        while fold(&db, 500).await > 0 {}
        check(&db, end).await;
        assert!(rollups::compare(&mut db.snapshot().await.unwrap()).await.unwrap().differences.is_empty());
    }

    async fn series_equal_a_count_over_the_tasks_in_every_zone(db: Db) {
        // The clocks of Berlin and New York change in the period, and those of Chatham, which is 45 minutes off the hour.
        let mut history = History::new("z", 31, "2026-03-06T03:07:00Z".parse().unwrap());
        for _ in 0..900 {
            let mut change = history.next_change();
            history.now += TimeDelta::minutes(40);
            change.events.clear();
            save(&db, &change).await;
        }
        fold(&db, 1_000).await;
        let now = history.now;
        for tz in ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Pacific/Chatham", "Pacific/Kiritimati"] {
            let zone = analytics::zone(tz).unwrap();
            for (period, steps) in [(Period::Day, 24), (Period::Week, 7), (Period::Month, 30)] {
                let mut snapshot = db.snapshot().await.unwrap();
                let series = analytics::read(&mut snapshot, period, zone, now).await.unwrap();
                assert_eq!(series.trends.len(), steps);
                assert!(series.trends.is_sorted_by(|a, b| a.bucket < b.bucket), "no gap, no repeat");
                assert!(series.sla_performance.is_sorted_by(|a, b| a.date.succ_opt() == Some(b.date)));
                check_series(&series, &live_tasks(&mut snapshot).await.unwrap(), zone, now);
            }
        }
    }

    async fn a_comparison_finds_and_repairs_what_differs(db: Db) {
        let mut history = History::new("r", 5, noon());
        for _ in 0..120 {
            save(&db, &history.next_change()).await;
        }
        fold(&db, 100).await;
        let found = rollups::compare(&mut db.snapshot().await.unwrap()).await.unwrap();
        assert!(found.differences.is_empty() && found.cells > 0);
        db.execute_raw("UPDATE task_rollups SET n = n + 3 WHERE series = 'all'").await;
        db.execute_raw("DELETE FROM task_rollups WHERE series = 'owner'").await;
        db.execute_raw("DELETE FROM rollup_deltas WHERE id % 7 = 0").await;
        db.execute_raw("UPDATE workflow_tasks SET deleted_at = updated_at WHERE task_id LIKE '%1-r'").await;

        let first = rollups::compare(&mut db.snapshot().await.unwrap()).await.unwrap();
        let second = rollups::compare(&mut db.snapshot().await.unwrap()).await.unwrap();
        assert!(!first.differences.is_empty());
        // Changes between the look and the repair are no part of it.
        let gone = |task: &Task| task.task_id.ends_with("1-r");
        history.tasks.retain(|task| !gone(task));
        for _ in 0..30 {
            save(&db, &history.next_change()).await;
        }
        fold(&db, 20).await;
        let repair = async |comparison: &rollups::Comparison| {
            let mut tx = db.begin().await.unwrap();
            let findings = rollups::repair(&mut tx, comparison, noon()).await?;
            tx.commit().await.unwrap();
            Ok::<_, StoreError>(findings)
        };
        let findings = repair(&first).await.unwrap();
        assert_eq!(findings.repaired, first.differences.len() as i64);
        assert!(matches!(repair(&second).await, Err(StoreError::Conflict)), "it was repaired since the second looked");
        check_live(&db, history.now).await;
        let kept = rollups::last_comparison(&mut db.read().await.unwrap()).await.unwrap();
        assert_eq!(kept, Some((noon(), findings)));
        assert!(rollups::compare(&mut db.snapshot().await.unwrap()).await.unwrap().differences.is_empty());
    }
}

/// The same where tasks were changed past the store, so that their past is not known.
async fn check_live(db: &Db, now: DateTime<Utc>) {
    let mut snapshot = db.snapshot().await.unwrap();
    let expected = brute_force(&live_tasks(&mut snapshot).await.unwrap(), now);
    assert_eq!(metrics::read(&mut snapshot, now).await.unwrap(), expected);
}
