//! Carries what happened from the process it happened in to all others: the only Redis.
//!
//! The events table is the truth. A [`Relay`] numbers committed events; a [`Bus`] carries them, and doorbells for work
//! and outcomes, to every process. Whatever the bus loses costs time, never an event: a [`Feed`] notices the hole by
//! the numbers and reads the table.

mod bus;
mod feed;
mod frame;
mod postgres;
mod redis;
mod relay;

pub use bus::{Bus, BusError, JobChange, LogLevel, Signal};
pub use feed::Feed;
pub use frame::{Frame, ephemeral};
pub use relay::Relay;
