//! `cargo xtask check`: the fast round between two edits.

use anyhow::Result;

use crate::{lint, process, test};

/// Formatting, clippy, and the tests on `SQLite`; a test that needs a server prints why it skips itself.
pub fn run() -> Result<()> {
    lint::format()?;
    lint::clippy()?;
    // With CI set a missing service would be a failure, and here all are missing.
    process::run(test::runner(&[])?.env_remove("CI"))
}
