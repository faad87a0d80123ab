//! Mails about deadlines, against a mail server that answers over TCP: one to each recipient and instant.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;
use shared::clock::Clock;
use shared::domain::event::{Announcement, Matches};
use shared::domain::notification::{Mode, Notice, QuietHours};
use shared::events::Bus;
use shared::jobs::testing::TestQueue;
use shared::jobs::{CreateTask, JobState, SendDigest};
use shared::store::notifications::{self, RecipientRow};
use shared::store::{Db, events};

use crate::smtp::Smtp;
use crate::{TASK, actor, in_both_databases, new_task, noon};

struct Stage {
    db: Db,
    clock: Clock,
    queue: TestQueue,
}

impl Stage {
    async fn set(db: Db, smtp: &Smtp) -> Self {
        let clock = Clock::fixed(noon());
        let mailer = worker::Mailer::new(&smtp.url, "Alerts <alerts@flow.example>").unwrap();
        let registry = worker::registry(worker::Config { mailer: Some(mailer), ..worker::Config::default() });
        let queue = TestQueue::new(&db, &clock, registry, Vec::new());
        queue.enqueue(&CreateTask { task: new_task(), actor: actor() }).await;
        queue.run_dry().await;
        let stage = Self { db, clock, queue };
        stage.decide().await;
        stage
    }

    async fn recipient(&self, change: impl FnOnce(&mut RecipientRow)) {
        let mut row = RecipientRow {
            id: "ana".to_owned(),
            address: "ana@example.com".to_owned(),
            name: Some("Ana Ruiz".to_owned()),
            owners: Vec::new(),
            categories: Vec::new(),
            mailboxes: Vec::new(),
            events: Notice::ALL.to_vec(),
            mode: Mode::Immediate,
            cron: None,
            tz: None,
            quiet: None,
            paused: false,
            created_at: noon(),
            created_by: "ana".to_owned(),
            updated_at: noon(),
        };
        change(&mut row);
        let mut tx = self.db.begin().await.unwrap();
        notifications::insert(&mut tx, &row).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// Events of these names about the one task, numbered and decided about.
    async fn happens(&self, names: &[&str]) {
        let now = self.clock.now();
        let announce = |name: &&str| {
            let data = json!({
                "taskId": TASK, "title": "Order 4501", "owner": "Ana", "deadline": "2026-03-02T16:00:00Z", "hoursRemaining": 1.0,
                "hoursOverdue": 1.0, "severity": "WARNING", "message": "Order 4501 is late", "category": "Order Management",
                "value": 60_000, "timestamp": now,
            });
            let event = events::decode(name, &data.to_string()).unwrap();
            let matches = Matches { owner: vec!["Ana".to_owned()], ..Matches::default() };
            Announcement { event, task_id: Some(TASK.to_owned()), matches }
        };
        let announcements: Vec<_> = names.iter().map(announce).collect();
        let mut tx = self.db.begin().await.unwrap();
        events::append(&mut tx, announcements.iter()).await.unwrap();
        tx.commit().await.unwrap();
        self.decide().await;
        self.queue.run_dry().await;
    }

    async fn decide(&self) {
        let mut tx = self.db.begin().await.unwrap();
        events::number(&mut tx, 1_000).await.unwrap();
        tx.commit().await.unwrap();
        while worker::outbox::decide(&self.db, &self.clock, &Bus::in_process()).await.unwrap() {}
    }

    async fn later(&self, by: TimeDelta) {
        self.clock.advance(by);
        self.queue.run_dry().await;
    }

    async fn until(&self, at: &str) {
        let at: DateTime<Utc> = at.parse().unwrap();
        self.later(at - self.clock.now()).await;
    }

    async fn jobs(&self, condition: &str) -> i64 {
        self.db.query_i64(&format!("SELECT count(*) FROM jobs WHERE kind = 'send-digest' AND {condition}")).await
    }
}

const WARNING: &str = "workflow:sla:warning";
const BREACH: &str = "workflow:sla:violated";
const ALERT: &str = "workflow:critical:alert";

in_both_databases! {
    async fn a_breach_is_mailed_at_once_and_once(db: Db) {
        let smtp = Smtp::answering(&[]).await;
        let stage = Stage::set(db, &smtp).await;
        stage.recipient(|_| {}).await;
        stage.happens(&[BREACH, ALERT]).await;
        let mails = smtp.taken();
        assert_eq!(mails.len(), 1, "what happens at once is one mail");
        assert!(mails[0].recipient.contains("<ana@example.com>"));
        assert_eq!(mails[0].header("Subject"), "1 missed deadline, 1 critical alert");
        assert_eq!(mails[0].header("To"), "\"Ana Ruiz\" <ana@example.com>");
        for part in ["Content-Type: text/plain", "Content-Type: text/html", "Order 4501 is late", "List-Unsubscribe: <mailto:alerts@flow.example?"] {
            assert!(mails[0].text.contains(part), "{part} is not in {}", mails[0].text);
        }
        stage.db.execute_raw("UPDATE notification_cursor SET last_id = 0").await;
        stage.decide().await;
        stage.queue.run_dry().await;
        let digest = stage.db.query_i64("SELECT min(seq) FROM digests").await;
        stage.queue.enqueue(&SendDigest { digest }).await;
        stage.queue.run_dry().await;
        assert_eq!(smtp.taken().len(), 1, "neither deciding nor sending again sends a second mail");
    }

    async fn what_happens_in_quiet_hours_comes_as_one_mail_at_their_end(db: Db) {
        let smtp = Smtp::answering(&[]).await;
        let stage = Stage::set(db, &smtp).await;
        let berlin = QuietHours { from: "22:00".to_owned(), to: "07:00".to_owned(), tz: "Europe/Berlin".to_owned() };
        stage.recipient(|row| row.quiet = Some(berlin)).await;
        stage.until("2026-03-02T21:30:00Z").await;
        stage.happens(&[WARNING]).await;
        stage.until("2026-03-03T03:00:00Z").await;
        stage.happens(&[BREACH]).await;
        stage.until("2026-03-03T05:59:59Z").await;
        assert_eq!(smtp.taken().len(), 0);
        stage.until("2026-03-03T06:00:00Z").await;
        let mails = smtp.taken();
        assert_eq!((mails.len(), mails[0].header("Subject")), (1, "1 missed deadline, 1 warning"));
        assert!(mails[0].text.contains("due 2026-03-02 17:00 CET"), "{}", mails[0].text);
        stage.happens(&[WARNING]).await;
        stage.later(TimeDelta::milliseconds(1)).await;
        assert_eq!(smtp.taken().len(), 2, "the end is not quiet any more, and its own mail has gone");
    }

    async fn a_digest_comes_at_the_times_of_its_zone(db: Db) {
        let smtp = Smtp::answering(&[]).await;
        let stage = Stage::set(db, &smtp).await;
        stage.recipient(|row| {
            row.mode = Mode::Digest;
            row.cron = Some("0 9 * * *".to_owned());
            row.tz = Some("America/New_York".to_owned());
        }).await;
        stage.happens(&[WARNING]).await;
        stage.until("2026-03-02T13:59:59Z").await;
        stage.happens(&[BREACH]).await;
        assert_eq!(smtp.taken().len(), 0);
        stage.until("2026-03-02T14:00:00Z").await;
        assert_eq!(smtp.taken().len(), 1);
        stage.until("2026-03-09T00:00:00Z").await;
        assert_eq!(smtp.taken().len(), 1, "nothing to tell is not told");
        stage.happens(&[ALERT]).await;
        stage.until("2026-03-09T13:00:00Z").await;
        assert_eq!(smtp.taken().len(), 2, "clocks have gone forward by then");
    }

    async fn a_mail_put_off_by_the_server_is_the_same_mail_later(db: Db) {
        let smtp = Smtp::answering(&[("RCPT", "451 busy"), (".", "452 full")]).await;
        let stage = Stage::set(db, &smtp).await;
        stage.recipient(|_| {}).await;
        stage.happens(&[BREACH]).await;
        assert_eq!((smtp.taken().len(), stage.jobs("state = 'retryable'").await), (0, 1));
        stage.later(TimeDelta::seconds(7)).await;
        assert_eq!((smtp.taken().len(), stage.jobs("state = 'retryable'").await), (0, 1));
        stage.later(TimeDelta::seconds(13)).await;
        let mails = smtp.taken();
        assert_eq!((mails.len(), smtp.unused(), stage.jobs("state = 'completed'").await), (1, 0, 1));
        let id = format!("<digest-ana-{}@flow.example>", noon().timestamp_millis());
        assert_eq!(mails[0].header("Message-ID"), id);
        assert_eq!(mails[0].header("Date"), "Mon, 02 Mar 2026 12:00:00 +0000");
    }

    async fn a_mail_refused_for_good_is_given_up_and_no_address_is_told(db: Db) {
        let smtp = Smtp::answering(&[("RCPT", "550 no such user ana@example.com")]).await;
        let stage = Stage::set(db, &smtp).await;
        stage.recipient(|_| {}).await;
        stage.happens(&[BREACH]).await;
        assert_eq!((smtp.taken().len(), stage.jobs("state = 'discarded'").await), (0, 1));
        assert_eq!(stage.db.query_i64("SELECT count(*) FROM digests WHERE state = 'dead' AND last_error LIKE '%550%'").await, 1);
        for told in ["digests WHERE last_error LIKE '%ana@%'", "job_attempts WHERE error LIKE '%ana@%'", "jobs WHERE CAST(args AS text) LIKE '%ana@%'"] {
            assert_eq!(stage.db.query_i64(&format!("SELECT count(*) FROM {told}")).await, 0, "{told}");
        }
        let digest = stage.db.query_i64("SELECT min(seq) FROM digests").await;
        let again = stage.queue.enqueue(&SendDigest { digest }).await;
        stage.queue.run_dry().await;
        assert_eq!((smtp.taken().len(), stage.queue.state(again).await), (1, JobState::Completed), "an operator may send it again");
    }

    async fn somebody_who_pauses_or_asked_for_something_else_gets_no_mail(db: Db) {
        let smtp = Smtp::answering(&[]).await;
        let stage = Stage::set(db, &smtp).await;
        let quiet = QuietHours { from: "12:00".to_owned(), to: "13:00".to_owned(), tz: "UTC".to_owned() };
        stage.recipient(|row| row.quiet = Some(quiet)).await;
        stage.recipient(|row| {
            row.id = "ben".to_owned();
            row.owners = vec!["Ben".to_owned()];
        }).await;
        stage.recipient(|row| {
            row.id = "cy".to_owned();
            row.events = vec![Notice::Alert];
        }).await;
        stage.happens(&[BREACH]).await;
        stage.db.execute_raw("UPDATE notification_recipients SET paused = NOT paused WHERE id = 'ana'").await;
        stage.until("2026-03-02T13:00:00Z").await;
        assert_eq!((smtp.taken().len(), stage.db.query_i64("SELECT count(*) FROM digests").await), (0, 1));
        assert_eq!(stage.db.query_i64("SELECT count(*) FROM digests WHERE state = 'dropped'").await, 1);
    }
}
