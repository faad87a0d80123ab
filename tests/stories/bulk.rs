//! Many tasks at once: previewed, frozen, changed in their order, accounted for, and undone.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{System, eventually, in_both_forms};

async fn post(system: &System, path: &str, body: Value, headers: &[(&str, &str)]) -> (u16, Value) {
    let answer = system.send(Method::POST, path, Some(body), headers).await;
    (answer.status().as_u16(), answer.json().await.unwrap_or_default())
}

async fn bulk(system: &System, body: Value) -> (u16, Value) {
    post(system, "/api/workflow/bulk", body, &[]).await
}

/// The account of an accepted bulk update, once it is complete.
async fn finished(system: &System, accepted: &Value) -> Value {
    let path = format!("/api/jobs/{}", accepted["job_id"].as_str().unwrap());
    eventually(Duration::from_mins(1), async || {
        let job = system.get(&path).await;
        (job["state"] == "completed").then(|| job["result"].clone())
    })
    .await
}

/// `(task, outcome, detail)` of every task, by task.
async fn items(system: &System, accepted: &Value) -> Vec<(String, String, Value)> {
    let path = format!("/api/jobs/{}/items", accepted["job_id"].as_str().unwrap());
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let items = system.get(&path).await["items"].as_array().unwrap().clone();
    items.iter().map(|item| (text(&item["item"]), text(&item["outcome"]), item["detail"].clone())).collect()
}

async fn orders(system: &System, count: usize, owner: &str) -> Vec<String> {
    let mut ids = Vec::new();
    for n in 0..count {
        let body =
            json!({"title": format!("Order {n}"), "workflow_category": "Order Management", "current_owner": owner});
        ids.push(system.create(body).await["task_id"].as_str().unwrap().to_owned());
    }
    ids.sort();
    ids
}

async fn task(system: &System, id: &str) -> Value {
    system.get(&format!("/api/workflow/get/{id}")).await["task"].clone()
}

in_both_forms! {
    async fn a_bulk_update_is_previewed_and_then_changes_what_its_filter_meant(system: System) {
        let ids = orders(&system, 12, "Ana").await;
        let other = orders(&system, 1, "Bo").await;
        let body = |dry_run: bool| json!({"filter": {"owner": "Ana", "status": ["GREEN", "RED"]}, "updates": {"priority": "HIGH"},
                                          "dry_run": dry_run, "reason": "quarter end"});

        let (status, preview) = bulk(&system, body(true)).await;
        assert_eq!((status, &preview["matched"], preview["sample"].as_array().unwrap().len()), (200, &json!(12), 10));
        assert_eq!(preview["sample"][0]["priority"], "NORMAL");
        let (status, accepted) = bulk(&system, body(false)).await;
        assert_eq!((status, &accepted["matched"]), (202, &json!(12)));
        let late = orders(&system, 1, "Ana").await;

        let account = finished(&system, &accepted).await;
        assert_eq!(account, json!({"matched": 12, "done": 12, "changed": 12, "unchanged": 0, "failed": 0, "undoes": null}));
        for id in &ids {
            assert_eq!(task(&system, id).await["priority"], "HIGH");
        }
        for id in late.iter().chain(&other) {
            assert_eq!(task(&system, id).await["priority"], "NORMAL", "it was not meant");
        }
        let history = system.get(&format!("/api/workflow/history/{}", ids[0])).await["history"].clone();
        let row = history.as_array().unwrap().iter().find(|row| row["field"] == "priority").unwrap().clone();
        assert_eq!((&row["change_reason"], &row["changed_by"]), (&json!("quarter end"), &json!("local")));
        let events = system.get("/api/workflow/events?event=workflow:task:updated&limit=100").await;
        assert_eq!(events["events"].as_array().unwrap().len(), 12, "each announces itself as a single update does");
    }

    async fn unknown_deleted_and_equal_tasks_are_told_in_the_account(system: System) {
        let ids = orders(&system, 3, "Ana").await;
        system.send(Method::DELETE, &format!("/api/workflow/delete/{}", ids[1]), None, &[]).await;
        system.update(&ids[2], json!({"priority": "HIGH"})).await;
        let named = json!([ids[0], ids[1], ids[2], "TASK-0-x", ids[0]]);

        let (status, accepted) = bulk(&system, json!({"ids": named, "updates": {"priority": "HIGH"}})).await;
        assert_eq!((status, &accepted["matched"]), (202, &json!(4)), "a task named twice is one");
        let account = finished(&system, &accepted).await;

        assert_eq!((&account["changed"], &account["unchanged"], &account["failed"]), (&json!(1), &json!(1), &json!(2)));
        let expected = [
            ("TASK-0-x".to_owned(), "failed".to_owned(), json!("the task does not exist")),
            (ids[0].clone(), "changed".to_owned(), Value::Null),
            (ids[1].clone(), "failed".to_owned(), json!("the task was deleted")),
            (ids[2].clone(), "unchanged".to_owned(), Value::Null),
        ];
        assert_eq!(items(&system, &accepted).await, expected);
    }

    async fn a_bulk_update_takes_its_place_among_the_changes_of_each_task(system: System) {
        let ids = orders(&system, 30, "Ana").await;
        let at_once = [("prefer", "respond-async")];
        let change = async |id: &str, title: &str| {
            let body = json!({"title": title});
            let sent = system.send(Method::PUT, &format!("/api/workflow/update/{id}"), Some(body), &at_once).await;
            assert_eq!(sent.status(), 202);
        };
        for id in &ids {
            change(id, "before").await;
        }
        let (_, accepted) = bulk(&system, json!({"filter": {"owner": ["Ana"]}, "updates": {"title": "many"}})).await;
        for id in &ids[..15] {
            change(id, "after").await;
        }

        assert_eq!(finished(&system, &accepted).await["changed"], 30);
        for (n, id) in ids.iter().enumerate() {
            let last = system.update(id, json!({"description": "the end"})).await;
            assert_eq!(last["title"], if n < 15 { "after" } else { "many" });
            let history = system.get(&format!("/api/workflow/history/{id}")).await["history"].clone();
            let rows = history.as_array().unwrap();
            let titles: Vec<_> = rows.iter().filter(|row| row["field"] == "title").map(|row| row["new_value"].clone()).collect();
            assert_eq!(titles[..2], [json!("before"), json!("many")]);
        }
    }

    async fn an_undo_restores_what_still_holds_and_reports_the_rest(system: System) {
        let ids = orders(&system, 4, "Ana").await;
        let updates = json!({"current_owner": "Bo", "task_status": "COMPLETED", "tags": ["closed"]});
        let (_, accepted) = bulk(&system, json!({"ids": ids, "updates": updates})).await;
        finished(&system, &accepted).await;
        system.update(&ids[1], json!({"current_owner": "Cy"})).await;
        system.update(&ids[2], json!({"description": "another field"})).await;

        let undo = format!("/api/workflow/bulk/{}/undo", accepted["job_id"].as_str().unwrap());
        let (status, undone) = post(&system, &undo, json!({"reason": "the wrong quarter"}), &[]).await;
        assert_eq!((status, &undone["matched"]), (202, &json!(4)));
        let account = finished(&system, &undone).await;

        assert_eq!((&account["changed"], &account["failed"]), (&json!(3), &json!(1)));
        for (n, id) in ids.iter().enumerate() {
            let task = task(&system, id).await;
            let (owner, status) = if n == 1 { ("Cy", "COMPLETED") } else { ("Ana", "GREEN") };
            assert_eq!((&task["current_owner"], &task["task_status"]), (&json!(owner), &json!(status)));
            assert_eq!(task["completion_date"].is_null(), n != 1);
            assert_eq!(task["workflow_state"], if n == 1 { "COMPLETION" } else { "START_POINT" });
        }
        let failed: Vec<_> = items(&system, &undone).await.into_iter().filter(|item| item.1 == "failed").collect();
        assert_eq!(failed, [(ids[1].clone(), "failed".to_owned(), json!("changed since"))]);
        let (status, again) = post(&system, &undo, json!({}), &[]).await;
        assert_eq!(status, 202);
        assert_eq!(finished(&system, &again).await["changed"], 0, "what was undone does not hold any more");
    }

    async fn only_a_bulk_update_that_has_ended_can_be_undone(system: System) {
        let ids = orders(&system, 2, "Ana").await;
        post(&system, "/api/queues/mutations/pause", json!({}), &[]).await;
        let (_, accepted) = bulk(&system, json!({"ids": ids, "updates": {"priority": "HIGH"}})).await;
        let job = accepted["job_id"].as_str().unwrap();
        let undo = format!("/api/workflow/bulk/{job}/undo");
        assert_eq!(post(&system, &undo, json!({}), &[]).await.0, 409);
        assert_eq!(post(&system, "/api/workflow/bulk/999999/undo", json!({}), &[]).await.0, 404);
        assert_eq!(post(&system, "/api/workflow/bulk/x/undo", json!({}), &[]).await.0, 404);

        let (status, cancelled) = post(&system, &format!("/api/jobs/{job}/cancel"), json!({}), &[]).await;
        assert_eq!((status, &cancelled["state"]), (200, &json!("cancelled")));
        post(&system, "/api/queues/mutations/resume", json!({}), &[]).await;
        for id in &ids {
            let changed = system.update(id, json!({"description": "later"})).await;
            assert_eq!((&changed["priority"], &changed["version"]), (&json!("NORMAL"), &json!(2)), "its change was cancelled");
        }
        assert!(items(&system, &accepted).await.iter().all(|item| item.1 == "failed" && item.2 == "cancelled"));
        let single = system.send(Method::PUT, &format!("/api/workflow/update/{}", ids[0]), Some(json!({"title": "x"})), &[]).await;
        let single: Value = single.json().await.unwrap();
        let undo = format!("/api/workflow/bulk/{}/undo", single["job_id"].as_str().unwrap());
        assert_eq!(post(&system, &undo, json!({}), &[]).await.0, 422);
    }

    async fn a_repeated_bulk_update_is_one(system: System) {
        let ids = orders(&system, 3, "Ana").await;
        let key = [("idempotency-key", "quarter-end")];
        let body = json!({"ids": ids, "updates": {"tags": ["late"]}});
        let path = "/api/workflow/bulk";
        let (first, second) = tokio::join!(post(&system, path, body.clone(), &key), post(&system, path, body.clone(), &key));
        assert_eq!((first.0, &first.1), (202, &second.1));
        assert_eq!(post(&system, path, json!({"ids": ids, "updates": {"tags": []}}), &key).await.0, 422);
        finished(&system, &first.1).await;
        for id in &ids {
            assert_eq!(task(&system, id).await["version"], 2);
        }
        let db = system.database.open().await;
        assert_eq!(db.query_i64("SELECT count(*) FROM jobs WHERE kind = 'bulk-update'").await, 1);
        assert_eq!(db.query_i64("SELECT count(*) FROM jobs WHERE kind = 'update-task'").await, 3);
    }

    async fn jobs_that_the_accepting_process_did_not_make_are_made_by_its_own(system: System) {
        let ids = orders(&system, 3, "Ana").await;
        post(&system, "/api/queues/maintenance/pause", json!({}), &[]).await;
        post(&system, "/api/queues/mutations/pause", json!({}), &[]).await;
        let (_, accepted) = bulk(&system, json!({"ids": ids, "updates": {"priority": "HIGH"}})).await;
        // As if it had died right after its first transaction.
        let db = system.database.open().await;
        db.execute_raw("UPDATE job_items SET child_seq = NULL").await;
        db.execute_raw("DELETE FROM jobs WHERE kind = 'update-task'").await;
        post(&system, "/api/queues/maintenance/resume", json!({}), &[]).await;
        post(&system, "/api/queues/mutations/resume", json!({}), &[]).await;

        assert_eq!(finished(&system, &accepted).await["changed"], 3);
        assert_eq!(db.query_i64("SELECT count(*) FROM jobs WHERE kind = 'update-task'").await, 3);
    }

    async fn everything_wrong_with_a_bulk_update_is_named(system: System) {
        let named = async |body: Value| {
            let (status, problem) = bulk(&system, body).await;
            assert_eq!(status, 422, "{problem}");
            let mut named: Vec<_> = problem["errors"].as_array().unwrap().iter().map(|issue| issue["pointer"].as_str().unwrap().to_owned()).collect();
            named.sort();
            named
        };
        let updates = json!({"priority": "HIGH"});
        assert_eq!(named(json!({"updates": updates})).await, ["/ids"]);
        assert_eq!(named(json!({"updates": updates, "ids": []})).await, ["/ids"]);
        assert_eq!(named(json!({"updates": updates, "ids": ["a"], "filter": {"status": "RED"}})).await, ["/filter"]);
        assert_eq!(named(json!({"updates": updates, "filter": {}})).await, ["/filter"]);
        assert_eq!(named(json!({"updates": {}, "ids": ["a"]})).await, ["/updates"]);
        assert_eq!(named(json!({"ids": ["a"]})).await, ["/updates"]);
        assert_eq!(named(json!({"updates": {"title": null, "colour": 1}, "ids": ["a"], "dry": true})).await, ["/dry", "/updates/colour", "/updates/title"]);
        assert_eq!(named(json!({"updates": updates, "filter": {"status": "PINK", "min_value": 5, "max_value": 4}})).await,
                   ["/filter/max_value", "/filter/min_value", "/filter/status"]);
        let many: Vec<String> = (0..10_001).map(|n| format!("TASK-{n}")).collect();
        assert_eq!(named(json!({"updates": updates, "ids": many})).await, ["/ids"]);
        let tagged = post(&system, "/api/workflow/bulk", json!({"updates": updates, "ids": ["a"]}), &[("if-match", "\"1\"")]).await;
        assert_eq!(tagged.0, 422);
    }
}
