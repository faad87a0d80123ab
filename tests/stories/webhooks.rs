//! Webhooks and mail as operators set them up, and messages as they arrive, across a worker that is killed.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use crate::receiver::{Receiver, SILENCE};
use crate::support::{System, eventually, in_both_forms};

const HOOKS: &str = "/api/webhooks";
const PEOPLE: &str = "/api/notifications";

async fn call(system: &System, method: Method, path: &str, body: Option<Value>) -> (u16, Value) {
    let answer = system.send(method, path, body, &[]).await;
    (answer.status().as_u16(), answer.json().await.unwrap_or_default())
}

async fn post(system: &System, path: &str) -> Value {
    let (status, body) = call(system, Method::POST, path, None).await;
    assert_eq!(status, 200, "{path}: {body}");
    body
}

/// Path and secret of a new webhook.
async fn hook(system: &System, url: &str, events: &[&str]) -> (String, String) {
    let (status, made) = call(system, Method::POST, HOOKS, Some(json!({"url": url, "events": events}))).await;
    assert_eq!(status, 201, "{made}");
    let id = made["webhook"]["id"].as_str().unwrap();
    (format!("{HOOKS}/{id}"), made["secret"].as_str().unwrap().to_owned())
}

async fn create(system: &System, title: &str) -> String {
    let task = system.create(json!({"title": title, "workflow_category": "Order Management"})).await;
    task["task_id"].as_str().unwrap().to_owned()
}

/// The webhook's only delivery once it is in this state.
async fn delivery(system: &System, hook: &str, state: &str) -> Value {
    eventually(Duration::from_secs(40), async || {
        let page = system.get(&format!("{hook}/deliveries?state={state}")).await;
        page["deliveries"].as_array().unwrap().first().cloned()
    })
    .await
}

fn pointers(problem: &Value) -> Vec<&str> {
    let mut named: Vec<&str> =
        problem["errors"].as_array().unwrap().iter().filter_map(|issue| issue["pointer"].as_str()).collect();
    named.sort_unstable();
    named
}

in_both_forms! {
    async fn a_message_is_the_envelope_of_its_event_signed_with_the_secret_shown_once(system: System) {
        let receiver = Receiver::answering(&[]).await;
        let (path, secret) = hook(&system, &receiver.url, &["workflow:task:created"]).await;
        let task = create(&system, "Order 7").await;
        let delivered = delivery(&system, &path, "delivered").await;
        let requests = receiver.received();
        assert_eq!((requests.len(), requests[0].id()), (1, delivered["message_id"].as_str().unwrap()));
        assert!(requests[0].is_signed_with(&secret));
        let events = system.get("/api/workflow/events").await;
        assert_eq!(serde_json::from_str::<Value>(&requests[0].body).unwrap(), events["events"][0]);
        assert_eq!(events["events"][0]["data"]["taskId"], json!(task));
        assert_eq!(delivered["event_id"], events["events"][0]["id"]);

        let rotated = post(&system, &format!("{path}/rotate")).await;
        post(&system, &format!("{path}/test")).await;
        eventually(Duration::from_secs(20), async || (receiver.received().len() == 2).then_some(())).await;
        let second = &receiver.received()[1];
        let new = rotated["secret"].as_str().unwrap();
        assert!(second.is_signed_with(new) && second.is_signed_with(&secret) && second.body.contains("workflow:webhook:test"));
        for shown in [HOOKS, &path, &format!("{path}/deliveries"), "/api/audit", "/api/jobs?kind=deliver-webhook"] {
            let text = system.get(shown).await.to_string();
            assert!(!text.contains("whsec_") && !text.contains(&secret[6..]), "{shown} tells the secret");
        }
    }

    async fn what_was_given_up_is_listed_and_sent_again_under_its_id(system: System) {
        let receiver = Receiver::answering(&["410 Gone"]).await;
        let (path, _) = hook(&system, &receiver.url, &["workflow:task:created"]).await;
        create(&system, "Order 7").await;
        let dead = delivery(&system, &path, "dead").await;
        let (id, message) = (dead["id"].as_str().unwrap(), dead["message_id"].as_str().unwrap());
        let state = system.get(&path).await;
        assert_eq!((&state["state"], &state["dead"], &state["pending"]), (&json!("disabled"), &json!(1), &json!(0)));
        let retry = format!("{path}/deliveries/{id}/retry");
        assert_eq!(call(&system, Method::POST, &retry, None).await.0, 409);
        assert_eq!(post(&system, &format!("{path}/enable")).await["state"], "enabled");
        assert_eq!(post(&system, &retry).await["state"], "pending");
        assert_eq!(delivery(&system, &path, "delivered").await["id"], json!(id));
        assert_eq!(receiver.received()[1].id(), message);
        assert_eq!(post(&system, &format!("{path}/disable")).await["state"], "disabled");
        create(&system, "Order 8").await;
        assert_eq!(call(&system, Method::DELETE, &path, None).await.0, 200);
        for (method, path) in [(Method::GET, path.as_str()), (Method::DELETE, &path), (Method::POST, &retry)] {
            assert_eq!(call(&system, method, path, None).await.0, 404, "{path}");
        }
        assert_eq!(receiver.received().len(), 2, "a disabled webhook is told nothing");
        let (_, audit) = call(&system, Method::GET, "/api/audit", None).await;
        let actions: Vec<&str> = audit["entries"].as_array().unwrap().iter().filter_map(|entry| entry["action"].as_str()).collect();
        let expected = ["webhook.delete", "webhook.disable", "webhook.retry", "webhook.enable", "webhook.disable", "webhook.create"];
        assert_eq!(actions, expected);
    }

    async fn every_fault_of_a_webhook_or_a_recipient_is_named_at_once(system: System) {
        let wrong = json!({
            "url": "ftp://u:p@example.com/#x", "description": 7, "events": ["workflow:job:changed"], "secret": "mine",
            "filter": {"status": ["PINK"], "owner": [""], "category": "Order Management", "watcher": ["Ana"]},
        });
        for (method, path) in [(Method::POST, HOOKS.to_owned()), (Method::PUT, format!("{HOOKS}/none"))] {
            let (status, problem) = call(&system, method, &path, Some(wrong.clone())).await;
            assert_eq!(status, 422);
            let expected = [
                "/description", "/events", "/filter/category", "/filter/owner", "/filter/status", "/filter/watcher", "/secret", "/url",
            ];
            assert_eq!(pointers(&problem), expected);
        }
        let wrong = json!({
            "address": "Ana <ana@example.com>", "name": "Ana\r\nBcc: all@example.com", "owners": [1], "categories": ["None"],
            "mailboxes": "orders", "events": [], "mode": "digest", "cron": "61 * * * *", "tz": "Mars/Base", "paused": 1,
            "quiet_hours": {"from": "24:00", "to": "7", "tz": "Nowhere", "days": []}, "phone": "1",
        });
        let (status, problem) = call(&system, Method::POST, PEOPLE, Some(wrong)).await;
        assert_eq!(status, 422);
        let expected = [
            "/address", "/categories", "/cron", "/events", "/mailboxes", "/name", "/owners", "/paused", "/phone",
            "/quiet_hours/days", "/quiet_hours/from", "/quiet_hours/to", "/quiet_hours/tz", "/tz",
        ];
        assert_eq!(pointers(&problem), expected);
        for (wrong, pointer) in [
            (json!({"mode": "digest"}), "/cron"), (json!({"cron": "0 9 * * *"}), "/cron"), (json!({"mode": "digest", "cron": "0 0 9 * * *"}), "/cron"),
            (json!({"mode": "digest", "cron": "0 0 30 2 *"}), "/cron"),
            (json!({"quiet_hours": {"from": "07:00", "to": "07:00", "tz": "UTC"}}), "/quiet_hours/to"),
        ] {
            let mut body = json!({"address": "ana@example.com"});
            body.as_object_mut().unwrap().extend(wrong.as_object().unwrap().clone());
            let (status, problem) = call(&system, Method::POST, PEOPLE, Some(body)).await;
            assert_eq!((status, pointers(&problem)), (422, vec![pointer]));
        }
    }

    async fn recipients_are_added_replaced_and_removed(system: System) {
        let quiet = json!({"from": "22:00", "to": "07:00", "tz": "Europe/Berlin"});
        let body = json!({"address": "ana@example.com", "name": "Ana", "events": ["breach", "warning"], "quiet_hours": quiet});
        let (status, made) = call(&system, Method::POST, PEOPLE, Some(body)).await;
        assert_eq!((status, &made["events"], &made["mode"]), (201, &json!(["warning", "breach"]), &json!("immediate")));
        let path = format!("{PEOPLE}/{}", made["id"].as_str().unwrap());
        assert_eq!(system.get(&path).await, made);
        let body = json!({"address": "ana@example.com", "mode": "digest", "cron": "0 9 * * 1-5", "categories": ["Customer Support"]});
        let (status, replaced) = call(&system, Method::PUT, &path, Some(body)).await;
        assert_eq!((status, &replaced["quiet_hours"], &replaced["tz"]), (200, &Value::Null, &json!("UTC")));
        assert_eq!((&replaced["categories"], &replaced["created_at"]), (&json!(["General Support"]), &made["created_at"]));
        assert_eq!(system.get(PEOPLE).await["recipients"], json!([replaced]));
        assert_eq!(call(&system, Method::DELETE, &path, None).await.0, 200);
        assert_eq!(call(&system, Method::GET, &path, None).await.0, 404);
        let trail = system.get("/api/audit").await.to_string();
        assert!(trail.contains("notification.update") && !trail.contains("ana@example.com"));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn private_addresses_are_refused_unless_they_are_allowed() {
    let system = System::embedded_with(&[("WORKFLOW_WEBHOOK_ALLOW_PRIVATE", "")]);
    for url in
        ["http://example.com", "https://127.0.0.1/", "https://[::ffff:10.0.0.1]/", "https://169.254.169.254/latest"]
    {
        let (status, problem) = call(&system, Method::POST, HOOKS, Some(json!({"url": url}))).await;
        assert_eq!((status, pointers(&problem)), (422, vec!["/url"]), "{url}");
    }
    assert_eq!(call(&system, Method::POST, HOOKS, Some(json!({"url": "https://example.com/"}))).await.0, 201);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_whose_worker_is_killed_is_delivered_by_another_under_the_same_id() {
    let Some(mut system) = System::production(1, 1).await else { return };
    let receiver = Receiver::answering(&[SILENCE]).await;
    let (path, secret) = hook(&system, &receiver.url, &["workflow:task:created"]).await;
    create(&system, "Order 7").await;
    eventually(Duration::from_secs(20), async || (receiver.received().len() == 1).then_some(())).await;
    // It has read the message and not answered: whether it was delivered, nobody knows.
    system.workers[0].kill();
    system.add_worker();
    let delivered = delivery(&system, &path, "delivered").await;
    let requests = receiver.received();
    assert_eq!((requests.len(), requests[0].id(), &requests[0].body), (2, requests[1].id(), &requests[1].body));
    assert!(requests[1].is_signed_with(&secret));
    assert_eq!(delivered["message_id"], json!(requests[1].id()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_workers_make_one_message_of_each_event() {
    let Some(system) = System::production(1, 2).await else { return };
    let receiver = Receiver::answering(&[]).await;
    hook(&system, &receiver.url, &["workflow:task:created"]).await;
    for n in 0..30 {
        create(&system, &format!("Order {n}")).await;
    }
    eventually(Duration::from_secs(40), async || (receiver.received().len() >= 30).then_some(())).await;
    let db = system.database.open().await;
    assert_eq!(db.query_i64("SELECT count(*) FROM webhook_deliveries").await, 30);
    assert_eq!(db.query_i64("SELECT count(*) FROM jobs WHERE kind = 'deliver-webhook'").await, 30);
    let mut ids: Vec<String> = receiver.received().iter().map(|one| one.id().to_owned()).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 30);
}
