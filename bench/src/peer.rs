//! Another queue, measured by a driver of its own in the same run.

use anyhow::{Context as _, Result};
use serde_json::Value;
use tokio::process::Command;

/// What the driver prints for `metric`; `None`, with the reason printed, if there is no driver.
pub async fn measure(driver: Option<&str>, metric: &str, url: &str) -> Result<Option<Value>> {
    let Some(driver) = driver else {
        println!("skipped: no peer beside {metric}: --peer names no driver");
        return Ok(None);
    };
    let mut words = driver.split_whitespace();
    let program = words.next().context("--peer is empty")?;
    // `{metric}` stands where the driver wants it, else it comes last.
    let mut arguments: Vec<String> = words.map(|word| word.replace("{metric}", metric)).collect();
    if !driver.contains("{metric}") {
        arguments.push(metric.to_owned());
    }
    let output = Command::new(program).args(arguments).env("DATABASE_URL", url).output().await?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let line = text.lines().rfind(|line| line.starts_with('{'));
    let line =
        line.with_context(|| format!("the peer printed no figures: {}", String::from_utf8_lossy(&output.stderr)))?;
    Ok(Some(serde_json::from_str(line)?))
}
