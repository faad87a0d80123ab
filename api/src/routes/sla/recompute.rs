//! Deadlines after a change of the book: what would move, and moving it.

use poem::Request;
use poem::web::Data;
use poem_openapi::payload::Json;
use poem_openapi::{ApiResponse, Object, OpenApi};
use serde::Serialize;
use serde_json::{Value, json};
use shared::domain::change::Actor;
use shared::domain::sla::recompute::{Recomputed, recompute};
use shared::domain::sla::rules::Rules;
use shared::jobs::{Job, NewJob, RecomputeSla};
use shared::store::tasks::Filter;
use shared::store::{Session, audit, jobs, sla};

use super::super::jobs::reason;
use super::super::mutation::job_location;
use super::super::task_filter::{FilterDoc, filter_of};
use crate::app::App;
use crate::body::{Body, Fields, FromFields};
use crate::openapi::Tag;
use crate::params;
use crate::payload::Answer;
use crate::problem::Problem;

/// Tasks that a dry run shows.
const SAMPLE: usize = 20;
/// Tasks that a dry run looks at: some seconds of work.
const MOST: i64 = 100_000;
/// Tasks read at once.
const PAGE: i64 = 1_000;

pub(crate) struct SlaRecomputeApi;

/// What planning tasks anew would change.
#[derive(Default, Serialize, Object)]
pub(crate) struct SlaEffect {
    /// Open tasks that are meant.
    matched: i64,
    /// Tasks that were looked at: all that are meant, but the oldest 100,000 at most.
    examined: i64,
    /// Tasks of those that would get another plan.
    changed: i64,
    /// Some of them.
    sample: Vec<Recomputed>,
}

/// A recomputation that was accepted.
#[derive(Serialize, Object)]
pub(crate) struct SlaRecomputeAccepted {
    /// The job that does it; its progress tells how far it is.
    job_id: String,
    /// Open tasks it will look at.
    matched: i64,
}

/// Answers of recomputing.
#[derive(ApiResponse)]
pub(crate) enum RecomputeAnswer {
    /// What it would change.
    #[oai(status = 200)]
    Effect(Answer<SlaEffect>),
    /// Accepted; follow the job.
    #[oai(status = 202)]
    Accepted(
        Json<SlaRecomputeAccepted>,
        /// The job.
        #[oai(header = "Location")]
        String,
    ),
}

/// Which tasks are to be planned anew.
#[derive(Object)]
#[oai(rename = "RecomputeSlaRequest")]
pub(crate) struct RecomputeDoc {
    /// The open tasks that a list with these filters shows; all open ones without it.
    filter: Option<FilterDoc>,
    /// Only tell what would change.
    #[oai(default)]
    dry_run: bool,
    /// Kept in the history of each task that changes, and in the audit trail.
    #[oai(validator(max_length = 500))]
    reason: Option<String>,
}

pub(crate) struct Recompute {
    filter: Filter,
    dry_run: bool,
    reason: Option<String>,
}

impl FromFields for Recompute {
    type Schema = RecomputeDoc;
    const OPTIONAL: bool = true;

    fn read(fields: &mut Fields) -> Option<Self> {
        let object = |value: &Value| value.as_object().cloned().ok_or_else(|| "must be an object".to_owned());
        let flag = |value: &Value| value.as_bool().ok_or_else(|| "must be true or false".to_owned());
        let reason = reason(fields);
        let dry_run = fields.some("dry_run", flag).unwrap_or(false);
        let filter = fields.optional("filter", object).map(|map| {
            let mut inner = Fields::of(map);
            let filter = filter_of(&mut inner);
            if filter.status.iter().any(|status| status == "COMPLETED") {
                inner.note("status", "must not be COMPLETED: what is done keeps its deadline");
            }
            fields.adopt("filter", inner);
            filter
        });
        Some(Self { filter: filter.unwrap_or_default(), dry_run, reason })
    }
}

#[OpenApi(prefix_path = "/api", tag = "Tag::Sla")]
impl SlaRecomputeApi {
    /// Recompute deadlines
    ///
    /// Plans open tasks anew by the current book, from their beginning and with their pauses. Deadlines that were given
    /// stay. A second time changes nothing. With `dry_run` it only tells what would change.
    #[oai(path = "/sla/recompute", method = "post", operation_id = "recomputeSla")]
    async fn recompute(
        &self,
        app: Data<&App>,
        request: &Request,
        body: Body<Recompute>,
    ) -> Result<RecomputeAnswer, Problem> {
        params::check(request)?;
        let Recompute { filter, dry_run, reason } = body.value;
        if dry_run {
            let mut session = app.db.snapshot().await?;
            let rules = sla::rules(&mut session).await?;
            return Ok(RecomputeAnswer::Effect(Answer::of(&effect(&app, &mut session, &filter, &rules).await?)));
        }
        let now = app.clock.now();
        // What comes later is planned by the current book anyway.
        let filter = Filter { created_to: Some(filter.created_to.map_or(now, |to| to.min(now))), ..filter };
        let mut tx = app.db.begin().await?;
        let matched = sla::count_open(&mut tx, &filter).await?;
        let actor = Actor { principal: app.principal().to_owned(), reason: reason.clone() };
        let job = NewJob::of(&RecomputeSla { filter: filter.clone(), actor, matched }, app.principal());
        let seq = jobs::enqueue(&mut tx, std::slice::from_ref(&job), now).await?[0].seq;
        let detail = json!({"filter": filter, "matched": matched, "reason": reason});
        audit::audit(&mut tx, now, app.principal(), "sla.recompute", &seq.to_string(), &detail).await?;
        tx.commit().await?;
        app.bus.wake(RecomputeSla::QUEUE);
        let job_id = seq.to_string();
        let location = job_location(&job_id);
        Ok(RecomputeAnswer::Accepted(Json(SlaRecomputeAccepted { job_id, matched }), location))
    }
}

/// What these rules would make of the open tasks of a filter.
pub(super) async fn effect(
    app: &App,
    session: &mut Session,
    filter: &Filter,
    rules: &Rules,
) -> Result<SlaEffect, Problem> {
    let now = app.clock.now();
    let actor = Actor { principal: app.principal().to_owned(), reason: None };
    let mut effect = SlaEffect { matched: sla::count_open(session, filter).await?, ..SlaEffect::default() };
    let mut after: Option<sla::Place> = None;
    while effect.examined < MOST {
        let page = sla::open_tasks(session, filter, after.as_ref(), PAGE).await?;
        let Some(last) = page.last() else { break };
        after = Some((last.created_at, last.task_id.clone()));
        effect.examined += page.len() as i64;
        for task in &page {
            let Some(change) = recompute(task, rules, now, &actor) else { continue };
            effect.changed += 1;
            if effect.sample.len() < SAMPLE {
                effect.sample.push(Recomputed::of(task, &change.task));
            }
        }
    }
    Ok(effect)
}
