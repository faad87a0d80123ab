//! `workflow import --from-crewai`: brings over tasks and history of the old system's SQLite file, through the API, and
//! says what was taken, put right and refused.

use std::io::{self, Write};
use std::path::Path;
use std::time::Duration;

use reqwest::Method;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use shared::clock::Clock;
use shared::domain::legacy::{self, Assembled, OldTask, Refused, Repairs};
use shared::store::crewai;

use crate::client::{Client, Problem};
use crate::exit::Failure;

/// Bytes of tasks in one request, well below what the API takes.
const BYTES: usize = 512 << 10;
/// Tasks of one request.
const TASKS: usize = 100;
/// Refused rows named at most; `--json` names all.
const NAMED: usize = 50;
/// The system, as the history names it.
const SOURCE: &str = "crewai";

/// What was done.
#[derive(Serialize)]
struct Report {
    file: String,
    tasks_read: usize,
    tasks_created: usize,
    tasks_present: usize,
    history_read: usize,
    history_taken: usize,
    repaired: Repairs,
    refused: Vec<Refused>,
}

#[derive(Deserialize)]
struct Accepted {
    job_id: String,
}

#[derive(Deserialize)]
struct Job {
    state: String,
    result: Option<Value>,
    #[serde(default)]
    attempts: Vec<Value>,
}

pub(super) async fn run(file: &Path, json: bool, client: &Client) -> Result<(), Failure> {
    let tables = crewai::read(file).await.map_err(Failure::Data)?;
    let Assembled { tasks, history, repairs, mut refused } =
        legacy::assemble(&tables.tasks, &tables.history, Clock::system().now());
    let mut report = Report {
        file: file.display().to_string(),
        tasks_read: tables.tasks.len(),
        tasks_created: 0,
        tasks_present: 0,
        history_read: tables.history.len(),
        history_taken: history,
        repaired: repairs,
        refused: Vec::new(),
    };
    let mut failed = None;
    for chunk in chunks(tasks) {
        let mut left = vec![chunk.as_slice()];
        while let Some(tasks) = left.pop() {
            match send(client, tasks).await {
                Ok((created, present)) => {
                    report.tasks_created += created;
                    report.tasks_present += present;
                }
                // One that is not acceptable must not keep its neighbours out.
                Err(Problem::Refused(_)) if tasks.len() > 1 => left.extend(tasks.chunks(1)),
                Err(problem) => {
                    let rows = tasks.iter().map(|task| format!("workflow_tasks {}", task.task_id));
                    refused.extend(rows.map(|row| Refused { row, reason: problem.to_string() }));
                    failed = Some(problem.to_string());
                }
            }
        }
    }
    report.refused = refused;
    if let Err(error) = print(&report, json)
        && error.kind() != io::ErrorKind::BrokenPipe
    {
        return Err(error.into());
    }
    failed.map_or(Ok(()), |problem| Err(Failure::Failed(format!("not all tasks were taken over: {problem}"))))
}

/// Tasks by the request they go in.
fn chunks(tasks: Vec<OldTask>) -> Vec<Vec<OldTask>> {
    let mut chunks: Vec<Vec<OldTask>> = Vec::new();
    let mut bytes = BYTES;
    for task in tasks {
        let size = serde_json::to_vec(&task).map_or(0, |bytes| bytes.len());
        match chunks.last_mut() {
            Some(chunk) if bytes + size <= BYTES && chunk.len() < TASKS => {
                chunk.push(task);
                bytes += size;
            }
            _ => {
                chunks.push(vec![task]);
                bytes = size;
            }
        }
    }
    chunks
}

/// Sends tasks and waits until they are written; gives how many were new and how many were there.
async fn send(client: &Client, tasks: &[OldTask]) -> Result<(usize, usize), Problem> {
    let body = json!({"source": SOURCE, "tasks": tasks});
    let answer = client.send(Method::POST, "/api/workflow/import", |request| Ok(request.json(&body))).await?;
    let unreadable = |error: reqwest::Error| Problem::Refused(error.to_string());
    let accepted: Accepted = answer.json().await.map_err(unreadable)?;
    loop {
        let job: Job = client.get(&format!("/api/jobs/{}", accepted.job_id)).await?;
        let count = |name: &str| {
            let list = job.result.as_ref().and_then(|result| result[name].as_array());
            list.map_or(0, Vec::len)
        };
        match job.state.as_str() {
            "completed" => return Ok((count("created"), count("present"))),
            "cancelled" | "discarded" => {
                let why = job.attempts.last().and_then(|last| last["error"].as_str()).unwrap_or("without a reason");
                return Err(Problem::Refused(format!("job {} is {}: {why}", accepted.job_id, job.state)));
            }
            _ => tokio::time::sleep(Duration::from_millis(200)).await,
        }
    }
}

fn print(report: &Report, json: bool) -> io::Result<()> {
    let mut out = io::stdout().lock();
    if json {
        serde_json::to_writer(&mut out, report)?;
        return writeln!(out);
    }
    writeln!(out, "tasks read: {}", report.tasks_read)?;
    writeln!(out, "tasks created: {}", report.tasks_created)?;
    writeln!(out, "tasks already here: {}", report.tasks_present)?;
    writeln!(out, "history read: {}", report.history_read)?;
    writeln!(out, "history taken: {}", report.history_taken)?;
    writeln!(out, "repaired: {}", report.repaired.rules().map(|(_, repaired)| repaired.count).sum::<u64>())?;
    for (rule, repaired) in report.repaired.rules() {
        writeln!(out, "  {} x {rule}; such as {}", repaired.count, repaired.examples.join("; "))?;
    }
    writeln!(out, "refused: {}", report.refused.len())?;
    for refused in report.refused.iter().take(NAMED) {
        writeln!(out, "  {}: {}", refused.row, refused.reason)?;
    }
    if report.refused.len() > NAMED {
        writeln!(out, "  and {} more; --json names all", report.refused.len() - NAMED)?;
    }
    out.flush()
}
