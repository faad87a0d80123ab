//! What the API and the workers must agree on: the domain, the job contract and queue, the store, and the events.
//!
//! [`domain`] decides and knows no database, clock or network. [`store`] holds the only SQL, [`events`] the only Redis.
//! [`key`] makes and recognises the secrets that open the API. Nothing else belongs here: what one side alone needs lives on that side.

pub mod clock;
pub mod config;
pub mod domain;
pub mod events;
pub mod faults;
pub mod jobs;
pub mod key;
pub mod meter;
pub mod reach;
pub mod store;
