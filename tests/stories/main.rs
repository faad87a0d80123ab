//! Stories of the whole product, each on SQLite in one process and on PostgreSQL with Redis in several.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

mod assignment;
mod attachments;
mod auth;
mod backup;
mod bad_input;
mod bulk;
mod cases;
mod collaboration;
mod contract;
mod dashboard;
mod export;
mod figures;
mod forecast;
mod hostile;
mod intake;
mod lists;
mod mail;
mod mail_html;
mod metrics;
mod mutations;
mod observability;
mod operations;
mod patterns;
mod processes;
mod sla;
mod sla_book;
mod sla_clock;
mod sla_recompute;
mod tags;
mod tickets;
mod trpc;
mod webhooks;
mod what_if;

#[path = "../../worker/tests/it/dovecot.rs"]
mod dovecot;
#[path = "../../worker/tests/it/receiver.rs"]
mod receiver;
