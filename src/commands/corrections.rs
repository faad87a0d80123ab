//! `workflow corrections`: shows what mails should have been read as, and writes them as labelled mail.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::Path;

use serde_json::Value;

use crate::cli::{CorrectionsArgs, CorrectionsVerb};
use crate::exit::Failure;
use crate::labels::{self, Correction};
use crate::ops::Console;
use crate::table::{brief, each, plain, table, text};

const LIST: &str = "/api/workflow/corrections";

pub(super) async fn run(args: CorrectionsArgs) -> Result<(), Failure> {
    let console = Console::new(args.ops)?;
    match args.verb {
        Some(CorrectionsVerb::Export { folder }) => export(&console, &folder).await,
        Some(CorrectionsVerb::List { limit }) => list(&console, limit).await,
        None => list(&console, 50).await,
    }
}

async fn list(console: &Console, limit: usize) -> Result<(), Failure> {
    let corrections = console.pages(LIST, "corrections", &[], limit).await?;
    console.print(&corrections, |corrections| {
        let row = |one: &Value| {
            vec![
                text(one, "at"),
                text(one, "principal"),
                text(one, "task_id"),
                text(one, "field"),
                brief(&plain(&one["said"]), 40),
                brief(&plain(&one["corrected"]), 40),
            ]
        };
        table(&["AT", "WHO", "TASK", "FIELD", "SAID", "SHOULD BE"], each(corrections, "corrections").map(row))
    });
    Ok(())
}

/// A corrected mail.
struct Mail {
    /// Where it is in the order of arrival.
    arrived: (String, i64),
    email: Value,
    corrections: Vec<Correction>,
}

async fn export(console: &Console, folder: &Path) -> Result<(), Failure> {
    let broken = |what: &str, error: &dyn std::fmt::Display| {
        Failure::Failed(format!("cannot {what} {}: {error}", folder.display()))
    };
    std::fs::create_dir_all(folder).map_err(|error| broken("make", &error))?;
    if std::fs::read_dir(folder).map_err(|error| broken("read", &error))?.next().is_some() {
        return Err(Failure::Usage(format!("{} is not empty; nothing was written", folder.display())));
    }
    let mut lines = Vec::new();
    let mut left_out = 0;
    for mail in corrected(console).await? {
        let id = text(&mail.email, "id");
        let (name, raw) = console.file(&format!("/api/workflow/emails/{id}/raw")).await?;
        let alone = is_alone(console, &mail.email).await?;
        let file = format!("{:04}.eml", lines.len());
        // Only mail as it travels is a labelled mail: JSON is not, nor is what was kept of one too large.
        let label = (!std::path::Path::new(&name).extension().is_some_and(|kind| kind.eq_ignore_ascii_case("json")))
            .then(|| labels::label(&file, &raw, &mail.email, alone, &mail.corrections))
            .flatten();
        match label {
            None => left_out += 1,
            Some(line) => {
                std::fs::write(folder.join(&file), raw).map_err(|error| broken("write into", &error))?;
                lines.push(line.to_string());
            }
        }
    }
    let mut gold = std::fs::File::create(folder.join("gold.jsonl")).map_err(|error| broken("write into", &error))?;
    for line in &lines {
        writeln!(gold, "{line}").map_err(|error| broken("write into", &error))?;
    }
    let rest = if left_out == 0 { String::new() } else { format!("; {left_out} could not be labelled") };
    println!("{} mails in {}{rest}", lines.len(), folder.display());
    Ok(())
}

/// Mails with their corrections, in the order in which they arrived.
async fn corrected(console: &Console) -> Result<Vec<Mail>, Failure> {
    let page = console.pages(LIST, "corrections", &[], usize::MAX).await?;
    let mut by_mail: BTreeMap<String, Vec<Correction>> = BTreeMap::new();
    for one in each(&page, "corrections") {
        let correction = serde_json::from_value(one.clone())
            .map_err(|error| Failure::Failed(format!("{LIST}: a correction cannot be read: {error}")))?;
        by_mail.entry(text(one, "email_id")).or_default().push(correction);
    }
    let mut mails = Vec::new();
    for (id, corrections) in by_mail {
        let email = console.get(&format!("/api/workflow/emails/{id}"), &[]).await?;
        let arrived = (text(&email, "received_at"), email["position"].as_i64().unwrap_or_default());
        mails.push(Mail { arrived, email, corrections });
    }
    mails.sort_by(|a, b| a.arrived.cmp(&b.arrived));
    Ok(mails)
}

/// Whether a mail is the only one of its task, so that what the task should have shown is its own.
async fn is_alone(console: &Console, email: &Value) -> Result<bool, Failure> {
    let query = [("task_id", text(email, "task_id")), ("limit", "2".to_owned())];
    let mails = console.get("/api/workflow/emails", &query).await?;
    Ok(each(&mails, "emails").count() == 1)
}
