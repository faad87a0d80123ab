//! What fuzzing has found interesting, and mail made to cost as much as it can, stays within 5 s and 256 MiB each. A
//! binary of its own: the memory it measures is the process's.

#[path = "it/drive.rs"]
mod drive;

use std::path::Path;
use std::time::Duration;

use drive::{drive, warm};
use peak_alloc::PeakAlloc;
use rustix::time::{ClockId, clock_gettime};

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// What an input is taken for: a folder of the corpus each.
const KINDS: &[&str] = &["message", "body", "fields", "containers", "threads"];

/// Time of a processor for one input.
const TIME: Duration = Duration::from_secs(5);

/// Bytes allocated for one input, besides itself.
const SPACE: usize = 256 << 20;

/// Time this thread had a processor: waiting for one on a busy machine is no fault of ours.
fn worked() -> Duration {
    let now = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(now.tv_sec.unsigned_abs(), now.tv_nsec.unsigned_abs() as u32)
}

/// Drives an input, and says what it cost in time and bytes.
fn cost(kind: &str, input: &[u8]) -> (Duration, usize) {
    MEMORY.reset_peak_usage();
    let (before, begun) = (MEMORY.current_usage(), worked());
    drive(kind, input);
    (worked().saturating_sub(begun), MEMORY.peak_usage().saturating_sub(before))
}

fn within(name: &str, kind: &str, input: &[u8]) -> (Duration, usize) {
    let (time, space) = cost(kind, input);
    assert!(time < TIME, "{name} takes {time:?}");
    assert!(space < SPACE, "{name} takes {} MiB", space >> 20);
    (time, space)
}

#[test]
fn the_corpus_of_the_fuzzer_is_read_within_its_limits() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus");
    warm();
    let (mut seen, mut slowest, mut largest) = (0, Duration::ZERO, 0);
    for kind in KINDS {
        let folder = corpus.join(kind);
        let files = std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        for file in files {
            let path = file.expect("the folder is readable").path();
            let input = std::fs::read(&path).expect("the file is readable");
            let (time, space) = within(&path.display().to_string(), kind, &input);
            (slowest, largest) = (slowest.max(time), largest.max(space));
            seen += 1;
        }
    }
    assert!(seen > KINDS.len(), "the corpus is there");
    println!("{seen} inputs, the slowest {slowest:?}, the largest {} KiB", largest >> 10);
}

#[test]
fn mail_made_to_cost_much_is_read_or_refused_within_the_limits() {
    warm();
    let head = b"From: a@b.example\nTo: c@d.example\nSubject: much\nContent-Type: ";
    let much = |kind: &str, unit: &str, size: usize| {
        let mut raw = head.to_vec();
        raw.extend_from_slice(kind.as_bytes());
        raw.extend_from_slice(b"\n\n");
        raw.extend(unit.as_bytes().iter().cycle().take(size));
        raw
    };
    let recipients = format!("From: a@b.example\nTo: {}\n\nx", "a@b.c,".repeat(4 << 20));
    let references = format!("From: a@b.example\nReferences: {}\n\nx", "<a@b> ".repeat(4 << 20));
    let headers = format!("From: a@b.example\n{}\nx", "X: y\n".repeat(4 << 20));
    let inputs = [
        ("short lines", much("text/plain", "a\n", 24 << 20)),
        ("one line", much("text/plain", "word ", 24 << 20)),
        ("quoted lines", much("text/plain", "> a\n", 24 << 20)),
        ("numbers", much("text/plain", "PO 4711 $1,200.00 ", 24 << 20)),
        ("open elements", much("text/html", "<div>", 24 << 20)),
        ("hidden elements", much("text/html", "<p style='display:none'>", 24 << 20)),
        ("closed elements", much("text/html", "</b>", 24 << 20)),
        ("cells", much("text/html", "<td>a", 24 << 20)),
        ("references of characters", much("text/html", "&#x41;", 24 << 20)),
        ("style sheets", much("text/html", "<style>.a{display:none}</style>", 24 << 20)),
        ("attributes", much("text/html", "<a href='http://a.b/' style='color:red;color:blue'>", 24 << 20)),
        ("parts", much("multipart/mixed; boundary=x", "--x\n\na\n", 24 << 20)),
        ("encoded words", much("text/plain", "=?utf-8?Q?a?= ", 24 << 20)),
        ("wrong bytes", much("text/plain; charset=utf-8", "\u{c3}", 24 << 20)),
        ("recipients", recipients.into_bytes()),
        ("references of a thread", references.into_bytes()),
        ("headers", headers.into_bytes()),
    ];
    let mut costs: Vec<_> = inputs
        .iter()
        .map(|(name, input)| {
            let (time, space) = within(name, "message", input);
            (time, space >> 20, *name)
        })
        .collect();
    costs.sort_unstable();
    println!("time, MiB: {costs:?}");
}
