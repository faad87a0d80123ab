//! Trains the models on the labelled corpus, and scores them. `cargo xtask train` and `cargo xtask mail-score` call it.
//!
//!     corpus train CORPUS MODELS          writes the models' files
//!     corpus score CORPUS                 leaves one company out at a time: what to expect from mail never seen
//!     corpus picks CORPUS                 the same for what is picked out alone, with the mistakes
//!     corpus apply MODELS FOLDER...       the models' files on labelled folders, such as ones not trained on
//!
//! `--worst N` before the verb shows so many of the worst read mails.

mod pick;
mod report;
mod set;
mod tally;
mod train;

use std::path::Path;

use anyhow::{Context as _, bail};
use mail::model::Linear;
use mail::model::questions::{Models, Pick, Question};
use set::Set;
use tally::Tally;

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let mut words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let mut worst = 10;
    if let ["--worst", number, ..] = words.as_slice() {
        worst = number.parse().context("--worst takes a number")?;
        words.drain(..2);
    }
    match words.as_slice() {
        ["train", corpus, models] => write_models(Path::new(corpus), Path::new(models)),
        ["score", corpus] => leave_one_out(Path::new(corpus), worst),
        ["picks", corpus] => pick::leave_one_out(Path::new(corpus)),
        ["apply", models, folders @ ..] if !folders.is_empty() => apply(Path::new(models), folders, worst),
        _ => bail!(
            "usage: corpus train CORPUS MODELS | corpus score CORPUS | corpus picks CORPUS | corpus apply MODELS FOLDER..."
        ),
    }
}

fn write_models(corpus: &Path, models: &Path) -> anyhow::Result<()> {
    let sets = set::read_all(corpus)?;
    let snippets = set::read_snippets(corpus)?;
    let trained = train::train(&sets.iter().chain(&snippets).collect::<Vec<_>>());
    for (name, text) in &trained.texts {
        let path = models.join(format!("{name}.tsv"));
        std::fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
        println!("{name}: {} features, {} bytes", text.lines().count().saturating_sub(2), text.len());
    }
    Ok(())
}

fn leave_one_out(corpus: &Path, worst: usize) -> anyhow::Result<()> {
    let sets = set::read_all(corpus)?;
    if sets.len() < 3 {
        bail!("leaving one company out needs three, {} has {}", corpus.display(), sets.len());
    }
    let snippets = set::read_snippets(corpus)?;
    let mut all = Tally::default();
    for out in &sets {
        let rest: Vec<&Set> = sets.iter().filter(|set| set.name != out.name).chain(&snippets).collect();
        let models = train::train(&rest).models;
        let tally = Tally::of(out, &models);
        report::brief(&out.name, &tally);
        all.add(tally);
    }
    report::full("each company by models that never saw it", &all, worst);
    Ok(())
}

fn apply(models: &Path, folders: &[&str], worst: usize) -> anyhow::Result<()> {
    let models = read_models(models)?;
    let mut all = Tally::default();
    for folder in folders {
        let set = Set::read(Path::new(folder))?;
        let tally = Tally::of(&set, &models);
        report::brief(&set.name, &tally);
        all.add(tally);
    }
    report::full("models that may have seen them", &all, worst);
    Ok(())
}

fn read_models(folder: &Path) -> anyhow::Result<Models> {
    let read = |name: &str| -> anyhow::Result<Linear> {
        let path = folder.join(format!("{name}.tsv"));
        let text = std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        Linear::read(&text).with_context(|| path.display().to_string())
    };
    let questions: Vec<Linear> =
        Question::ALL.into_iter().map(|question| read(question.name())).collect::<anyhow::Result<_>>()?;
    let picks: Vec<Linear> = Pick::ALL.into_iter().map(|pick| read(pick.name())).collect::<anyhow::Result<_>>()?;
    Ok(Models::new(&questions.try_into().expect("a model a question"), picks.try_into().expect("a model a pick")))
}
