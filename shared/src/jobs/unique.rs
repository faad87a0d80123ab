//! What a job is unique by.

use std::fmt::Write as _;
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::state::JobState;

/// What a job is unique by: of the jobs of one kind with the same key, one is in the states that hold it.
///
/// By default these are the unfinished states, so that a further request is answered with the job that is still to end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unique {
    key: Option<String>,
    period: Option<Duration>,
    states: i16,
}

impl Unique {
    /// By a key.
    pub fn by_key(key: impl Into<String>) -> Self {
        Self { key: Some(key.into()), period: None, states: JobState::UNFINISHED }
    }

    /// By all arguments.
    pub fn by_args() -> Self {
        Self { key: None, period: None, states: JobState::UNFINISHED }
    }

    /// Once in each period, counted from the epoch; a completed job holds its key until the period ends.
    #[must_use]
    pub fn within(mut self, period: Duration) -> Self {
        self.period = Some(period);
        self.and_while(JobState::Completed)
    }

    /// Also while a job is in this state.
    #[must_use]
    pub fn and_while(mut self, state: JobState) -> Self {
        self.states |= state.bit();
        self
    }

    /// The states that hold the key, as a set of [`JobState::bit`]s.
    pub(crate) fn states(&self) -> i16 {
        self.states
    }

    /// The key in the table.
    pub(crate) fn text(&self, kind: &str, args: &Value, now: DateTime<Utc>) -> String {
        let mut text = format!("{kind}/");
        match &self.key {
            Some(key) => text.push_str(key),
            None => {
                for byte in Sha256::digest(args.to_string()) {
                    let _ = write!(text, "{byte:02x}");
                }
            }
        }
        if let Some(period) = self.period {
            let _ = write!(text, "/{}", now.timestamp().div_euclid(period.as_secs().max(1) as i64));
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_key_is_of_its_kind_and_of_its_period() {
        let at = |seconds| DateTime::from_timestamp(seconds, 0).unwrap();
        let hourly = Unique::by_key("a").within(Duration::from_hours(1));
        assert_eq!(hourly.text("kind", &json!({}), at(3_599)), "kind/a/0");
        assert_eq!(hourly.text("kind", &json!({}), at(3_600)), "kind/a/1");
        assert_ne!(hourly.states() & JobState::Completed.bit(), 0);
        let by_args = Unique::by_args();
        assert_eq!(
            by_args.text("kind", &json!({"a": 1, "b": 2}), at(0)),
            by_args.text("kind", &json!({"b": 2, "a": 1}), at(9))
        );
        assert_ne!(by_args.text("kind", &json!({"a": 1}), at(0)), by_args.text("kind", &json!({"a": 2}), at(0)));
    }
}
