use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Socket, in_both_forms};

fn order(title: &str) -> Value {
    json!({"title": title, "workflow_category": "Order Management"})
}

in_both_forms! {
    async fn a_task_lives_from_creation_to_deletion(system: System) {
        let (mut socket, _) = Socket::connect(&system.apis[0].url, "").await;

        let task = system.create(json!({
            "title": "Order 4501", "workflow_category": "Customer Support", "dollar_value": 49_999.99,
            "entities": {"po_numbers": ["4501"]}, "current_owner": "Ana", "tags": ["rush"],
        })).await;
        let id = task["task_id"].as_str().unwrap();
        assert!(id.starts_with("TASK-"));
        assert_eq!(task["workflow_category"], "General Support");
        assert_eq!((&task["dollar_value"], &task["version"], &task["task_status"]), (&json!(49_999.99), &json!(1), &json!("GREEN")));
        assert_eq!(task["entities"]["customers"], json!([]));

        let task = system.update(id, json!({"task_status": "COMPLETED", "current_owner": null, "reason": "done by phone"})).await;
        assert_eq!((&task["workflow_state"], &task["version"]), (&json!("COMPLETION"), &json!(2)));
        assert!(task["completion_date"].is_string() && task["current_owner"].is_null());

        let path = format!("/api/workflow/delete/{id}");
        assert_eq!(system.send(Method::DELETE, &path, None, &[]).await.status(), 200);
        assert_eq!(system.send(Method::DELETE, &path, None, &[]).await.status(), 410);
        assert_eq!(system.send(Method::GET, &format!("/api/workflow/get/{id}"), None, &[]).await.status(), 410);
        assert_eq!(system.get("/api/workflow/list").await["pagination"]["total"], 0);

        let history = system.get(&format!("/api/workflow/history/{id}")).await;
        let rows: Vec<_> = history["history"].as_array().unwrap().iter()
            .map(|row| (row["field"].as_str().unwrap(), row["changed_by"].as_str().unwrap())).collect();
        assert_eq!(rows, [("created", "local"), ("task_status", "local"), ("workflow_state", "local"), ("current_owner", "local"), ("deleted", "local")]);
        let frames = socket.numbered(|frames| frames.len() == 5).await;
        let names: Vec<_> = frames.iter().map(|frame| frame["event"].as_str().unwrap()).collect();
        assert_eq!(names, ["workflow:task:created", "workflow:task:updated", "workflow:status:changed", "workflow:task:completed", "workflow:task:deleted"]);
        assert_eq!(frames[1]["data"]["previousValues"]["current_owner"], "Ana");
        assert_eq!(frames[2]["data"]["reason"], "done by phone");
    }

    async fn a_change_that_changes_nothing_leaves_no_trace(system: System) {
        let task = system.create(order("same")).await;
        let id = task["task_id"].as_str().unwrap();

        let again = system.update(id, json!({"title": "same", "priority": "NORMAL"})).await;

        assert_eq!(again["version"], 1);
        assert_eq!(system.get(&format!("/api/workflow/get/{id}")).await["history"].as_array().unwrap().len(), 1);
    }

    async fn a_stale_entity_tag_is_refused_when_applied(system: System) {
        let task = system.create(order("guarded")).await;
        let path = format!("/api/workflow/update/{}", task["task_id"].as_str().unwrap());
        let change = |title: &str| Some(json!({"title": title}));

        let first = system.send(Method::PUT, &path, change("one"), &[("if-match", "\"1\"")]).await;
        assert_eq!((first.status().as_u16(), first.headers()["etag"].to_str().unwrap()), (200, "\"2\""));
        let second = system.send(Method::PUT, &path, change("two"), &[("if-match", "\"1\"")]).await;
        assert_eq!(second.status(), 412);
        assert_eq!(second.headers()["content-type"], "application/problem+json");
        let get = format!("/api/workflow/get/{}", task["task_id"].as_str().unwrap());
        assert_eq!(system.send(Method::GET, &get, None, &[("if-none-match", "\"2\"")]).await.status(), 304);
    }

    async fn a_repeated_key_gives_the_same_answer_and_one_effect(system: System) {
        let send = async |body: Value| {
            let headers = [("idempotency-key", "k-1")];
            let response = system.send(Method::POST, "/api/workflow/create", Some(body), &headers).await;
            (response.status().as_u16(), response.json::<Value>().await.unwrap())
        };
        let (first, repeat) = tokio::join!(send(order("once")), send(order("once")));
        assert_eq!((first.0, &first.1), (201, &repeat.1));
        assert_eq!(send(order("other")).await.0, 422);
        assert_eq!(system.get("/api/workflow/list").await["pagination"]["total"], 1);
    }

    async fn an_accepted_change_may_be_followed_by_others_before_it_is_applied(system: System) {
        let headers = [("prefer", "respond-async")];
        let created = system.send(Method::POST, "/api/workflow/create", Some(order("queued")), &headers).await;
        assert_eq!(created.status(), 202);
        let location = created.headers()["location"].to_str().unwrap().to_owned();
        let body: Value = created.json().await.unwrap();
        let id = body["task_id"].as_str().unwrap().to_owned();
        for n in 0..20 {
            let path = format!("/api/workflow/update/{id}");
            let sent = system.send(Method::PUT, &path, Some(json!({"title": format!("title {n}")})), &headers).await;
            assert_eq!(sent.status(), 202);
        }

        let task = system.update(&id, json!({"description": "last"})).await;

        assert_eq!((&task["title"], &task["version"]), (&json!("title 19"), &json!(22)));
        let job = system.get(&location).await;
        assert_eq!((&job["state"], &job["result"]["status"], &job["waiting_for"]), (&json!("completed"), &json!(201), &Value::Null));
    }

    async fn a_paused_queue_accepts_and_says_why_it_waits(system: System) {
        let db = system.database.open().await;
        db.execute_raw("INSERT INTO queues (name, paused_at) VALUES ('mutations', '2026-01-01T00:00:00+00:00')").await;
        let sent = system.send(Method::POST, "/api/workflow/create", Some(order("later")), &[]).await;
        assert_eq!(sent.status(), 202);
        let job = system.get(sent.headers()["location"].to_str().unwrap()).await;
        assert_eq!((&job["state"], &job["waiting_for"]), (&json!("available"), &json!("the queue is paused")));
        db.execute_raw("DELETE FROM queues").await;
        let id = sent.json::<Value>().await.unwrap()["task_id"].as_str().unwrap().to_owned();
        assert_eq!(system.update(&id, json!({"priority": "HIGH"})).await["version"], 2);
    }

    async fn a_socket_resumes_by_cursor_without_gap_or_duplicate(system: System) {
        let (mut live, hello) = Socket::connect(&system.apis[0].url, "").await;
        for n in 0..10 {
            system.create(order(&format!("first {n}"))).await;
        }
        let seen = live.numbered(|frames| frames.len() == 4).await;
        drop(live);
        for n in 0..10 {
            system.create(order(&format!("second {n}"))).await;
        }
        let since = seen[3]["id"].as_str().unwrap();

        let (mut resumed, _) = Socket::connect(&system.apis[0].url, &format!("?since={since}")).await;
        let rest = resumed.numbered(|frames| frames.len() == 16).await;

        let ids: Vec<i64> = seen.iter().chain(&rest).map(|frame| frame["id"].as_str().unwrap().parse().unwrap()).collect();
        let from: i64 = hello["data"]["cursor"].as_str().unwrap().parse().unwrap();
        assert_eq!(ids, (from + 1..=from + 20).collect::<Vec<_>>());
    }

    async fn a_subscription_is_narrowed_by_old_or_new_value(system: System) {
        let (mut socket, _) = Socket::connect(&system.apis[0].url, "").await;
        socket.send(json!({"action": "subscribe", "events": ["workflow:status:changed"], "filter": {"status": ["RED"]}})).await;
        socket.subscribed().await;
        let id = system.create(order("coloured")).await["task_id"].as_str().unwrap().to_owned();
        for status in ["YELLOW", "RED", "GREEN", "YELLOW"] {
            system.update(&id, json!({"task_status": status})).await;
        }
        let frames = socket.numbered(|frames| frames.len() == 2).await;
        assert_eq!(frames[0]["data"]["newStatus"], "RED");
        assert_eq!(frames[1]["data"]["oldStatus"], "RED");
    }
}
