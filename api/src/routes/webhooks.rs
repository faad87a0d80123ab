//! Webhooks: who outside is told of events, signed as Standard Webhooks are. `docs/notifications.md` tells receivers how
//! to check them.

mod deliveries;
mod input;

use chrono::{DateTime, TimeDelta, Utc};
use poem::Request;
use poem::http::StatusCode;
use poem::web::Data;
use poem_openapi::param::Path;
use poem_openapi::{ApiResponse, Object, OpenApi};
use serde::Serialize;
use serde_json::json;
use shared::domain::interest::EventFilter;
use shared::store::webhooks::{self, WebhookRow, WebhookState};
use shared::store::{Session, Tx, audit};

pub(crate) use self::deliveries::DeliveriesApi;
use self::input::{Input, secret};
use super::jobs::Reason;
use super::subject;
use crate::app::App;
use crate::body::Body;
use crate::openapi::Tag;
use crate::params;
use crate::payload::Answer;
use crate::problem::Problem;

/// Webhooks of one installation: each is looked at for every event.
const MOST: i64 = 100;
/// How long the secret before is still signed with, so that receivers can change over.
const CHANGE_OVER: TimeDelta = TimeDelta::hours(24);

pub(crate) struct WebhooksApi;

/// A webhook.
#[derive(Serialize, Object)]
pub(crate) struct Webhook {
    /// Its id.
    id: String,
    /// Where messages are sent.
    url: String,
    /// What it is for.
    description: Option<String>,
    /// Names and patterns of events; an empty list means all.
    events: Vec<String>,
    /// What it is narrowed to.
    filter: EventFilter,
    /// Whether it is told of events.
    state: WebhookState,
    /// Why it is disabled, if that was said.
    disabled_reason: Option<String>,
    /// Since when no delivery has succeeded.
    failing_since: Option<DateTime<Utc>>,
    /// Until when messages are signed with the previous secret, too.
    previous_secret_until: Option<DateTime<Utc>>,
    /// Messages that are to be delivered.
    pending: i64,
    /// Messages that were given up.
    dead: i64,
    /// When it was made.
    created_at: DateTime<Utc>,
    /// By whom.
    created_by: String,
    /// When it was last changed.
    updated_at: DateTime<Utc>,
}

/// The webhooks, oldest first.
#[derive(Serialize, Object)]
#[oai(rename = "WebhookList")]
pub(crate) struct Webhooks {
    /// The webhooks.
    webhooks: Vec<Webhook>,
}

/// A webhook and its new secret.
#[derive(Serialize, Object)]
pub(crate) struct WebhookWithSecret {
    /// The webhook.
    webhook: Webhook,
    /// What its messages are signed with: `whsec_` and 32 bytes in base64. Shown this once.
    secret: String,
}

/// Answers of making a webhook.
#[derive(ApiResponse)]
pub(crate) enum Made {
    /// Made; it is told of what happens from now on.
    #[oai(status = 201)]
    Webhook(
        Answer<WebhookWithSecret>,
        /// The webhook.
        #[oai(header = "Location")]
        String,
        /// Nobody may keep it.
        #[oai(header = "Cache-Control")]
        String,
    ),
}

/// Answers of changing the secret.
#[derive(ApiResponse)]
pub(crate) enum Rotated {
    /// Messages are signed with it from now on.
    #[oai(status = 200)]
    Webhook(
        Answer<WebhookWithSecret>,
        /// Nobody may keep it.
        #[oai(header = "Cache-Control")]
        String,
    ),
}

#[OpenApi(prefix_path = "/api", tag = "Tag::Notifications")]
impl WebhooksApi {
    /// List webhooks
    #[oai(path = "/webhooks", method = "get", operation_id = "listWebhooks")]
    async fn list(&self, app: Data<&App>, request: &Request) -> Result<Answer<Webhooks>, Problem> {
        params::check(request)?;
        let mut session = app.db.read().await?;
        let backlog = webhooks::backlog(&mut session, None).await?;
        let rows = webhooks::list(&mut session).await?;
        let counts =
            |id: &str| backlog.iter().find(|(of, ..)| of == id).map_or((0, 0), |(_, pending, dead)| (*pending, *dead));
        let webhooks = rows.into_iter().map(|row| view(&counts(&row.id), row)).collect();
        Ok(Answer::of(&Webhooks { webhooks }))
    }

    /// Make a webhook
    ///
    /// It is told of what happens from now on. Messages are signed with the secret that this answer shows and no other ever
    /// does. There are at most 100 webhooks: for one more the answer is 409.
    #[oai(path = "/webhooks", method = "post", operation_id = "createWebhook")]
    async fn create(&self, app: Data<&App>, body: Body<Input>) -> Result<Made, Problem> {
        let input = body.value.judged(app.config.reach)?;
        let (secret, now) = (new_secret()?, app.clock.now());
        let row = WebhookRow {
            id: uuid::Uuid::now_v7().to_string(),
            url: input.url,
            description: input.description,
            events: input.events,
            filter: input.filter,
            state: WebhookState::Enabled,
            disabled_reason: None,
            cursor: 0,
            failing_since: None,
            previous_until: None,
            created_at: now,
            created_by: app.principal().to_owned(),
            updated_at: now,
        };
        let mut tx = app.db.begin().await?;
        if webhooks::count(&mut tx).await? >= MOST {
            return Err(Problem::new(StatusCode::CONFLICT, format!("there are {MOST} webhooks already")));
        }
        webhooks::insert(&mut tx, &row, &secret).await?;
        let detail = json!({"events": row.events, "filter": row.filter});
        audit::audit(&mut tx, now, app.principal(), "webhook.create", &row.id, &detail).await?;
        let webhook = view_of(&mut tx, row).await?;
        tx.commit().await?;
        let location = format!("/api/webhooks/{}", webhook.id);
        Ok(Made::Webhook(Answer::of(&WebhookWithSecret { webhook, secret }), location, "no-store".to_owned()))
    }

    /// Get a webhook
    #[oai(path = "/webhooks/:webhook_id", method = "get", operation_id = "getWebhook")]
    async fn get(
        &self,
        app: Data<&App>,
        request: &Request,
        /// The webhook.
        webhook_id: Path<String>,
    ) -> Result<Answer<Webhook>, Problem> {
        params::check(request)?;
        let id = subject::known(webhook_id.0, WHAT)?;
        let mut session = app.db.read().await?;
        let row = webhooks::lookup(&mut session, &id).await?.ok_or_else(missing)?;
        Ok(Answer::of(&view_of(&mut session, row).await?))
    }

    /// Replace a webhook's settings
    ///
    /// All of them: what is left out is as in a new webhook. Secret and state stay. Messages that wait go to the new URL.
    #[oai(path = "/webhooks/:webhook_id", method = "put", operation_id = "replaceWebhook")]
    async fn replace(
        &self,
        app: Data<&App>,
        /// The webhook.
        webhook_id: Path<String>,
        body: Body<Input>,
    ) -> Result<Answer<Webhook>, Problem> {
        let input = body.value.judged(app.config.reach)?;
        let now = app.clock.now();
        changed(
            &app,
            webhook_id.0,
            "webhook.update",
            &json!({"events": input.events, "filter": input.filter}),
            async |tx, row| {
                row.url = input.url;
                row.description = input.description;
                row.events = input.events;
                row.filter = input.filter;
                row.updated_at = now;
                Ok(webhooks::save(tx, row, now).await?)
            },
        )
        .await
    }

    /// Remove a webhook
    ///
    /// With all its messages, also those that are to be delivered.
    #[oai(path = "/webhooks/:webhook_id", method = "delete", operation_id = "deleteWebhook")]
    async fn delete(
        &self,
        app: Data<&App>,
        request: &Request,
        /// The webhook.
        webhook_id: Path<String>,
    ) -> Result<Answer<Webhook>, Problem> {
        params::check(request)?;
        let id = subject::known(webhook_id.0, WHAT)?;
        let mut tx = app.db.begin().await?;
        let row = webhooks::lock(&mut tx, &id).await?.ok_or_else(missing)?;
        let webhook = view_of(&mut tx, row).await?;
        webhooks::delete(&mut tx, &id).await?;
        audit::audit(&mut tx, app.clock.now(), app.principal(), "webhook.delete", &id, &json!({})).await?;
        tx.commit().await?;
        Ok(Answer::of(&webhook))
    }

    /// Tell a webhook of events again
    ///
    /// Of those from now on. Messages that were given up meanwhile may be retried one by one.
    #[oai(path = "/webhooks/:webhook_id/enable", method = "post", operation_id = "enableWebhook")]
    async fn enable(
        &self,
        app: Data<&App>,
        request: &Request,
        /// The webhook.
        webhook_id: Path<String>,
        body: Body<Reason>,
    ) -> Result<Answer<Webhook>, Problem> {
        params::check(request)?;
        let now = app.clock.now();
        changed(&app, webhook_id.0, "webhook.enable", &json!({"reason": body.value.reason}), async |tx, row| {
            Ok(webhooks::enable(tx, &row.id, now).await?)
        })
        .await
    }

    /// Tell a webhook of nothing any more
    ///
    /// Messages that wait are given up when their next attempt comes.
    #[oai(path = "/webhooks/:webhook_id/disable", method = "post", operation_id = "disableWebhook")]
    async fn disable(
        &self,
        app: Data<&App>,
        request: &Request,
        /// The webhook.
        webhook_id: Path<String>,
        body: Body<Reason>,
    ) -> Result<Answer<Webhook>, Problem> {
        params::check(request)?;
        let (now, reason) = (app.clock.now(), body.value.reason);
        changed(&app, webhook_id.0, "webhook.disable", &json!({"reason": reason}), async |tx, row| {
            webhooks::disable(tx, &row.id, reason.as_deref(), now).await?;
            Ok(())
        })
        .await
    }

    /// Give a webhook a new secret
    ///
    /// For 24 h more messages are signed with the one before as well, so that a receiver can change over. Of secrets older
    /// than that nothing is kept.
    #[oai(path = "/webhooks/:webhook_id/rotate", method = "post", operation_id = "rotateWebhookSecret")]
    async fn rotate(
        &self,
        app: Data<&App>,
        request: &Request,
        /// The webhook.
        webhook_id: Path<String>,
        body: Body<Reason>,
    ) -> Result<Rotated, Problem> {
        params::check(request)?;
        let id = subject::known(webhook_id.0, WHAT)?;
        let (secret, now) = (new_secret()?, app.clock.now());
        let mut tx = app.db.begin().await?;
        webhooks::lock(&mut tx, &id).await?.ok_or_else(missing)?;
        webhooks::rotate(&mut tx, &id, &secret, now + CHANGE_OVER, now).await?;
        let detail = json!({"reason": body.value.reason});
        audit::audit(&mut tx, now, app.principal(), "webhook.rotate", &id, &detail).await?;
        let row = webhooks::lookup(&mut tx, &id).await?.ok_or_else(missing)?;
        let webhook = view_of(&mut tx, row).await?;
        tx.commit().await?;
        Ok(Rotated::Webhook(Answer::of(&WebhookWithSecret { webhook, secret }), "no-store".to_owned()))
    }
}

const WHAT: &str = "the webhook";

fn missing() -> Problem {
    Problem::not_found(WHAT)
}

fn new_secret() -> Result<String, Problem> {
    secret().ok_or_else(|| Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "the system gave no random numbers"))
}

/// Changes a webhook, with its audit entry, and shows it as it is then.
async fn changed(
    app: &App,
    id: String,
    action: &str,
    detail: &serde_json::Value,
    change: impl AsyncFnOnce(&mut Tx, &mut WebhookRow) -> Result<(), Problem>,
) -> Result<Answer<Webhook>, Problem> {
    let id = subject::known(id, WHAT)?;
    let mut tx = app.db.begin().await?;
    let mut row = webhooks::lock(&mut tx, &id).await?.ok_or_else(missing)?;
    change(&mut tx, &mut row).await?;
    audit::audit(&mut tx, app.clock.now(), app.principal(), action, &id, detail).await?;
    let row = webhooks::lookup(&mut tx, &id).await?.ok_or_else(missing)?;
    let webhook = view_of(&mut tx, row).await?;
    tx.commit().await?;
    Ok(Answer::of(&webhook))
}

async fn view_of(session: &mut Session, row: WebhookRow) -> Result<Webhook, Problem> {
    let backlog = webhooks::backlog(session, Some(&row.id)).await?;
    let counts = backlog.first().map_or((0, 0), |(_, pending, dead)| (*pending, *dead));
    Ok(view(&counts, row))
}

fn view((pending, dead): &(i64, i64), row: WebhookRow) -> Webhook {
    Webhook {
        id: row.id,
        url: row.url,
        description: row.description,
        events: row.events,
        filter: row.filter,
        state: row.state,
        disabled_reason: row.disabled_reason,
        failing_since: row.failing_since,
        previous_secret_until: row.previous_until,
        pending: *pending,
        dead: *dead,
        created_at: row.created_at,
        created_by: row.created_by,
        updated_at: row.updated_at,
    }
}
