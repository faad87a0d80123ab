//! Every kind of job with its handler, and every schedule. Queues, priorities, attempts and timeouts are with the kinds
//! in [`shared::jobs`].

use std::path::PathBuf;

use shared::jobs::{
    AssignTasks, FitForecast, Maintain, MinePatterns, PollMail, ReconcileMetrics, RefreshMetrics, Registry, Schedule,
    SweepSla,
};
use shared::reach::Reach;

use crate::digest::Mailer;
use crate::handlers::maintain::Retention;
use crate::handlers::{
    assign_tasks, bulk_jobs, bulk_update, collaborate, deliver_webhook, fetch_mailbox, fit_forecast, fold_metrics,
    import_tasks, maintain, mine_patterns, mutate, poll_mail, process_batch, recompute_sla, reconcile_metrics,
    refresh_metrics, regroup, send_digest, sweep_sla,
};

/// What an operator says about how jobs are done.
#[derive(Clone, Default)]
pub struct Config {
    /// How long ended jobs are kept.
    pub retention: Retention,
    /// Where webhooks may lead.
    pub reach: Reach,
    /// Sends mail; without it mails wait, and are given up in the end.
    pub mailer: Option<Mailer>,
    /// Folder that watched folders and secrets of mailboxes must be below; anywhere without one.
    pub mailbox_root: Option<PathBuf>,
}

impl From<Retention> for Config {
    fn from(retention: Retention) -> Self {
        Self { retention, ..Self::default() }
    }
}

/// Every kind of job this version can run.
pub fn registry(config: impl Into<Config>) -> Registry {
    let Config { retention, reach, mailer, mailbox_root } = config.into();
    Registry::default()
        .with(mutate::Create)
        .with(mutate::Update)
        .with(mutate::Delete)
        .with_group(mutate::Together)
        .with(collaborate::Comments)
        .with(collaborate::Withdrawals)
        .with(collaborate::Watching)
        .with(regroup::Hold)
        .with(regroup::Merge)
        .with(regroup::Split)
        .with(regroup::Undo)
        .with(process_batch::Process)
        .with(poll_mail::Poll)
        .with(fetch_mailbox::Fetch::below(mailbox_root))
        .with(import_tasks::Import)
        .with(sweep_sla::Sweep)
        .with(recompute_sla::Recompute)
        .with(assign_tasks::Assign)
        .with(refresh_metrics::Refresh)
        .with(fit_forecast::Fit)
        .with(mine_patterns::Mine)
        .with(fold_metrics::Fold)
        .with(reconcile_metrics::Reconcile)
        .with(maintain::Prune(retention))
        .with(bulk_jobs::Bulk)
        .with(bulk_update::Update)
        .with(deliver_webhook::Deliver::within(reach))
        .with(send_digest::Send(mailer))
}

/// Every schedule, in UTC.
pub fn schedules() -> Vec<Schedule> {
    vec![
        Schedule::of::<SweepSla>("sla-sweep", "*/10 * * * *"),
        Schedule::of::<AssignTasks>("assignment", "* * * * *"),
        Schedule::of::<PollMail>("email-batch", "* * * * *"),
        Schedule::of::<RefreshMetrics>("metrics-refresh", "* * * * *"),
        Schedule::of::<MinePatterns>("pattern-mining", "*/15 * * * *"),
        Schedule::of::<FitForecast>("forecast-fit", "23 3 * * *"),
        Schedule::of::<ReconcileMetrics>("metrics-reconcile", "53 3 * * *"),
        Schedule::of::<Maintain>("maintenance", "7 * * * *"),
    ]
}
