//! Ctrl-C and termination as a flag that is looked at between waits.
//!
//! The handler only sets the flag: the work in progress notices it, returns an error, and the servers are stopped by
//! the usual unwinding.

use std::sync::{
    Arc, LazyLock,
    atomic::{AtomicUsize, Ordering},
};

use anyhow::{Context as _, Result};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

static SIGNAL: LazyLock<Arc<AtomicUsize>> = LazyLock::new(Arc::default);

/// Replaces the default action of SIGINT, SIGTERM and SIGHUP by setting the flag.
pub fn listen() -> Result<()> {
    for signal in [SIGINT, SIGTERM, SIGHUP] {
        signal_hook::flag::register_usize(signal, Arc::clone(&SIGNAL), signal.unsigned_abs() as usize)
            .with_context(|| format!("cannot handle signal {signal}"))?;
    }
    Ok(())
}

/// Number of the signal that asked this process to stop, if one did.
pub fn pending() -> Option<u8> {
    u8::try_from(SIGNAL.load(Ordering::Relaxed)).ok().filter(|signal| *signal != 0)
}
