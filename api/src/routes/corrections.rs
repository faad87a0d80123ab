//! What people say mails should have been read as.

use chrono::{DateTime, Utc};
use poem::Request;
use poem::web::Data;
use poem_openapi::param::Path;
use poem_openapi::payload::Json;
use poem_openapi::types::Any;
use poem_openapi::{Object, OpenApi};
use serde::Serialize;
use serde_json::Value;
use shared::domain::change::{Actor, TaskPatch};
use shared::domain::correction::{Correction, FIELDS, IS_NOISE};
use shared::domain::{Category, Cents, Priority, Status, WorkflowState};
use shared::jobs::{CorrectTask, NewJob};
use shared::store::corrections::{self, CorrectionFilter};
use shared::store::{Session, mail as mails, tasks};

use super::mutation::{AcceptedJob, Terms, Updated, applied, job_location, submit};
use super::task_input::{self, EntitiesDoc};
use super::{cursor, subject};
use crate::app::App;
use crate::body::{Body, Fields, FromFields, read};
use crate::openapi::Tag;
use crate::params::{self, Given};
use crate::payload::Answer;
use crate::problem::{Issue, Problem};

/// Longest id of a mail.
const ID: usize = 200;

pub(crate) struct CorrectionsApi;

/// What one field of a mail should have been read as.
#[derive(Serialize, Object)]
#[oai(rename = "Correction")]
pub(crate) struct CorrectionView {
    /// Its number, in order of writing.
    id: String,
    /// The task.
    task_id: String,
    /// The mail that was misread.
    email_id: String,
    /// `workflow_category`, `workflow_state`, `task_status`, `priority`, `dollar_value`, `entities` or `is_noise`.
    field: String,
    /// What the task showed; of entities the lists that the correction names.
    said: Any<Value>,
    /// What it should have been.
    corrected: Any<Value>,
    /// `correct` if somebody said so of the mail, `update` if a change of the task implies it.
    source: String,
    /// Who says so.
    principal: String,
    /// When.
    at: DateTime<Utc>,
}

/// Corrections, oldest first.
#[derive(Serialize, Object)]
#[oai(rename = "CorrectionList")]
pub(crate) struct Corrections {
    /// The corrections.
    corrections: Vec<CorrectionView>,
    /// For `cursor`; null at the end.
    next_cursor: Option<String>,
}

/// What a mail should have been read as: at least one field.
#[derive(Object)]
#[oai(rename = "CorrectTaskRequest")]
pub(crate) struct CorrectDoc {
    /// The mail; the one that opened the task if absent.
    #[oai(validator(max_length = 200))]
    email_id: Option<String>,
    /// What it is about.
    workflow_category: Option<Category>,
    /// How far it says the matter has come.
    workflow_state: Option<WorkflowState>,
    /// The colour it gives. COMPLETED goes with the state COMPLETION.
    task_status: Option<Status>,
    /// How soon it must be worked on.
    priority: Option<Priority>,
    /// Dollars at stake.
    dollar_value: Option<Cents>,
    /// Lists it should have given; null for none at all.
    entities: Option<EntitiesDoc>,
    /// True: it should have made no task. Not together with other fields. A task that it opened is deleted.
    is_noise: Option<bool>,
    /// Why, for the history.
    #[oai(validator(max_length = 1000))]
    reason: Option<String>,
}

/// A judged correction.
pub(crate) struct CorrectInput {
    email_id: Option<String>,
    patch: TaskPatch,
    is_noise: bool,
    reason: Option<String>,
}

impl FromFields for CorrectInput {
    type Schema = CorrectDoc;

    fn read(fields: &mut Fields) -> Option<Self> {
        let is_noise = fields.optional(IS_NOISE, |value| match value {
            Value::Bool(true) => Ok(true),
            _ => Err("must be true: whoever says what a mail is about says that it is no noise".to_owned()),
        });
        let input = Self {
            email_id: fields.optional("email_id", read::line(ID)),
            patch: TaskPatch {
                workflow_category: fields.some("workflow_category", task_input::category),
                workflow_state: fields.some("workflow_state", task_input::state),
                task_status: fields.some("task_status", task_input::status),
                priority: fields.some("priority", task_input::priority),
                dollar_value: fields.some("dollar_value", read::dollars),
                entities: task_input::entities(fields),
                ..TaskPatch::default()
            },
            is_noise: is_noise.unwrap_or_default(),
            reason: fields.optional("reason", read::text(1000)),
        };
        task_input::agree(fields, input.patch.task_status, input.patch.workflow_state);
        if input.is_noise && input.patch != TaskPatch::default() {
            fields.note(IS_NOISE, "cannot be given together with other fields: a mail that is noise has none of them");
        }
        Some(input)
    }
}

#[OpenApi(prefix_path = "/api/workflow", tag = "Tag::Mail")]
impl CorrectionsApi {
    /// Correct what a mail was read as
    ///
    /// Records what the mail should have been read as, and applies it to the task as an update does. With `is_noise` the
    /// mail becomes noise, and the task is deleted if that mail opened it. The answer has the task as it was left. The
    /// change is a durable job; the answer waits up to 2 s for it (`Prefer: wait=N` or `respond-async`).
    #[oai(path = "/correct/:task_id", method = "post", operation_id = "correctTask")]
    async fn correct(
        &self,
        app: Data<&App>,
        request: &Request,
        /// The task.
        task_id: Path<String>,
        body: Body<CorrectInput>,
    ) -> Result<Updated, Problem> {
        let task_id = subject::known(task_id.0, "the task")?;
        let terms = Terms::of(&app, request, &format!("correctTask/{task_id}"), &body.hash)?;
        let CorrectInput { email_id, patch, is_noise, reason } = body.value;
        if !is_noise && patch == TaskPatch::default() {
            return Err(Problem::bad_request("the body names no field to correct"));
        }
        named(&mut app.db.read().await?, &task_id, email_id.as_deref()).await?;
        let job = CorrectTask {
            correction_id: uuid::Uuid::now_v7().to_string(),
            task_id: task_id.clone(),
            email_id,
            patch,
            is_noise,
            expected_version: terms.expected_version,
            actor: Actor { principal: app.principal().to_owned(), reason },
        };
        let ended = submit(&app, NewJob::of(&job, app.principal()), terms).await?;
        let Some(result) = ended.outcome else {
            let location = job_location(&ended.job_id);
            return Ok(Updated::Later(Json(AcceptedJob { task_id, job_id: ended.job_id }), location, ended.preference));
        };
        let (body, tag) = applied(&task_id, &ended.job_id, &result);
        Ok(Updated::Done(body, tag, ended.preference))
    }

    /// List corrections
    ///
    /// Oldest first: those that people made of mails, and those that their changes of category, entities and value of
    /// tasks opened by mail imply. Of several corrections of one field of a mail the last holds.
    #[expect(clippy::too_many_arguments, reason = "one argument for each documented parameter")]
    #[oai(path = "/corrections", method = "get", operation_id = "listCorrections")]
    async fn list(
        &self,
        app: Data<&App>,
        request: &Request,
        /// Of these fields.
        field: Given<Vec<String>>,
        /// Made at this instant or later.
        from: Given<String>,
        /// Made at this instant or earlier.
        to: Given<String>,
        /// `next_cursor` of the page before.
        cursor: Given<i64>,
        /// Corrections at most, 1 to 200; 50 by default.
        limit: Given<i64>,
    ) -> Result<Answer<Corrections>, Problem> {
        let fields = field.0.unwrap_or_default();
        if fields.iter().any(|field| !FIELDS.contains(&field.as_str())) {
            params::note(request, "field", format!("must be one of {}", FIELDS.join(", ")));
        }
        let filter = CorrectionFilter {
            fields,
            from: from.instant(request, "from"),
            to: to.instant(request, "to"),
            after: cursor.within(request, "cursor", 0..=i64::MAX, 0),
        };
        let limit = limit.within(request, "limit", 1..=200, 50);
        params::check(request)?;
        let mut rows = corrections::list(&mut app.db.read().await?, &filter, limit + 1).await?;
        let next_cursor = cursor::cut(&mut rows, limit).map(|last| last.id.to_string());
        Ok(Answer::of(&Corrections { corrections: rows.into_iter().map(view).collect(), next_cursor }))
    }
}

/// Refuses a correction of a mail that is none of the task's. A task that is not there yet is left to the job, which
/// comes after what creates it.
async fn named(session: &mut Session, task_id: &str, email_id: Option<&str>) -> Result<(), Problem> {
    let wrong = |detail: &str| Err(Problem::unprocessable(vec![Issue::at("/email_id", detail)]));
    let task = tasks::lookup(session, task_id).await?.filter(|task| task.deleted_at.is_none());
    let Some(task) = task else { return Ok(()) };
    match email_id.or(task.email_id.as_deref()) {
        None => wrong("is required: no mail opened the task"),
        Some(id) if !mails::belongs(session, id, task_id).await? => wrong("is not one of the task's mails"),
        Some(_) => Ok(()),
    }
}

fn view(row: Correction) -> CorrectionView {
    let Correction { id, task_id, email_id, field, said, corrected, source, principal, at } = row;
    let (said, corrected) = (Any(said), Any(corrected));
    CorrectionView { id: id.to_string(), task_id, email_id, field, said, corrected, source, principal, at }
}
