//! What Prometheus reads: it is there, it is true, and it is all that alerts and dashboards ask for.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use reqwest::Method;
use serde_json::json;

use crate::support::{System, eventually, in_both_forms};

/// Series one process may show.
const MOST_SERIES: usize = 2_000;

/// What every process of the installation shows.
async fn scrape(system: &System) -> String {
    let mut all = String::new();
    for process in system.apis.iter().chain(&system.workers) {
        let shown = reqwest::get(format!("{}/metrics", process.url)).await.unwrap();
        assert_eq!(shown.status(), 200);
        assert!(shown.headers()["content-type"].to_str().unwrap().starts_with("text/plain"));
        let text = shown.text().await.unwrap();
        assert!(text.lines().filter(|line| !line.starts_with('#')).count() < MOST_SERIES);
        all.push_str(&text);
    }
    all
}

/// The sum over the series of a name with these pieces in their labels.
fn sum(scrape: &str, name: &str, labels: &[&str]) -> f64 {
    let ours = |line: &&str| {
        line.strip_prefix(name).is_some_and(|rest| rest.starts_with([' ', '{']))
            && labels.iter().all(|label| line.contains(label))
    };
    let values = scrape.lines().filter(ours).map(|line| line.rsplit(' ').next().unwrap().parse::<f64>().unwrap());
    values.sum()
}

/// Every name of ours that a file speaks of.
fn names(file: &Path) -> BTreeSet<String> {
    let text = std::fs::read_to_string(file).unwrap();
    let words = text.split(|at: char| !(at.is_ascii_alphanumeric() || at == '_'));
    words.filter(|word| word.starts_with("workflow_")).map(|word| word.trim_end_matches("_bucket").to_owned()).collect()
}

in_both_forms! {
    async fn what_happens_is_counted(system: System) {
        let task = system.create(json!({"title": "Order 1", "workflow_category": "Order Management"})).await;
        system.upload(vec![json!({"subject": "PO 45010001", "from": "a@b.example", "text": "Please ship PO 45010001."})]).await;
        system.get(&format!("/api/workflow/get/{}", task["task_id"].as_str().unwrap())).await;
        let refused = system.send(Method::GET, "/api/workflow/list", None, &[("host", "evil.example")]).await;
        assert_eq!(refused.status(), 421);
        let shown = eventually(Duration::from_secs(20), async || {
            let shown = scrape(&system).await;
            (sum(&shown, "workflow_job_attempts_total", &["kind=\"process-batch\"", "outcome=\"completed\""]) > 0.5).then_some(shown)
        }).await;
        for (name, labels, value) in [
            ("workflow_http_requests_total", &["operation=\"createTask\"", "status=\"2xx\""][..], 1.0),
            ("workflow_http_request_seconds_count", &["operation=\"getTask\""], 1.0),
            ("workflow_http_refused_total", &["reason=\"host\""], 1.0),
            ("workflow_job_attempts_total", &["kind=\"create-task\"", "outcome=\"completed\""], 1.0),
            ("workflow_job_run_seconds_count", &["kind=\"create-task\""], 1.0),
            ("workflow_mails_total", &["outcome=\"created\""], 1.0),
        ] {
            assert!((sum(&shown, name, labels) - value).abs() < 1e-9, "{name} {labels:?}: {shown}");
        }
        assert!(sum(&shown, "workflow_job_wait_seconds_count", &["queue=\"mutations\""]) >= 1.0);
        assert!(sum(&shown, "workflow_events_numbered_total", &[]) >= 2.0);
        assert!(sum(&shown, "workflow_workers", &[]) >= 1.0);
    }

    async fn the_level_of_the_log_is_changed_for_a_while(system: System) {
        let set = async |body| {
            let answer = system.send(Method::PUT, "/api/logs", Some(body), &[]).await;
            (answer.status().as_u16(), answer.json::<serde_json::Value>().await.unwrap())
        };
        let (status, change) = set(json!({"level": "debug", "minutes": 1})).await;
        assert_eq!((status, &change["level"]), (200, &json!("debug")));
        let (status, problem) = set(json!({"level": "loud", "minutes": 0})).await;
        assert_eq!((status, problem["errors"].as_array().unwrap().len()), (422, 2));
        assert_eq!(system.get("/api/audit?action=logs.set").await["entries"][0]["detail"]["minutes"], 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn alerts_and_dashboards_ask_for_what_is_there() {
    let Some(system) = System::production(1, 1).await else { return };
    system
        .upload(vec![json!({"subject": "PO 45010001", "from": "a@b.example", "text": "Please ship PO 45010001."})])
        .await;
    let deploy = Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy");
    let mut asked = names(&deploy.join("prometheus/alerts.yml"));
    for dashboard in std::fs::read_dir(deploy.join("grafana/dashboards")).unwrap() {
        asked.extend(names(&dashboard.unwrap().path()));
    }
    assert!(asked.len() > 15, "{asked:?}");
    eventually(Duration::from_secs(20), async || {
        let shown = scrape(&system).await;
        let there: BTreeSet<String> = shown
            .lines()
            .filter_map(|line| Some(line.strip_prefix("# TYPE ")?.split(' ').next()?.to_owned()))
            .collect();
        let missing: Vec<_> = asked.difference(&there).collect();
        if !missing.is_empty() {
            eprintln!("not there: {missing:?}");
        }
        missing.is_empty().then_some(())
    })
    .await;
    // Those that are shown are described where operators look for them.
    let documented = std::fs::read_to_string(deploy.parent().unwrap().join("docs/operations.md")).unwrap();
    for name in &asked {
        assert!(documented.contains(name.as_str()), "{name} is not in docs/operations.md");
    }
}
