//! One job a file.

pub mod bulk_jobs;
pub mod bulk_update;
pub mod collaborate;
pub mod fit_forecast;
pub mod maintain;
pub mod mutate;
pub mod poll_mail;
pub mod process_batch;
mod read_mail;
pub mod recompute_sla;
pub mod refresh_metrics;
pub mod sweep_sla;
