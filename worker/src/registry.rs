//! Every kind of job with its handler, and every schedule. Queues, priorities, attempts and timeouts are with the kinds
//! in [`shared::jobs`].

use shared::jobs::{FitForecast, Maintain, PollMail, RefreshMetrics, Registry, Schedule, SweepSla};

use crate::handlers::maintain::Retention;
use crate::handlers::{
    bulk_jobs, bulk_update, collaborate, fit_forecast, maintain, mutate, poll_mail, process_batch, recompute_sla,
    refresh_metrics, sweep_sla,
};

/// Every kind of job this version can run; ended jobs are kept as long as `retention` says.
pub fn registry(retention: Retention) -> Registry {
    Registry::default()
        .with(mutate::Create)
        .with(mutate::Update)
        .with(mutate::Delete)
        .with_group(mutate::Together)
        .with(collaborate::Comments)
        .with(collaborate::Withdrawals)
        .with(collaborate::Watching)
        .with(process_batch::Process)
        .with(poll_mail::Poll)
        .with(sweep_sla::Sweep)
        .with(recompute_sla::Recompute)
        .with(refresh_metrics::Refresh)
        .with(fit_forecast::Fit)
        .with(maintain::Prune(retention))
        .with(bulk_jobs::Bulk)
        .with(bulk_update::Update)
}

/// Every schedule, in UTC.
pub fn schedules() -> Vec<Schedule> {
    vec![
        Schedule::of::<SweepSla>("sla-sweep", "*/10 * * * *"),
        Schedule::of::<PollMail>("email-batch", "* * * * *"),
        Schedule::of::<RefreshMetrics>("metrics-refresh", "* * * * *"),
        Schedule::of::<FitForecast>("forecast-fit", "23 3 * * *"),
        Schedule::of::<Maintain>("maintenance", "7 * * * *"),
    ]
}
