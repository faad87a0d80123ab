//! Why a connection ends, and what its client is told.

use std::time::Duration;

use poem::web::websocket::CloseCode;

/// Why a connection ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// The client has closed it or is gone.
    Gone,
    /// The client takes less than it is sent.
    Slow,
    /// The client has sent more than a message may have.
    TooLarge,
    /// The client has broken the protocol.
    Broken,
    /// The client has sent text that is not UTF-8.
    Unreadable,
    /// The client sends too many messages.
    Flood,
    /// Nothing was heard of the client.
    Silent,
    /// The process is about to stop.
    Restart,
    /// The key was revoked or has expired, or the session has ended.
    Expelled,
}

impl Ending {
    /// Code and reason of the closing frame, unless there is nobody to read it.
    pub(super) fn close_frame(self) -> Option<(CloseCode, &'static str)> {
        Some(match self {
            Self::Gone => return None,
            Self::Slow => (CloseCode::Again, "slow consumer; resume with since="),
            Self::TooLarge => (CloseCode::Size, "a message may have at most 64 KiB"),
            Self::Broken => (CloseCode::Protocol, "protocol error"),
            Self::Unreadable => (CloseCode::Invalid, "text must be UTF-8"),
            Self::Flood => (CloseCode::Policy, "too many messages"),
            Self::Silent => (CloseCode::Error, "no answer to pings"),
            Self::Restart => (CloseCode::Restart, "service restart"),
            Self::Expelled => (CloseCode::Policy, "the key or session is not valid any more"),
        })
    }

    /// How long the closing frame may take: it comes after everything that is already on its way.
    pub(super) fn patience(self) -> Duration {
        Duration::from_secs(match self {
            // Without it the client would not learn that it has to resume.
            Self::Slow => 30,
            Self::Restart => 2,
            _ => 5,
        })
    }

    /// The ending a read error stands for. The framework keeps no more of an error than its text.
    pub(super) fn of(error: &std::io::Error) -> Self {
        let text = error.to_string();
        if text.starts_with("Space limit exceeded") {
            Self::TooLarge
        } else if text.starts_with("UTF-8 encoding error") {
            Self::Unreadable
        } else if text.starts_with("WebSocket protocol error") {
            Self::Broken
        } else {
            Self::Gone
        }
    }
}
