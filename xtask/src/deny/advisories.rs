//! Known vulnerabilities in the versions of Cargo.lock, from a snapshot of the `RustSec` advisory database.
//!
//! Layout of the database: `crates/NAME/RUSTSEC-YEAR-NUMBER.md`, each beginning with a fenced block of TOML.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, ensure};
use semver::{Version, VersionReq};
use serde::Deserialize;

use super::policy::AdvisoryPolicy;

/// What the database says about the locked versions, one line for each finding.
pub struct Findings {
    /// Vulnerabilities.
    pub faults: Vec<String>,
    /// Crates that are unsound or unmaintained, and rules of the policy that apply to nothing.
    pub warnings: Vec<String>,
}

#[derive(Deserialize)]
struct Lock {
    package: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    version: Version,
    /// None for the project's own crates, which may share a name with a published one.
    source: Option<String>,
}

#[derive(Deserialize)]
struct Advisory {
    advisory: Description,
    #[serde(default)]
    versions: Versions,
}

#[derive(Deserialize)]
struct Description {
    id: String,
    /// `unmaintained`, `unsound` or `notice`; absent for a vulnerability.
    informational: Option<String>,
    /// Date on which the advisory was taken back.
    withdrawn: Option<String>,
}

#[derive(Default, Deserialize)]
struct Versions {
    #[serde(default)]
    patched: Vec<String>,
    #[serde(default)]
    unaffected: Vec<String>,
}

/// Folder of the database: `WORKFLOW_ADVISORY_DB`, or a snapshot beside the checkout. A folder that is named but does
/// not hold one is an error.
pub fn database(root: &Path) -> Result<Option<PathBuf>> {
    let is_database = |folder: &Path| folder.join("crates").is_dir();
    if let Some(folder) = env::var_os("WORKFLOW_ADVISORY_DB").map(PathBuf::from) {
        ensure!(is_database(&folder), "WORKFLOW_ADVISORY_DB: {} has no folder `crates`", folder.display());
        return Ok(Some(folder));
    }
    Ok(Some(root.join("../shared/data/advisory-db")).filter(|folder| is_database(folder)))
}

/// Compares every locked version with every advisory on its crate.
pub fn findings(lock: &Path, database: &Path, policy: &AdvisoryPolicy) -> Result<Findings> {
    let lock: Lock = toml::from_str(&fs::read_to_string(lock)?).context("cannot read Cargo.lock")?;
    let mut faults = Vec::new();
    let mut warnings = Vec::new();
    let mut ignored = Vec::new();
    for package in lock.package.iter().filter(|package| package.source.is_some()) {
        for (advisory, title) in advisories_on(&package.name, database)? {
            let id = &advisory.advisory.id;
            if advisory.advisory.withdrawn.is_some() || !affects(&advisory.versions, &package.version, id)? {
                continue;
            }
            if policy.ignore.iter().any(|rule| rule.id == *id) {
                ignored.push(id.clone());
                continue;
            }
            let kind = advisory.advisory.informational.as_deref().unwrap_or("vulnerable");
            let line = format!("{} {} is {kind}: {id} {title}", package.name, package.version);
            if advisory.advisory.informational.is_none() { faults.push(line) } else { warnings.push(line) }
        }
    }
    for rule in policy.ignore.iter().filter(|rule| !ignored.contains(&rule.id)) {
        warnings.push(format!("deny.toml ignores {} ({}), which concerns no locked version", rule.id, rule.reason));
    }
    Ok(Findings { faults, warnings })
}

/// The advisories on a crate with their titles, in the order of their ids.
fn advisories_on(name: &str, database: &Path) -> Result<Vec<(Advisory, String)>> {
    let folder = database.join("crates").join(name);
    let mut files: Vec<PathBuf> = match fs::read_dir(&folder) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?,
    };
    files.retain(|path| path.extension().is_some_and(|extension| extension == "md"));
    files.sort();
    files
        .iter()
        .map(|path| parse(&fs::read_to_string(path)?).with_context(|| format!("cannot read {}", path.display())))
        .collect()
}

/// Splits an advisory into its front matter and the title below.
fn parse(text: &str) -> Result<(Advisory, String)> {
    let (_, rest) = text.split_once("```toml").context("no front matter")?;
    let (front_matter, body) = rest.split_once("\n```").context("front matter without end")?;
    let title = body.lines().find_map(|line| line.strip_prefix("# ")).unwrap_or_default().trim().to_owned();
    Ok((toml::from_str(front_matter)?, title))
}

/// Whether a version is neither patched nor unaffected. A pre-release counts as affected unless a requirement names
/// it: a false alarm can be ignored with a reason, a missed one cannot be seen.
fn affects(versions: &Versions, version: &Version, id: &str) -> Result<bool> {
    for requirement in versions.patched.iter().chain(&versions.unaffected) {
        let requirement = VersionReq::parse(requirement.trim())
            .with_context(|| format!("{id}: `{requirement}` is no version requirement"))?;
        if requirement.matches(version) {
            return Ok(false);
        }
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use anyhow::Result;
    use tempfile::TempDir;

    use super::{super::policy::Ignored, AdvisoryPolicy, Findings, findings};

    const LOCK: &str = "version = 4\n\n\
        [[package]]\nname = \"leaky\"\nversion = \"0.11.5\"\nsource = \"registry+https://example.org\"\n\n\
        [[package]]\nname = \"own\"\nversion = \"0.1.0\"\n";

    /// Findings on LOCK with one advisory, on the crate of this name, and the ids that are ignored.
    fn judge(name: &str, extra: &str, patched: &str, ignore: &[&str]) -> Result<Findings> {
        let folder = TempDir::new()?;
        let lock = folder.path().join("Cargo.lock");
        fs::write(&lock, LOCK)?;
        let advisories = folder.path().join("crates").join(name);
        fs::create_dir_all(&advisories)?;
        let text = format!(
            "```toml\n[advisory]\nid = \"RUSTSEC-2026-0001\"\n{extra}\n\n[versions]\npatched = {patched}\n```\n\n# Leaks\n"
        );
        fs::write(advisories.join("RUSTSEC-2026-0001.md"), text)?;
        let ignore = ignore.iter().map(|id| Ignored { id: (*id).into(), reason: "not reached".into() }).collect();
        findings(&lock, folder.path(), &AdvisoryPolicy { ignore })
    }

    #[test]
    fn a_vulnerable_locked_version_is_a_fault() -> Result<()> {
        let findings = judge("leaky", "", r#"[">= 0.11.6, < 0.12.0", ">= 0.12.1 "]"#, &[])?;
        assert_eq!(findings.faults, ["leaky 0.11.5 is vulnerable: RUSTSEC-2026-0001 Leaks"]);
        Ok(())
    }

    #[test]
    fn a_patched_version_is_none() -> Result<()> {
        let findings = judge("leaky", "", r#"[">= 0.11.5"]"#, &[])?;
        assert!(findings.faults.is_empty() && findings.warnings.is_empty());
        Ok(())
    }

    #[test]
    fn an_unmaintained_crate_is_a_warning() -> Result<()> {
        let findings = judge("leaky", "informational = \"unmaintained\"", "[]", &[])?;
        assert!(findings.faults.is_empty());
        assert_eq!(findings.warnings, ["leaky 0.11.5 is unmaintained: RUSTSEC-2026-0001 Leaks"]);
        Ok(())
    }

    #[test]
    fn a_withdrawn_advisory_and_one_on_a_crate_of_ours_count_for_nothing() -> Result<()> {
        assert!(judge("leaky", "withdrawn = \"2026-02-01\"", "[]", &[])?.faults.is_empty());
        assert!(judge("own", "", "[]", &[])?.faults.is_empty());
        Ok(())
    }

    #[test]
    fn an_ignored_advisory_is_silent_and_a_rule_for_nothing_is_a_warning() -> Result<()> {
        let findings = judge("leaky", "", "[]", &["RUSTSEC-2026-0001", "RUSTSEC-2026-0002"])?;
        assert!(findings.faults.is_empty());
        assert_eq!(findings.warnings.len(), 1);
        assert!(findings.warnings[0].contains("RUSTSEC-2026-0002"));
        Ok(())
    }
}
