//! What the server says on its own account: frames without number.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::subscription::{Filter, Subscription};

/// Seconds between two pings.
pub(super) const HEARTBEAT_SECONDS: u64 = 20;

/// A frame of the server's own.
#[derive(Debug, Serialize)]
#[serde(tag = "event", content = "data", rename_all_fields = "camelCase")]
pub(crate) enum Notice {
    /// The first frame of every connection.
    #[serde(rename = "workflow:hello")]
    Hello {
        /// The newest event there is.
        cursor: String,
        /// Seconds between two pings.
        heartbeat_seconds: u64,
        /// When it was said.
        timestamp: DateTime<Utc>,
    },
    /// Events cannot be replayed from the given cursor: read everything again over HTTP.
    #[serde(rename = "workflow:resync")]
    Resync {
        /// Why.
        reason: Lost,
        /// The newest event there is; live events follow it.
        cursor: String,
        /// When it was said.
        timestamp: DateTime<Utc>,
    },
    /// A subscription is in force.
    #[serde(rename = "workflow:subscribed")]
    Subscribed {
        /// Names and patterns; empty after an unsubscribe.
        events: Vec<String>,
        /// The filter.
        filter: Filter,
        /// When it was said.
        timestamp: DateTime<Utc>,
    },
    /// The answer to a ping.
    #[serde(rename = "workflow:pong")]
    Pong {
        /// The server's time.
        timestamp: DateTime<Utc>,
    },
    /// A message was not understood. The connection stays open.
    #[serde(rename = "workflow:error")]
    Error {
        /// What kind of error.
        code: &'static str,
        /// What was wrong with it.
        message: String,
        /// When it was said.
        timestamp: DateTime<Utc>,
    },
}

/// Why a cursor cannot be resumed from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Lost {
    /// Events after it are no longer kept.
    CursorExpired,
    /// There is no such event yet.
    CursorUnknown,
}

impl Notice {
    pub(super) fn hello(newest: i64, timestamp: DateTime<Utc>) -> Self {
        Self::Hello { cursor: newest.to_string(), heartbeat_seconds: HEARTBEAT_SECONDS, timestamp }
    }

    pub(super) fn resync(reason: Lost, newest: i64, timestamp: DateTime<Utc>) -> Self {
        Self::Resync { reason, cursor: newest.to_string(), timestamp }
    }

    pub(super) fn subscribed(subscription: &Subscription, timestamp: DateTime<Utc>) -> Self {
        Self::Subscribed { events: subscription.events(), filter: subscription.filter().clone(), timestamp }
    }

    pub(super) fn bad_frame(message: String, timestamp: DateTime<Utc>) -> Self {
        Self::Error { code: "bad_frame", message, timestamp }
    }

    /// The whole envelope.
    pub(crate) fn json(&self) -> String {
        #[derive(Serialize)]
        struct Envelope<'a> {
            #[serde(flatten)]
            notice: &'a Notice,
            timestamp: DateTime<Utc>,
        }
        let envelope = Envelope { notice: self, timestamp: self.timestamp() };
        serde_json::to_string(&envelope).expect("a notice serialises")
    }

    fn timestamp(&self) -> DateTime<Utc> {
        match self {
            Self::Hello { timestamp, .. }
            | Self::Resync { timestamp, .. }
            | Self::Subscribed { timestamp, .. }
            | Self::Pong { timestamp }
            | Self::Error { timestamp, .. } => *timestamp,
        }
    }

    /// One of each kind, for the document.
    pub(crate) fn samples(at: DateTime<Utc>) -> [Self; 5] {
        [
            Self::hello(1842, at),
            Self::resync(Lost::CursorExpired, 1842, at),
            Self::subscribed(&Subscription::all(), at),
            Self::Pong { timestamp: at },
            Self::bad_frame(
                "unknown variant `shout`, expected one of `subscribe`, `unsubscribe`, `ping`".to_owned(),
                at,
            ),
        ]
    }
}
