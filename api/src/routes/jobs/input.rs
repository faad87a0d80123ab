//! What operators may say about jobs.

use chrono::{DateTime, Utc};
use poem_openapi::Object;
use serde_json::Value;
use shared::jobs::{BulkAction, JobState};
use shared::store::jobs::JobFilter;

use crate::body::{Fields, FromFields, read};

/// Characters of a reason.
const REASON: usize = 500;
/// Values of one condition.
const VALUES: usize = 1_000;

/// Why something is done.
#[derive(Object)]
#[oai(rename = "ReasonRequest")]
pub(crate) struct ReasonDoc {
    /// Kept in the audit trail.
    #[oai(validator(max_length = 500))]
    reason: Option<String>,
}

/// Why something is done.
pub(crate) struct Reason {
    pub(crate) reason: Option<String>,
}

impl FromFields for Reason {
    type Schema = ReasonDoc;
    const OPTIONAL: bool = true;

    fn read(fields: &mut Fields) -> Option<Self> {
        Some(Self { reason: reason(fields) })
    }
}

/// The field `reason`.
pub(crate) fn reason(fields: &mut Fields) -> Option<String> {
    fields.optional("reason", read::text(REASON))
}

/// What changes about a waiting job.
#[derive(Object)]
#[oai(rename = "EditJobRequest")]
pub(crate) struct EditDoc {
    /// 1 is most urgent, 4 least.
    #[oai(validator(minimum(value = "1"), maximum(value = "4")))]
    priority: Option<i16>,
    /// When it may run.
    run_at: Option<DateTime<Utc>>,
    /// Kept in the audit trail.
    #[oai(validator(max_length = 500))]
    reason: Option<String>,
}

/// What changes about a waiting job.
pub(crate) struct Edit {
    pub(crate) priority: Option<i16>,
    pub(crate) run_at: Option<DateTime<Utc>>,
    pub(crate) reason: Option<String>,
}

impl FromFields for Edit {
    type Schema = EditDoc;

    fn read(fields: &mut Fields) -> Option<Self> {
        let priority = fields.some("priority", read::integer(1..=4)).map(|priority| priority as i16);
        let run_at = fields.some("run_at", read::instant);
        let reason = reason(fields);
        if priority.is_none() && run_at.is_none() && fields.issues.is_empty() {
            fields.note("priority", "this or run_at is required");
        }
        Some(Self { priority, run_at, reason })
    }
}

/// What to do to many jobs.
#[derive(Object)]
#[oai(rename = "BulkJobsRequest")]
pub(crate) struct BulkDoc {
    /// What to do.
    action: BulkAction,
    /// To which jobs. At least one condition.
    filter: FilterDoc,
    /// Only count them, and show some.
    #[oai(default)]
    dry_run: bool,
    /// Kept in the audit trail.
    #[oai(validator(max_length = 500))]
    reason: Option<String>,
}

/// Conditions that all hold; of the values of one, any.
#[derive(Object)]
#[oai(rename = "JobFilter")]
pub(crate) struct FilterDoc {
    /// In one of these states.
    state: Option<Vec<JobState>>,
    /// Of one of these queues.
    queue: Option<Vec<String>>,
    /// Of one of these kinds.
    kind: Option<Vec<String>>,
    /// One of these.
    ids: Option<Vec<String>>,
    /// That change this task.
    task_id: Option<String>,
    /// With this text in their arguments.
    q: Option<String>,
    /// Run by this worker.
    worker: Option<String>,
    /// Made by this schedule.
    schedule: Option<String>,
    /// With this text in the error of an attempt.
    error: Option<String>,
    /// Accepted at this instant or later.
    from: Option<DateTime<Utc>>,
    /// Accepted at this instant or earlier.
    to: Option<DateTime<Utc>>,
}

/// What to do to many jobs.
pub(crate) struct Bulk {
    pub(crate) action: BulkAction,
    pub(crate) filter: JobFilter,
    pub(crate) dry_run: bool,
    pub(crate) reason: Option<String>,
}

impl FromFields for Bulk {
    type Schema = BulkDoc;

    fn read(fields: &mut Fields) -> Option<Self> {
        let action = fields.required("action", read::one_of(BulkAction::ALL, BulkAction::parse));
        let dry_run = fields.some("dry_run", |value| value.as_bool().ok_or("must be true or false".to_owned()));
        let reason = reason(fields);
        let map = fields
            .required("filter", |value| value.as_object().cloned().ok_or_else(|| "must be an object".to_owned()))?;
        let mut inner = Fields::of(map);
        let filter = filter(&mut inner);
        inner.refuse_the_rest();
        if filter.is_empty() && inner.issues.is_empty() {
            fields.note("filter", "must have a condition: to mean all jobs, name their states");
        }
        for issue in inner.issues {
            fields.note(&format!("filter{}", issue.pointer), issue.detail);
        }
        Some(Self { action: action?, filter, dry_run: dry_run.unwrap_or(false), reason })
    }
}

fn filter(fields: &mut Fields) -> JobFilter {
    let id = |value: &Value| {
        let number = value.as_str().and_then(|text| text.parse().ok());
        number.filter(|id: &i64| *id > 0).ok_or_else(|| "must be ids of jobs, as text".to_owned())
    };
    JobFilter {
        state: fields.some("state", read::list(8, read::one_of(JobState::ALL, JobState::parse))).unwrap_or_default(),
        queue: fields.some("queue", read::list(VALUES, read::line(100))).unwrap_or_default(),
        kind: fields.some("kind", read::list(VALUES, read::line(100))).unwrap_or_default(),
        ids: fields.some("ids", read::list(VALUES, id)).unwrap_or_default(),
        task_id: fields.some("task_id", read::line(100)),
        q: fields.some("q", read::line(200)),
        worker: fields.some("worker", read::line(200)),
        schedule: fields.some("schedule", read::line(100)),
        error: fields.some("error", read::line(200)),
        from: fields.some("from", read::instant),
        to: fields.some("to", read::instant),
    }
}
