//! `cargo xtask train` and `cargo xtask mail-score`: the models in `mail/model`, and what they are worth. The example
//! `corpus` of the crate `mail` does both, in release, from the labelled mail in `mail/corpus`.

use std::path::PathBuf;

use anyhow::Result;

use crate::process;
use crate::workspace::{cargo, root};

/// Writes the models.
pub fn train() -> Result<()> {
    let mail = root()?.join("mail");
    let mut command = example()?;
    process::run(command.arg("train").arg(mail.join("corpus")).arg(mail.join("model")))
}

/// Prints the figures: of each company by models that never saw it, or of `folders` by the models as they are.
pub fn score(folders: &[PathBuf], worst: usize) -> Result<()> {
    let mail = root()?.join("mail");
    let mut command = example()?;
    command.args(["--worst", &worst.to_string()]);
    if folders.is_empty() {
        command.arg("score").arg(mail.join("corpus"));
    } else {
        command.arg("apply").arg(mail.join("model")).args(folders);
    }
    process::run(&mut command)
}

fn example() -> Result<std::process::Command> {
    cargo(["run", "--release", "--quiet", "-p", "mail", "--example", "corpus", "--"])
}
