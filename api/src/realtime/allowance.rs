//! How many messages a client may send.

use std::time::Duration;

use tokio::time::Instant;

/// Messages that cost something, in one second.
const MAX_MESSAGES: u32 = 20;

/// Counts a client's messages second by second.
pub(super) struct Allowance {
    began: Instant,
    spent: u32,
}

impl Allowance {
    pub(super) fn new(now: Instant) -> Self {
        Self { began: now, spent: 0 }
    }

    /// Counts one message; whether it is still allowed.
    pub(super) fn spend(&mut self, now: Instant) -> bool {
        if now.duration_since(self.began) >= Duration::from_secs(1) {
            *self = Self::new(now);
        }
        self.spent += 1;
        self.spent <= MAX_MESSAGES
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twenty_messages_a_second_are_allowed() {
        let start = Instant::now();
        let mut allowance = Allowance::new(start);
        assert!((0..20).all(|_| allowance.spend(start)));
        assert!(!allowance.spend(start + Duration::from_millis(999)));
        assert!(allowance.spend(start + Duration::from_secs(1)));
    }
}
