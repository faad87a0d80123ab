//! Every story of the store and the queue, on both databases: this suite is what "supports a database" means.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

mod architecture;
mod calendar;
mod control;
mod events;
mod figures;
mod forecast;
mod jobs;
mod limits;
mod model;
mod queue_history;
mod schedules;
mod sla_books;
mod sla_clock;
mod sla_recompute;
mod sla_replay;
mod sla_revisions;
mod sla_sweep;
mod tasks;
