//! `cargo xtask web`: what runs in browsers and Node. Generated files must be fresh, types must hold, and the tests
//! talk to the real product.
//!
//! The runners write their own closing lines; this module adds none that could be taken for them.

use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail};

use crate::{
    debian::{self, Program},
    process,
    product::{self, Product},
    test,
    workspace::root,
};

/// The oldest version of Node that the tools run on; the client itself asks for no more.
const NODE: (u32, u32) = (20, 19);
const NO_SETTINGS: [(&str, &str); 0] = [];
/// Packages that test the tRPC facade with a version of its client, each against a product of its own.
const TRPC: [&str; 2] = ["trpc-v10", "trpc-v11"];

/// Installs the packages of the lock file, then checks and tests all of them.
pub fn run() -> Result<()> {
    debian::provide(&[Program::Node, Program::Npm, Program::Sqlite])?;
    check_version()?;
    let binary = product::build()?;
    process::run(&mut npm(&["ci", "--no-audit", "--no-fund"])?)?;
    // First, because the types of the other packages are those of the built client.
    process::run(&mut npm(&["run", "build"])?)?;
    process::run(&mut npm(&["run", "check"])?)?;
    process::run(npm(&["test", "--workspace", "client"])?.env("WORKFLOW_BIN", &binary))?;
    for package in TRPC {
        let product = Product::start(&binary, NO_SETTINGS)?;
        let mut tests = npm(&["test", "--workspace", package])?;
        tests.env("WORKFLOW_URL", product.url()).env("WORKFLOW_DATABASE", product.database());
        process::run(&mut tests)?;
    }
    Ok(())
}

fn npm(arguments: &[&str]) -> Result<Command> {
    let mut command = Command::new("npm");
    command.args(arguments).current_dir(root()?.join("web"));
    // Without watching, and for logs as well as for people.
    test::clean(&mut command).env("CI", "true").env("NO_COLOR", "1");
    Ok(command)
}

fn check_version() -> Result<()> {
    let output = Command::new("node").arg("--version").stdin(Stdio::null()).output().context("cannot start node")?;
    let text = String::from_utf8_lossy(&output.stdout);
    if version(&text).is_some_and(|version| version >= NODE) {
        return Ok(());
    }
    bail!(
        "Node.js {}.{} or later is needed, and this is {}: Debian 13 has it as `nodejs`; for older systems take it from \
         nodejs.org or a version manager, and put it first on PATH",
        NODE.0,
        NODE.1,
        text.trim()
    );
}

/// Major and minor number in what `node --version` prints.
fn version(text: &str) -> Option<(u32, u32)> {
    let mut numbers = text.trim().strip_prefix('v')?.split('.').map(str::parse);
    Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
}

#[cfg(test)]
mod tests {
    use super::version;

    #[test]
    fn the_version_of_node_is_compared_by_its_numbers() {
        assert_eq!(version("v20.19.5\n"), Some((20, 19)));
        assert!(version("v18.20.4") < Some((20, 19)));
        assert!(version("v22.3.0") > Some((20, 19)));
        assert_eq!(version("not node"), None);
    }
}
