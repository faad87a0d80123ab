//! The sweep: what goes as a set comes out as if each task had been looked at, and nobody does anything twice.

use chrono::{DateTime, TimeDelta, Utc};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde_json::Value;
use shared::domain::change::{self, NewTask, TaskPatch};
use shared::domain::event::WorkflowEvent;
use shared::domain::sla::rules::Rules;
use shared::domain::{Cents, Change, HistoryEntry, Priority, Status, Task};
use shared::store::{Db, events, tasks};

use crate::support::{actor, new_task, noon, on_both};

/// Tasks of every kind around their thresholds, some swept before, some with deadlines of their own.
fn random_tasks(dice: &mut StdRng, count: usize) -> Vec<Change> {
    let rules = Rules::builtin();
    let mut one = |n: usize| {
        let created = noon() - TimeDelta::microseconds(dice.random_range(0..200 * 3_600_000_000_i64));
        let new = NewTask {
            title: format!("Größe \"{n}\" \\ {}\n", dice.random_range(0..9)),
            priority: Priority::ALL[dice.random_range(0..4)],
            task_status: Some([Status::Green, Status::Yellow, Status::Red, Status::Completed][dice.random_range(0..4)]),
            current_owner: dice.random_bool(0.7).then(|| format!("O'Neill \"{}\"", dice.random_range(0..3))),
            dollar_value: Cents(dice.random_range(0..6_000_000)),
            sla_hours: dice.random_bool(0.3).then(|| dice.random_range(0.5..200.0)),
            sla_deadline: dice
                .random_bool(0.3)
                .then(|| noon() + TimeDelta::microseconds(dice.random_range(-90_000_000_000..90_000_000_000))),
            snoozed_until: dice.random_bool(0.1).then(|| noon() + TimeDelta::hours(dice.random_range(-2..2))),
            ..new_task(&format!("TASK-1-{n:04}"))
        };
        let mut change = change::create(new, &rules, &actor(), created);
        for _ in 0..dice.random_range(0..3) {
            let span = (noon() - change.task.updated_at).num_seconds().max(1);
            let then = change.task.updated_at + TimeDelta::seconds(dice.random_range(0..span));
            if let Some(aged) = change::age(&change.task, &rules, then) {
                change = Change { task: Task { version: 1, ..aged.task }, ..change };
            }
        }
        change
    };
    (0..count).map(&mut one).collect()
}

async fn save_all(db: &Db, changes: &[Change]) {
    let mut tx = db.begin().await.unwrap();
    tasks::save(&mut tx, changes).await.unwrap();
    tx.commit().await.unwrap();
}

/// Numbers and gives all events so far.
async fn numbered(db: &Db) -> Vec<events::StoredEvent> {
    let mut tx = db.begin().await.unwrap();
    events::number(&mut tx, 1_000_000).await.unwrap();
    tx.commit().await.unwrap();
    events::after(&mut db.read().await.unwrap(), 0, 1_000_000).await.unwrap()
}

/// What is in the database after the sweep: tasks, history and events by task.
type Outcome = (Task, Vec<HistoryEntry>, Vec<(WorkflowEvent, Value, Vec<String>)>);

async fn outcome(db: &Db, task_id: &str, events: &[(String, events::StoredEvent)]) -> Outcome {
    let mut session = db.read().await.unwrap();
    let task = tasks::lookup(&mut session, task_id).await.unwrap().unwrap();
    let mut history = tasks::history(&mut session, task_id).await.unwrap();
    for row in &mut history {
        row.id = 0;
    }
    let own = events.iter().filter(|(of, _)| of == task_id).map(|(_, stored)| {
        let event = events::decode(&stored.event, &stored.data).unwrap();
        (event, serde_json::to_value(&stored.matches).unwrap(), stored.watchers.clone())
    });
    (task, history, own.collect())
}

fn task_of(stored: &events::StoredEvent) -> String {
    let data: Value = serde_json::from_str(&stored.data).unwrap();
    data["taskId"].as_str().unwrap().to_owned()
}

/// Lets time pass until nothing is due, as a set as far as that goes.
async fn sweep(db: &Db, now: DateTime<Utc>, limit: i64) -> usize {
    let mut crossed = 0;
    loop {
        let mut tx = db.begin().await.unwrap();
        let count = tasks::cross(&mut tx, now, limit).await.unwrap();
        tx.commit().await.unwrap();
        crossed += count;
        if count == 0 {
            return crossed;
        }
    }
}

async fn watch(db: &Db, task_id: &str) {
    let at = noon().to_rfc3339();
    db.execute_raw(&format!(
        "INSERT INTO task_watchers (task_id, name, since, added_by) VALUES ('{task_id}', 'Di', '{at}', 'ana')"
    ))
    .await;
}

on_both! {
    async fn a_set_of_tasks_ages_as_each_of_them_would(db: Db) {
        let mut dice = StdRng::seed_from_u64(20_261_124);
        let changes = random_tasks(&mut dice, 600);
        save_all(&db, &changes).await;
        watch(&db, "TASK-1-0007").await;
        let now = noon() + TimeDelta::minutes(7);
        let before = numbered(&db).await.len();
        let due: Vec<&Task> = changes.iter().map(|change| &change.task).filter(|task| task.sla_next_at.is_some_and(|next| next <= now)).collect();

        let crossed = sweep(&db, now, 50).await;

        let stored: Vec<_> = numbered(&db).await.split_off(before).into_iter().map(|stored| (task_of(&stored), stored)).collect();
        let mut as_set = 0;
        for change in &changes {
            let (task, history, told) = outcome(&db, &change.task.task_id, &stored).await;
            if task.version == 1 {
                assert_eq!((&task, told.len()), (&change.task, 0), "what is left is left whole");
                continue;
            }
            let aged = change::age(&change.task, &Rules::builtin(), now).unwrap();
            assert_eq!(task, aged.task);
            assert_eq!(history[change.history.len()..], aged.history);
            let watchers = if task.task_id == "TASK-1-0007" { vec!["Di".to_owned()] } else { Vec::new() };
            let expected: Vec<_> = aged.events.into_iter().map(|event| (event.event, serde_json::to_value(event.matches).unwrap(), watchers.clone())).collect();
            assert_eq!(told, expected);
            as_set += 1;
        }
        assert_eq!((as_set, as_set > due.len() / 2, due.len() > 100), (crossed, true, true), "{} due", due.len());

        let mut tx = db.begin().await.unwrap();
        let rest = tasks::lock_due(&mut tx, now, 1_000).await.unwrap();
        assert_eq!(rest.len(), due.len() - crossed, "the others are looked at as a whole");
        assert!(rest.iter().all(|task| task.dollar_value.0 >= 5_000_000 || task.snoozed_until.is_some_and(|until| until <= now)));
        assert_eq!(tasks::cross(&mut tx, now, 1_000).await.unwrap(), 0);
    }

    async fn sweeps_at_once_take_each_task_once(db: Db) {
        let mut dice = StdRng::seed_from_u64(7);
        let changes = random_tasks(&mut dice, 400);
        save_all(&db, &changes).await;
        let now = noon() + TimeDelta::minutes(7);
        let before = numbered(&db).await.len();
        let sweeps: Vec<_> = (0..4).map(|_| {
            let db = db.clone();
            tokio::spawn(async move { sweep(&db, now, 20).await })
        }).collect();
        let mut crossed = 0;
        for one in sweeps {
            crossed += one.await.unwrap();
        }
        let updates = numbered(&db).await.split_off(before).into_iter().filter(|stored| stored.event == "workflow:task:updated");
        assert_eq!(updates.count(), crossed);
        assert_eq!(db.query_i64("SELECT count(*) FROM workflow_tasks WHERE version = 2").await, crossed as i64);
        assert_eq!(db.query_i64("SELECT count(*) FROM workflow_tasks WHERE version > 2").await, 0);
    }

    async fn rows_from_before_thresholds_were_kept_are_swept_as_well(db: Db) {
        let new = NewTask { sla_deadline: Some(noon() + TimeDelta::hours(23)), ..new_task("TASK-1-old") };
        save_all(&db, &[change::create(new, &Rules::builtin(), &actor(), noon() - TimeDelta::hours(9))]).await;
        db.execute_raw("UPDATE workflow_tasks SET sla_warning_at = NULL, sla_critical_at = NULL").await;
        assert_eq!(sweep(&db, noon(), 10).await, 0, "they are looked at as a whole");

        let mut tx = db.begin().await.unwrap();
        let due = tasks::lock_due(&mut tx, noon(), 10).await.unwrap();
        let title = TaskPatch { title: Some(due[0].title.clone()), ..TaskPatch::default() };
        let early = noon() - TimeDelta::hours(9);
        assert_eq!(change::update(&due[0], &title, &Rules::builtin(), &actor(), early), None, "no change of a task");
        let aged = change::age(&due[0], &Rules::builtin(), noon()).unwrap();
        assert_eq!(aged.task.sla_critical_at, Some(noon() + TimeDelta::hours(19)));
        tasks::save(&mut tx, &[aged]).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(sweep(&db, noon() + TimeDelta::hours(19), 10).await, 1);
    }
}
