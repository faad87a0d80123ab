//! Programs that tests and checks need, installed on Debian when they are absent.
//!
//! Nothing is installed that is there already, and nothing outside the distribution's own packages.

use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, ensure};

use crate::{
    deploy, process,
    services::{dovecot, postgres, redis},
    web,
    workspace::find_program,
};

/// A program and the Debian package that brings it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Program {
    /// The `PostgreSQL` server's programs.
    Postgres,
    /// The Redis server.
    Redis,
    /// The IMAP server that fetching mail is tested against.
    Dovecot,
    /// The `sqlite3` command line, with which stories read the database as a user would.
    Sqlite,
    /// Python with its virtual environments, for the contract's tools.
    Python,
    /// Java, for one of them.
    Java,
    /// The browser that the dashboard's stories run in.
    Chromium,
    /// What reads the compose file.
    Compose,
    /// What reads the configuration and the alerts of Prometheus.
    Promtool,
}

impl Program {
    fn package(self) -> &'static str {
        match self {
            Self::Postgres => "postgresql",
            Self::Redis => "redis-server",
            Self::Dovecot => "dovecot-imapd",
            Self::Sqlite => "sqlite3",
            Self::Python => "python3-venv",
            Self::Java => "default-jre-headless",
            Self::Chromium => "chromium",
            Self::Compose => "docker-compose",
            Self::Promtool => "prometheus",
        }
    }

    fn is_present(self) -> bool {
        match self {
            Self::Postgres => postgres::Binaries::find().is_some(),
            Self::Redis => redis::find().is_some(),
            Self::Dovecot => dovecot::find().is_some(),
            Self::Sqlite => find_program("sqlite3").is_some(),
            Self::Python => has_venv(),
            Self::Java => find_program("java").is_some(),
            Self::Chromium => web::chromium().is_some(),
            Self::Compose => deploy::compose().is_some(),
            Self::Promtool => find_program("promtool").is_some(),
        }
    }
}

/// Debian's Python comes without the part that makes virtual environments.
fn has_venv() -> bool {
    let mut python = Command::new("python3");
    let asked = python.args(["-c", "import ensurepip, venv"]).stdin(Stdio::null()).stderr(Stdio::null()).status();
    asked.is_ok_and(|status| status.success())
}

/// Makes the programs available, or says what to install.
pub fn provide(programs: &[Program]) -> Result<()> {
    let missing = missing(programs);
    if missing.is_empty() {
        return Ok(());
    }
    let list = missing.join(" ");
    let advice = format!("install these packages (Debian names) and run again: {list}");
    ensure!(find_program("apt-get").is_some(), "this system has no apt-get; {advice}");
    let prefix = root_prefix().with_context(|| format!("not root, and sudo asks for a password; {advice}"))?;

    eprintln!("installing {list}");
    // A failed update may still leave a list that is good enough.
    process::status(&mut apt_get(prefix, &["update"]))?;
    process::run(apt_get(prefix, &["install", "--yes", "--no-install-recommends"]).args(&missing))
        .with_context(|| advice.clone())?;

    let still = self::missing(programs);
    ensure!(still.is_empty(), "still missing after the installation: {}; {advice}", still.join(" "));
    Ok(())
}

fn missing(programs: &[Program]) -> Vec<&'static str> {
    programs.iter().filter(|program| !program.is_present()).map(|program| program.package()).collect()
}

/// The words before a command that make it run as root.
fn root_prefix() -> Option<&'static [&'static str]> {
    if rustix::process::geteuid().is_root() {
        return Some(&[]);
    }
    let silent = Command::new("sudo")
        .args(["-n", "true"])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    silent.is_ok_and(|status| status.success()).then_some(&["sudo", "-n"])
}

fn apt_get(prefix: &[&str], arguments: &[&str]) -> Command {
    // `env` because sudo drops variables. Another apt run is waited for.
    let words = prefix.iter().chain(&["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "--quiet"]);
    let mut words = words.chain(&["--option", "DPkg::Lock::Timeout=300"]).chain(arguments);
    let mut command = Command::new(words.next().expect("the list above is not empty"));
    command.args(words);
    command
}
