//! Runs jobs: one handler a file under `handlers`, all of them listed in `registry`.
//!
//! A handler loads, decides through [`shared::domain`], and saves; announcing is part of saving. Nothing here knows
//! HTTP, and the API knows nothing here.

mod handlers;
mod registry;

pub use handlers::fold_metrics::watch;
pub use handlers::maintain::Retention;
pub use registry::{registry, schedules};
