//! What recurs in all mails of live tasks.

use mail::patterns::{Census, Completion, Found, Matcher, Screen, Sighting, Structures, Tally};
use serde_json::{Value, json};
use shared::domain::{Category, Cents};
use shared::jobs::{JobContext, JobError};
use shared::store::Session;
use shared::store::mining::{self, Observed};
use shared::store::patterns::Pattern;

/// Mails read at once.
const PAGE: i64 = 500;
/// Tasks whose patterns are written in one transaction.
const TASKS: usize = 1_000;
/// Patterns kept of a task.
const EACH: usize = 5;

/// Finds the patterns and says which task bears which; gives their number, or that nothing has changed.
pub(super) async fn find(context: &JobContext) -> Result<Value, JobError> {
    let mut session = context.db().snapshot().await?;
    let fingerprint = mining::fingerprint(&mut session).await?;
    if mining::state(&mut session).await?.1.as_deref() == Some(fingerprint.as_str()) {
        return Ok(json!("unchanged"));
    }
    let mut census = Census::default();
    walk(&mut session, |seen, _| census.count(seen)).await?;
    let mails = census.mails();
    let mut screen = Screen::new(census);
    walk(&mut session, |seen, _| screen.count(seen)).await?;
    let mut tally = Tally::new(screen);
    walk(&mut session, |seen, _| tally.count(seen)).await?;
    let (found, matcher) = tally.patterns();

    let patterns: Vec<Pattern> = found.into_iter().filter_map(row).collect();
    let progress = json!({"step": "patterns", "mails": mails, "patterns": patterns.len()});
    let mut tx = context.db().begin().await?;
    mining::replace(&mut tx, &patterns).await?;
    context.checkpoint(tx, &progress).await?;
    let mut bearing = Bearing { matcher, open: None, changed: Vec::new() };
    walk(&mut session, |seen, row| bearing.see(seen, row)).await?;
    drop(session);
    for chunk in bearing.finish().chunks(TASKS) {
        let mut tx = context.db().begin().await?;
        mining::bear(&mut tx, chunk).await?;
        context.checkpoint(tx, &progress).await?;
    }
    let mut tx = context.db().begin().await?;
    mining::set_mined(&mut tx, &fingerprint).await?;
    context.checkpoint(tx, &progress).await?;
    Ok(json!({"mails": mails, "found": patterns.len()}))
}

/// Shows every mail, those of a task together.
async fn walk(session: &mut Session, mut see: impl FnMut(&Sighting<'_>, &Observed)) -> Result<(), JobError> {
    let (mut task, mut email) = (String::new(), String::new());
    loop {
        let page = mining::observed(session, (&task, &email), PAGE).await?;
        let Some(last) = page.last() else { return Ok(()) };
        (task, email) = (last.task_id.clone(), last.email_id.clone());
        for row in &page {
            let structures: Structures = serde_json::from_str(&row.structures).unwrap_or_default();
            see(&sighting(row, &structures), row);
        }
        tokio::task::yield_now().await;
    }
}

fn sighting<'a>(row: &'a Observed, structures: &'a Structures) -> Sighting<'a> {
    let completed = row.completion_date.map(|at| Completion {
        in_time: row.sla_deadline.is_none_or(|due| at <= due),
        millis: (at - row.created_at).num_milliseconds().max(0),
    });
    Sighting {
        email: &row.email_id,
        task: &row.task_id,
        category: &row.category,
        at: row.at,
        cents: row.cents,
        completed,
        structures,
    }
}

fn row(found: Found) -> Option<Pattern> {
    Some(Pattern {
        id: found.id,
        workflow_category: Category::parse(&found.category)?,
        signature: found.signature,
        support: i64::try_from(found.support).unwrap_or(i64::MAX),
        lift: found.lift,
        first_seen: found.first_seen,
        last_seen: found.last_seen,
        trend: found.trend,
        total_value: Cents(found.cents),
        success_rate: found.success_rate,
        average_completion_hours: found.completion_hours,
        examples: found.examples,
    })
}

/// Which patterns tasks bear, as far as that is not known yet.
struct Bearing {
    matcher: Matcher,
    /// The task whose mails are coming: what it bears so far, and what is known.
    open: Option<(String, Vec<String>, Vec<String>)>,
    changed: Vec<(String, Vec<String>)>,
}

impl Bearing {
    fn see(&mut self, seen: &Sighting<'_>, row: &Observed) {
        if self.open.as_ref().is_none_or(|(task, ..)| task != seen.task) {
            self.close();
            self.open = Some((seen.task.to_owned(), Vec::new(), known(row)));
        }
        let Some((_, bears, _)) = &mut self.open else { return };
        for id in self.matcher.of(seen.category, seen.structures) {
            if bears.len() < EACH && !bears.contains(&id) {
                bears.push(id);
            }
        }
    }

    fn close(&mut self) {
        if let Some((task, bears, known)) = self.open.take()
            && bears != known
        {
            self.changed.push((task, bears));
        }
    }

    fn finish(mut self) -> Vec<(String, Vec<String>)> {
        self.close();
        self.changed
    }
}

fn known(row: &Observed) -> Vec<String> {
    let rows: Vec<Value> = row.patterns.as_deref().and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
    rows.iter().filter_map(|row| row["id"].as_str().map(str::to_owned)).collect()
}
