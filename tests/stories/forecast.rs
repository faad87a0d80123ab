//! A history is told, a model fitted, and open tasks are ranked by what they put at risk.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use reqwest::Method;
use serde_json::{Value, json};
use shared::domain::change::{Actor, NewTask};
use shared::domain::sla::rules::Rules;
use shared::domain::{Category, Cents, Priority, Status, WorkflowState, change};
use shared::store::{Db, tasks};

use crate::support::{System, eventually, in_both_forms};

/// Quotes of 60 days, one in every four hours, which take 3 hours, 50 or 20, in turn; all are due after 24.
async fn history(db: &Db, now: DateTime<Utc>) {
    let actor = Actor { principal: "local".to_owned(), reason: None };
    let changes: Vec<_> = (0..360_i64)
        .map(|n| {
            let mut new = NewTask::new(format!("TASK-{n:06}-h"), format!("Quote {n}"), Category::QuoteProcessing);
            new.priority = Priority::High;
            new.current_owner = Some(if n % 2 == 0 { "Bo" } else { "Cy" }.to_owned());
            let at = now - TimeDelta::days(60) + TimeDelta::hours(n * 4);
            let mut change = change::create(new, &Rules::builtin(), &actor, at);
            let hours = [3, 50, 20][n as usize % 3];
            if let Some(done) = Some(at + TimeDelta::hours(hours)).filter(|done| *done < now) {
                change.task.completion_date = Some(done);
                change.task.task_status = Status::Completed;
                change.task.manual_status = Status::Completed;
                change.task.workflow_state = WorkflowState::Completion;
            } else {
                change.task.dollar_value = Cents(100_000);
            }
            change
        })
        .collect();
    for chunk in changes.chunks(200) {
        let mut tx = db.begin().await.unwrap();
        tasks::save(&mut tx, chunk).await.unwrap();
        tx.commit().await.unwrap();
    }
}

/// Fits a model and waits for it; gives the job's result.
async fn fit(system: &System) -> Value {
    let accepted = system.send(Method::POST, "/api/forecast/fit", None, &[]).await;
    assert_eq!(accepted.status(), 202);
    let location = accepted.headers()["location"].to_str().unwrap().to_owned();
    let job_id = accepted.json::<Value>().await.unwrap()["job_id"].clone();
    assert_eq!(location, format!("/api/jobs/{}", job_id.as_str().unwrap()));
    eventually(Duration::from_secs(30), async || {
        let job = system.get(&location).await;
        (job["state"] == "completed").then(|| job["result"].clone())
    })
    .await
}

#[expect(clippy::disallowed_methods, reason = "a history relative to the server's own clock")]
fn now() -> DateTime<Utc> {
    Utc::now()
}

in_both_forms! {
    async fn a_history_is_fitted_and_open_tasks_are_ranked(system: System) {
        let db = system.database.open().await;
        history(&db, now()).await;
        let before = system.get("/api/forecast").await;
        assert_eq!((&before["model"], &before["tasks"]), (&Value::Null, &json!([])));
        assert!(before["history"]["detail"].as_str().unwrap().contains("POST /api/forecast/fit"), "{before}");

        let result = fit(&system).await;
        assert!(result["revision"].as_i64().unwrap() > 0 && result["curves"].as_i64().unwrap() >= 4, "{result}");

        let model = system.get("/api/forecast/model").await;
        assert_eq!((&model["model"]["tasks"], &model["history"]), (&json!(360), &Value::Null));
        let calibration = &model["calibration"];
        assert!(calibration["brier"].as_f64().unwrap() < calibration["base_brier"].as_f64().unwrap(), "{calibration}");
        assert_eq!(calibration["bins"].as_array().unwrap().len(), 10);

        let list = system.get("/api/forecast?limit=200").await;
        assert_eq!(list["exact"], true);
        let expected: Vec<f64> = list["tasks"].as_array().unwrap().iter().map(|task| task["expected_dollars_at_risk"].as_f64().unwrap()).collect();
        assert!(expected.len() >= 6 && expected.is_sorted_by(|a, b| a >= b), "{expected:?}");
        let ahead = system.get("/api/forecast?breached=false&priority=HIGH&category=Quote%20Processing&owner=Bo&owner=Cy").await;
        let tasks = ahead["tasks"].as_array().unwrap();
        assert!(!tasks.is_empty() && tasks.iter().all(|task| task["hours_left"].as_f64().unwrap() >= 0.0));
        // What is open after twenty hours is one of the slow ones.
        let old = tasks.iter().find(|task| task["age_hours"].as_f64().unwrap() >= 20.0).unwrap();
        assert!(old["probability"].as_f64().unwrap() > 0.9, "{old}");
        let totals = &ahead["totals"];
        assert_eq!(totals["next_24_hours"], totals["next_7_days"], "all are due within a day");
        assert!(totals["next_24_hours"]["expected_breaches"].as_f64().unwrap() > 1.0);

        let id = old["task_id"].as_str().unwrap();
        let one = system.get(&format!("/api/forecast/{id}")).await["forecast"].clone();
        assert_eq!((&one["task_id"], &one["probability"]), (&old["task_id"], &old["probability"]));
        let reasons = one["reasons"].to_string();
        assert!(reasons.contains("Kind: Quote Processing, HIGH") && reasons.contains("open tasks: a"), "{reasons}");
    }

    async fn too_little_history_is_told_and_what_is_no_question_refused(system: System) {
        assert_eq!(fit(&system).await, json!({"completed": 0, "needed": 100}));
        let model = system.get("/api/forecast/model").await;
        assert_eq!(model["model"], Value::Null);
        assert_eq!(model["history"]["detail"], "A model needs 100 tasks that were completed in the last 180 days; there are 0.");
        let task = system.create(json!({"title": "new", "workflow_category": "Quote Processing", "dollar_value": 5})).await;
        let id = task["task_id"].as_str().unwrap();
        let one = system.get(&format!("/api/forecast/{id}")).await;
        assert_eq!((&one["forecast"]["probability"], &one["history"]["needed"]), (&Value::Null, &json!(100)));
        system.update(id, json!({"sla_deadline": "2020-01-01T00:00:00Z"})).await;
        let late = system.get(&format!("/api/forecast/{id}")).await["forecast"].clone();
        assert_eq!((&late["probability"], &late["expected_dollars_at_risk"]), (&json!(1.0), &json!(5)), "that needs no model");

        for (query, pointer) in [
            ("limit=0", "query/limit"), ("limit=201", "query/limit"), ("category=Nonsense", "query/category"),
            ("priority=URGENT", "query/priority"), ("breached=perhaps", "query/breached"), ("page=2", "query/page"),
        ] {
            let refused = system.send(Method::GET, &format!("/api/forecast?{query}"), None, &[]).await;
            assert_eq!(refused.status(), 422, "{query}");
            assert_eq!(refused.json::<Value>().await.unwrap()["errors"][0]["pointer"], pointer);
        }
        let unknown = system.send(Method::GET, "/api/forecast/TASK-1-none", None, &[]).await;
        assert_eq!(unknown.status(), 404);
        system.send(Method::DELETE, &format!("/api/workflow/delete/{id}"), None, &[]).await;
        assert_eq!(system.send(Method::GET, &format!("/api/forecast/{id}"), None, &[]).await.status(), 410);
        let body = system.send(Method::POST, "/api/forecast/fit", Some(json!({"now": true})), &[]).await;
        assert_eq!(body.status(), 422);
    }
}
