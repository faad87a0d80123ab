//! Runs the whole pipeline over every file of folders of real mail, `.eml` or mbox, and says what it came to: nothing
//! may be lost, and what was slowest and largest.
//!
//!     cargo run --release -p mail --example survey -- FOLDER...

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use mail::split::{Piece, mbox};
use mail::{Format, Limits, Triage};
use peak_alloc::PeakAlloc;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

#[derive(Default)]
struct Survey {
    triage: Triage<'static>,
    given: usize,
    /// How many mails came to each outcome.
    outcomes: BTreeMap<String, usize>,
    bytes: usize,
    spent: Duration,
    slowest: (Duration, String),
    largest: (usize, String),
}

impl Survey {
    fn take(&mut self, name: &str, raw: &[u8]) {
        self.given += 1;
        self.bytes += raw.len();
        MEMORY.reset_peak_usage();
        let (before, begun) = (MEMORY.current_usage(), Instant::now());
        let line = self.triage.take(name, raw, Format::Rfc822);
        let took = begun.elapsed();
        let held = MEMORY.peak_usage().saturating_sub(before);
        self.spent += took;
        if took > self.slowest.0 {
            self.slowest = (took, name.to_owned());
        }
        if held > self.largest.0 {
            self.largest = (held, name.to_owned());
        }
        let outcome = match (line.error, line.duplicate_of, line.is_noise) {
            (Some(reason), ..) => format!("unreadable: {reason}"),
            (_, Some(_), _) => "duplicate".to_owned(),
            (.., true) => "noise".to_owned(),
            _ => "task".to_owned(),
        };
        *self.outcomes.entry(outcome).or_default() += 1;
    }

    fn file(&mut self, path: &std::path::Path) -> std::io::Result<()> {
        let name = path.display().to_string();
        let raw = std::fs::read(path)?;
        let is_mbox = path.extension().is_some_and(|extension| extension == "mbox");
        if !is_mbox {
            self.take(&name, &raw);
            return Ok(());
        }
        for (n, piece) in mbox(raw.as_slice(), Limits::default().max_raw).enumerate() {
            match piece? {
                Piece::Whole(raw) => self.take(&format!("{name}#{n}"), &raw),
                Piece::TooLarge { .. } => {
                    self.given += 1;
                    *self.outcomes.entry("unreadable: too large".to_owned()).or_default() += 1;
                }
            }
        }
        Ok(())
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut folders: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder)? {
            let path = entry?.path();
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    files.sort();
    let mut survey = Survey::default();
    // The patterns and models are made ready at the first mail.
    survey.triage.take("warm", b"Subject: warm\n\nwarm", Format::Rfc822);
    for path in &files {
        survey.file(path)?;
    }
    let out: usize = survey.outcomes.values().sum();
    println!("{} files, {} mails in, {out} out", files.len(), survey.given);
    for (outcome, count) in &survey.outcomes {
        println!("{count:>7}  {outcome}");
    }
    let seconds = survey.spent.as_secs_f64();
    println!(
        "{:.2} MB in {seconds:.2} s: {:.1} MB/s, {:.0} mails/s",
        survey.bytes as f64 / 1e6,
        survey.bytes as f64 / 1e6 / seconds,
        survey.given as f64 / seconds
    );
    println!("slowest {:?}: {}", survey.slowest.0, survey.slowest.1);
    println!("largest {} KiB: {}", survey.largest.0 >> 10, survey.largest.1);
    if out == survey.given { Ok(()) } else { Err("mails were lost".into()) }
}
