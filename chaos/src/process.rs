//! Processes that are killed, stopped and started again.

use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

/// A process of ours; killed when dropped.
pub struct Process {
    child: Child,
    /// Its base URL, if it serves.
    pub url: String,
}

impl Process {
    /// Starts a program and waits for the line that says it is ready.
    pub async fn start(program: &str, args: &[&str], settings: &[(&str, String)]) -> Result<Self> {
        let mut command = Command::new(program);
        command.args(args).env_remove("REDIS_URL").env("WORKFLOW_LISTEN", "127.0.0.1:0").kill_on_drop(true);
        if std::env::var_os("WORKFLOW_LOG").is_none() {
            command.env("WORKFLOW_LOG", "off");
        }
        for (name, value) in settings {
            command.env(name, value);
        }
        let mut child =
            command.stdout(Stdio::piped()).spawn().with_context(|| format!("{program} cannot be started"))?;
        let stdout = child.stdout.take().context("its output is piped")?;
        let mut lines = BufReader::new(stdout).lines();
        let line = tokio::time::timeout(Duration::from_secs(30), lines.next_line()).await??.unwrap_or_default();
        if line.is_empty() {
            bail!("{program} {args:?} ended before it was ready: {:?}", child.wait().await?);
        }
        // What else it says is read, so that it never waits for a reader.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        let url = line.split_whitespace().find(|word| word.starts_with("http://")).unwrap_or_default();
        Ok(Self { child, url: url.split("/health").next().unwrap_or_default().trim_end_matches('/').to_owned() })
    }

    /// Ends it at once, as a crash would.
    pub async fn kill(&mut self) -> Result<()> {
        self.child.kill().await.context("it can be killed")
    }

    /// Whether it has ended by itself.
    pub fn has_ended(&mut self) -> Result<bool> {
        Ok(self.child.try_wait()?.is_some())
    }

    /// Sends a signal by name.
    pub async fn signal(&self, name: &str) -> Result<()> {
        let Some(pid) = self.child.id() else { return Ok(()) };
        let sent = Command::new("kill").args([&format!("-{name}"), &pid.to_string()]).status().await?;
        anyhow::ensure!(sent.success(), "kill -{name} {pid} failed");
        Ok(())
    }

    /// Asks it to drain and waits for its end.
    pub async fn terminate(&mut self, within: Duration) -> Result<ExitStatus> {
        self.signal("TERM").await?;
        tokio::time::timeout(within, self.child.wait()).await.context("it did not end in time")?.context("it ends")
    }

    /// How much memory it holds, in MiB.
    pub fn memory(&self) -> Result<u64> {
        let pid = self.child.id().context("it runs")?;
        let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("it has memory")?;
        Ok(line.trim().trim_end_matches(" kB").parse::<u64>()? / 1024)
    }

    /// How it ended, if it has.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().ok().flatten()
    }
}
