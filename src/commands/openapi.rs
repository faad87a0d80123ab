//! `workflow openapi` and `workflow asyncapi`: print a contract.

use std::io::Write as _;

use ::api::OpenApiVersion;

use crate::cli::DocumentVersion;
use crate::exit::Failure;

/// The HTTP contract in this version.
pub(super) fn document(version: DocumentVersion) -> &'static str {
    ::api::openapi_json(match version {
        DocumentVersion::V31 => OpenApiVersion::V31,
        DocumentVersion::V30 => OpenApiVersion::V30,
    })
}

/// Prints a document with exactly one line end after it, so that the committed file is what is printed.
pub(super) fn print(document: &str) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    match writeln!(out, "{}", document.trim_end()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}
