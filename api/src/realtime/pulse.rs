//! Whether the other side is still there.

use std::pin::Pin;
use std::time::Duration;

use tokio::time::{Instant, Sleep, sleep_until};

use super::notice::HEARTBEAT_SECONDS;

const HEARTBEAT: Duration = Duration::from_secs(HEARTBEAT_SECONDS);

/// Two lost pings and the time an answer takes.
const SILENCE: Duration = Duration::from_secs(45);

/// What is due.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Beat {
    /// A ping.
    Ping,
    /// Nothing was heard for too long.
    Silence,
}

/// When a connection was heard and is to be asked again.
pub(super) struct Pulse {
    next_ping: Instant,
    heard: Instant,
    /// Kept between two events: to set and clear a timer for each is a lock that all connections share.
    alarm: Pin<Box<Sleep>>,
}

impl Pulse {
    pub(super) fn new(now: Instant) -> Self {
        Self { next_ping: now + HEARTBEAT, heard: now, alarm: Box::pin(sleep_until(now + HEARTBEAT)) }
    }

    /// Something came.
    pub(super) fn heard(&mut self, now: Instant) {
        self.heard = now;
    }

    /// A ping was sent.
    pub(super) fn pinged(&mut self, now: Instant) {
        self.next_ping = now + HEARTBEAT;
    }

    /// Resolves when something is due.
    pub(super) async fn due(&mut self) -> Beat {
        let (at, beat) = self.next();
        if self.alarm.deadline() != at {
            self.alarm.as_mut().reset(at);
        }
        self.alarm.as_mut().await;
        beat
    }

    fn next(&self) -> (Instant, Beat) {
        let silent = self.heard + SILENCE;
        if silent <= self.next_ping { (silent, Beat::Silence) } else { (self.next_ping, Beat::Ping) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_peer_that_does_not_answer_two_pings_is_given_up() {
        let start = Instant::now();
        let mut pulse = Pulse::new(start);
        for seconds in [20, 40] {
            let at = start + Duration::from_secs(seconds);
            assert_eq!(pulse.next(), (at, Beat::Ping));
            pulse.pinged(at);
        }
        assert_eq!(pulse.next(), (start + SILENCE, Beat::Silence));
        pulse.heard(start + Duration::from_secs(41));
        assert_eq!(pulse.next(), (start + Duration::from_mins(1), Beat::Ping));
    }
}
