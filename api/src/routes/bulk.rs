//! Bulk updates of tasks, and undoing them. The tasks are frozen when it is accepted; each is changed by a job of its own,
//! which exists before the answer: whatever is accepted after it takes effect after it.

mod input;

use poem::Request;
use poem::http::StatusCode;
use poem::web::Data;
use poem_openapi::param::Path;
use poem_openapi::payload::Json;
use poem_openapi::{ApiResponse, Object, OpenApi};
use serde::Serialize;
use serde_json::json;
use shared::domain::change::{Actor, TaskPatch};
use shared::jobs::{BulkUpdate, Job, NewJob, queue};
use shared::store::jobs::items::{self, Item};
use shared::store::jobs::{self, JobRow};
use shared::store::tasks::{self, Filter, TaskRow};
use shared::store::{Session, Tx, audit};

use self::input::{BulkInput, MOST, Whom};
use super::jobs::Reason;
use super::mutation::{Terms, job_location};
use super::task_input;
use crate::app::App;
use crate::body::Body;
use crate::openapi::Tag;
use crate::params;
use crate::payload::Answer;
use crate::problem::{Issue, Problem};

/// Tasks that a dry run shows.
const SAMPLE: usize = 10;

pub(crate) struct BulkApi;

/// What a bulk update would be about.
#[derive(Serialize, Object)]
pub(crate) struct BulkUpdatePreview {
    /// Tasks it would be about.
    matched: i64,
    /// Some of them.
    sample: Vec<TaskRow>,
}

/// A bulk update that was accepted.
#[derive(Serialize, Object)]
pub(crate) struct BulkUpdateAccepted {
    /// The job that gives account: its progress tells how far it is, its items what became of each task.
    job_id: String,
    /// Tasks it is about.
    matched: i64,
}

/// Answers of a bulk update.
#[derive(ApiResponse)]
pub(crate) enum BulkUpdateAnswer {
    /// What it would be about.
    #[oai(status = 200)]
    Preview(Answer<BulkUpdatePreview>),
    /// Accepted; follow the job.
    #[oai(status = 202)]
    Accepted(
        Json<BulkUpdateAccepted>,
        /// The job.
        #[oai(header = "Location")]
        String,
        /// What of `Prefer` was honoured.
        #[oai(header = "Preference-Applied")]
        Option<String>,
    ),
}

/// The answer of undoing one.
#[derive(ApiResponse)]
pub(crate) enum UndoAnswer {
    /// Accepted; follow the job.
    #[oai(status = 202)]
    Accepted(
        Json<BulkUpdateAccepted>,
        /// The job.
        #[oai(header = "Location")]
        String,
        /// What of `Prefer` was honoured.
        #[oai(header = "Preference-Applied")]
        Option<String>,
    ),
}

#[OpenApi(prefix_path = "/api/workflow", tag = "Tag::Tasks")]
impl BulkApi {
    /// Update many tasks
    ///
    /// With `dry_run` it only tells which. Otherwise each task that is meant now gets the change, in the order of its other
    /// mutations; the job's progress and items give the account.
    #[oai(path = "/bulk", method = "post", operation_id = "bulkUpdateTasks")]
    async fn bulk(
        &self,
        app: Data<&App>,
        request: &Request,
        body: Body<BulkInput>,
    ) -> Result<BulkUpdateAnswer, Problem> {
        let BulkInput { whom, updates, dry_run, reason } = body.value;
        task_input::ahead(updates.snoozed_until.flatten(), app.clock.now(), "/updates/snoozed_until")?;
        if dry_run {
            let mut session = app.db.snapshot().await?;
            let ids = matching(&mut session, &whom).await?;
            let sample = tasks::rows_of(&mut session, &ids[..ids.len().min(SAMPLE)]).await?;
            return Ok(BulkUpdateAnswer::Preview(Answer::of(&BulkUpdatePreview { matched: ids.len() as i64, sample })));
        }
        let terms = Terms::of(&app, request, "bulkUpdateTasks", &body.hash)?;
        let preference = terms.answered_at_once();
        let (accepted, location) =
            accept(&app, &terms, &Wish::Update { whom, updates: Box::new(updates) }, reason).await?;
        Ok(BulkUpdateAnswer::Accepted(Json(accepted), location, preference))
    }

    /// Undo a bulk update
    ///
    /// A bulk update of its own, about the tasks that the other one changed. Fields that still have what it put there get
    /// back what they had; a task where one has not is left alone, and told in the account as `changed since`.
    #[oai(path = "/bulk/:job_id/undo", method = "post", operation_id = "undoBulkUpdate")]
    async fn undo(
        &self,
        app: Data<&App>,
        request: &Request,
        /// The bulk update's job.
        job_id: Path<String>,
        body: Body<Reason>,
    ) -> Result<UndoAnswer, Problem> {
        params::check(request)?;
        let seq = job_id.parse().map_err(|_| Problem::not_found("the job"))?;
        let terms = Terms::of(&app, request, &format!("undoBulkUpdate/{seq}"), &body.hash)?;
        let reason = body.value.reason.unwrap_or_else(|| format!("undo of job {seq}"));
        let preference = terms.answered_at_once();
        let (accepted, location) = accept(&app, &terms, &Wish::Undo(seq), Some(reason)).await?;
        Ok(UndoAnswer::Accepted(Json(accepted), location, preference))
    }
}

/// The ids of the tasks that are meant: those of a filter newest first, those given as given.
async fn matching(session: &mut Session, whom: &Whom) -> Result<Vec<String>, Problem> {
    let filter = match whom {
        Whom::Ids(ids) => return Ok(ids.clone()),
        Whom::Filter(filter) => filter,
    };
    let ids = tasks::ids(session, filter, MOST as i64 + 1).await?;
    if ids.len() <= MOST {
        return Ok(ids);
    }
    let count = tasks::count(session, filter).await?;
    let detail = format!("means {count} tasks, and a bulk update is about at most {MOST}");
    Err(Problem::unprocessable(vec![Issue::at("/filter", detail)]))
}

/// What is to be done to many tasks.
enum Wish {
    Update { whom: Whom, updates: Box<TaskPatch> },
    Undo(i64),
}

impl Wish {
    /// The tasks it is about, what changes, and what it undoes.
    async fn read(&self, tx: &mut Tx) -> Result<(Vec<String>, TaskPatch, Option<i64>), Problem> {
        match self {
            Self::Update { whom, updates } => Ok((matching(tx, whom).await?, (**updates).clone(), None)),
            Self::Undo(seq) => {
                let job = jobs::lookup(tx, *seq).await?.ok_or_else(|| Problem::not_found("the job"))?;
                undoable(&job)?;
                let changed = items::list(tx, *seq, Some("changed"), "", MOST as i64).await?;
                Ok((changed.into_iter().map(|item| item.item).collect(), TaskPatch::default(), Some(*seq)))
            }
        }
    }

    fn filter(&self) -> Option<&Filter> {
        match self {
            Self::Update { whom: Whom::Filter(filter), .. } => Some(filter),
            _ => None,
        }
    }

    /// Its name in the audit trail.
    fn name(&self) -> &'static str {
        match self {
            Self::Update { .. } => "task.bulk-update",
            Self::Undo(_) => "task.bulk-undo",
        }
    }
}

fn undoable(job: &JobRow) -> Result<(), Problem> {
    if job.kind != BulkUpdate::KIND {
        let detail = format!("job {} is a {}, not a {}", job.seq, job.kind, BulkUpdate::KIND);
        return Err(Problem::unprocessable(vec![Issue::at("path/job_id", detail)]));
    }
    if job.state.is_final() {
        return Ok(());
    }
    let detail = format!("job {} is {}: only a bulk update that has ended can be undone", job.seq, job.state);
    Err(Problem::new(StatusCode::CONFLICT, detail))
}

/// Accepts a bulk update and makes its jobs; should this process end meanwhile, its own job makes the rest.
async fn accept(
    app: &App,
    terms: &Terms,
    wish: &Wish,
    reason: Option<String>,
) -> Result<(BulkUpdateAccepted, String), Problem> {
    if terms.expected_version.is_some() {
        let issue = Issue::at("header/If-Match", "means one version, and this is about many tasks");
        return Err(Problem::unprocessable(vec![issue]));
    }
    let (seq, bulk) = write(app, terms, wish, reason).await?;
    app.bus.wake(BulkUpdate::QUEUE);
    loop {
        let mut tx = app.db.begin().await?;
        if jobs::bulk::expand(&mut tx, seq, &bulk, app.clock.now()).await? == 0 {
            break;
        }
        tx.commit().await?;
        app.bus.wake(queue::MUTATIONS);
    }
    let job_id = seq.to_string();
    let location = job_location(&job_id);
    Ok((BulkUpdateAccepted { job_id, matched: bulk.matched }, location))
}

/// Writes job, frozen tasks, idempotency key and audit trail in one transaction, or finds what an equal request wrote.
async fn write(app: &App, terms: &Terms, wish: &Wish, reason: Option<String>) -> Result<(i64, BulkUpdate), Problem> {
    let actor = Actor { principal: app.principal().to_owned(), reason };
    // Two equal requests at once: the second finds the key taken and reads it at its second try.
    for _ in 0..2 {
        let mut tx = app.db.begin().await?;
        if let Some(first) = terms.repeated(&mut tx).await? {
            let bulk = serde_json::from_str(&first.args).map_err(|_| Problem::unavailable())?;
            return Ok((first.seq, bulk));
        }
        let now = app.clock.now();
        let (ids, updates, undoes) = wish.read(&mut tx).await?;
        let bulk = BulkUpdate { updates, actor: actor.clone(), matched: ids.len() as i64, undoes };
        let job = NewJob { trace_id: terms.trace_id.clone(), ..NewJob::of(&bulk, app.principal()) };
        let seq = jobs::enqueue(&mut tx, std::slice::from_ref(&job), now).await?[0].seq;
        let frozen = |item: String| Item { item, outcome: "pending".to_owned(), detail: None };
        items::add(&mut tx, seq, &ids.into_iter().map(frozen).collect::<Vec<_>>()).await?;
        if terms.remember(&mut tx, seq, now).await? {
            let detail = json!({
                "filter": wish.filter(), "matched": bulk.matched, "updates": bulk.updates, "undoes": undoes,
                "reason": actor.reason,
            });
            audit::audit(&mut tx, now, app.principal(), wish.name(), &seq.to_string(), &detail).await?;
            tx.commit().await?;
            return Ok((seq, bulk));
        }
    }
    Err(Problem::unavailable())
}
