use reqwest::Method;
use serde_json::{Value, json};

use crate::support::in_both_forms;

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
        let streaming = system.send(Method::GET, "/api/workflow.metrics?batch=1", None, &[("trpc-accept", "application/jsonl")]).await;
        assert!(streaming.json::<Value>().await.unwrap()[0]["error"]["message"].as_str().unwrap().contains("httpBatchLink"));
    }
}
