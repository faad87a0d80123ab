//! `cargo xtask deploy`: what is in `deploy/` and the compose file, checked by the tools that read them.
//!
//! Starts nothing: the compose file is only read, the alerts are tested on made-up figures, and the units are loaded as
//! the service manager would.

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
};

use anyhow::{Context as _, Result, ensure};

use crate::{
    debian::{self, Program},
    test,
    workspace::{find_program, root},
};

/// Files of Prometheus, in `deploy/prometheus`.
const PROMETHEUS: [&str; 3] = ["prometheus.yml", "alerts.yml", "alerts.test.yml"];
/// Units of systemd, in `deploy/systemd`.
const UNITS: [&str; 2] = ["workflow-api@.service", "workflow-worker@.service"];
/// Where the units expect the product.
const INSTALLED: &str = "/usr/local/bin/workflow";

/// Checks everything and prints a line for each; what could not be checked is said in the answer.
pub fn run() -> Result<Option<String>> {
    debian::provide(&[Program::Compose, Program::Promtool])?;
    let root = root()?;
    let folder = tempfile::Builder::new().prefix("workflow-deploy-").tempdir()?;
    let copies = folder.path();
    prometheus(&root.join("deploy/prometheus"), copies)?;

    let mut faults = 0;
    faults += check("compose file", &mut compose_file(&root)?)?;
    faults += check("prometheus", promtool(copies).args(["check", "config", "prometheus.yml"]))?;
    faults += check("alerts", promtool(copies).args(["test", "rules", "alerts.test.yml"]))?;
    let skipped = if find_program("systemd-analyze").is_some() {
        faults += check("units", &mut units(&root.join("deploy/systemd"), copies)?)?;
        None
    } else {
        let reason = "units skipped: no systemd-analyze".to_owned();
        println!("{reason}");
        Some(reason)
    };
    ensure!(faults == 0, "{faults} faults in what is deployed");
    Ok(skipped)
}

/// What reads compose files, if it is installed: a program of its own, or a part of Docker's.
pub fn compose() -> Option<Command> {
    if find_program("docker-compose").is_some() {
        return Some(Command::new("docker-compose"));
    }
    let mut docker = Command::new("docker");
    docker.args(["compose", "version"]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let is_part = docker.status().is_ok_and(|status| status.success());
    is_part.then(|| {
        let mut command = Command::new("docker");
        command.arg("compose");
        command
    })
}

/// Reads the compose file with the settings that it is shown with.
fn compose_file(root: &Path) -> Result<Command> {
    let mut command = compose().context("docker-compose is not installed")?;
    test::clean(&mut command)
        .args(["--file", "docker-compose.yml", "--env-file", ".env.example", "config", "--quiet"])
        .current_dir(root);
    Ok(command)
}

/// Copies the files of Prometheus, and puts beside them the key that they name: the real one is made where they are used.
fn prometheus(from: &Path, to: &Path) -> Result<()> {
    for file in PROMETHEUS {
        fs::copy(from.join(file), to.join(file)).with_context(|| format!("cannot copy {file}"))?;
    }
    fs::create_dir(to.join("key"))?;
    fs::write(to.join("key/token"), "key")?;
    Ok(())
}

fn promtool(folder: &Path) -> Command {
    let mut command = Command::new("promtool");
    command.current_dir(folder);
    command
}

/// Loads copies of the units that start a program which every machine has.
fn units(from: &Path, to: &Path) -> Result<Command> {
    let mut command = Command::new("systemd-analyze");
    // Units of this machine are its own affair.
    command.args(["verify", "--recursive-errors=no"]);
    for unit in UNITS {
        let text = fs::read_to_string(from.join(unit)).with_context(|| format!("cannot read {unit}"))?;
        let copy = to.join(unit);
        fs::write(&copy, text.replace(INSTALLED, "/usr/bin/env"))?;
        command.arg(copy);
    }
    Ok(command)
}

/// Prints what the tool says if it finds a fault, and a line on the whole. Returns the number of faults, 0 or 1.
fn check(name: &str, command: &mut Command) -> Result<u32> {
    let output = command.stdin(Stdio::null()).output().with_context(|| format!("{name} cannot be checked"))?;
    let is_good = output.status.success();
    if !is_good {
        print!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    }
    println!("{name}: {}", if is_good { "ok" } else { "FAILED" });
    Ok(u32::from(!is_good))
}
