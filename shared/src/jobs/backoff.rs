//! How long a failed job waits.

use std::time::Duration;

use rand::Rng;

/// A wait that doubles with each failed attempt, with jitter so that jobs which failed together do not return together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backoff {
    /// After the first failed attempt.
    pub first: Duration,
    /// At most.
    pub longest: Duration,
}

impl Backoff {
    /// Half a second, doubled up to ten minutes.
    pub const DEFAULT: Self = Self { first: Duration::from_millis(500), longest: Duration::from_mins(10) };

    /// The wait after this many failed attempts: `first * 2^(attempt - 1)`, at most `longest`, and up to a quarter more.
    pub fn after(&self, attempt: i16) -> Duration {
        let exponent = u32::from(attempt.max(1).unsigned_abs()) - 1;
        let doubled = self.first.saturating_mul(2u32.saturating_pow(exponent)).min(self.longest);
        doubled + doubled.mul_f64(rand::rng().random_range(0.0..=0.25))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_doubles_up_to_its_bound() {
        for (attempt, seconds) in [(0, 0.5), (1, 0.5), (2, 1.0), (5, 8.0), (12, 600.0), (i16::MAX, 600.0)] {
            let wait = Backoff::DEFAULT.after(attempt).as_secs_f64();
            assert!((seconds..=seconds * 1.25).contains(&wait), "attempt {attempt}: {wait}");
        }
    }
}
