//! Why a job is not running.

use std::collections::HashMap;
use std::time::Duration;

use chrono::{DateTime, SecondsFormat, Utc};
use shared::jobs::JobState;
use shared::store::jobs::{self, JobRow, QueueSettings};
use shared::store::workers::{self, WorkerRow};
use shared::store::{Result, Session};

/// How long ago a worker may have been heard of to count as alive.
pub(crate) const ALIVE: Duration = Duration::from_secs(15);

/// What is needed to say it of the jobs of a page.
pub(super) struct Waiting {
    now: DateTime<Utc>,
    queues: Vec<QueueSettings>,
    running: Vec<(String, Option<String>, i64)>,
    workers: Vec<WorkerRow>,
    /// What goes before each pending job.
    earlier: HashMap<i64, i64>,
}

impl Waiting {
    pub(super) async fn find(session: &mut Session, rows: &[JobRow], now: DateTime<Utc>) -> Result<Self> {
        let mut waiting =
            Self { now, queues: Vec::new(), running: Vec::new(), workers: Vec::new(), earlier: HashMap::new() };
        let of = |state: JobState| rows.iter().filter(move |row| row.state == state);
        if rows.iter().any(|row| !row.state.is_final()) {
            waiting.queues = jobs::settings(session).await?;
        }
        if of(JobState::Available).next().is_some() {
            waiting.workers = workers::list(session, now - ALIVE).await?;
            if waiting.queues.iter().any(|queue| queue.concurrency.is_some() || queue.key_concurrency.is_some()) {
                waiting.running = jobs::running_by_key(session).await?;
            }
        }
        let pending: Vec<i64> = of(JobState::Pending).map(|row| row.seq).collect();
        if !pending.is_empty() {
            waiting.earlier = jobs::earlier_of_keys(session, &pending).await?;
        }
        Ok(waiting)
    }

    /// Why this job is not running; `None` if it is or has.
    pub(super) fn why(&self, row: &JobRow) -> Option<String> {
        match row.state {
            JobState::Running | JobState::Completed | JobState::Cancelled | JobState::Discarded => None,
            JobState::Pending => Some(match self.earlier.get(&row.seq) {
                Some(earlier) => format!("an earlier mutation of the task: job {earlier}"),
                None => "an earlier mutation of the task".to_owned(),
            }),
            JobState::Scheduled | JobState::Retryable => {
                let when = format!("its time: run_at is {}", shown(row.run_at));
                Some(self.paused(&row.queue).map_or(when.clone(), |paused| format!("{when}; {paused}")))
            }
            JobState::Available => Some(
                self.paused(&row.queue)
                    .or_else(|| self.no_worker(row))
                    .or_else(|| self.at_limit(row))
                    .unwrap_or_else(|| "a free slot of a worker".to_owned()),
            ),
        }
    }

    fn settings(&self, queue: &str) -> Option<&QueueSettings> {
        self.queues.iter().find(|settings| settings.name == queue)
    }

    fn paused(&self, queue: &str) -> Option<String> {
        let settings = self.settings(queue).filter(|settings| settings.is_paused(self.now))?;
        let by = settings.paused_by.as_deref().map(|by| format!(" by {by}")).unwrap_or_default();
        let until = settings.until.map(|until| format!(" until {}", shown(until))).unwrap_or_default();
        let reason = settings.reason.as_deref().map(|reason| format!(": {reason}")).unwrap_or_default();
        Some(format!("the queue is paused{by}{until}{reason}"))
    }

    fn no_worker(&self, row: &JobRow) -> Option<String> {
        let mut on_queue = self.workers.iter().filter(|worker| worker.queues.contains(&row.queue)).peekable();
        if on_queue.peek().is_none() {
            return Some(format!("no worker: none works on the queue {}", row.queue));
        }
        let mut knowing = on_queue.filter(|worker| worker.kinds.contains(&row.kind)).peekable();
        if knowing.peek().is_none() {
            return Some(format!("no worker: none on its queue knows the kind {}", row.kind));
        }
        if knowing.all(|worker| worker.draining || worker.concurrency == 0) {
            return Some("no worker: all on its queue are draining or set to run nothing".to_owned());
        }
        None
    }

    fn at_limit(&self, row: &JobRow) -> Option<String> {
        let settings = self.settings(&row.queue)?;
        let running = |key: Option<&str>| {
            let of_queue = self.running.iter().filter(|(queue, _, _)| *queue == row.queue);
            let meant = of_queue.filter(|(_, of, _)| key.is_none() || of.as_deref() == key);
            meant.map(|(_, _, count)| count).sum::<i64>()
        };
        if let Some(most) = settings.concurrency.filter(|most| running(None) >= *most) {
            return Some(format!("the limit of its queue: {most} run at once"));
        }
        if let (Some(most), Some(key)) = (settings.key_concurrency, row.limit_key.as_deref())
            && running(Some(key)) >= most
        {
            return Some(format!("the limit of its key {key}: {most} run at once"));
        }
        if let Some(rate) = settings.rate {
            return Some(format!("the rate of its queue: {rate} start in {} s", settings.rate_seconds.unwrap_or(1)));
        }
        let (rate, _) = (settings.key_rate?, row.limit_key.as_deref()?);
        Some(format!("the rate of its key: {rate} start in {} s", settings.key_rate_seconds.unwrap_or(1)))
    }
}

fn shown(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}
