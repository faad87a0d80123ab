//! Arguments of `sla`, and of the processes that begin with a book.

use std::path::PathBuf;

use clap::builder::FalseyValueParser;
use clap::{Args, Subcommand};

use super::{OpsArgs, ReasonArgs};

/// Arguments of `sla`.
#[derive(Debug, Args)]
pub struct SlaArgs {
    #[command(flatten)]
    pub ops: OpsArgs,
    #[command(subcommand)]
    pub verb: Option<SlaVerb>,
}

/// What is done with the book of calendars and policies.
#[derive(Debug, Subcommand)]
pub enum SlaVerb {
    /// Shows the book; what `workflow sla` does
    Show,
    /// Puts the book of a YAML file in the place of the current one
    Apply {
        /// The file
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// Only tell what is wrong with it, and how many deadlines it would move
        #[arg(long, env = "WORKFLOW_DRY_RUN", value_parser = FalseyValueParser::new())]
        dry_run: bool,
        #[command(flatten)]
        reason: ReasonArgs,
    },
}

/// The book that a new database begins with.
#[derive(Debug, Args)]
pub struct BookArgs {
    /// YAML file with the calendars and policies that a database without any begins with
    #[arg(long, env = "WORKFLOW_SLA_FILE", value_name = "FILE")]
    pub sla_file: Option<PathBuf>,
}
