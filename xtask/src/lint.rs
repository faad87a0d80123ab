//! `cargo xtask lint`: what can be said about the code without running it.

use anyhow::Result;

use crate::{deny, process, workspace::cargo};

/// Formatting, clippy, documentation, dependency policy.
pub fn run() -> Result<()> {
    format()?;
    clippy()?;
    docs()?;
    deny::run().map(drop)
}

/// Fails on a file that rustfmt would change.
pub fn format() -> Result<()> {
    process::run(&mut cargo(["fmt", "--all", "--check"])?)
}

/// Clippy over everything that compiles; a warning is an error.
pub fn clippy() -> Result<()> {
    process::run(&mut cargo(["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"])?)
}

/// The documentation of the workspace; a broken link is an error.
pub fn docs() -> Result<()> {
    process::run(cargo(["doc", "--no-deps", "--workspace"])?.env("RUSTDOCFLAGS", "-D warnings"))
}
