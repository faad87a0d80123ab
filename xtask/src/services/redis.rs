//! A Redis server of our own that keeps nothing on disk.

use std::{
    fs::{self, File},
    io::{Read as _, Write as _},
    net::{Ipv4Addr, SocketAddr, TcpStream},
    os::unix::process::CommandExt as _,
    path::{Path, PathBuf},
    process::{Child, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail};
use rustix::process::{Pid, Signal, kill_process};

use super::{account::Account, free_port};
use crate::{interrupt, process, workspace::find_program};

const ATTEMPTS: usize = 3;
const START_TIME: Duration = Duration::from_secs(30);
const STOP_TIME: Duration = Duration::from_secs(5);

/// The server's program, if installed.
pub fn find() -> Option<PathBuf> {
    find_program("redis-server")
}

/// A running server; dropping stops it.
pub struct Redis {
    child: Child,
    port: u16,
}

impl Redis {
    /// Starts it below `parent` and returns when it answers.
    pub fn start(parent: &Path) -> Result<Self> {
        let program = find().context("redis-server is not installed")?;
        let home = parent.join("redis");
        fs::create_dir(&home)?;
        let log = home.join("log");

        for _ in 0..ATTEMPTS {
            let port = free_port()?;
            let log_file = File::create(&log)?;
            let child = Account::Own
                .server(program.as_os_str(), "TERM")
                .args(["--port", &port.to_string(), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir"])
                .arg(&home)
                .stdin(Stdio::null())
                .stdout(log_file.try_clone()?)
                .stderr(log_file)
                .process_group(0)
                .spawn()
                .context("cannot start redis-server")?;
            let mut server = Self { child, port };
            if server.answers()? {
                return Ok(server);
            }
            eprintln!("Redis did not start on port {port}; its log:");
            eprintln!("{}", fs::read_to_string(&log).unwrap_or_default());
        }
        bail!("Redis did not start in {ATTEMPTS} attempts");
    }

    /// URL of database 0.
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// Waits until PING is answered; false when the process has ended or time is up.
    fn answers(&mut self) -> Result<bool> {
        let start = Instant::now();
        while start.elapsed() < START_TIME {
            if interrupt::pending().is_some() {
                bail!("interrupted while Redis was starting");
            }
            if self.child.try_wait()?.is_some() {
                return Ok(false);
            }
            if ping(self.port).is_ok_and(|answer| answer.starts_with(b"+PONG")) {
                return Ok(true);
            }
            thread::sleep(Duration::from_millis(20));
        }
        Ok(false)
    }
}

impl Drop for Redis {
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

fn ping(port: u16) -> std::io::Result<[u8; 5]> {
    let time = Duration::from_secs(1);
    let mut stream = TcpStream::connect_timeout(&SocketAddr::from((Ipv4Addr::LOCALHOST, port)), time)?;
    stream.set_read_timeout(Some(time))?;
    stream.write_all(b"PING\r\n")?;
    let mut answer = [0; 5];
    stream.read_exact(&mut answer)?;
    Ok(answer)
}
