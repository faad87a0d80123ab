//! Trains the models on the labelled corpus, and scores them. `cargo xtask train` and `cargo xtask mail-score` call it.
//!
//!     corpus train CORPUS MODELS          writes the models' files
//!     corpus score CORPUS                 leaves one company out at a time: what to expect from mail never seen
//!     corpus picks CORPUS                 the same for what is picked out alone, with the mistakes
//!     corpus apply FOLDER...              the bundled models on labelled folders, such as ones not trained on

mod pick;
mod report;
mod set;
mod tally;
mod train;

use std::path::Path;

use anyhow::{Context as _, bail};
use set::Set;
use tally::Tally;

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["train", corpus, models] => write_models(Path::new(corpus), Path::new(models)),
        ["score", corpus] => leave_one_out(Path::new(corpus)),
        ["picks", corpus] => pick::leave_one_out(Path::new(corpus)),
        ["apply", folders @ ..] if !folders.is_empty() => apply(folders),
        _ => bail!("usage: corpus train CORPUS MODELS | corpus score CORPUS | corpus apply FOLDER..."),
    }
}

fn write_models(corpus: &Path, models: &Path) -> anyhow::Result<()> {
    let sets = set::read_all(corpus)?;
    let trained = train::train(&sets.iter().collect::<Vec<_>>());
    for (name, text) in &trained.texts {
        let path = models.join(format!("{name}.tsv"));
        std::fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
        println!("{name}: {} features, {} bytes", text.lines().count().saturating_sub(2), text.len());
    }
    Ok(())
}

fn leave_one_out(corpus: &Path) -> anyhow::Result<()> {
    let sets = set::read_all(corpus)?;
    if sets.len() < 3 {
        bail!("leaving one company out needs three, {} has {}", corpus.display(), sets.len());
    }
    let mut all = Tally::default();
    for out in &sets {
        let rest: Vec<&Set> = sets.iter().filter(|set| set.name != out.name).collect();
        let models = train::train(&rest).models;
        let tally = Tally::of(out, &models);
        report::brief(&out.name, &tally);
        all.add(tally);
    }
    report::full("each company by models that never saw it", &all);
    Ok(())
}

fn apply(folders: &[&str]) -> anyhow::Result<()> {
    let mut all = Tally::default();
    for folder in folders {
        let set = Set::read(Path::new(folder))?;
        let tally = Tally::of(&set, mail::model::questions::Models::bundled());
        report::brief(&set.name, &tally);
        all.add(tally);
    }
    report::full("the bundled models", &all);
    Ok(())
}
