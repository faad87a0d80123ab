//! Webhooks: who is told of which events, how far, and how it goes. Secrets are read by [`secrets`] alone.

mod deliveries;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

pub use self::deliveries::{
    Attempt, Delivery, DeliveryRow, NewDelivery, adopt, bury, bury_orphans, delivery, list as list_deliveries, plan,
    prune, record, reopen,
};
use super::query::{execute, fetch_all, fetch_one, fetch_optional};
use super::{Result, Session, Tx};
use crate::domain::interest::EventFilter;
use crate::domain::text_enum::text_enum;

text_enum! {
    /// Whether a webhook is told of events.
    WebhookState {
        /// It is.
        Enabled = "enabled",
        /// It is not.
        Disabled = "disabled",
    }
}

/// A webhook, without its secrets.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct WebhookRow {
    /// Its id.
    pub id: String,
    /// Where messages go.
    pub url: String,
    /// What it is for.
    pub description: Option<String>,
    /// Names and patterns of events; none means all.
    #[sqlx(json)]
    pub events: Vec<String>,
    /// What it is narrowed to.
    #[sqlx(json)]
    pub filter: EventFilter,
    /// Whether it is told of events.
    pub state: WebhookState,
    /// Why not, if the product or an operator said.
    pub disabled_reason: Option<String>,
    /// The last event of which it has been decided whether it is delivered.
    pub cursor: i64,
    /// Since when no delivery has succeeded.
    pub failing_since: Option<DateTime<Utc>>,
    /// Until when messages are signed with the previous secret, too.
    pub previous_until: Option<DateTime<Utc>>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// By whom.
    pub created_by: String,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

macro_rules! webhook_columns {
    () => {
        "id, url, description, events, filter, state, disabled_reason, cursor, failing_since, previous_until, created_at,
         created_by, updated_at"
    };
}

/// All webhooks, oldest first.
pub async fn list(session: &mut Session) -> Result<Vec<WebhookRow>> {
    const SQL: &str = concat!("SELECT ", webhook_columns!(), " FROM webhooks ORDER BY id");
    fetch_all!(session, WebhookRow, SQL)
}

/// The webhook of this id.
pub async fn lookup(session: &mut Session, id: &str) -> Result<Option<WebhookRow>> {
    const SQL: &str = concat!("SELECT ", webhook_columns!(), " FROM webhooks WHERE id = $1");
    fetch_optional!(session, WebhookRow, SQL, id)
}

/// The webhook of this id, locked.
pub async fn lock(tx: &mut Tx, id: &str) -> Result<Option<WebhookRow>> {
    const SQL: &str = concat!("SELECT ", webhook_columns!(), " FROM webhooks WHERE id = $1 FOR UPDATE");
    fetch_optional!(tx, WebhookRow, SQL, id)
}

/// How many there are.
pub async fn count(session: &mut Session) -> Result<i64> {
    let (count,): (i64,) = fetch_one!(session, (i64,), "SELECT count(*) FROM webhooks")?;
    Ok(count)
}

/// Adds a webhook, which is told of what happens from now on.
pub async fn insert(tx: &mut Tx, webhook: &WebhookRow, secret: &str) -> Result<()> {
    const SQL: &str = "INSERT INTO webhooks (id, url, description, events, filter, state, cursor, secret, created_at,
                                             created_by, updated_at)
         VALUES ($1, $2, $3, $4::jsonb, $5::jsonb, 'enabled', (SELECT last_id FROM event_cursor WHERE one = 1), $6, $7, $8,
                 $7)";
    let WebhookRow { id, url, description, created_at, created_by, .. } = webhook;
    let (events, filter) = lists(webhook);
    execute!(tx, SQL, id, url, description.as_deref(), events, filter, secret, *created_at, created_by).map(drop)
}

/// Writes what may be changed of a webhook.
pub async fn save(tx: &mut Tx, webhook: &WebhookRow, now: DateTime<Utc>) -> Result<()> {
    const SQL: &str = "UPDATE webhooks
         SET url = $2, description = $3, events = $4::jsonb, filter = $5::jsonb, updated_at = $6
         WHERE id = $1";
    let WebhookRow { id, url, description, .. } = webhook;
    let (events, filter) = lists(webhook);
    execute!(tx, SQL, id, url, description.as_deref(), events, filter, now).map(drop)
}

fn lists(webhook: &WebhookRow) -> (String, String) {
    (json!(webhook.events).to_string(), json!(webhook.filter).to_string())
}

/// Tells a webhook of events again: of those from now on.
pub async fn enable(tx: &mut Tx, id: &str, now: DateTime<Utc>) -> Result<()> {
    const SQL: &str = "UPDATE webhooks
         SET state = 'enabled', disabled_reason = NULL, failing_since = NULL, updated_at = $2,
             cursor = (SELECT last_id FROM event_cursor WHERE one = 1)
         WHERE id = $1
           AND state = 'disabled'";
    execute!(tx, SQL, id, now).map(drop)
}

/// Tells a webhook of nothing any more. `false` if it was so already.
pub async fn disable(tx: &mut Tx, id: &str, reason: Option<&str>, now: DateTime<Utc>) -> Result<bool> {
    const SQL: &str = "UPDATE webhooks
         SET state = 'disabled', disabled_reason = $2, updated_at = $3
         WHERE id = $1
           AND state = 'enabled'";
    Ok(execute!(tx, SQL, id, reason, now)? == 1)
}

/// Removes a webhook with its deliveries. `false` if there is none.
pub async fn delete(tx: &mut Tx, id: &str) -> Result<bool> {
    Ok(execute!(tx, "DELETE FROM webhooks WHERE id = $1", id)? == 1)
}

/// Signs with a new secret, and until an instant with the present one as well; an older one is forgotten.
pub async fn rotate(tx: &mut Tx, id: &str, secret: &str, until: DateTime<Utc>, now: DateTime<Utc>) -> Result<()> {
    const SQL: &str = "UPDATE webhooks
         SET previous_secret = secret, previous_until = $3, secret = $2, updated_at = $4
         WHERE id = $1";
    execute!(tx, SQL, id, secret, until, now).map(drop)
}

/// The secrets a message is signed with at an instant, the newest first.
pub async fn secrets(session: &mut Session, id: &str, now: DateTime<Utc>) -> Result<Vec<String>> {
    const SQL: &str =
        "SELECT secret, CASE WHEN previous_until > $2 THEN previous_secret END FROM webhooks WHERE id = $1";
    let found = fetch_optional!(session, (String, Option<String>), SQL, id, now)?;
    Ok(found.map(|(secret, previous)| std::iter::once(secret).chain(previous).collect()).unwrap_or_default())
}

/// Forgets previous secrets that are worth nothing any more.
pub async fn forget_secrets(tx: &mut Tx, now: DateTime<Utc>) -> Result<u64> {
    const SQL: &str = "UPDATE webhooks SET previous_secret = NULL, previous_until = NULL WHERE previous_until <= $1";
    execute!(tx, SQL, now)
}

/// Whether a webhook has events before it.
pub async fn any_behind(session: &mut Session) -> Result<bool> {
    const SQL: &str = "SELECT w.cursor
         FROM webhooks AS w
         JOIN event_cursor AS e ON e.one = 1 AND w.cursor < e.last_id
         WHERE w.state = 'enabled'
         LIMIT 1";
    Ok(fetch_optional!(session, (i64,), SQL)?.is_some())
}

/// Webhooks with events before them, locked; those another process holds are left to it.
pub async fn lock_behind(tx: &mut Tx, limit: i64) -> Result<Vec<WebhookRow>> {
    const SQL: &str = concat!(
        "SELECT ",
        webhook_columns!(),
        " FROM webhooks
         WHERE state = 'enabled'
           AND cursor < (SELECT last_id FROM event_cursor WHERE one = 1)
         ORDER BY cursor
         LIMIT $1 FOR UPDATE SKIP LOCKED"
    );
    fetch_all!(tx, WebhookRow, SQL, limit)
}

/// Notes that it has been decided about events up to this one.
pub async fn advance(tx: &mut Tx, id: &str, cursor: i64) -> Result<()> {
    execute!(tx, "UPDATE webhooks SET cursor = $2 WHERE id = $1", id, cursor).map(drop)
}

/// Notes whether a delivery succeeded; gives since when none has.
pub async fn note_health(tx: &mut Tx, id: &str, works: bool, now: DateTime<Utc>) -> Result<Option<DateTime<Utc>>> {
    const WORKS: &str = "UPDATE webhooks SET failing_since = NULL WHERE id = $1 AND failing_since IS NOT NULL";
    const FAILS: &str = "UPDATE webhooks SET failing_since = $2 WHERE id = $1 AND failing_since IS NULL";
    const SINCE: &str = "SELECT failing_since FROM webhooks WHERE id = $1";
    if works {
        execute!(tx, WORKS, id)?;
        return Ok(None);
    }
    execute!(tx, FAILS, id, now)?;
    Ok(fetch_optional!(tx, (Option<DateTime<Utc>>,), SINCE, id)?.and_then(|(since,)| since))
}

/// How many deliveries of each webhook wait or are given up: id, pending, dead.
pub async fn backlog(session: &mut Session, id: Option<&str>) -> Result<Vec<(String, i64, i64)>> {
    const SQL: &str = "SELECT webhook_id, count(CASE WHEN state = 'pending' THEN 1 END),
                count(CASE WHEN state = 'dead' THEN 1 END)
         FROM webhook_deliveries
         WHERE state IN ('pending', 'dead')
           AND ($1::text IS NULL OR webhook_id = $1)
         GROUP BY webhook_id";
    fetch_all!(session, (String, i64, i64), SQL, id)
}

/// Rows for a statement over a JSON array.
fn rows(items: impl Iterator<Item = Value>) -> Option<String> {
    let rows: Vec<Value> = items.collect();
    (!rows.is_empty()).then(|| Value::from(rows).to_string())
}
