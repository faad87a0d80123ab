//! Every kind of job is run twice on both databases: the second run changes nothing.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod adviser;
mod assign;
mod digests;
mod dovecot;
mod imap;
mod intake;
mod memory;
mod patterns;
mod queue_history;
mod receiver;
mod regroup;
mod review;
mod smtp;
mod webhooks;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;
use shared::clock::Clock;
use shared::domain::change::{Actor, NewTask, TaskPatch};
use shared::domain::sla::book::Book;
use shared::domain::sla::rules::Rules;
use shared::domain::{Category, Cents, Priority, Status, change};
use shared::jobs::testing::TestQueue;
use shared::jobs::{
    AddComment, BulkUpdate, CreateTask, DeleteComment, DeleteTask, FitForecast, FoldMetrics, Maintain, NewJob,
    PollMail, ProcessBatch, RecomputeSla, ReconcileMetrics, RefreshMetrics, SweepSla, UpdateTask, WatchTask,
};
use shared::store::jobs::items::Item;
use shared::store::mail::NewEmail;
use shared::store::tasks::Filter;
use shared::store::testing::TestDatabase;
use shared::store::{self, Db};

const TASK: &str = "TASK-1-twice";

/// Declares a story for both databases.
macro_rules! in_both_databases {
    ($(async fn $name:ident($db:ident: Db) $body:block)+) => {
        mod sqlite {
            use super::*;
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                let database = shared::store::testing::TestDatabase::sqlite();
                let $db = database.open().await;
                $body
            })+
        }
        mod postgres {
            use super::*;
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                let Some(database) = shared::store::testing::TestDatabase::postgres().await else { return };
                let $db = database.open().await;
                $body
            })+
        }
    };
}
use in_both_databases;

fn noon() -> DateTime<Utc> {
    "2026-03-02T12:00:00Z".parse().unwrap()
}

fn actor() -> Actor {
    Actor { principal: "ana".to_owned(), reason: None }
}

fn new_task() -> NewTask {
    NewTask {
        priority: Priority::Critical,
        dollar_value: Cents(6_000_000),
        ..NewTask::new(TASK, "Order 4501", Category::OrderManagement)
    }
}

/// Runs these jobs to their end, at an instant.
async fn run_dry(db: &Db, jobs: Vec<NewJob>, clock: &Clock) {
    let queue = TestQueue::new(db, clock, worker::registry(worker::Retention::default()), Vec::new());
    for job in jobs {
        queue.accept(job).await;
    }
    queue.run_dry().await;
    assert_eq!(db.query_i64("SELECT count(*) FROM jobs WHERE state <> 'completed'").await, 0);
}

/// What a second run must leave as it is.
async fn trace(db: &Db) -> Vec<i64> {
    let mut counts = Vec::new();
    for sql in [
        "SELECT count(*) FROM workflow_tasks",
        "SELECT CAST(COALESCE(sum(version), 0) AS bigint) FROM workflow_tasks",
        "SELECT count(*) FROM workflow_status_history",
        "SELECT count(*) FROM workflow_events",
        "SELECT count(*) FROM emails WHERE outcome <> 'pending'",
        "SELECT count(*) FROM batches WHERE finished_at IS NOT NULL",
        "SELECT count(*) FROM task_comments",
        "SELECT count(*) FROM task_watchers",
        "SELECT count(*) FROM forecast_models",
        "SELECT count(*) FROM task_versions",
        "SELECT CAST(COALESCE(sum(n * (width + 1) + cents), 0) AS bigint) FROM task_rollups",
    ] {
        counts.push(db.query_i64(sql).await);
    }
    counts
}

async fn twice(db: &Db, job: &NewJob, clock: &Clock) -> Vec<i64> {
    run_dry(db, vec![job.clone()], clock).await;
    let once = trace(db).await;
    run_dry(db, vec![job.clone()], clock).await;
    assert_eq!(trace(db).await, once, "{} run again", job.kind);
    once
}

/// A bulk update of the one task, whose own job makes the changes, and runs again when they are made.
async fn bulk_twice(db: &Db, bulk: &BulkUpdate, clock: &Clock) -> Vec<i64> {
    let job = NewJob::of(bulk, "ana");
    let mut tx = db.begin().await.unwrap();
    let seq = store::jobs::enqueue(&mut tx, std::slice::from_ref(&job), clock.now()).await.unwrap()[0].seq;
    let item = Item { item: TASK.to_owned(), outcome: "pending".to_owned(), detail: None };
    store::jobs::items::add(&mut tx, seq, &[item]).await.unwrap();
    tx.commit().await.unwrap();
    let queue = TestQueue::new(db, clock, worker::registry(worker::Retention::default()), Vec::new());
    queue.run_dry().await;
    clock.advance(TimeDelta::seconds(1));
    queue.run_dry().await;
    let done = "SELECT count(*) FROM jobs WHERE kind = 'bulk-update' AND CAST(result AS text) LIKE '%changed%'";
    assert_eq!(db.query_i64(done).await, 1);
    let once = trace(db).await;
    db.execute_raw("UPDATE jobs SET state = 'available', finished_at = NULL WHERE kind = 'bulk-update'").await;
    queue.run_dry().await;
    assert_eq!(trace(db).await, once, "{} run again", job.kind);
    once
}

async fn upload(db: &Db) {
    let mail = |n: usize, text: &str| NewEmail {
        id: format!("mail-{n}"),
        source: None,
        format: "rfc822",
        size: text.len() as i64,
        sha256: format!("{n:064}"),
        raw: text.as_bytes().to_vec(),
    };
    let emails = [
        mail(
            1,
            "From: a@b.example\r\nSubject: PO 45018823\r\nMessage-ID: <1@b.example>\r\n\r\nPlease enter PO 45018823.\r\n",
        ),
        mail(2, ""),
    ];
    let mut tx = db.begin().await.unwrap();
    store::mail::insert_batch(&mut tx, "batch-1", "orders", &emails, 0, noon()).await.unwrap();
    tx.commit().await.unwrap();
}

/// A comment, its deletion, and a watcher who comes and goes: none is a change of the task.
async fn collaborate(db: &Db, clock: &Clock) {
    let before = trace(db).await;
    let comment = AddComment {
        task_id: TASK.to_owned(),
        comment_id: "comment-1".to_owned(),
        author: "ana".to_owned(),
        text: "@ben and @cy, please look".to_owned(),
    };
    let said = twice(db, &NewJob::of(&comment, "ana"), clock).await;
    assert_eq!(said[..2], before[..2]);
    assert_eq!([said[2] - before[2], said[3] - before[3], said[6], said[7]], [3, 2, 1, 2]);
    let watch =
        |watches| WatchTask { task_id: TASK.to_owned(), name: "di".to_owned(), watches, principal: "ana".to_owned() };
    assert_eq!(twice(db, &NewJob::of(&watch(true), "ana"), clock).await[7], 3);
    assert_eq!(twice(db, &NewJob::of(&watch(false), "ana"), clock).await[7], 2);
    let withdraw = |principal: &str| DeleteComment {
        task_id: TASK.to_owned(),
        comment_id: "comment-1".to_owned(),
        principal: principal.to_owned(),
    };
    assert_eq!(twice(db, &NewJob::of(&withdraw("ben"), "ben"), clock).await[6], 1, "it is not ben's");
    let withdrawn = twice(db, &NewJob::of(&withdraw("ana"), "ana"), clock).await;
    assert_eq!((withdrawn[2] - before[2], withdrawn[6]), (6, 0));
    watchers_have_an_end(db, clock).await;
}

/// A task that everybody is mentioned on takes no more watchers than its events can carry.
async fn watchers_have_an_end(db: &Db, clock: &Clock) {
    for n in 0..5 {
        let comment = AddComment {
            task_id: TASK.to_owned(),
            comment_id: format!("crowd-{n}"),
            author: "ana".to_owned(),
            text: (0..50).map(|person| format!("@p{n}-{person}")).collect::<Vec<_>>().join(" "),
        };
        run_dry(db, vec![NewJob::of(&comment, "ana")], clock).await;
    }
    assert_eq!(trace(db).await[6..8], [5, 200]);
    let late =
        WatchTask { task_id: TASK.to_owned(), name: "late".to_owned(), watches: true, principal: "ana".to_owned() };
    run_dry(db, vec![NewJob::of(&late, "ana")], clock).await;
    let refused = "SELECT count(*) FROM jobs WHERE kind = 'watch-task' AND CAST(result AS text) LIKE '%422%'";
    assert_eq!(db.query_i64(refused).await, 1);
    assert_eq!(trace(db).await[7], 200);
}

/// A ticket is good once and until it expires; maintenance removes those that nobody used.
async fn tickets(db: &Db, clock: &Clock) {
    let issue = async |hash: &str| {
        let mut tx = db.begin().await.unwrap();
        let holder = store::tickets::Holder {
            principal: "ana".to_owned(),
            key_id: None,
            session: None,
            expires_at: clock.now() + TimeDelta::seconds(30),
        };
        store::tickets::insert(&mut tx, hash, &holder).await.unwrap();
        tx.commit().await.unwrap();
    };
    let redeem = async |hash: &str| {
        let mut tx = db.begin().await.unwrap();
        let holder = store::tickets::redeem(&mut tx, hash, clock.now()).await.unwrap();
        tx.commit().await.unwrap();
        holder.map(|holder| holder.principal)
    };
    for hash in ["used", "late", "forgotten"] {
        issue(hash).await;
    }
    clock.advance(TimeDelta::milliseconds(29_999));
    assert_eq!(redeem("used").await.as_deref(), Some("ana"));
    assert_eq!(redeem("used").await, None);
    run_dry(db, vec![NewJob::of(&Maintain {}, "scheduler")], clock).await;
    assert_eq!(db.query_i64("SELECT count(*) FROM ws_tickets").await, 2, "they are good yet");
    clock.advance(TimeDelta::milliseconds(1));
    assert_eq!(redeem("late").await, None);
    clock.advance(TimeDelta::milliseconds(1));
    run_dry(db, vec![NewJob::of(&Maintain {}, "scheduler")], clock).await;
    assert_eq!(db.query_i64("SELECT count(*) FROM ws_tickets").await, 0);
}

/// After a change of the book the open task is planned anew, once.
async fn recompute(db: &Db, clock: &Clock) {
    let document = json!({"policies": [{"name": "Orders", "resolution_hours": 100}]});
    let mut tx = db.begin().await.unwrap();
    store::sla::add(&mut tx, 1, &Book::read(&document).unwrap(), None, "ana", clock.now()).await.unwrap();
    tx.commit().await.unwrap();
    let due = "SELECT count(*) FROM workflow_tasks WHERE sla_policy = 'Orders' AND sla_revision = 1";
    assert_eq!(db.query_i64(due).await, 0, "a change of the book leaves deadlines alone");
    let before = trace(db).await[1];
    let job = RecomputeSla { filter: Filter::default(), actor: actor(), matched: 1 };
    let once = twice(db, &NewJob::of(&job, "ana"), clock).await;
    assert_eq!((db.query_i64(due).await, once[1] - before), (1, 1));
    let results = "SELECT count(*) FROM jobs WHERE kind = 'recompute-sla' AND CAST(result AS text) LIKE";
    assert_eq!(db.query_i64(&format!("{results} '%\"changed\"%1%'")).await, 2);
    let progress = "UPDATE jobs SET state = 'available', finished_at = NULL WHERE kind = 'recompute-sla'";
    db.execute_raw(progress).await;
    run_dry(db, Vec::new(), clock).await;
    assert_eq!(trace(db).await, once, "the very same jobs run again");
}

/// A model is fitted as soon as there is history enough, and once for each instant.
async fn forecasts(db: &Db, clock: &Clock) {
    let fit = NewJob::of(&FitForecast {}, "scheduler");
    assert_eq!(twice(db, &fit, clock).await[8], 0, "nothing was completed yet");
    let told = "SELECT count(*) FROM jobs WHERE kind = 'fit-forecast' AND CAST(result AS text) LIKE '%needed%'";
    assert_eq!(db.query_i64(told).await, 2);
    let changes: Vec<_> = (0..120)
        .map(|n| {
            let mut new = NewTask::new(format!("TASK-2-{n}"), "Done", Category::OrderManagement);
            new.received_at = Some(clock.now() - TimeDelta::hours(n + 1));
            new.task_status = Some(Status::Completed);
            change::create(new, &Rules::builtin(), &actor(), clock.now())
        })
        .collect();
    let mut tx = db.begin().await.unwrap();
    store::tasks::save(&mut tx, &changes).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(twice(db, &fit, clock).await[8], 1);
    clock.advance(TimeDelta::hours(1));
    assert_eq!(twice(db, &fit, clock).await[8], 2, "an hour later more may be known");
}

async fn story(db: Db) {
    let clock = Clock::fixed(noon());
    run_dry(&db, vec![NewJob::of(&CreateTask { task: new_task(), actor: actor() }, "ana")], &clock).await;
    let patch = TaskPatch { title: Some("Order 4501, changed".to_owned()), ..TaskPatch::default() };
    let update = UpdateTask { task_id: TASK.to_owned(), patch, expected_version: None, actor: actor(), bulk: None };
    assert_eq!(twice(&db, &NewJob::of(&update, "ana"), &clock).await[1], 2);

    let updates = TaskPatch { tags: Some(vec!["many".to_owned()]), ..TaskPatch::default() };
    let bulk = BulkUpdate { updates, actor: actor(), matched: 1, undoes: None };
    assert_eq!(bulk_twice(&db, &bulk, &clock).await[1], 3);
    collaborate(&db, &clock).await;

    clock.advance(TimeDelta::hours(5));
    let swept = twice(&db, &NewJob::of(&SweepSla {}, "scheduler"), &clock).await;
    assert_eq!(swept[1], 4, "the task is past its deadline now");

    recompute(&db, &clock).await;

    upload(&db).await;
    run_dry(&db, vec![NewJob::of(&PollMail {}, "scheduler")], &clock).await;
    let done = trace(&db).await;
    assert_eq!(done[4..6], [2, 1], "the batch nobody worked on was taken up");
    twice(&db, &NewJob::of(&PollMail {}, "scheduler"), &clock).await;
    twice(&db, &NewJob::of(&ProcessBatch { batch_id: "batch-1".to_owned() }, "ana"), &clock).await;
    assert_eq!(trace(&db).await, done);

    twice(&db, &NewJob::of(&RefreshMetrics {}, "scheduler"), &clock).await;
    assert_eq!(trace(&db).await[10], 0);
    let folded = twice(&db, &NewJob::of(&FoldMetrics {}, "scheduler"), &clock).await;
    assert!(folded[10] > 0 && db.query_i64("SELECT count(*) FROM rollup_deltas").await == 0);
    db.execute_raw("UPDATE task_rollups SET n = n + 1 WHERE series = 'all'").await;
    let repaired = twice(&db, &NewJob::of(&ReconcileMetrics {}, "scheduler"), &clock).await;
    assert_eq!(repaired, folded, "it is as it was before it was spoilt");
    let delete = DeleteTask { task_id: TASK.to_owned(), expected_version: None, actor: actor() };
    twice(&db, &NewJob::of(&delete, "ana"), &clock).await;
    let gone = db
        .query_i64("SELECT count(*) FROM jobs WHERE kind = 'delete-task' AND CAST(result AS text) LIKE '%410%'")
        .await;
    assert_eq!(gone, 1, "the second run found the task deleted");

    tickets(&db, &clock).await;
    forecasts(&db, &clock).await;

    clock.advance(TimeDelta::days(8));
    run_dry(&db, vec![NewJob::of(&Maintain {}, "scheduler")], &clock).await;
    assert_eq!(db.query_i64("SELECT count(*) FROM workflow_events WHERE id IS NOT NULL").await, 0);
    let kept = trace(&db).await;
    run_dry(&db, vec![NewJob::of(&Maintain {}, "scheduler")], &clock).await;
    assert_eq!((kept[0], trace(&db).await), (122, kept));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_job_may_run_twice_on_sqlite() {
    let database = TestDatabase::sqlite();
    story(database.open().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_job_may_run_twice_on_postgres() {
    let Some(database) = TestDatabase::postgres().await else { return };
    story(database.open().await).await;
}
