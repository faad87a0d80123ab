//! Five processes tick the same schedule, and some die: each tick makes one job.

use std::time::Duration;

use anyhow::Result;
use rand::Rng;
use rand::rngs::StdRng;

use crate::stage::Stage;
use crate::{Findings, Terms};

const FIRST: &str = "SELECT CAST(extract(epoch FROM next_run_at) AS bigint) FROM schedules WHERE name = 'chaos'";

pub async fn run(stage: &mut Stage, terms: Terms, dice: &mut StdRng) -> Result<Findings> {
    let ticks = terms.pick(120, 15);
    let kills = terms.pick(3, 1);
    let mut workers = Vec::new();
    for _ in 0..5 {
        workers.push(stage.start("worker", &[]).await?);
    }
    // Every second, and every one that nobody was there for is made up for.
    stage
        .db
        .execute_raw(
            "INSERT INTO schedules (name, kind, queue, cron, tz, catch_up, next_run_at)
             VALUES ('chaos', 'refresh-metrics', 'metrics', '* * * * * *', 'UTC', 'all',
                     date_trunc('second', clock_timestamp()))",
        )
        .await;
    let first = stage.number(FIRST).await;
    for _ in 0..kills {
        tokio::time::sleep(Duration::from_secs(ticks / (kills + 1))).await;
        let victim = dice.random_range(0..workers.len());
        workers[victim].kill().await?;
        workers[victim] = stage.start("worker", &[]).await?;
    }
    let mut findings = Findings::default();
    let reached = stage
        .until_none(
            &format!("SELECT GREATEST(0, {} - ({FIRST}))", first + ticks),
            Duration::from_secs(ticks) + terms.patience,
        )
        .await;
    if !reached {
        findings.note("the schedule stopped ticking");
    }
    for worker in &mut workers {
        worker.kill().await?;
    }
    let due = stage.number(FIRST).await - first;
    let jobs = stage.number("SELECT count(*) FROM jobs WHERE schedule = 'chaos'").await;
    findings.lost = due.saturating_sub(jobs);
    findings.twice = jobs.saturating_sub(due);
    findings.did = format!("5 schedulers, {kills} kills, {due} ticks, {jobs} jobs");
    Ok(findings)
}
