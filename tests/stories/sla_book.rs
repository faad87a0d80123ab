//! The book of calendars and policies, as those who keep it see it.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{System, in_both_forms};

async fn call(system: &System, method: Method, path: &str, body: Value) -> (u16, Value) {
    call_if(system, method, path, body, "*").await
}

/// Only if the book is at this revision.
async fn call_if(system: &System, method: Method, path: &str, body: Value, tag: &str) -> (u16, Value) {
    let body = Some(body).filter(|body| !body.is_null());
    let answer = system.send(method, path, body, &[("if-match", tag)]).await;
    (answer.status().as_u16(), answer.json().await.unwrap_or_default())
}

fn office() -> Value {
    json!({"zone": "Europe/Berlin", "week": {"mon": ["09:00-17:00"], "tue": ["09:00-17:00"]}})
}

fn policy(name: &str, when: &Value) -> Value {
    json!({"name": name, "when": when, "resolution_hours": 8, "calendar": "office"})
}

fn names(answer: &Value) -> Vec<&str> {
    answer["book"]["policies"].as_array().unwrap().iter().filter_map(|policy| policy["name"].as_str()).collect()
}

fn faults(problem: &Value) -> Vec<String> {
    let told = |issue: &Value| format!("{} {}", issue["pointer"].as_str().unwrap(), issue["detail"].as_str().unwrap());
    problem["errors"].as_array().unwrap().iter().map(told).collect()
}

in_both_forms! {
    async fn a_book_is_replaced_as_a_whole_and_every_revision_stays(system: System) {
        let empty = system.get("/api/sla").await;
        assert_eq!((&empty["revision"], &empty["book"]), (&json!(0), &json!({"calendars": {}, "policies": []})));
        let book = json!({"calendars": {"office": office()}, "policies": [policy("Orders", &json!({"categories": ["Order Management"]}))]});
        let put = json!({"book": book, "reason": "the first"});
        let (status, tried) = call(&system, Method::PUT, "/api/sla?dry_run=true", put.clone()).await;
        assert_eq!((status, &tried["revision"], &tried["changed"]), (200, &json!(0), &json!(true)));
        let (status, changed) = call_if(&system, Method::PUT, "/api/sla", put.clone(), "\"0\"").await;
        assert_eq!((status, &changed["revision"], &changed["book"]), (200, &json!(1), &book));
        let (_, same) = call(&system, Method::PUT, "/api/sla", put.clone()).await;
        assert_eq!((&same["revision"], &same["changed"]), (&json!(1), &json!(false)), "says the same");
        let (status, late) = call_if(&system, Method::PUT, "/api/sla", put, "\"0\"").await;
        assert_eq!((status, &late["current_version"]), (412, &json!(1)));
        let (_, emptied) = call_if(&system, Method::PUT, "/api/sla", json!({"book": {}}), "\"1\"").await;
        assert_eq!(emptied["revision"], 2);

        let got = system.send(Method::GET, "/api/sla", None, &[("if-none-match", "\"2\"")]).await;
        assert_eq!((got.status().as_u16(), got.headers()["etag"].to_str().unwrap()), (304, "\"2\""));
        let first = system.get("/api/sla/revisions/1").await;
        assert_eq!((&first["book"], &first["reason"], &first["created_by"]), (&book, &json!("the first"), &json!("local")));
        assert_eq!(call(&system, Method::GET, "/api/sla/revisions/3", Value::Null).await.0, 404);
        let page = system.get("/api/sla/revisions?limit=1").await;
        assert_eq!((&page["revisions"][0]["revision"], &page["next_cursor"]), (&json!(2), &json!("2")));
        let page = system.get("/api/sla/revisions?limit=1&cursor=2").await;
        assert_eq!((&page["revisions"][0]["policies"], &page["next_cursor"]), (&json!(1), &Value::Null));

        let audit = system.get("/api/audit?action=sla.book.replace").await;
        let details: Vec<&Value> = audit["entries"].as_array().unwrap().iter().map(|entry| &entry["detail"]).collect();
        assert_eq!(details.len(), 2);
        assert_eq!(details[0]["policies"]["removed"], json!(["Orders"]));
        assert_eq!((&details[1]["calendars"]["added"], &details[1]["reason"]), (&json!(["office"]), &json!("the first")));
    }

    async fn single_policies_and_calendars_are_added_changed_moved_and_removed(system: System) {
        let put = |entry: Value| json!({"policy": entry});
        let (status, problem) = call(&system, Method::PUT, "/api/sla/policies/Orders", put(policy("Orders", &json!({})))).await;
        assert_eq!((status, faults(&problem)), (422, vec!["/policy/calendar is not a calendar of the book".to_owned()]));
        let (status, _) = call(&system, Method::PUT, "/api/sla/calendars/office", json!({"calendar": office()})).await;
        assert_eq!(status, 200);
        for (name, category) in [("Orders", "Order Management"), ("Quotes", "Quote Processing")] {
            let body = put(policy(name, &json!({"categories": [category]})));
            assert_eq!(call(&system, Method::PUT, &format!("/api/sla/policies/{name}"), body).await.0, 200);
        }
        let default = json!({"policy": {"name": "default", "resolution_hours": 100}});
        assert_eq!(call(&system, Method::PUT, "/api/sla/policies/default", default).await.0, 200);
        let large = policy("Large orders", &json!({"categories": ["Order Management"], "min_value": 1000}));
        let (status, problem) = call(&system, Method::PUT, "/api/sla/policies/Large%20orders", put(large.clone())).await;
        assert_eq!((status, faults(&problem)), (422, vec![
            "/policy can never apply: every task it is for is taken by Orders before it".to_owned()]));
        let first = json!({"policy": large, "position": 1, "reason": "large ones first"});
        let (_, changed) = call(&system, Method::PUT, "/api/sla/policies/Large%20orders", first).await;
        assert_eq!(names(&changed), ["Large orders", "Orders", "Quotes", "default"]);
        let (status, problem) = call(&system, Method::PUT, "/api/sla/policies/Orders", put(policy("Orders", &json!({})))).await;
        let told = |index| format!("/policy makes the book wrong: /policies/{index} can never apply: every task it is for is taken by Orders before it");
        assert_eq!((status, faults(&problem)), (422, vec![told(2), told(3)]));

        let got = system.get("/api/sla/policies/Large%20orders").await;
        assert_eq!((&got["position"], &got["policy"]["when"]["min_value"]), (&json!(1), &json!(1000)));
        let office = system.get("/api/sla/calendars/office").await;
        assert_eq!(office["used_by"], json!(["Large orders", "Orders", "Quotes"]));
        let (status, problem) = call(&system, Method::DELETE, "/api/sla/calendars/office", Value::Null).await;
        assert_eq!((status, &problem["detail"]), (409, &json!("the calendar office is used by Large orders, Orders, Quotes")));
        for name in ["Large%20orders", "Orders", "Quotes"] {
            let path = format!("/api/sla/policies/{name}?reason=no%20more");
            assert_eq!(call(&system, Method::DELETE, &path, Value::Null).await.0, 200);
            assert_eq!(call(&system, Method::DELETE, &path, Value::Null).await.0, 404);
        }
        let (status, left) = call(&system, Method::DELETE, "/api/sla/calendars/office", Value::Null).await;
        assert_eq!((status, &left["book"]["calendars"]), (200, &json!({})));
        assert_eq!(names(&left), ["default"]);
        let audit = system.get("/api/audit?object=Orders").await;
        assert_eq!(audit["entries"][0]["detail"]["reason"], "no more");
    }

    async fn changes_of_one_book_at_the_same_time_are_all_kept(system: System) {
        let put = |n: i64| {
            let entry = json!({"name": format!("p{n}"), "resolution_hours": 1, "when": {"min_value": n, "max_value": n}});
            let system = &system;
            async move { call(system, Method::PUT, &format!("/api/sla/policies/p{n}"), json!({"policy": entry})).await.0 }
        };
        let statuses = futures_util::future::join_all((0..4).map(put)).await;
        assert_eq!(statuses, [200; 4]);
        let book = system.get("/api/sla").await;
        assert_eq!((&book["revision"], names(&book).len()), (&json!(4), 4));
    }

    async fn all_faults_of_a_book_are_told_at_once(system: System) {
        let book = json!({"calendars": {"office": {"zone": "Mars", "week": {"mon": []}}},
                          "policies": [{"name": "", "resolution_hours": 0, "calendar": "ofice"}], "extra": 1});
        let (status, problem) = call(&system, Method::PUT, "/api/sla?really=1", json!({"book": book, "why": "x"})).await;
        assert_eq!((status, faults(&problem)), (422, [
            "query/really is not a parameter of this operation",
            "/book/calendars/office/zone is not the name of an IANA zone, such as Europe/Berlin",
            "/book/calendars/office/week has no open hour: no work would ever be done",
            "/book/policies/0/name must not be empty",
            "/book/policies/0/resolution_hours must be over 0 and at most 87600",
            "/book/policies/0/calendar is not a calendar of the book; did you mean office?",
            "/book/extra is not a known field",
            "/why is not a known field",
        ].map(str::to_owned).to_vec()));
        assert_eq!(system.get("/api/sla").await["revision"], 0);
        let (status, problem) = call(&system, Method::PUT, "/api/sla", json!({"reason": "no book"})).await;
        assert_eq!((status, faults(&problem)), (422, vec!["/book is required".to_owned()]));
    }
}
