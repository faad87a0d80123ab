//! Fetches mail into batches: from watched folders and from IMAP servers.
//!
//! A mail is told to its source to be taken only after the batch with it is committed; what is to be told is committed
//! with the batch. If a worker dies in between, the next poll says it, and mail that comes twice all the same is found to
//! be a duplicate by its bytes.

mod connect;
pub(crate) mod folder;
mod folder_files;
pub(crate) mod imap;
mod intake;
mod utf7;

use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};
use shared::jobs::JobError;
use shared::store::StoreError;
use shared::store::mail::NewEmail;

pub(crate) use intake::Intake;

/// Largest mail that is kept whole, in bytes.
const LIMIT: u64 = 25 << 20;
/// What is kept of a larger one, in bytes.
const HEAD: usize = 1 << 20;
/// Largest mail that is taken in at all, in bytes.
const LARGEST: u64 = 1 << 30;
/// Bytes of one batch; the mail that reaches them is its last.
const BATCH_BYTES: usize = 8 << 20;
/// Mails of one batch.
const BATCH_MAILS: usize = 500;

/// Why fetching ends early.
#[derive(Debug)]
pub(crate) enum Ended {
    /// The source does not work; people are told so, without a secret.
    Source(String),
    /// The mailbox is another by now.
    Overtaken,
    /// The job cannot go on.
    Job(JobError),
}

impl From<JobError> for Ended {
    fn from(error: JobError) -> Self {
        Self::Job(error)
    }
}

impl From<StoreError> for Ended {
    fn from(error: StoreError) -> Self {
        Self::Job(error.into())
    }
}

/// A path that an operator named, if it is below the folder that all of them must be in. Links are followed first.
fn within(root: Option<&Path>, path: &str) -> Result<PathBuf, String> {
    let found = Path::new(path).canonicalize().map_err(|error| format!("{path}: {error}"))?;
    let Some(root) = root else { return Ok(found) };
    let root = root.canonicalize().map_err(|error| format!("WORKFLOW_MAILBOX_ROOT: {error}"))?;
    if found.starts_with(&root) { Ok(found) } else { Err(format!("{path} is not below WORKFLOW_MAILBOX_ROOT")) }
}

/// A mail of which all bytes are there.
fn whole(source: &str, format: &'static str, raw: Vec<u8>) -> NewEmail {
    let (size, sha256) = (raw.len() as i64, format!("{:x}", Sha256::digest(&raw)));
    email(source, format, raw, size, sha256)
}

/// A mail that is too large to be kept: its first part, its size and its hash.
fn head(source: &str, raw: Vec<u8>, size: u64, sha256: String) -> NewEmail {
    email(source, "head", raw, size as i64, sha256)
}

fn email(source: &str, format: &'static str, raw: Vec<u8>, size: i64, sha256: String) -> NewEmail {
    NewEmail { id: uuid::Uuid::now_v7().to_string(), source: Some(label(source)), format, size, sha256, raw }
}

/// A name as a label: one line, not too long.
fn label(name: &str) -> String {
    name.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).take(1_000).collect()
}
