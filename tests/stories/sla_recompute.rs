//! What a book makes of tasks: new ones at once, others when they are recomputed; and why.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{System, eventually, in_both_forms};

async fn call(system: &System, method: Method, path: &str, body: Value) -> (u16, Value) {
    let answer = system.send(method, path, Some(body), &[]).await;
    (answer.status().as_u16(), answer.json().await.unwrap_or_default())
}

async fn put(system: &System, policies: Value) -> Value {
    let week = json!({"mon": ["09:00-12:00", "13:00-17:00"], "tue": ["09:00-12:00", "13:00-17:00"]});
    let office = json!({"zone": "Europe/Berlin", "week": week, "exceptions": {"2026-03-09": []}});
    let book = json!({"calendars": {"office": office}, "policies": policies});
    let (status, changed) = call(system, Method::PUT, "/api/sla", json!({"book": book})).await;
    assert_eq!(status, 200, "{changed}");
    changed
}

fn at(value: &Value) -> DateTime<Utc> {
    value.as_str().unwrap().parse().unwrap()
}

/// Hours from its creation to its deadline.
fn hours(task: &Value) -> i64 {
    (at(&task["sla_deadline"]) - at(&task["created_at"])).num_hours()
}

async fn order(system: &System, more: Value) -> Value {
    let mut body = json!({"title": "Order 7", "workflow_category": "Order Management"});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    system.create(body).await
}

/// The result of the recomputation that these tasks are meant by.
async fn recompute(system: &System, body: Value) -> Value {
    let (status, accepted) = call(system, Method::POST, "/api/sla/recompute", body).await;
    assert_eq!(status, 202, "{accepted}");
    let path = format!("/api/jobs/{}", accepted["job_id"].as_str().unwrap());
    eventually(Duration::from_secs(30), async || {
        let job = system.get(&path).await;
        (job["state"] == "completed").then(|| job["result"].clone())
    })
    .await
}

in_both_forms! {
    async fn category_value_and_customer_choose_the_policy_that_gives_the_deadline(system: System) {
        let when = json!({"categories": ["Order Management"], "customers": ["contoso"], "min_value": 50_000, "max_value": 90_000});
        put(&system, json!([
            {"name": "Key accounts", "when": when, "resolution_hours": {"CRITICAL": 1, "HIGH": 2, "MEDIUM": 3, "NORMAL": 5}},
            {"name": "Orders", "when": {"categories": ["Order Management"]}, "resolution_hours": 50},
            {"name": "default", "resolution_hours": 500},
        ])).await;
        let customers = json!({"customers": ["Fabrikam", "CONTOSO"]});
        for (more, policy, due) in [
            (json!({"dollar_value": 50_000, "entities": customers}), "Key accounts", 5),
            (json!({"dollar_value": 90_000, "entities": customers, "priority": "HIGH"}), "Key accounts", 2),
            (json!({"dollar_value": 49_999.99, "entities": customers}), "Orders", 50),
            (json!({"dollar_value": 90_000.01, "entities": customers}), "Orders", 50),
            (json!({"dollar_value": 50_000, "entities": {"customers": ["Fabrikam"]}}), "Orders", 50),
            (json!({"dollar_value": 50_000, "workflow_category": "General Support"}), "default", 500),
        ] {
            let task = order(&system, more.clone()).await;
            assert_eq!((&task["sla_policy"], hours(&task), &task["sla_revision"]), (&json!(policy), due, &json!(1)), "{more}");
        }
        let task = order(&system, json!({"dollar_value": 50_000})).await;
        let task = system.update(task["task_id"].as_str().unwrap(), json!({"entities": customers})).await;
        assert_eq!((&task["sla_policy"], hours(&task)), (&json!("Key accounts"), 5), "a customer came to light");
    }

    async fn a_calendar_gives_the_instants_that_were_worked_out_by_hand(system: System) {
        put(&system, json!([{"name": "Office", "calendar": "office", "resolution_hours": 8, "first_response_hours": 2,
            "warning": {"percent": 50}, "critical": {"hours": 1},
            "escalations": [{"hours": -2, "action": "notify"}, {"hours": 1.5, "action": "reassign", "to": "Bo"}]}])).await;
        // Tuesday 3 March, 15:00 in Berlin: 2 hours that day; closed until Tuesday 10 March, for Monday the 9th is a
        // holiday; 3 hours before lunch, 3 after it, until 16:00.
        let body = json!({"policy": "Office", "start": "2026-03-03T14:00:00Z"});
        let (status, told) = call(&system, Method::POST, "/api/sla/preview", body).await;
        assert_eq!((status, &told["deadline"]), (200, &json!("2026-03-10T15:00:00Z")));
        assert_eq!(told["first_response_due"], "2026-03-03T16:00:00Z");
        assert_eq!((&told["warning_at"], &told["critical_at"]), (&json!("2026-03-10T10:00:00Z"), &json!("2026-03-10T14:00:00Z")));
        let steps: Vec<&Value> = told["escalations"].as_array().unwrap().iter().map(|step| &step["at"]).collect();
        assert_eq!(steps, ["2026-03-10T13:00:00Z", "2026-03-10T16:30:00Z"]);
        let worked: Vec<_> = told["worked"].as_array().unwrap().iter().map(|worked| (&worked["from"], &worked["to"])).collect();
        assert_eq!(worked, [
            (&json!("2026-03-03T14:00:00Z"), &json!("2026-03-03T16:00:00Z")),
            (&json!("2026-03-10T08:00:00Z"), &json!("2026-03-10T11:00:00Z")),
            (&json!("2026-03-10T12:00:00Z"), &json!("2026-03-10T15:00:00Z")),
        ]);
        // An hour that does not count moves it by an hour.
        let pauses = json!([{"from": "2026-03-10T09:00:00Z", "to": "2026-03-10T10:00:00Z"}]);
        let body = json!({"policy": "Office", "start": "2026-03-03T14:00:00Z", "pauses": pauses});
        assert_eq!(call(&system, Method::POST, "/api/sla/preview", body).await.1["deadline"], "2026-03-10T16:00:00Z");

        let task = order(&system, json!({})).await;
        let body = json!({"start": task["created_at"], "category": "Order Management"});
        let (_, told) = call(&system, Method::POST, "/api/sla/preview", body).await;
        assert_eq!((&told["policy"], &told["deadline"]), (&json!("Office"), &task["sla_deadline"]));
        let sent = json!({"policy": {"name": "New", "resolution_hours": 36}, "start": "2026-03-03T14:00:00Z"});
        assert_eq!(call(&system, Method::POST, "/api/sla/preview", sent).await.1["deadline"], "2026-03-05T02:00:00Z");
        let wrong = json!({"policy": {"name": "New", "resolution_hours": 36, "calendar": "offices"}, "pauses": [{"from": "x"}], "start": 3});
        let (status, problem) = call(&system, Method::POST, "/api/sla/preview", wrong).await;
        let pointers: Vec<&Value> = problem["errors"].as_array().unwrap().iter().map(|issue| &issue["pointer"]).collect();
        assert_eq!((status, pointers), (422, vec![&json!("/start"), &json!("/pauses/0/from"), &json!("/pauses/0/to")]));
        let wrong = json!({"policy": {"name": "New", "resolution_hours": 36, "calendar": "offices"}});
        let (_, problem) = call(&system, Method::POST, "/api/sla/preview", wrong).await;
        assert_eq!(problem["errors"][0]["detail"], "is not a calendar of the book; did you mean office?");
        let (_, problem) = call(&system, Method::POST, "/api/sla/preview", json!({"policy": "Nobody"})).await;
        assert_eq!(problem["errors"][0]["pointer"], "/policy");
    }

    async fn a_change_of_the_book_leaves_deadlines_alone_until_they_are_recomputed(system: System) {
        let orders = |hours: i64| json!([{"name": "Orders", "when": {"categories": ["Order Management"]}, "resolution_hours": hours}]);
        put(&system, orders(100)).await;
        let first = order(&system, json!({})).await;
        let given = order(&system, json!({"sla_hours": 7})).await;
        let done = order(&system, json!({"task_status": "COMPLETED"})).await;
        let other = system.create(json!({"title": "other", "workflow_category": "General Support"})).await;
        let id = |task: &Value| task["task_id"].as_str().unwrap().to_owned();
        let now = async |task: &Value| system.get(&format!("/api/workflow/get/{}", id(task))).await["task"].clone();

        let book = json!({"calendars": {}, "policies": orders(200)});
        let (_, tried) = call(&system, Method::PUT, "/api/sla?dry_run=true", json!({"book": book})).await;
        assert_eq!((&tried["effect"]["matched"], &tried["effect"]["changed"]), (&json!(3), &json!(1)));
        put(&system, orders(200)).await;
        let renamed = system.update(&id(&first), json!({"title": "renamed"})).await;
        assert_eq!(hours(&renamed), 100, "nothing that it depends on has changed");
        assert_eq!(hours(&order(&system, json!({})).await), 200, "what is new is planned by the new book");
        let told = system.get(&format!("/api/workflow/sla/{}", id(&first))).await;
        assert_eq!((&told["revision"], &told["current"]["revision"]), (&json!(1), &json!(2)));
        assert_eq!(at(&told["current"]["deadline"]) - at(&told["deadline"]), TimeDelta::hours(100));

        let (status, tried) = call(&system, Method::POST, "/api/sla/recompute", json!({"dry_run": true})).await;
        assert_eq!((status, &tried["matched"], &tried["changed"]), (200, &json!(4), &json!(1)));
        let sample = &tried["sample"][0];
        assert_eq!((&sample["task_id"], &sample["policy_before"], &sample["deadline_before"]),
                   (&first["task_id"], &json!("Orders"), &first["sla_deadline"]));
        let none = json!({"dry_run": true, "filter": {"category": ["General Support"]}});
        assert_eq!(call(&system, Method::POST, "/api/sla/recompute", none).await.1["changed"], 0);

        let done_once = recompute(&system, json!({"reason": "new contract"})).await;
        assert_eq!(done_once, json!({"revision": 2, "matched": 4, "done": 4, "changed": 1}));
        let moved = now(&first).await;
        assert_eq!((&moved["sla_deadline"], hours(&moved), &moved["sla_revision"]), (&sample["deadline_after"], 200, &json!(2)));
        for task in [&given, &done, &other] {
            assert_eq!(now(task).await["version"], 1);
        }
        let history = system.get(&format!("/api/workflow/history/{}", id(&first))).await;
        let last = history["history"].as_array().unwrap().last().unwrap().clone();
        assert_eq!((&last["field"], &last["changed_by"], &last["change_reason"]),
                   (&json!("sla_deadline"), &json!("local"), &json!("recomputed with revision 2 of the SLA book: new contract")));
        assert_eq!(recompute(&system, json!({})).await["changed"], 0, "a second time changes nothing");
        assert_eq!(now(&first).await["version"], moved["version"]);
        let wrong = json!({"filter": {"status": ["COMPLETED"]}});
        assert_eq!(call(&system, Method::POST, "/api/sla/recompute", wrong).await.0, 422);
        let audit = system.get("/api/audit?action=sla.recompute").await;
        assert_eq!(audit["entries"][1]["detail"]["reason"], "new contract");
    }

    async fn a_deadline_is_explained_with_every_policy_that_was_tried(system: System) {
        put(&system, json!([
            {"name": "Large", "when": {"categories": ["Order Management"], "min_value": 1000}, "resolution_hours": 4},
            {"name": "Orders", "when": {"categories": ["Order Management"]}, "resolution_hours": 40, "pause_while_waiting_on_customer": true},
        ])).await;
        let task = order(&system, json!({"dollar_value": 999})).await;
        let id = task["task_id"].as_str().unwrap();
        let told = system.get(&format!("/api/workflow/sla/{id}")).await;
        assert_eq!((&told["policy"], &told["source"], &told["deadline"]), (&json!("Orders"), &json!("policy"), &task["sla_deadline"]));
        assert_eq!(told["tried"][0]["conditions"][1], json!({"met": false, "reason": "value 999 is not at least 1000"}));
        assert_eq!((&told["next"], &told["next_at"]), (&json!("the warning begins"), &told["warning_at"]));
        system.update(id, json!({"waiting_on": "customer"})).await;
        let told = system.get(&format!("/api/workflow/sla/{id}")).await;
        assert_eq!((&told["paused"], &told["sla_state"], &told["next"]), (&json!(true), &json!("paused"), &Value::Null));
        assert_eq!(told["pauses"].as_array().unwrap().len(), 1);

        let explain = async |id: &str| system.send(Method::GET, &format!("/api/workflow/sla/{id}"), None, &[]).await.status();
        assert_eq!(explain("TASK-0-nobody").await, 404);
        system.send(Method::DELETE, &format!("/api/workflow/delete/{id}"), None, &[]).await;
        assert_eq!(explain(id).await, 410);
    }
}
