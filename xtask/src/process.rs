//! Child processes that end when this one is asked to end.

use std::{
    io::IsTerminal as _,
    os::unix::process::CommandExt as _,
    process::{Child, Command, ExitStatus, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail, ensure};
use rustix::process::{Pid, Resource, Rlimit, Signal, getrlimit, kill_process, kill_process_group, setrlimit};

use crate::interrupt;

const POLL: Duration = Duration::from_millis(20);
/// The test runner gives its tests 10 s to end after a signal; after these it is killed with all it started.
const GRACE: Duration = Duration::from_secs(15);
/// How long a command in the foreground may take to follow a Ctrl-C by itself.
const KEYBOARD_GRACE: Duration = Duration::from_secs(3);

/// Runs the command to its end, sharing standard output and error; anything but success is an error.
pub fn run(command: &mut Command) -> Result<()> {
    let line = describe(command);
    let status = status(command)?;
    ensure!(status.success(), "`{line}` failed ({status})");
    Ok(())
}

/// Lets this process and those it starts open as many files as the system allows: thousands of sockets are thousands of
/// files.
pub fn raise_open_files() -> Result<()> {
    let limit = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit }).context("the limit of open files stays")
}

/// As [`run`], but hands the exit status over.
pub fn status(command: &mut Command) -> Result<ExitStatus> {
    // A group of its own, so that all it started can be ended together.
    supervise(command.stdin(Stdio::null()).process_group(0), stop_group)
}

/// As [`run`], for a command that may talk with the person at the terminal.
pub fn run_interactively(command: &mut Command) -> Result<()> {
    if !std::io::stdin().is_terminal() {
        return run(command);
    }
    // Only the foreground group may read keys, so the command stays in ours; Ctrl-C reaches it there without us.
    let line = describe(command);
    let status = supervise(command, |child| {
        if !ends_within(child, KEYBOARD_GRACE) {
            stop_process(child);
        }
    })?;
    ensure!(status.success(), "`{line}` failed ({status})");
    Ok(())
}

fn supervise(command: &mut Command, stop: fn(&mut Child)) -> Result<ExitStatus> {
    let line = describe(command);
    let mut child = command.spawn().with_context(|| format!("cannot start `{line}`"))?;
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status);
        }
        if interrupt::pending().is_some() {
            stop(&mut child);
            bail!("interrupted during `{line}`");
        }
        thread::sleep(POLL);
    }
}

/// Runs the command and returns its standard output; standard error is shared.
pub fn output(command: &mut Command) -> Result<Vec<u8>> {
    let line = describe(command);
    let output = command
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .with_context(|| format!("cannot start `{line}`"))?;
    ensure!(output.status.success(), "`{line}` failed ({})", output.status);
    Ok(output.stdout)
}

/// Waits until the child has ended; false if it has not within the time.
pub fn ends_within(child: &mut Child, time: Duration) -> bool {
    let start = Instant::now();
    loop {
        match child.try_wait() {
            // An error means there is no such child any more.
            Ok(Some(_)) | Err(_) => return true,
            Ok(None) if start.elapsed() >= time => return false,
            Ok(None) => thread::sleep(POLL),
        }
    }
}

/// The command as a person would type it, shortened to one line of reasonable length.
pub fn describe(command: &Command) -> String {
    let program = command.get_program().to_string_lossy();
    let name = program.rsplit('/').next().unwrap_or(&program).to_owned();
    let words = command.get_args().map(|word| word.to_string_lossy().into_owned());
    std::iter::once(name).chain(words).collect::<Vec<_>>().join(" ")
}

fn stop_group(child: &mut Child) {
    let group = Pid::from_child(child);
    kill_process_group(group, Signal::TERM).ok();
    let ended = ends_within(child, GRACE);
    // Also what outlived its leader: the group keeps its id as long as it has a member.
    kill_process_group(group, Signal::KILL).ok();
    if !ended {
        child.wait().ok();
    }
}

fn stop_process(child: &mut Child) {
    kill_process(Pid::from_child(child), Signal::TERM).ok();
    if !ends_within(child, GRACE) {
        child.kill().ok();
        child.wait().ok();
    }
}
