//! `cargo xtask services`: private `PostgreSQL`, Redis and Dovecot servers on free ports of the loopback address.
//!
//! They live in one temporary folder and end with this process, however it ends; a server of the system is never
//! touched. Tests find them by environment variables alone.

pub mod account;
pub mod dovecot;
pub mod postgres;
pub mod redis;

use std::{
    ffi::OsString,
    fs,
    net::{Ipv4Addr, TcpListener},
    os::unix::fs::PermissionsExt as _,
    path::Path,
    process::Command,
    thread,
    time::Duration,
};

use anyhow::{Context as _, Result};
use tempfile::TempDir;

use self::{account::Account, dovecot::Dovecot, postgres::Postgres, redis::Redis};
use crate::{
    debian::{self, Program},
    interrupt, process,
};

/// Running servers; dropping stops them and removes their folder.
pub struct Services {
    // Fields are dropped in this order: servers before the folder they write to.
    postgres: Postgres,
    redis: Redis,
    dovecot: Dovecot,
    _folder: TempDir,
}

impl Services {
    /// Starts the servers and returns when they answer.
    pub fn start() -> Result<Self> {
        debian::provide(&[Program::Postgres, Program::Redis, Program::Dovecot])?;
        let account = Account::for_servers()?;
        let folder = folder(&account)?;
        let postgres = Postgres::start(folder.path(), &account)?;
        let redis = Redis::start(folder.path())?;
        let dovecot = Dovecot::start(folder.path())?;
        Ok(Self { postgres, redis, dovecot, _folder: folder })
    }

    /// URL of the database server, as its superuser.
    pub fn database(&self) -> String {
        self.postgres.url()
    }

    /// URL of the Redis server.
    pub fn redis(&self) -> String {
        self.redis.url()
    }

    /// The variables by which tests find the servers.
    pub fn environment(&self) -> [(&'static str, OsString); 4] {
        [
            ("WORKFLOW_TEST_POSTGRES", self.postgres.url().into()),
            ("WORKFLOW_TEST_PG_CTL", self.postgres.control().into()),
            ("WORKFLOW_TEST_REDIS", self.redis.url().into()),
            ("WORKFLOW_TEST_DOVECOT", self.dovecot.home().into()),
        ]
    }
}

/// Runs the command beside the servers; without one keeps them up until a signal.
pub fn run(command: &[OsString]) -> Result<()> {
    let services = Services::start()?;
    let lines = services.environment().map(|(name, value)| format!("{name}={}", value.display())).join("\n");
    match command {
        [] => {
            println!("{lines}");
            eprintln!("Ctrl-C stops the servers");
            while interrupt::pending().is_none() {
                thread::sleep(Duration::from_millis(50));
            }
            Ok(())
        }
        [program, arguments @ ..] => {
            // Standard output belongs to the command.
            eprintln!("{lines}");
            process::run_interactively(Command::new(program).args(arguments).envs(services.environment()))
        }
    }
}

/// A port nobody listens on at this moment. Another process may take it before the server does, so starts are tried
/// more than once.
fn free_port() -> Result<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("cannot bind a port of 127.0.0.1")?;
    Ok(listener.local_addr()?.port())
}

/// A new folder that the servers' account can enter.
fn folder(account: &Account) -> Result<TempDir> {
    // A private TMPDIR of root's may be closed to the account.
    let parent = if account.is_other() { Path::new("/tmp").to_owned() } else { std::env::temp_dir() };
    let folder = tempfile::Builder::new()
        .prefix("workflow-services-")
        .tempdir_in(&parent)
        .with_context(|| format!("cannot make a folder in {}", parent.display()))?;
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755))?;
    Ok(folder)
}
