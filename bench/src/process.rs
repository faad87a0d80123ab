//! Processes of the product.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use anyhow::{Context as _, Result};

/// The figure's name under which this program serves as the ceiling of reads.
pub const BARE: &str = "bare";

/// A process of ours; stopped when dropped.
pub struct Process {
    child: Child,
    /// `host:port` it serves on.
    pub address: String,
}

impl Process {
    /// Starts a role of the product and waits until it is ready.
    pub fn start(role: &str, settings: &[(&str, &str)]) -> Result<Self> {
        let binary = std::env::var("WORKFLOW_BENCH_BINARY").context("run it by `cargo xtask bench`")?;
        Self::start_program(Path::new(&binary), &[role], settings)
    }

    /// Starts the ceiling of reads.
    pub fn start_bare(settings: &[(&str, &str)]) -> Result<Self> {
        Self::start_program(&std::env::current_exe()?, &[BARE], settings)
    }

    /// Starts a program and waits until it prints its URL.
    pub fn start_program(program: &Path, arguments: &[&str], settings: &[(&str, &str)]) -> Result<Self> {
        let mut command = Command::new(program);
        command
            .args(arguments)
            .env_remove("REDIS_URL")
            .env("WORKFLOW_LISTEN", "127.0.0.1:0")
            .env("WORKFLOW_LOG", "warn");
        command.envs(settings.iter().copied());
        let mut child = command.stdout(Stdio::piped()).spawn()?;
        let mut line = String::new();
        BufReader::new(child.stdout.take().context("its output is piped")?).read_line(&mut line)?;
        let url = line.split_whitespace().find_map(|word| word.strip_prefix("http://")).unwrap_or_default();
        let address = url.split('/').next().unwrap_or_default().to_owned();
        anyhow::ensure!(!address.is_empty(), "{} said: {line}", program.display());
        Ok(Self { child, address })
    }

    /// How much memory it holds, in KB.
    pub fn memory(&self) -> Result<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("it has memory")?;
        Ok(line.trim().trim_end_matches(" kB").parse()?)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
