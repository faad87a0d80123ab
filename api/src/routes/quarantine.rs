//! Mail that was kept apart: put back to work, or given up.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use poem::Request;
use poem::http::StatusCode;
use poem::web::Data;
use poem_openapi::param::Path;
use poem_openapi::{ApiResponse, Object, OpenApi};
use serde::Serialize;
use serde_json::{Value, json};
use shared::jobs::{Job as _, NewJob, ProcessBatch};
use shared::store::mail::Email;
use shared::store::quarantine::{Kept, QuarantineFilter};
use shared::store::{Tx, audit, jobs, mail, quarantine};

use super::mutation::job_location;
use crate::app::App;
use crate::body::{Body, Fields, FromFields, read};
use crate::openapi::Tag;
use crate::params;
use crate::payload::Answer;
use crate::problem::Problem;

/// Mails of one replay at most; another takes the rest.
const MOST: i64 = 5_000;
/// Mails shown by a dry run.
const SAMPLE: usize = 20;

pub(crate) struct QuarantineApi;

/// A batch that was opened again.
#[derive(Serialize, Object)]
pub(crate) struct ReopenedBatch {
    /// The batch.
    batch_id: String,
    /// The job that works on it.
    job_id: String,
    /// Mails that were put back.
    mails: i64,
}

/// What a replay did, or would do.
#[derive(Serialize, Object)]
pub(crate) struct Replay {
    /// Mails that are meant; at most 5,000 at once.
    matched: i64,
    /// Of these, those of which only the first part was kept: they stay.
    incomplete: i64,
    /// The batches that were opened again; none in a dry run.
    batches: Vec<ReopenedBatch>,
    /// Of a dry run: the first of the mails.
    sample: Vec<KeptMail>,
}

/// A mail that was kept apart.
#[derive(Serialize, Object)]
#[oai(rename = "QuarantinedMail")]
pub(crate) struct KeptMail {
    /// Its id.
    id: String,
    /// Its batch.
    batch_id: String,
    /// Why it was kept apart.
    reason: Option<String>,
}

impl From<Kept> for KeptMail {
    fn from(kept: Kept) -> Self {
        Self { id: kept.id, batch_id: kept.batch_id, reason: kept.reason }
    }
}

/// Answers of replaying many mails.
#[derive(ApiResponse)]
pub(crate) enum Replays {
    /// Of a dry run.
    #[oai(status = 200)]
    Tried(Answer<Replay>),
    /// Put back; follow the jobs.
    #[oai(status = 202)]
    Accepted(Answer<Replay>),
}

/// Answers of replaying a mail.
#[derive(ApiResponse)]
pub(crate) enum Replayed {
    /// Put back; follow the job.
    #[oai(status = 202)]
    Accepted(
        Answer<ReopenedBatch>,
        /// The job.
        #[oai(header = "Location")]
        String,
    ),
}

/// Which mails are meant. What is absent is not asked for.
#[derive(Object)]
#[oai(rename = "QuarantineFilter")]
pub(crate) struct FilterDoc {
    /// These, at most 500.
    ids: Option<Vec<String>>,
    /// Those of this mailbox.
    mailbox: Option<String>,
    /// Those of this batch.
    batch_id: Option<String>,
    /// Those whose reason contains this text, such as `flood`.
    reason: Option<String>,
    /// Those taken in at or after this instant.
    received_from: Option<DateTime<Utc>>,
    /// Those taken in before this instant.
    received_to: Option<DateTime<Utc>>,
}

/// A replay of many mails.
#[derive(Object)]
#[oai(rename = "ReplayRequest")]
pub(crate) struct ReplayDoc {
    /// Which; an empty one means all.
    filter: FilterDoc,
    /// Whether nothing is done but counting; false if absent.
    dry_run: Option<bool>,
}

/// A judged replay.
pub(crate) struct ReplayInput {
    filter: QuarantineFilter,
    dry_run: bool,
}

impl FromFields for ReplayInput {
    type Schema = ReplayDoc;

    fn read(fields: &mut Fields) -> Option<Self> {
        let filter = match fields.take("filter") {
            Some(Value::Object(map)) => {
                let mut inner = Fields::of(map);
                let filter = QuarantineFilter {
                    ids: inner.optional("ids", read::list(500, read::line(100))).unwrap_or_default(),
                    mailbox: inner.optional("mailbox", read::line(200)),
                    batch_id: inner.optional("batch_id", read::line(100)),
                    reason: inner.optional("reason", read::line(200)),
                    received_from: inner.optional("received_from", read::instant),
                    received_to: inner.optional("received_to", read::instant),
                };
                fields.adopt("filter", inner);
                Some(filter)
            }
            // What means all is said, not left out.
            None => {
                fields.note("filter", "is required; {} means all");
                None
            }
            Some(_) => {
                fields.note("filter", "must be an object");
                None
            }
        };
        let flag = |value: &Value| value.as_bool().ok_or_else(|| "must be true or false".to_owned());
        let dry_run = fields.optional("dry_run", flag).unwrap_or_default();
        Some(Self { filter: filter?, dry_run })
    }
}

/// Why a mail is given up.
#[derive(Object)]
#[oai(rename = "DismissRequest")]
pub(crate) struct DismissDoc {
    /// Why; kept with the mail and in the audit.
    #[oai(validator(min_length = 1, max_length = 500))]
    reason: String,
}

/// A judged reason.
pub(crate) struct Dismiss(String);

impl FromFields for Dismiss {
    type Schema = DismissDoc;

    fn read(fields: &mut Fields) -> Option<Self> {
        fields.required("reason", read::line(500)).map(Self)
    }
}

#[OpenApi(prefix_path = "/api/workflow", tag = "Tag::Mail")]
impl QuarantineApi {
    /// Put a quarantined mail back to work
    ///
    /// Its batch is opened again, and its account adds up before and after. What guards against floods lets it pass. A mail
    /// that is not quarantined, or of which only the first part was kept, is answered 409.
    #[oai(path = "/emails/:email_id/replay", method = "post", operation_id = "replayEmail")]
    async fn replay(
        &self,
        app: Data<&App>,
        request: &Request,
        /// The mail.
        email_id: Path<String>,
    ) -> Result<Replayed, Problem> {
        params::check(request)?;
        let mut tx = app.db.begin().await?;
        mail::lock_intake(&mut tx).await?;
        let email = quarantined(&mut tx, &email_id).await?;
        let filter = QuarantineFilter { ids: vec![email.id.clone()], ..QuarantineFilter::default() };
        let kept = quarantine::find(&mut tx, &filter, 1).await?;
        if kept.iter().any(|kept| !kept.is_whole) {
            return Err(Problem::new(StatusCode::CONFLICT, "only the first part of the mail was kept"));
        }
        let batch = reopen(&app, &mut tx, &email.batch_id, &[&email.id]).await?;
        let detail = json!({"batch_id": batch.batch_id, "reason": email.reason});
        audit::audit(&mut tx, app.clock.now(), app.principal(), "email.replay", &email.id, &detail).await?;
        tx.commit().await?;
        app.bus.wake(ProcessBatch::QUEUE);
        let location = job_location(&batch.job_id);
        Ok(Replayed::Accepted(Answer::of(&batch), location))
    }

    /// Put quarantined mails back to work
    ///
    /// At most 5,000 at once, the oldest first.
    #[oai(path = "/quarantine/replay", method = "post", operation_id = "replayQuarantine")]
    async fn replay_many(&self, app: Data<&App>, body: Body<ReplayInput>) -> Result<Replays, Problem> {
        let ReplayInput { filter, dry_run } = body.value;
        if dry_run {
            let kept = quarantine::find(&mut app.db.read().await?, &filter, MOST).await?;
            let (matched, incomplete) = counted(&kept);
            let sample = kept.into_iter().take(SAMPLE).map(KeptMail::from).collect();
            return Ok(Replays::Tried(Answer::of(&Replay { matched, incomplete, batches: Vec::new(), sample })));
        }
        let mut tx = app.db.begin().await?;
        mail::lock_intake(&mut tx).await?;
        let kept = quarantine::find(&mut tx, &filter, MOST).await?;
        let (matched, incomplete) = counted(&kept);
        let mut by_batch: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for kept in kept.iter().filter(|kept| kept.is_whole) {
            by_batch.entry(&kept.batch_id).or_default().push(&kept.id);
        }
        let mut batches = Vec::with_capacity(by_batch.len());
        for (batch_id, ids) in by_batch {
            batches.push(reopen(&app, &mut tx, batch_id, &ids).await?);
        }
        let detail = json!({"matched": matched, "incomplete": incomplete, "filter": shown(&filter)});
        audit::audit(&mut tx, app.clock.now(), app.principal(), "quarantine.replay", "emails", &detail).await?;
        tx.commit().await?;
        app.bus.wake(ProcessBatch::QUEUE);
        Ok(Replays::Accepted(Answer::of(&Replay { matched, incomplete, batches, sample: Vec::new() })))
    }

    /// Give a quarantined mail up
    ///
    /// It counts as noise from then on, with the reason; its bytes are kept. A mail that is not quarantined is answered 409.
    #[oai(path = "/emails/:email_id/dismiss", method = "post", operation_id = "dismissEmail")]
    async fn dismiss(
        &self,
        app: Data<&App>,
        /// The mail.
        email_id: Path<String>,
        body: Body<Dismiss>,
    ) -> Result<Answer<Email>, Problem> {
        let Dismiss(reason) = body.value;
        let mut tx = app.db.begin().await?;
        mail::lock_intake(&mut tx).await?;
        let email = quarantined(&mut tx, &email_id).await?;
        let principal = app.principal();
        quarantine::dismiss(&mut tx, &email.id, &format!("dismissed by {principal}: {reason}")).await?;
        let detail = json!({"batch_id": email.batch_id, "reason": reason, "was": email.reason});
        audit::audit(&mut tx, app.clock.now(), principal, "email.dismiss", &email.id, &detail).await?;
        let email = mail::lookup(&mut tx, &email.id).await?.ok_or_else(|| Problem::not_found("the mail"))?;
        tx.commit().await?;
        Ok(Answer::of(&email))
    }
}

async fn quarantined(tx: &mut Tx, id: &str) -> Result<Email, Problem> {
    let email = mail::lookup(tx, id).await?.ok_or_else(|| Problem::not_found("the mail"))?;
    if email.outcome == "quarantined" {
        return Ok(email);
    }
    Err(Problem::new(StatusCode::CONFLICT, format!("the mail is not quarantined but {}", email.outcome)))
}

async fn reopen(app: &App, tx: &mut Tx, batch_id: &str, ids: &[&str]) -> Result<ReopenedBatch, Problem> {
    let job = NewJob::of(&ProcessBatch { batch_id: batch_id.to_owned() }, app.principal());
    let seq = jobs::enqueue(tx, &[job], app.clock.now()).await?[0].seq;
    let mails = quarantine::reopen(tx, batch_id, ids, seq).await? as i64;
    Ok(ReopenedBatch { batch_id: batch_id.to_owned(), job_id: seq.to_string(), mails })
}

fn counted(kept: &[Kept]) -> (i64, i64) {
    (kept.len() as i64, kept.iter().filter(|kept| !kept.is_whole).count() as i64)
}

fn shown(filter: &QuarantineFilter) -> Value {
    json!({
        "ids": filter.ids, "mailbox": filter.mailbox, "batch_id": filter.batch_id, "reason": filter.reason,
        "received_from": filter.received_from, "received_to": filter.received_to,
    })
}
