//! Labels are text, whatever it is.

use serde_json::json;

use crate::support::in_both_forms;

in_both_forms! {
    async fn tags_of_any_text_are_audited_and_found(system: System) {
        let task = system.create(json!({"title": "Order 4501", "workflow_category": "Order Management"})).await;
        let id = task["task_id"].as_str().unwrap();
        let tags = ["Eilauftrag übermorgen", "say \"hi\"", "C:\\temp\\x", "a,b", "100%", "🚀", "it's", "[\"a\"]", "{}"];
        system.update(id, json!({"tags": tags})).await;
        let encoded = |tag: &str| url::form_urlencoded::byte_serialize(tag.as_bytes()).collect::<String>();
        for tag in tags {
            let list = system.get(&format!("/api/workflow/list?tag={}", encoded(tag))).await;
            assert_eq!((&list["pagination"]["total"], &list["tasks"][0]["task_id"]), (&json!(1), &json!(id)), "{tag}");
        }
        for tag in ["ubermorgen", "say", "a", "100", "C:\\\\temp\\\\x", "100_", ""] {
            assert_eq!(system.get(&format!("/api/workflow/list?tag={}", encoded(tag))).await["pagination"]["total"], 0, "{tag}");
        }
        system.update(id, json!({"tags": []})).await;
        let history = system.get(&format!("/api/workflow/history/{id}")).await["history"].clone();
        let changes = [("[]".to_owned(), json!(tags).to_string()), (json!(tags).to_string(), "[]".to_owned())];
        for (n, (old, new)) in (1_usize..).zip(changes) {
            let expected = json!({"field": "tags", "old_value": old, "new_value": new, "changed_by": "local"});
            for field in ["field", "old_value", "new_value", "changed_by"] {
                assert_eq!(history[n][field], expected[field]);
            }
        }
    }
}
