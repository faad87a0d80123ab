//! One job a file.

pub mod assign_tasks;
pub mod bulk_jobs;
pub mod bulk_update;
pub mod collaborate;
pub mod correct;
pub mod deliver_webhook;
pub mod fetch_mailbox;
pub mod fit_forecast;
pub mod fold_metrics;
mod guard;
pub mod import_tasks;
pub mod maintain;
pub mod mine_patterns;
pub mod mutate;
pub mod poll_mail;
pub mod process_batch;
mod read_mail;
pub mod recompute_sla;
pub mod reconcile_metrics;
pub mod refresh_metrics;
pub mod regroup;
pub mod send_digest;
pub mod sweep_sla;
