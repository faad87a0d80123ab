//! The views, `GET /metrics` and a count over the rows agree on 10,000 random tasks.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;
use shared::domain::change::{self, Actor, NewTask};
use shared::domain::sla::rules::Rules;
use shared::domain::{Category, Cents, Priority, Status, Task};
use shared::store::tasks;

use crate::support::in_both_forms;

/// A small generator with a fixed seed: the same tasks on every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

fn actor() -> Actor {
    Actor { principal: "mail".to_owned(), reason: None }
}

/// A task whose deadline and creation lie at least a minute from any boundary of the figures.
fn random_task(dice: &mut Dice, n: usize, now: DateTime<Utc>) -> Task {
    let created = now
        - TimeDelta::minutes(dice.roll(40 * 24 * 60) as i64)
        - TimeDelta::milliseconds(dice.roll(50_000) as i64 + 5_000);
    let due = now + TimeDelta::minutes(dice.roll(4 * 24 * 60) as i64 - 2 * 24 * 60) + TimeDelta::seconds(30);
    let status = [Status::Red, Status::Yellow, Status::Green, Status::Completed][dice.roll(4) as usize];
    let new = NewTask {
        task_status: Some(status),
        priority: Priority::ALL[dice.roll(4) as usize],
        current_owner: (dice.roll(5) > 0).then(|| format!("Owner {}", dice.roll(7))),
        dollar_value: Cents(dice.roll(10_000_000) as i64),
        sla_deadline: (dice.roll(4) > 0).then_some(due),
        ..NewTask::new(format!("TASK-{n}-r"), format!("random {n}"), Category::ALL[dice.roll(8) as usize])
    };
    let mut task = change::create(new, &Rules::builtin(), &actor(), created).task;
    if task.completion_date.is_some() {
        task.completion_date = Some(created + TimeDelta::milliseconds(dice.roll(900_000_000) as i64));
    }
    task
}

/// Tenths, half up, from integers.
fn tenths(numerator: i64, denominator: i64) -> Option<f64> {
    (denominator > 0).then(|| ((numerator * 20 + denominator) / (denominator * 2)) as f64 / 10.0)
}

fn dollars(cents: i64) -> f64 {
    cents as f64 / 100.0
}

in_both_forms! {
    async fn figures_equal_a_count_over_the_rows(system: System) {
        let db = system.database.open().await;
        let now: DateTime<Utc> = serde_json::from_value(system.get("/api/workflow/metrics").await["calculated_at"].clone()).unwrap();
        let mut dice = Dice(20_261_122);
        let all: Vec<Task> = (0..10_000).map(|n| random_task(&mut dice, n, now)).collect();
        for chunk in all.chunks(500) {
            let changes: Vec<_> = chunk.iter().map(|task| change::Change { task: task.clone(), was: None, history: Vec::new(), events: Vec::new() }).collect();
            let mut tx = db.begin().await.unwrap();
            tasks::save(&mut tx, &changes).await.unwrap();
            tx.commit().await.unwrap();
        }
        let gone: Vec<_> = all.iter().filter(|task| task.task_id.ends_with("7-r")).map(|task| change::delete(task, &actor(), now)).collect();
        let mut tx = db.begin().await.unwrap();
        tasks::save(&mut tx, &gone).await.unwrap();
        tx.commit().await.unwrap();
        let live: Vec<&Task> = all.iter().filter(|task| !task.task_id.ends_with("7-r")).collect();

        let metrics = system.get("/api/workflow/metrics").await;
        let now: DateTime<Utc> = serde_json::from_value(metrics["calculated_at"].clone()).unwrap();

        let count = |test: &dyn Fn(&Task) -> bool| live.iter().filter(|task| test(task)).count() as i64;
        let sum = |test: &dyn Fn(&Task) -> bool| live.iter().filter(|task| test(task)).map(|task| task.dollar_value.0).sum::<i64>();
        let within = |task: &Task, hours| task.is_open() && task.sla_deadline.is_some_and(|due| due >= now && due <= now + TimeDelta::hours(hours));
        let overdue = |task: &Task| task.is_open() && task.sla_deadline.is_some_and(|due| due < now);
        let done_with_deadline = count(&|task| !task.is_open() && task.sla_deadline.is_some());
        let met = count(&|task| task.completion_date.zip(task.sla_deadline).is_some_and(|(done, due)| done <= due));
        let red = |task: &Task| task.task_status == Status::Red;
        for (field, expected) in [
            ("total_tasks", live.len() as i64),
            ("red_tasks", count(&red)),
            ("yellow_tasks", count(&|task| task.task_status == Status::Yellow)),
            ("green_tasks", count(&|task| task.task_status == Status::Green)),
            ("completed_tasks", count(&|task| !task.is_open())),
            ("sla_violations", count(&overdue)),
            ("sla_warning_24h", count(&|task| within(task, 24))),
            ("sla_critical_4h", count(&|task| within(task, 4))),
            ("tasks_last_24h", count(&|task| task.created_at > now - TimeDelta::hours(24))),
            ("tasks_last_7d", count(&|task| task.created_at > now - TimeDelta::days(7))),
            ("critical_priority_count", count(&|task| task.priority == Priority::Critical)),
            ("high_priority_count", count(&|task| task.priority == Priority::High)),
        ] {
            assert_eq!(metrics[field].as_i64(), Some(expected), "{field}");
        }
        let completion: i64 = live.iter().filter_map(|task| Some((task.completion_date? - task.created_at).num_milliseconds())).sum();
        let completed = count(&|task| task.completion_date.is_some());
        for (field, expected) in [
            ("revenue_at_risk", Some(dollars(sum(&red)))),
            ("active_revenue", Some(dollars(sum(&Task::is_open)))),
            ("total_revenue", Some(dollars(sum(&|_| true)))),
            ("sla_met_percentage", tenths(met * 100, done_with_deadline)),
            ("avg_completion_days", tenths(completion, completed * 86_400_000)),
        ] {
            assert_eq!(metrics[field].as_f64(), expected, "{field}");
        }

        let categories = metrics["categories"].as_array().unwrap();
        assert_eq!(categories.len(), 8);
        for row in categories {
            let of: Vec<&&Task> = live.iter().filter(|task| row["workflow_category"] == task.workflow_category.as_str()).collect();
            let (total, done) = (of.len() as i64, of.iter().filter(|task| !task.is_open()).count() as i64);
            let late = of.iter().filter(|task| overdue(task)).count() as i64;
            assert_eq!(row["total_tasks"].as_i64(), Some(total));
            assert_eq!(row["completion_rate"].as_f64(), tenths(done * 100, total));
            assert_eq!(row["efficiency_score"].as_f64(), tenths(50 * done + 50 * total - 50 * late, total));
            assert_eq!(row["total_value"].as_f64(), Some(dollars(of.iter().map(|task| task.dollar_value.0).sum())));
            assert_eq!(row["sla_violations"].as_i64(), Some(late));
        }
        let owners = metrics["owners"].as_array().unwrap();
        let of_owners: i64 = owners.iter().map(|row| row["total_active_tasks"].as_i64().unwrap()).sum();
        assert_eq!(of_owners, count(&Task::is_open));
        for row in owners {
            let of: Vec<&&Task> = live.iter().filter(|task| task.is_open() && task.current_owner.as_deref() == row["current_owner"].as_str()).collect();
            let number = |test: &dyn Fn(&Task) -> bool| of.iter().filter(|task| test(task)).count() as i64;
            let score = 3 * of.len() as i64 + 100 * number(&red) + 50 * number(&|task| task.task_status == Status::Yellow)
                + 200 * number(&|task| within(task, 24));
            assert_eq!(row["workload_score"].as_f64(), Some(score as f64 / 10.0), "{row}");
            assert_eq!(row["overdue_tasks"].as_i64(), Some(number(&overdue)));
        }
        let real_time = &metrics["real_time"];
        assert_eq!(real_time["active_tasks"].as_i64(), Some(count(&Task::is_open)));
        assert_eq!(real_time["critical_now"].as_i64(), Some(count(&red)));
        assert_eq!(real_time["due_next_hour"].as_i64(), Some(count(&|task| within(task, 1))));
        let view = db.query_i64("SELECT CAST(total_tasks + red_tasks * 100000 AS bigint) FROM executive_metrics_v2").await;
        assert_eq!(view, live.len() as i64 + count(&red) * 100_000);

        for period in ["day", "week", "month"] {
            let series = system.get(&format!("/api/workflow/analytics?period={period}&tz=Asia/Kolkata")).await;
            let trends = series["trends"].as_array().unwrap();
            let from: DateTime<Utc> = serde_json::from_value(trends[0]["bucket"].clone()).unwrap();
            let total: i64 = trends.iter().map(|trend| trend["new_tasks"].as_i64().unwrap()).sum();
            assert_eq!(total, count(&|task| task.created_at >= from), "{period}");
            let done: i64 = trends.iter().map(|trend| trend["completed_tasks"].as_i64().unwrap()).sum();
            assert_eq!(done, count(&|task| task.completion_date.is_some_and(|at| at >= from && at <= now)), "{period}");
            assert!(series["sla_performance"].as_array().unwrap().iter().all(|day: &Value| {
                day["total_slas"].as_i64().unwrap() == ["met_slas", "missed_slas", "violated_slas", "pending_slas"].iter().map(|name| day[name].as_i64().unwrap()).sum::<i64>()
            }));
        }
    }
}
