//! The contract against the running product.

use std::fs;

use anyhow::{Context as _, Result, bail, ensure};

use super::tools::{Tools, captured};
use crate::process;

/// Cases the fuzzer must at least have made.
const CASES: u64 = 3_000;

/// The story of a task, told by the TypeScript client.
pub fn typescript_story(tools: &Tools, url: &str) -> Result<String> {
    story(tools.command("node").arg("built/story.js").env("WORKFLOW_URL", url))
}

/// The same story, told by the Python client.
pub fn python_story(tools: &Tools, url: &str) -> Result<String> {
    story(tools.python().arg("story.py").env("WORKFLOW_URL", url))
}

fn story(teller: &mut std::process::Command) -> Result<String> {
    Ok(String::from_utf8_lossy(&process::output(teller)?).trim().to_owned())
}

/// Valid and invalid requests to every operation, as the document describes them; every answer must be as it says.
pub fn schemathesis(tools: &Tools, url: &str) -> Result<String> {
    let mut fuzzer = tools.command(tools.folder().join("python/bin/schemathesis"));
    fuzzer.args(["--config-file", "schemathesis.toml", "run", &format!("{url}/openapi.json")]);
    fuzzer.args(["--checks", "all", "--no-color"]);
    let (succeeded, report, error) = captured(&mut fuzzer)?;
    let report = String::from_utf8_lossy(&report).into_owned();
    fs::write(tools.folder().join("schemathesis.log"), &report)?;
    if !succeeded {
        bail!("{report}{error}");
    }
    let account =
        report.lines().map(str::trim).find(|line| line.contains(" generated,")).context("no cases counted")?;
    ensure!(cases(account).is_some_and(|cases| cases >= CASES), "too few cases: {account}");
    Ok(account.to_owned())
}

/// The number in `3328 generated, 3328 passed`.
fn cases(account: &str) -> Option<u64> {
    account.split_once(" generated")?.0.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::cases;

    #[test]
    fn the_cases_are_counted_by_the_fuzzer_itself() {
        assert_eq!(cases("3328 generated, 3328 passed"), Some(3328));
        assert_eq!(cases("No test cases were generated"), None);
    }
}
