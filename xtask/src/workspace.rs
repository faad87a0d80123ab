//! Where the checkout is and how cargo is called in it.

use std::{env, ffi::OsStr, path::PathBuf, process::Command};

use anyhow::{Context as _, Result};

/// Root folder of the checkout, absolute.
///
/// Read at run time: a target folder shared by several checkouts must not bind the binary to one of them.
pub fn root() -> Result<PathBuf> {
    let start = match env::var_os("CARGO_MANIFEST_DIR") {
        Some(folder) => PathBuf::from(folder),
        None => env::current_dir().context("cannot read the current folder")?,
    };
    start
        .ancestors()
        .find(|folder| folder.join("Cargo.lock").is_file() && folder.join("xtask").is_dir())
        .map(PathBuf::from)
        .with_context(|| format!("{} is not inside the checkout", start.display()))
}

/// Where cargo puts what it builds.
pub fn target() -> Result<PathBuf> {
    Ok(env::var_os("CARGO_TARGET_DIR").map_or(root()?.join("target"), PathBuf::from))
}

/// The cargo that started this process, to be run in the root folder.
pub fn cargo<I, S>(arguments: I) -> Result<Command>
where
    I: IntoIterator<Item = S>,
    S: AsRef<OsStr>,
{
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(arguments).current_dir(root()?);
    Ok(command)
}

/// First program of this name on PATH.
pub fn find_program(name: &str) -> Option<PathBuf> {
    env::split_paths(&env::var_os("PATH")?).map(|folder| folder.join(name)).find(|path| path.is_file())
}
