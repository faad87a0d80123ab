use chrono::{TimeDelta, Utc};
use serde_json::{Value, json};

use crate::support::{Socket, System, in_both_forms};

/// Runs a sweep now and waits for it.
pub async fn sweep(system: &System) {
    let db = system.database.open().await;
    let sweeps = "SELECT count(*) FROM jobs WHERE kind = 'sweep-sla' AND state = 'completed'";
    let before = db.query_i64(sweeps).await;
    db.execute_raw("UPDATE schedules SET next_run_at = '2020-01-01T00:00:00+00:00' WHERE name = 'sla-sweep'").await;
    crate::support::eventually(std::time::Duration::from_secs(20), async || {
        (db.query_i64(sweeps).await > before).then_some(())
    })
    .await;
}

#[expect(clippy::disallowed_methods, reason = "deadlines relative to the server's own clock")]
fn from_now(by: TimeDelta) -> String {
    (Utc::now() + by).to_rfc3339()
}

in_both_forms! {
    async fn deadlines_colour_announce_and_alert_once(system: System) {
        let (mut socket, _) = Socket::connect(&system.apis[0].url, "?events=workflow:sla:*,workflow:critical:alert,workflow:batch:completed").await;
        let mut ids = Vec::new();
        for (by, value) in [
            (TimeDelta::hours(25), 0.0), (TimeDelta::hours(23), 0.0), (TimeDelta::hours(3), 0.0), (TimeDelta::minutes(-1), 0.0),
            (TimeDelta::minutes(-1), 50_000.0), (TimeDelta::minutes(-1), 49_999.99),
        ] {
            let body = json!({"title": format!("due {by}"), "workflow_category": "Quote Processing",
                              "sla_deadline": from_now(by), "dollar_value": value});
            ids.push(system.create(body).await["task_id"].as_str().unwrap().to_owned());
        }
        for _ in 0..6 {
            sweep(&system).await;
        }
        system.upload(vec![json!({"subject": "marks the end", "from": "a@b.example", "text": "Please quote 5 units."})]).await;

        let mut colours = Vec::new();
        for id in &ids {
            let task = system.get(&format!("/api/workflow/get/{id}")).await["task"].clone();
            assert_eq!(task["version"], 1, "five more sweeps change nothing");
            colours.push(task["task_status"].as_str().unwrap().to_owned());
        }
        assert_eq!(colours, ["GREEN", "YELLOW", "RED", "RED", "RED", "RED"]);
        let frames = socket.numbered(|frames| frames.iter().any(|frame| frame["event"] == "workflow:batch:completed")).await;
        let count = |event: &str, severity: &str| {
            frames.iter().filter(|frame| frame["event"] == event && frame["data"]["severity"] == severity).count()
        };
        assert_eq!(count("workflow:sla:warning", "WARNING"), 1);
        assert_eq!(count("workflow:sla:warning", "CRITICAL"), 1);
        assert_eq!(count("workflow:sla:violated", "VIOLATED"), 3);
        assert_eq!(count("workflow:critical:alert", "CRITICAL"), 1);
    }

    async fn the_passing_of_time_is_found_by_the_sweep_and_taken_back_with_the_deadline(system: System) {
        let body = json!({"title": "soon", "workflow_category": "Quote Processing", "dollar_value": 60_000,
                          "sla_deadline": from_now(TimeDelta::hours(24) + TimeDelta::seconds(2))});
        let id = system.create(body).await["task_id"].as_str().unwrap().to_owned();
        tokio::time::sleep(std::time::Duration::from_millis(2_500)).await;
        sweep(&system).await;

        let got = system.get(&format!("/api/workflow/get/{id}")).await;
        assert_eq!((&got["task"]["task_status"], &got["task"]["sla_state"]), (&json!("YELLOW"), &json!("warning")));
        let last = got["history"].as_array().unwrap().last().unwrap().clone();
        assert_eq!((&last["field"], &last["changed_by"]), (&json!("task_status"), &json!("SLA Monitor")));

        let said = system.update(&id, json!({"task_status": "GREEN"})).await;
        assert_eq!(said["task_status"], "YELLOW", "the SLA still says so");
        let moved = system.update(&id, json!({"sla_deadline": from_now(TimeDelta::days(9))})).await;
        assert_eq!((&moved["task_status"], &moved["sla_warned_at"]), (&json!("GREEN"), &Value::Null));
        system.update(&id, json!({"task_status": "RED"})).await;
        let later = system.update(&id, json!({"sla_deadline": from_now(TimeDelta::days(19))})).await;
        assert_eq!(later["task_status"], "RED", "what a person said stays");
    }

    async fn the_default_policy_follows_the_priority(system: System) {
        let task = system.create(json!({"title": "p", "workflow_category": "Quote Processing", "priority": "CRITICAL"})).await;
        let hours = |task: &Value| {
            let at = |field: &str| task[field].as_str().unwrap().parse::<chrono::DateTime<Utc>>().unwrap();
            (at("sla_deadline") - at("created_at")).num_hours()
        };
        assert_eq!((hours(&task), &task["sla_policy"]), (4, &json!("default")));
        let task = system.update(task["task_id"].as_str().unwrap(), json!({"priority": "MEDIUM"})).await;
        assert_eq!(hours(&task), 72);
        let task = system.create(json!({"title": "h", "workflow_category": "Quote Processing", "sla_hours": 30})).await;
        assert_eq!((hours(&task), &task["sla_policy"]), (30, &json!("sla_hours")));
    }
}
