//! The command line. Every option is a flag and an environment variable; `--help` shows both and the default.

mod keys;
mod mail;
mod ops;
mod sla;

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::builder::{FalseyValueParser, PossibleValuesParser};
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Args, CommandFactory, Parser, Subcommand, ValueEnum};
use shared::jobs::queue;

pub use self::keys::{CreateArgs, KeysArgs, KeysVerb, ListArgs, PepperArgs, RevokeArgs};
pub use self::mail::{AdviserArgs, CorrectionsArgs, CorrectionsVerb, ReviewArgs};
pub use self::ops::{
    AuditArgs, FilterArgs, JobBulkArgs, JobEditArgs, JobIdsArgs, JobsArgs, JobsListArgs, JobsVerb, OpsArgs,
    QueueHistoryArgs, QueueLimitArgs, QueuesArgs, QueuesVerb, ReasonArgs, ScheduleArgs, SchedulesArgs, SchedulesVerb,
    WorkersArgs, WorkersVerb,
};
pub use self::sla::{BookArgs, SlaArgs, SlaVerb};
use crate::exit;

/// Turns shared mailboxes into tasks with a status, an owner, a dollar value and an SLA deadline.
#[derive(Debug, Parser)]
#[command(name = "workflow", version, after_help = "Without a command it does what `workflow up` does.")]
pub struct Cli {
    /// How it logs.
    #[command(flatten)]
    pub log: LogArgs,
    /// What it does.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// What the program can do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Everything in one process: API, page, workers and scheduler. Without a command this is what runs
    Up(UpArgs),
    #[command(about = "The API alone, any number of processes on one PostgreSQL")]
    Api(ApiArgs),
    #[command(about = "A worker alone, any number of processes on one PostgreSQL")]
    Worker(WorkerArgs),
    /// Applies the migrations and exits
    Migrate(DatabaseArgs),
    /// Uploads mail (.eml, mbox, Maildir, JSON) to a running server and prints what became of it
    Import(ImportArgs),
    /// Runs the mail pipeline over files without storing anything
    Triage(TriageArgs),
    /// Looks at what mails should have been read as; writes them as labelled mail
    Corrections(CorrectionsArgs),
    /// Looks at jobs; retries, runs, cancels, deletes and changes them, one by one or by filter
    Jobs(Box<JobsArgs>),
    /// Looks at queues; pauses, resumes and limits them
    Queues(QueuesArgs),
    /// Looks at schedules; runs, pauses, resumes and changes them
    Schedules(SchedulesArgs),
    /// Looks at workers; changes how many jobs they run at once
    Workers(WorkersArgs),
    /// Shows the book of calendars and policies; puts a YAML file in its place
    Sla(SlaArgs),
    /// Shows what operators did
    Audit(AuditArgs),
    /// Shows how the database fares
    Database(OpsArgs),
    #[command(about = "Prints the HTTP contract, OpenAPI in JSON")]
    Openapi(OpenapiArgs),
    #[command(about = "Prints the contract of the events, AsyncAPI 3 in JSON")]
    Asyncapi,
    /// Makes, lists and revokes API keys, directly on the database
    Keys(KeysArgs),
    /// Checks configuration, database, Redis, clock and port, and says what to do
    Doctor(DoctorArgs),
}

/// Which contract to print.
#[derive(Debug, Args)]
pub struct OpenapiArgs {
    /// Version of OpenAPI: 3.0 is for tools that do not read 3.1
    #[arg(long, default_value = "3.1", value_name = "VERSION")]
    pub version: DocumentVersion,
}

/// A version of OpenAPI.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum DocumentVersion {
    /// The document itself.
    #[value(name = "3.1")]
    V31,
    /// The same in 3.0.
    #[value(name = "3.0")]
    V30,
}

/// How it logs, on standard error.
#[derive(Debug, Args)]
pub struct LogArgs {
    /// What to log: a level, or `target=level,...`; `RUST_LOG` is read if it is absent
    #[arg(long, env = "WORKFLOW_LOG", global = true, value_name = "FILTER", help_heading = "Logging")]
    pub log: Option<String>,
    /// Form of the log lines
    #[arg(long, env = "WORKFLOW_LOG_FORMAT", global = true, default_value = "text", help_heading = "Logging")]
    pub log_format: LogFormat,
}

/// Form of the log lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// Which database.
#[derive(Debug, Args)]
pub struct DatabaseArgs {
    /// `sqlite://PATH` (the embedded database, made with its folder) or `postgres://...`
    #[arg(long, env = "DATABASE_URL", hide_env_values = true, default_value = "sqlite://data/crewai.db")]
    #[arg(value_name = "URL")]
    pub database_url: String,
}

/// What carries events between processes.
#[derive(Debug, Args)]
pub struct BusArgs {
    /// Redis that carries events between processes; unset: in process, or through the database
    #[arg(long, env = "REDIS_URL", hide_env_values = true, value_name = "URL")]
    pub redis_url: Option<String>,
}

/// Where and for whom it serves.
#[derive(Debug, Args)]
pub struct ListenArgs {
    /// Address to listen on; port 0 takes a free one
    #[arg(long, env = "WORKFLOW_LISTEN", default_value = "127.0.0.1:3001", value_name = "HOST:PORT")]
    pub listen: String,
    /// Authentication; `off` serves loopback addresses only, `required` takes an API key for everything but health and the page
    #[arg(long, env = "WORKFLOW_AUTH", default_value = "off")]
    pub auth: Auth,
}

/// The names it answers to.
#[derive(Debug, Args)]
pub struct HostArgs {
    /// Host names to answer to besides the loopback ones, separated by commas
    #[arg(long, env = "WORKFLOW_ALLOWED_HOSTS", value_name = "NAMES", value_delimiter = ',')]
    pub allowed_hosts: Vec<String>,
}

/// What one client may ask for.
#[derive(Debug, Args)]
pub struct LimitArgs {
    /// Requests a second that one address may send, and one principal, and twice as many at once; 0: as many as they like
    #[arg(long, env = "WORKFLOW_RATE_LIMIT", default_value_t = 0, value_name = "N")]
    #[arg(value_parser = clap::value_parser!(u32).range(0..=1_000_000))]
    pub rate_limit: u32,
}

/// Authentication.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Auth {
    /// None: everybody who can connect may do everything.
    Off,
    /// API keys.
    Required,
}

/// Where it may send what happens.
#[derive(Debug, Args)]
pub struct ReachArgs {
    /// Let webhooks lead to this machine and to private networks, there without TLS too; API and workers need the same
    #[arg(long, env = "WORKFLOW_WEBHOOK_ALLOW_PRIVATE", value_parser = FalseyValueParser::new())]
    pub webhook_allow_private: bool,
}

/// How it sends mail.
#[derive(Debug, Args)]
pub struct MailArgs {
    /// Mail server: `smtps://USER:PASSWORD@HOST`, or `smtp://HOST?tls=required` for STARTTLS; unset: no mail is sent
    #[arg(long, env = "WORKFLOW_SMTP_URL", hide_env_values = true, value_name = "URL")]
    pub smtp_url: Option<String>,
    /// Sender of its mail, such as `Alerts <alerts@example.com>`
    #[arg(long, env = "WORKFLOW_MAIL_FROM", value_name = "ADDRESS")]
    pub mail_from: Option<String>,
}

/// How it works on jobs.
#[derive(Debug, Args)]
pub struct WorkArgs {
    #[command(flatten)]
    pub mail: MailArgs,
    /// Folder that watched folders, and files with passwords of mailboxes, must be below; unset: they may be anywhere
    #[arg(long, env = "WORKFLOW_MAILBOX_ROOT", value_name = "FOLDER")]
    pub mailbox_root: Option<PathBuf>,
    #[command(flatten)]
    pub review: ReviewArgs,
    #[command(flatten)]
    pub adviser: AdviserArgs,
    /// Jobs of one queue that run at once; queues of large jobs run fewer
    #[arg(long, env = "WORKFLOW_CONCURRENCY", default_value_t = 256, value_name = "N")]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub concurrency: u32,
    /// Seconds after which the jobs of a dead worker are taken over
    #[arg(long, env = "WORKFLOW_LEASE", default_value_t = 15, value_name = "SECONDS")]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=3600))]
    pub lease: u32,
    /// Seconds without progress after which the process ends with code 70, for its supervisor to start another
    #[arg(long, env = "WORKFLOW_PATIENCE", default_value_t = 60, value_name = "SECONDS")]
    #[arg(value_parser = clap::value_parser!(u32).range(5..=3600))]
    pub patience: u32,
    /// Hours for which completed jobs are kept
    #[arg(long, env = "WORKFLOW_KEEP_COMPLETED", default_value_t = 48, value_name = "HOURS")]
    #[arg(value_parser = clap::value_parser!(u32).range(24..=87_600))]
    pub keep_completed: u32,
    /// Hours for which cancelled jobs are kept
    #[arg(long, env = "WORKFLOW_KEEP_CANCELLED", default_value_t = 168, value_name = "HOURS")]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=87_600))]
    pub keep_cancelled: u32,
    /// Hours for which discarded jobs are kept
    #[arg(long, env = "WORKFLOW_KEEP_DISCARDED", default_value_t = 720, value_name = "HOURS")]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=87_600))]
    pub keep_discarded: u32,
    /// Hours for which past versions of tasks are kept, and figures can be read as of an instant
    #[arg(long, env = "WORKFLOW_KEEP_VERSIONS", default_value_t = 2160, value_name = "HOURS")]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=87_600))]
    pub keep_versions: u32,
}

/// Arguments of `up`.
#[derive(Debug, Args)]
pub struct UpArgs {
    /// Load the bundled demo mail, dated relative to now, into an empty database
    #[arg(long, env = "WORKFLOW_DEMO", value_parser = FalseyValueParser::new())]
    pub demo: bool,
    #[command(flatten)]
    pub database: DatabaseArgs,
    #[command(flatten)]
    pub bus: BusArgs,
    #[command(flatten)]
    pub listen: ListenArgs,
    #[command(flatten)]
    pub hosts: HostArgs,
    #[command(flatten)]
    pub limits: LimitArgs,
    #[command(flatten)]
    pub pepper: PepperArgs,
    #[command(flatten)]
    pub reach: ReachArgs,
    #[command(flatten)]
    pub work: WorkArgs,
    #[command(flatten)]
    pub book: BookArgs,
}

/// Arguments of `api`.
#[derive(Debug, Args)]
pub struct ApiArgs {
    #[command(flatten)]
    pub database: DatabaseArgs,
    #[command(flatten)]
    pub bus: BusArgs,
    #[command(flatten)]
    pub listen: ListenArgs,
    #[command(flatten)]
    pub hosts: HostArgs,
    #[command(flatten)]
    pub limits: LimitArgs,
    #[command(flatten)]
    pub pepper: PepperArgs,
    #[command(flatten)]
    pub reach: ReachArgs,
}

/// Arguments of `worker`.
#[derive(Debug, Args)]
pub struct WorkerArgs {
    /// Queues to work on, separated by commas; all of them if absent
    #[arg(long, env = "WORKFLOW_QUEUES", value_name = "NAMES", value_delimiter = ',')]
    #[arg(value_parser = PossibleValuesParser::new(queue::ALL))]
    pub queues: Vec<String>,
    #[command(flatten)]
    pub reach: ReachArgs,
    #[command(flatten)]
    pub work: WorkArgs,
    #[command(flatten)]
    pub database: DatabaseArgs,
    #[command(flatten)]
    pub bus: BusArgs,
    #[command(flatten)]
    pub listen: ListenArgs,
    #[command(flatten)]
    pub book: BookArgs,
}

/// Which server a client command talks to, and as whom.
#[derive(Debug, Args)]
pub struct ClientArgs {
    /// The server
    #[arg(long, env = "WORKFLOW_URL", global = true, default_value = "http://127.0.0.1:3001", value_name = "URL")]
    #[arg(value_parser = server_url)]
    pub url: reqwest::Url,
    /// API key, if the server asks for one
    #[arg(long, env = "WORKFLOW_API_KEY", global = true, hide_env_values = true, value_name = "KEY")]
    pub api_key: Option<String>,
}

/// Arguments of `import`.
#[derive(Debug, Args)]
pub struct ImportArgs {
    /// Files and folders; in folders *.eml, *.mbox, *.json and Maildir folders are found at any depth
    #[arg(required_unless_present = "from_crewai", value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Bring over tasks and history of the old system's SQLite file instead, and say what was put right and refused
    #[arg(long, env = "WORKFLOW_FROM_CREWAI", value_name = "FILE", conflicts_with = "paths")]
    pub from_crewai: Option<PathBuf>,
    /// With --from-crewai: one JSON object instead of lines
    #[arg(long, env = "WORKFLOW_JSON", value_parser = FalseyValueParser::new())]
    pub json: bool,
    /// Mailbox the mail came to; by default the name of the folder given, or `import`
    #[arg(long, env = "WORKFLOW_MAILBOX", value_name = "NAME")]
    pub mailbox: Option<String>,
    /// Do not wait until the mail is processed; print the ids of the batches
    #[arg(long, env = "WORKFLOW_NO_WAIT", value_parser = FalseyValueParser::new())]
    pub no_wait: bool,
    #[command(flatten)]
    pub client: ClientArgs,
}

/// Arguments of `triage`.
#[derive(Debug, Args)]
pub struct TriageArgs {
    /// Files and folders; in folders *.eml, *.mbox, *.json and Maildir folders are found at any depth
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// One JSON object a mail instead of a table
    #[arg(long, env = "WORKFLOW_JSON", value_parser = FalseyValueParser::new())]
    pub json: bool,
}

/// Arguments of `doctor`.
#[derive(Debug, Args)]
pub struct DoctorArgs {
    #[command(flatten)]
    pub database: DatabaseArgs,
    #[command(flatten)]
    pub bus: BusArgs,
    #[command(flatten)]
    pub listen: ListenArgs,
    #[command(flatten)]
    pub hosts: HostArgs,
}

fn server_url(text: &str) -> Result<reqwest::Url, String> {
    let url = reqwest::Url::parse(text).map_err(|error| error.to_string())?;
    if matches!(url.scheme(), "http" | "https") {
        Ok(url)
    } else {
        Err("must start with http:// or https://".to_owned())
    }
}

/// Reads the command line and the environment. On an error, and for `--help` and `--version`, everything has been
/// printed and the exit code is returned.
pub fn read() -> Result<Cli, ExitCode> {
    let mut args: Vec<OsString> = std::env::args_os().collect();
    let mut read = Cli::try_parse_from(&args);
    if read.as_ref().is_ok_and(|cli| cli.command.is_none()) {
        args.push("up".into());
        read = Cli::try_parse_from(&args);
    }
    read.map_err(|error| refuse(&error, &args))
}

fn refuse(error: &clap::Error, args: &[OsString]) -> ExitCode {
    if !error.use_stderr() {
        let _ = error.print();
        return ExitCode::SUCCESS;
    }
    if let Some(variable) = variable_at_fault(error, args) {
        let text = error.to_string();
        let line = text.lines().next().unwrap_or_default().trim_start_matches("error: ");
        eprintln!("workflow: {variable}: {line}");
        return ExitCode::from(exit::CONFIG);
    }
    let _ = error.print();
    ExitCode::from(exit::USAGE)
}

/// The environment variable that holds a refused value, unless the value was given on the command line.
fn variable_at_fault(error: &clap::Error, args: &[OsString]) -> Option<String> {
    if !matches!(error.kind(), ErrorKind::InvalidValue | ErrorKind::ValueValidation) {
        return None;
    }
    let Some(ContextValue::String(shown)) = error.get(ContextKind::InvalidArg) else { return None };
    let flag = shown.split_whitespace().next()?;
    let given = |arg: &OsString| {
        let arg = arg.to_string_lossy();
        arg == flag || arg.strip_prefix(flag).is_some_and(|rest| rest.starts_with('='))
    };
    if args.iter().any(given) {
        return None;
    }
    let root = Cli::command();
    let commands = root.get_subcommands().flat_map(|command| std::iter::once(command).chain(command.get_subcommands()));
    let mut options = std::iter::once(&root).chain(commands).flat_map(clap::Command::get_arguments);
    let option = options.find(|option| option.get_long().is_some_and(|long| flag.strip_prefix("--") == Some(long)))?;
    option.get_env().map(|name| name.to_string_lossy().into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_definitions_are_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_option_has_an_environment_variable() {
        let root = Cli::command();
        let commands =
            root.get_subcommands().flat_map(|command| std::iter::once(command).chain(command.get_subcommands()));
        for option in std::iter::once(&root).chain(commands).flat_map(clap::Command::get_arguments) {
            let is_option = option.get_long().is_some_and(|long| !matches!(long, "help" | "version"));
            assert!(!is_option || option.get_env().is_some(), "{option}");
        }
    }
}
