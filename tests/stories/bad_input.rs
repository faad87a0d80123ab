use reqwest::Method;
use serde_json::{Value, json};

use crate::support::in_both_forms;

async fn problem(response: reqwest::Response, status: u16) -> Value {
    assert_eq!(response.status(), status, "{}", response.url());
    assert_eq!(response.headers()["content-type"], "application/problem+json");
    assert_eq!(response.headers()["x-content-type-options"], "nosniff");
    let id = response.headers()["x-request-id"].to_str().unwrap().to_owned();
    let body: Value = response.json().await.unwrap();
    assert_eq!((&body["status"], &body["instance"]), (&json!(status), &json!(id)));
    body
}

fn pointers(problem: &Value) -> Vec<String> {
    problem["errors"].as_array().unwrap().iter().map(|issue| issue["pointer"].as_str().unwrap().to_owned()).collect()
}

in_both_forms! {
    async fn every_wrong_field_is_named_at_once(system: System) {
        let body = json!({"title": "", "workflow_category": "Nope", "dollar_value": 1.234, "sla_hours": -1, "priorty": "HIGH",
                          "task_status": "COMPLETED", "workflow_state": "START_POINT", "description": "a\u{0}b"});
        let sent = system.send(Method::POST, "/api/workflow/create", Some(body), &[]).await;
        let mut named = pointers(&problem(sent, 422).await);
        named.sort();
        assert_eq!(named, ["/description", "/dollar_value", "/priorty", "/sla_hours", "/title", "/workflow_category", "/workflow_state"]);
    }

    async fn every_wrong_parameter_is_named_at_once(system: System) {
        let path = "/api/workflow/list?status=PINK&limit=-1&page=0&sort=colour&direction=up&created_from=yesterday&stauts=RED&min_value=-5";
        let mut named = pointers(&problem(system.send(Method::GET, path, None, &[]).await, 422).await);
        named.sort();
        let expected = ["query/created_from", "query/direction", "query/limit", "query/min_value", "query/page", "query/sort", "query/status", "query/stauts"];
        assert_eq!(named, expected);
    }

    async fn each_kind_of_broken_request_has_its_status(system: System) {
        let json = "application/json";
        problem(system.post_bytes("/api/workflow/create", json, b"{\"title\": ".to_vec()).await, 400).await;
        problem(system.post_bytes("/api/workflow/create", json, b"[1]".to_vec()).await, 422).await;
        problem(system.post_bytes("/api/workflow/create", "text/plain", b"{}".to_vec()).await, 415).await;
        problem(system.post_bytes("/api/workflow/create", json, vec![b' '; 2 << 20]).await, 413).await;
        problem(system.post_bytes("/api/workflow/batches", "image/png", b"x".to_vec()).await, 415).await;
        problem(system.post_bytes("/api/workflow/batches", "application/mbox", b"not an mbox".to_vec()).await, 422).await;
        problem(system.post_bytes("/api/workflow/batches", json, b"{\"emails\": []}".to_vec()).await, 422).await;
        let deep = format!("{}{}", "[".repeat(5_000), "]".repeat(5_000)).into_bytes();
        problem(system.post_bytes("/api/workflow/create", json, deep).await, 400).await;
        for (method, path, status) in [
            (Method::GET, "/api/workflow/nothing", 404),
            (Method::POST, "/api/workflow/list", 405),
            (Method::GET, "/api/workflow/get/TASK-0-x", 404),
            (Method::DELETE, "/api/workflow/delete/TASK-0-x", 404),
            (Method::GET, "/api/jobs/123456789", 404),
            (Method::GET, "/api/jobs/abc", 404),
            (Method::GET, "/api/workflow/list?cursor=garbage", 422),
            (Method::GET, "/api/workflow/analytics?period=year", 422),
        ] {
            problem(system.send(method, path, None, &[]).await, status).await;
        }
        let update = |body: Value| system.send(Method::PUT, "/api/workflow/update/TASK-0-x", Some(body), &[]);
        problem(update(json!({})).await, 400).await;
        problem(update(json!({"reason": "alone"})).await, 400).await;
        problem(update(json!({"title": null})).await, 422).await;
        problem(update(json!({"title": "x"})).await, 404).await;
    }

    async fn a_cursor_of_another_query_is_refused(system: System) {
        for n in 0..3 {
            system.create(json!({"title": format!("t{n}"), "workflow_category": "General Support"})).await;
        }
        let page = system.get("/api/workflow/list?limit=2").await;
        let cursor = page["pagination"]["next_cursor"].as_str().unwrap();
        let rest = system.get(&format!("/api/workflow/list?limit=2&cursor={cursor}")).await;
        assert_eq!((rest["tasks"].as_array().unwrap().len(), &rest["pagination"]["total"]), (1, &Value::Null));
        let other = format!("/api/workflow/list?limit=2&status=RED&cursor={cursor}");
        problem(system.send(Method::GET, &other, None, &[]).await, 422).await;
    }

    async fn foreign_hosts_and_origins_are_turned_away(system: System) {
        problem(system.send(Method::GET, "/api/workflow/list", None, &[("host", "evil.example")]).await, 421).await;
        let upgrade = [("connection", "upgrade"), ("upgrade", "websocket"), ("sec-websocket-version", "13"),
                       ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="), ("origin", "http://evil.example")];
        problem(system.send(Method::GET, "/ws", None, &upgrade).await, 403).await;
    }

    async fn the_page_and_the_documents_are_served(system: System) {
        let page = system.send(Method::GET, "/tasks/any", None, &[("accept", "text/html")]).await;
        assert_eq!(page.status(), 200);
        let csp = page.headers()["content-security-policy"].to_str().unwrap().to_owned();
        assert!(csp.contains("script-src 'self'") && !csp.contains("unsafe-inline"));
        let document = system.get("/openapi.json").await;
        assert_eq!(document["openapi"], "3.1.0");
        let docs = system.send(Method::GET, "/docs", None, &[("accept", "text/html")]).await;
        assert_eq!(docs.status(), 200);
        for path in ["/health/live", "/health/ready"] {
            assert_eq!(system.get(path).await["status"], "ok");
        }
    }
}
