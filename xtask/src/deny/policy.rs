//! deny.toml, in the part of cargo-deny's format that the policy uses. An unknown key is an error: a rule that is
//! not enforced must not look as if it were.

use std::{fs, path::Path};

use anyhow::{Context as _, Result};
use serde::Deserialize;

/// The whole file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    pub graph: GraphPolicy,
    pub advisories: AdvisoryPolicy,
    pub licenses: LicensePolicy,
    pub bans: BanPolicy,
    pub sources: SourcePolicy,
}

impl Policy {
    /// Reads the file.
    pub fn read(path: &Path) -> Result<Self> {
        let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        toml::from_str(&text).with_context(|| format!("{} is not as expected", path.display()))
    }
}

/// `[graph]`: what is built.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GraphPolicy {
    /// Target triples; dependencies of other platforms are not judged.
    pub targets: Vec<String>,
}

/// `[advisories]`
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AdvisoryPolicy {
    pub ignore: Vec<Ignored>,
}

/// An advisory that does not concern the product.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ignored {
    pub id: String,
    pub reason: String,
}

/// `[licenses]`
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LicensePolicy {
    /// SPDX identifiers, with an exception where there is one (`Apache-2.0 WITH LLVM-exception`).
    pub allow: Vec<String>,
    /// Further licences for single crates.
    #[serde(default)]
    pub exceptions: Vec<LicenseException>,
}

/// `[[licenses.exceptions]]`
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LicenseException {
    #[serde(rename = "crate")]
    pub name: String,
    pub allow: Vec<String>,
}

/// `[bans]`
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BanPolicy {
    pub deny: Vec<Banned>,
    /// `deny`: a dependency without a version is a fault.
    pub wildcards: Level,
    /// Read by cargo-deny: path dependencies inside the workspace need no version.
    #[serde(rename = "allow-wildcard-paths")]
    pub _allow_wildcard_paths: bool,
    /// `allow`: two versions of a crate are the business of the crates that ask for them.
    #[serde(rename = "multiple-versions")]
    pub multiple_versions: Level,
}

/// A crate that must not be built.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Banned {
    /// A name, or `NAME:REQUIREMENT`.
    #[serde(rename = "crate")]
    pub spec: String,
    pub reason: String,
}

/// `[sources]`
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SourcePolicy {
    #[serde(rename = "allow-registry")]
    pub allow_registry: Vec<String>,
    #[serde(rename = "unknown-registry")]
    pub unknown_registry: Level,
    #[serde(rename = "unknown-git")]
    pub unknown_git: Level,
}

/// What a finding means.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    Allow,
    Deny,
}
