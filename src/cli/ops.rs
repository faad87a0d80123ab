//! Arguments of the operators' commands. All of them talk to a running server.

use chrono::{DateTime, Utc};
use clap::builder::FalseyValueParser;
use clap::{Args, Subcommand, ValueEnum};

use super::ClientArgs;

/// How an operator's command talks and prints.
#[derive(Debug, Args)]
pub struct OpsArgs {
    /// Print the server's JSON as it is
    #[arg(long, env = "WORKFLOW_JSON", global = true, value_parser = FalseyValueParser::new())]
    pub json: bool,
    #[command(flatten)]
    pub client: ClientArgs,
}

/// Why something is done.
#[derive(Debug, Args)]
pub struct ReasonArgs {
    /// Why; kept in the audit trail
    #[arg(long, env = "WORKFLOW_REASON", value_name = "TEXT")]
    pub reason: Option<String>,
}

/// Which jobs.
#[derive(Debug, Args)]
pub struct FilterArgs {
    /// In this state; may be repeated
    #[arg(long, env = "WORKFLOW_FILTER_STATE", value_name = "STATE", value_delimiter = ',')]
    pub state: Vec<String>,
    /// Of this queue; may be repeated
    #[arg(long, env = "WORKFLOW_FILTER_QUEUE", value_name = "QUEUE", value_delimiter = ',')]
    pub queue: Vec<String>,
    /// Of this kind; may be repeated
    #[arg(long, env = "WORKFLOW_FILTER_KIND", value_name = "KIND", value_delimiter = ',')]
    pub kind: Vec<String>,
    /// That change this task
    #[arg(long, env = "WORKFLOW_FILTER_TASK_ID", value_name = "ID")]
    pub task_id: Option<String>,
    /// With this text in their arguments
    #[arg(long, env = "WORKFLOW_FILTER_Q", value_name = "TEXT")]
    pub q: Option<String>,
    /// Run by this worker
    #[arg(long, env = "WORKFLOW_FILTER_WORKER", value_name = "ID")]
    pub worker: Option<String>,
    /// Made by this schedule
    #[arg(long, env = "WORKFLOW_FILTER_SCHEDULE", value_name = "NAME")]
    pub schedule: Option<String>,
    /// With this text in the error of an attempt
    #[arg(long, env = "WORKFLOW_FILTER_ERROR", value_name = "TEXT")]
    pub error: Option<String>,
    /// Accepted at this instant or later, such as 2026-02-01T17:00:00Z
    #[arg(long, env = "WORKFLOW_FILTER_FROM", value_name = "INSTANT")]
    pub from: Option<DateTime<Utc>>,
    /// Accepted at this instant or earlier
    #[arg(long, env = "WORKFLOW_FILTER_TO", value_name = "INSTANT")]
    pub to: Option<DateTime<Utc>>,
}

/// Arguments of `jobs`.
#[derive(Debug, Args)]
pub struct JobsArgs {
    #[command(flatten)]
    pub ops: OpsArgs,
    /// What is listed if nothing else is to be done.
    #[command(flatten)]
    pub list: JobsListArgs,
    #[command(subcommand)]
    pub verb: Option<JobsVerb>,
}

/// What is done with jobs.
#[derive(Debug, Subcommand)]
pub enum JobsVerb {
    /// Lists jobs, newest first; what `workflow jobs` does
    List(JobsListArgs),
    /// Shows a job with its attempts, and why it is not running
    Show {
        /// The job
        #[arg(value_name = "ID")]
        id: String,
    },
    /// Sends cancelled or discarded jobs back to work
    Retry(JobIdsArgs),
    /// Runs jobs now that wait for their time
    Run(JobIdsArgs),
    /// Cancels unfinished jobs, also running ones
    Cancel(JobIdsArgs),
    /// Removes jobs that do not run
    Delete(JobIdsArgs),
    /// Changes priority or time of a waiting job
    Edit(JobEditArgs),
    /// Does one thing to all jobs that a filter finds: shows them, asks, and follows until it is done
    Bulk(JobBulkArgs),
    /// Lists what a bulk job did to each
    Items {
        /// The bulk job
        #[arg(value_name = "ID")]
        id: String,
        /// Only `changed`, `skipped` or `failed`
        #[arg(long, env = "WORKFLOW_FILTER_OUTCOME", value_name = "OUTCOME")]
        outcome: Option<String>,
    },
    /// Groups discarded jobs by what they died of
    Errors,
}

/// Arguments of `jobs list`.
#[derive(Debug, Args)]
pub struct JobsListArgs {
    #[command(flatten)]
    pub filter: FilterArgs,
    /// Jobs at most
    #[arg(long, env = "WORKFLOW_LIMIT", value_name = "N", default_value_t = 50)]
    pub limit: usize,
}

/// Jobs by their ids.
#[derive(Debug, Args)]
pub struct JobIdsArgs {
    /// The jobs
    #[arg(value_name = "ID", required = true)]
    pub ids: Vec<String>,
    #[command(flatten)]
    pub reason: ReasonArgs,
}

/// Arguments of `jobs edit`.
#[derive(Debug, Args)]
pub struct JobEditArgs {
    /// The job
    #[arg(value_name = "ID")]
    pub id: String,
    /// 1 is most urgent, 4 least
    #[arg(long, env = "WORKFLOW_PRIORITY", value_name = "N")]
    pub priority: Option<i16>,
    /// When it may run, such as 2026-02-01T17:00:00Z
    #[arg(long, env = "WORKFLOW_RUN_AT", value_name = "INSTANT")]
    pub run_at: Option<DateTime<Utc>>,
    #[command(flatten)]
    pub reason: ReasonArgs,
}

/// What is done to many jobs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum BulkVerb {
    /// Failed jobs go back to work
    Retry,
    /// Waiting jobs run now
    Run,
    /// Unfinished jobs are cancelled
    Cancel,
    /// Jobs that do not run are removed
    Delete,
}

/// Arguments of `jobs bulk`.
#[derive(Debug, Args)]
pub struct JobBulkArgs {
    /// What to do
    pub action: BulkVerb,
    #[command(flatten)]
    pub filter: FilterArgs,
    /// Only show which jobs it would be
    #[arg(long, env = "WORKFLOW_DRY_RUN", value_parser = FalseyValueParser::new())]
    pub dry_run: bool,
    /// Do not ask
    #[arg(long, env = "WORKFLOW_YES", value_parser = FalseyValueParser::new())]
    pub yes: bool,
    /// Do not wait until it is done
    #[arg(long, env = "WORKFLOW_NO_WAIT", value_parser = FalseyValueParser::new())]
    pub no_wait: bool,
    #[command(flatten)]
    pub reason: ReasonArgs,
}

/// Arguments of `queues`.
#[derive(Debug, Args)]
pub struct QueuesArgs {
    #[command(flatten)]
    pub ops: OpsArgs,
    #[command(subcommand)]
    pub verb: Option<QueuesVerb>,
}

/// What is done with queues.
#[derive(Debug, Subcommand)]
pub enum QueuesVerb {
    /// Lists queues; what `workflow queues` does
    List,
    /// Stops a queue from giving out jobs, on all workers
    Pause {
        /// The queue
        name: String,
        #[command(flatten)]
        reason: ReasonArgs,
        /// When it goes on by itself
        #[arg(long, env = "WORKFLOW_UNTIL", value_name = "INSTANT")]
        until: Option<DateTime<Utc>>,
    },
    /// Lets a queue give out jobs again
    Resume {
        /// The queue
        name: String,
        #[command(flatten)]
        reason: ReasonArgs,
    },
    /// Limits a queue over all workers
    Limit(QueueLimitArgs),
    /// Shows how a queue fared, or all together; the last hour if nothing else is asked for
    History(QueueHistoryArgs),
}

/// Arguments of `queues history`.
#[derive(Debug, Args)]
pub struct QueueHistoryArgs {
    /// The queue
    pub name: Option<String>,
    /// From this instant on
    #[arg(long, env = "WORKFLOW_FILTER_FROM", value_name = "INSTANT")]
    pub from: Option<DateTime<Utc>>,
    /// Before this instant
    #[arg(long, env = "WORKFLOW_FILTER_TO", value_name = "INSTANT")]
    pub to: Option<DateTime<Utc>>,
    /// Seconds of a line, a multiple of 60
    #[arg(long, env = "WORKFLOW_STEP", value_name = "SECONDS")]
    pub step: Option<u32>,
}

/// Arguments of `queues limit`.
#[derive(Debug, Args)]
pub struct QueueLimitArgs {
    /// The queue
    pub name: String,
    /// Jobs that run at once, or `none`
    #[arg(long, env = "WORKFLOW_LIMIT_CONCURRENCY", value_name = "N")]
    pub concurrency: Option<String>,
    /// Jobs started in a second, or in so many seconds, or `none`
    #[arg(long, env = "WORKFLOW_LIMIT_RATE", value_name = "N[/SECONDS]")]
    pub rate: Option<String>,
    /// Jobs of one limit key that run at once, or `none`
    #[arg(long, env = "WORKFLOW_LIMIT_KEY_CONCURRENCY", value_name = "N")]
    pub key_concurrency: Option<String>,
    /// Jobs of one limit key started in a second, or in so many seconds, or `none`
    #[arg(long, env = "WORKFLOW_LIMIT_KEY_RATE", value_name = "N[/SECONDS]")]
    pub key_rate: Option<String>,
    #[command(flatten)]
    pub reason: ReasonArgs,
}

/// Arguments of `schedules`.
#[derive(Debug, Args)]
pub struct SchedulesArgs {
    #[command(flatten)]
    pub ops: OpsArgs,
    #[command(subcommand)]
    pub verb: Option<SchedulesVerb>,
}

/// What is done with schedules.
#[derive(Debug, Subcommand)]
pub enum SchedulesVerb {
    /// Lists schedules; what `workflow schedules` does
    List,
    /// Makes a schedule's job now
    Run(ScheduleArgs),
    /// Stops a schedule from making jobs
    Pause(ScheduleArgs),
    /// Lets a schedule make jobs again
    Resume(ScheduleArgs),
    /// Changes when a schedule ticks
    Edit {
        #[command(flatten)]
        schedule: ScheduleArgs,
        /// Cron expression of five fields, or six with seconds in front
        #[arg(long, env = "WORKFLOW_CRON", value_name = "EXPRESSION")]
        cron: Option<String>,
        /// IANA zone the expression is read in
        #[arg(long, env = "WORKFLOW_TZ", value_name = "ZONE")]
        tz: Option<String>,
        /// What happens to missed ticks: skip, one or all
        #[arg(long, env = "WORKFLOW_CATCH_UP", value_name = "POLICY")]
        catch_up: Option<String>,
    },
}

/// A schedule.
#[derive(Debug, Args)]
pub struct ScheduleArgs {
    /// The schedule
    pub name: String,
    #[command(flatten)]
    pub reason: ReasonArgs,
}

/// Arguments of `workers`.
#[derive(Debug, Args)]
pub struct WorkersArgs {
    #[command(flatten)]
    pub ops: OpsArgs,
    #[command(subcommand)]
    pub verb: Option<WorkersVerb>,
}

/// What is done with workers.
#[derive(Debug, Subcommand)]
pub enum WorkersVerb {
    /// Lists workers; what `workflow workers` does
    List,
    /// Changes how many jobs of one queue a worker runs at once; 0 to take nothing new
    Concurrency {
        /// The worker
        id: String,
        /// Jobs of one queue
        n: i64,
        #[command(flatten)]
        reason: ReasonArgs,
    },
}

/// Arguments of `audit`.
#[derive(Debug, Args)]
pub struct AuditArgs {
    #[command(flatten)]
    pub ops: OpsArgs,
    /// Of this action, such as queue.pause
    #[arg(long, env = "WORKFLOW_FILTER_ACTION", value_name = "ACTION")]
    pub action: Option<String>,
    /// By this principal
    #[arg(long, env = "WORKFLOW_FILTER_PRINCIPAL", value_name = "NAME")]
    pub principal: Option<String>,
    /// To this object
    #[arg(long, env = "WORKFLOW_FILTER_OBJECT", value_name = "ID")]
    pub object: Option<String>,
    /// Entries at most
    #[arg(long, env = "WORKFLOW_LIMIT", value_name = "N", default_value_t = 50)]
    pub limit: usize,
}
