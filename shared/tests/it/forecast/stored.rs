//! The simulated mailbox in a database: what is read of it, fitted, kept and ranked.

use chrono::{DateTime, TimeDelta, Utc};
use shared::domain::change::NewTask;
use shared::domain::forecast::{Calibration, Case, Load, Model, Subject};
use shared::domain::sla::rules::Rules;
use shared::domain::{Cents, Status, WorkflowState, change};
use shared::store::Db;
use shared::store::forecast::{self, Filter};
use shared::store::tasks;

use super::mailbox::{self, Dice};
use crate::support::{actor, on_both};

fn end(cases: &[Case]) -> DateTime<Utc> {
    cases[0].created_at + TimeDelta::weeks(4)
}

/// Writes the tasks of a mailbox, each worth something.
async fn fill(db: &Db, cases: &[Case]) {
    let mut dice = Dice::seeded(5);
    let changes: Vec<_> = cases
        .iter()
        .map(|case| {
            let mut new = NewTask::new(&case.task_id, "A task of the mailbox", case.workflow_category);
            new.priority = case.priority;
            new.current_owner.clone_from(&case.current_owner);
            new.dollar_value = Cents(dice.below(5_000) as i64 * 100);
            let mut change = change::create(new, &Rules::builtin(), &actor(), case.created_at);
            if case.completion_date.is_some() {
                change.task.completion_date = case.completion_date;
                change.task.task_status = Status::Completed;
                change.task.manual_status = Status::Completed;
                change.task.workflow_state = WorkflowState::Completion;
            }
            change
        })
        .collect();
    for chunk in changes.chunks(500) {
        let mut tx = db.begin().await.unwrap();
        tasks::save(&mut tx, chunk).await.unwrap();
        tx.commit().await.unwrap();
    }
}

/// Ids in the order of what is expected of them, computed from every open task by itself.
fn brute_force(open: &[(Case, Cents)], model: &Model, now: DateTime<Utc>) -> Vec<(String, Cents)> {
    let load = |case: &Case| {
        let owner = case.current_owner.as_ref()?;
        Some(open.iter().filter(|(other, _)| other.current_owner.as_ref() == Some(owner)).count() as u32)
    };
    let mut all: Vec<_> = open
        .iter()
        .map(|(case, value)| {
            let subject = Subject {
                category: case.workflow_category,
                priority: case.priority,
                owner_open: load(case),
                anchor: case.created_at,
                deadline: case.sla_deadline,
                is_open: true,
                paused: false,
                value: *value,
            };
            (case.task_id.clone(), *value, subject.at_risk(subject.probability(Some(model), now).unwrap()))
        })
        .collect();
    all.sort_by(|a, b| (b.2, b.1, &b.0).cmp(&(a.2, a.1, &a.0)));
    all.into_iter().map(|(id, _, expected)| (id, expected)).collect()
}

on_both! {
    async fn what_is_read_of_the_history_is_what_was_written(db: Db) {
        let cases = mailbox::weeks(2, 4);
        fill(&db, &cases).await;
        let mut session = db.read().await.unwrap();

        let mut read = forecast::sample(&mut session, cases[10].created_at).await.unwrap();

        read.reverse();
        assert_eq!(read, cases[10..]);
        let done = cases.iter().filter(|case| case.completion_date.is_some()).count();
        assert!(done > 100);
        assert_eq!(forecast::completed(&mut session, cases[0].created_at).await.unwrap(), 100, "as far as needed");
        assert_eq!(forecast::completed(&mut session, end(&cases)).await.unwrap(), 0);
    }

    async fn a_ranking_is_that_of_every_open_task_by_itself(db: Db) {
        let cases = mailbox::weeks(4, 4);
        fill(&db, &cases).await;
        let now = end(&cases);
        let model = Model::fit(&cases, cases[0].created_at, now).unwrap();
        let mut session = db.snapshot().await.unwrap();
        let mut open = Vec::new();
        for case in cases.iter().filter(|case| case.completion_date.is_none()) {
            let task = tasks::lookup(&mut session, &case.task_id).await.unwrap().unwrap();
            open.push((Case { sla_deadline: task.sla_deadline, ..case.clone() }, task.dollar_value));
        }
        let expected = brute_force(&open, &model, now);

        for limit in [1, 7, 50, 200] {
            let ranked = forecast::rank(&mut session, &model, &Filter::default(), limit, now).await.unwrap();
            let found: Vec<_> = ranked.tasks.iter().map(|(task, subject)| {
                (task.task_id.clone(), subject.at_risk(subject.probability(Some(&model), now).unwrap()))
            }).collect();
            assert_eq!(found, expected[..limit.min(expected.len())]);
            assert!(ranked.is_exact);
        }
        let owner = open.iter().find_map(|(case, _)| case.current_owner.clone()).unwrap();
        let theirs = Filter { owner: vec![owner.clone()], due_from: Some(now), ..Filter::default() };
        let ranked = forecast::rank(&mut session, &model, &theirs, 200, now).await.unwrap();
        let meant = open.iter().filter(|(case, _)| case.current_owner.as_ref() == Some(&owner) && case.sla_deadline >= Some(now));
        assert_eq!(ranked.tasks.len(), meant.count());

        let totals = forecast::totals(&mut session, &model, &Filter::default(), now).await.unwrap();
        let due = |days| open.iter().filter(move |(case, _)| {
            case.sla_deadline.is_some_and(|at| at > now && at <= now + TimeDelta::days(days))
        });
        assert_eq!((totals.next_24_hours.tasks, totals.next_7_days.tasks), (due(1).count() as u32, due(7).count() as u32));
        let cents: i64 = due(7).map(|(case, _)| expected.iter().find(|(id, _)| *id == case.task_id).unwrap().1.0).sum();
        assert_eq!(totals.next_7_days.expected_dollars_at_risk, Cents(cents));
        assert!(totals.next_24_hours.expected_breaches < totals.next_7_days.expected_breaches);
        assert_eq!(totals.counted_to, None);
    }

    async fn a_task_is_told_apart_by_how_busy_its_owner_is(db: Db) {
        let cases = mailbox::weeks(4, 4);
        fill(&db, &cases).await;
        let model = Model::fit(&cases, cases[0].created_at, end(&cases)).unwrap();
        let mut session = db.read().await.unwrap();
        let mut loads = Vec::new();
        for case in cases.iter().filter(|case| case.completion_date.is_none()) {
            let (_, subject) = forecast::one(&mut session, &case.task_id).await.unwrap().unwrap();
            let open = cases.iter().filter(|other| other.completion_date.is_none() && other.current_owner == case.current_owner);
            assert_eq!(subject.owner_open, case.current_owner.is_some().then(|| open.count() as u32));
            loads.push(model.load_limits.load(subject.owner_open));
        }
        assert!(loads.contains(&Load::Unassigned) && loads.contains(&Load::Heavy) && loads.contains(&Load::Light), "{loads:?}");
    }

    async fn models_are_numbered_kept_and_let_go(db: Db) {
        let cases = mailbox::weeks(3, 4);
        let from = cases[0].created_at;
        let save = async |at: DateTime<Utc>| {
            let model = Model::fit(&cases, from, at).unwrap();
            let calibration = Calibration::held_out(&cases, from, at);
            let mut tx = db.begin().await.unwrap();
            let revision = forecast::save(&mut tx, &model, calibration.as_ref()).await.unwrap();
            tx.commit().await.unwrap();
            (revision, model, calibration)
        };
        assert!(forecast::latest(&mut db.read().await.unwrap()).await.unwrap().is_none());

        let at = from + TimeDelta::weeks(3);
        let (first, model, calibration) = save(at).await;
        assert_eq!(save(at).await.0, first, "there is one of each instant");

        let read = forecast::latest(&mut db.read().await.unwrap()).await.unwrap().unwrap();
        assert_eq!((read.revision, read.model(), read.calibration()), (first, &model, calibration.as_ref()));
        assert!(calibration.is_some());
        for minute in 1..=34 {
            assert!(save(at + TimeDelta::minutes(minute)).await.0 > first);
        }
        let kept = db.query_i64("SELECT count(*) FROM forecast_models").await;
        assert!((29..=30).contains(&kept), "{kept}");
    }
}
