//! Messages to webhooks: how they fare, and what can be done about it.

use chrono::{DateTime, Utc};
use poem::Request;
use poem::http::StatusCode;
use poem::web::Data;
use poem_openapi::param::Path;
use poem_openapi::{Object, OpenApi};
use serde::Serialize;
use serde_json::json;
use shared::events::ephemeral;
use shared::jobs::{DeliverWebhook, NewJob, queue};
use shared::store::jobs::{self, Verdict, Wish};
use shared::store::webhooks::{self, Delivery as State, DeliveryRow, NewDelivery, WebhookState};
use shared::store::{Tx, audit};

use super::{WHAT, missing};
use crate::app::App;
use crate::body::Body;
use crate::openapi::Tag;
use crate::params::{self, Given};
use crate::payload::Answer;
use crate::problem::Problem;
use crate::routes::jobs::Reason;
use crate::routes::{cursor, subject};

pub(crate) struct DeliveriesApi;

/// A message to a webhook.
#[derive(Serialize, Object)]
#[oai(rename = "WebhookDelivery")]
pub(crate) struct Delivery {
    /// Its number, a decimal in order of writing.
    id: String,
    /// The header `webhook-id`, the same at every attempt.
    message_id: String,
    /// The event it is about.
    event: String,
    /// The event's id; null for a test.
    event_id: Option<String>,
    /// Where it stands.
    state: State,
    /// Attempts made.
    attempts: i64,
    /// When it was last tried.
    last_attempt_at: Option<DateTime<Utc>>,
    /// Milliseconds that took.
    last_took_ms: Option<i64>,
    /// The status it was answered with, if it was answered.
    last_status: Option<i32>,
    /// What went wrong.
    last_error: Option<String>,
    /// The first KiB of the answer.
    last_response: Option<String>,
    /// When it is tried again, if it waits for that.
    next_attempt_at: Option<DateTime<Utc>>,
    /// The job that delivers it.
    job_id: Option<String>,
    /// When it was written.
    created_at: DateTime<Utc>,
    /// When it was delivered or given up.
    finished_at: Option<DateTime<Utc>>,
}

/// Messages, newest first.
#[derive(Serialize, Object)]
#[oai(rename = "WebhookDeliveryList")]
pub(crate) struct Deliveries {
    /// The messages.
    deliveries: Vec<Delivery>,
    /// For `cursor`; null at the end.
    next_cursor: Option<String>,
}

#[OpenApi(prefix_path = "/api", tag = "Tag::Notifications")]
impl DeliveriesApi {
    /// Send a webhook a test message
    ///
    /// The event `workflow:webhook:test`, signed and retried as any other, also to a disabled webhook. How it fares is among
    /// the webhook's deliveries.
    #[oai(path = "/webhooks/:webhook_id/test", method = "post", operation_id = "testWebhook")]
    async fn test(
        &self,
        app: Data<&App>,
        request: &Request,
        /// The webhook.
        webhook_id: Path<String>,
        body: Body<Reason>,
    ) -> Result<Answer<Delivery>, Problem> {
        params::check(request)?;
        let id = subject::known(webhook_id.0, WHAT)?;
        let now = app.clock.now();
        let mut tx = app.db.begin().await?;
        webhooks::lock(&mut tx, &id).await?.ok_or_else(missing)?;
        let event = "workflow:webhook:test";
        let frame = ephemeral(event, &json!({"webhookId": id, "timestamp": now}), now);
        let message = NewDelivery {
            webhook_id: id.clone(),
            message_id: format!("msg_test_{}", uuid::Uuid::now_v7().simple()),
            event_id: None,
            event: event.to_owned(),
            body: frame.json.to_string(),
        };
        let delivery = webhooks::plan(&mut tx, &[message], now).await?[0];
        deliver(&mut tx, delivery, app.principal(), now).await?;
        let detail = json!({"reason": body.value.reason});
        audit::audit(&mut tx, now, app.principal(), "webhook.test", &id, &detail).await?;
        finish(&app, tx, delivery).await
    }

    /// List a webhook's deliveries
    #[oai(path = "/webhooks/:webhook_id/deliveries", method = "get", operation_id = "listWebhookDeliveries")]
    async fn list(
        &self,
        app: Data<&App>,
        request: &Request,
        /// The webhook.
        webhook_id: Path<String>,
        /// `pending`, `delivered` or `dead` (given up).
        state: Given<String>,
        /// `next_cursor` of the page before.
        cursor: Given<i64>,
        /// Messages at most, 1 to 200; 50 by default.
        limit: Given<i64>,
    ) -> Result<Answer<Deliveries>, Problem> {
        let known: Vec<&str> = State::ALL.iter().map(|state| state.as_str()).collect();
        let state = state.one_of(request, "state", &known).and_then(|state| State::parse(&state));
        let limit = limit.within(request, "limit", 1..=200, 50);
        params::check(request)?;
        let id = subject::known(webhook_id.0, WHAT)?;
        let mut session = app.db.read().await?;
        webhooks::lookup(&mut session, &id).await?.ok_or_else(missing)?;
        let mut rows = webhooks::list_deliveries(&mut session, &id, state, cursor.0, limit + 1).await?;
        let next_cursor = cursor::cut(&mut rows, limit).map(|last| last.seq.to_string());
        Ok(Answer::of(&Deliveries { deliveries: rows.into_iter().map(view).collect(), next_cursor }))
    }

    /// Deliver a message now
    ///
    /// One that was given up or delivered is sent again, with all attempts; one that waits is tried at once. Its id stays,
    /// so that a receiver knows a message it has. For a disabled webhook the answer is 409.
    #[oai(
        path = "/webhooks/:webhook_id/deliveries/:delivery_id/retry",
        method = "post",
        operation_id = "retryWebhookDelivery"
    )]
    async fn retry(
        &self,
        app: Data<&App>,
        request: &Request,
        /// The webhook.
        webhook_id: Path<String>,
        /// The message's number.
        delivery_id: Path<String>,
        body: Body<Reason>,
    ) -> Result<Answer<Delivery>, Problem> {
        params::check(request)?;
        let id = subject::known(webhook_id.0, WHAT)?;
        let unknown = || Problem::not_found("the delivery");
        let seq: i64 = delivery_id.parse().map_err(|_| unknown())?;
        let now = app.clock.now();
        let mut tx = app.db.begin().await?;
        let webhook = webhooks::lock(&mut tx, &id).await?.ok_or_else(missing)?;
        let row = webhooks::delivery(&mut tx, seq).await?.filter(|row| row.webhook_id == id).ok_or_else(unknown)?;
        if webhook.state == WebhookState::Disabled && row.event_id.is_some() {
            return Err(Problem::new(StatusCode::CONFLICT, "the webhook is disabled; enable it first"));
        }
        let reason = body.value.reason;
        if !hurried(&mut tx, &row, Wish { principal: app.principal(), reason: reason.as_deref(), now }).await? {
            webhooks::reopen(&mut tx, seq).await?;
            deliver(&mut tx, seq, app.principal(), now).await?;
        }
        let detail = json!({"delivery": seq.to_string(), "reason": reason});
        audit::audit(&mut tx, now, app.principal(), "webhook.retry", &id, &detail).await?;
        finish(&app, tx, seq).await
    }
}

/// Has the job of a waiting message run now; `false` if there is none.
async fn hurried(tx: &mut Tx, row: &DeliveryRow, wish: Wish<'_>) -> Result<bool, Problem> {
    let Some(job) = row.job_seq.filter(|_| row.state == State::Pending) else { return Ok(false) };
    Ok(match jobs::run(tx, job, wish).await? {
        Verdict::Changed(_) | Verdict::Unchanged(_) => true,
        Verdict::Missing | Verdict::Refused(_) => false,
    })
}

/// Writes the job that delivers a message: the one that is there, if there is one.
async fn deliver(tx: &mut Tx, delivery: i64, principal: &str, now: DateTime<Utc>) -> Result<(), Problem> {
    let job = NewJob::of(&DeliverWebhook { delivery }, principal);
    let accepted = jobs::enqueue(tx, &[job], now).await?;
    Ok(webhooks::adopt(tx, &[(delivery, accepted[0].seq)]).await?)
}

async fn finish(app: &App, mut tx: Tx, delivery: i64) -> Result<Answer<Delivery>, Problem> {
    let row = webhooks::delivery(&mut tx, delivery).await?.ok_or_else(|| Problem::not_found("the delivery"))?;
    tx.commit().await?;
    app.bus.wake(queue::OUTBOX);
    Ok(Answer::of(&view(row)))
}

fn view(row: DeliveryRow) -> Delivery {
    Delivery {
        id: row.seq.to_string(),
        message_id: row.message_id,
        event: row.event,
        event_id: row.event_id.map(|id| id.to_string()),
        state: row.state,
        attempts: row.attempts,
        last_attempt_at: row.last_attempt_at,
        last_took_ms: row.last_took,
        last_status: row.last_status,
        last_error: row.last_error,
        last_response: row.last_response,
        next_attempt_at: row.next_attempt_at,
        job_id: row.job_seq.map(|seq| seq.to_string()),
        created_at: row.created_at,
        finished_at: row.finished_at,
    }
}
