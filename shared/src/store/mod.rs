//! The only SQL. One text serves SQLite and PostgreSQL; what must differ lives in `dialect`.
//!
//! Reads take a [`Session`], writes a [`Tx`]. A method belongs to the file of its aggregate, and its SQL is a constant
//! beside it. Nothing here decides: it saves what [`crate::domain`] decided.

pub mod analytics;
pub mod attachments;
pub mod audit;
pub mod comments;
mod db;
mod dialect;
pub mod events;
pub mod health;
pub mod jobs;
pub mod mail;
pub mod metrics;
mod migrate;
pub(crate) mod notify;
pub mod patterns;
mod query;
pub mod rollups;
pub mod schedules;
pub mod tasks;
#[cfg(feature = "testing")]
pub mod testing;
pub mod tickets;
pub mod watchers;
pub mod workers;
mod writer;

pub use db::{Db, OpenError, Session, StoreError, Tx};

/// Result of a store method.
pub type Result<T, E = StoreError> = std::result::Result<T, E>;
