//! `cargo xtask bench`: the figures of docs/performance.md. The crate `bench` measures; here it is built in release and
//! given its servers.

use std::ffi::OsString;
use std::process::Command;

use anyhow::Result;

use crate::debian::{self, Program};
use crate::process;
use crate::services::Services;
use crate::services::postgres::Binaries;
use crate::workspace::{cargo, target};

/// Runs the benchmarks with these arguments.
pub fn run(arguments: &[OsString]) -> Result<()> {
    debian::provide(&[Program::Postgres, Program::Redis])?;
    process::run(&mut cargo(["build", "--release", "-p", "workflow", "-p", "bench"])?)?;
    let target = target()?;
    process::raise_open_files()?;
    let services = Services::start()?;
    let mut bench = Command::new(target.join("release").join("bench"));
    bench.args(arguments).envs(services.environment());
    bench.env("WORKFLOW_BENCH_BINARY", target.join("release").join("workflow"));
    if let Some(binaries) = Binaries::find() {
        bench.env("WORKFLOW_BENCH_PGBENCH", binaries.program("pgbench"));
    }
    process::run(&mut bench)
}
