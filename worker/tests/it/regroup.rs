//! Merging, splitting and taking that back, in the order of every task involved.

use shared::jobs::{JobState, MergeTasks, SplitTask, UndoRegrouping};
use shared::store::jobs::enqueue_joint;
use shared::store::{cases, mail, tasks};

use super::*;

const ADA: &str = "ada@kitefarm.example";
const BEN: &str = "ben@loamworks.example";

fn letter(id: &str, from: &str, subject: &str, text: &str, extra: &str) -> NewEmail {
    let raw = format!(
        "From: {from}\r\nTo: Orders <orders@dist.example>\r\nSubject: {subject}\r\nDate: Mon, 02 Mar 2026 09:00:00 +0000\r\n\
         Message-ID: <{id}@x.example>\r\n{extra}\r\n{text}\r\n"
    );
    let sha256 = format!("{:0>64}", id.bytes().fold(String::new(), |hex, byte| hex + &format!("{byte:x}")));
    NewEmail {
        id: id.to_owned(),
        source: None,
        format: "rfc822",
        size: raw.len() as i64,
        sha256,
        raw: raw.into_bytes(),
    }
}

struct Desk {
    db: Db,
    clock: Clock,
    queue: TestQueue,
}

impl Desk {
    fn new(db: Db) -> Self {
        let clock = Clock::fixed(noon());
        let queue = TestQueue::new(&db, &clock, worker::registry(worker::Retention::default()), Vec::new());
        Self { db, clock, queue }
    }

    async fn receive(&self, batch: &str, mails: &[NewEmail]) {
        let mut tx = self.db.begin().await.unwrap();
        mail::insert_batch(&mut tx, batch, "orders", mails, 0, noon()).await.unwrap();
        tx.commit().await.unwrap();
        self.queue.enqueue(&ProcessBatch { batch_id: batch.to_owned() }).await;
        self.queue.run_dry().await;
    }

    async fn task_of(&self, email: &str) -> String {
        mail::lookup(&mut self.db.read().await.unwrap(), email).await.unwrap().unwrap().task_id.unwrap()
    }

    async fn task(&self, id: &str) -> shared::domain::Task {
        tasks::lookup(&mut self.db.read().await.unwrap(), id).await.unwrap().unwrap()
    }

    async fn joint(&self, job: &NewJob, others: &[String]) -> i64 {
        let mut tx = self.db.begin().await.unwrap();
        let seq = enqueue_joint(&mut tx, job, others, self.clock.now()).await.unwrap();
        tx.commit().await.unwrap();
        seq
    }

    /// Until nothing is left to do, time included.
    async fn settle(&self) {
        for _ in 0..4 {
            self.queue.run_dry().await;
            self.clock.advance(TimeDelta::seconds(1));
        }
        assert_eq!(self.db.query_i64("SELECT count(*) FROM jobs WHERE state <> 'completed'").await, 0);
    }

    async fn result(&self, seq: i64) -> serde_json::Value {
        serde_json::from_str(self.queue.job(seq).await.result.as_deref().unwrap_or("null")).unwrap()
    }

    async fn again(&self, seq: i64) {
        self.db
            .execute_raw(&format!("UPDATE jobs SET state = 'available', finished_at = NULL WHERE seq = {seq}"))
            .await;
        self.settle().await;
    }
}

fn merge(into: &str, from: &str) -> MergeTasks {
    MergeTasks {
        merge_id: "MERGE-1".to_owned(),
        task_id: into.to_owned(),
        from: vec![from.to_owned()],
        expected_version: None,
        actor: Actor { principal: "ana".to_owned(), reason: Some("one matter".to_owned()) },
    }
}

fn titled(task_id: &str, title: &str) -> NewJob {
    let patch = TaskPatch { title: Some(title.to_owned()), ..TaskPatch::default() };
    NewJob::of(
        &UpdateTask { task_id: task_id.to_owned(), patch, expected_version: None, actor: actor(), bulk: None },
        "ana",
    )
}

async fn two_tasks(desk: &Desk) -> (String, String) {
    let mails = [
        letter("m1", ADA, "PO 70012", "Please book PO 70012 today.", ""),
        letter("m2", BEN, "PO 81001", "Please book PO 81001 and tell us when it ships.", ""),
    ];
    desk.receive("b1", &mails).await;
    (desk.task_of("m1").await, desk.task_of("m2").await)
}

in_both_databases! {
    async fn merged_tasks_are_one_until_that_is_undone(db: Db) {
        let desk = Desk::new(db);
        let (left, gone) = two_tasks(&desk).await;
        let before = (desk.task(&left).await, desk.task(&gone).await);
        let seq = desk.joint(&NewJob::of(&merge(&left, &gone), "ana"), std::slice::from_ref(&gone)).await;
        desk.settle().await;
        assert_eq!(desk.result(seq).await["status"], 200);
        let task = desk.task(&left).await;
        assert_eq!((task.entities.po_numbers.clone(), task.version), (vec!["70012".to_owned(), "81001".to_owned()], 2));
        assert!(desk.task(&gone).await.deleted_at.is_some());
        assert_eq!(desk.task_of("m2").await, left);
        let survivor = cases::survivor(&mut desk.db.read().await.unwrap(), &gone).await.unwrap();
        assert_eq!(survivor.as_deref(), Some(left.as_str()));
        let rows = "SELECT count(*) FROM workflow_status_history WHERE field IN ('merged', 'merged_into') AND change_reason = 'one matter'";
        assert_eq!(desk.db.query_i64(rows).await, 2);

        // A second run of the very same job finds it done.
        let once = trace(&desk.db).await;
        desk.again(seq).await;
        assert_eq!(trace(&desk.db).await, once);

        // An answer to a mail of the task that is gone goes to the one that is left.
        let answer = letter("m3", BEN, "Re: PO 81001", "Any news?", "In-Reply-To: <m2@x.example>\r\n");
        desk.receive("b2", &[answer]).await;
        assert_eq!(desk.task_of("m3").await, left);

        // A person sets the priority; then the merge is undone: that stays, the rest is as before.
        let urgent = TaskPatch { priority: Some(Priority::Critical), ..TaskPatch::default() };
        let update = UpdateTask { task_id: left.clone(), patch: urgent, expected_version: None, actor: actor(), bulk: None };
        desk.queue.enqueue(&update).await;
        desk.settle().await;
        let undo = UndoRegrouping { id: "MERGE-1".to_owned(), task_id: left.clone(), actor: actor() };
        let undone = desk.joint(&NewJob::of(&undo, "ana"), std::slice::from_ref(&gone)).await;
        desk.settle().await;
        assert_eq!(desk.result(undone).await["restored"], json!([gone]));
        let (task, back) = (desk.task(&left).await, desk.task(&gone).await);
        assert_eq!((task.entities.po_numbers, task.priority), (before.0.entities.po_numbers, Priority::Critical));
        assert_eq!((back.deleted_at, back.title, back.entities), (None, before.1.title, before.1.entities));
        assert_eq!((desk.task_of("m2").await, desk.task_of("m1").await), (gone.clone(), left.clone()));
        assert_eq!(cases::survivor(&mut desk.db.read().await.unwrap(), &gone).await.unwrap(), None);
        let live = "SELECT CAST(COALESCE(sum(sign), 0) AS bigint) FROM rollup_deltas";
        assert_eq!(desk.db.query_i64(live).await, 2, "the figures count both tasks again");
        let twice = desk.joint(&NewJob::of(&undo, "ana"), std::slice::from_ref(&gone)).await;
        desk.settle().await;
        assert_eq!(desk.result(twice).await["status"], 409);
    }

    async fn a_merge_waits_for_what_was_accepted_before_it_and_holds_back_what_comes_after(db: Db) {
        let desk = Desk::new(db);
        let (left, gone) = two_tasks(&desk).await;
        let before = desk.queue.accept(titled(&gone, "before")).await;
        let seq = desk.joint(&NewJob::of(&merge(&left, &gone), "ana"), std::slice::from_ref(&gone)).await;
        let after = desk.queue.accept(titled(&gone, "after")).await;
        let other = desk.queue.accept(titled(&left, "left")).await;
        assert_eq!(desk.queue.state(after).await, JobState::Pending);
        desk.settle().await;
        let statuses = [desk.result(before).await, desk.result(seq).await, desk.result(after).await, desk.result(other).await];
        assert_eq!(statuses.map(|result| result["status"].as_i64()), [200, 200, 410, 200].map(Some));
        assert_eq!((desk.task(&gone).await.title, desk.task(&left).await.title), ("before".to_owned(), "left".to_owned()));
    }

    async fn a_merge_of_a_task_that_is_gone_changes_nothing(db: Db) {
        let desk = Desk::new(db);
        let (left, gone) = two_tasks(&desk).await;
        desk.queue.enqueue(&DeleteTask { task_id: gone.clone(), expected_version: None, actor: actor() }).await;
        desk.settle().await;
        let once = trace(&desk.db).await;
        let seq = desk.joint(&NewJob::of(&merge(&left, &gone), "ana"), std::slice::from_ref(&gone)).await;
        desk.settle().await;
        assert_eq!(desk.result(seq).await["status"], 409);
        assert_eq!(trace(&desk.db).await, once);
    }

    async fn mails_that_are_split_off_take_their_answers_with_them(db: Db) {
        let desk = Desk::new(db);
        let reply = "In-Reply-To: <m1@x.example>\r\n";
        let mails = [
            letter("m1", ADA, "PO 70012", "Please book PO 70012 today.", ""),
            letter("m2", ADA, "Re: PO 70012", "Something else: two cartons of PO 90055 arrived damaged, tracking 1Z77A9450312345671.", reply),
        ];
        desk.receive("b1", &mails).await;
        let source = desk.task_of("m1").await;
        assert_eq!(desk.task_of("m2").await, source);
        assert!(desk.task(&source).await.entities.po_numbers.contains(&"90055".to_owned()));
        let split = |emails: &[&str]| SplitTask {
            split_id: "SPLIT-1".to_owned(),
            task_id: source.clone(),
            new_task_id: "TASK-9-new".to_owned(),
            emails: emails.iter().map(|id| (*id).to_owned()).collect(),
            title: Some("Damaged cartons".to_owned()),
            expected_version: None,
            actor: actor(),
        };
        for emails in [&["m1", "m2"][..], &["strange"]] {
            let seq = desk.queue.enqueue(&split(emails)).await;
            desk.settle().await;
            assert_eq!(desk.result(seq).await["status"], 422, "{emails:?}");
        }
        let seq = desk.queue.enqueue(&split(&["m2"])).await;
        desk.settle().await;
        assert_eq!(desk.result(seq).await["status"], 201);
        let (new, old) = (desk.task("TASK-9-new").await, desk.task(&source).await);
        assert_eq!((new.title.as_str(), new.email_id.as_deref()), ("Damaged cartons", Some("m2")));
        assert!(new.entities.po_numbers.contains(&"90055".to_owned()));
        assert_eq!(old.entities.po_numbers, ["70012"]);
        let once = trace(&desk.db).await;
        desk.again(seq).await;
        assert_eq!(trace(&desk.db).await, once);

        let answer = letter("m3", ADA, "Re: PO 70012", "When do the new ones come?", "In-Reply-To: <m2@x.example>\r\n");
        desk.receive("b2", &[answer]).await;
        assert_eq!(desk.task_of("m3").await, "TASK-9-new");

        let undo = UndoRegrouping { id: "SPLIT-1".to_owned(), task_id: source.clone(), actor: actor() };
        desk.queue.enqueue(&undo).await;
        desk.settle().await;
        assert_eq!((desk.task_of("m2").await, desk.task_of("m3").await), (source.clone(), source.clone()));
        assert!(desk.task("TASK-9-new").await.deleted_at.is_some());
        assert!(desk.task(&source).await.entities.po_numbers.contains(&"90055".to_owned()));
        let survivor = cases::survivor(&mut desk.db.read().await.unwrap(), "TASK-9-new").await.unwrap();
        assert_eq!(survivor, Some(source));
    }
}
