//! `workflow queues`: looks at queues and their history, pauses, resumes and limits them.

use reqwest::Method;
use serde_json::{Map, Value, json};

use crate::cli::{QueueHistoryArgs, QueueLimitArgs, QueuesArgs, QueuesVerb};
use crate::exit::Failure;
use crate::ops::Console;
use crate::table::{each, plain, table, text};

pub(super) async fn run(args: QueuesArgs) -> Result<(), Failure> {
    let console = Console::new(args.ops)?;
    let (method, path, body) = match args.verb {
        None | Some(QueuesVerb::List) => {
            let queues = console.get("/api/queues", &[]).await?;
            console.print(&queues, |queues| rows(each(queues, "queues")));
            return Ok(());
        }
        Some(QueuesVerb::History(args)) => return history(&console, args).await,
        Some(QueuesVerb::Pause { name, reason, until }) => {
            (Method::POST, format!("/api/queues/{name}/pause"), json!({"reason": reason.reason, "until": until}))
        }
        Some(QueuesVerb::Resume { name, reason }) => {
            (Method::POST, format!("/api/queues/{name}/resume"), json!({"reason": reason.reason}))
        }
        Some(QueuesVerb::Limit(args)) => (Method::PATCH, format!("/api/queues/{}", args.name), limits(&args)?),
    };
    let queue = console.send(method, &path, body).await?;
    console.print(&queue, |queue| rows(std::iter::once(queue)));
    Ok(())
}

async fn history(console: &Console, args: QueueHistoryArgs) -> Result<(), Failure> {
    let given = [
        ("queue", args.name),
        ("from", args.from.map(|at| at.to_rfc3339())),
        ("to", args.to.map(|at| at.to_rfc3339())),
        ("step", args.step.map(|seconds| seconds.to_string())),
    ];
    let query: Vec<(&str, String)> = given.into_iter().filter_map(|(name, value)| Some((name, value?))).collect();
    let history = console.get("/api/queues/history", &query).await?;
    console.print(&history, |history| points(each(history, "points")));
    Ok(())
}

fn points<'a>(points: impl Iterator<Item = &'a Value>) -> String {
    let times = |times: &Value| ["p50", "p95", "p99"].map(|part| plain(&times[part])).join("/");
    let row = |point: &Value| {
        let depth = &point["depth"];
        vec![
            text(point, "at"),
            plain(&depth["available"]),
            plain(&depth["running"]),
            plain(&depth["retryable"]),
            seconds(point),
            text(point, "completed"),
            text(point, "failed"),
            failing(point),
            times(&point["wait_ms"]),
            times(&point["run_ms"]),
        ]
    };
    let headings =
        ["AT", "AVAILABLE", "RUNNING", "RETRYABLE", "OLDEST", "DONE", "FAILED", "FAILING", "WAIT MS", "RUN MS"];
    table(&headings, points.map(row))
}

fn seconds(of: &Value) -> String {
    of["oldest_available_seconds"].as_f64().map_or("-".to_owned(), |age| format!("{age:.1} s"))
}

fn failing(of: &Value) -> String {
    of["failure_rate"].as_f64().map_or("-".to_owned(), |rate| format!("{:.1} %", rate * 100.0))
}

fn rows<'a>(queues: impl Iterator<Item = &'a Value>) -> String {
    let row = |queue: &Value| {
        let depth = &queue["depth"];
        let state = match queue["paused"].as_bool() {
            Some(true) => {
                let until = queue["until"].as_str().map(|until| format!(" until {until}")).unwrap_or_default();
                let reason = queue["reason"].as_str().map(|reason| format!(": {reason}")).unwrap_or_default();
                format!("paused by {}{until}{reason}", text(queue, "paused_by"))
            }
            _ => "open".to_owned(),
        };
        vec![
            text(queue, "name"),
            plain(&depth["available"]),
            plain(&depth["running"]),
            format!("{}+{}", depth["scheduled"], depth["pending"]),
            plain(&depth["retryable"]),
            plain(&depth["discarded"]),
            seconds(queue),
            text(queue, "completed_per_minute"),
            failing(queue),
            text(queue, "workers"),
            limit_text(&queue["limits"]),
            state,
        ]
    };
    let headings = [
        "QUEUE",
        "AVAILABLE",
        "RUNNING",
        "LATER",
        "RETRYABLE",
        "DISCARDED",
        "OLDEST",
        "DONE/MIN",
        "FAILING",
        "WORKERS",
        "LIMITS",
        "STATE",
    ];
    table(&headings, queues.map(row))
}

fn limit_text(limits: &Value) -> String {
    let mut parts = Vec::new();
    for (field, name) in [("concurrency", "at once"), ("key_concurrency", "of a key at once")] {
        if let Some(most) = limits[field].as_i64() {
            parts.push(format!("{most} {name}"));
        }
    }
    for (field, name) in [("rate", ""), ("key_rate", " of a key")] {
        if let Some(rate) = limits[field].as_i64() {
            parts.push(format!("{rate}{name} in {} s", limits[format!("{field}_seconds")]));
        }
    }
    if parts.is_empty() { "-".to_owned() } else { parts.join(", ") }
}

fn limits(args: &QueueLimitArgs) -> Result<Value, Failure> {
    let mut body = Map::new();
    if let Some(reason) = &args.reason.reason {
        body.insert("reason".to_owned(), json!(reason));
    }
    for (field, given) in [("concurrency", &args.concurrency), ("key_concurrency", &args.key_concurrency)] {
        if let Some(given) = given {
            body.insert(field.to_owned(), number(field, given)?);
        }
    }
    for (field, given) in [("rate", &args.rate), ("key_rate", &args.key_rate)] {
        let Some(given) = given else { continue };
        let (count, seconds) = given.split_once('/').map_or((given.as_str(), None), |(count, of)| (count, Some(of)));
        body.insert(field.to_owned(), number(field, count)?);
        if let Some(seconds) = seconds {
            body.insert(format!("{field}_seconds"), number(field, seconds)?);
        }
    }
    Ok(Value::Object(body))
}

fn number(field: &str, text: &str) -> Result<Value, Failure> {
    if text.eq_ignore_ascii_case("none") {
        return Ok(Value::Null);
    }
    let wrong = || Failure::Usage(format!("--{}: {text} is neither a number nor `none`", field.replace('_', "-")));
    text.parse::<i64>().map(|number| json!(number)).map_err(|_| wrong())
}
