//! Runs a story on SQLite and on PostgreSQL.

use chrono::{DateTime, Utc};
use shared::domain::change::{Actor, NewTask};
use shared::domain::sla::rules::Rules;
use shared::domain::{Category, Change, change};
use shared::store::{Db, tasks};

/// Declares a story for both databases.
macro_rules! on_both {
    ($($(#[$meta:meta])* async fn $name:ident($db:ident: Db) $body:block)+) => {
        mod sqlite {
            use super::*;
            $($(#[$meta])* #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                let database = shared::store::testing::TestDatabase::sqlite();
                let $db = database.open().await;
                $body
            })+
        }
        mod postgres {
            use super::*;
            $($(#[$meta])* #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                let Some(database) = shared::store::testing::TestDatabase::postgres().await else { return };
                let $db = database.open().await;
                $body
            })+
        }
    };
}
pub(crate) use on_both;

/// An instant to start from.
pub fn noon() -> DateTime<Utc> {
    "2026-03-02T12:00:00Z".parse().expect("an instant")
}

pub fn actor() -> Actor {
    Actor { principal: "ana".to_owned(), reason: None }
}

/// A task with little in it.
pub fn new_task(task_id: &str) -> NewTask {
    NewTask::new(task_id, format!("Task {task_id}"), Category::OrderManagement)
}

/// Decides and saves a new task.
pub async fn create(db: &Db, new: NewTask, now: DateTime<Utc>) -> Change {
    let change = change::create(new, &Rules::builtin(), &actor(), now);
    save(db, &change).await;
    change
}

pub async fn save(db: &Db, change: &Change) {
    let mut tx = db.begin().await.unwrap();
    tasks::save(&mut tx, std::slice::from_ref(change)).await.unwrap();
    tx.commit().await.unwrap();
}
