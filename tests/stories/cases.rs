//! Merging and splitting tasks, what they have in common, and what is wrong with them, over HTTP.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{System, eventually, in_both_forms};

async fn post(system: &System, path: &str, body: Value) -> (u16, Value) {
    let response = system.send(Method::POST, &format!("/api/workflow/{path}"), Some(body), &[]).await;
    (response.status().as_u16(), response.json().await.unwrap())
}

async fn order(system: &System, po: &str, customer: &str, value: f64) -> String {
    let task = system
        .create(json!({
            "title": format!("Order {po}"), "workflow_category": "Order Management", "dollar_value": value,
            "entities": {"po_numbers": [po], "customers": [customer]},
        }))
        .await;
    task["task_id"].as_str().unwrap().to_owned()
}

async fn status(system: &System, path: &str) -> (u16, Value) {
    let response = system.send(Method::GET, &format!("/api/workflow/{path}"), None, &[]).await;
    (response.status().as_u16(), response.json().await.unwrap())
}

in_both_forms! {
    async fn tasks_are_merged_and_come_apart_again(system: System) {
        let (left, gone) = (order(&system, "4501", "Nordlicht", 10.0).await, order(&system, "4502", "Kestrel", 20.0).await);
        let related = system.get(&format!("/api/workflow/related/{left}")).await;
        assert_eq!(related["related"], json!([]));
        let (code, merged) = post(&system, "merge", json!({"into": left, "from": [gone], "reason": "one matter"})).await;
        assert_eq!((code, &merged["task"]["entities"]["po_numbers"]), (200, &json!(["4501", "4502"])));
        let (code, problem) = status(&system, &format!("get/{gone}")).await;
        assert_eq!((code, problem["merged_into"].as_str()), (410, Some(left.as_str())));
        let late = system.send(Method::PUT, &format!("/api/workflow/update/{gone}"), Some(json!({"title": "x"})), &[]).await;
        assert_eq!(late.status(), 410);
        assert_eq!(late.json::<Value>().await.unwrap()["merged_into"], json!(left));
        assert_eq!(system.get("/api/workflow/list").await["pagination"]["total"], 1);
        assert_eq!(system.get("/api/workflow/metrics").await["total_tasks"], 1);

        let id = merged["merge_id"].as_str().unwrap();
        assert_eq!(system.get(&format!("/api/workflow/regroupings/{left}")).await["regroupings"][0]["id"], json!(id));
        let (code, undone) = post(&system, &format!("merge/{id}/undo"), json!({})).await;
        assert_eq!((code, &undone["restored"], &undone["kept_fields"]), (200, &json!([gone]), &json!([])));
        assert_eq!(system.get(&format!("/api/workflow/get/{gone}")).await["task"]["title"], "Order 4502");
        assert_eq!(system.get("/api/workflow/metrics").await["total_tasks"], 2);
        assert_eq!(post(&system, &format!("merge/{id}/undo"), json!({})).await.0, 409);

        for (path, body, code, pointer) in [
            ("merge", json!({"into": left, "from": []}), 422, "/from"),
            ("merge", json!({"into": left, "from": [left]}), 422, "/from"),
            ("merge", json!({"from": [gone], "why": 1}), 422, "/into"),
            ("merge", json!({"into": "TASK-0-x", "from": [gone]}), 404, ""),
            ("merge", json!({"into": left, "from": ["TASK-0-x"]}), 409, ""),
            ("merge/MERGE-0-x/undo", json!({}), 404, ""),
            (&format!("split/{left}"), json!({"emails": ["x"]}), 422, ""),
            ("split/TASK-0-x", json!({"emails": ["x"]}), 404, ""),
            (&format!("split/{left}"), json!({"emails": []}), 422, "/emails"),
        ] {
            let (got, problem) = post(&system, path, body.clone()).await;
            let pointers = problem["errors"].to_string();
            assert!(got == code && pointers.contains(pointer), "{path} {body}: {got} {problem}");
        }
    }

    async fn what_tasks_have_in_common_is_told_and_what_is_wrong_can_be_dismissed(system: System) {
        let (first, second) = (order(&system, "45-1", "Nordlicht GmbH", 10.0).await, order(&system, "451", "nordlicht gmbh", 10.0).await);
        let related = system.get(&format!("/api/workflow/related/{first}")).await;
        let one = &related["related"][0];
        assert_eq!((one["task"]["task_id"].as_str(), one["score"].as_i64()), (Some(second.as_str()), Some(4)));
        assert_eq!(one["shared"], json!([{"kind": "customer", "value": "NORDLICHTGMBH"}, {"kind": "po", "value": "451"}]));

        system.send(Method::POST, "/api/schedules/pattern-mining/run", Some(json!({})), &[]).await;
        let found = eventually(Duration::from_mins(1), async || {
            let list = system.get("/api/workflow/findings?state=open").await;
            list["findings"].as_array().is_some_and(|found| !found.is_empty()).then(|| list["findings"][0].clone())
        })
        .await;
        assert_eq!(found["kind"], "duplicate-order");
        let history = system.get(&format!("/api/workflow/history/{first}")).await.to_string();
        assert!(history.contains("\"finding\""), "{history}");
        let path = format!("findings/{}/dismiss", found["id"].as_str().unwrap());
        assert_eq!(post(&system, &path, json!({})).await.0, 422);
        let (code, dismissed) = post(&system, &path, json!({"reason": "two sites"})).await;
        assert_eq!((code, dismissed["state"].as_str(), dismissed["reason"].as_str()), (200, Some("dismissed"), Some("two sites")));
        assert_eq!(system.get("/api/workflow/findings?state=open").await["findings"], json!([]));
        for query in ["state=none", "kind=x", "limit=0", "cursor=x"] {
            assert_eq!(status(&system, &format!("findings?{query}")).await.0, 422, "{query}");
        }
    }
}
