//! P12: reading mail, beside a parser that only decodes it, and taking a mailbox in.

use std::fmt::Write as _;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use mail::model::questions::Models;
use mail::{Before, Draft, Format, Known, Limits};
use mail_parser::MessageParser;
use shared::store::Db;
use shared::store::testing::TestDatabase;

use crate::http::load;
use crate::process::Process;
use crate::rounds::{Measured, in_turn};
use crate::{Bar, Figure, Terms, median};

/// Mails of one intake.
const INTAKE: usize = 1_000;

pub async fn figures(terms: &Terms) -> Result<Vec<Figure>> {
    let mails = corpus()?;
    let mut figures = vec![reading(terms, &mails).await?];
    let sqlite = TestDatabase::sqlite();
    figures.push(intake(terms, &mails, &sqlite.url, &sqlite.open().await, "embedded").await?);
    let postgres = TestDatabase::postgres().await.context("run it by `cargo xtask bench`")?;
    figures.push(intake(terms, &mails, &postgres.url, &postgres.open().await, "PostgreSQL").await?);
    Ok(figures)
}

/// The labelled mail of all companies, in the order of its names.
fn corpus() -> Result<Vec<Vec<u8>>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../mail/corpus");
    let mut files: Vec<PathBuf> = Vec::new();
    for company in std::fs::read_dir(&folder).with_context(|| format!("{} cannot be read", folder.display()))? {
        let company = company?.path();
        if company.is_dir() {
            files.extend(std::fs::read_dir(company)?.filter_map(|file| Some(file.ok()?.path())));
        }
    }
    files.retain(|file| file.extension().is_some_and(|extension| extension == "eml"));
    files.sort();
    files.into_iter().map(|file| Ok(std::fs::read(file)?)).collect()
}

async fn reading(terms: &Terms, mails: &[Vec<u8>]) -> Result<Figure> {
    let models = Models::bundled();
    let product = |raw: &[u8]| {
        let Ok(mail) = mail::parse(raw, Format::Rfc822, &Limits::default()) else { return };
        black_box(Draft::of(models, &mail, Known::domains(&[])).conclude(Before::default()));
    };
    let parser = MessageParser::default();
    let ceiling = |raw: &[u8]| {
        black_box(parser.parse(raw));
    };
    let product = async || Ok(rate(mails, terms.slice(), product));
    let ceiling = async || Ok(rate(mails, terms.slice(), ceiling));
    let Measured { ratio, product, ceiling, void } = in_turn(terms.rounds, product, ceiling).await?;
    let size = mails.iter().map(Vec::len).sum::<usize>() as f64 / mails.len() as f64;
    Ok(Figure {
        name: "P12 read a mail / bare mail-parser, MB/s".to_owned(),
        value: ratio,
        bar: Bar::AtLeast(0.15),
        detail: format!(
            "{:.2} MB/s against {:.0} MB/s on one core; {:.0} mails/s of {size:.0} bytes, {void} rounds void",
            product / 1e6,
            ceiling / 1e6,
            product / size
        ),
    })
}

/// Bytes a second, of whole passes over the mails.
fn rate(mails: &[Vec<u8>], time: Duration, work: impl Fn(&[u8])) -> f64 {
    let bytes: usize = mails.iter().map(Vec::len).sum();
    let (began, mut passes) = (Instant::now(), 0);
    while began.elapsed() < time {
        for raw in mails {
            work(raw);
        }
        passes += 1;
    }
    (bytes * passes) as f64 / began.elapsed().as_secs_f64()
}

/// Uploads a mailbox again and again, each time with other words at the end of its mails, and waits for its tasks.
async fn intake(terms: &Terms, mails: &[Vec<u8>], url: &str, db: &Db, form: &str) -> Result<Figure> {
    let up = Process::start("up", &[("DATABASE_URL", url)])?;
    let mut rates = Vec::new();
    for round in 0..terms.rounds {
        let request = mailbox(mails, round);
        let began = Instant::now();
        load(&up.address, &request, 1, "202", Duration::ZERO).await?;
        while db.query_i64("SELECT count(*) FROM batches WHERE finished_at IS NOT NULL").await <= round as i64 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        rates.push(INTAKE as f64 / began.elapsed().as_secs_f64());
    }
    let tasks = db.query_i64("SELECT count(*) FROM workflow_tasks").await;
    Ok(Figure {
        name: format!("P12 intake of {INTAKE} mails, mails/s, {form}"),
        value: median(rates),
        bar: if db.is_sqlite() { Bar::AtLeast(1_000.0) } else { Bar::None },
        detail: format!("from the upload to the end of the batch; {tasks} tasks of {} batches", terms.rounds),
    })
}

/// An upload of an mbox, as a request.
fn mailbox(mails: &[Vec<u8>], round: usize) -> String {
    // A request of the load generator is text.
    let texts = mails.iter().filter_map(|raw| std::str::from_utf8(raw).ok()).cycle().take(INTAKE);
    let mut body = String::new();
    for (n, text) in texts.enumerate() {
        body.push_str("From bench Mon Mar  2 09:00:00 2026\n");
        // Other ids, so that neither a round nor the corpus is taken for a copy of what came before.
        for line in text.lines() {
            match line.split_once(':') {
                Some((name, _)) if name.eq_ignore_ascii_case("message-id") => {
                    let _ = writeln!(body, "Message-ID: <{round}.{n}@bench.example>");
                }
                _ => {
                    let _ = writeln!(body, "{}{line}", if line.starts_with("From ") { ">" } else { "" });
                }
            }
        }
        let _ = writeln!(body, "Round {round}, mail {n}.\n");
    }
    format!(
        "POST /api/workflow/batches?mailbox=bench%40example.com HTTP/1.1\r\nhost: localhost\r\n\
         content-type: application/mbox\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
}
