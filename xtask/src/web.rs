//! `cargo xtask web`: what runs in browsers and Node. Generated files and the built application must be fresh, types must
//! hold, and the tests talk to the real product, the stories of the browser on both of its forms.
//!
//! The runners write their own closing lines; this module adds none that could be taken for them.

mod built;

use std::{ffi::OsString, process::Command};

use anyhow::{Context as _, Result};

use crate::{
    debian::{self, Program},
    node::Node,
    process,
    product::{self, Product},
    services::{Services, postgres},
    test,
    workspace::{find_program, root},
};

const NO_SETTINGS: [(&str, &str); 0] = [];
/// Packages that are tested by themselves; `client` starts the product.
const UNITS: [&str; 2] = ["client", "app"];
/// Packages that test the tRPC facade with a version of its client, each against a product of its own.
const TRPC: [&str; 2] = ["trpc-v10", "trpc-v11"];
/// Names of the browser's program.
const CHROMIUM: [&str; 2] = ["chromium", "chromium-browser"];

/// Installs the packages of the lock file, then checks and tests all of them.
pub fn run() -> Result<()> {
    debian::provide(&[Program::Sqlite, Program::Chromium])?;
    let node = Node::provide()?;
    let npm = |arguments: &[&str]| npm(&node, arguments);
    process::run(&mut npm(&["ci", "--no-audit", "--no-fund"])?)?;
    // First, because the types of the other packages are those of the built client, and the binary holds the application.
    let committed = built::Dist::read()?;
    process::run(&mut npm(&["run", "build"])?)?;
    committed.check()?;
    let binary = product::build()?;
    process::run(&mut npm(&["run", "check"])?)?;
    for package in UNITS {
        process::run(npm(&["test", "--workspace", package])?.env("WORKFLOW_BIN", &binary))?;
    }
    for package in TRPC {
        let product = Product::start(&binary, NO_SETTINGS)?;
        let mut tests = npm(&["test", "--workspace", package])?;
        tests.env("WORKFLOW_URL", product.url()).env("WORKFLOW_DATABASE", product.database());
        process::run(&mut tests)?;
    }
    let browser = chromium().context("Debian's package chromium brings none")?;
    let stories = |script: &str| -> Result<Command> {
        let mut tests = npm(&["run", script, "--workspace", "e2e"])?;
        // The pages that the binary brings, as a user gets them.
        tests.env("WORKFLOW_BIN", &binary).env("CHROMIUM", &browser).env("WORKFLOW_DASHBOARD", "binary");
        Ok(tests)
    };
    process::run(&mut stories("e2e")?)?;
    production(&mut stories("e2e:production")?)
}

/// Those stories of `web/e2e` that several processes could break, with two APIs and a worker on `PostgreSQL` and Redis.
fn production(stories: &mut Command) -> Result<()> {
    let services = Services::start()?;
    let programs = postgres::Binaries::find().context("PostgreSQL's programs are not installed")?;
    stories
        .env("WORKFLOW_E2E_DATABASE_URL", services.database())
        .env("WORKFLOW_E2E_REDIS_URL", services.redis())
        .env("WORKFLOW_E2E_PSQL", programs.program("psql"));
    process::run(stories)
}

/// The browser, if there is one.
pub fn chromium() -> Option<OsString> {
    CHROMIUM.iter().find_map(|name| find_program(name)).map(Into::into)
}

fn npm(node: &Node, arguments: &[&str]) -> Result<Command> {
    let mut command = Command::new("npm");
    command.args(arguments).current_dir(root()?.join("web"));
    // Without watching, and for logs as well as for people.
    node.within(test::clean(&mut command)).env("CI", "true").env("NO_COLOR", "1");
    Ok(command)
}
