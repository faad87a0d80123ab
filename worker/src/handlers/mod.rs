//! One job a file.

pub mod bulk_jobs;
pub mod bulk_update;
pub mod collaborate;
pub mod fold_metrics;
pub mod maintain;
pub mod mutate;
pub mod poll_mail;
pub mod process_batch;
mod read_mail;
pub mod reconcile_metrics;
pub mod refresh_metrics;
pub mod sweep_sla;
