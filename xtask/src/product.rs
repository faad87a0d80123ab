//! The product itself as a child process: `workflow up` on a new `SQLite` file and a free port, for what talks to it
//! from outside.

use std::{
    ffi::OsStr,
    fs::{self, File},
    io::{BufRead as _, BufReader},
    os::unix::process::CommandExt as _,
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Stdio},
    sync::mpsc::{self, Receiver, RecvTimeoutError},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail};
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use crate::{
    interrupt, process,
    services::account::Account,
    test,
    workspace::{cargo, target},
};

const START_TIME: Duration = Duration::from_mins(1);
/// The product drains its work before it ends.
const STOP_TIME: Duration = Duration::from_secs(20);
const POLL: Duration = Duration::from_millis(50);

/// Builds the binary and says where it is.
pub fn build() -> Result<PathBuf> {
    process::run(&mut cargo(["build", "--bin", "workflow"])?)?;
    Ok(target()?.join("debug").join("workflow"))
}

/// A running product; dropping stops it and removes its data.
pub struct Product {
    child: Child,
    url: String,
    // Last, so that the process has ended when its folder goes.
    folder: TempDir,
}

impl Product {
    /// Starts the binary with an empty database and returns when it is ready. `environment` comes on top of the database,
    /// the address and the log level, and may replace them.
    pub fn start<K, V>(binary: &Path, environment: impl IntoIterator<Item = (K, V)>) -> Result<Self>
    where
        K: AsRef<OsStr>,
        V: AsRef<OsStr>,
    {
        let folder = tempfile::Builder::new().prefix("workflow-product-").tempdir()?;
        let log = folder.path().join("log");
        let mut command = Account::Own.server(binary.as_os_str(), "TERM");
        test::clean(&mut command)
            .arg("up")
            .env("DATABASE_URL", format!("sqlite://{}", folder.path().join("workflow.db").display()))
            .env("WORKFLOW_LISTEN", "127.0.0.1:0")
            .env("WORKFLOW_LOG", "warn")
            .envs(environment)
            .current_dir(folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(File::create(&log)?)
            // Ctrl-C on the terminal must reach the tests only; the product is stopped after them.
            .process_group(0);
        let child = command.spawn().with_context(|| format!("cannot start {}", binary.display()))?;
        // From here on the guard stops the process on every way out.
        let mut product = Self { child, url: String::new(), folder };
        let lines = lines(product.child.stdout.take().context("standard output is piped")?);
        product.url = ready(&lines).with_context(|| {
            format!("the product did not start; its log:\n{}", fs::read_to_string(&log).unwrap_or_default())
        })?;
        Ok(product)
    }

    /// Base URL, without a slash at its end.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The database file.
    pub fn database(&self) -> PathBuf {
        self.folder.path().join("workflow.db")
    }
}

impl Drop for Product {
    fn drop(&mut self) {
        // Once reaped, its process id may belong to another.
        if matches!(self.child.try_wait(), Ok(None)) {
            kill_process(Pid::from_child(&self.child), Signal::TERM).ok();
        }
        if !process::ends_within(&mut self.child, STOP_TIME) {
            self.child.kill().ok();
            self.child.wait().ok();
        }
    }
}

/// What the process prints. It is read to its end: a full pipe would stop the product.
fn lines(stdout: ChildStdout) -> Receiver<String> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        for line in BufReader::new(stdout).lines().map_while(Result::ok) {
            // Nobody listens any more once the product is ready.
            sender.send(line).ok();
        }
    });
    receiver
}

/// The URL in the line that says the product is ready.
fn ready(lines: &Receiver<String>) -> Result<String> {
    let start = Instant::now();
    while start.elapsed() < START_TIME {
        if interrupt::pending().is_some() {
            bail!("interrupted while the product was starting");
        }
        match lines.recv_timeout(POLL) {
            Ok(line) => {
                if let Some(url) = url_in(&line) {
                    return Ok(url.to_owned());
                }
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => bail!("it ended before it was ready"),
        }
    }
    bail!("it was not ready within {} s", START_TIME.as_secs())
}

fn url_in(line: &str) -> Option<&str> {
    line.split_whitespace().find(|word| word.starts_with("http://")).map(|url| url.trim_end_matches('/'))
}

#[cfg(test)]
mod tests {
    use super::url_in;

    #[test]
    fn the_url_is_a_word_of_the_ready_line() {
        assert_eq!(url_in("Workflow Intelligence is ready at http://127.0.0.1:3001/"), Some("http://127.0.0.1:3001"));
        assert_eq!(url_in("Workflow Intelligence is starting"), None);
    }
}
