//! Patterns and findings, from mail in the tables to rows in the tables.

use shared::jobs::MinePatterns;
use shared::store::patterns::Pattern;
use shared::store::{findings, patterns, tasks};

use super::*;

/// Six planted ways to write, and words to fill the rest.
const PLANTED: [(&str, &str); 4] = [
    ("Quarterly stocktake order {n}", "quarterly stocktake order"),
    ("Address change for branch {n}", "address change for branch"),
    ("RMA label for pallet {n}", "label for pallet"),
    ("Tracking of consignment {n}", "tracking of consignment"),
];

fn corpus() -> Vec<NewEmail> {
    let mut dice: u64 = 11;
    let mut word = || {
        dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        format!("w{:x}", dice >> 40).replace(|c: char| c.is_ascii_digit(), "o")
    };
    (0..160)
        .map(|n| {
            let subject = match PLANTED.get(n % 10) {
                Some((subject, _)) => subject.replace("{n}", &(40_000 + n * 7).to_string()),
                None => format!("{} {}", word(), word()),
            };
            let (from, text) = (word(), (0..12).map(|_| word()).collect::<Vec<_>>().join(" "));
            let raw = format!(
                "From: {from} <{from}@{from}.example>\r\nTo: Orders <orders@dist.example>\r\nSubject: {subject}\r\n\
                 Date: Mon, 02 Mar 2026 {:02}:{:02}:00 +0000\r\nMessage-ID: <{n}@p.example>\r\n\r\n{text}.\r\n\r\nRegards\r\n{from}\r\n\
                 This message contains confidential information of the sender and of nobody else.\r\n",
                8 + n / 60,
                n % 60
            );
            let (size, sha256) = (raw.len() as i64, format!("{n:064}"));
            NewEmail { id: format!("p{n:03}"), source: None, format: "rfc822", size, sha256, raw: raw.into_bytes() }
        })
        .collect()
}

async fn receive(db: &Db, queue: &TestQueue, batch: &str, mails: &[NewEmail]) {
    let mut tx = db.begin().await.unwrap();
    store::mail::insert_batch(&mut tx, batch, "orders", mails, 0, noon()).await.unwrap();
    tx.commit().await.unwrap();
    queue.enqueue(&ProcessBatch { batch_id: batch.to_owned() }).await;
    queue.run_dry().await;
}

async fn table(db: &Db) -> Vec<Pattern> {
    patterns::list(&mut db.read().await.unwrap(), &[], 0, None, 1_000).await.unwrap()
}

fn order(id: &str, po: &str, customer: &str, cents: i64, clock: &Clock) -> shared::domain::Change {
    let mut new = NewTask::new(id, format!("Order {po}"), Category::OrderManagement);
    new.entities.po_numbers = vec![po.to_owned()];
    new.entities.customers = vec![customer.to_owned()];
    new.dollar_value = Cents(cents);
    change::create(new, &Rules::builtin(), &actor(), clock.now())
}

async fn save(db: &Db, changes: &[shared::domain::Change]) {
    let mut tx = db.begin().await.unwrap();
    tasks::save(&mut tx, changes).await.unwrap();
    tx.commit().await.unwrap();
}

in_both_databases! {
    async fn what_recurs_is_found_once_and_the_same_each_time(db: Db) {
        let clock = Clock::fixed(noon());
        let queue = TestQueue::new(&db, &clock, worker::registry(worker::Retention::default()), Vec::new());
        receive(&db, &queue, "b1", &corpus()).await;
        let job = NewJob::of(&MinePatterns {}, "scheduler");
        twice(&db, &job, &clock).await;
        let found = table(&db).await;
        let signatures: Vec<&String> = found.iter().map(|found| &found.signature).collect();
        for (_, key) in PLANTED {
            assert!(signatures.iter().any(|signature| signature.contains(key)), "{key} in {signatures:#?}");
        }
        assert!(!signatures.iter().any(|signature| signature.contains("confidential")), "{signatures:#?}");
        assert!(found.len() <= 8, "{signatures:#?}");

        // Which task bears which is known, and read with the task.
        let pattern = found.iter().find(|found| found.signature.contains("stocktake")).unwrap();
        let example = store::mail::lookup(&mut db.read().await.unwrap(), &pattern.examples[0]).await.unwrap().unwrap();
        let borne = patterns::of_task(&mut db.read().await.unwrap(), &example.task_id.unwrap()).await.unwrap();
        assert!(borne.iter().any(|borne| borne.id == pattern.id));

        // From nothing, the same table comes again.
        db.execute_raw("DELETE FROM email_structures").await;
        db.execute_raw("DELETE FROM workflow_patterns").await;
        db.execute_raw("UPDATE mining_state SET mined = NULL, traits_to = NULL").await;
        run_dry(&db, vec![job], &clock).await;
        assert_eq!(serde_json::to_string(&table(&db).await).unwrap(), serde_json::to_string(&found).unwrap());
    }

    async fn orders_that_came_twice_and_numbers_claimed_twice_are_told_once(db: Db) {
        let clock = Clock::fixed(noon());
        let first = order("TASK-1-a", "45-1", "Nordlicht GmbH", 10_000, &clock);
        let same = order("TASK-1-b", "451", "Nordlicht GmbH", 10_000, &clock);
        let other = order("TASK-1-c", "45-1", "Kestrel Ltd", 90_000, &clock);
        save(&db, &[first.clone(), same.clone(), other]).await;
        let job = NewJob::of(&MinePatterns {}, "scheduler");
        twice(&db, &job, &clock).await;
        let listed = async |state: &str| {
            findings::list(&mut db.read().await.unwrap(), (Some(state), None, None), None, 10).await.unwrap()
        };
        let mut kinds: Vec<String> = listed("open").await.into_iter().map(|found| found.kind).collect();
        kinds.sort_unstable();
        assert_eq!(kinds, ["duplicate-order", "po-conflict", "po-conflict"]);
        let told = "SELECT count(*) FROM workflow_status_history WHERE field = 'finding' AND new_value IS NOT NULL";
        assert_eq!(db.query_i64(told).await, 6, "each of two tasks of three findings");

        // The copy is deleted: two findings no longer hold, and that is told as well.
        clock.advance(TimeDelta::hours(1));
        save(&db, &[change::delete(&same.task, &actor(), clock.now())]).await;
        run_dry(&db, vec![job.clone()], &clock).await;
        assert_eq!((listed("open").await.len(), listed("resolved").await.len()), (1, 2));

        // A number that was put right resolves the last one.
        let patch = TaskPatch { entities: Some(None), ..TaskPatch::default() };
        clock.advance(TimeDelta::hours(1));
        save(&db, &[change::update(&first.task, &patch, &Rules::builtin(), &actor(), clock.now()).unwrap()]).await;
        run_dry(&db, vec![job], &clock).await;
        assert_eq!((listed("open").await.len(), listed("resolved").await.len()), (0, 3));
    }
}
