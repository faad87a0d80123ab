//! The operating-system account a server runs as, and the wrapper that makes it end with this process.

use std::{
    ffi::{OsStr, OsString},
    fs,
    path::Path,
    process::{Command, Stdio},
};

use anyhow::{Context as _, Result, bail};

use crate::workspace::find_program;

/// Account of the `PostgreSQL` server, which refuses to run as root.
pub enum Account {
    /// That of this process.
    Own,
    /// Another one, because this process is root.
    Other {
        /// User id.
        uid: u32,
        /// Group id.
        gid: u32,
    },
}

impl Account {
    /// This process's own account, or for root that of the distribution's `postgres` user, or else `nobody`.
    pub fn for_servers() -> Result<Self> {
        if !rustix::process::geteuid().is_root() {
            return Ok(Self::Own);
        }
        if find_program("setpriv").is_none() {
            bail!("PostgreSQL does not run as root, and setpriv (package util-linux) is missing to change the user");
        }
        let users = fs::read_to_string("/etc/passwd").context("cannot read /etc/passwd")?;
        let (uid, gid) = ["postgres", "nobody"]
            .iter()
            .find_map(|name| ids(&users, name))
            .context("PostgreSQL does not run as root, and there is no user postgres or nobody to run it as")?;
        Ok(Self::Other { uid, gid })
    }

    /// Whether files must be handed over to the account.
    pub fn is_other(&self) -> bool {
        matches!(self, Self::Other { .. })
    }

    /// Gives a file or folder to the account.
    pub fn own(&self, path: &Path) -> Result<()> {
        if let Self::Other { uid, gid } = *self {
            std::os::unix::fs::chown(path, Some(uid), Some(gid))
                .with_context(|| format!("cannot hand over {}", path.display()))?;
        }
        Ok(())
    }

    /// The words before a command that make it run as this account.
    pub fn prefix(&self) -> Vec<OsString> {
        match self {
            Self::Own => Vec::new(),
            Self::Other { uid, gid } => {
                ["setpriv".into(), format!("--reuid={uid}"), format!("--regid={gid}"), "--clear-groups".into()]
                    .map(OsString::from)
                    .into()
            }
        }
    }

    /// A short-lived command of this account.
    pub fn command(&self, program: &OsStr) -> Command {
        join(self.prefix(), program)
    }

    /// A server of this account. Where the kernel can, it gets the signal when this process dies, even by SIGKILL.
    ///
    /// `setpriv` replaces itself by the server, so the child's process id is the server's.
    pub fn server(&self, program: &OsStr, signal_at_our_death: &str) -> Command {
        let mut prefix = self.prefix();
        if setpriv_knows_parent_death() {
            if prefix.is_empty() {
                prefix.push("setpriv".into());
            }
            prefix.push(format!("--pdeathsig={signal_at_our_death}").into());
        }
        join(prefix, program)
    }
}

fn join(prefix: Vec<OsString>, program: &OsStr) -> Command {
    let mut words = prefix.into_iter().chain([program.to_owned()]);
    let mut command = Command::new(words.next().expect("at least the program is there"));
    command.args(words);
    command
}

fn setpriv_knows_parent_death() -> bool {
    Command::new("setpriv")
        .args(["--pdeathsig=clear", "true"])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// User and group id of a user in the text of /etc/passwd.
fn ids(users: &str, name: &str) -> Option<(u32, u32)> {
    users.lines().find_map(|line| match line.split(':').collect::<Vec<_>>()[..] {
        [user, _, uid, gid, ..] if user == name => Some((uid.parse().ok()?, gid.parse().ok()?)),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::ids;

    #[test]
    fn user_ids_come_from_the_line_of_exactly_that_user() {
        let users = "root:x:0:0::/:/bin/sh\npostgres2:x:7:8::/:/bin/sh\npostgres:x:101:102:,,,:/var:/bin/sh\n";
        assert_eq!(ids(users, "postgres"), Some((101, 102)));
        assert_eq!(ids(users, "nobody"), None);
    }
}
