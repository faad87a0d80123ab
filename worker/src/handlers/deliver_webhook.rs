//! Deliver a message to a webhook. It may be received more than once, each time under the same id: between the
//! receiver's answer and our commit a worker may die.

use std::time::Duration;

use chrono::TimeDelta;
use serde_json::json;
use shared::jobs::{DeliverWebhook, Done, Handler, JobContext, JobError};
use shared::reach::Reach;
use shared::store::webhooks::{Attempt, Delivery, DeliveryRow, WebhookRow, WebhookState};
use shared::store::{Tx, audit, webhooks};

use crate::webhook::{Caller, Message, Turns};

/// Who disables webhooks that do not work.
const PRINCIPAL: &str = "outbox";
/// How long a webhook may fail before it is disabled.
const PATIENCE: TimeDelta = TimeDelta::days(3);
/// When a message is looked at again that found its receiver busy.
const BUSY: Duration = Duration::from_secs(10);

/// Delivers messages.
pub struct Deliver {
    caller: Caller,
    turns: Turns,
}

impl Deliver {
    /// To the hosts within reach.
    pub fn within(reach: Reach) -> Self {
        Self { caller: Caller::new(reach), turns: Turns::default() }
    }
}

impl Handler<DeliverWebhook> for Deliver {
    async fn run(&self, context: JobContext, job: DeliverWebhook) -> Result<Done, JobError> {
        let mut session = context.db().read().await?;
        let Some(message) = webhooks::delivery(&mut session, job.delivery).await? else { return Ok(Done::Nothing) };
        let Some(webhook) = webhooks::lookup(&mut session, &message.webhook_id).await? else {
            return Ok(Done::Nothing);
        };
        drop(session);
        if message.state == Delivery::Delivered {
            return Ok(Done::Nothing);
        }
        // A test is what a disabled webhook is tried out with.
        if webhook.state == WebhookState::Disabled && message.event_id.is_some() {
            return give_up(&context, &message, "the webhook is disabled").await;
        }
        let Some(_turn) = self.turns.take(&webhook.id).await else { return Ok(Done::Snooze(BUSY)) };
        let secrets = webhooks::secrets(&mut context.db().read().await?, &webhook.id, context.now()).await?;
        let (id, body, at) = (message.message_id.as_str(), message.body.as_str(), context.now());
        let attempt = self.caller.send(&Message { url: &webhook.url, id, body, secrets: &secrets, at }).await;
        settle(&context, &webhook, &message, attempt).await
    }
}

async fn give_up(context: &JobContext, message: &DeliveryRow, why: &str) -> Result<Done, JobError> {
    let mut tx = context.db().begin().await?;
    webhooks::bury(&mut tx, message.seq, why, context.now()).await?;
    context.checkpoint(tx, &json!({"state": Delivery::Dead})).await?;
    Err(JobError::Fail(why.to_owned()))
}

/// Writes how an attempt went, and what follows from it for the message and for the webhook.
async fn settle(
    context: &JobContext,
    webhook: &WebhookRow,
    message: &DeliveryRow,
    attempt: Attempt,
) -> Result<Done, JobError> {
    let now = context.now();
    let mut tx = context.db().begin().await?;
    let failing_since = webhooks::note_health(&mut tx, &webhook.id, attempt.error.is_none(), now).await?;
    let Some(error) = attempt.error.clone() else {
        webhooks::record(&mut tx, message.seq, &attempt, Delivery::Delivered, now).await?;
        return Ok(Done::with(tx, json!({"status": attempt.status})));
    };
    let hopeless = if attempt.status == Some(410) {
        Some("the receiver answered 410: it wants no more messages")
    } else if failing_since.is_some_and(|since| now - since >= PATIENCE) {
        Some("no delivery has succeeded for 3 days")
    } else {
        None
    };
    if let Some(reason) = hopeless {
        disable(context, &mut tx, webhook, reason).await?;
    }
    let is_dead = hopeless.is_some() || context.is_last_attempt();
    let state = if is_dead { Delivery::Dead } else { Delivery::Pending };
    webhooks::record(&mut tx, message.seq, &attempt, state, now).await?;
    context.checkpoint(tx, &json!({"state": state, "status": attempt.status})).await?;
    Err(if is_dead { JobError::Fail(error) } else { JobError::Retry(error) })
}

async fn disable(context: &JobContext, tx: &mut Tx, webhook: &WebhookRow, reason: &str) -> Result<(), JobError> {
    let now = context.now();
    if webhooks::disable(tx, &webhook.id, Some(reason), now).await? {
        tracing::warn!(webhook.id = webhook.id, reason, "webhook disabled");
        audit::audit(tx, now, PRINCIPAL, "webhook.disable", &webhook.id, &json!({"reason": reason})).await?;
    }
    Ok(())
}
