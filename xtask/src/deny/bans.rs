//! Crates that must not be built, and dependencies without a version.

use anyhow::{Context as _, Result};
use semver::VersionReq;

use super::{
    graph::{Graph, Package},
    policy::{BanPolicy, Banned, Level},
};

/// One line for each breach.
pub fn faults(graph: &Graph, policy: &BanPolicy) -> Result<Vec<String>> {
    let mut faults = Vec::new();
    for banned in &policy.deny {
        for package in graph.packages() {
            if matches(banned, package)? {
                faults.push(format!("{} {} is banned: {}", package.name, package.version, banned.reason));
            }
        }
    }
    if policy.wildcards == Level::Deny {
        faults.extend(wildcards(graph));
    }
    if policy.multiple_versions == Level::Deny {
        faults.push("bans.multiple-versions = \"deny\" is checked by cargo-deny only: install it".to_owned());
    }
    Ok(faults)
}

fn matches(banned: &Banned, package: &Package) -> Result<bool> {
    let (name, requirement) = banned.spec.split_once(':').unwrap_or((&banned.spec, "*"));
    let requirement = VersionReq::parse(requirement)
        .with_context(|| format!("deny.toml bans `{}`, which is neither NAME nor NAME:REQUIREMENT", banned.spec))?;
    Ok(name == package.name && requirement.matches(&package.version))
}

fn wildcards(graph: &Graph) -> impl Iterator<Item = String> {
    graph.packages().iter().filter(|package| graph.is_own(package)).flat_map(|package| {
        let loose = package.dependencies.iter().filter(|dependency| dependency.req == "*" && dependency.path.is_none());
        loose.map(|dependency| format!("{} depends on {} without a version", package.name, dependency.name))
    })
}
