//! The packages that are built, as cargo resolves them.

use std::collections::HashSet;

use anyhow::{Context as _, Result};
use serde::Deserialize;

use crate::{process, workspace::cargo};

/// What `cargo metadata` tells.
#[derive(Deserialize)]
pub struct Graph {
    packages: Vec<Package>,
    workspace_members: Vec<String>,
}

/// One version of one crate.
#[derive(Deserialize)]
pub struct Package {
    id: String,
    pub name: String,
    pub version: semver::Version,
    /// None if the manifest has only a licence file.
    pub license: Option<String>,
    /// None for a folder of this machine.
    pub source: Option<String>,
    pub dependencies: Vec<Dependency>,
}

/// A dependency as written in a manifest.
#[derive(Deserialize)]
pub struct Dependency {
    pub name: String,
    pub req: String,
    pub path: Option<String>,
}

impl Graph {
    /// Resolves for these target triples.
    pub fn read(targets: &[String]) -> Result<Self> {
        let mut command = cargo(["metadata", "--format-version", "1", "--locked"])?;
        command.args(targets.iter().flat_map(|target| ["--filter-platform", target]));
        let mut graph: Self = serde_json::from_slice(&process::output(&mut command)?)
            .context("cannot read what cargo metadata printed")?;
        // The metadata include optional packages that no enabled feature brings in; the tree does not.
        let built = built(targets)?;
        graph.packages.retain(|package| built.contains(&format!("{} v{}", package.name, package.version)));
        Ok(graph)
    }

    /// All packages.
    pub fn packages(&self) -> &[Package] {
        &self.packages
    }

    /// Whether the package is one of the project's own.
    pub fn is_own(&self, package: &Package) -> bool {
        self.workspace_members.contains(&package.id)
    }
}

/// Every `NAME vVERSION` that cargo would build, tests included.
fn built(targets: &[String]) -> Result<HashSet<String>> {
    let mut command = cargo([
        "tree",
        "--locked",
        "--workspace",
        "--edges",
        "normal,build,dev",
        "--prefix",
        "none",
        "--format",
        "{p}",
    ])?;
    command.args(targets.iter().flat_map(|target| ["--target", target]));
    let text = String::from_utf8(process::output(&mut command)?).context("cargo tree did not print text")?;
    Ok(text
        .lines()
        .filter_map(|line| {
            let mut words = line.split(' ');
            Some(format!("{} {}", words.next()?, words.next()?))
        })
        .collect())
}
