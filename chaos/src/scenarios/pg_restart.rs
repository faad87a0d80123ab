//! PostgreSQL is restarted without warning, again and again, under load. Every process goes on by itself, and after each
//! restart every worker takes part again.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use chrono::Utc;
use rand::Rng;
use rand::rngs::StdRng;
use tokio::process::Command;

use super::start;
use crate::load::Load;
use crate::process::Process;
use crate::stage::Stage;
use crate::{Findings, Terms, check};

/// In which the API must be ready and every worker take part again.
const BACK: Duration = Duration::from_secs(10);

pub async fn run(stage: &mut Stage, terms: Terms, dice: &mut StdRng) -> Result<Findings> {
    let control = std::env::var("WORKFLOW_TEST_PG_CTL").context("run it by `cargo xtask chaos`")?;
    let (mut api, mut workers, apis) = start(stage, 3).await?;
    let load = Load::start(&apis, 8, 10_000, 9);
    let mut findings = Findings::default();
    let (mut slowest_ready, mut slowest_worker) = (Duration::ZERO, Duration::ZERO);
    let restarts = terms.pick(10, 3);
    for restart in 1..=restarts {
        tokio::time::sleep(Duration::from_millis(dice.random_range(500..1500))).await;
        let done = Command::new(&control).args(["restart", "-m", "immediate", "-w"]).output().await?;
        anyhow::ensure!(done.status.success(), "pg_ctl: {}", String::from_utf8_lossy(&done.stderr));
        let up = Instant::now();
        let since = now();
        match ready(&api.url).await {
            Some(took) => slowest_ready = slowest_ready.max(took),
            None => findings.note(format!("restart {restart}: the API was not ready again in 10 s")),
        }
        match all_take_part(stage, &since, workers.len() as u64, up).await {
            Some(took) => slowest_worker = slowest_worker.max(took),
            None => findings.note(format!("restart {restart}: a worker took no further part")),
        }
        if !findings.broken.is_empty() {
            break;
        }
    }
    load.stop();
    if findings.broken.is_empty() {
        let accepted = load.accepted();
        let expected = load.finish().await;
        check::settled(stage, terms.patience, &expected, &mut findings).await?;
        findings.did = format!(
            "{accepted} mutations, {restarts} restarts, ready again in {:.1} s, every worker at work in {:.1} s",
            slowest_ready.as_secs_f64(),
            slowest_worker.as_secs_f64()
        );
    }
    let gone = workers.iter_mut().chain([&mut api]).filter_map(Process::ended).count();
    if gone > 0 {
        findings.note(format!("{gone} processes exited"));
    }
    Ok(findings)
}

#[expect(clippy::disallowed_methods, reason = "the harness looks at real processes, which have the real time")]
fn now() -> String {
    Utc::now().to_rfc3339()
}

async fn ready(api: &str) -> Option<Duration> {
    let began = Instant::now();
    while began.elapsed() < BACK {
        let asked = reqwest::Client::new().get(format!("{api}/health/ready")).timeout(Duration::from_secs(2)).send();
        if asked.await.is_ok_and(|answer| answer.status().is_success()) {
            return Some(began.elapsed());
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    None
}

/// Until every worker has begun a job since then. Under load each claims what it can.
async fn all_take_part(stage: &Stage, since: &str, workers: u64, up: Instant) -> Option<Duration> {
    let sql = format!("SELECT count(DISTINCT worker_id) FROM jobs WHERE started_at > CAST('{since}' AS timestamptz)");
    while up.elapsed() < BACK + Duration::from_secs(5) {
        if stage.number(&sql).await >= workers {
            return Some(up.elapsed());
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    None
}
