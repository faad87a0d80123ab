//! What recurs is listed; the rows are as the job that finds them leaves them.

use reqwest::Method;
use serde_json::json;

use crate::support::in_both_forms;

in_both_forms! {
    async fn patterns_are_listed_by_support(system: System) {
        let db = system.database.open().await;
        assert_eq!(system.get("/api/workflow/patterns").await, json!({"patterns": [], "next_cursor": null}));
        for (id, signature, category, support) in
            [("p1", "po + quote", "Order Management", 40), ("p2", "a rma", "Returns and RMA", 90), ("p3", "b rma", "Returns and RMA", 90)]
        {
            db.execute_raw(&format!(
                "INSERT INTO workflow_patterns (id, signature, workflow_category, support, lift, first_seen, last_seen, trend, total_value, \
                 success_rate, average_completion_hours, examples) VALUES ('{id}', '{signature}', '{category}', {support}, 2.5, \
                 '2026-01-02T09:00:00+00:00', '2026-03-01T09:00:00+00:00', 0.25, 123456, 0.75, NULL, '[\"TASK-1-x\"]')"
            ))
            .await;
        }
        let ids = async |query: &str| {
            let list = system.get(&format!("/api/workflow/patterns{query}")).await;
            let ids: Vec<_> = list["patterns"].as_array().unwrap().iter().map(|pattern| pattern["id"].as_str().unwrap().to_owned()).collect();
            (ids.join(" "), list["next_cursor"].as_str().unwrap_or_default().to_owned())
        };
        assert_eq!(ids("").await.0, "p2 p3 p1");
        assert_eq!(ids("?min_support=41").await.0, "p2 p3");
        assert_eq!(ids("?category=Order%20Management&category=Customer%20Support").await.0, "p1");
        let (first, cursor) = ids("?limit=1").await;
        let (rest, end) = ids(&format!("?cursor={cursor}")).await;
        assert_eq!((first.as_str(), rest.as_str(), end.as_str()), ("p2", "p3 p1", ""));
        let pattern = system.get("/api/workflow/patterns?min_support=90").await["patterns"][0].clone();
        assert_eq!(pattern, json!({
            "id": "p2", "signature": "a rma", "workflow_category": "Returns and RMA", "support": 90, "lift": 2.5,
            "first_seen": "2026-01-02T09:00:00Z", "last_seen": "2026-03-01T09:00:00Z", "trend": 0.25, "total_value": 1234.56,
            "success_rate": 0.75, "average_completion_hours": null, "examples": ["TASK-1-x"],
        }));
        for query in ["category=Nonsense", "min_support=-1", "min_support=x", "limit=0", "cursor=x", "cursor=eA"] {
            let refused = system.send(Method::GET, &format!("/api/workflow/patterns?{query}"), None, &[]).await;
            assert_eq!(refused.status(), 422, "{query}");
        }
    }
}
