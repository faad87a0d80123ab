//! How the queues stood and what ended in them, over time.

use chrono::{DateTime, TimeDelta, Utc};
use poem::Request;
use poem::web::Data;
use poem_openapi::{Object, OpenApi};
use serde::Serialize;
use shared::jobs::Times;
use shared::store::jobs::history::{self, Point};

use super::queues::Figures;
use crate::app::App;
use crate::openapi::Tag;
use crate::params::{self, Given, note};
use crate::payload::Answer;
use crate::problem::{Issue, Problem};

/// Points of one answer.
const MOST_POINTS: i64 = 1_500;
/// Points that are aimed at where no step is given.
const SOME_POINTS: i64 = 400;
/// Steps to choose from where none is given, in seconds.
const STEPS: [i64; 5] = [60, 300, 900, 1_800, 3_600];

pub(crate) struct QueueHistoryApi;

/// How a queue, or all together, fared over time.
#[derive(Serialize, Object)]
pub(crate) struct QueueHistory {
    /// The queue that was asked for; null for all together.
    queue: Option<String>,
    /// Seconds that a point stands for.
    step_seconds: i64,
    /// The points, oldest first. One of which nothing is known is absent: nobody looked, and nothing ended.
    points: Vec<HistoryPoint>,
}

/// How a queue, or all together, fared in a step.
#[derive(Serialize, Object)]
#[oai(rename = "QueueHistoryPoint")]
pub(crate) struct HistoryPoint {
    /// When the step begins: a multiple of its seconds since 1970.
    at: DateTime<Utc>,
    /// The queue that was asked for; null for all together.
    queue: Option<String>,
    /// Minutes of the step that something is known of: what a sum is to be divided by to be one of a minute.
    minutes: i64,
    /// Unfinished jobs by state when a minute was over, the most of each in the step; null if nobody looked.
    depth: Option<DepthThen>,
    /// The longest that a job that might run had been waiting when a minute was over; null if none was, or nobody looked.
    oldest_available_seconds: Option<f64>,
    /// Jobs completed in the step.
    completed: i64,
    /// Attempts that failed in the step.
    failed: i64,
    /// Jobs that failed for good in the step.
    discarded: i64,
    /// Failed attempts, of all that ended in the step, from 0 to 1; null if none did.
    failure_rate: Option<f64>,
    /// From the time a job might run to the start of its first attempt, of the jobs that were completed or failed for good in
    /// the step and had one attempt.
    wait_ms: Percentiles,
    /// Of each attempt that ended in the step.
    run_ms: Percentiles,
}

/// Unfinished jobs by state.
#[derive(Serialize, Object)]
#[oai(rename = "QueueDepthThen")]
pub(crate) struct DepthThen {
    /// Might run.
    available: i64,
    /// Ran later.
    scheduled: i64,
    /// Waited for an earlier job of their key.
    pending: i64,
    /// Ran.
    running: i64,
    /// Had failed, and ran again later.
    retryable: i64,
}

/// Milliseconds that so many of a hundred do not exceed; null of none. Exact up to 63, then within 1.6 %.
#[derive(Serialize, Object)]
pub(crate) struct Percentiles {
    /// Half of them.
    p50: Option<i64>,
    /// 95 of 100.
    p95: Option<i64>,
    /// 99 of 100.
    p99: Option<i64>,
}

impl Percentiles {
    fn of(times: &Times) -> Self {
        let [p50, p95, p99] = [50, 95, 99].map(|percent| times.percentile(percent));
        Self { p50, p95, p99 }
    }
}

impl HistoryPoint {
    fn of(point: &Point, queue: Option<&str>) -> Self {
        let ended = &point.ended;
        let attempts = ended.completed + ended.failed;
        Self {
            at: history::start_of(point.minute),
            queue: queue.map(str::to_owned),
            minutes: point.minutes,
            depth: point.standing.map(|then| DepthThen {
                available: then.available,
                scheduled: then.scheduled,
                pending: then.pending,
                running: then.running,
                retryable: then.retryable,
            }),
            oldest_available_seconds: point.oldest_ms.map(|ms| ms as f64 / 1000.0),
            completed: ended.completed,
            failed: ended.failed,
            discarded: ended.discarded,
            failure_rate: (attempts > 0).then(|| ended.failed as f64 / attempts as f64),
            wait_ms: Percentiles::of(&ended.waits),
            run_ms: Percentiles::of(&ended.runs),
        }
    }
}

#[OpenApi(prefix_path = "/api", tag = "Tag::Jobs")]
impl QueueHistoryApi {
    /// Read the history of the queues
    ///
    /// Written once a minute, as soon as the minute is over, by the schedule `metrics-refresh`, and kept for 7 days. What
    /// ended in minutes in which it did not run is made up for, up to 12 hours back; how the queues stood then is not known.
    /// The step that is not over yet counts the minutes that are.
    #[oai(path = "/queues/history", method = "get", operation_id = "readQueueHistory")]
    async fn read(
        &self,
        app: Data<&App>,
        request: &Request,
        /// Of this queue; of all together by default.
        queue: Given<String>,
        /// From the step that began before or at this instant; by default an hour before `to`. It may lie 7 days before `to`
        /// at most.
        from: Given<String>,
        /// Without the minutes that begin at this instant or later; by default up to now.
        to: Given<String>,
        /// Seconds of a point, a multiple of 60; 60 to 86400. By default the least of 60, 300, 900, 1800 and 3600 that makes
        /// 400 points at most; a given one may make 1,500.
        step: Given<i64>,
    ) -> Result<Answer<QueueHistory>, Problem> {
        let queue = queue.text(request, "queue", 100);
        let span = Span::judge(request, from, to, &step, app.clock.now());
        params::check(request)?;
        let mut session = app.db.snapshot().await?;
        let Span { from, to, step } = span;
        let found = history::points(&mut session, queue.as_deref(), from, to, step).await?;
        if let Some(name) = queue.as_ref().filter(|_| found.is_empty()) {
            let known = Figures::read(&mut session, app.clock.now()).await?.names();
            if !known.contains(name) {
                return Err(Problem::unprocessable(vec![Issue::at("query/queue", "is not a queue")]));
            }
        }
        let points = found.iter().map(|point| HistoryPoint::of(point, queue.as_deref())).collect();
        Ok(Answer::of(&QueueHistory { step_seconds: step * 60, points, queue }))
    }
}

/// What is asked for, in minutes since 1970.
struct Span {
    from: i64,
    to: i64,
    step: i64,
}

impl Span {
    fn judge(request: &Request, from: Given<String>, to: Given<String>, step: &Given<i64>, now: DateTime<Utc>) -> Self {
        let given_to = to.instant(request, "to");
        let until = given_to.unwrap_or(now);
        let since = from.instant(request, "from").unwrap_or_else(|| until - TimeDelta::hours(1));
        if since >= until {
            note(request, "from", if given_to.is_some() { "must be before `to`" } else { "must be in the past" });
        } else if until - since > history::KEPT {
            note(request, "from", format!("must be at most {} days before `to`", history::KEPT.num_days()));
        }
        let seconds = (until - since).num_seconds().max(0);
        let most = |step: i64| seconds / step;
        let step = match step.0 {
            None => STEPS.into_iter().find(|step| most(*step) <= SOME_POINTS).unwrap_or(STEPS[STEPS.len() - 1]),
            Some(step) if !(60..=86_400).contains(&step) || step % 60 != 0 => {
                note(request, "step", "must be a multiple of 60, from 60 to 86400");
                60
            }
            Some(step) => {
                if most(step) > MOST_POINTS {
                    note(
                        request,
                        "step",
                        format!("makes {} points of this time; {MOST_POINTS} is the most", most(step)),
                    );
                }
                step
            }
        };
        let step = step / 60;
        // Minutes that began before `to`, one that is cut by it included.
        let to = history::minute_of(until - TimeDelta::milliseconds(1)) + 1;
        Self { from: history::minute_of(since).div_euclid(step) * step, to, step }
    }
}
