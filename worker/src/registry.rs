//! Every kind of job with its handler, and every schedule. Queues, priorities, attempts and timeouts are with the kinds
//! in [`shared::jobs`].

use std::path::PathBuf;

use shared::domain::review;
use shared::jobs::{
    AssignTasks, FitForecast, Maintain, MinePatterns, PollMail, ReconcileMetrics, RefreshMetrics, Registry, Schedule,
    SweepSla,
};
use shared::reach::Reach;

use crate::adviser::Counsel;
use crate::digest::Mailer;
use crate::handlers::maintain::Retention;
use crate::handlers::{
    assign_tasks, bulk_jobs, bulk_update, collaborate, correct, deliver_webhook, fetch_mailbox, fit_forecast,
    fold_metrics, import_tasks, maintain, mine_patterns, mutate, poll_mail, process_batch, recompute_sla,
    reconcile_metrics, refresh_metrics, regroup, send_digest, sweep_sla,
};
use crate::memory::SharedMemory;

/// What an operator says about how jobs are done.
#[derive(Clone)]
pub struct Config {
    /// How long ended jobs are kept.
    pub retention: Retention,
    /// Where webhooks may lead.
    pub reach: Reach,
    /// Sends mail; without it mails wait, and are given up in the end.
    pub mailer: Option<Mailer>,
    /// Folder that watched folders and secrets of mailboxes must be below; anywhere without one.
    pub mailbox_root: Option<PathBuf>,
    /// Confidence below which a task that mail opens is marked for review, from 0 to 1; a mailbox may have its own.
    pub review_below: f64,
    /// Whom to ask about mails below it, if anybody.
    pub counsel: Option<Counsel>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            retention: Retention::default(),
            reach: Reach::default(),
            mailer: None,
            mailbox_root: None,
            review_below: review::BELOW,
            counsel: None,
        }
    }
}

impl From<Retention> for Config {
    fn from(retention: Retention) -> Self {
        Self { retention, ..Self::default() }
    }
}

/// Every kind of job this version can run.
pub fn registry(config: impl Into<Config>) -> Registry {
    let Config { retention, reach, mailer, mailbox_root, review_below, counsel } = config.into();
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
        .with(correct::Correct)
        .with(process_batch::Process { review_below, counsel, memory: SharedMemory::default() })
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
