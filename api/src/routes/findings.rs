//! What was found to be wrong with tasks, and who says that it is not.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, SecondsFormat, Utc};
use poem::Request;
use poem::http::StatusCode;
use poem::web::Data;
use poem_openapi::param::Path;
use poem_openapi::{Object, OpenApi};
use serde::Serialize;
use serde_json::json;
use shared::domain::finding::{self, Finding};
use shared::store::{audit, findings, tasks};

use super::{cursor, subject};
use crate::app::App;
use crate::body::{Body, Fields, FromFields, read};
use crate::openapi::Tag;
use crate::params::{self, Given};
use crate::payload::Answer;
use crate::problem::Problem;

const STATES: [&str; 3] = ["open", "dismissed", "resolved"];
const KINDS: [&str; 2] = ["duplicate-order", "po-conflict"];

pub(crate) struct FindingsApi;

/// Findings, the newest first.
#[derive(Serialize, Object)]
#[oai(rename = "FindingList")]
pub(crate) struct Findings {
    /// The findings.
    findings: Vec<Finding>,
    /// For `cursor`; null at the end.
    next_cursor: Option<String>,
}

/// Why a finding is none.
#[derive(Object)]
#[oai(rename = "DismissFindingRequest")]
pub(crate) struct DismissDoc {
    /// Why, for the history of each task.
    #[oai(validator(min_length = 1, max_length = 1000))]
    reason: String,
}

/// A judged dismissal.
pub(crate) struct DismissInput(String);

impl FromFields for DismissInput {
    type Schema = DismissDoc;

    fn read(fields: &mut Fields) -> Option<Self> {
        fields.required("reason", read::line(1000)).map(Self)
    }
}

#[OpenApi(prefix_path = "/api/workflow", tag = "Tag::Tasks")]
impl FindingsApi {
    /// List findings
    ///
    /// Orders that came twice, and purchase order numbers that two customers or two totals claim; the newest first. They are
    /// looked for by the schedule `pattern-mining`.
    #[oai(path = "/findings", method = "get", operation_id = "listFindings")]
    #[expect(clippy::too_many_arguments, reason = "one argument for each documented parameter")]
    async fn list(
        &self,
        app: Data<&App>,
        request: &Request,
        /// `open`, `dismissed` or `resolved`; all by default.
        state: Given<String>,
        /// `duplicate-order` or `po-conflict`.
        kind: Given<String>,
        /// About this task.
        task_id: Given<String>,
        /// `next_cursor` of the page before.
        cursor: Given<String>,
        /// Findings at most, 1 to 200; 50 by default.
        limit: Given<i64>,
    ) -> Result<Answer<Findings>, Problem> {
        let state = state.one_of(request, "state", &STATES);
        let kind = kind.one_of(request, "kind", &KINDS);
        let task_id = task_id.text(request, "task_id", 200);
        let limit = limit.within(request, "limit", 1..=200, 50);
        let after = cursor.0.and_then(|text| {
            let after = place(&text);
            if after.is_none() {
                params::note(request, "cursor", "is not a cursor of this list");
            }
            after
        });
        params::check(request)?;
        let after = after.as_ref().map(|(at, id)| (*at, id.as_str()));
        let which = (state.as_deref(), kind.as_deref(), task_id.as_deref());
        let mut rows = findings::list(&mut app.db.read().await?, which, after, limit + 1).await?;
        let next_cursor = cursor::cut(&mut rows, limit).map(|last| {
            let at = last.found_at.to_rfc3339_opts(SecondsFormat::AutoSi, true);
            URL_SAFE_NO_PAD.encode(format!("{at} {}", last.id))
        });
        Ok(Answer::of(&Findings { findings: rows, next_cursor }))
    }

    /// Dismiss a finding
    ///
    /// It is not found again while its tasks are about the same. One that is dismissed already stays as it is; one that no
    /// longer holds answers 409.
    #[oai(path = "/findings/:id/dismiss", method = "post", operation_id = "dismissFinding")]
    async fn dismiss(
        &self,
        app: Data<&App>,
        request: &Request,
        /// The finding.
        id: Path<String>,
        body: Body<DismissInput>,
    ) -> Result<Answer<Finding>, Problem> {
        params::check(request)?;
        let id = subject::known(id.0, "the finding")?;
        let now = app.clock.now();
        let mut tx = app.db.begin().await?;
        let found = findings::lock(&mut tx, &id).await?.ok_or_else(|| Problem::not_found("the finding"))?;
        match found.state.as_str() {
            "dismissed" => return Ok(Answer::of(&found)),
            "resolved" => return Err(Problem::new(StatusCode::CONFLICT, "the finding no longer holds")),
            _ => {}
        }
        let dismissed = Finding {
            state: "dismissed".to_owned(),
            dismissed_by: Some(app.principal().to_owned()),
            dismissed_at: Some(now),
            reason: Some(body.value.0),
            ..found
        };
        findings::save(&mut tx, &dismissed).await?;
        for task_id in &dismissed.task_ids {
            if let Some(task) = tasks::lookup(&mut tx, task_id).await? {
                tasks::save_trail(&mut tx, &finding::told(&task, &dismissed, app.principal(), now)).await?;
            }
        }
        let detail = json!({"kind": dismissed.kind, "task_ids": dismissed.task_ids, "reason": dismissed.reason});
        audit::audit(&mut tx, now, app.principal(), "finding.dismiss", &id, &detail).await?;
        tx.commit().await?;
        Ok(Answer::of(&dismissed))
    }
}

/// Instant and id that a cursor stands for.
fn place(cursor: &str) -> Option<(DateTime<Utc>, String)> {
    let text = String::from_utf8(URL_SAFE_NO_PAD.decode(cursor).ok()?).ok()?;
    let (at, id) = text.split_once(' ')?;
    let at = DateTime::parse_from_rfc3339(at).ok()?.to_utc();
    (!id.contains('\0')).then(|| (at, id.to_owned()))
}
