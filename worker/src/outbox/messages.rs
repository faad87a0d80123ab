//! Messages to webhooks.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use shared::domain::interest;
use shared::events::Frame;
use shared::jobs::{DeliverWebhook, NewJob};
use shared::store::events::StoredEvent;
use shared::store::webhooks::{NewDelivery, WebhookRow};
use shared::store::{Db, StoreError, Tx, events, jobs, webhooks};

use super::{More, PRINCIPAL};

/// Events of one transaction, for each webhook.
const CHUNK: i64 = 200;
/// Webhooks of one transaction.
const WEBHOOKS: i64 = 100;
/// Bytes of a message at most.
const LONGEST: usize = 64 << 10;
/// Bytes of a field that stays in a message that would be longer.
const SHORT: usize = 1 << 10;

/// Writes the messages of the next events; none if no webhook has events before it.
pub(super) async fn plan(db: &Db, now: DateTime<Utc>) -> Result<Option<More>, StoreError> {
    if !webhooks::any_behind(&mut db.read().await?).await? {
        return Ok(None);
    }
    let mut tx = db.begin().await?;
    let behind = webhooks::lock_behind(&mut tx, WEBHOOKS).await?;
    let mut full = behind.len() as i64 == WEBHOOKS;
    // As a rule all are at the same place, and the events are read once.
    for group in behind.chunk_by(|a, b| a.cursor == b.cursor) {
        let cursor = group[0].cursor;
        let events = events::after(&mut tx, cursor, CHUNK).await?;
        let Some(last) = events.last().map(|event| event.id) else { continue };
        if events[0].id > cursor + 1 {
            tracing::warn!(
                after = cursor,
                before = events[0].id,
                "events were forgotten before webhooks were told of them"
            );
        }
        full |= events.len() as i64 == CHUNK;
        let messages: Vec<NewDelivery> = events.iter().flat_map(|event| messages_of(event, group)).collect();
        write(&mut tx, &messages, now).await?;
        for webhook in group {
            webhooks::advance(&mut tx, &webhook.id, last).await?;
        }
    }
    tx.commit().await?;
    Ok(Some(More::of(full)))
}

async fn write(tx: &mut Tx, messages: &[NewDelivery], now: DateTime<Utc>) -> Result<(), StoreError> {
    let deliveries = webhooks::plan(tx, messages, now).await?;
    let job = |delivery: &i64| NewJob::of(&DeliverWebhook { delivery: *delivery }, PRINCIPAL);
    let accepted = jobs::enqueue(tx, &deliveries.iter().map(job).collect::<Vec<_>>(), now).await?;
    let pairs: Vec<(i64, i64)> = deliveries.into_iter().zip(accepted.iter().map(|job| job.seq)).collect();
    webhooks::adopt(tx, &pairs).await
}

fn messages_of(event: &StoredEvent, webhooks: &[WebhookRow]) -> Vec<NewDelivery> {
    let wants =
        |webhook: &&WebhookRow| interest::names(&webhook.events, &event.event) && webhook.filter.passes(&event.matches);
    let mut body = None;
    let message = |webhook: &WebhookRow| NewDelivery {
        webhook_id: webhook.id.clone(),
        // The same whoever writes it: an event has one message for each webhook.
        message_id: format!("msg_{}_{}", event.id, webhook.id),
        event_id: Some(event.id),
        event: event.event.clone(),
        body: body.get_or_insert_with(|| within_limit(&Frame::from(event.clone()).json)).clone(),
    };
    webhooks.iter().filter(wants).map(message).collect()
}

/// An envelope as it is sent: of one that is too long, the long fields of its data are named and left out.
fn within_limit(envelope: &str) -> String {
    if envelope.len() <= LONGEST {
        return envelope.to_owned();
    }
    let mut envelope: Value = serde_json::from_str(envelope).expect("an envelope is JSON");
    let mut omitted = Vec::new();
    if let Some(data) = envelope["data"].as_object_mut() {
        data.retain(|name, value| {
            let short = value.to_string().len() <= SHORT;
            if !short {
                omitted.push(name.clone());
            }
            short
        });
    }
    envelope["omitted"] = json!(omitted);
    envelope.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_never_longer_than_64_kib() {
        let short = r#"{"event":"workflow:task:updated","data":{"taskId":"T"},"id":"7"}"#;
        assert_eq!(within_limit(short), short);
        let updates = json!({"description": "x".repeat(LONGEST)});
        let long = json!({"event": "workflow:task:updated", "data": {"taskId": "T", "updates": updates}, "id": "7"});
        let sent = within_limit(&long.to_string());
        let expected =
            json!({"event": "workflow:task:updated", "data": {"taskId": "T"}, "id": "7", "omitted": ["updates"]});
        assert_eq!(serde_json::from_str::<Value>(&sent).unwrap(), expected);
    }
}
