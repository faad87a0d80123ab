use chrono::TimeDelta;
use shared::domain::change::TaskPatch;
use shared::domain::sla::rules::Rules;
use shared::domain::{Cents, Entities, Priority, SlaState, Status, change};
use shared::store::tasks::{self, Filter, Page, Show, Sort, SortKey, Start, TaskRow};
use shared::store::{Session, StoreError, mail, metrics};

use crate::support::{actor, create, new_task, noon, on_both, save};

/// The rows of a page of all tasks.
async fn rows(session: &mut Session, page: &Page) -> Vec<TaskRow> {
    let listing = tasks::list(session, &Filter::default(), page, &Show::default()).await.unwrap();
    listing.tasks.into_iter().map(|listed| listed.row).collect()
}

on_both! {
    async fn a_saved_task_is_read_back_as_it_was(db: Db) {
        let mut new = new_task("TASK-1-a");
        new.title = "Größe \u{1f4e6} \"quoted\" \\u0041".to_owned();
        new.entities = Entities { po_numbers: vec!["4501/88-A".to_owned()], ..Entities::default() };
        new.dollar_value = Cents(4_999_999);
        new.tags = vec!["rush".to_owned()];
        new.sla_deadline = Some(noon() + TimeDelta::hours(30) + TimeDelta::microseconds(123_457));

        let change = create(&db, new, noon()).await;

        let read = tasks::lookup(&mut db.read().await.unwrap(), "TASK-1-a").await.unwrap().unwrap();
        assert_eq!(read, change.task);
    }

    async fn a_change_is_saved_with_its_history_and_events(db: Db) {
        let task = create(&db, new_task("TASK-1-b"), noon()).await.task;
        let patch = TaskPatch { task_status: Some(Status::Yellow), current_owner: Some(Some("Bo".to_owned())), ..TaskPatch::default() };

        save(&db, &change::update(&task, &patch, &Rules::builtin(), &actor(), noon() + TimeDelta::minutes(1)).unwrap()).await;

        let mut session = db.read().await.unwrap();
        let read = tasks::lookup(&mut session, "TASK-1-b").await.unwrap().unwrap();
        assert_eq!((read.version, read.task_status, read.current_owner.as_deref()), (2, Status::Yellow, Some("Bo")));
        let fields: Vec<_> = tasks::history(&mut session, "TASK-1-b").await.unwrap().into_iter().map(|row| row.field).collect();
        assert_eq!(fields, ["created", "task_status", "current_owner"]);
        assert_eq!(db.query_i64("SELECT count(*) FROM workflow_events WHERE task_id = 'TASK-1-b'").await, 3);
    }

    async fn a_change_decided_on_an_old_version_is_refused_whole(db: Db) {
        let task = create(&db, new_task("TASK-1-c"), noon()).await.task;
        let patch = |title: &str| TaskPatch { title: Some(title.to_owned()), ..TaskPatch::default() };
        let first = change::update(&task, &patch("first"), &Rules::builtin(), &actor(), noon()).unwrap();
        let second = change::update(&task, &patch("second"), &Rules::builtin(), &actor(), noon()).unwrap();
        save(&db, &first).await;

        let mut tx = db.begin().await.unwrap();
        let refused = tasks::save(&mut tx, &[second]).await;
        drop(tx);

        assert!(matches!(refused, Err(StoreError::Conflict)));
        assert_eq!(db.query_i64("SELECT count(*) FROM workflow_status_history WHERE task_id = 'TASK-1-c'").await, 2);
    }

    async fn history_can_neither_be_changed_nor_removed(db: Db) {
        create(&db, new_task("TASK-1-d"), noon()).await;

        for sql in ["UPDATE workflow_status_history SET changed_by = 'x'", "DELETE FROM workflow_status_history"] {
            let attempt = tokio::spawn({
                let db = db.clone();
                async move { db.execute_raw(sql).await }
            });
            assert!(attempt.await.is_err(), "{sql}");
        }
        assert_eq!(db.query_i64("SELECT count(*) FROM workflow_status_history").await, 1);
    }

    async fn a_transaction_that_is_dropped_leaves_nothing(db: Db) {
        let change = change::create(new_task("TASK-1-e"), &Rules::builtin(), &actor(), noon());
        let mut tx = db.begin().await.unwrap();
        tasks::save(&mut tx, &[change]).await.unwrap();
        drop(tx);

        create(&db, new_task("TASK-1-f"), noon()).await;

        assert_eq!(db.query_i64("SELECT count(*) FROM workflow_tasks").await, 1);
        assert_eq!(db.query_i64("SELECT count(*) FROM workflow_events").await, 1);
    }

    async fn writers_at_once_all_commit_and_failures_harm_nobody(db: Db) {
        let writers = (0..60).map(|n| {
            let db = db.clone();
            tokio::spawn(async move {
                let change = change::create(new_task(&format!("TASK-2-{n}")), &Rules::builtin(), &actor(), noon());
                let mut tx = db.begin().await.unwrap();
                tasks::save(&mut tx, std::slice::from_ref(&change)).await.unwrap();
                match n % 3 {
                    0 => drop(tx),
                    1 => assert!(tasks::save(&mut tx, &[change]).await.is_err()),
                    _ => tx.commit().await.unwrap(),
                }
            })
        });
        for writer in writers.collect::<Vec<_>>() {
            writer.await.unwrap();
        }
        assert_eq!(db.query_i64("SELECT count(*) FROM workflow_tasks").await, 20);
    }

    async fn a_list_is_filtered_and_walked_by_cursor_in_every_order(db: Db) {
        for n in 0..25_i64 {
            let mut new = new_task(&format!("TASK-3-{n:02}"));
            new.dollar_value = Cents(n % 5 * 100);
            new.priority = [Priority::Critical, Priority::High, Priority::Medium, Priority::Normal][n as usize % 4];
            new.tags = if n % 2 == 0 { vec!["even".to_owned()] } else { Vec::new() };
            let task = create(&db, new, noon() + TimeDelta::minutes(n / 3)).await.task;
            if n % 6 == 0 {
                let patch = TaskPatch { sla_deadline: Some(None), ..TaskPatch::default() };
                save(&db, &change::update(&task, &patch, &Rules::builtin(), &actor(), noon()).unwrap()).await;
            }
        }
        let mut session = db.read().await.unwrap();
        for sort in [Sort::CreatedAt, Sort::UpdatedAt, Sort::SlaDeadline, Sort::DollarValue, Sort::Priority] {
            for ascending in [true, false] {
                let page = |limit, start| Page { sort, ascending, limit, start };
                let all = rows(&mut session, &page(100, Start::Offset(0))).await;
                let mut walked = Vec::new();
                let mut start = Start::Offset(0);
                loop {
                    let rows = rows(&mut session, &page(4, start)).await;
                    let Some(last) = rows.last() else { break };
                    start = Start::After(sort.key(last), last.task_id.clone());
                    walked.extend(rows.into_iter().map(|row| row.task_id));
                }
                let expected: Vec<_> = all.iter().map(|row| row.task_id.clone()).collect();
                assert_eq!(walked, expected, "{sort:?} ascending={ascending}");
                assert_eq!(expected.len(), 25);
                if sort == Sort::SlaDeadline {
                    assert!(all[20..].iter().all(|row| sort.key(row) == SortKey::Null), "nulls come last both ways");
                }
            }
        }
        let even = Filter { tag: vec!["even".to_owned()], priority: vec!["CRITICAL".to_owned()], ..Filter::default() };
        assert_eq!(tasks::count(&mut session, &even).await.unwrap(), 7);
        let found = Filter { q: Some("task-3-07".to_owned()), ..Filter::default() };
        assert_eq!(tasks::count(&mut session, &found).await.unwrap(), 1);
        let literal = Filter { q: Some("task_3%".to_owned()), ..Filter::default() };
        assert_eq!(tasks::count(&mut session, &literal).await.unwrap(), 0);
    }

    async fn what_is_due_is_found_by_its_next_instant_alone(db: Db) {
        for (id, hours) in [("a", 25), ("b", 23), ("c", 3)] {
            let mut new = new_task(&format!("TASK-4-{id}"));
            new.sla_deadline = Some(noon() + TimeDelta::hours(hours));
            create(&db, new, noon()).await;
        }
        let later = noon() + TimeDelta::hours(2);

        let mut tx = db.begin().await.unwrap();
        let due = tasks::lock_due(&mut tx, later, 100).await.unwrap();
        let changes: Vec<_> = due.iter().filter_map(|task| change::age(task, &Rules::builtin(), later)).collect();
        tasks::save(&mut tx, &changes).await.unwrap();
        tx.commit().await.unwrap();

        assert_eq!(due.len(), 1);
        assert_eq!((changes[0].task.task_status, changes[0].task.sla_state), (Status::Yellow, SlaState::Warning));
        let mut tx = db.begin().await.unwrap();
        assert!(tasks::lock_due(&mut tx, later, 100).await.unwrap().is_empty());
    }

    async fn figures_of_an_empty_database_are_zero(db: Db) {
        let figures = metrics::read(&mut db.snapshot().await.unwrap(), noon()).await.unwrap();

        assert_eq!((figures.executive.total_tasks, figures.executive.sla_met_percentage), (0, None));
        assert!(figures.categories.is_empty() && figures.owners.is_empty());
    }

    async fn links_of_deleted_tasks_are_not_found(db: Db) {
        let task = create(&db, new_task("TASK-5-a"), noon()).await.task;
        let keys = vec!["po:4501".to_owned()];
        let mut tx = db.begin().await.unwrap();
        let links = mail::NewLinks {
            keys: keys.clone(),
            task_id: "TASK-5-a".to_owned(),
            email_id: "m1".to_owned(),
            people: vec!["a@b.example".to_owned()],
            at: noon(),
        };
        mail::add_links(&mut tx, &[links]).await.unwrap();
        tx.commit().await.unwrap();
        let found = mail::find_links(&mut db.read().await.unwrap(), &keys).await.unwrap();
        assert_eq!((found.len(), found[0].at), (1, noon()));

        save(&db, &change::delete(&task, &actor(), noon())).await;

        assert!(mail::find_links(&mut db.read().await.unwrap(), &keys).await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn synchronous_is_full_on_every_sqlite_connection() {
    let database = shared::store::testing::TestDatabase::sqlite();
    let levels = database.open().await.synchronous_of_all().await;
    assert!(levels.len() > 1 && levels.iter().all(|level| *level == 2), "{levels:?}");
}

#[tokio::test]
async fn whoever_gives_up_waiting_to_write_leaves_no_transaction_behind() {
    let database = shared::store::testing::TestDatabase::sqlite();
    let (one, other) = (database.open().await, database.open().await);
    let held = one.begin().await.unwrap();
    let given_up = tokio::time::timeout(std::time::Duration::from_millis(50), other.begin()).await;
    assert!(given_up.is_err(), "another process holds the lock");
    drop(held);
    for db in [&other, &one] {
        db.begin().await.unwrap().commit().await.unwrap();
    }
}
