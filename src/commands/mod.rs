//! One file a command.

mod api;
mod audit;
mod corrections;
mod database;
mod doctor;
mod import;
mod import_crewai;
mod jobs;
mod keys;
mod migrate;
mod openapi;
mod queues;
mod schedules;
mod sla;
mod triage;
mod up;
mod worker;
mod workers;

use crate::cli::Command;
use crate::exit::Failure;

/// Runs a command to its end.
pub fn run(command: Option<Command>) -> Result<(), Failure> {
    match command.expect("the command line gives `up` where no command is named") {
        Command::Up(args) => block_on(up::run(args)),
        Command::Api(args) => block_on(api::run(args)),
        Command::Worker(args) => block_on(worker::run(args)),
        Command::Migrate(args) => block_on(migrate::run(args)),
        Command::Import(args) => block_on(import::run(args)),
        Command::Triage(args) => triage::run(&args),
        Command::Corrections(args) => block_on(corrections::run(args)),
        Command::Jobs(args) => block_on(jobs::run(*args)),
        Command::Queues(args) => block_on(queues::run(args)),
        Command::Schedules(args) => block_on(schedules::run(args)),
        Command::Sla(args) => block_on(sla::run(args)),
        Command::Workers(args) => block_on(workers::run(args)),
        Command::Audit(args) => block_on(audit::run(args)),
        Command::Database(args) => block_on(database::run(args)),
        Command::Keys(args) => block_on(keys::run(args)),
        Command::Openapi(args) => openapi::print(openapi::document(args.version)),
        Command::Asyncapi => openapi::print(::api::asyncapi_json()),
        Command::Doctor(args) => block_on(doctor::run(args)),
    }
}

fn block_on(work: impl Future<Output = Result<(), Failure>>) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let done = runtime.block_on(work);
    // What still blocks a thread, such as a read of a slow disk, must not keep a stopped process alive.
    runtime.shutdown_background();
    done
}
