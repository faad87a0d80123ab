//! Revisions of the book: numbered, never changed, compiled once.

use std::sync::Arc;

use serde_json::json;
use shared::domain::Category;
use shared::domain::sla::book::Book;
use shared::domain::sla::policy::Target;
use shared::store::{Db, StoreError, sla};

use super::support::{create, new_task, noon, on_both};

fn book(hours: f64) -> Book {
    let orders = json!({"name": "Orders", "when": {"categories": ["Order Management"]}, "resolution_hours": hours});
    Book::read(&json!({"policies": [orders]})).unwrap()
}

async fn add(db: &Db, revision: i64, book: &Book) -> Result<(), StoreError> {
    let mut tx = db.begin().await.unwrap();
    sla::add(&mut tx, revision, book, Some("because"), "ana", noon()).await?;
    tx.commit().await
}

on_both! {
    async fn without_a_book_the_default_policy_alone_applies(db: Db) {
        let mut session = db.read().await.unwrap();
        let rules = sla::rules(&mut session).await.unwrap();
        assert_eq!((rules.revision, rules.policies().len()), (0, 1));
        assert!(sla::current(&mut session).await.unwrap().is_none());
        assert!(sla::rules_of(&mut session, 1).await.unwrap().is_none());
    }

    async fn the_greatest_revision_applies_and_is_compiled_once(db: Db) {
        add(&db, 1, &book(8.0)).await.unwrap();
        add(&db, 2, &book(9.5)).await.unwrap();
        let task = create(&db, new_task("TASK-1"), noon()).await.task;
        assert_eq!(task.workflow_category, Category::OrderManagement);

        let mut session = db.read().await.unwrap();
        let rules = sla::rules(&mut session).await.unwrap();
        assert_eq!(rules.revision, 2);
        assert_eq!(rules.matching(&task).resolution, Target::Hours(9.5));
        assert_eq!(rules.policies().last().map(|policy| policy.name.as_str()), Some("default"));
        assert!(Arc::ptr_eq(&rules, &sla::rules(&mut session).await.unwrap()));

        let first = sla::rules_of(&mut session, 1).await.unwrap().unwrap();
        assert_eq!(first.matching(&task).resolution, Target::Hours(8.0));
        let all = sla::revisions(&mut session, i64::MAX, 10).await.unwrap();
        assert_eq!(all.iter().map(|row| row.revision).collect::<Vec<_>>(), [2, 1]);
        assert_eq!(all[0].book().unwrap(), book(9.5));
        assert_eq!((all[0].reason.as_deref(), all[0].created_by.as_str()), (Some("because"), "ana"));
    }

    async fn of_two_who_add_the_same_revision_one_is_told_of_the_conflict(db: Db) {
        let (a, b) = (book(8.0), book(9.0));
        let (first, second) = tokio::join!(add(&db, 1, &a), add(&db, 1, &b));
        let lost = [&first, &second].into_iter().filter(|result| matches!(result, Err(StoreError::Conflict)));
        assert_eq!(lost.count(), 1, "{first:?} {second:?}");
        assert_eq!(db.query_i64("SELECT count(*) FROM sla_books").await, 1);
    }

    async fn a_revision_can_be_neither_changed_nor_removed(db: Db) {
        add(&db, 1, &book(8.0)).await.unwrap();
        for sql in ["UPDATE sla_books SET reason = 'x'", "DELETE FROM sla_books"] {
            let refused = tokio::spawn({
                let (db, sql) = (db.clone(), sql.to_owned());
                async move { db.execute_raw(&sql).await }
            });
            assert!(refused.await.is_err(), "{sql}");
        }
        assert_eq!(db.query_i64("SELECT count(*) FROM sla_books WHERE reason = 'because'").await, 1);
    }
}
