//! The only SQL. One text serves SQLite and PostgreSQL; what must differ lives in `dialect`.
//!
//! Reads take a [`Session`], writes a [`Tx`]. A method belongs to the file of its aggregate, and its SQL is a constant
//! beside it. Nothing here decides: it saves what [`crate::domain`] decided.

pub mod advice;
mod alone;
pub mod analytics;
pub mod assignment;
pub mod attachments;
pub mod audit;
pub mod cases;
pub mod comments;
pub mod corrections;
pub mod crewai;
mod db;
mod dialect;
pub mod events;
pub mod findings;
pub mod forecast;
pub mod gauges;
pub mod health;
pub mod jobs;
pub mod keys;
pub mod mail;
pub mod mailboxes;
pub mod memory;
pub mod metrics;
mod migrate;
pub mod mining;
pub mod notifications;
pub(crate) mod notify;
pub mod patterns;
pub mod people;
pub mod quarantine;
mod query;
pub mod replay;
pub mod rollups;
pub mod schedules;
pub mod scope;
pub mod sessions;
pub mod sla;
pub mod tasks;
pub mod teams;
#[cfg(feature = "testing")]
pub mod testing;
pub mod tickets;
pub mod watchers;
pub mod webhooks;
pub mod workers;
mod writer;

pub use db::{Db, OpenError, Session, StoreError, Tx};

/// Result of a store method.
pub type Result<T, E = StoreError> = std::result::Result<T, E>;
