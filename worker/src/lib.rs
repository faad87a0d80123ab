//! Runs jobs: one handler a file under `handlers`, all of them listed in `registry`.
//!
//! A handler loads, decides through [`shared::domain`], and saves; announcing is part of saving. Nothing here knows
//! HTTP, and the API knows nothing here.

pub mod adviser;
mod digest;
mod fetch;
mod handlers;
mod memory;
pub mod outbox;
mod queue_history;
mod registry;
mod webhook;

pub use digest::Mailer;
pub use handlers::fold_metrics::watch;
pub use handlers::maintain::Retention;
pub use registry::{Config, registry, schedules};
