//! A key that is limited to some mailboxes: what it may not see is not there.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use super::sockets::{event, open};
use super::{ask, create_key, guarded_in_both_forms, key};
use crate::support::{System, eventually};

fn mail(mailbox: &str, number: u32) -> Value {
    json!({"mailbox": mailbox, "emails": [{
        "from": "buyer@customer.example", "subject": format!("PO {number} for {mailbox}"),
        "body": format!("Please ship purchase order {number} for {mailbox}."),
    }]})
}

/// Uploads a mail and gives the ids of its batch, mail and task.
async fn uploaded(system: &System, key: &str, mailbox: &str, number: u32) -> [String; 3] {
    let sent = ask(system, Method::POST, "/api/workflow/batches", key, Some(mail(mailbox, number))).await;
    assert_eq!(sent.status(), 202);
    let batch = sent.json::<Value>().await.unwrap()["batch_id"].as_str().unwrap().to_owned();
    let path = format!("/api/workflow/emails?batch_id={batch}");
    eventually(Duration::from_mins(1), async || {
        let found: Value = ask(system, Method::GET, &path, key, None).await.json().await.unwrap();
        let mail = &found["emails"][0];
        let text = |field: &str| mail[field].as_str().map(str::to_owned);
        Some([batch.clone(), text("id")?, text("task_id")?])
    })
    .await
}

fn ids(list: &Value, field: &str) -> Vec<String> {
    list.as_array().unwrap().iter().map(|row| row[field].as_str().unwrap().to_owned()).collect()
}

guarded_in_both_forms! {
    async fn what_is_in_other_mailboxes_is_not_there(system: System) {
        let admin = key(&system, "admin", "root");
        let made = create_key(&system, "operator", "ana", &["--mailbox", "orders,returns"]);
        assert_eq!(made["mailboxes"], json!(["orders", "returns"]));
        let ana = made["key"].as_str().unwrap().to_owned();
        let bearer = format!("Bearer {ana}");
        let mut socket = open(&system, 0, "", &[("authorization", &bearer)]).await.unwrap();
        let [secret_batch, secret_mail, secret_task] = uploaded(&system, &admin, "legal", 3_500_017_731).await;
        let [batch, email, task] = uploaded(&system, &admin, "orders", 3_500_022_222).await;
        let get = async |path: &str| ask(&system, Method::GET, path, &ana, None).await;
        let read = async |path: &str| get(path).await.json::<Value>().await.unwrap();

        // Lists hold what is theirs.
        let lists = [("/api/workflow/list", "tasks", "task_id", &task), ("/api/workflow/batches", "batches", "id", &batch),
                     ("/api/workflow/emails", "emails", "id", &email)];
        for (path, list, field, mine) in lists {
            assert_eq!(ids(&read(path).await[list], field), std::slice::from_ref(mine), "{path}");
        }
        let total = read("/api/workflow/list?q=3500022222").await;
        assert_eq!(total["pagination"]["total"], 1);
        for query in ["mailbox=legal", "q=3500017731", "mailbox=legal&mailbox=orders&q=3500017731"] {
            assert_eq!(read(&format!("/api/workflow/list?{query}")).await["tasks"], json!([]), "{query}");
        }
        for export in ["/api/workflow/export.csv", "/api/workflow/export.ndjson", "/api/workflow/export.csv?mailbox=legal"] {
            assert!(!get(export).await.text().await.unwrap().contains(&secret_task), "{export}");
        }
        let input = "%7B%7D";
        let listed = read(&format!("/api/workflow.list?input={input}")).await;
        assert_eq!(ids(&listed["result"]["data"]["tasks"], "task_id"), std::slice::from_ref(&task));

        // Hidden ids are as good as none, to read and to change.
        let patch = || Some(json!({"task_status": "RED"}));
        for (method, template, body) in [
            (Method::GET, "/api/workflow/get/{task}", None),
            (Method::GET, "/api/workflow/history/{task}", None),
            (Method::GET, "/api/workflow/comments/{task}", None),
            (Method::POST, "/api/workflow/comments/{task}", Some(json!({"text": "hello"}))),
            (Method::GET, "/api/workflow/watchers/{task}", None),
            (Method::GET, "/api/workflow/sla/{task}", None),
            (Method::PUT, "/api/workflow/update/{task}", patch()),
            (Method::GET, "/api/workflow/batches/{batch}", None),
            (Method::GET, "/api/workflow/emails/{email}", None),
            (Method::GET, "/api/workflow/emails/{email}/raw", None),
            (Method::DELETE, "/api/workflow/delete/{task}", None),
        ] {
            let at = |task: &str, batch: &str, email: &str| {
                template.replace("{task}", task).replace("{batch}", batch).replace("{email}", email)
            };
            let hidden = ask(&system, method.clone(), &at(&secret_task, &secret_batch, &secret_mail), &ana, body.clone()).await;
            let none = ask(&system, method.clone(), &at("none", "none", "none"), &ana, body.clone()).await;
            assert_eq!((hidden.status().as_u16(), none.status().as_u16()), (404, 404), "{method} {template}");
            let said = [hidden.json::<Value>().await.unwrap()["detail"].clone(), none.json::<Value>().await.unwrap()["detail"].clone()];
            assert_eq!(said[0], said[1], "{method} {template}");
            let mine = ask(&system, method.clone(), &at(&task, &batch, &email), &ana, body).await;
            assert!(mine.status().is_success(), "{method} {template}: {}", mine.status());
        }
        let call = "/api/workflow.update";
        let hidden = ask(&system, Method::POST, call, &ana, Some(json!({"taskId": secret_task, "updates": {"task_status": "RED"}}))).await;
        assert_eq!(hidden.status(), 404);
        let untouched: Value = ask(&system, Method::GET, &format!("/api/workflow/get/{secret_task}"), &admin, None).await.json().await.unwrap();
        assert_eq!(untouched["task"]["version"], 1);

        // Nothing gets into another mailbox, and what is about all of them is refused.
        let create = |mailbox: Value| Some(json!({"title": "x", "workflow_category": "Order Management", "mailbox_source": mailbox}));
        for (mailbox, status) in [(json!("legal"), 403), (Value::Null, 403), (json!("returns"), 201)] {
            let made = ask(&system, Method::POST, "/api/workflow/create", &ana, create(mailbox.clone())).await;
            assert_eq!(made.status(), status, "{mailbox}");
        }
        assert_eq!(ask(&system, Method::POST, "/api/workflow/batches", &ana, Some(mail("legal", 1))).await.status(), 403);
        for path in ["/api/workflow/metrics", "/api/workflow/analytics", "/api/workflow/patterns", "/api/forecast", "/api/jobs", "/api/queues", "/api/workflow.metrics"] {
            assert_eq!(get(path).await.status(), 403, "{path}");
        }

        // Events are theirs alone, on the socket and in the list.
        let first = event(&mut socket, "workflow:task:created").await;
        assert_eq!(first["data"]["taskId"], task.as_str(), "the other mailbox's came before");
        let finished = event(&mut socket, "workflow:batch:completed").await;
        assert_eq!(finished["data"]["batchId"], batch.as_str());
        let events = read("/api/workflow/events?limit=1000").await;
        let all: Value = ask(&system, Method::GET, "/api/workflow/events?limit=1000", &admin, None).await.json().await.unwrap();
        assert!(all.to_string().contains(&secret_task) && all.to_string().contains(&secret_batch));
        assert!(!events.to_string().contains(&secret_task) && !events.to_string().contains(&secret_batch));
        assert!(events.to_string().contains(&task));
    }
}
