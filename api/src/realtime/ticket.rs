//! Tickets: what a page connects with, because a browser cannot give a socket a header.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rand::TryRngCore as _;
use rand::rngs::OsRng;
use sha2::{Digest as _, Sha256};

use crate::body::hex;

/// Bytes of randomness, so that a ticket cannot be guessed while it is good.
const BYTES: usize = 32;

/// A ticket as its holder shows it. It opens one socket, so it is not written anywhere: the database has its hash.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Ticket(String);

impl Ticket {
    /// A new one; `None` if the system has no randomness to give.
    pub(crate) fn random() -> Option<Self> {
        let mut bytes = [0; BYTES];
        OsRng.try_fill_bytes(&mut bytes).ok()?;
        Some(Self(URL_SAFE_NO_PAD.encode(bytes)))
    }

    /// What somebody shows as a ticket.
    pub(crate) fn shown(text: String) -> Self {
        Self(text)
    }

    /// What it is known by.
    pub(crate) fn hash(&self) -> String {
        hex(&Sha256::digest(&self.0))
    }

    /// The secret itself, for its holder.
    pub(crate) fn into_secret(self) -> String {
        self.0
    }
}

impl fmt::Debug for Ticket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ticket(..)")
    }
}
