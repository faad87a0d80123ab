//! Mail that is hard to read is marked for people, and what they say of it is kept.

use serde_json::json;
use shared::clock::Clock;
use shared::domain::change::TaskPatch;
use shared::domain::correction::Correction;
use shared::domain::{Actor, Category, Priority, Task, WaitingOn};
use shared::jobs::testing::TestQueue;
use shared::jobs::{CorrectTask, NewJob, ProcessBatch, UpdateTask};
use shared::store::corrections::{self, CorrectionFilter};
use shared::store::mail::NewEmail;
use shared::store::{self, Db, tasks};
use worker::Config;

use crate::{actor, in_both_databases, noon};

/// A mail of this number, from a company of its own.
pub fn mail(n: usize, text: &str) -> NewEmail {
    let raw = format!(
        "From: Nadia <nadia@company{n}.example>\r\nTo: desk@distributor.example\r\nSubject: Company {n}\r\n\
         Message-ID: <{n}@company{n}.example>\r\nDate: Mon, 02 Mar 2026 09:00:00 +0000\r\n\r\n{text}\r\n"
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

/// Takes mails in as one batch, with this configuration.
pub async fn take_in(db: &Db, clock: &Clock, batch: &str, mails: &[NewEmail], config: Config) {
    let mut tx = db.begin().await.unwrap();
    store::mail::insert_batch(&mut tx, batch, "desk", mails, 0, clock.now()).await.unwrap();
    tx.commit().await.unwrap();
    let queue = TestQueue::new(db, clock, worker::registry(config), Vec::new());
    queue.accept(NewJob::of(&ProcessBatch { batch_id: batch.to_owned() }, "ana")).await;
    queue.run_dry().await;
}

/// The task that a mail belongs to.
pub async fn task_of(db: &Db, n: usize) -> Task {
    let mut session = db.read().await.unwrap();
    let email = store::mail::lookup(&mut session, &format!("mail-{n}")).await.unwrap().unwrap();
    let task_id = email.task_id.unwrap_or_else(|| panic!("mail {n} is {}", email.outcome));
    tasks::lookup(&mut session, &task_id).await.unwrap().unwrap()
}

/// Every mail is below this.
pub fn doubtful() -> Config {
    Config { review_below: 2.0, ..Config::default() }
}

async fn run(db: &Db, clock: &Clock, job: NewJob) {
    let queue = TestQueue::new(db, clock, worker::registry(Config::default()), Vec::new());
    queue.accept(job).await;
    queue.run_dry().await;
    assert_eq!(db.query_i64("SELECT count(*) FROM jobs WHERE state <> 'completed'").await, 0);
}

async fn update(db: &Db, clock: &Clock, task: &Task, patch: TaskPatch) {
    let job = UpdateTask { task_id: task.task_id.clone(), patch, expected_version: None, actor: actor(), bulk: None };
    run(db, clock, NewJob::of(&job, "ana")).await;
}

fn correction_of(task: &Task, id: &str, patch: TaskPatch, is_noise: bool) -> NewJob {
    let job = CorrectTask {
        correction_id: id.to_owned(),
        task_id: task.task_id.clone(),
        email_id: None,
        patch,
        is_noise,
        expected_version: None,
        actor: Actor { reason: Some("misread".to_owned()), ..actor() },
    };
    NewJob::of(&job, "ana")
}

async fn known(db: &Db) -> Vec<Correction> {
    corrections::list(&mut db.read().await.unwrap(), &CorrectionFilter::default(), 100).await.unwrap()
}

const ORDER: &str = "Please enter our PO 45018823 for 10 switches, total USD 1,200.00.";

in_both_databases! {
    async fn a_doubtful_task_is_marked_until_a_person_has_spoken(db: Db) {
        let clock = Clock::fixed(noon());
        take_in(&db, &clock, "sure", &[mail(1, ORDER)], Config { review_below: 0.0, ..Config::default() }).await;
        assert!(task_of(&db, 1).await.tags.is_empty());
        take_in(&db, &clock, "doubtful", &[mail(2, ORDER), mail(3, ORDER)], doubtful()).await;
        let marked = task_of(&db, 2).await;
        assert_eq!(marked.tags, ["review"]);
        let why = &marked.analysis["review"];
        assert_eq!((why.rule.as_str(), &why.span), ("confidence below 2.00", &None));
        assert!((f64::from(why.confidence) - marked.confidence_score.unwrap()).abs() < 0.001);

        let waits = TaskPatch { waiting_on: Some(Some(WaitingOn::Vendor)), ..TaskPatch::default() };
        update(&db, &clock, &marked, waits).await;
        assert_eq!(task_of(&db, 2).await.tags, ["review"], "that says nothing of the reading");
        let agrees = TaskPatch { priority: Some(marked.priority), ..TaskPatch::default() };
        update(&db, &clock, &marked, agrees).await;
        assert!(task_of(&db, 2).await.tags.is_empty(), "to agree is to have looked");
        let told = format!(
            "SELECT count(*) FROM workflow_status_history WHERE task_id = '{}' AND field = 'tags' AND changed_by = 'ana'",
            marked.task_id
        );
        assert_eq!(db.query_i64(&told).await, 1);

        let later = NewEmail {
            raw: String::from_utf8(mail(2, "Any news on PO 45018823?").raw).unwrap()
                .replace("<2@", "<2b@").replace("Subject:", "In-Reply-To: <2@company2.example>\r\nSubject: Re:").into_bytes(),
            ..mail(22, "")
        };
        take_in(&db, &clock, "later", &[later], doubtful()).await;
        assert_eq!(task_of(&db, 22).await.task_id, marked.task_id);
        assert!(task_of(&db, 2).await.tags.is_empty(), "a later mail does not mark it again");

        let other = task_of(&db, 3).await;
        update(&db, &clock, &other, TaskPatch { tags: Some(vec![]), ..TaskPatch::default() }).await;
        assert!(task_of(&db, 3).await.tags.is_empty());
    }

    async fn a_person_who_changes_what_was_read_corrects_it_and_one_who_works_on_does_not(db: Db) {
        let clock = Clock::fixed(noon());
        take_in(&db, &clock, "batch", &[mail(1, ORDER)], Config::default()).await;
        let task = task_of(&db, 1).await;
        let progress = TaskPatch { priority: Some(Priority::Critical), ..TaskPatch::default() };
        update(&db, &clock, &task, progress).await;
        assert!(known(&db).await.is_empty());

        let lists = [("po_numbers".to_owned(), vec!["777".to_owned()])];
        let patch = TaskPatch {
            workflow_category: Some(Category::DealActivations),
            entities: Some(Some(lists.into())),
            ..TaskPatch::default()
        };
        update(&db, &clock, &task, patch.clone()).await;
        let found = known(&db).await;
        let fields: Vec<&str> = found.iter().map(|one| one.field.as_str()).collect();
        assert_eq!(fields, ["workflow_category", "entities"]);
        assert_eq!((&found[0].said, &found[0].corrected), (&json!(task.workflow_category), &json!("Deal Activations")));
        assert_eq!(found[1].corrected, json!({"po_numbers": ["777"]}));
        assert_eq!(found[1].said, json!({"po_numbers": task.entities.po_numbers}));
        assert!(found.iter().all(|one| one.source == "update" && one.email_id == "mail-1" && one.principal == "ana"));
        update(&db, &clock, &task, patch).await;
        assert_eq!(known(&db).await.len(), 2, "what changes nothing corrects nothing");
    }

    async fn a_correction_of_a_mail_is_kept_once_and_applied(db: Db) {
        let clock = Clock::fixed(noon());
        take_in(&db, &clock, "batch", &[mail(1, ORDER), mail(2, ORDER)], doubtful()).await;
        let task = task_of(&db, 1).await;
        let patch = TaskPatch {
            workflow_category: Some(Category::ReturnsAndRma),
            priority: Some(Priority::Critical),
            ..TaskPatch::default()
        };
        for _ in 0..2 {
            run(&db, &clock, correction_of(&task, "c-1", patch.clone(), false)).await;
            let after = task_of(&db, 1).await;
            assert_eq!((after.version, after.workflow_category), (2, Category::ReturnsAndRma));
            assert!(after.tags.is_empty());
            let found = known(&db).await;
            assert_eq!(found.len(), 2);
            assert!(found.iter().all(|one| one.source == "correct"));
        }
        let noise = correction_of(&task_of(&db, 2).await, "c-2", TaskPatch::default(), true);
        for _ in 0..2 {
            run(&db, &clock, noise.clone()).await;
            assert!(task_of(&db, 2).await.deleted_at.is_some());
            assert_eq!(db.query_i64("SELECT count(*) FROM emails WHERE outcome = 'noise'").await, 1);
            assert_eq!(known(&db).await.len(), 3);
        }
        let only = CorrectionFilter { fields: vec!["is_noise".to_owned()], ..CorrectionFilter::default() };
        assert_eq!(corrections::list(&mut db.read().await.unwrap(), &only, 9).await.unwrap().len(), 1);
        let late = CorrectionFilter { from: Some(noon() + chrono::TimeDelta::seconds(1)), ..CorrectionFilter::default() };
        assert!(corrections::list(&mut db.read().await.unwrap(), &late, 9).await.unwrap().is_empty());
        let stranger = CorrectTask {
            correction_id: "c-3".to_owned(),
            task_id: task.task_id.clone(),
            email_id: Some("mail-2".to_owned()),
            patch,
            is_noise: false,
            expected_version: None,
            actor: actor(),
        };
        run(&db, &clock, NewJob::of(&stranger, "ana")).await;
        let refused = "SELECT count(*) FROM jobs WHERE kind = 'correct-task' AND CAST(result AS text) LIKE '%422%'";
        assert_eq!((db.query_i64(refused).await, known(&db).await.len()), (1, 3));
    }
}
