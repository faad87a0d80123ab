//! Workers are replaced one after the other, as at a deployment, while they work. They end in time with code 0, and what
//! they do not finish costs no attempt.

use std::time::Duration;

use anyhow::Result;
use rand::Rng;
use rand::rngs::StdRng;
use shared::clock::Clock;
use shared::jobs::NewJob;
use shared::store;

use super::start;
use crate::load::Load;
use crate::stage::Stage;
use crate::worker::{Act, Misbehave};
use crate::{Findings, Terms, check};

pub async fn run(stage: &mut Stage, terms: Terms, dice: &mut StdRng) -> Result<Findings> {
    let mut findings = Findings::default();
    // Nothing is to be taken over here: a machine that stalls for two seconds must not look like a burnt attempt.
    stage.lease = 10;
    let (_api, mut workers, apis) = start(stage, 2).await?;
    let load = Load::start(&apis, 6, 10_000, 9);
    let restarts = terms.pick(20, 4);
    for restart in 0..restarts {
        tokio::time::sleep(Duration::from_millis(dice.random_range(300..900))).await;
        let index = restart as usize % workers.len();
        let fresh = stage.start("worker", &[]).await?;
        let mut old = std::mem::replace(&mut workers[index], fresh);
        let status = old.terminate(Duration::from_secs(25)).await?;
        if !status.success() {
            findings.note(format!("restart {restart}: it ended with {status}"));
        }
    }
    load.stop();
    let accepted = load.accepted();
    let expected = load.finish().await;
    check::settled(stage, terms.patience, &expected, &mut findings).await?;
    drop(workers);

    let given_back = give_back(stage, terms, &mut findings).await?;
    let burnt = stage.number("SELECT count(*) FROM jobs WHERE attempt > 1").await;
    if burnt > 0 {
        findings.note(format!("{burnt} jobs lost an attempt"));
    }
    findings.did =
        format!("{accepted} mutations, {restarts} restarts, {given_back} long jobs given back, {burnt} attempts burnt");
    Ok(findings)
}

/// Jobs that take longer than the drain may are given back.
async fn give_back(stage: &Stage, terms: Terms, findings: &mut Findings) -> Result<u64> {
    let long = 20;
    let jobs: Vec<NewJob> = (0..long).map(|n| NewJob::of(&Misbehave { n, act: Act::Long }, "chaos")).collect();
    let mut tx = stage.db.begin().await?;
    store::jobs::enqueue(&mut tx, &jobs, Clock::system().now()).await?;
    tx.commit().await?;
    let mut worker = stage.start_chaos_worker(&[("WORKFLOW_CHAOS_DRAIN", "1".to_owned())]).await?;
    let all = format!("SELECT {long} - count(*) FROM jobs WHERE kind = 'misbehave' AND state = 'running'");
    anyhow::ensure!(stage.until_none(&all, terms.patience).await, "the long jobs did not start");
    worker.terminate(Duration::from_secs(25)).await?;
    let back = "SELECT count(*) FROM jobs WHERE kind = 'misbehave' AND state = 'available' AND worker_id IS NULL";
    let given_back = stage.number(back).await;
    if given_back != long {
        findings.note(format!("{given_back} of {long} unfinished jobs were given back"));
    }
    let _worker = stage.start_chaos_worker(&[]).await?;
    if !stage.until_dry(terms.patience).await {
        findings.note("jobs that were given back never ended");
    }
    Ok(given_back)
}
