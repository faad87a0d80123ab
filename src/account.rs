//! What became of uploaded mail: waits for batches and adds up their accounts.

use std::io::{self, Write};
use std::time::Duration;

use serde::Deserialize;

use crate::client::{Client, Problem};

/// Quarantined mails and unreadable files named at most.
const NAMED: usize = 50;
/// Longest pause between two looks at a batch.
const LONGEST_PAUSE: Duration = Duration::from_secs(1);
/// How often in a row a server that does not answer is asked again, each with the tries of a request.
const OUTAGES: u32 = 6;

/// A batch as the API shows it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Batch {
    /// Its id.
    pub id: String,
    /// `pending`, `processing`, `completed` or `failed`.
    pub state: String,
    /// Mails in it.
    pub received: u64,
    /// Mails that are accounted for.
    pub processed: u64,
    tasks_created: u64,
    tasks_updated: u64,
    noise: u64,
    duplicates: u64,
    quarantined: u64,
    errors: Vec<MailError>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct MailError {
    email: String,
    reason: String,
}

/// The account of many batches.
#[derive(Debug, Default)]
pub struct Account {
    received: u64,
    tasks_created: u64,
    tasks_updated: u64,
    noise: u64,
    duplicates: u64,
    quarantined: u64,
    in_quarantine: Vec<(String, String)>,
    /// Batches that failed, with the reason.
    pub failed: Vec<String>,
}

impl Account {
    /// Adds a batch that has ended.
    pub fn add(&mut self, batch: Batch) {
        self.received += batch.received;
        self.tasks_created += batch.tasks_created;
        self.tasks_updated += batch.tasks_updated;
        self.noise += batch.noise;
        self.duplicates += batch.duplicates;
        self.quarantined += batch.quarantined;
        let failed = batch.state == "failed";
        let (of_mails, of_batch): (Vec<_>, Vec<_>) =
            batch.errors.into_iter().partition(|error| !error.email.is_empty());
        self.in_quarantine.extend(of_mails.into_iter().map(|error| (error.email, error.reason)));
        if failed {
            let reasons: Vec<String> = of_batch.into_iter().map(|error| error.reason).collect();
            self.failed.push(format!("batch {} failed: {}", batch.id, reasons.join("; ")));
        }
    }

    /// One line, in the words of everyday.
    pub fn summary(&self) -> String {
        let count = |number: u64, one: &str, many: &str| format!("{number} {}", if number == 1 { one } else { many });
        format!(
            "{}: {}, {}, {} noise, {}, {} quarantined",
            count(self.received, "mail", "mails"),
            count(self.tasks_created, "task", "tasks"),
            count(self.tasks_updated, "update", "updates"),
            self.noise,
            count(self.duplicates, "duplicate", "duplicates"),
            self.quarantined
        )
    }

    /// One line a figure, and each quarantined mail with its reason.
    pub fn write(&self, out: &mut impl Write) -> io::Result<()> {
        writeln!(out, "received: {}", self.received)?;
        writeln!(out, "tasks created: {}", self.tasks_created)?;
        writeln!(out, "tasks updated: {}", self.tasks_updated)?;
        writeln!(out, "noise: {}", self.noise)?;
        writeln!(out, "duplicates: {}", self.duplicates)?;
        writeln!(out, "quarantined: {}", self.quarantined)?;
        write_named(out, &self.in_quarantine, self.quarantined as usize)
    }
}

/// Lists names with their reasons, the first ones only; `total` may be more than are named.
pub fn write_named(out: &mut impl Write, named: &[(String, String)], total: usize) -> io::Result<()> {
    for (name, reason) in named.iter().take(NAMED) {
        writeln!(out, "  {name}: {reason}")?;
    }
    let more = total.max(named.len()).saturating_sub(named.len().min(NAMED));
    if more > 0 { writeln!(out, "  ... and {more} more") } else { Ok(()) }
}

/// Waits until a batch has ended, showing it each time it is looked at.
pub async fn outcome(client: &Client, id: &str, show: impl Fn(&Batch)) -> Result<Batch, Problem> {
    let path = format!("/api/workflow/batches/{id}");
    let (mut pause, mut outages) = (Duration::from_millis(50), 0);
    loop {
        match client.get::<Batch>(&path).await {
            Ok(batch) => {
                outages = 0;
                show(&batch);
                if matches!(&*batch.state, "completed" | "failed") {
                    return Ok(batch);
                }
            }
            Err(Problem::Unreachable(_)) if outages < OUTAGES => outages += 1,
            Err(problem) => return Err(problem),
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 3 / 2).min(LONGEST_PAUSE);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_first_fifty_quarantined_mails_are_named() {
        let errors = (0..60).map(|at| MailError { email: format!("{at}.eml"), reason: "empty".to_owned() }).collect();
        let mut account = Account::default();
        account.add(Batch { received: 61, tasks_created: 1, quarantined: 60, errors, ..Batch::default() });
        assert_eq!(account.summary(), "61 mails: 1 task, 0 updates, 0 noise, 0 duplicates, 60 quarantined");
        let mut out = Vec::new();
        account.write(&mut out).unwrap();
        let out = String::from_utf8(out).unwrap();
        assert!(out.contains("  49.eml: empty\n  ... and 10 more\n") && !out.contains("50.eml"), "{out}");
        assert!(account.failed.is_empty());
    }

    #[test]
    fn a_failed_batch_is_told_from_its_quarantined_mails() {
        let error = |email: &str, reason: &str| MailError { email: email.to_owned(), reason: reason.to_owned() };
        let errors = vec![error("a.eml", "empty"), error("", "no disk")];
        let mut account = Account::default();
        account.add(Batch {
            id: "7".to_owned(),
            state: "failed".to_owned(),
            quarantined: 1,
            errors,
            ..Batch::default()
        });
        assert_eq!(account.failed, ["batch 7 failed: no disk"]);
    }
}
