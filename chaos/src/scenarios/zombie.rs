//! A worker is stopped beyond its lease in the middle of its jobs and goes on as if nothing had been: what it still
//! believes to hold was done by others meanwhile, and it can write nothing.

use std::time::Duration;

use anyhow::Result;
use rand::Rng;
use rand::rngs::StdRng;
use shared::clock::Clock;
use shared::jobs::NewJob;
use shared::store;

use crate::stage::Stage;
use crate::worker::{Act, Misbehave};
use crate::{Findings, Terms};

pub async fn run(stage: &mut Stage, terms: Terms, dice: &mut StdRng) -> Result<Findings> {
    let rounds = terms.pick(20, 3);
    let jobs_each = 40;
    // Each takes its half of a round.
    let half = [("WORKFLOW_CONCURRENCY", "20".to_owned())];
    let workers = [stage.start_chaos_worker(&half).await?, stage.start_chaos_worker(&half).await?];
    let mut n = 0;
    let mut findings = Findings::default();
    for round in 0..rounds {
        let mut jobs = Vec::new();
        for _ in 0..jobs_each {
            n += 1;
            jobs.push(NewJob::of(&Misbehave { n, act: Act::Long }, "chaos"));
        }
        let mut tx = stage.db.begin().await?;
        store::jobs::enqueue(&mut tx, &jobs, Clock::system().now()).await?;
        tx.commit().await?;
        let victim = dice.random_range(0..workers.len());
        tokio::time::sleep(Duration::from_millis(dice.random_range(1100..1350))).await;
        workers[victim].signal("STOP").await?;
        // A full run stops one worker for as long as the promise says; the others for just over two leases.
        let stop = if round == 0 && !terms.quick { 40 } else { 5 };
        tokio::time::sleep(Duration::from_secs(stop)).await;
        workers[victim].signal("CONT").await?;
        if !stage.until_dry(terms.patience).await {
            findings.note(format!("round {round}: jobs never ended"));
            break;
        }
    }
    // What a zombie writes late is written by now.
    tokio::time::sleep(Duration::from_secs(2)).await;
    let effects = stage.number("SELECT count(*) FROM audit WHERE action = 'effect'").await;
    let done = stage.number("SELECT count(DISTINCT object) FROM audit WHERE action = 'effect'").await;
    findings.lost = n.saturating_sub(done);
    findings.ghosts = effects - done;
    let taken = stage.number("SELECT count(*) FROM job_attempts").await;
    if taken == 0 {
        findings.note("no job was taken from a stopped worker: nothing was tried");
    }
    findings.did = format!("{rounds} stops over {n} jobs, {taken} taken over");
    Ok(findings)
}
