//! `cargo xtask contract`: what is promised to those who build on the HTTP and socket contracts.
//!
//! The documents are linted, compared with the released ones, turned into clients by five generators, and put to the
//! running product: by two of those clients, and by a fuzzer that believes every word of them. `docs/contract.md` has
//! the policy.

mod breaking;
mod clients;
mod live;
mod tools;

use std::{
    fs,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use self::tools::Tools;
use crate::{
    interrupt, openapi,
    product::{self, Product},
    workspace::root,
};

/// The document as it was last released.
const RELEASED: &str = "openapi/released.json";
const CURRENT: &str = "openapi/openapi.json";
const NO_SETTINGS: [(&str, &str); 0] = [];

/// A check that has run; the text is its account, or what failed.
struct Line {
    name: &'static str,
    outcome: Result<String>,
    duration: Duration,
}

/// Runs all checks and prints a line for each; one that fails does not end the run.
pub fn run() -> Result<()> {
    let tools = Tools::install()?;
    let binary = product::build()?;
    let mut lines = Vec::new();
    let mut check = |name, run: &dyn Fn() -> Result<String>| {
        if interrupt::pending().is_none() {
            lines.push(timed(name, run));
        }
    };
    check("generated files", &|| openapi::run(true).map(|()| "as committed".to_owned()));
    check("breaking changes", &compare_with_released);
    check("redocly", &|| tools.redocly());
    check("spectral", &|| tools.spectral());
    check("asyncapi", &|| tools.asyncapi());
    check("clients", &|| clients::generate(&tools));
    check("typescript", &|| clients::compile_typescript(&tools));
    check("python", &|| clients::compile_python(&tools));
    let product = Product::start(&binary, NO_SETTINGS)?;
    check("typescript story", &|| live::typescript_story(&tools, product.url()));
    check("python story", &|| live::python_story(&tools, product.url()));
    check("schemathesis", &|| live::schemathesis(&tools, product.url()));
    drop(product);

    println!();
    for line in &lines {
        let (verdict, account) = match &line.outcome {
            Ok(account) => ("ok", account.clone()),
            Err(error) => ("FAILED", format!("{error:#}")),
        };
        println!("{:<17} {:>6.1} s  {verdict}: {account}", line.name, line.duration.as_secs_f64());
    }
    let failed = lines.iter().filter(|line| line.outcome.is_err()).count();
    ensure!(failed == 0, "{failed} of {} checks failed", lines.len());
    Ok(())
}

/// Makes the document of today the released one.
pub fn release() -> Result<()> {
    let root = root()?;
    fs::copy(root.join(CURRENT), root.join(RELEASED)).with_context(|| format!("cannot write {RELEASED}"))?;
    println!("{RELEASED}: is {CURRENT}");
    Ok(())
}

fn timed(name: &'static str, run: &dyn Fn() -> Result<String>) -> Line {
    println!("==> {name}");
    let start = Instant::now();
    Line { name, outcome: run(), duration: start.elapsed() }
}

fn compare_with_released() -> Result<String> {
    let changes = breaking::changes(&read(RELEASED)?, &read(CURRENT)?);
    for change in &changes {
        println!("  {change}");
    }
    ensure!(changes.is_empty(), "{} things that clients rely on have changed", changes.len());
    Ok("none since the release".to_owned())
}

fn read(file: &str) -> Result<Value> {
    let text = fs::read(root()?.join(file)).with_context(|| format!("cannot read {file}"))?;
    serde_json::from_slice(&text).with_context(|| format!("{file} is not JSON"))
}
