//! Queues: how they fare, and what operators set on them.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use poem::Request;
use poem::web::Data;
use poem_openapi::param::Path;
use poem_openapi::{Object, OpenApi};
use serde::Serialize;
use serde_json::json;
use shared::jobs::{JobState, queue};
use shared::store::jobs::{self, QueueSettings, Recent};
use shared::store::workers::{self, WorkerRow};
use shared::store::{Session, audit};

use super::jobs::{ALIVE, Reason, reason};
use crate::app::App;
use crate::body::{Body, Fields, FromFields, read};
use crate::openapi::Tag;
use crate::params;
use crate::payload::Answer;
use crate::problem::{Issue, Problem};

pub(crate) struct QueuesApi;

/// A queue.
#[derive(Serialize, Object)]
pub(crate) struct Queue {
    /// Its name.
    name: String,
    /// Whether it gives out no jobs.
    paused: bool,
    /// Since when.
    paused_at: Option<DateTime<Utc>>,
    /// Who said so.
    paused_by: Option<String>,
    /// Why.
    reason: Option<String>,
    /// Until when; until somebody resumes it if null.
    until: Option<DateTime<Utc>>,
    /// Its jobs by state.
    depth: Depth,
    /// For how long the oldest job that may run has been waiting; null if none is.
    oldest_available_seconds: Option<f64>,
    /// Jobs completed in the last 60 seconds.
    completed_per_minute: i64,
    /// Failed attempts in the last five minutes, of all that ended then, from 0 to 1; null if none did.
    failure_rate: Option<f64>,
    /// Limits over all workers.
    limits: Limits,
    /// Workers alive that work on it.
    workers: i64,
}

/// Jobs by state; of those that ended, only the discarded, which wait for somebody to look at them.
#[derive(Clone, Copy, Default, Serialize, Object)]
#[oai(rename = "QueueDepth")]
pub(crate) struct Depth {
    /// May run now.
    available: i64,
    /// Run later.
    scheduled: i64,
    /// Wait for an earlier job of their key.
    pending: i64,
    /// Run.
    running: i64,
    /// Failed, and run again later.
    retryable: i64,
    /// Failed for good.
    discarded: i64,
}

/// Limits over all workers; null for none.
#[derive(Serialize, Object)]
#[oai(rename = "QueueLimits")]
pub(crate) struct Limits {
    /// Jobs that run at once.
    concurrency: Option<i64>,
    /// Jobs started in `rate_seconds`.
    rate: Option<i64>,
    /// The seconds of `rate`.
    rate_seconds: Option<i64>,
    /// Jobs of one limit key that run at once.
    key_concurrency: Option<i64>,
    /// Jobs of one limit key started in `key_rate_seconds`.
    key_rate: Option<i64>,
    /// The seconds of `key_rate`.
    key_rate_seconds: Option<i64>,
}

/// The queues, by name.
#[derive(Serialize, Object)]
#[oai(rename = "QueueList")]
pub(crate) struct Queues {
    /// The queues.
    queues: Vec<Queue>,
}

/// For how long and why a queue is paused.
#[derive(Object)]
#[oai(rename = "PauseQueueRequest")]
pub(crate) struct PauseDoc {
    /// Kept with the queue and in the audit trail.
    #[oai(validator(max_length = 500))]
    reason: Option<String>,
    /// When it goes on by itself.
    until: Option<DateTime<Utc>>,
}

pub(crate) struct Pause {
    reason: Option<String>,
    until: Option<DateTime<Utc>>,
}

impl FromFields for Pause {
    type Schema = PauseDoc;
    const OPTIONAL: bool = true;

    fn read(fields: &mut Fields) -> Option<Self> {
        Some(Self { until: fields.optional("until", read::instant), reason: reason(fields) })
    }
}

/// New limits; what is absent stays, null takes a limit away.
#[derive(Object)]
#[oai(rename = "LimitQueueRequest")]
pub(crate) struct LimitDoc {
    /// Jobs that run at once.
    #[oai(validator(minimum(value = "1")))]
    concurrency: Option<i64>,
    /// Jobs started in `rate_seconds`.
    #[oai(validator(minimum(value = "1")))]
    rate: Option<i64>,
    /// The seconds of `rate`; 1 if it never was set.
    #[oai(validator(minimum(value = "1"), maximum(value = "86400")))]
    rate_seconds: Option<i64>,
    /// Jobs of one limit key that run at once.
    #[oai(validator(minimum(value = "1")))]
    key_concurrency: Option<i64>,
    /// Jobs of one limit key started in `key_rate_seconds`.
    #[oai(validator(minimum(value = "1")))]
    key_rate: Option<i64>,
    /// The seconds of `key_rate`; 1 if it never was set.
    #[oai(validator(minimum(value = "1"), maximum(value = "86400")))]
    key_rate_seconds: Option<i64>,
    /// Kept in the audit trail.
    #[oai(validator(max_length = 500))]
    reason: Option<String>,
}

pub(crate) struct Limit {
    concurrency: Option<Option<i64>>,
    rate: Option<Option<i64>>,
    rate_seconds: Option<Option<i64>>,
    key_concurrency: Option<Option<i64>>,
    key_rate: Option<Option<i64>>,
    key_rate_seconds: Option<Option<i64>>,
    reason: Option<String>,
}

impl FromFields for Limit {
    type Schema = LimitDoc;

    fn read(fields: &mut Fields) -> Option<Self> {
        Some(Self {
            concurrency: fields.nullable("concurrency", read::integer(1..=1_000_000)),
            rate: fields.nullable("rate", read::integer(1..=1_000_000)),
            rate_seconds: fields.nullable("rate_seconds", read::integer(1..=86_400)),
            key_concurrency: fields.nullable("key_concurrency", read::integer(1..=1_000_000)),
            key_rate: fields.nullable("key_rate", read::integer(1..=1_000_000)),
            key_rate_seconds: fields.nullable("key_rate_seconds", read::integer(1..=86_400)),
            reason: reason(fields),
        })
    }
}

impl Limit {
    fn apply(&self, queue: &mut QueueSettings) {
        let set = |slot: &mut Option<i64>, given: Option<Option<i64>>| {
            if let Some(value) = given {
                *slot = value;
            }
        };
        set(&mut queue.concurrency, self.concurrency);
        set(&mut queue.rate, self.rate);
        set(&mut queue.rate_seconds, self.rate_seconds);
        set(&mut queue.key_concurrency, self.key_concurrency);
        set(&mut queue.key_rate, self.key_rate);
        set(&mut queue.key_rate_seconds, self.key_rate_seconds);
        queue.rate_seconds = queue.rate.map(|_| queue.rate_seconds.unwrap_or(1));
        queue.key_rate_seconds = queue.key_rate.map(|_| queue.key_rate_seconds.unwrap_or(1));
    }
}

#[OpenApi(prefix_path = "/api", tag = "Tag::Jobs")]
impl QueuesApi {
    /// List queues
    #[oai(path = "/queues", method = "get", operation_id = "listQueues")]
    async fn list(&self, app: Data<&App>, request: &Request) -> Result<Answer<Queues>, Problem> {
        params::check(request)?;
        let mut session = app.db.snapshot().await?;
        Ok(Answer::of(&Queues { queues: Figures::read(&mut session, app.clock.now()).await?.all() }))
    }

    /// Get a queue
    #[oai(path = "/queues/:name", method = "get", operation_id = "getQueue")]
    async fn get(
        &self,
        app: Data<&App>,
        request: &Request,
        /// The queue.
        name: Path<String>,
    ) -> Result<Answer<Queue>, Problem> {
        params::check(request)?;
        let mut session = app.db.snapshot().await?;
        let mut queues = Figures::read(&mut session, app.clock.now()).await?.all().into_iter();
        Ok(Answer::of(&queues.find(|queue| queue.name == *name).ok_or_else(missing)?))
    }

    /// Pause a queue
    ///
    /// What runs goes on; nothing new is given out, on any worker, until it is resumed or `until` has come.
    #[oai(path = "/queues/:name/pause", method = "post", operation_id = "pauseQueue")]
    async fn pause(
        &self,
        app: Data<&App>,
        request: &Request,
        /// The queue.
        name: Path<String>,
        body: Body<Pause>,
    ) -> Result<Answer<Queue>, Problem> {
        params::check(request)?;
        let Pause { reason, until } = body.value;
        let now = app.clock.now();
        if until.is_some_and(|until| until <= now) {
            return Err(Problem::unprocessable(vec![Issue::at("/until", "must be in the future")]));
        }
        let detail = json!({"reason": reason, "until": until});
        change(&app, &name, "queue.pause", detail, |queue| {
            if !queue.is_paused(now) {
                queue.paused_at = Some(now);
            }
            queue.paused_by = Some(app.principal().to_owned());
            queue.reason = reason;
            queue.until = until;
        })
        .await
    }

    /// Resume a queue
    #[oai(path = "/queues/:name/resume", method = "post", operation_id = "resumeQueue")]
    async fn resume(
        &self,
        app: Data<&App>,
        request: &Request,
        /// The queue.
        name: Path<String>,
        body: Body<Reason>,
    ) -> Result<Answer<Queue>, Problem> {
        params::check(request)?;
        let detail = json!({"reason": body.value.reason});
        change(&app, &name, "queue.resume", detail, |queue| {
            queue.paused_at = None;
            queue.paused_by = None;
            queue.reason = None;
            queue.until = None;
        })
        .await
    }

    /// Limit a queue
    ///
    /// The limits hold over all workers and take effect at once.
    #[oai(path = "/queues/:name", method = "patch", operation_id = "limitQueue")]
    async fn limit(
        &self,
        app: Data<&App>,
        request: &Request,
        /// The queue.
        name: Path<String>,
        body: Body<Limit>,
    ) -> Result<Answer<Queue>, Problem> {
        params::check(request)?;
        let limit = body.value;
        let detail = json!({
            "concurrency": limit.concurrency, "rate": limit.rate, "rate_seconds": limit.rate_seconds,
            "key_concurrency": limit.key_concurrency, "key_rate": limit.key_rate,
            "key_rate_seconds": limit.key_rate_seconds, "reason": limit.reason,
        });
        change(&app, &name, "queue.limit", detail, |queue| limit.apply(queue)).await
    }
}

/// How all queues fare.
pub(super) struct Figures {
    now: DateTime<Utc>,
    settings: Vec<QueueSettings>,
    depths: Vec<(String, JobState, i64)>,
    recent: Vec<Recent>,
    workers: Vec<WorkerRow>,
    oldest: HashMap<String, DateTime<Utc>>,
}

impl Figures {
    pub(super) async fn read(session: &mut Session, now: DateTime<Utc>) -> Result<Self, Problem> {
        let mut figures = Self {
            now,
            settings: jobs::settings(session).await?,
            depths: jobs::depths(session).await?,
            recent: jobs::recent(session, now).await?,
            workers: workers::list(session, now - ALIVE).await?,
            oldest: HashMap::new(),
        };
        for name in figures.names() {
            if let Some(at) = jobs::oldest_available(session, &name).await? {
                figures.oldest.insert(name, at);
            }
        }
        Ok(figures)
    }

    /// The product's queues, and whatever else has settings or jobs.
    pub(super) fn names(&self) -> Vec<String> {
        let known = queue::ALL.iter().copied().map(str::to_owned);
        let mut names: Vec<String> = known
            .chain(self.settings.iter().map(|queue| queue.name.clone()))
            .chain(self.depths.iter().map(|(queue, _, _)| queue.clone()))
            .collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    fn all(&self) -> Vec<Queue> {
        let settings = |name: &String| self.settings.iter().find(|queue| queue.name == *name).cloned();
        self.names().into_iter().map(|name| self.queue(settings(&name).unwrap_or_default(), name)).collect()
    }

    /// A queue with these settings.
    fn queue(&self, set: QueueSettings, name: String) -> Queue {
        let ended = self.recent.iter().find(|ended| ended.queue == name).cloned().unwrap_or_default();
        let attempts = ended.completed + ended.failed;
        let oldest = self.oldest.get(&name);
        let is_paused = set.is_paused(self.now);
        Queue {
            paused: is_paused,
            paused_at: set.paused_at.filter(|_| is_paused),
            paused_by: set.paused_by.filter(|_| is_paused),
            reason: set.reason.filter(|_| is_paused),
            until: set.until.filter(|_| is_paused),
            depth: depth(&self.depths, &name),
            oldest_available_seconds: oldest.map(|at| (self.now - at).num_milliseconds().max(0) as f64 / 1000.0),
            completed_per_minute: ended.completed_last_minute,
            failure_rate: (attempts > 0).then(|| ended.failed as f64 / attempts as f64),
            limits: Limits {
                concurrency: set.concurrency,
                rate: set.rate,
                rate_seconds: set.rate_seconds,
                key_concurrency: set.key_concurrency,
                key_rate: set.key_rate,
                key_rate_seconds: set.key_rate_seconds,
            },
            workers: self.workers.iter().filter(|worker| worker.queues.contains(&name)).count() as i64,
            name,
        }
    }
}

fn depth(depths: &[(String, JobState, i64)], name: &str) -> Depth {
    let mut depth = Depth::default();
    for (_, state, count) in depths.iter().filter(|(queue, _, _)| queue == name) {
        match state {
            JobState::Available => depth.available = *count,
            JobState::Scheduled => depth.scheduled = *count,
            JobState::Pending => depth.pending = *count,
            JobState::Running => depth.running = *count,
            JobState::Retryable => depth.retryable = *count,
            JobState::Discarded => depth.discarded = *count,
            JobState::Completed | JobState::Cancelled => {}
        }
    }
    depth
}

fn missing() -> Problem {
    Problem::not_found("the queue")
}

async fn change(
    app: &App,
    name: &str,
    action: &str,
    detail: serde_json::Value,
    set: impl FnOnce(&mut QueueSettings) + Send,
) -> Result<Answer<Queue>, Problem> {
    let figures = Figures::read(&mut app.db.snapshot().await?, app.clock.now()).await?;
    if !figures.names().iter().any(|known| known == name) {
        return Err(missing());
    }
    let mut tx = app.db.begin().await?;
    let before = jobs::lock_settings(&mut tx, name).await?;
    let mut after = before.clone();
    set(&mut after);
    if after != before {
        jobs::save_settings(&mut tx, &after).await?;
        audit::audit(&mut tx, app.clock.now(), app.principal(), action, name, &detail).await?;
    }
    tx.commit().await?;
    app.bus.wake(name);
    Ok(Answer::of(&figures.queue(after, name.to_owned())))
}
