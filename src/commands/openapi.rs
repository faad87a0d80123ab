//! `workflow openapi` and `workflow asyncapi`: print a contract.

use std::io::Write as _;

use crate::cli::DocumentVersion;
use crate::exit::Failure;

/// The HTTP contract in this version.
pub(super) fn document(version: DocumentVersion) -> &'static str {
    match version {
        DocumentVersion::V31 => ::api::openapi_json(),
        DocumentVersion::V30 => ::api::openapi_3_0_json(),
    }
}

/// Prints a document with exactly one line end after it, so that the committed file is what is printed.
pub(super) fn print(document: &str) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    match writeln!(out, "{}", document.trim_end()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}
