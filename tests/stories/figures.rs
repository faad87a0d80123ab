//! Figures lead to their tasks, to their past, and to those who look at them.

use std::time::{Duration, Instant};

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use reqwest::Method;
use serde_json::{Value, json};
use shared::clock::Clock;
use shared::store::Db;
use shared::store::tasks;
use shared::store::testing::figures::History;

use crate::support::{Socket, System, eventually, in_both_forms};

/// Random tasks of the last days, that stay as they are.
async fn fill(db: &Db) -> History {
    db.execute_raw("INSERT INTO queues (name, paused_at) VALUES ('sla', '2026-03-02T12:00:00+00:00')").await;
    let mut history = History::new("f", 2_026, Clock::system().now() - TimeDelta::seconds(400 * 400));
    for _ in 0..400 {
        let change = history.next_change();
        let mut tx = db.begin().await.unwrap();
        tasks::save(&mut tx, &[change]).await.unwrap();
        tx.commit().await.unwrap();
    }
    history
}

/// The tasks of a link, and how many it says there are.
async fn rows(system: &System, link: &str) -> (Vec<Value>, i64) {
    let joint = if link.contains('?') { '&' } else { '?' };
    let path = if link.contains("limit=") { link.to_owned() } else { format!("{link}{joint}limit=200") };
    let page = system.get(&path).await;
    let total = page["pagination"]["total"].as_i64().unwrap();
    let tasks = page["tasks"].as_array().unwrap().clone();
    assert!(link.contains("limit=") || tasks.len() as i64 == total, "one page has all of {link}");
    (tasks, total)
}

fn at(value: &Value) -> Option<DateTime<Utc>> {
    value.as_str().map(|text| text.parse().unwrap())
}

fn tenths(a: i64, b: i64) -> Option<f64> {
    (b > 0).then(|| ((a * 20 + b) / (b * 2)) as f64 / 10.0)
}

/// What a figure is by the tasks that its link gives.
fn by_tasks(name: &str, tasks: &[Value], total: i64, now: DateTime<Utc>) -> Value {
    let cents = |task: &Value| (task["dollar_value"].as_f64().unwrap() * 100.0).round() as i64;
    let sum: i64 = tasks.iter().map(cents).sum();
    let count = |test: &dyn Fn(&Value) -> bool| tasks.iter().filter(|task| test(task)).count() as i64;
    let done = count(&|task| task["task_status"] == "COMPLETED");
    let late =
        count(&|task| task["task_status"] != "COMPLETED" && at(&task["sla_deadline"]).is_some_and(|due| due < now));
    let in_a_day =
        |task: &Value| at(&task["sla_deadline"]).is_some_and(|due| due >= now && due <= now + TimeDelta::hours(24));
    match name {
        "revenue_at_risk"
        | "active_revenue"
        | "total_revenue"
        | "total_value"
        | "value_at_risk"
        | "total_value_managed"
        | "critical_value"
        | "value_at_risk_now"
        | "value" => json!(sum as f64 / 100.0),
        "avg_value" if total == 0 => Value::Null,
        "avg_value" => json!(((sum * 2 + total) / (total * 2)) as f64 / 100.0),
        "max_value" | "highest_value_task" => tasks[0]["dollar_value"].clone(),
        "next_deadline" => tasks[0]["sla_deadline"].clone(),
        "sla_met_percentage" => {
            json!(tenths(count(&|task| at(&task["completion_date"]) <= at(&task["sla_deadline"])) * 100, total))
        }
        "avg_completion_days" => {
            let took =
                |task: &Value| Some((at(&task["completion_date"])? - at(&task["created_at"])?).num_milliseconds());
            json!(tenths(tasks.iter().filter_map(took).sum(), total * 86_400_000))
        }
        "completion_rate" => json!(tenths(done * 100, total)),
        "efficiency_score" => json!(tenths(50 * (done + total - late), total)),
        "workload_score" => {
            let red = count(&|task| task["task_status"] == "RED");
            let yellow = count(&|task| task["task_status"] == "YELLOW");
            json!((3 * total + 100 * red + 50 * yellow + 200 * count(&in_a_day)) as f64 / 10.0)
        }
        "categories_handled" => {
            let mut names: Vec<&str> = tasks.iter().filter_map(|task| task["workflow_category"].as_str()).collect();
            names.sort_unstable();
            names.dedup();
            json!(names)
        }
        "primary_bottleneck" => tasks[0]["workflow_category"].clone(),
        _ => json!(total),
    }
}

/// Follows every link of a row of figures; how many there were.
async fn follow(system: &System, figures: &Value, links: &Value, now: DateTime<Utc>) -> usize {
    for (name, link) in links.as_object().unwrap() {
        let link = link.as_str().unwrap();
        let (tasks, total) = rows(system, link).await;
        let (figure, found) = (&figures[name], by_tasks(name, &tasks, total, now));
        let same = figure == &found || figure.as_f64().is_some_and(|number| Some(number) == found.as_f64());
        assert!(
            same || at(figure).is_some_and(|instant| Some(instant) == at(&found)),
            "{name} {figure}, {link}: {found}"
        );
    }
    let linked = links.as_object().unwrap();
    let ends =
        ["calculated_at", "snapshot_time", "bucket", "date", "workflow_category", "current_owner", "owner_email"];
    let named = ends.into_iter().chain(["categories", "owners", "real_time", "links"]);
    let left: Vec<&str> = named.collect();
    for (name, figure) in figures.as_object().unwrap() {
        let nothing = figure.is_null() || figure == 0;
        assert!(linked.contains_key(name) || left.contains(&name.as_str()) || nothing, "{name} has no link");
    }
    linked.len()
}

async fn refused(system: &System, path: &str) -> Value {
    let response = system.send(Method::GET, path, None, &[]).await;
    assert_eq!(response.status(), 422, "{path}");
    response.json::<Value>().await.unwrap()["errors"].clone()
}

in_both_forms! {
    async fn every_figure_leads_to_exactly_its_tasks(system: System) {
        fill(&system.database.open().await).await;
        let metrics = system.get("/api/workflow/metrics?links=true").await;
        let (now, links) = (at(&metrics["calculated_at"]).unwrap(), &metrics["links"]);
        let mut followed = follow(&system, &metrics, &links["executive"], now).await;
        followed += follow(&system, &metrics["real_time"], &links["real_time"], now).await;
        for list in ["categories", "owners"] {
            let (figures, links) = (metrics[list].as_array().unwrap(), links[list].as_array().unwrap());
            assert_eq!(figures.len(), links.len());
            for (figures, links) in figures.iter().zip(links) {
                followed += follow(&system, figures, links, now).await;
            }
        }
        assert!(followed > 200, "{followed}");
        assert!(metrics["owners"].as_array().unwrap().iter().any(|row| row["current_owner"].is_null()));

        let series = system.get("/api/workflow/analytics?period=week&tz=Asia/Kolkata&links=true").await;
        for list in ["trends", "completion_rates", "sla_performance"] {
            let (figures, links) = (series[list].as_array().unwrap(), series["links"][list].as_array().unwrap());
            assert_eq!(figures.len(), links.len());
            for (figures, links) in figures.iter().zip(links) {
                follow(&system, figures, links, now).await;
            }
        }
        assert!(system.get("/api/workflow/metrics").await.get("links").is_none());
    }

    async fn a_list_finds_tasks_by_their_watchers(system: System) {
        let watched = system.create(json!({"title": "Watched", "workflow_category": "Order Management"})).await;
        system.create(json!({"title": "Not watched", "workflow_category": "Order Management"})).await;
        let path = format!("/api/workflow/watchers/{}/ana", watched["task_id"].as_str().unwrap());
        let response = system.send(Method::PUT, &path, None, &[]).await;
        assert!(response.status().is_success(), "{}", response.text().await.unwrap());
        let found = system.get("/api/workflow/list?watcher=ana&watcher=ben").await;
        assert_eq!(found["pagination"]["total"], 1);
        assert_eq!(found["tasks"][0]["task_id"], watched["task_id"]);
        let errors = refused(&system, "/api/workflow/list?unassigned=true&owner=ana&open=perhaps").await;
        assert_eq!(errors.as_array().unwrap().len(), 2, "{errors}");
    }

    async fn the_past_can_be_read_as_it_was(system: System) {
        let db = system.database.open().await;
        let task = system.create(json!({"title": "First", "workflow_category": "Order Management", "dollar_value": 10})).await;
        let id = task["task_id"].as_str().unwrap();
        let first = task["updated_at"].as_str().unwrap();
        let before = system.get("/api/workflow/metrics").await;
        let changed = system.update(id, json!({"title": "Second", "dollar_value": 20, "task_status": "COMPLETED"})).await;
        system.send(Method::DELETE, &format!("/api/workflow/delete/{id}"), None, &[]).await;

        let then = system.get(&format!("/api/workflow/get/{id}?as_of={first}")).await;
        assert_eq!((&then["task"], then["history"].as_array().unwrap().len()), (&task, 1));
        let second = changed["updated_at"].as_str().unwrap();
        assert_eq!(system.get(&format!("/api/workflow/get/{id}?as_of={second}")).await["task"], changed);
        let figures = system.get(&format!("/api/workflow/metrics?as_of={}", before["calculated_at"].as_str().unwrap())).await;
        assert_eq!(figures, before);
        assert_eq!(figures["total_revenue"], 10.0);
        let now = Clock::system().now().to_rfc3339_opts(SecondsFormat::Millis, true);
        let gone = system.send(Method::GET, &format!("/api/workflow/get/{id}?as_of={now}"), None, &[]).await;
        assert_eq!(gone.status(), 410);

        let since = db.query_i64("SELECT count(*) FROM task_past").await;
        assert_eq!(since, 1);
        for path in ["metrics", &format!("get/{id}")] {
            let errors = refused(&system, &format!("/api/workflow/{path}?as_of=2020-02-29T00:00:00Z")).await;
            assert!(errors[0]["detail"].as_str().unwrap().starts_with("the past is kept from 20"), "{errors}");
            let errors = refused(&system, &format!("/api/workflow/{path}?as_of=9999-01-01T00:00:00Z")).await;
            assert_eq!(errors[0]["pointer"], "query/as_of");
        }
        refused(&system, &format!("/api/workflow/metrics?links=true&as_of={first}")).await;
    }

    async fn an_operator_compares_the_figures_with_the_tasks(system: System) {
        let db = system.database.open().await;
        fill(&db).await;
        let right = system.get("/api/workflow/metrics").await;
        db.execute_raw("UPDATE workflow_tasks SET dollar_value = dollar_value + 1, task_status = 'RED' WHERE task_id LIKE '%3-f'").await;
        let wrong = system.get("/api/workflow/metrics").await;
        assert_eq!(wrong["total_revenue"], right["total_revenue"], "changed past the product");
        let response = system.send(Method::POST, "/api/metrics/reconcile", Some(json!({"reason": "a row was mended by hand"})), &[]).await;
        assert_eq!(response.status(), 202);
        let job: Value = response.json().await.unwrap();
        let path = format!("/api/jobs/{}", job["job_id"].as_str().unwrap());
        let result = eventually(Duration::from_secs(30), async || {
            let job = system.get(&path).await;
            (job["state"] == "completed").then(|| job["result"].clone())
        }).await;
        assert!(result["repaired"].as_i64().unwrap() > 0 && result["differences"][0]["series"].is_string(), "{result}");
        let mended = system.get("/api/workflow/metrics").await;
        let cents = db.query_i64("SELECT CAST(sum(dollar_value) AS bigint) FROM workflow_tasks WHERE deleted_at IS NULL").await;
        assert_eq!(mended["total_revenue"], cents as f64 / 100.0);
        assert_eq!(system.get("/api/database").await["reconciled"]["repaired"], result["repaired"]);
    }

    async fn figures_are_told_after_changes_once_a_second(system: System) {
        let (mut socket, _) = Socket::connect(&system.apis[0].url, "?events=workflow:metrics:updated").await;
        let mut told = Vec::new();
        for number in 0..12 {
            system.create(json!({"title": format!("Task {number}"), "workflow_category": "Order Management"})).await;
        }
        let began = Instant::now();
        loop {
            let frame = socket.next().await;
            let total = frame["data"]["executive"]["total_tasks"].as_i64().unwrap();
            told.push(at(&frame["timestamp"]).unwrap());
            if total == 12 {
                break;
            }
            assert!(began.elapsed() < Duration::from_secs(30));
        }
        // The pace is kept from one sending to the next; what is measured here is when each was read.
        assert!(told.windows(2).all(|pair| pair[1] - pair[0] >= TimeDelta::milliseconds(700)), "{told:?}");
    }
}
