//! `cargo xtask chaos`: breaks things to prove what the job engine promises. The harness is the crate `chaos`; here it is
//! built, with guards that can be switched off, and given its servers.

use std::ffi::OsString;
use std::fs;
use std::process::Command;

use anyhow::{Context as _, Result};

use crate::debian::{self, Program};
use crate::process;
use crate::services::Services;
use crate::workspace::{cargo, target};

/// Runs the harness with these arguments.
pub fn run(arguments: &[OsString]) -> Result<()> {
    debian::provide(&[Program::Postgres, Program::Redis])?;
    let build = ["build", "-p", "workflow", "-p", "chaos", "--features", "workflow/faults,chaos/faults"];
    process::run(&mut cargo(build)?)?;
    // Apart from the other builds, which know no faults.
    let target = target()?;
    let folder = target.join("chaos");
    fs::create_dir_all(&folder)?;
    for name in ["workflow", "chaos"] {
        let copy = folder.join(name);
        let _ = fs::remove_file(&copy);
        fs::copy(target.join("debug").join(name), &copy).with_context(|| format!("{name} was built elsewhere"))?;
    }
    process::raise_open_files()?;
    let services = Services::start()?;
    let mut harness = Command::new(folder.join("chaos"));
    harness.arg("run").args(arguments).envs(services.environment());
    harness.env("WORKFLOW_CHAOS_BINARY", folder.join("workflow"));
    process::run(&mut harness)
}
