//! Lists: every filter, every order, further fields, and requests that cannot mean anything.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{System, in_both_forms, insert_tasks};

async fn titles(system: &System, query: &str) -> Vec<String> {
    let page = system.get(&format!("/api/workflow/list?{query}")).await;
    let mut titles: Vec<_> =
        page["tasks"].as_array().unwrap().iter().map(|task| task["title"].as_str().unwrap().to_owned()).collect();
    titles.sort();
    assert_eq!(page["pagination"]["total"], titles.len(), "{query}");
    titles
}

async fn refused(system: &System, query: &str) -> Vec<String> {
    let answer = system.send(Method::GET, &format!("/api/workflow/list?{query}"), None, &[]).await;
    assert_eq!(answer.status(), 422, "{query}");
    let problem: Value = answer.json().await.unwrap();
    problem["errors"].as_array().unwrap().iter().map(|issue| issue["pointer"].as_str().unwrap().to_owned()).collect()
}

/// All ids in an order, a page at a time by cursor.
async fn walked(system: &System, order: &str) -> Vec<Value> {
    let mut tasks = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = system.get(&format!("/api/workflow/list?limit=7&{order}{cursor}")).await;
        tasks.extend(page["tasks"].as_array().unwrap().clone());
        match page["pagination"]["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return tasks,
        }
    }
}

in_both_forms! {
    async fn every_filter_shows_what_it_names_and_filters_are_combined(system: System) {
        let tasks = [
            json!({"title": "a", "workflow_category": "Order Management", "current_owner": "Ana", "priority": "HIGH",
                   "dollar_value": 10, "mailbox_source": "orders", "tags": ["x", "y"], "sla_deadline": "2030-01-01T00:00:00Z"}),
            json!({"title": "b", "workflow_category": "Quote Processing", "current_owner": "Bo", "task_status": "YELLOW",
                   "dollar_value": 20.55, "mailbox_source": "quotes", "tags": ["y"], "sla_deadline": "2031-01-01T00:00:00Z"}),
            json!({"title": "c", "workflow_category": "Order Management", "current_owner": "Ana", "task_status": "COMPLETED",
                   "entities": {"po_numbers": ["4501/88"]}, "description": "50% off_season", "tags": []}),
        ];
        for task in tasks {
            system.create(task).await;
        }
        for (query, expected) in [
            ("", "a b c"),
            ("status=GREEN", "a"),
            ("status=GREEN&status=YELLOW", "a b"),
            ("category=Order%20Management", "a c"),
            ("owner=Ana", "a c"),
            ("owner=Ana&status=COMPLETED", "c"),
            ("priority=HIGH", "a"),
            ("state=COMPLETION", "c"),
            ("mailbox=orders&mailbox=quotes", "a b"),
            ("sla_state=met", "c"),
            ("tag=x", "a"),
            ("tag=x&tag=y", "a b"),
            ("tag=y&owner=Bo", "b"),
            ("q=4501%2F88", "c"),
            ("q=50%25", "c"),
            ("q=off_s", "c"),
            ("q=offxs", ""),
            ("q=ANA", "a c"),
            ("min_value=10&max_value=20.55", "a b"),
            ("min_value=20.55", "b"),
            ("due_from=2030-06-01T00:00:00Z&due_to=2031-01-01T00:00:00Z", "b"),
            ("created_to=2001-01-01T00:00:00Z", ""),
            ("created_from=2001-01-01T00:00:00Z&tag=y&q=bo", "b"),
        ] {
            assert_eq!(titles(&system, query).await.join(" "), expected, "{query}");
        }
        assert_eq!(system.get("/api/workflow/list?page=3&limit=2").await["pagination"]["total"], 3, "beyond the end too");
    }

    async fn every_order_is_total_and_walked_by_cursor_with_nulls_last(system: System) {
        let db = system.database.open().await;
        insert_tasks(&db, 40).await;
        for sort in ["created_at", "updated_at", "sla_deadline", "dollar_value", "priority"] {
            for direction in ["asc", "desc"] {
                let order = format!("sort={sort}&direction={direction}");
                let whole = system.get(&format!("/api/workflow/list?limit=200&{order}")).await;
                let whole = whole["tasks"].as_array().unwrap().clone();
                assert_eq!(walked(&system, &order).await, whole, "{order}");
                assert_eq!(whole.len(), 40);
                let paged = system.get(&format!("/api/workflow/list?limit=9&page=4&{order}")).await;
                assert_eq!(paged["tasks"].as_array().unwrap()[..], whole[27..36], "{order}");
                let rank = |task: &Value| ["CRITICAL", "HIGH", "MEDIUM", "NORMAL"].iter().position(|name| task["priority"] == *name);
                for pair in whole.windows(2) {
                    let (one, two) = (&pair[0], &pair[1]);
                    let key = |task: &Value| match sort {
                        "priority" => json!(rank(task)),
                        _ => task[sort].clone(),
                    };
                    let (first, second) = (key(one), key(two));
                    assert!(!first.is_null() || second.is_null(), "nulls are last: {order}");
                    if second.is_null() && !first.is_null() {
                        continue;
                    }
                    let by_key = match (first.as_f64(), second.as_f64()) {
                        (Some(first), Some(second)) => first.total_cmp(&second),
                        _ => first.as_str().cmp(&second.as_str()),
                    };
                    let both = by_key.then(one["task_id"].as_str().cmp(&two["task_id"].as_str()));
                    assert_eq!(both.is_lt(), direction == "asc", "{order}: {one} {two}");
                }
            }
        }
    }

    async fn further_fields_are_shown_if_asked_for(system: System) {
        system.create(json!({"title": "t", "workflow_category": "General Support", "description": "long",
                             "entities": {"customers": ["Acme"]}})).await;
        let plain = system.get("/api/workflow/list").await["tasks"][0].clone();
        assert!(plain.get("description").is_none());
        let query = "/api/workflow/list?fields=description,entities,%20email_id,title,manual_status,description,analysis";
        let wide = system.get(query).await["tasks"][0].clone();
        assert_eq!((&wide["description"], &wide["entities"]["customers"]), (&json!("long"), &json!(["Acme"])));
        assert_eq!((&wide["manual_status"], wide.get("email_id")), (&json!("GREEN"), Some(&Value::Null)));
        assert_eq!(wide.as_object().unwrap().len(), plain.as_object().unwrap().len() + 5);
        assert_eq!(refused(&system, "fields=description,manual_by").await, ["query/fields"]);
    }

    async fn a_request_that_contradicts_or_repeats_itself_is_refused(system: System) {
        let from = |name: &str, from: &str, to: &str| format!("{name}_from={from}T00:00:00Z&{name}_to={to}T00:00:00Z");
        let created = from("created", "2026-02-02", "2026-02-01");
        assert_eq!(refused(&system, &created).await, ["query/created_from", "query/created_to"]);
        let due = from("due", "2026-02-02", "2026-02-01");
        assert_eq!(refused(&system, &due).await, ["query/due_from", "query/due_to"]);
        assert_eq!(refused(&system, "min_value=2&max_value=1").await, ["query/min_value", "query/max_value"]);
        assert_eq!(refused(&system, "q=").await, ["query/q"]);
        assert_eq!(refused(&system, "limit=1&limit=2").await, ["query/limit"]);
        assert_eq!(refused(&system, "q=a&q=b").await, ["query/q"]);
        let long = "x".repeat(201);
        for name in ["owner", "mailbox", "tag", "q", "category"] {
            assert!(refused(&system, &format!("{name}={long}")).await.contains(&format!("query/{name}")));
            assert!(refused(&system, &format!("{name}=a%00b")).await.contains(&format!("query/{name}")));
        }
    }

    async fn a_preference_that_was_honoured_is_named(system: System) {
        let body = || Some(json!({"title": "t", "workflow_category": "General Support"}));
        for (prefer, status, applied) in [("respond-async", 202, "respond-async"), ("wait=20", 201, "wait=20")] {
            let sent = system.send(Method::POST, "/api/workflow/create", body(), &[("prefer", prefer)]).await;
            assert_eq!((sent.status().as_u16(), sent.headers()["preference-applied"].to_str().unwrap()), (status, applied));
        }
        let sent = system.send(Method::POST, "/api/workflow/create", body(), &[("prefer", "handling=strict")]).await;
        assert!(sent.headers().get("preference-applied").is_none());
    }

    async fn an_entity_tag_is_compared_when_the_change_is_applied(system: System) {
        let task = system.create(json!({"title": "t", "workflow_category": "General Support"})).await;
        let path = format!("/api/workflow/update/{}", task["task_id"].as_str().unwrap());
        let change = async |title: &str, headers: &[(&str, &str)]| {
            let sent = system.send(Method::PUT, &path, Some(json!({"title": title})), headers).await;
            assert_eq!(sent.status(), 202);
            sent.json::<Value>().await.unwrap()["job_id"].as_str().unwrap().to_owned()
        };
        system.send(Method::POST, "/api/queues/mutations/pause", None, &[]).await;
        change("first", &[("prefer", "respond-async")]).await;
        // Right when it is accepted: the change before it has not been made.
        let late = change("second", &[("prefer", "respond-async"), ("if-match", "\"1\"")]).await;
        system.send(Method::POST, "/api/queues/mutations/resume", None, &[]).await;
        let last = system.update(task["task_id"].as_str().unwrap(), json!({"description": "last"})).await;
        assert_eq!((&last["title"], &last["version"]), (&json!("first"), &json!(3)));
        assert_eq!(system.get(&format!("/api/jobs/{late}")).await["result"]["status"], 412);
    }

    async fn heads_are_answered_like_their_bodies(system: System) {
        let task = system.create(json!({"title": "t", "workflow_category": "General Support"})).await;
        let path = format!("/api/workflow/get/{}", task["task_id"].as_str().unwrap());
        let head = system.send(Method::HEAD, &path, None, &[]).await;
        assert_eq!((head.status().as_u16(), head.headers()["etag"].to_str().unwrap()), (200, "\"1\""));
        assert!(head.bytes().await.unwrap().is_empty());
        assert_eq!(system.send(Method::HEAD, "/api/workflow/get/TASK-0-x", None, &[]).await.status(), 404);
    }
}
