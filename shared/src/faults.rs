//! Faults on demand, for `cargo xtask chaos`: a promise is tested only if its test fails once the guard behind it is
//! gone. Without the feature `faults`, which no shipped binary has, everything here is a constant.
//!
//! `WORKFLOW_GUARDS_OFF` lists guards that do nothing. `WORKFLOW_FAILPOINT=name` or `name:n` ends the process, as
//! kill -9 would, when it comes to that point for the first or the n-th time.

/// What keeps a promise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guard {
    /// A lost lease can write nothing.
    Fence,
    /// Jobs of one key run one after the other.
    Order,
    /// A job that kills its workers is discarded in the end.
    Attempts,
    /// A tick makes one job.
    Ticks,
    /// Jobs of silent workers are taken from them.
    Rescue,
    /// A repeated request has one effect.
    Idempotency,
    /// What must be stored is tried again until it is.
    Patience,
    /// An attempt has an end.
    Timeout,
    /// A paused queue gives out nothing.
    Pause,
    /// Jobs given back at a stop keep their attempt.
    GiveBack,
    /// Events that the bus lost are read from the table.
    Outbox,
    /// A socket goes on after the last event its client has.
    Resume,
    /// A client that takes nothing is closed.
    SlowConsumer,
    /// A cursor names the row it stands at, not only what the row is sorted by.
    Ties,
    /// Of the changes of sums only those are removed that were added.
    Fold,
}

#[cfg(feature = "faults")]
impl Guard {
    fn name(self) -> &'static str {
        match self {
            Self::Fence => "fence",
            Self::Order => "order",
            Self::Attempts => "attempts",
            Self::Ticks => "ticks",
            Self::Rescue => "rescue",
            Self::Idempotency => "idempotency",
            Self::Patience => "patience",
            Self::Timeout => "timeout",
            Self::Pause => "pause",
            Self::GiveBack => "give-back",
            Self::Outbox => "outbox",
            Self::Resume => "resume",
            Self::SlowConsumer => "slow-consumer",
            Self::Ties => "ties",
            Self::Fold => "fold",
        }
    }
}

/// Whether a guard is to do nothing.
#[cfg(feature = "faults")]
pub fn is_off(guard: Guard) -> bool {
    use std::sync::LazyLock;

    static OFF: LazyLock<String> = LazyLock::new(|| std::env::var("WORKFLOW_GUARDS_OFF").unwrap_or_default());
    OFF.split(',').any(|name| name.trim() == guard.name())
}

/// Whether a guard is to do nothing: never.
#[cfg(not(feature = "faults"))]
pub const fn is_off(_: Guard) -> bool {
    false
}

/// A point at which the process may be told to end.
#[cfg(feature = "faults")]
pub fn point(name: &str) {
    use std::sync::LazyLock;
    use std::sync::atomic::{AtomicU32, Ordering};

    static WANTED: LazyLock<Option<(String, u32)>> = LazyLock::new(|| {
        let text = std::env::var("WORKFLOW_FAILPOINT").ok()?;
        let (name, nth) = text.split_once(':').unwrap_or((&text, "1"));
        Some((name.to_owned(), nth.parse().unwrap_or(1)))
    });
    static PASSED: AtomicU32 = AtomicU32::new(0);
    if let Some((wanted, nth)) = &*WANTED
        && wanted == name
        && PASSED.fetch_add(1, Ordering::SeqCst) + 1 == *nth
    {
        std::process::abort();
    }
}

/// A point at which the process may be told to end: nothing.
#[cfg(not(feature = "faults"))]
pub const fn point(_: &str) {}
