//! Proves the promises of the job engine by breaking things: processes are killed, stopped and restarted, servers go
//! away, requests are repeated, and the tables must say that nothing was lost or done twice.
//!
//! `cargo xtask chaos` builds and starts what it needs. Each scenario has a guard, see [`shared::faults`], without which
//! it must fail: `--guard-off` runs it so, and a scenario that passes then proves nothing.

mod check;
mod crowd;
mod load;
mod process;
mod scenarios;
mod socket;
mod stage;
mod worker;

use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use clap::{Parser, Subcommand};
use rand::SeedableRng;
use rand::rngs::StdRng;
use shared::store::testing::TestDatabase;

use crate::scenarios::{Scenario, scenarios};
use crate::stage::{Database, Stage};

/// Command line of the harness.
#[derive(Parser)]
#[command(name = "chaos")]
struct Arguments {
    #[command(subcommand)]
    role: Role,
}

#[derive(Subcommand)]
enum Role {
    /// Runs scenarios, all if none is named
    Run {
        /// Their names
        names: Vec<String>,
        /// Fewer and shorter rounds
        #[arg(long)]
        quick: bool,
        /// Runs them with their guard switched off: each must fail
        #[arg(long)]
        guard_off: bool,
        /// Repeats the random choices of an earlier run
        #[arg(long)]
        seed: Option<u64>,
    },
    /// A worker with kinds that misbehave
    Worker(worker::Settings),
}

/// What a run found.
#[derive(Debug, Default)]
pub struct Findings {
    /// What was done, in words.
    pub did: String,
    /// Accepted effects that are not there.
    pub lost: u64,
    /// Effects that are there more than once.
    pub twice: u64,
    /// Effects nobody asked for, or out of order.
    pub ghosts: u64,
    /// Anything else that broke a promise.
    pub broken: Vec<String>,
}

impl Findings {
    fn is_clean(&self) -> bool {
        self.lost == 0 && self.twice == 0 && self.ghosts == 0 && self.broken.is_empty()
    }

    /// Notes a broken promise.
    pub fn note(&mut self, broken: impl Into<String>) {
        self.broken.push(broken.into());
    }
}

/// How a scenario is run.
#[derive(Clone, Copy, Debug)]
pub struct Terms {
    /// Fewer and shorter rounds.
    pub quick: bool,
    /// Guards to switch off, as `WORKFLOW_GUARDS_OFF` takes them.
    pub guards_off: &'static str,
    /// How long to wait for the end.
    pub patience: Duration,
}

impl Terms {
    /// A number for full runs and one for quick ones.
    pub fn pick(&self, full: u64, quick: u64) -> u64 {
        if self.quick { quick } else { full }
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::from_env("WORKFLOW_LOG"))
        .with_writer(std::io::stderr)
        .init();
    let done = match Arguments::parse().role {
        Role::Run { names, quick, guard_off, seed } => run(&names, quick, guard_off, seed).await,
        Role::Worker(settings) => worker::run(settings).await.map(|()| true),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("chaos: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(names: &[String], quick: bool, guard_off: bool, seed: Option<u64>) -> Result<bool> {
    let all = scenarios();
    for name in names {
        anyhow::ensure!(all.iter().any(|scenario| scenario.name == name), "there is no scenario {name}");
    }
    let seed = seed.unwrap_or_else(rand::random);
    println!("seed {seed}");
    let mut good = true;
    let mut lines = Vec::new();
    for scenario in all.iter().filter(|scenario| names.is_empty() || names.iter().any(|name| name == scenario.name)) {
        for database in scenario.databases {
            // Without its guard a scenario fails the same way on either database.
            if guard_off && *database != scenario.databases[0] {
                continue;
            }
            let (line, ok) = run_one(scenario, *database, quick, guard_off, seed).await?;
            println!("{line}");
            lines.push(line);
            good &= ok;
        }
    }
    println!("\n{}", lines.join("\n"));
    println!("chaos: {}", if good { "every promise held" } else { "FAILED" });
    Ok(good)
}

async fn run_one(
    scenario: &Scenario,
    database: Database,
    quick: bool,
    guard_off: bool,
    seed: u64,
) -> Result<(String, bool)> {
    let without = if guard_off { scenario.guard } else { "" };
    // Without a guard the end may never come.
    let patience = Duration::from_secs(if guard_off { 20 } else { 120 });
    let terms = Terms { quick: quick || guard_off, guards_off: without, patience };
    let began = Instant::now();
    let test = match database {
        Database::Sqlite => TestDatabase::sqlite(),
        Database::Postgres => TestDatabase::postgres().await.context("run it by `cargo xtask chaos`")?,
    };
    let mut stage = Stage::new(test, database, terms).await?;
    let mut dice = StdRng::seed_from_u64(seed);
    let findings = match (scenario.run)(&mut stage, terms, &mut dice).await {
        Ok(findings) => findings,
        Err(error) => {
            let mut findings = Findings::default();
            findings.note(format!("{error:#}"));
            findings
        }
    };
    let ok = findings.is_clean() != guard_off;
    let verdict = match (findings.is_clean(), guard_off) {
        (true, false) => "ok",
        (false, true) => "fails as it must",
        (true, true) => "PASSES WITHOUT ITS GUARD",
        (false, false) => "FAILED",
    };
    let broken = if findings.broken.is_empty() { String::new() } else { format!("; {}", findings.broken.join("; ")) };
    let guard = if guard_off { format!(" without {}", scenario.guard) } else { String::new() };
    let line = format!(
        "{:<15} {:<8} {:>6.1} s  lost {} twice {} ghosts {}  {verdict}{guard}: {}{broken}",
        scenario.name,
        database.name(),
        began.elapsed().as_secs_f64(),
        findings.lost,
        findings.twice,
        findings.ghosts,
        findings.did,
    );
    Ok((line, ok))
}
