//! What a raw mail may cost, and why one is refused.

use serde::{Deserialize, Serialize};

/// What a stored raw mail is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// A message as it travels: RFC 5322 headers, MIME body.
    Rfc822,
    /// One mail object of a JSON upload.
    Json,
}

/// Bounds on one mail; beyond them it is quarantined, never half read.
#[derive(Clone, Debug)]
#[expect(clippy::struct_field_names, reason = "each is a maximum, and reads so where it is set")]
pub struct Limits {
    /// Bytes of the raw mail.
    pub max_raw: usize,
    /// Levels of multiparts and enclosed messages.
    pub max_depth: usize,
    /// MIME parts of all levels.
    pub max_parts: usize,
    /// Bytes of all parts after decoding.
    pub max_decoded: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { max_raw: 25 << 20, max_depth: 20, max_parts: 500, max_decoded: 50 << 20 }
    }
}

/// Why a mail cannot be processed: the reason shown in quarantine.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// Nothing but white space.
    #[error("the mail is empty")]
    Empty,
    /// More raw bytes than allowed.
    #[error("the mail has {size} bytes, more than the {limit} allowed")]
    TooLarge {
        /// Its size in bytes.
        size: usize,
        /// The limit in bytes.
        limit: usize,
    },
    /// Multiparts or enclosed messages nested too deep.
    #[error("the mail nests parts deeper than the {limit} levels allowed")]
    TooDeep {
        /// The limit in levels.
        limit: usize,
    },
    /// More MIME parts than allowed.
    #[error("the mail has more than the {limit} parts allowed")]
    TooManyParts {
        /// The limit in parts.
        limit: usize,
    },
    /// The decoded parts together exceed the limit.
    #[error("the decoded mail has {size} bytes, more than the {limit} allowed")]
    TooMuchText {
        /// Decoded size in bytes.
        size: usize,
        /// The limit in bytes.
        limit: usize,
    },
    /// Headers of a part longer than allowed.
    #[error("the mail has headers of more than the {limit} bytes allowed")]
    HeadersTooLong {
        /// The limit in bytes.
        limit: usize,
    },
    /// No header line where a message must begin.
    #[error("this is not a mail: it does not begin with header lines")]
    NotMail,
    /// A JSON mail that is not one.
    #[error("this is not a mail in JSON: {0}")]
    Json(String),
}
