//! `workflow schedules`: looks at schedules, runs, pauses, resumes and changes them.

use chrono::{DateTime, Utc};
use reqwest::Method;
use serde_json::{Value, json};

use crate::cli::{ScheduleArgs, SchedulesArgs, SchedulesVerb};
use crate::exit::Failure;
use crate::ops::Console;
use crate::table::{age, each, plain, table, text};

pub(super) async fn run(args: SchedulesArgs) -> Result<(), Failure> {
    let console = Console::new(args.ops)?;
    let post = |args: ScheduleArgs, verb: &str| {
        (Method::POST, format!("/api/schedules/{}/{verb}", args.name), json!({"reason": args.reason.reason}))
    };
    let (method, path, body) = match args.verb {
        None | Some(SchedulesVerb::List) => {
            let schedules = console.get("/api/schedules", &[]).await?;
            let now = console.now();
            console.print(&schedules, |all| rows(each(all, "schedules"), now));
            return Ok(());
        }
        Some(SchedulesVerb::Run(args)) => post(args, "run"),
        Some(SchedulesVerb::Pause(args)) => post(args, "pause"),
        Some(SchedulesVerb::Resume(args)) => post(args, "resume"),
        Some(SchedulesVerb::Edit { schedule, cron, tz, catch_up }) => {
            let given = [("cron", cron), ("tz", tz), ("catch_up", catch_up), ("reason", schedule.reason.reason)];
            let body = given.into_iter().filter_map(|(field, value)| Some((field.to_owned(), json!(value?))));
            (Method::PATCH, format!("/api/schedules/{}", schedule.name), Value::Object(body.collect()))
        }
    };
    let answer = console.send(method, &path, body).await?;
    let now = console.now();
    console.print(&answer, |answer| match answer["job_id"].as_str() {
        Some(job) => format!("job {job} was made\n"),
        None => rows(std::iter::once(answer), now),
    });
    Ok(())
}

fn rows<'a>(schedules: impl Iterator<Item = &'a Value>, now: DateTime<Utc>) -> String {
    let row = |schedule: &Value| {
        let state = match (schedule["paused"].as_bool(), schedule["reason"].as_str()) {
            (Some(true), Some(reason)) => format!("paused by {}: {reason}", plain(&schedule["paused_by"])),
            (Some(true), None) => format!("paused by {}", plain(&schedule["paused_by"])),
            _ => "on".to_owned(),
        };
        vec![
            text(schedule, "name"),
            text(schedule, "cron"),
            text(schedule, "tz"),
            text(schedule, "kind"),
            text(schedule, "catch_up"),
            age(&schedule["last_run_at"], now),
            text(schedule, "last_job_id"),
            age(&schedule["next_run_at"], now),
            state,
        ]
    };
    table(&["SCHEDULE", "CRON", "ZONE", "KIND", "MISSED", "LAST", "JOB", "NEXT", "STATE"], schedules.map(row))
}
