//! A `PostgreSQL` server of our own: new cluster, superuser `postgres` without password, durable as in production.

use std::{
    ffi::OsStr,
    fs::{self, File},
    io::Write as _,
    os::unix::{fs::PermissionsExt as _, process::CommandExt as _},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail};
use rustix::process::{Pid, Signal, kill_process};

use super::{account::Account, free_port};
use crate::{interrupt, process, workspace::find_program};

const ATTEMPTS: usize = 3;
const START_TIME: Duration = Duration::from_mins(1);
const FAST_STOP_TIME: Duration = Duration::from_secs(10);

/// Folder with the server's programs, all of one version.
pub struct Binaries(PathBuf);

impl Binaries {
    /// The folder on PATH, or else Debian's newest version, which is not on PATH.
    pub fn find() -> Option<Self> {
        let on_path = ["initdb", "pg_ctl"].iter().filter_map(|name| find_program(name));
        let on_path = on_path.filter_map(|path| path.parent().map(Path::to_owned));
        on_path.chain(debian_folders()).find(|folder| is_complete(folder)).map(Self)
    }

    /// Path of one of the programs.
    pub fn program(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

/// `/usr/lib/postgresql/*/bin`, newest version first.
fn debian_folders() -> Vec<PathBuf> {
    let mut versions: Vec<(u32, PathBuf)> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin"))))
        .collect();
    versions.sort_by(|a, b| b.cmp(a));
    versions.into_iter().map(|(_, folder)| folder).collect()
}

fn is_complete(folder: &Path) -> bool {
    ["initdb", "postgres", "pg_ctl", "pg_isready"].iter().all(|name| folder.join(name).is_file())
}

/// A running server; dropping stops it.
pub struct Postgres {
    child: Child,
    port: u16,
    control: PathBuf,
}

impl Postgres {
    /// Makes a cluster below `parent` and returns when the server takes connections.
    pub fn start(parent: &Path, account: &Account) -> Result<Self> {
        let binaries = Binaries::find().context("PostgreSQL's programs are not installed")?;
        let home = parent.join("postgres");
        fs::create_dir(&home)?;
        account.own(&home)?;
        let cluster = home.join("cluster");
        let log = home.join("log");
        create_cluster(&binaries, account, &home, &cluster)?;
        let control = write_control(parent, &binaries, account, &cluster, &log)?;

        for _ in 0..ATTEMPTS {
            let port = free_port()?;
            fs::write(cluster.join("server.conf"), settings(port, &home))?;
            let log_file = File::create(&log)?;
            account.own(&log)?;
            let child = account
                .server(binaries.program("postgres").as_os_str(), "INT")
                .arg("-D")
                .arg(&cluster)
                .current_dir(&home)
                .stdin(Stdio::null())
                .stdout(log_file.try_clone()?)
                .stderr(log_file)
                // Ctrl-C on the terminal must reach the tests only; the servers are stopped after them.
                .process_group(0)
                .spawn()
                .context("cannot start postgres")?;
            // From here on the guard stops the server on every way out.
            let mut server = Self { child, port, control: control.clone() };
            if server.answers(&binaries)? {
                return Ok(server);
            }
            eprintln!("PostgreSQL did not start on port {port}; its log:");
            eprintln!("{}", fs::read_to_string(&log).unwrap_or_default());
        }
        bail!("PostgreSQL did not start in {ATTEMPTS} attempts");
    }

    /// URL of the database `postgres`, as its superuser.
    pub fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }

    /// A script that takes `pg_ctl`'s verbs for this server: `restart -m immediate`, `stop`, `start`.
    pub fn control(&self) -> &Path {
        &self.control
    }

    /// Waits until connections are taken; false when the process has ended or time is up.
    fn answers(&mut self, binaries: &Binaries) -> Result<bool> {
        let start = Instant::now();
        while start.elapsed() < START_TIME {
            if interrupt::pending().is_some() {
                bail!("interrupted while PostgreSQL was starting");
            }
            if self.child.try_wait()?.is_some() {
                return Ok(false);
            }
            let ready = Command::new(binaries.program("pg_isready"))
                .args(["--quiet", "--host=127.0.0.1", "--username=postgres", "--dbname=postgres", "--port"])
                .arg(self.port.to_string())
                .stdin(Stdio::null())
                .status()?;
            if ready.success() {
                return Ok(true);
            }
            thread::sleep(Duration::from_millis(50));
        }
        Ok(false)
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            // SIGINT ends sessions and shuts down cleanly, SIGQUIT at once.
            for (signal, time) in
                [(Signal::INT, FAST_STOP_TIME), (Signal::QUIT, FAST_STOP_TIME), (Signal::KILL, FAST_STOP_TIME)]
            {
                kill_process(Pid::from_child(&self.child), signal).ok();
                if process::ends_within(&mut self.child, time) {
                    break;
                }
            }
        } else {
            // A test restarted it through the script: the new server is not our child.
            Command::new(&self.control)
                .args(["stop", "-m", "immediate"])
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .status()
                .ok();
        }
    }
}

fn create_cluster(binaries: &Binaries, account: &Account, home: &Path, cluster: &Path) -> Result<()> {
    let attempt = |locale: &str| {
        account
            .command(binaries.program("initdb").as_os_str())
            .args(["--auth=trust", "--username=postgres", "--encoding=UTF8", "--no-sync", "--locale", locale, "-D"])
            .arg(cluster)
            .current_dir(home)
            .stdin(Stdio::null())
            .output()
            .context("cannot start initdb")
    };
    let mut output = attempt("C.UTF-8")?;
    if !output.status.success() {
        // Not every libc has C.UTF-8.
        output = attempt("C")?;
    }
    if !output.status.success() {
        bail!("initdb failed ({}): {}", output.status, String::from_utf8_lossy(&output.stderr).trim());
    }
    let mut file = File::options().append(true).open(cluster.join("postgresql.conf"))?;
    writeln!(file, "include 'server.conf'")?;
    Ok(())
}

/// Lives in a file, not on the command line, so that a restart keeps it.
fn settings(port: u16, socket_folder: &Path) -> String {
    format!(
        "listen_addresses = '127.0.0.1'\n\
         port = {port}\n\
         unix_socket_directories = '{}'\n\
         max_connections = 300\n\
         shared_buffers = '512MB'\n\
         fsync = on\n",
        socket_folder.display()
    )
}

fn write_control(parent: &Path, binaries: &Binaries, account: &Account, cluster: &Path, log: &Path) -> Result<PathBuf> {
    let path = parent.join("pg_ctl");
    let mut prefix = account.prefix().join(OsStr::new(" ")).into_string().expect("made of strings");
    prefix.push(' ');
    let text = format!(
        "#!/bin/sh\ncd / && exec {prefix}'{}' -D '{}' -l '{}' -w \"$@\"\n",
        binaries.program("pg_ctl").display(),
        cluster.display(),
        log.display(),
    );
    fs::write(&path, text)?;
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755))?;
    Ok(path)
}
