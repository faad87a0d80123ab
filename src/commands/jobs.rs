//! `workflow jobs`: looks at jobs and handles them.

use std::io::{IsTerminal, Write as _};
use std::time::Duration;

use chrono::{DateTime, Utc};
use clap::ValueEnum;
use indicatif::{ProgressBar, ProgressStyle};
use reqwest::Method;
use serde_json::{Value, json};

use crate::cli::{FilterArgs, JobBulkArgs, JobEditArgs, JobIdsArgs, JobsArgs, JobsListArgs, JobsVerb, ReasonArgs};
use crate::exit::Failure;
use crate::ops::Console;
use crate::table::{age, brief, each, plain, table, text};

pub(super) async fn run(args: JobsArgs) -> Result<(), Failure> {
    let console = Console::new(args.ops)?;
    match args.verb {
        None => list(&console, args.list).await,
        Some(JobsVerb::List(args)) => list(&console, args).await,
        Some(JobsVerb::Show { id }) => show(&console, &id).await,
        Some(JobsVerb::Retry(args)) => one_by_one(&console, "retry", args).await,
        Some(JobsVerb::Run(args)) => one_by_one(&console, "run", args).await,
        Some(JobsVerb::Cancel(args)) => one_by_one(&console, "cancel", args).await,
        Some(JobsVerb::Delete(args)) => one_by_one(&console, "delete", args).await,
        Some(JobsVerb::Edit(args)) => edit(&console, args).await,
        Some(JobsVerb::Bulk(args)) => bulk(&console, args).await,
        Some(JobsVerb::Items { id, outcome }) => items(&console, &id, outcome).await,
        Some(JobsVerb::Errors) => errors(&console).await,
    }
}

async fn list(console: &Console, args: JobsListArgs) -> Result<(), Failure> {
    let page = console.pages("/api/jobs", "jobs", &query(&args.filter), args.limit).await?;
    console.print(&page, |page| {
        let mut shown = rows(&page["jobs"], console.now());
        if !page["next_cursor"].is_null() {
            shown.push_str("There are more; --limit shows them.\n");
        }
        shown
    });
    Ok(())
}

fn rows(jobs: &Value, now: DateTime<Utc>) -> String {
    let row = |job: &Value| {
        let last_error = job["attempts"].as_array().and_then(|attempts| attempts.last()).map(|last| &last["error"]);
        let note = match (job["waiting_for"].as_str(), last_error.and_then(Value::as_str)) {
            (Some(waiting), _) => format!("waits: {waiting}"),
            (None, Some(error)) => error.to_owned(),
            (None, None) => text(job, "task_id"),
        };
        vec![
            text(job, "id"),
            text(job, "state"),
            text(job, "kind"),
            text(job, "queue"),
            format!("{}/{}", job["attempt"], job["max_attempts"]),
            age(&job["created_at"], now),
            brief(&note, 80),
        ]
    };
    let jobs = jobs.as_array().map(Vec::as_slice).unwrap_or_default();
    if jobs.is_empty() {
        return "No jobs.\n".to_owned();
    }
    table(&["ID", "STATE", "KIND", "QUEUE", "ATTEMPT", "ACCEPTED", "NOTE"], jobs.iter().map(row))
}

async fn show(console: &Console, id: &str) -> Result<(), Failure> {
    let job = console.get(&path(id, ""), &[]).await?;
    console.print(&job, |job| page(job, console.now()));
    Ok(())
}

fn page(job: &Value, now: DateTime<Utc>) -> String {
    let mut page = vec![format!("Job {}: {} is {}\n", plain(&job["id"]), plain(&job["kind"]), plain(&job["state"]))];
    if let Some(waiting) = job["waiting_for"].as_str() {
        page.push(format!("It waits: {waiting}.\n"));
    }
    page.push("\n".to_owned());
    let when = |field: &str| match &job[field] {
        Value::Null => "-".to_owned(),
        at => format!("{} ({})", plain(at), age(at, now)),
    };
    for (name, value) in [
        ("queue", text(job, "queue")),
        ("priority", text(job, "priority")),
        ("attempts", format!("{} of {}, rescued {}", job["attempt"], job["max_attempts"], job["rescues"])),
        ("asked for by", text(job, "principal")),
        ("task", text(job, "task_id")),
        ("unique key", text(job, "unique_key")),
        ("schedule", text(job, "schedule")),
        ("trace", text(job, "trace_id")),
        ("accepted", when("created_at")),
        ("due", when("run_at")),
        ("started", when("started_at")),
        ("ended", when("finished_at")),
    ] {
        if value != "-" {
            page.push(format!("  {name:<13} {value}\n"));
        }
    }
    for attempt in each(job, "attempts") {
        let outcome = attempt["error"].as_str().unwrap_or("no error");
        let ended = age(&attempt["finished_at"], now);
        page.push(format!("\nAttempt {}, {ended}, on {}\n  {outcome}\n", attempt["number"], text(attempt, "worker")));
    }
    for part in ["progress", "args", "result"] {
        if !job[part].is_null() {
            let pretty = serde_json::to_string_pretty(&job[part]).expect("JSON serialises");
            page.push(format!("\n{part} {pretty}\n"));
        }
    }
    page.concat()
}

/// Does one thing to each of some jobs; all are tried.
async fn one_by_one(console: &Console, verb: &str, args: JobIdsArgs) -> Result<(), Failure> {
    let (mut answers, mut refused) = (Vec::new(), Vec::new());
    for id in &args.ids {
        let (method, path) = match verb {
            "delete" => (Method::DELETE, path(id, "")),
            verb => (Method::POST, path(id, &format!("/{verb}"))),
        };
        match console.send(method, &path, why(&args.reason)).await {
            Ok(job) => answers.push(job),
            Err(Failure::Failed(text)) => refused.push(format!("job {id}: {text}")),
            Err(other) => return Err(other),
        }
    }
    console.print(&Value::Array(answers), |jobs| {
        let line = |job: &Value| match verb {
            "delete" => format!("job {} was {} and is deleted\n", plain(&job["id"]), plain(&job["state"])),
            _ => format!("job {} is {}\n", plain(&job["id"]), plain(&job["state"])),
        };
        jobs.as_array().into_iter().flatten().map(line).collect()
    });
    if refused.is_empty() { Ok(()) } else { Err(Failure::Failed(refused.join("; "))) }
}

async fn edit(console: &Console, args: JobEditArgs) -> Result<(), Failure> {
    let mut body = why(&args.reason);
    if let Some(priority) = args.priority {
        body["priority"] = json!(priority);
    }
    if let Some(run_at) = args.run_at {
        body["run_at"] = json!(run_at);
    }
    let job = console.send(Method::PATCH, &path(&args.id, ""), body).await?;
    console.print(&job, |job| {
        format!(
            "job {} is {}, priority {}, due {}\n",
            plain(&job["id"]),
            plain(&job["state"]),
            job["priority"],
            plain(&job["run_at"])
        )
    });
    Ok(())
}

async fn bulk(console: &Console, args: JobBulkArgs) -> Result<(), Failure> {
    let action = args.action.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default();
    let body = |dry_run: bool| {
        let mut body = why(&args.reason);
        body["action"] = json!(action);
        body["filter"] = filter(&args.filter);
        body["dry_run"] = json!(dry_run);
        body
    };
    if args.dry_run || !args.yes {
        let preview = console.send(Method::POST, "/api/jobs/bulk", body(true)).await?;
        if args.dry_run {
            console.print(&preview, |preview| sample(preview, &action, console.now()));
            return Ok(());
        }
        eprint!("{}", sample(&preview, &action, console.now()));
        if preview["matched"] == json!(0) {
            return Ok(());
        }
        confirm()?;
    }
    let accepted = console.send(Method::POST, "/api/jobs/bulk", body(false)).await?;
    if args.no_wait {
        console.print(&accepted, |accepted| format!("job {} does it\n", plain(&accepted["job_id"])));
        return Ok(());
    }
    let job = follow(console, &plain(&accepted["job_id"])).await?;
    console.print(&job, |job| {
        let result = &job["result"];
        format!(
            "job {} is {}: {} matched, {} changed, {} skipped\n",
            plain(&job["id"]),
            plain(&job["state"]),
            plain(&result["matched"]),
            plain(&result["changed"]),
            plain(&result["skipped"])
        )
    });
    match job["state"].as_str() {
        Some("completed") => Ok(()),
        _ => Err(Failure::Failed(format!("job {} was {}", plain(&job["id"]), plain(&job["state"])))),
    }
}

fn sample(preview: &Value, action: &str, now: DateTime<Utc>) -> String {
    format!(
        "{} jobs match; {action} would be tried on each. The newest:\n{}",
        preview["matched"],
        rows(&preview["sample"], now)
    )
}

fn confirm() -> Result<(), Failure> {
    if !std::io::stdin().is_terminal() {
        return Err(Failure::Usage("nobody can be asked here; give --yes to go on, or --dry-run to look".to_owned()));
    }
    eprint!("Type yes to go on: ");
    std::io::stderr().flush()?;
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer)?;
    if answer.trim().eq_ignore_ascii_case("yes") { Ok(()) } else { Err(Failure::Failed("nothing was done".to_owned())) }
}

/// Waits until a job has ended.
async fn follow(console: &Console, id: &str) -> Result<Value, Failure> {
    let bar = if console.is_json() { ProgressBar::hidden() } else { ProgressBar::new(0) };
    let style = ProgressStyle::with_template("{bar:40} {pos}/{len} {msg}").expect("the template is valid");
    bar.set_style(style);
    bar.set_message(format!("job {id}; Ctrl-C stops waiting, `workflow jobs cancel {id}` stops the job"));
    loop {
        let job = console.get(&path(id, ""), &[]).await?;
        let progress = &job["progress"];
        bar.set_length(progress["matched"].as_u64().unwrap_or(0));
        bar.set_position(progress["done"].as_u64().unwrap_or(0));
        if matches!(job["state"].as_str(), Some("completed" | "cancelled" | "discarded")) {
            bar.finish_and_clear();
            return Ok(job);
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

async fn items(console: &Console, id: &str, outcome: Option<String>) -> Result<(), Failure> {
    let query: Vec<(&str, String)> = outcome.map(|outcome| ("outcome", outcome)).into_iter().collect();
    let page = console.pages(&path(id, "/items"), "items", &query, usize::MAX).await?;
    console.print(&page, |page| {
        let row = |item: &Value| vec![text(item, "item"), text(item, "outcome"), text(item, "detail")];
        table(&["ITEM", "OUTCOME", "DETAIL"], each(page, "items").map(row))
    });
    Ok(())
}

async fn errors(console: &Console) -> Result<(), Failure> {
    let groups = console.get("/api/jobs/errors", &[]).await?;
    console.print(&groups, |groups| {
        let row = |group: &Value| {
            vec![
                text(group, "count"),
                text(group, "kind"),
                age(&group["last_at"], console.now()),
                text(group, "sample_job_id"),
                brief(&text(group, "error"), 100),
            ]
        };
        table(&["COUNT", "KIND", "LAST", "NEWEST JOB", "ERROR"], each(groups, "groups").map(row))
    });
    Ok(())
}

fn path(id: &str, rest: &str) -> String {
    let id: String = url::form_urlencoded::byte_serialize(id.as_bytes()).collect();
    format!("/api/jobs/{id}{rest}")
}

fn why(reason: &ReasonArgs) -> Value {
    match &reason.reason {
        Some(reason) => json!({"reason": reason}),
        None => json!({}),
    }
}

fn single(filter: &FilterArgs) -> Vec<(&'static str, String)> {
    let texts = [
        ("task_id", &filter.task_id),
        ("q", &filter.q),
        ("worker", &filter.worker),
        ("schedule", &filter.schedule),
        ("error", &filter.error),
    ];
    let instants = [("from", &filter.from), ("to", &filter.to)];
    let texts = texts.into_iter().filter_map(|(name, value)| Some((name, value.clone()?)));
    texts.chain(instants.into_iter().filter_map(|(name, at)| Some((name, at.as_ref()?.to_rfc3339())))).collect()
}

fn query(filter: &FilterArgs) -> Vec<(&'static str, String)> {
    let mut query = single(filter);
    for (name, values) in [("state", &filter.state), ("queue", &filter.queue), ("kind", &filter.kind)] {
        query.extend(values.iter().map(|value| (name, value.clone())));
    }
    query
}

fn filter(filter: &FilterArgs) -> Value {
    let mut body = serde_json::Map::new();
    for (name, value) in single(filter) {
        body.insert(name.to_owned(), json!(value));
    }
    for (name, values) in [("state", &filter.state), ("queue", &filter.queue), ("kind", &filter.kind)] {
        if !values.is_empty() {
            body.insert(name.to_owned(), json!(values));
        }
    }
    Value::Object(body)
}
