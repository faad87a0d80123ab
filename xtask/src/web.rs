//! `cargo xtask web`: what runs in browsers and Node. Generated files must be fresh, types must hold, and the tests
//! talk to the real product.
//!
//! The runners write their own closing lines; this module adds none that could be taken for them.

use std::process::Command;

use anyhow::Result;

use crate::{
    debian::{self, Program},
    node::Node,
    process,
    product::{self, Product},
    test,
    workspace::root,
};

const NO_SETTINGS: [(&str, &str); 0] = [];
/// Packages that test the tRPC facade with a version of its client, each against a product of its own.
const TRPC: [&str; 2] = ["trpc-v10", "trpc-v11"];

/// Installs the packages of the lock file, then checks and tests all of them.
pub fn run() -> Result<()> {
    debian::provide(&[Program::Sqlite])?;
    let node = Node::provide()?;
    let npm = |arguments: &[&str]| npm(&node, arguments);
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

fn npm(node: &Node, arguments: &[&str]) -> Result<Command> {
    let mut command = Command::new("npm");
    command.args(arguments).current_dir(root()?.join("web"));
    // Without watching, and for logs as well as for people.
    node.within(test::clean(&mut command)).env("CI", "true").env("NO_COLOR", "1");
    Ok(command)
}
