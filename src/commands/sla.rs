//! `workflow sla`: shows the book of calendars and policies, and puts a file in its place.

use std::path::Path;

use reqwest::Method;
use serde_json::{Value, json};

use crate::book;
use crate::cli::{SlaArgs, SlaVerb};
use crate::exit::Failure;
use crate::ops::Console;
use crate::table::{each, plain, table, text};

pub(super) async fn run(args: SlaArgs) -> Result<(), Failure> {
    let console = Console::new(args.ops)?;
    match args.verb {
        None | Some(SlaVerb::Show) => {
            let current = console.get("/api/sla", &[]).await?;
            console.print(&current, show);
            Ok(())
        }
        Some(SlaVerb::Apply { file, dry_run, reason }) => apply(&console, &file, dry_run, reason.reason).await,
    }
}

async fn apply(console: &Console, file: &Path, dry_run: bool, reason: Option<String>) -> Result<(), Failure> {
    let book = book::read(file).map_err(|faults| {
        for fault in &faults {
            eprintln!("{fault}");
        }
        let count = if faults.len() == 1 { "a fault".to_owned() } else { format!("{} faults", faults.len()) };
        Failure::Data(format!("{} has {count}; nothing was changed", file.display()))
    })?;
    let path = if dry_run { "/api/sla?dry_run=true" } else { "/api/sla" };
    let answer = console.send(Method::PUT, path, json!({"book": book.document, "reason": reason})).await?;
    console.print(&answer, |answer| applied(answer, dry_run));
    Ok(())
}

fn applied(answer: &Value, dry_run: bool) -> String {
    let revision = plain(&answer["revision"]);
    match (answer["changed"].as_bool(), dry_run) {
        (Some(true), false) => format!("revision {revision} applies now: {}\n", size(&answer["book"])),
        (Some(true), true) => {
            let effect = &answer["effect"];
            let (moved, of) = (plain(&effect["changed"]), plain(&effect["examined"]));
            let size = size(&answer["book"]);
            format!("would follow revision {revision}: {size}; recomputing would change {moved} of {of} open tasks\n")
        }
        _ => format!("revision {revision} says the same\n"),
    }
}

fn size(book: &Value) -> String {
    let count = |number: usize, one: &str, many: &str| format!("{number} {}", if number == 1 { one } else { many });
    let policies = book["policies"].as_array().map_or(0, Vec::len);
    let calendars = book["calendars"].as_object().map_or(0, serde_json::Map::len);
    format!("{}, {}", count(policies, "policy", "policies"), count(calendars, "calendar", "calendars"))
}

fn show(current: &Value) -> String {
    let book = &current["book"];
    let about = match current["created_by"].as_str() {
        None => "there is no book: the default policy alone applies".to_owned(),
        Some(by) => {
            let reason = current["reason"].as_str().map_or_else(String::new, |reason| format!(": {reason}"));
            format!("revision {} by {by}{reason}", plain(&current["revision"]))
        }
    };
    let policies = each(book, "policies").map(policy);
    let calendars = book["calendars"].as_object().into_iter().flatten().map(calendar);
    let mut shown = format!("{about}\n");
    if each(book, "policies").next().is_some() {
        shown.push_str(&table(
            &["POLICY", "FOR", "HOURS", "FIRST", "CALENDAR", "WARNING", "CRITICAL", "STEPS"],
            policies,
        ));
    }
    if book["calendars"].as_object().is_some_and(|calendars| !calendars.is_empty()) {
        shown.push_str(&table(&["CALENDAR", "ZONE", "HOURS", "OTHER DAYS"], calendars));
    }
    shown
}

fn policy(policy: &Value) -> Vec<String> {
    let steps = policy["escalations"].as_array().map_or(0, Vec::len);
    vec![
        text(policy, "name"),
        conditions(&policy["when"]),
        hours(&policy["resolution_hours"]),
        hours(&policy["first_response_hours"]),
        text(policy, "calendar"),
        threshold(&policy["warning"]),
        threshold(&policy["critical"]),
        if steps == 0 { String::new() } else { steps.to_string() },
    ]
}

fn conditions(when: &Value) -> String {
    let each = when.as_object().into_iter().flatten();
    let told: Vec<String> = each.map(|(name, value)| format!("{name} {}", joined(value, " or "))).collect();
    if told.is_empty() { "everything".to_owned() } else { told.join("; ") }
}

fn joined(value: &Value, between: &str) -> String {
    value.as_array().map_or_else(|| plain(value), |items| items.iter().map(plain).collect::<Vec<_>>().join(between))
}

fn hours(target: &Value) -> String {
    let by_priority = |map: &serde_json::Map<String, Value>| {
        let each = ["CRITICAL", "HIGH", "MEDIUM", "NORMAL"].map(|priority| plain(&map[priority]));
        each.join("/")
    };
    target.as_object().map_or_else(|| plain(target), by_priority)
}

fn threshold(threshold: &Value) -> String {
    match (threshold["hours"].as_f64(), threshold["percent"].as_f64()) {
        (Some(hours), _) => format!("{hours} h"),
        (_, Some(percent)) => format!("{percent} %"),
        _ => String::new(),
    }
}

fn calendar((name, calendar): (&String, &Value)) -> Vec<String> {
    let days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
    let open = days.iter().filter(|day| calendar["week"][**day].as_array().is_some_and(|spans| !spans.is_empty()));
    let hours: Vec<String> = open.map(|day| format!("{day} {}", joined(&calendar["week"][*day], " "))).collect();
    let exceptions = calendar["exceptions"].as_object().map_or(0, serde_json::Map::len);
    vec![name.clone(), text(calendar, "zone"), hours.join("; "), exceptions.to_string()]
}
