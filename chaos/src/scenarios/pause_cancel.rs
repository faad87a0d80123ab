//! Jobs are cancelled and queues paused at random while they run: a cancelled job leaves no effect, and nothing of a paused
//! queue starts.

use std::time::Duration;

use anyhow::Result;
use rand::Rng;
use rand::rngs::StdRng;
use reqwest::{Client, StatusCode};
use shared::clock::Clock;
use shared::jobs::NewJob;
use shared::store;

use crate::stage::Stage;
use crate::worker::{Act, Misbehave};
use crate::{Findings, Terms};

pub async fn run(stage: &mut Stage, terms: Terms, dice: &mut StdRng) -> Result<Findings> {
    let api = stage.start("api", &[]).await?;
    let _workers = [stage.start_chaos_worker(&[]).await?, stage.start_chaos_worker(&[]).await?];
    let http = Client::new();
    let mut findings = Findings::default();
    let (mut cancelled, mut too_late, mut pauses, mut n) = (Vec::new(), 0, 0, 0);
    for _ in 0..terms.pick(30, 8) {
        let mut jobs = Vec::new();
        for _ in 0..20 {
            n += 1;
            jobs.push(NewJob::of(&Misbehave { n, act: Act::Slow }, "chaos"));
        }
        let mut tx = stage.db.begin().await?;
        let written = store::jobs::enqueue(&mut tx, &jobs, Clock::system().now()).await?;
        tx.commit().await?;
        for job in &written {
            if dice.random_bool(0.3) {
                tokio::time::sleep(Duration::from_millis(dice.random_range(0..80))).await;
                let answer = http.post(format!("{}/api/jobs/{}/cancel", api.url, job.seq)).send().await?;
                match answer.status() {
                    StatusCode::OK => cancelled.push(job.seq),
                    StatusCode::CONFLICT => too_late += 1,
                    other => findings.note(format!("cancel answered {other}")),
                }
            }
        }
        if dice.random_bool(0.5) {
            pauses += 1;
            pause(stage, &http, &api.url, &mut n, &mut findings).await?;
        }
    }
    if !stage.until_dry(terms.patience).await {
        findings.note("not everything that was accepted has ended");
    }
    tokio::time::sleep(Duration::from_secs(1)).await;
    for seq in &cancelled {
        let kept = format!("SELECT count(*) FROM jobs WHERE seq = {seq} AND state = 'cancelled' AND result IS NULL");
        let effect = format!(
            "SELECT count(*) FROM audit, jobs WHERE jobs.seq = {seq} AND audit.action = 'effect'
             AND audit.object = (jobs.args ->> 'n')"
        );
        findings.lost += 1 - stage.number(&kept).await.min(1);
        findings.ghosts += stage.number(&effect).await;
    }
    let effects = stage.number("SELECT count(*) FROM audit WHERE action = 'effect'").await;
    let wanted = n - cancelled.len() as u64;
    findings.lost += wanted.saturating_sub(effects);
    findings.twice = effects.saturating_sub(wanted);
    findings.did = format!("{n} jobs, {} cancelled, {too_late} too late, {pauses} pauses", cancelled.len());
    Ok(findings)
}

/// Pauses the queue, brings more work, and sees that none of it starts.
async fn pause(stage: &Stage, http: &Client, api: &str, n: &mut u64, findings: &mut Findings) -> Result<()> {
    http.post(format!("{api}/api/queues/mutations/pause")).send().await?.error_for_status()?;
    // What was claimed before the answer may still begin.
    tokio::time::sleep(Duration::from_millis(100)).await;
    let mut tx = stage.db.begin().await?;
    let mut jobs = Vec::new();
    for _ in 0..5 {
        *n += 1;
        jobs.push(NewJob::of(&Misbehave { n: *n, act: Act::Good }, "chaos"));
    }
    let written = store::jobs::enqueue(&mut tx, &jobs, Clock::system().now()).await?;
    tx.commit().await?;
    tokio::time::sleep(Duration::from_millis(1_300)).await;
    let first = written.first().map_or(0, |job| job.seq);
    let started = stage
        .number(&format!("SELECT count(*) FROM jobs WHERE seq >= {first} AND attempt > 0 AND kind = 'misbehave'"))
        .await;
    if started > 0 {
        findings.note(format!("{started} jobs of a paused queue started"));
    }
    http.post(format!("{api}/api/queues/mutations/resume")).send().await?.error_for_status()?;
    Ok(())
}
