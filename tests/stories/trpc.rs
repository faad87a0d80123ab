use reqwest::Method;
use serde_json::{Value, json};

use crate::support::in_both_forms;

/// Path and query of a call with an input.
fn called(path: &str, parameters: &[(&str, &str)]) -> String {
    let url = reqwest::Url::parse_with_params(&format!("http://x/api/{path}"), parameters).unwrap();
    format!("{}?{}", url.path(), url.query().unwrap_or_default())
}

in_both_forms! {
    async fn the_procedures_speak_the_wire_format(system: System) {
        let post = async |path: &str, body: Value| {
            let sent = system.send(Method::POST, path, Some(body), &[]).await;
            (sent.status().as_u16(), sent.json::<Value>().await.unwrap())
        };
        let new = json!({"title": "Quote", "workflow_category": "Quote Processing", "task_status": "RED"});
        let (status, created) = post("/api/workflow.create", new).await;
        assert_eq!(status, 200);
        let id = created["result"]["data"]["task_id"].as_str().unwrap().to_owned();
        let (_, updated) = post("/api/workflow.update", json!({"taskId": id, "updates": {"current_owner": "John Smith"}})).await;
        assert_eq!(updated["result"]["data"]["task"]["current_owner"], "John Smith");

        let input = json!({"filter": {"status": "RED", "category": "Quote Processing"}, "pagination": {"page": 1, "limit": 50},
                           "sort": {"field": "sla_deadline", "direction": "asc"}}).to_string();
        let url = reqwest::Url::parse_with_params("http://x/api/workflow.list", [("input", input.as_str())]).unwrap();
        let list = system.get(&format!("{}?{}", url.path(), url.query().unwrap())).await;
        assert_eq!(list["result"]["data"]["tasks"][0]["task_id"], id);
        let metrics = system.get("/api/workflow.metrics").await;
        assert_eq!(metrics["result"]["data"]["red_tasks"], 1);

        let batch = json!({"0": {"taskId": id}, "1": {"taskId": "TASK-0-x"}}).to_string();
        let url = reqwest::Url::parse_with_params("http://x/api/workflow.get,workflow.get", [("batch", "1"), ("input", batch.as_str())]).unwrap();
        let sent = system.send(Method::GET, &format!("{}?{}", url.path(), url.query().unwrap()), None, &[]).await;
        assert_eq!(sent.status(), 207);
        let both: Value = sent.json().await.unwrap();
        assert_eq!(both[0]["result"]["data"]["task"]["task_id"], id);
        assert_eq!((&both[1]["error"]["data"]["code"], &both[1]["error"]["code"]), (&json!("NOT_FOUND"), &json!(-32004)));

        let (status, deleted) = post("/api/workflow.delete", json!({"taskId": id})).await;
        assert_eq!((status, &deleted["result"]["data"]["task_id"]), (200, &json!(id)));
        let (status, gone) = post("/api/workflow.delete", json!({"taskId": id})).await;
        assert_eq!((status, &gone["error"]["data"]["code"]), (404, &json!("NOT_FOUND")));
        let unknown = system.send(Method::GET, "/api/workflow.nothing", None, &[]).await;
        assert_eq!(unknown.status(), 404);
        let wrong = system.send(Method::GET, "/api/workflow.create", None, &[]).await;
        assert_eq!(wrong.status(), 405);
    }

    async fn a_call_that_cannot_be_understood_is_refused_in_the_wire_format(system: System) {
        let deep = "[".repeat(1_000);
        let long = "x".repeat(300);
        let (nul, long) = (json!({"taskId": "a\0b"}).to_string(), json!({"taskId": long}).to_string());
        let queries = [
            ("workflow.list", "{", 400, "BAD_REQUEST"),
            ("workflow.list", "", 400, "BAD_REQUEST"),
            ("workflow.list", "{\"filter\":{}}x", 400, "BAD_REQUEST"),
            ("workflow.metrics", "{", 400, "BAD_REQUEST"),
            ("workflow.list", &deep, 400, "BAD_REQUEST"),
            ("workflow.list", "7", 422, "UNPROCESSABLE_CONTENT"),
            ("workflow.list", "[]", 422, "UNPROCESSABLE_CONTENT"),
            ("workflow.list", r#"{"filter":[]}"#, 422, "UNPROCESSABLE_CONTENT"),
            ("workflow.list", r#"{"filter":{"status":"PINK"}}"#, 422, "UNPROCESSABLE_CONTENT"),
            ("workflow.list", r#"{"filter":{"category":"Nothing"}}"#, 422, "UNPROCESSABLE_CONTENT"),
            ("workflow.list", r#"{"filter":{"priority":["HIGH",1]}}"#, 422, "UNPROCESSABLE_CONTENT"),
            ("workflow.list", r#"{"filter":{"dateRange":{"start":"yesterday"}}}"#, 422, "UNPROCESSABLE_CONTENT"),
            ("workflow.list", r#"{"pagination":{"limit":201}}"#, 422, "UNPROCESSABLE_CONTENT"),
            ("workflow.list", r#"{"pagination":{"page":1e400}}"#, 400, "BAD_REQUEST"),
            ("workflow.list", r#"{"sort":{"field":"colour"}}"#, 422, "UNPROCESSABLE_CONTENT"),
            ("workflow.analytics", r#"{"period":"century"}"#, 422, "UNPROCESSABLE_CONTENT"),
            ("workflow.get", "null", 422, "UNPROCESSABLE_CONTENT"),
            ("workflow.get", r#"{"taskId":7}"#, 422, "UNPROCESSABLE_CONTENT"),
            ("workflow.get", &nul, 422, "UNPROCESSABLE_CONTENT"),
            ("workflow.get", &long, 422, "UNPROCESSABLE_CONTENT"),
            ("workflow.create", r#"{"title":"x"}"#, 405, "METHOD_NOT_SUPPORTED"),
            ("workflow.", "{}", 404, "NOT_FOUND"),
            ("workflow.List", "{}", 404, "NOT_FOUND"),
        ];
        for (path, input, status, code) in queries {
            let sent = system.send(Method::GET, &called(path, &[("input", input)]), None, &[]).await;
            let shown: String = input.chars().take(60).collect();
            assert_eq!(sent.status(), status, "{path} {shown}");
            let error = sent.json::<Value>().await.unwrap()["error"].clone();
            assert_eq!((&error["data"]["code"], &error["data"]["path"]), (&json!(code), &json!(path)), "{shown}");
            assert!(!error["message"].as_str().unwrap().is_empty(), "{shown}");
        }
    }

    async fn all_that_is_wrong_is_named_at_once(system: System) {
        let input = json!({"filter": {"status": ["RED", "PINK"], "dateRange": {"start": 7}}, "pagination": {"limit": 0},
                           "sort": {"field": "title"}, "colour": 1}).to_string();
        let sent = system.send(Method::GET, &called("workflow.list", &[("input", &input)]), None, &[]).await;
        let error = sent.json::<Value>().await.unwrap()["error"].clone();
        let named = |error: &Value| -> Vec<String> {
            let issues = error["data"]["errors"].as_array().unwrap();
            issues.iter().map(|issue| issue["pointer"].as_str().unwrap().to_owned()).collect()
        };
        let wrong = ["/filter/dateRange/start", "/filter/status", "/pagination/limit", "/sort/field", "/colour"];
        assert_eq!(named(&error), wrong);
        let updates = json!({"taskId": "TASK-0-x", "updates": {"task_status": "PINK", "colour": 1}});
        let sent = system.send(Method::POST, "/api/workflow.update", Some(updates), &[]).await;
        let error = sent.json::<Value>().await.unwrap()["error"].clone();
        assert_eq!(named(&error), ["/updates/task_status", "/updates/colour"]);
    }

    async fn a_mutation_that_is_refused_writes_nothing(system: System) {
        let json = "application/json";
        let bodies: [(&str, &str, &[u8], u16); 8] = [
            ("workflow.create", json, b"{", 400),
            ("workflow.create", json, b"\xff\xfe", 400),
            ("workflow.create", json, b"null", 422),
            ("workflow.create", json, b"", 422),
            ("workflow.create", "text/plain", br#"{"title":"x","workflow_category":"Order Management"}"#, 415),
            ("workflow.create", json, br#"{"title":"x","workflow_category":"Order Management","dollar_value":1.005}"#, 422),
            ("workflow.create", json, br#"{"title":"x","workflow_category":"Order Management","colour":"RED"}"#, 422),
            ("workflow.update", json, br#"{"taskId":"TASK-0-x","updates":{}}"#, 400),
        ];
        for (path, content_type, body, status) in bodies {
            let sent = system.post_bytes(&format!("/api/{path}"), content_type, body.to_vec()).await;
            assert_eq!(sent.status(), status, "{}", String::from_utf8_lossy(body));
            let answer: Value = sent.json().await.unwrap();
            assert_eq!(answer["error"]["data"]["httpStatus"], status);
        }
        let large = json!({"title": "x".repeat(1 << 20), "workflow_category": "Order Management"}).to_string();
        assert_eq!(system.post_bytes("/api/workflow.create", json, large.into_bytes()).await.status(), 413);
        for method in [Method::PUT, Method::DELETE, Method::PATCH] {
            let sent = system.send(method, "/api/workflow.delete", Some(json!({"taskId": "TASK-0-x"})), &[]).await;
            assert_eq!(sent.status(), 405);
        }
        assert_eq!(system.get("/api/workflow/list").await["pagination"]["total"], 0);
    }

    async fn each_call_of_a_batch_is_judged_for_itself(system: System) {
        let task = system.create(json!({"title": "Quote", "workflow_category": "Quote Processing"})).await;
        let input = json!({"1": {"taskId": task["task_id"]}, "2": {"taskId": 7}, "9": "nobody asks"}).to_string();
        let paths = "workflow.metrics%2Cworkflow.get,workflow.get,workflow.create,workflow.nothing,";
        let sent = system.send(Method::GET, &called(paths, &[("batch", "1"), ("input", &input)]), None, &[]).await;
        assert_eq!(sent.status(), 207);
        let answers: Vec<Value> = sent.json().await.unwrap();
        let statuses = answers.iter().map(|answer| answer["error"]["data"]["httpStatus"].as_u64().unwrap_or(200));
        assert_eq!(statuses.collect::<Vec<_>>(), [200, 200, 422, 405, 404, 404]);
        assert_eq!(answers[1]["result"]["data"]["task"]["task_id"], task["task_id"]);

        for input in ["[]", "7", "null", "{"] {
            let path = called("workflow.metrics,workflow.list", &[("batch", "1"), ("input", input)]);
            let sent = system.send(Method::GET, &path, None, &[]).await;
            assert_eq!(sent.status(), 400, "{input}");
            assert_eq!(sent.json::<Vec<Value>>().await.unwrap().len(), 2, "{input}");
        }
        let eleven = ["workflow.metrics"; 11].join(",");
        let sent = system.send(Method::GET, &called(&eleven, &[("batch", "1")]), None, &[]).await;
        assert_eq!(sent.status(), 400);
        let answers: Vec<Value> = sent.json().await.unwrap();
        assert!(answers.len() == 11 && answers.iter().all(|answer| answer["error"]["data"]["code"] == "BAD_REQUEST"));

        // Only `batch=1` makes a batch.
        let single = system.get("/api/workflow.metrics?batch=0").await;
        assert_eq!(single["result"]["data"]["total_tasks"], 1);
    }

    async fn a_streaming_link_is_refused_in_the_form_that_it_reads(system: System) {
        let path = "/api/workflow.metrics,workflow.list?batch=1";
        let eleven = system.send(Method::GET, path, None, &[("trpc-accept", "application/jsonl")]).await;
        assert_eq!(eleven.status(), 406);
        let answer: Value = eleven.json().await.unwrap();
        assert!(answer["error"]["message"].as_str().unwrap().contains("httpBatchLink"));
        let ten = system.send(Method::GET, path, None, &[("trpc-batch-mode", "stream")]).await;
        assert_eq!(ten.status(), 406);
        let text = ten.text().await.unwrap();
        let lines: Vec<&str> = text.lines().collect();
        assert!(lines.len() == 3 && lines[0].starts_with("{\"0\":{") && lines[1].starts_with(",\"1\":{"), "{text}");
        let answers: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(answers["1"]["error"]["data"]["path"], "workflow.list");
    }
}
