//! The project's tasks: `cargo xtask VERB`.
//!
//! Owns everything a developer or CI runs around the code: private database servers, tests, lints, the dependency
//! policy and the generated contract files. It knows the product only by its binary and its environment variables.
//! Unix only: servers are stopped by signals.

mod bench;
mod chaos;
mod check;
mod ci;
mod contract;
mod corpus;
mod debian;
mod deny;
mod deploy;
mod fuzz;
mod interrupt;
mod lint;
mod node;
mod openapi;
mod process;
mod product;
mod services;
mod test;
mod web;
mod workspace;

use std::{ffi::OsString, path::PathBuf, process::ExitCode};

use clap::{Parser, Subcommand};

/// Command line of `cargo xtask`.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", about = "The project's tasks")]
struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

/// One task; each has a module of its name.
#[derive(Subcommand)]
enum Verb {
    /// Measures speed as ratios; docs/performance.md has the figures
    Bench {
        /// Figures, and `--rounds N`, `--slice SECONDS`, `--peer COMMAND`
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<OsString>,
    },
    /// Breaks things to prove what the job engine promises
    Chaos {
        /// Scenarios, and `--quick`, `--guard-off`, `--seed N`
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<OsString>,
    },
    /// Fast round: formatting, clippy, and the tests that need no server
    Check,
    /// All that must hold before a change lands, with a table of the steps
    Ci,
    /// The HTTP and socket contracts: linters, generated clients, fuzzing, breaking changes
    Contract {
        /// Only make the contract of today the one that later ones are compared with
        #[arg(long)]
        release: bool,
    },
    /// Dependency policy of deny.toml: advisories, bans, licences, sources
    Deny,
    /// The compose file, the alerts and the units, by the tools that read them; starts nothing
    Deploy,
    /// Mutates mail by the code it reaches, and looks for panics, slowness and memory; needs a C++ compiler
    Fuzz {
        /// How long, building not counted
        #[arg(default_value_t = 300)]
        seconds: u64,
        /// Keep inputs that reach new code in mail/fuzz/corpus
        #[arg(long)]
        keep: bool,
    },
    /// Formatting, clippy, documentation and the dependency policy
    Lint,
    /// What the reading of mail is worth: each company's mail by models that never saw it
    MailScore {
        /// Labelled folders to read by the models as they are instead
        folders: Vec<PathBuf>,
        /// How many of the worst read mails to show
        #[arg(long, default_value_t = 10)]
        worst: usize,
    },
    /// Writes the generated contract files in openapi/
    Openapi {
        /// Write nothing; fail if a committed file differs
        #[arg(long)]
        check: bool,
    },
    /// Runs a command beside private database and Redis servers, or keeps them up until Ctrl-C
    Services {
        /// The command and its arguments; environment variables tell it where the servers are
        #[arg(last = true)]
        command: Vec<OsString>,
    },
    /// All tests: on both databases and Redis, and of the client in Node
    Test {
        /// Arguments of the test runner, such as part of a test's name
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<OsString>,
    },
    /// Learns the models in mail/model from the labelled mail in mail/corpus
    Train,
    /// The packages in web/: generated files, types, and tests against the real product
    Web,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let result = interrupt::listen().and_then(|()| match arguments.verb {
        Verb::Bench { arguments } => bench::run(&arguments),
        Verb::Chaos { arguments } => chaos::run(&arguments),
        Verb::Check => check::run(),
        Verb::Ci => ci::run(),
        Verb::Contract { release: true } => contract::release(),
        Verb::Contract { release: false } => contract::run(),
        Verb::Deny => deny::run().map(drop),
        Verb::Deploy => deploy::run().map(drop),
        Verb::Fuzz { seconds, keep } => fuzz::run(seconds, keep),
        Verb::Lint => lint::run(),
        Verb::MailScore { folders, worst } => corpus::score(&folders, worst),
        Verb::Openapi { check } => openapi::run(check),
        Verb::Services { command } => services::run(&command),
        Verb::Test { arguments } => test::run(&arguments, test::Strictness::Local).and_then(|()| {
            // A selection is about tests of the workspace by name.
            if arguments.is_empty() { web::run() } else { Ok(()) }
        }),
        Verb::Train => corpus::train(),
        Verb::Web => web::run(),
    });
    if let Err(error) = &result {
        eprintln!("error: {error:#}");
    }
    match (interrupt::pending(), result) {
        (Some(signal), _) => ExitCode::from(128 + signal),
        (None, Ok(())) => ExitCode::SUCCESS,
        (None, Err(_)) => ExitCode::FAILURE,
    }
}
