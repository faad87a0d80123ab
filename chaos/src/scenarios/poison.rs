//! Jobs that panic, end the process, hang, cannot be decoded or never succeed, among good ones. The good ones are done,
//! the others discarded with their reason, and a kind that nobody knows is left alone.

use std::time::{Duration, Instant};

use anyhow::Result;
use rand::rngs::StdRng;
use rand::seq::SliceRandom;
use serde_json::json;
use shared::clock::Clock;
use shared::jobs::NewJob;
use shared::store;

use crate::process::Process;
use crate::stage::Stage;
use crate::worker::{Act, Misbehave};
use crate::{Findings, Terms};

const LEFT: &str = "SELECT count(*) FROM jobs WHERE finished_at IS NULL AND schedule IS NULL AND kind = 'misbehave'";

pub async fn run(stage: &mut Stage, terms: Terms, dice: &mut StdRng) -> Result<Findings> {
    let of_each = terms.pick(10, 2);
    let good = terms.pick(1_000, 300);
    let mut n = 0;
    let mut job = |act: Act| {
        n += 1;
        NewJob::of(&Misbehave { n, act }, "chaos")
    };
    let mut jobs: Vec<NewJob> = (0..good).map(|_| job(Act::Good)).collect();
    for _ in 0..of_each {
        jobs.extend([Act::Panic, Act::Abort, Act::Hang, Act::Fail].map(&mut job));
        jobs.push(NewJob { args: json!({"n": "not a number"}), ..job(Act::Good) });
    }
    let unknown = NewJob { kind: "from-the-future".into(), ..job(Act::Good) };
    jobs.extend([unknown.clone(), unknown]);
    jobs.shuffle(dice);
    let mut tx = stage.db.begin().await?;
    store::jobs::enqueue(&mut tx, &jobs, Clock::system().now()).await?;
    tx.commit().await?;

    let mut workers = vec![stage.start_chaos_worker(&[]).await?, stage.start_chaos_worker(&[]).await?];
    let mut restarts = 0;
    let began = Instant::now();
    let mut findings = Findings::default();
    // Every abort costs a lease; the suspects go one by one.
    let limit = terms.patience + Duration::from_secs(of_each * 12);
    while stage.number(LEFT).await > 0 {
        if began.elapsed() > limit {
            findings.note(format!("{} jobs never ended", stage.number(LEFT).await));
            break;
        }
        restarts += supervise(stage, &mut workers).await?;
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    judge(stage, good, of_each, &mut findings).await;
    findings.did = format!("{good} good jobs, {} poison, {restarts} processes died", of_each * 5);
    Ok(findings)
}

/// Starts another process for each that ended, as a supervisor would.
async fn supervise(stage: &Stage, workers: &mut [Process]) -> Result<u64> {
    let mut restarts = 0;
    for worker in workers {
        if worker.ended().is_some() {
            *worker = stage.start_chaos_worker(&[]).await?;
            restarts += 1;
        }
    }
    Ok(restarts)
}

async fn judge(stage: &Stage, good: u64, of_each: u64, findings: &mut Findings) {
    let done = stage.number("SELECT count(DISTINCT object) FROM audit WHERE action = 'effect'").await;
    let effects = stage.number("SELECT count(*) FROM audit WHERE action = 'effect'").await;
    findings.lost = good.saturating_sub(done);
    findings.twice = effects - done;
    for (what, reason) in [
        ("panicked", "panicked: as told"),
        ("hung", "took more than"),
        ("failed", "as told"),
        ("could not be decoded", "undecodable arguments"),
    ] {
        let sql = format!(
            "SELECT count(DISTINCT jobs.seq) FROM jobs JOIN job_attempts AS a ON a.job_seq = jobs.seq
             WHERE jobs.state = 'discarded' AND a.error LIKE '{reason}%'"
        );
        let found = stage.number(&sql).await;
        if found != of_each {
            findings.note(format!("{found} of {of_each} that {what} were discarded for it"));
        }
    }
    let discarded = stage.number("SELECT count(*) FROM jobs WHERE state = 'discarded'").await;
    if discarded != of_each * 5 {
        findings.note(format!("{discarded} were discarded, {} are poison", of_each * 5));
    }
    let released = "SELECT count(*) FROM jobs WHERE kind = 'from-the-future' AND finished_at IS NULL AND state IN ('scheduled', 'available', 'running', 'retryable')";
    if stage.number(released).await != 2 {
        findings.note("a kind nobody knows was not left alone");
    }
}
