//! Messages to webhooks, against a receiver that answers over TCP: each event is one message, delivered at least once
//! under one id.

use chrono::TimeDelta;
use shared::clock::Clock;
use shared::domain::interest::EventFilter;
use shared::events::Bus;
use shared::jobs::testing::TestQueue;
use shared::jobs::{CreateTask, DeliverWebhook, JobState};
use shared::reach::Reach;
use shared::store::webhooks::{self, Delivery, DeliveryRow, WebhookRow, WebhookState};
use shared::store::{Db, events};

use crate::receiver::Receiver;
use crate::{actor, in_both_databases, new_task, noon};

const SECRET: &str = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
const HOOK: &str = "hook-1";

struct Stage {
    db: Db,
    clock: Clock,
    queue: TestQueue,
}

impl Stage {
    fn set(db: Db) -> Self {
        Self::within(db, Reach { private: true })
    }

    fn within(db: Db, reach: Reach) -> Self {
        let clock = Clock::fixed(noon());
        let registry = worker::registry(worker::Config { reach, ..worker::Config::default() });
        let queue = TestQueue::new(&db, &clock, registry, Vec::new());
        Self { db, clock, queue }
    }

    async fn hook(&self, url: &str, events: &[&str], filter: EventFilter) {
        let row = WebhookRow {
            id: HOOK.to_owned(),
            url: url.to_owned(),
            description: None,
            events: events.iter().map(|&name| name.to_owned()).collect(),
            filter,
            state: WebhookState::Enabled,
            disabled_reason: None,
            cursor: 0,
            failing_since: None,
            previous_until: None,
            created_at: noon(),
            created_by: "ana".to_owned(),
            updated_at: noon(),
        };
        let mut tx = self.db.begin().await.unwrap();
        webhooks::insert(&mut tx, &row, SECRET).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// A new task, and all that follows from it at this instant.
    async fn create(&self, id: &str) {
        let mut task = new_task();
        id.clone_into(&mut task.task_id);
        self.queue.enqueue(&CreateTask { task, actor: actor() }).await;
        self.queue.run_dry().await;
        number(&self.db).await;
        decide(&self.db, &self.clock).await;
        self.queue.run_dry().await;
    }

    async fn webhook(&self) -> WebhookRow {
        webhooks::lookup(&mut self.db.read().await.unwrap(), HOOK).await.unwrap().unwrap()
    }

    /// The messages, oldest first.
    async fn messages(&self) -> Vec<DeliveryRow> {
        let mut session = self.db.read().await.unwrap();
        let mut rows = webhooks::list_deliveries(&mut session, HOOK, None, None, 1_000).await.unwrap();
        rows.reverse();
        rows
    }

    /// Lets more time pass than the next attempt waits.
    async fn later(&self, by: TimeDelta) {
        self.clock.advance(by);
        self.queue.run_dry().await;
    }
}

async fn number(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    events::number(&mut tx, 1_000).await.unwrap();
    tx.commit().await.unwrap();
}

async fn decide(db: &Db, clock: &Clock) {
    let bus = Bus::in_process();
    while worker::outbox::decide(db, clock, &bus).await.unwrap() {}
}

const CREATED: &[&str] = &["workflow:task:created"];

in_both_databases! {
    async fn a_message_that_fails_three_times_arrives_under_its_id_with_a_fresh_signature(db: Db) {
        let receiver = Receiver::answering(&["500 Oops", "503 Later", "404 Not Found"]).await;
        let stage = Stage::set(db);
        stage.hook(&receiver.url, CREATED, EventFilter::default()).await;
        stage.create("TASK-1-a").await;
        assert_eq!(receiver.received().len(), 1);
        assert_eq!(stage.webhook().await.failing_since, Some(noon()));
        stage.later(TimeDelta::seconds(4)).await;
        assert_eq!(receiver.received().len(), 1, "the first wait is 5 s");
        for wait in [3, 13, 26] {
            stage.later(TimeDelta::seconds(wait)).await;
        }
        let requests = receiver.received();
        assert_eq!(requests.len(), 4);
        for one in &requests {
            assert!(one.is_signed_with(SECRET), "{one:?}");
            assert!(!one.is_signed_with("whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="));
            assert_eq!(one.id(), requests[0].id());
            assert_eq!(one.body, requests[0].body);
            assert_eq!(one.headers["content-type"], "application/json");
        }
        assert_eq!(requests[3].headers["webhook-timestamp"], (noon().timestamp() + 46).to_string());
        let message = &stage.messages().await[0];
        assert_eq!((message.state, message.attempts, message.last_status), (Delivery::Delivered, 4, Some(200)));
        assert_eq!(message.last_response.as_deref(), Some("noted"));
        assert_eq!(stage.webhook().await.failing_since, None);

        // Whoever runs the job again changes nothing, and calls nobody.
        stage.queue.enqueue(&DeliverWebhook { delivery: message.seq }).await;
        stage.queue.run_dry().await;
        assert_eq!((receiver.received().len(), stage.messages().await[0].attempts), (4, 4));
    }

    async fn an_event_is_one_message_however_many_decide_and_however_often(db: Db) {
        let receiver = Receiver::answering(&[]).await;
        let stage = Stage::set(db);
        stage.hook(&receiver.url, &["workflow:task:*"], EventFilter::default()).await;
        for n in 0..20 {
            let mut task = new_task();
            task.task_id = format!("TASK-1-{n}");
            stage.queue.enqueue(&CreateTask { task, actor: actor() }).await;
        }
        stage.queue.run_dry().await;
        number(&stage.db).await;
        let deciders: Vec<_> = (0..4).map(|_| {
            let (db, clock) = (stage.db.clone(), stage.clock.clone());
            tokio::spawn(async move { decide(&db, &clock).await })
        }).collect();
        for decider in deciders {
            decider.await.unwrap();
        }
        // A process that died before its commit left the cursor where it was.
        stage.db.execute_raw("UPDATE webhooks SET cursor = 0").await;
        decide(&stage.db, &stage.clock).await;
        stage.queue.run_dry().await;
        let mut ids: Vec<String> = receiver.received().iter().map(|one| one.id().to_owned()).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!((ids.len(), receiver.received().len(), stage.messages().await.len()), (20, 20, 20));
        assert_eq!(stage.db.query_i64("SELECT count(*) FROM jobs WHERE kind = 'deliver-webhook'").await, 20);
    }

    async fn a_redirect_is_not_followed(db: Db) {
        let elsewhere = Receiver::answering(&[]).await;
        let receiver = Receiver::answering(&[&format!("307 Temporary Redirect\r\nlocation: {}", elsewhere.url)]).await;
        let stage = Stage::set(db);
        stage.hook(&receiver.url, CREATED, EventFilter::default()).await;
        stage.create("TASK-1-a").await;
        assert_eq!((receiver.received().len(), elsewhere.received().len()), (1, 0));
        let message = &stage.messages().await[0];
        assert_eq!((message.state, message.last_status), (Delivery::Pending, Some(307)));
        assert!(message.last_error.as_deref().unwrap().contains("redirects are not followed"));
    }

    async fn a_receiver_that_is_gone_is_told_nothing_more_and_the_audit_trail_says_so(db: Db) {
        let receiver = Receiver::answering(&["410 Gone"]).await;
        let stage = Stage::set(db);
        stage.hook(&receiver.url, CREATED, EventFilter::default()).await;
        stage.create("TASK-1-a").await;
        stage.create("TASK-1-b").await;
        let webhook = stage.webhook().await;
        assert_eq!(webhook.state, WebhookState::Disabled);
        assert!(webhook.disabled_reason.unwrap().contains("410"));
        let messages = stage.messages().await;
        assert_eq!((messages.len(), messages[0].state, receiver.received().len()), (1, Delivery::Dead, 1));
        assert_eq!(stage.db.query_i64("SELECT count(*) FROM audit WHERE action = 'webhook.disable'").await, 1);
    }

    async fn a_message_is_given_up_after_its_last_attempt_and_can_be_sent_again(db: Db) {
        let receiver = Receiver::answering(&["500 Oops"]).await;
        let stage = Stage::set(db);
        stage.hook(&receiver.url, CREATED, EventFilter::default()).await;
        let mut task = new_task();
        "TASK-1-a".clone_into(&mut task.task_id);
        stage.queue.enqueue(&CreateTask { task, actor: actor() }).await;
        stage.queue.run_dry().await;
        number(&stage.db).await;
        decide(&stage.db, &stage.clock).await;
        stage.db.execute_raw("UPDATE jobs SET max_attempts = 1 WHERE kind = 'deliver-webhook'").await;
        stage.queue.run_dry().await;
        let dead = stage.messages().await.remove(0);
        assert_eq!((dead.state, dead.last_error.as_deref()), (Delivery::Dead, Some("the receiver answered 500 Internal Server Error")));
        assert_eq!(stage.queue.state(dead.job_seq.unwrap()).await, JobState::Discarded);
        stage.queue.enqueue(&DeliverWebhook { delivery: dead.seq }).await;
        stage.queue.run_dry().await;
        let again = stage.messages().await.remove(0);
        assert_eq!((again.state, again.attempts), (Delivery::Delivered, 2));
        assert_eq!(receiver.received()[1].id(), dead.message_id);
    }

    async fn a_webhook_that_fails_for_three_days_is_disabled(db: Db) {
        let receiver = Receiver::answering(&["500 Oops"; 3]).await;
        let stage = Stage::set(db);
        stage.hook(&receiver.url, CREATED, EventFilter::default()).await;
        stage.create("TASK-1-a").await;
        stage.later(TimeDelta::hours(71)).await;
        assert_eq!(stage.webhook().await.state, WebhookState::Enabled);
        stage.later(TimeDelta::hours(1)).await;
        let webhook = stage.webhook().await;
        assert_eq!((webhook.state, webhook.disabled_reason.as_deref()), (WebhookState::Disabled, Some("no delivery has succeeded for 3 days")));
        assert_eq!(receiver.received().len(), 3);
    }

    async fn a_webhook_is_told_of_what_it_asked_for_in_the_order_of_commits(db: Db) {
        let receiver = Receiver::answering(&[]).await;
        let stage = Stage::set(db);
        let filter = EventFilter { status: vec!["YELLOW".to_owned()], ..EventFilter::default() };
        stage.hook(&receiver.url, CREATED, filter).await;
        stage.create("TASK-1-green").await;
        assert_eq!(receiver.received().len(), 0);
        stage.db.execute_raw("UPDATE webhooks SET filter = '{}', cursor = 0").await;
        stage.create("TASK-1-second").await;
        let messages = stage.messages().await;
        assert_eq!(messages.len(), 2, "and none of other names");
        assert!(messages[0].event_id < messages[1].event_id && messages[0].body.contains("TASK-1-green"));
        let envelope: serde_json::Value = serde_json::from_str(&receiver.received()[0].body).unwrap();
        assert_eq!(envelope["event"], "workflow:task:created");
        assert!(envelope["id"].is_string() && envelope["data"]["taskId"].is_string());
    }

    async fn a_host_that_leads_to_this_machine_is_not_called(db: Db) {
        let receiver = Receiver::answering(&[]).await;
        let stage = Stage::within(db, Reach { private: false });
        let port = receiver.url.split(':').next_back().unwrap();
        stage.hook(&format!("https://localhost:{port}"), CREATED, EventFilter::default()).await;
        stage.create("TASK-1-a").await;
        let error = stage.messages().await[0].last_error.clone().unwrap();
        assert!(error.contains("must not lead to a private"), "{error}");
        stage.db.execute_raw(&format!("UPDATE webhooks SET url = 'https://127.0.0.1:{port}'")).await;
        stage.later(TimeDelta::seconds(10)).await;
        let error = stage.messages().await[0].last_error.clone().unwrap();
        assert!(error.starts_with("the URL must not lead to a private"), "{error}");
        assert_eq!(receiver.received().len(), 0);
    }

    async fn a_message_is_signed_with_both_secrets_for_a_day_after_a_change(db: Db) {
        const NEW: &str = "whsec_AQECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
        let receiver = Receiver::answering(&[]).await;
        let stage = Stage::set(db);
        stage.hook(&receiver.url, CREATED, EventFilter::default()).await;
        let mut tx = stage.db.begin().await.unwrap();
        webhooks::rotate(&mut tx, HOOK, NEW, noon() + TimeDelta::hours(24), noon()).await.unwrap();
        tx.commit().await.unwrap();
        stage.create("TASK-1-a").await;
        stage.clock.advance(TimeDelta::hours(24));
        stage.create("TASK-1-b").await;
        let requests = receiver.received();
        assert!(requests[0].is_signed_with(SECRET) && requests[0].is_signed_with(NEW));
        assert!(!requests[1].is_signed_with(SECRET) && requests[1].is_signed_with(NEW));
    }
}
