//! The binary as a user starts it: exit codes, messages, and what the commands do to files and servers.

mod demo;
mod import;
mod process;
mod refusals;
mod roles;
mod triage;
