//! `cargo xtask deny`: the policy of deny.toml over everything the product is built from.
//!
//! Works offline and needs nothing installed; where cargo-deny is installed it judges bans, licences and sources
//! from the same file. Advisories come from a local snapshot of the `RustSec` database, because a verdict that changes
//! with the day's download is no verdict on the change under test.

mod advisories;
mod bans;
mod graph;
mod licenses;
mod policy;
mod sources;

use anyhow::{Result, ensure};

use self::{graph::Graph, policy::Policy};
use crate::{
    process,
    workspace::{cargo, find_program, root},
};

/// Checks everything; what could not be checked is said in the answer.
pub fn run() -> Result<Option<String>> {
    let root = root()?;
    let policy = Policy::read(&root.join("deny.toml"))?;
    let mut faults = 0;
    if find_program("cargo-deny").is_some() {
        process::run(&mut cargo(["deny", "--locked", "check", "bans", "licenses", "sources"])?)?;
    } else {
        let graph = Graph::read(&policy.graph.targets)?;
        faults += report("bans", &bans::faults(&graph, &policy.bans)?);
        faults += report("licences", &licenses::faults(&graph, &policy.licenses));
        faults += report("sources", &sources::faults(&graph, &policy.sources));
    }

    let skipped = match advisories::database(&root)? {
        None => {
            let reason = "advisories skipped: no advisory database".to_owned();
            println!("{reason}");
            Some(reason)
        }
        Some(database) => {
            let findings = advisories::findings(&root.join("Cargo.lock"), &database, &policy.advisories)?;
            for warning in &findings.warnings {
                println!("warning: {warning}");
            }
            faults += report("advisories", &findings.faults);
            None
        }
    };
    ensure!(faults == 0, "{faults} faults in the dependencies");
    Ok(skipped)
}

/// Prints the faults of one check and returns their number.
fn report(check: &str, faults: &[String]) -> usize {
    for fault in faults {
        println!("error: {fault}");
    }
    println!("{check}: {}", if faults.is_empty() { "ok" } else { "FAILED" });
    faults.len()
}
