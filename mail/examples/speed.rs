//! How fast mail is read on one core, beside the MIME parser alone on the same bytes.
//!
//!     cargo run --release -p mail --example speed -- FOLDER...
//!
//! Times are of the processor, so that a busy machine measures the same.

use std::path::PathBuf;
use std::time::Duration;

use mail::model::questions::Models;
use mail::{Before, Draft, Format, Known, Limits, parse};
use mail_parser::MessageParser;
use rustix::time::{ClockId, clock_gettime};

/// How long each of the two is run.
const LASTS: Duration = Duration::from_secs(5);

/// Time this thread had a processor.
fn worked() -> Duration {
    let now = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(now.tv_sec.unsigned_abs(), now.tv_nsec.unsigned_abs() as u32)
}

/// Parse, extract and classify: what `workflow` does to a mail before it looks for its task, and after.
fn read(raw: &[u8]) {
    let Ok(mail) = parse(raw, Format::Rfc822, &Limits::default()) else { return };
    let draft = Draft::of(Models::bundled(), &mail, Known::domains(&[]));
    std::hint::black_box(draft.conclude(Before::default()));
}

fn bare(raw: &[u8]) {
    std::hint::black_box(MessageParser::default().parse(raw));
}

/// Reads all mails again and again; returns bytes a second.
fn measure(name: &str, mails: &[Vec<u8>], read: fn(&[u8])) -> f64 {
    for raw in mails {
        read(raw);
    }
    let begun = worked();
    let (mut count, mut bytes) = (0, 0);
    let seconds = loop {
        for raw in mails {
            read(raw);
            bytes += raw.len();
        }
        count += mails.len();
        let spent = worked().saturating_sub(begun);
        if spent >= LASTS {
            break spent.as_secs_f64();
        }
    };
    let speed = bytes as f64 / seconds;
    println!("{name:>12}: {:>9.0} mails/s {:>8.2} MB/s", count as f64 / seconds, speed / 1e6);
    speed
}

fn main() -> std::io::Result<()> {
    let mut folders: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let mut mails = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "eml") {
                mails.push(std::fs::read(path)?);
            }
        }
    }
    let bytes: usize = mails.iter().map(Vec::len).sum();
    println!("{} mails of {} bytes on average", mails.len(), bytes / mails.len().max(1));
    let ratio = measure("mail", &mails, read) / measure("mail-parser", &mails, bare);
    println!("{:>12}: {ratio:>9.4}", "ratio");
    Ok(())
}
