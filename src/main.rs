//! The one binary, `workflow`: command line, configuration, wiring and signals. It decides nothing about tasks or mail.

mod account;
mod book;
mod cli;
mod client;
mod commands;
mod demo;
mod exit;
mod labels;
mod logs;
mod mailfiles;
mod messages;
mod ops;
mod settings;
mod signals;
mod table;
mod upload;
mod watchdog;
mod wiring;
mod yaml;

use std::process::ExitCode;

fn main() -> ExitCode {
    let cli = match cli::read() {
        Ok(cli) => cli,
        Err(code) => return code,
    };
    match logs::start(&cli.log).and_then(|()| commands::run(cli.command)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("workflow: {failure}");
            ExitCode::from(failure.code())
        }
    }
}
