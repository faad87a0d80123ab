//! What mail has taught is known to every process that reads mail, and after a restart.

use chrono::TimeDelta;
use shared::clock::Clock;
use shared::jobs::testing::TestQueue;
use shared::jobs::{NewJob, ProcessBatch};
use shared::store::mail::NewEmail;
use shared::store::{self, Db, memory};
use worker::Config;

use crate::review::task_of;
use crate::{in_both_databases, noon};

/// A customer's order in which a number of the house's own form is named, or only stands there.
fn mail(n: usize, text: &str) -> NewEmail {
    let raw = format!(
        "From: Buyer {n} <buyer@plant{n}.example>\r\nTo: orders@lockridge-supply.example\r\nSubject: {text}\r\n\
         Message-ID: <{n}@plant{n}.example>\r\nDate: Mon, 02 Mar 2026 09:00:00 +0000\r\n\r\n{text}\r\n"
    );
    NewEmail {
        id: format!("mail-{n}"),
        source: None,
        format: "rfc822",
        size: raw.len() as i64,
        sha256: format!("{n:064}"),
        raw: raw.into_bytes(),
    }
}

async fn take_in(queue: &TestQueue, db: &Db, clock: &Clock, batch: &str, mails: &[NewEmail]) {
    let mut tx = db.begin().await.unwrap();
    store::mail::insert_batch(&mut tx, batch, "desk", mails, 0, clock.now()).await.unwrap();
    tx.commit().await.unwrap();
    queue.accept(NewJob::of(&ProcessBatch { batch_id: batch.to_owned() }, "ana")).await;
    queue.run_dry().await;
}

fn process(db: &Db, clock: &Clock) -> TestQueue {
    TestQueue::new(db, clock, worker::registry(Config::default()), Vec::new())
}

/// Twelve orders that say what their number is.
fn lessons() -> Vec<NewEmail> {
    (0..12)
        .map(|n| mail(n, &format!("Where is our sales order LR-88{n:02}-K? Order number LR-88{n:02}-K is late.")))
        .collect()
}

in_both_databases! {
    async fn a_number_is_known_by_its_form_in_another_process(db: Db) {
        let bare = mail(90, "LR-8877-K: any news?");
        let clock = Clock::fixed(noon());
        let first = process(&db, &clock);
        take_in(&first, &db, &clock, "lessons", &lessons()).await;
        assert!(memory::lookup(&mut db.read().await.unwrap()).await.unwrap().is_none(), "not with every batch");
        clock.advance(TimeDelta::seconds(31));
        take_in(&first, &db, &clock, "late", &[mail(80, "Where is sales order LR-8850-K?")]).await;
        let learned = memory::lookup(&mut db.read().await.unwrap()).await.unwrap().unwrap();
        assert!(learned.contains("LR8850K"), "{learned}");
        take_in(&process(&db, &clock), &db, &clock, "bare", &[bare]).await;
        assert_eq!(task_of(&db, 90).await.entities.order_numbers, ["LR-8877-K"], "{learned}");
    }

    async fn a_number_of_unknown_form_is_not_guessed(db: Db) {
        let clock = Clock::fixed(noon());
        take_in(&process(&db, &clock), &db, &clock, "bare", &[mail(90, "LR-8877-K: any news?")]).await;
        assert!(task_of(&db, 90).await.entities.order_numbers.is_empty());
    }

    async fn what_a_later_version_wrote_is_begun_anew(db: Db) {
        let clock = Clock::fixed(noon());
        let mut tx = db.begin().await.unwrap();
        memory::save(&mut tx, "{\"version\": 9}", clock.now()).await.unwrap();
        tx.commit().await.unwrap();
        take_in(&process(&db, &clock), &db, &clock, "lessons", &lessons()).await;
        assert_eq!(task_of(&db, 3).await.entities.order_numbers, ["LR-8803-K"]);
    }
}
