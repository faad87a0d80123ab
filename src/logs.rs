//! Logging on standard error; standard output belongs to what a command prints.

use std::io::IsTerminal as _;

use tracing_subscriber::EnvFilter;

use crate::cli::{LogArgs, LogFormat};
use crate::exit::Failure;

/// Our own crates say what they do; libraries only what goes wrong.
const DEFAULT: &str = "warn,workflow=info,api=info,worker=info,shared=info";

/// Starts logging.
pub fn start(args: &LogArgs) -> Result<(), Failure> {
    let (variable, filter) = match args.log.as_deref().map(str::trim).filter(|filter| !filter.is_empty()) {
        Some(filter) => ("WORKFLOW_LOG", filter.to_owned()),
        None => ("RUST_LOG", std::env::var("RUST_LOG").ok().filter(|it| !it.is_empty()).unwrap_or(DEFAULT.to_owned())),
    };
    let filter = EnvFilter::try_new(&filter).map_err(|error| Failure::Config(format!("{variable}: {error}")))?;
    // It would write a mailbox's password to the log.
    let silenced = "async_imap=info".parse().expect("a directive");
    let filter = filter.add_directive(silenced);
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    match args.log_format {
        LogFormat::Text => lines.with_ansi(std::io::stderr().is_terminal()).init(),
        LogFormat::Json => lines.json().init(),
    }
    Ok(())
}
