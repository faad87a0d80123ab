//! Ends a process whose runtime no longer runs anything: every thread of it is blocked, so that nothing inside could
//! notice. A supervisor starts another one.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::exit::STUCK;

/// Watches the runtime it is called in, from a thread beside it.
pub fn start(patience: Duration) -> std::io::Result<()> {
    let beats = Arc::new(AtomicU64::new(0));
    let beating = beats.clone();
    tokio::spawn(async move {
        loop {
            beating.fetch_add(1, Ordering::Relaxed);
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    });
    std::thread::Builder::new().name("watchdog".to_owned()).spawn(move || watch(&beats, patience)).map(drop)
}

fn watch(beats: &AtomicU64, patience: Duration) {
    let mut last = beats.load(Ordering::Relaxed);
    let mut quiet = 0;
    // Counted in looks, not by the clock: a machine that slept, or a process that was stopped, is not stuck.
    let enough = patience.as_secs().max(5);
    loop {
        std::thread::sleep(Duration::from_secs(1));
        let now = beats.load(Ordering::Relaxed);
        quiet = if now == last { quiet + 1 } else { 0 };
        last = now;
        if quiet >= enough {
            eprintln!("workflow: nothing ran for {quiet} s; ending the process");
            std::process::exit(i32::from(STUCK));
        }
    }
}
