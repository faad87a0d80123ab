//! Tasks change at random, by many writers at once, while their sums are folded by processes of which one dies between
//! the two halves of a fold: in every snapshot all figures equal brute force over its tasks.

use anyhow::Result;
use chrono::{DateTime, TimeDelta, Utc};
use rand::Rng;
use rand::rngs::StdRng;
use reqwest::Client;
use serde_json::Value;
use shared::domain::Change;
use shared::store::testing::figures::{History, brute_force, live_tasks};
use shared::store::{Db, StoreError, metrics, rollups, tasks};
use tokio::task::JoinSet;

use crate::stage::{Database, Stage};
use crate::{Findings, Terms};

/// Histories written at once.
const WRITERS: u64 = 4;
/// Histories written at most.
const MOST: u64 = 40;
/// Dies when its second fold has added, but not removed.
const DIES: (&str, &str) = ("WORKFLOW_FAILPOINT", "fold.added:2");

const PAUSE: &str = "INSERT INTO queues (name, paused_at) VALUES ('sla', '2026-03-02T12:00:00+00:00')";

pub async fn run(stage: &mut Stage, terms: Terms, dice: &mut StdRng) -> Result<Findings> {
    let changes = terms.pick(50_000, 4_000);
    let start: DateTime<Utc> = "2026-03-02T12:00:00Z".parse()?;
    // Time passes in the histories alone.
    stage.db.execute_raw(PAUSE).await;
    let mut writers = JoinSet::new();
    let mut histories = 0;
    let one_more = |writers: &mut JoinSet<_>, dice: &mut StdRng, histories: &mut u64| {
        let history = History::new(&format!("w{histories}"), dice.random(), start);
        writers.spawn(write(stage.db.clone(), history, changes / WRITERS));
        *histories += 1;
    };
    for _ in 0..WRITERS {
        one_more(&mut writers, dice, &mut histories);
    }
    let (name, point) = DIES;
    let mut mortal = stage.start("worker", &[(name, point.to_owned())]).await?;
    let others =
        if stage.database == Database::Postgres { vec![stage.start("worker", &[]).await?] } else { Vec::new() };

    let mut findings = Findings::default();
    let (mut end, mut checks, mut died) = (start, 0, false);
    while !writers.is_empty() {
        while let Some(ended) = writers.try_join_next() {
            end = end.max(ended??);
        }
        // After the last change that any of them makes, so that all of it is there as of then.
        let at = start + TimeDelta::days(dice.random_range(90..120));
        check(&stage.db, at, &mut findings).await?;
        checks += 1;
        if !died && mortal.has_ended()? {
            died = true;
            mortal = stage.start("worker", &[]).await?;
        }
        // Which process folds is chance: there is something to fold until it was this one's turn twice.
        if writers.is_empty() && !died && histories < MOST {
            one_more(&mut writers, dice, &mut histories);
        }
    }
    let folded = stage.until_none("SELECT count(*) FROM rollup_deltas", terms.patience).await;
    if !folded {
        findings.note("some changes were never folded");
    }
    if !died {
        findings.note("no process died in a fold: nothing was tried");
    }
    check(&stage.db, end, &mut findings).await?;
    let compared = rollups::compare(&mut stage.db.snapshot().await?).await?;
    if !compared.differences.is_empty() {
        findings.note(format!("{} of {} sums differ from the tasks", compared.differences.len(), compared.cells));
    }
    served(stage, &mut findings).await?;
    drop(others);
    let changes = histories * (changes / WRITERS);
    findings.did = format!("{changes} changes by {WRITERS} writers, {checks} snapshots compared meanwhile");
    Ok(findings)
}

/// Writes a history; gives the instant of its last change.
async fn write(db: Db, mut history: History, changes: u64) -> Result<DateTime<Utc>> {
    for _ in 0..changes {
        let change = history.next_change();
        // The embedded database keeps a second process waiting no longer than it is patient.
        while let Err(error) = save(&db, &change).await {
            anyhow::ensure!(error.is_transient() && !matches!(error, StoreError::Conflict), "{error}");
        }
    }
    Ok(history.now)
}

async fn save(db: &Db, change: &Change) -> Result<(), StoreError> {
    let mut tx = db.begin().await?;
    tasks::save(&mut tx, std::slice::from_ref(change)).await?;
    tx.commit().await
}

async fn check(db: &Db, at: DateTime<Utc>, findings: &mut Findings) -> Result<()> {
    let mut snapshot = db.snapshot().await?;
    let expected = brute_force(&live_tasks(&mut snapshot).await?, at);
    let read = metrics::read(&mut snapshot, at).await?;
    if read != expected && findings.broken.len() < 3 {
        let (read, expected) = (read.executive, expected.executive);
        findings.note(format!("figures {read:?} instead of {expected:?}"));
    }
    Ok(())
}

/// What the API answers is what the tasks are.
async fn served(stage: &Stage, findings: &mut Findings) -> Result<()> {
    let api = stage.start("api", &[]).await?;
    let url = format!("{}/api/workflow/metrics", api.url);
    let answer: Value = Client::new().get(url).send().await?.error_for_status()?.json().await?;
    let now = serde_json::from_value(answer["calculated_at"].clone())?;
    let expected = serde_json::to_value(brute_force(&live_tasks(&mut stage.db.read().await?).await?, now))?;
    if answer != expected {
        findings.note("GET /metrics differs from its tasks");
    }
    Ok(())
}
