//! `cargo xtask ci`: everything that must hold before a change lands.
//!
//! A failing step does not end the run: one run shows all that is wrong.

use std::{
    env,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail, ensure};

use crate::{
    chaos, contract, deny, deploy, interrupt, lint, openapi,
    test::{self, Strictness},
    web,
    workspace::root,
};

/// What a step comes to when it does not fail.
enum Outcome {
    Passed,
    Skipped(String),
}

/// A step that has run.
struct Line {
    name: &'static str,
    outcome: Result<Outcome>,
    duration: Duration,
}

/// Runs all steps and prints a table of them.
pub fn run() -> Result<()> {
    let before = WorkTree::read();
    let mut lines = Vec::new();
    let mut step = |name, run: &dyn Fn() -> Result<Outcome>| {
        if interrupt::pending().is_none() {
            lines.push(timed(name, run));
        }
    };
    step("format", &|| lint::format().map(passed));
    step("clippy", &|| lint::clippy().map(passed));
    step("docs", &|| lint::docs().map(passed));
    step("dependencies", &|| deny::run().map(but_for));
    step("deploy", &|| deploy::run().map(but_for));
    step("tests", &|| test::run(&[], Strictness::Ci).map(passed));
    step("web", &|| web::run().map(passed));
    step("chaos", &|| chaos::run(&["--quick".into()]).map(passed));
    step("generated files", &|| openapi::run(true).map(passed));
    step("contract", &|| contract::run().map(passed));
    step("work tree", &|| unchanged(&before));

    println!();
    for line in &lines {
        println!("{:<16} {:>7.1} s  {}", line.name, line.duration.as_secs_f64(), line.verdict());
    }
    let failed = lines.iter().filter(|line| line.outcome.is_err()).count();
    ensure!(failed == 0, "{failed} of {} steps failed", lines.len());
    Ok(())
}

impl Line {
    fn verdict(&self) -> String {
        match &self.outcome {
            Ok(Outcome::Passed) => "ok".to_owned(),
            Ok(Outcome::Skipped(reason)) => format!("ok, but {reason}"),
            Err(error) => format!("FAILED: {error:#}"),
        }
    }
}

fn passed((): ()) -> Outcome {
    Outcome::Passed
}

/// What could not be checked, if anything.
fn but_for(skipped: Option<String>) -> Outcome {
    skipped.map_or(Outcome::Passed, Outcome::Skipped)
}

fn timed(name: &'static str, run: &dyn Fn() -> Result<Outcome>) -> Line {
    println!("==> {name}");
    let start = Instant::now();
    let outcome = run();
    let line = Line { name, outcome, duration: start.elapsed() };
    println!("==> {name}: {} ({:.1} s)", line.verdict(), line.duration.as_secs_f64());
    line
}

/// What git sees of the work tree.
#[derive(Default, PartialEq, Eq)]
struct WorkTree {
    /// Changed and new files, one a line.
    files: String,
    /// Changes inside the files that git knows.
    diff: String,
}

impl WorkTree {
    /// Asks git; an error is the reason why there is nobody to ask.
    fn read() -> Result<Self> {
        Ok(Self { files: git(&["status", "--porcelain"])?, diff: git(&["diff"])? })
    }
}

fn git(arguments: &[&str]) -> Result<String> {
    let output = Command::new("git").args(arguments).current_dir(root()?).stdin(Stdio::null()).output();
    let output = output.context("git cannot be run")?;
    ensure!(output.status.success(), "git: {}", String::from_utf8_lossy(&output.stderr).trim());
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Fails if the run changed or left a file that git does not ignore. With CI set the tree must be clean altogether.
fn unchanged(before: &Result<WorkTree>) -> Result<Outcome> {
    let after = WorkTree::read();
    let (before, after) = match (before, &after) {
        (Ok(before), Ok(after)) => (before, after),
        (Err(reason), _) | (_, Err(reason)) => return Ok(Outcome::Skipped(format!("skipped: {reason:#}"))),
    };
    let clean = WorkTree::default();
    let expected = if env::var_os("CI").is_some() { &clean } else { before };
    if after != expected {
        println!("{}\n{}", after.files, after.diff);
        bail!("files differ from what is committed, or were left behind");
    }
    Ok(Outcome::Passed)
}
