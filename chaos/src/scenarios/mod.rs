//! One scenario a file: what is broken, and what must hold all the same.

mod api_failpoints;
mod cron;
mod drain;
mod figures;
mod ordering;
mod pause_cancel;
mod pg_restart;
mod poison;
mod redis_flap;
mod socket_failover;
mod socket_stalled;
mod socket_storm;
mod walk;
mod worker_kill;
mod zombie;

use std::time::Duration;

use anyhow::Result;
use futures_util::future::BoxFuture;
use rand::Rng;
use rand::rngs::StdRng;
use tokio::sync::watch;

use crate::load::Load;
use crate::process::Process;
use crate::stage::{Database, Stage};
use crate::{Findings, Terms};

type Run = for<'a> fn(&'a mut Stage, Terms, &'a mut StdRng) -> BoxFuture<'a, Result<Findings>>;

/// A scenario.
pub struct Scenario {
    /// Its name.
    pub name: &'static str,
    /// The guard without which it must fail.
    pub guard: &'static str,
    /// The databases it is about.
    pub databases: &'static [Database],
    /// What happens.
    pub run: Run,
}

const PG: &[Database] = &[Database::Postgres];
const BOTH: &[Database] = &[Database::Postgres, Database::Sqlite];

/// All of them.
pub fn scenarios() -> Vec<Scenario> {
    let scenario = |name, guard, databases, run| Scenario { name, guard, databases, run };
    vec![
        scenario("worker-kill", "rescue", PG, |stage, terms, dice| Box::pin(worker_kill::run(stage, terms, dice))),
        scenario("api-failpoints", "idempotency", BOTH, |stage, terms, dice| {
            Box::pin(api_failpoints::run(stage, terms, dice))
        }),
        scenario("pg-restart", "patience", PG, |stage, terms, dice| Box::pin(pg_restart::run(stage, terms, dice))),
        scenario("redis-flap", "outbox", PG, |stage, terms, dice| Box::pin(redis_flap::run(stage, terms, dice))),
        scenario("cron", "ticks", PG, |stage, terms, dice| Box::pin(cron::run(stage, terms, dice))),
        scenario("poison", "attempts,timeout", PG, |stage, terms, dice| Box::pin(poison::run(stage, terms, dice))),
        scenario("ordering", "order", BOTH, |stage, terms, dice| Box::pin(ordering::run(stage, terms, dice))),
        scenario("zombie", "fence", PG, |stage, terms, dice| Box::pin(zombie::run(stage, terms, dice))),
        scenario("drain", "give-back", PG, |stage, terms, dice| Box::pin(drain::run(stage, terms, dice))),
        scenario("pause-cancel", "pause,fence", PG, |stage, terms, dice| {
            Box::pin(pause_cancel::run(stage, terms, dice))
        }),
        scenario("socket-failover", "resume", PG, |stage, terms, dice| {
            Box::pin(socket_failover::run(stage, terms, dice))
        }),
        scenario("socket-storm", "resume", PG, |stage, terms, dice| Box::pin(socket_storm::run(stage, terms, dice))),
        scenario("socket-stalled", "slow-consumer", PG, |stage, terms, dice| {
            Box::pin(socket_stalled::run(stage, terms, dice))
        }),
        scenario("figures", "fold", BOTH, |stage, terms, dice| Box::pin(figures::run(stage, terms, dice))),
        scenario("walk", "ties", BOTH, |stage, terms, dice| Box::pin(walk::run(stage, terms, dice))),
    ]
}

/// An API and some workers.
async fn start(stage: &Stage, workers: usize) -> Result<(Process, Vec<Process>, watch::Sender<Vec<String>>)> {
    let api = stage.start("api", &[]).await?;
    let mut started = Vec::new();
    for _ in 0..workers {
        started.push(stage.start("worker", &[]).await?);
    }
    let apis = watch::Sender::new(vec![api.url.clone()]);
    Ok((api, started, apis))
}

/// Waits for the load to be accepted, killing a worker now and then and starting another; gives the number of kills.
async fn kill_workers(
    stage: &Stage,
    workers: &mut [Process],
    load: &Load,
    most: u64,
    dice: &mut StdRng,
) -> Result<u64> {
    let mut kills = 0;
    while load.accepted() < load.wanted() {
        tokio::time::sleep(Duration::from_millis(dice.random_range(100..400))).await;
        if kills < most {
            let victim = dice.random_range(0..workers.len());
            workers[victim].kill().await?;
            workers[victim] = stage.start("worker", &[]).await?;
            kills += 1;
        }
    }
    Ok(kills)
}
