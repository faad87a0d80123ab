//! The drill of `docs/operations.md`: a backup taken while people work comes back whole, and work goes on from it.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use shared::store::Db;

use crate::support::{eventually, in_both_forms};

/// Runs a program of the database's own.
fn run(program: &str, arguments: &[&str]) {
    let output = Command::new(program).args(arguments).output().unwrap();
    assert!(output.status.success(), "{program} {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// Backs up a database as the documentation says, and puts the copy where the URL that it gives finds it.
fn backed_up_and_restored(url: &str, folder: &Path) -> String {
    if let Some(file) = url.strip_prefix("sqlite://") {
        let copy = folder.join("copy.db");
        run("sqlite3", &[file, &format!(".backup {}", copy.display())]);
        return format!("sqlite://{}", copy.display());
    }
    let dump = folder.join("workflow.dump").display().to_string();
    run("pg_dump", &["--format=custom", "--file", &dump, url]);
    let mut restored = reqwest::Url::parse(url).unwrap();
    let name = format!("{}_restored", restored.path().trim_start_matches('/'));
    run("psql", &["--quiet", url, "--command", &format!("CREATE DATABASE {name}")]);
    restored.set_path(&name);
    run("pg_restore", &["--exit-on-error", "--no-owner", "--dbname", restored.as_str(), &dump]);
    restored.into()
}

/// What must hold in every database, whatever instant it is from.
async fn is_whole(db: &Db) {
    for (broken, count) in [
        (
            "history of tasks that never were",
            "SELECT count(*) FROM workflow_status_history AS h
             WHERE NOT EXISTS (SELECT 1 FROM workflow_tasks AS t WHERE t.task_id = h.task_id)",
        ),
        (
            "tasks without each of their earlier versions",
            "SELECT count(*) FROM workflow_tasks AS t
             WHERE t.version <> 1 + (SELECT count(*) FROM task_versions AS v WHERE v.task_id = t.task_id)",
        ),
        (
            "changes without their event",
            "SELECT count(*) FROM workflow_tasks AS t
             WHERE NOT EXISTS (SELECT 1 FROM workflow_events AS e WHERE e.task_id = t.task_id)",
        ),
        (
            "events numbered beyond the cursor",
            "SELECT count(*) FROM workflow_events WHERE id > (SELECT last_id FROM event_cursor WHERE one = 1)",
        ),
    ] {
        assert_eq!(db.query_i64(count).await, 0, "{broken}");
    }
}

in_both_forms! {
    async fn a_backup_under_load_comes_back_whole(system: System) {
        let folder = tempfile::tempdir().unwrap();
        let mut ids = Vec::new();
        for n in 0..20 {
            let task = system.create(json!({"title": format!("Order {n}"), "workflow_category": "Order Management"})).await;
            ids.push(task["task_id"].as_str().unwrap().to_owned());
        }
        // Three people work on while the backup is made.
        let work = async |person: usize| {
            for n in 0..60 {
                let path = format!("/api/workflow/update/{}", ids[(n * 3 + person) % ids.len()]);
                let body = json!({"description": format!("{person}/{n}"), "priority": (["HIGH", "NORMAL"][n % 2])});
                let answer = system.send(Method::PUT, &path, Some(body), &[]).await;
                assert_eq!(answer.status(), 200);
            }
        };
        let backup = async {
            tokio::time::sleep(Duration::from_millis(200)).await;
            let (url, folder) = (system.database.url.clone(), folder.path().to_owned());
            tokio::task::spawn_blocking(move || backed_up_and_restored(&url, &folder)).await.unwrap()
        };
        let ((), (), (), copy) = tokio::join!(work(0), work(1), work(2), backup);

        let restored = system.beside(&copy);
        is_whole(&restored.database.open().await).await;
        let total = restored.get("/api/workflow/list?limit=1").await["pagination"]["total"].clone();
        assert_eq!(total, 20, "all that was answered before the backup began");
        // Jobs of that instant are taken up and end.
        let db = restored.database.open().await;
        eventually(Duration::from_secs(30), async || {
            let left = db.query_i64("SELECT count(*) FROM jobs WHERE queue = 'mutations' AND finished_at IS NULL").await;
            (left == 0).then_some(())
        }).await;
        let reconciled = restored.send(Method::POST, "/api/metrics/reconcile", Some(json!({"reason": "restored"})), &[]).await;
        let reconciled: Value = reconciled.json().await.unwrap();
        let job = format!("/api/jobs/{}", reconciled["job_id"].as_str().unwrap());
        let result = eventually(Duration::from_secs(30), async || {
            let job = restored.get(&job).await;
            (job["state"] == "completed").then_some(job["result"].clone())
        }).await;
        assert_eq!(result["repaired"], 0, "{result}");
        let task = restored.update(&ids[0], json!({"title": "Goes on"})).await;
        assert_eq!(task["title"], "Goes on");
        is_whole(&db).await;
    }
}
