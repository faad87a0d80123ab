//! `workflow workers`: looks at workers, and changes how much they do at once.

use chrono::{DateTime, Utc};
use reqwest::Method;
use serde_json::{Value, json};

use crate::cli::{WorkersArgs, WorkersVerb};
use crate::exit::Failure;
use crate::ops::Console;
use crate::table::{age, each, table, text};

pub(super) async fn run(args: WorkersArgs) -> Result<(), Failure> {
    let console = Console::new(args.ops)?;
    let now = console.now();
    match args.verb {
        None | Some(WorkersVerb::List) => {
            let workers = console.get("/api/workers", &[]).await?;
            console.print(&workers, |all| rows(each(all, "workers"), now));
        }
        Some(WorkersVerb::Concurrency { id, n, reason }) => {
            let body = json!({"concurrency": n, "reason": reason.reason});
            let worker = console.send(Method::PATCH, &format!("/api/workers/{id}"), body).await?;
            console.print(&worker, |worker| rows(std::iter::once(worker), now));
        }
    }
    Ok(())
}

fn rows<'a>(workers: impl Iterator<Item = &'a Value>, now: DateTime<Utc>) -> String {
    let row = |worker: &Value| {
        let state = match (worker["alive"].as_bool(), worker["draining"].as_bool()) {
            (Some(false), _) => "silent",
            (_, Some(true)) => "draining",
            _ => "alive",
        };
        let concurrency = match worker["wanted_concurrency"].as_i64() {
            Some(wanted) if worker["concurrency"].as_i64() != Some(wanted) => {
                format!("{} -> {wanted}", worker["concurrency"])
            }
            _ => text(worker, "concurrency"),
        };
        let claim = worker["claim_p95_ms"].as_f64().map_or("-".to_owned(), |ms| format!("{ms:.1} ms"));
        vec![
            text(worker, "id"),
            state.to_owned(),
            text(worker, "version"),
            age(&worker["heartbeat_at"], now),
            age(&worker["started_at"], now),
            text(worker, "running"),
            concurrency,
            claim,
            text(worker, "queues"),
        ]
    };
    let headings = ["WORKER", "STATE", "VERSION", "HEARD", "STARTED", "RUNNING", "AT ONCE", "CLAIM P95", "QUEUES"];
    table(&headings, workers.map(row))
}
