//! `cargo xtask fuzz`: mutates mail by the code it reaches, with libFuzzer and a stable compiler. The targets are in
//! `mail/fuzz`, a workspace of its own; what they hold true is in `mail/tests/it/drive.rs`, and the test `replay` runs
//! the committed inputs through the same.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use anyhow::{Context as _, Result, bail};

use crate::process;
use crate::workspace::{root, target};

/// What inputs are taken for: a binary and a folder of the corpus each.
const KINDS: &[&str] = &["message", "body", "fields", "containers", "threads"];

/// Has the compiler count branches and comparisons for libFuzzer. These are options of stable compilers.
const FLAGS: &str = "--cfg fuzzing -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares -Ccodegen-units=1";

/// Longest input, in bytes.
const LONGEST: &str = "-max_len=8192";

/// Fuzzes for so many seconds, divided among the kinds. With `keep`, inputs that reach new code become part of the
/// repository's corpus.
pub fn run(seconds: u64, keep: bool) -> Result<()> {
    let folder = root()?.join("mail/fuzz");
    let built = build(&folder)?;
    let found = target()?.join("fuzz/corpus");
    let mut failed = Vec::new();
    for kind in KINDS {
        let working = found.join(kind);
        fs::create_dir_all(&working).with_context(|| format!("cannot make {}", working.display()))?;
        let mut fuzzer = Command::new(built.join(kind));
        fuzzer.current_dir(&found).arg(format!("-max_total_time={}", (seconds / KINDS.len() as u64).max(1)));
        fuzzer.args(["-timeout=5", "-rss_limit_mb=1024", "-print_final_stats=1", "-verbosity=0", LONGEST]);
        fuzzer.arg(format!("-dict={}", folder.join("mail.dict").display()));
        fuzzer.arg(format!("-artifact_prefix={}/{kind}-", found.display()));
        fuzzer.args([&working, &folder.join("corpus").join(kind)]);
        let begun = Instant::now();
        println!("==> {kind}");
        if !process::status(&mut fuzzer)?.success() {
            failed.push(*kind);
        }
        println!("==> {kind}: {:.0} s", begun.elapsed().as_secs_f64());
        if keep {
            merge(&built, &folder, &working, kind)?;
        }
    }
    if !failed.is_empty() {
        bail!(
            "{} failed: the inputs are in {}; mend, and add them to mail/fuzz/corpus",
            failed.join(", "),
            found.display()
        );
    }
    Ok(())
}

/// Builds the targets, and says where they are.
fn build(folder: &Path) -> Result<std::path::PathBuf> {
    let host = host()?;
    let out = target()?.join("fuzz");
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    // With a target named, build scripts and macros are spared the flags.
    cargo.current_dir(folder).env("RUSTFLAGS", FLAGS).args(["build", "--release", "--locked", "--target", &host]);
    process::run(cargo.arg("--target-dir").arg(&out))?;
    Ok(out.join(host).join("release"))
}

/// The platform the compiler runs on.
fn host() -> Result<String> {
    let output = Command::new("rustc").arg("-vV").output().context("rustc cannot be run")?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let host = text.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned).context("rustc does not name its host")
}

/// Adds to the corpus the shortest inputs found that reach branches which no other input of it reaches.
fn merge(built: &Path, folder: &Path, working: &Path, kind: &str) -> Result<()> {
    let mut merge = Command::new(built.join(kind));
    merge.args(["-merge=1", "-use_counters=0", "-verbosity=0", "-max_len=2048"]);
    merge.args([&folder.join("corpus").join(kind), working]);
    process::run(&mut merge)
}
