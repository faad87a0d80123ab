//! Stories of the whole product, each on SQLite in one process and on PostgreSQL with Redis in several.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

mod bad_input;
mod contract;
mod hostile;
mod mail;
mod metrics;
mod mutations;
mod operations;
mod processes;
mod sla;
mod trpc;
