//! Starts the binary in a folder of its own, without any configuration from outside.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant};

use futures_util::StreamExt as _;
use serde_json::Value;

/// Longest wait for anything.
const PATIENCE: Duration = Duration::from_mins(1);

/// The binary, run in `folder`.
pub fn workflow(folder: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_workflow"));
    for (name, _) in std::env::vars() {
        if name.starts_with("WORKFLOW_") || ["DATABASE_URL", "REDIS_URL", "RUST_LOG"].contains(&&*name) {
            command.env_remove(name);
        }
    }
    command.current_dir(folder).args(args).stdin(Stdio::null());
    command
}

/// How a command ended.
pub struct Ended {
    pub code: i32,
    pub out: String,
    pub err: String,
}

/// Runs a command to its end.
pub fn run(folder: &Path, args: &[&str]) -> Ended {
    finish(&mut workflow(folder, args))
}

/// The same with environment variables.
pub fn run_with(folder: &Path, args: &[&str], variables: &[(&str, &str)]) -> Ended {
    finish(workflow(folder, args).envs(variables.iter().copied()))
}

fn finish(command: &mut Command) -> Ended {
    let output = command.output().unwrap();
    Ended {
        code: output.status.code().expect("not killed"),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

impl Ended {
    /// Asserts the code and that standard error is one line with these words, and neither panic nor debug output.
    #[track_caller]
    pub fn is_refusal(&self, code: i32, words: &[&str]) {
        assert_eq!(self.code, code, "{}", self.err);
        assert_eq!(self.err.trim_end().lines().count(), 1, "{}", self.err);
        assert!(!["panicked", "Err(", "Some("].iter().any(|word| self.err.contains(word)), "{}", self.err);
        for word in words {
            assert!(self.err.contains(word), "{word} is not in: {}", self.err);
        }
        assert_eq!(self.out, "");
    }
}

/// A server, killed when dropped.
pub struct Server {
    child: Child,
    lines: Receiver<String>,
    pub url: String,
}

impl Server {
    /// Starts `up` on a free port and waits until it is ready.
    pub fn up(folder: &Path, args: &[&str]) -> Self {
        let args = [&["up", "--listen", "127.0.0.1:0"], args].concat();
        Self::start(&mut workflow(folder, &args), "Workflow Intelligence is ready at ")
    }

    /// Starts a role and waits for its line, which ends with its URL.
    pub fn start(command: &mut Command, ready: &str) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let (sender, lines) = mpsc::channel();
        let out = BufReader::new(child.stdout.take().unwrap());
        std::thread::spawn(move || out.lines().map_while(Result::ok).try_for_each(|line| sender.send(line)));
        let mut server = Self { child, lines, url: String::new() };
        server.url = server.line(ready);
        server
    }

    /// Waits for a line that starts like this and gives its rest.
    #[track_caller]
    pub fn line(&self, start: &str) -> String {
        loop {
            let line =
                self.lines.recv_timeout(PATIENCE).unwrap_or_else(|error| panic!("no line \"{start}...\": {error}"));
            if let Some(rest) = line.strip_prefix(start) {
                return rest.to_owned();
            }
        }
    }

    /// Reads a JSON document.
    pub fn get(&self, path: &str) -> Value {
        let url = format!("{}{path}", self.url);
        let client = reqwest::Client::builder().no_proxy().tls_certs_only([]).build().unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async { client.get(url).send().await.unwrap().json().await.unwrap() })
    }

    /// Reads the first frames of the socket.
    pub fn frames(&self, query: &str, count: usize) -> Vec<Value> {
        let url = format!("{}/ws{query}", self.url.replacen("http", "ws", 1));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let (socket, _) = tokio_tungstenite::connect_async(url).await.unwrap();
            let texts = socket.filter_map(async |message| message.unwrap().into_text().ok());
            let frames = texts.map(|text| serde_json::from_str(&text).unwrap()).take(count).collect();
            tokio::time::timeout(PATIENCE, frames).await.unwrap()
        })
    }

    /// Sends a signal.
    pub fn signal(&self, signal: &str) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args([signal, &pid]).status().unwrap().success());
    }

    /// Sends a signal and gives the exit code and how long it took.
    pub fn stop(mut self, signal: &str) -> (Option<i32>, Duration) {
        let started = Instant::now();
        self.signal(signal);
        (self.child.wait().unwrap().code(), started.elapsed())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs a statement with the `sqlite3` command; `None`, with a word why, where it is not installed.
pub fn sqlite3(database: &Path, sql: &str) -> Option<String> {
    match Command::new("sqlite3").arg(database).arg(sql).output() {
        Ok(output) => {
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            Some(String::from_utf8(output.stdout).unwrap())
        }
        Err(error) => {
            assert!(std::env::var_os("CI").is_none(), "sqlite3: {error}");
            eprintln!("skipped: the sqlite3 command is not installed");
            None
        }
    }
}
