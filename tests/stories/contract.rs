//! What readers of events and of the documents rely on.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{System, eventually, in_both_forms};

/// Makes `count` tasks and deletes the last; returns once all their events are numbered.
async fn made(system: &System, count: usize) {
    let mut last = Value::Null;
    for n in 0..count {
        last = system.create(json!({"title": format!("Order {n}"), "workflow_category": "Order Management"})).await;
    }
    let path = format!("/api/workflow/delete/{}", last["task_id"].as_str().unwrap());
    assert_eq!(system.send(Method::DELETE, &path, None, &[]).await.status(), 200);
    eventually(Duration::from_secs(20), async || {
        let page = system.get("/api/workflow/events?limit=1000").await;
        (page["events"].as_array()?.len() > count).then_some(())
    })
    .await;
}

fn names(page: &Value) -> Vec<&str> {
    page["events"].as_array().unwrap().iter().map(|event| event["event"].as_str().unwrap()).collect()
}

in_both_forms! {
    async fn a_page_of_some_events_fills_up_behind_the_others(system: System) {
        made(&system, 5).await;
        // The only deletion comes after more creations than the page holds.
        let page = system.get("/api/workflow/events?limit=1&event=workflow:task:deleted").await;
        assert_eq!(names(&page), ["workflow:task:deleted"]);
        let pattern = system.get("/api/workflow/events?event=workflow:task:*&limit=3").await;
        assert_eq!(names(&pattern), ["workflow:task:created"; 3]);
        let mut seen = names(&pattern).len();
        let mut next = pattern["next"].as_str().unwrap().to_owned();
        loop {
            let page = system.get(&format!("/api/workflow/events?event=workflow:task:*&limit=3&after={next}")).await;
            if names(&page).is_empty() {
                break;
            }
            seen += names(&page).len();
            let further = page["next"].as_str().unwrap().to_owned();
            assert!(further.parse::<i64>().unwrap() > next.parse::<i64>().unwrap());
            next = further;
        }
        assert_eq!(seen, 6);
        // What is not wanted is passed over all the same.
        let none = system.get("/api/workflow/events?event=workflow:batch:*").await;
        assert_eq!((names(&none).len(), none["next"].as_str().unwrap()), (0, next.as_str()));
    }

    async fn names_and_cursors_that_stand_for_nothing_are_refused(system: System) {
        made(&system, 1).await;
        for (query, pointer) in [
            ("event=workflow:task:eaten", "query/event"),
            ("event=workflow:task:created&event=task*", "query/event"),
            ("event=workflow:job:changed", "query/event"),
            ("after=-1", "query/after"),
            ("after=1000000", "query/after"),
        ] {
            let refused = system.send(Method::GET, &format!("/api/workflow/events?{query}"), None, &[]).await;
            assert_eq!(refused.status(), 422, "{query}");
            assert_eq!(refused.json::<Value>().await.unwrap()["errors"][0]["pointer"], pointer);
        }
    }

    async fn a_cursor_behind_what_is_kept_is_gone(system: System) {
        made(&system, 3).await;
        assert_eq!(system.send(Method::GET, "/api/workflow/events?after=1", None, &[]).await.status(), 200);
        let db = system.database.open().await;
        assert_eq!(db.execute_raw("DELETE FROM workflow_events WHERE id <= 2").await, 2);
        let gone = system.send(Method::GET, "/api/workflow/events?after=1", None, &[]).await;
        assert_eq!(gone.status(), 410);
        assert_eq!(gone.json::<Value>().await.unwrap()["type"], "urn:workflow:problem:cursor-expired");
        for query in ["after=0", "after=2"] {
            let kept = system.get(&format!("/api/workflow/events?{query}")).await;
            assert_eq!(kept["events"][0]["id"], "3", "{query}");
        }
    }

    async fn the_documents_are_served_as_they_are_printed(system: System) {
        for (path, key, version) in [
            ("/openapi.json", "openapi", "3.1.0"),
            ("/openapi-3.0.json", "openapi", "3.0.3"),
            ("/asyncapi.json", "asyncapi", "3.0.0"),
        ] {
            assert_eq!(system.get(path).await[key], version);
        }
        let page = system.send(Method::GET, "/docs", None, &[("accept", "text/html")]).await;
        let policy = page.headers()["content-security-policy"].to_str().unwrap().to_owned();
        assert!(policy.contains("default-src 'none'") && policy.contains("script-src 'self'"));
        let html = page.text().await.unwrap();
        assert!(!html.contains("<script>") && ["/openapi.json", "/openapi-3.0.json", "/asyncapi.json"].iter().all(|path| html.contains(path)));
    }
}
