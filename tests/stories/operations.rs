//! Operators at work: what they do takes effect at once, on every process, and is in the audit trail.

use std::time::Duration;

use chrono::{DateTime, TimeDelta};
use reqwest::Method;
use serde_json::{Value, json};
use shared::clock::Clock;

use crate::support::{System, eventually, in_both_forms};

async fn call(system: &System, method: Method, path: &str, body: Option<Value>) -> (u16, Value) {
    let answer = system.send(method, path, body, &[]).await;
    (answer.status().as_u16(), answer.json().await.unwrap_or_default())
}

async fn create_async(system: &System) -> (String, String) {
    let body = json!({"title": "Order 7", "workflow_category": "Order Management"});
    let headers = [("prefer", "respond-async")];
    let answer = system.send(Method::POST, "/api/workflow/create", Some(body), &headers).await;
    assert_eq!(answer.status(), 202);
    let body: Value = answer.json().await.unwrap();
    (body["job_id"].as_str().unwrap().to_owned(), body["task_id"].as_str().unwrap().to_owned())
}

async fn until_state(system: &System, job: &str, state: &str) -> Value {
    for _ in 0..200 {
        let (_, body) = call(system, Method::GET, &format!("/api/jobs/{job}"), None).await;
        if body["state"] == state {
            return body;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("job {job} never was {state}");
}

/// Lets the jobs of this kind have ended in the minute that was over last, after waiting for 40 ms and running for half a
/// second, and has the minute written; gives its point of the queue.
async fn point_of_the_last_minute(system: &System, kind: &str, queue: &str) -> Option<Value> {
    let minute = DateTime::from_timestamp(Clock::system().now().timestamp() / 60 * 60 - 60, 0)?;
    let text = |ms: i64| (minute + TimeDelta::milliseconds(ms)).to_rfc3339();
    let date = format!(
        "UPDATE jobs SET run_at = '{}', started_at = '{}', finished_at = '{}' WHERE kind = '{kind}'",
        text(1_000),
        text(1_040),
        text(1_540)
    );
    system.database.open().await.execute_raw(&date).await;
    let (_, made) = call(system, Method::POST, "/api/schedules/metrics-refresh/run", None).await;
    until_state(system, made["job_id"].as_str()?, "completed").await;
    let (status, history) = call(system, Method::GET, &format!("/api/queues/history?queue={queue}"), None).await;
    assert_eq!((status, history["step_seconds"].clone(), history["queue"].clone()), (200, json!(60), json!(queue)));
    let at = minute.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true);
    history["points"].as_array()?.iter().find(|point| point["at"] == at && point["completed"] != 0).cloned()
}

in_both_forms! {
    async fn a_paused_queue_says_who_paused_it_and_why_and_goes_on_when_resumed(system: System) {
        let pause = json!({"reason": "the ERP is down"});
        let (status, queue) = call(&system, Method::POST, "/api/queues/mutations/pause", Some(pause)).await;
        assert_eq!((status, queue["paused"].clone(), queue["paused_by"].clone()), (200, json!(true), json!("local")));
        let (job, task) = create_async(&system).await;
        tokio::time::sleep(Duration::from_millis(300)).await;
        let (_, body) = call(&system, Method::GET, &format!("/api/jobs/{job}"), None).await;
        assert_eq!(body["state"], "available");
        assert_eq!(body["waiting_for"], "the queue is paused by local: the ERP is down");
        let (_, queues) = call(&system, Method::GET, "/api/queues", None).await;
        let of = |name: &str| queues["queues"].as_array().unwrap().iter().find(|queue| queue["name"] == name).cloned().unwrap();
        assert_eq!(of("mutations")["depth"]["available"], 1);
        assert_eq!(of("email")["paused"], false);
        assert_eq!(call(&system, Method::POST, "/api/queues/mutations/resume", None).await.0, 200);
        until_state(&system, &job, "completed").await;
        assert_eq!(call(&system, Method::GET, &format!("/api/workflow/get/{task}"), None).await.0, 200);
        let (_, audit) = call(&system, Method::GET, "/api/audit", None).await;
        let actions: Vec<&str> = audit["entries"].as_array().unwrap().iter().filter_map(|entry| entry["action"].as_str()).collect();
        assert_eq!(actions, ["queue.resume", "queue.pause"]);
    }

    async fn a_cancelled_create_leaves_no_task_and_may_be_retried(system: System) {
        call(&system, Method::POST, "/api/queues/mutations/pause", None).await;
        let (job, task) = create_async(&system).await;
        let (status, body) = call(&system, Method::POST, &format!("/api/jobs/{job}/cancel"), None).await;
        assert_eq!((status, body["state"].clone()), (200, json!("cancelled")));
        call(&system, Method::POST, "/api/queues/mutations/resume", None).await;
        assert_eq!(call(&system, Method::GET, &format!("/api/workflow/get/{task}"), None).await.0, 404);
        assert_eq!(call(&system, Method::POST, &format!("/api/jobs/{job}/retry"), None).await.0, 200);
        until_state(&system, &job, "completed").await;
        let (status, problem) = call(&system, Method::POST, &format!("/api/jobs/{job}/cancel"), None).await;
        assert_eq!(status, 409);
        assert!(problem["detail"].as_str().unwrap().contains("completed"));
        assert_eq!(call(&system, Method::DELETE, &format!("/api/jobs/{job}"), None).await.0, 200);
        assert_eq!(call(&system, Method::GET, &format!("/api/jobs/{job}"), None).await.0, 404);
    }

    async fn a_bulk_action_is_previewed_followed_and_accounted_for(system: System) {
        call(&system, Method::POST, "/api/queues/mutations/pause", None).await;
        for _ in 0..5 {
            create_async(&system).await;
        }
        let cancel = |dry_run: bool| json!({"action": "cancel", "filter": {"queue": ["mutations"], "state": ["available"]},
                                            "dry_run": dry_run, "reason": "a test"});
        let (status, preview) = call(&system, Method::POST, "/api/jobs/bulk", Some(cancel(true))).await;
        assert_eq!((status, preview["matched"].clone(), preview["sample"].as_array().unwrap().len()), (200, json!(5), 5));
        let (status, accepted) = call(&system, Method::POST, "/api/jobs/bulk", Some(cancel(false))).await;
        assert_eq!((status, accepted["matched"].clone()), (202, json!(5)));
        let bulk = accepted["job_id"].as_str().unwrap();
        let done = until_state(&system, bulk, "completed").await;
        assert_eq!((done["result"]["done"].clone(), done["result"]["changed"].clone()), (json!(5), json!(5)));
        let (_, items) = call(&system, Method::GET, &format!("/api/jobs/{bulk}/items?outcome=changed"), None).await;
        assert_eq!(items["items"].as_array().unwrap().len(), 5);
        let (status, problem) = call(&system, Method::POST, "/api/jobs/bulk", Some(json!({"action": "cancel", "filter": {}}))).await;
        assert_eq!((status, problem["errors"][0]["pointer"].clone()), (422, json!("/filter")));
        let (_, audit) = call(&system, Method::GET, "/api/audit?action=job.bulk-cancel", None).await;
        assert_eq!(audit["entries"][0]["detail"]["matched"], 5);
    }

    async fn a_repeated_creation_names_the_task_of_the_first(system: System) {
        call(&system, Method::POST, "/api/queues/mutations/pause", None).await;
        let body = json!({"title": "Order 8", "workflow_category": "Order Management"});
        let mut answers = Vec::new();
        for _ in 0..2 {
            let headers = [("prefer", "respond-async"), ("idempotency-key", "the-same")];
            let answer = system.send(Method::POST, "/api/workflow/create", Some(body.clone()), &headers).await;
            answers.push(answer.json::<Value>().await.unwrap());
        }
        assert_eq!(answers[0], answers[1]);
    }

    async fn a_repeated_import_is_one(system: System) {
        let task = json!({
            "task_id": "TASK-1762164000000-import", "title": "Expedite PO 4500017731", "workflow_category": "Order Management",
            "workflow_state": "IN_PROGRESS", "task_status": "YELLOW", "priority": "HIGH", "history": [],
            "created_at": "2025-11-03T10:00:00Z", "updated_at": "2025-11-04T10:00:00Z",
        });
        let import = |source: &'static str, key: &'static str| {
            let body = json!({"source": source, "tasks": [task]});
            let system = &system;
            async move {
                let sent = system.send(Method::POST, "/api/workflow/import", Some(body), &[("idempotency-key", key)]).await;
                (sent.status().as_u16(), sent.json::<Value>().await.unwrap())
            }
        };
        let (first, second) = tokio::join!(import("crewai", "once"), import("crewai", "once"));
        assert_eq!((first.0, &first), (202, &second));
        assert_eq!(import("crewai", "once").await, first);
        assert_eq!(import("another", "once").await.0, 422);
        assert_eq!(import("crewai", "").await.0, 422);
        let (_, audit) = call(&system, Method::GET, "/api/audit?action=tasks.import", None).await;
        assert_eq!(audit["entries"].as_array().unwrap().len(), 1);
    }

    async fn schedules_are_run_paused_and_changed(system: System) {
        let (status, made) = call(&system, Method::POST, "/api/schedules/sla-sweep/run", None).await;
        assert_eq!(status, 202);
        let job = until_state(&system, made["job_id"].as_str().unwrap(), "completed").await;
        assert_eq!((job["kind"].clone(), job["schedule"].clone()), (json!("sweep-sla"), json!("sla-sweep")));
        let (_, paused) = call(&system, Method::POST, "/api/schedules/sla-sweep/pause", Some(json!({"reason": "x"}))).await;
        assert_eq!((paused["paused"].clone(), paused["next_run_at"].clone()), (json!(true), Value::Null));
        let wrong = json!({"cron": "61 * * * *", "tz": "Mars/Base"});
        let (status, problem) = call(&system, Method::PATCH, "/api/schedules/sla-sweep", Some(wrong)).await;
        assert_eq!((status, problem["errors"].as_array().unwrap().len()), (422, 2));
        let right = json!({"cron": "0 9 * * 1", "tz": "Europe/Berlin", "catch_up": "skip"});
        let (status, edited) = call(&system, Method::PATCH, "/api/schedules/sla-sweep", Some(right)).await;
        assert_eq!((status, edited["catch_up"].clone()), (200, json!("skip")));
        assert_eq!(call(&system, Method::POST, "/api/schedules/none/run", None).await.0, 404);
    }

    async fn a_worker_runs_fewer_jobs_when_told(system: System) {
        let worker = eventually(Duration::from_secs(20), async || {
            let (_, workers) = call(&system, Method::GET, "/api/workers", None).await;
            workers["workers"].get(0).cloned()
        })
        .await;
        assert_eq!((worker["alive"].clone(), worker["concurrency"].clone()), (json!(true), json!(256)));
        let path = format!("/api/workers/{}", worker["id"].as_str().unwrap());
        assert_eq!(call(&system, Method::PATCH, &path, Some(json!({"concurrency": 0}))).await.0, 200);
        tokio::time::sleep(Duration::from_millis(300)).await;
        let (job, _) = create_async(&system).await;
        tokio::time::sleep(Duration::from_millis(1_500)).await;
        let (_, body) = call(&system, Method::GET, &format!("/api/jobs/{job}"), None).await;
        assert_eq!(body["state"], "available", "nothing new is taken");
        assert_eq!(call(&system, Method::PATCH, &path, Some(json!({"concurrency": 8}))).await.0, 200);
        until_state(&system, &job, "completed").await;
        assert_eq!(call(&system, Method::PATCH, &path, Some(json!({"concurrency": -1}))).await.0, 422);
    }

    async fn the_database_tells_how_it_fares(system: System) {
        let (status, health) = call(&system, Method::GET, "/api/database", None).await;
        assert_eq!(status, 200);
        assert!(health["size_bytes"].as_i64().unwrap() > 0);
        assert!(health["tables"].as_array().unwrap().iter().any(|table| table["name"] == "jobs"));
        assert_eq!(call(&system, Method::GET, "/api/database?x=1", None).await.0, 422);
    }

    async fn the_history_of_a_queue_tells_of_minutes_that_are_over(system: System) {
        let body = json!({"title": "Order 9", "workflow_category": "Order Management"});
        assert_eq!(call(&system, Method::POST, "/api/workflow/create", Some(body)).await.0, 201);
        // Again if a minute began in between.
        let point = eventually(Duration::from_secs(20), async || {
            point_of_the_last_minute(&system, "create-task", "mutations").await
        })
        .await;
        assert_eq!((point["queue"].clone(), point["minutes"].clone()), (json!("mutations"), json!(1)));
        assert_eq!((point["completed"].clone(), point["failed"].clone(), point["discarded"].clone()), (json!(1), json!(0), json!(0)));
        assert_eq!((point["failure_rate"].clone(), point["depth"]["available"].clone()), (json!(0.0), json!(0)));
        assert_eq!(point["wait_ms"], json!({"p50": 40, "p95": 40, "p99": 40}));
        assert_eq!(point["run_ms"], json!({"p50": 500, "p95": 500, "p99": 500}));

        let (_, all) = call(&system, Method::GET, "/api/queues/history?step=3600", None).await;
        let completed: i64 = all["points"].as_array().unwrap().iter().filter_map(|point| point["completed"].as_i64()).sum();
        assert!(all["queue"].is_null() && all["step_seconds"] == 3_600 && completed >= 1);
        let past = "/api/queues/history?queue=email&from=2026-01-01T00:00:00Z&to=2026-01-08T00:00:00Z";
        let (status, nothing) = call(&system, Method::GET, past, None).await;
        assert_eq!((status, nothing["step_seconds"].clone(), nothing["points"].clone()), (200, json!(1_800), json!([])));

        for (query, parameters) in [
            ("queue=emails", &["query/queue"][..]),
            ("from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z", &["query/from"]),
            ("from=2026-01-01T00:00:00Z&to=2026-01-08T00:00:01Z", &["query/from"]),
            ("from=2999-01-01T00:00:00Z", &["query/from"]),
            ("from=yesterday&step=90", &["query/from", "query/step"]),
            ("from=2026-01-01T00:00:00Z&to=2026-01-08T00:00:00Z&step=60", &["query/step"]),
            ("step=0&minutes=5", &["query/step", "query/minutes"]),
        ] {
            let (status, problem) = call(&system, Method::GET, &format!("/api/queues/history?{query}"), None).await;
            let named: Vec<&str> = problem["errors"].as_array().unwrap().iter().filter_map(|error| error["pointer"].as_str()).collect();
            assert_eq!((status, &named[..]), (422, parameters), "{query}");
        }
    }
}
