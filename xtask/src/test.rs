//! `cargo xtask test`: every story on `SQLite`, `PostgreSQL` and Redis.
//!
//! The runners write their own closing lines; this module adds none that could be taken for them.

use std::{
    env,
    ffi::{OsStr, OsString},
    process::{Command, Stdio},
};

use anyhow::Result;

use crate::{
    debian::{self, Program},
    process,
    services::Services,
    workspace::cargo,
};

/// What a missing service or a failing test means.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Strictness {
    /// A developer's run: the first failure ends it, and a test may skip itself with its reason.
    Local,
    /// CI: all tests run, and one that cannot reach its service fails.
    Ci,
}

/// Starts the services and runs all tests; with arguments only those that the runner selects.
pub fn run(arguments: &[OsString], strictness: Strictness) -> Result<()> {
    debian::provide(&[Program::Postgres, Program::Redis, Program::Dovecot, Program::Sqlite])?;
    // Stories start this binary as a user would.
    process::run(&mut cargo(["build", "--bin", "workflow"])?)?;
    let services = Services::start()?;

    let mut runner = runner(arguments)?;
    if strictness == Strictness::Ci {
        runner.env("CI", "true").arg("--no-fail-fast");
    }
    process::run(runner.envs(services.environment()))?;

    // A selection is about tests by name; nextest does not know those in the documentation.
    if arguments.is_empty() && has_nextest()? {
        process::run(clean(&mut cargo(["test", "--doc", "--workspace"])?).envs(services.environment()))?;
    }
    Ok(())
}

/// The test runner over the workspace, without any service and without the developer's own configuration.
pub fn runner(arguments: &[OsString]) -> Result<Command> {
    let verb: &[&str] = if has_nextest()? { &["nextest", "run"] } else { &["test"] };
    let mut command = cargo(verb)?;
    clean(command.arg("--workspace").args(arguments));
    Ok(command)
}

fn has_nextest() -> Result<bool> {
    let status =
        cargo(["nextest", "--version"])?.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
    Ok(status.is_ok_and(|status| status.success()))
}

/// Removes the variables that configure the product or name services, so that a run depends on the checkout alone.
pub fn clean(command: &mut Command) -> &mut Command {
    env::vars_os().map(|(name, _)| name).filter(|name| configures(name)).fold(command, Command::env_remove)
}

fn configures(name: &OsStr) -> bool {
    name == "DATABASE_URL" || name == "REDIS_URL" || name.as_encoded_bytes().starts_with(b"WORKFLOW_")
}
