//! Messages to webhooks: one for each webhook and event, whatever it takes.

use chrono::{DateTime, Utc};
use serde_json::json;

use super::rows;
use crate::domain::text_enum::text_enum;
use crate::store::dialect::instant;
use crate::store::query::{execute, fetch_all, fetch_optional};
use crate::store::{Result, Session, Tx};

text_enum! {
    /// Where a message stands.
    Delivery {
        /// To be delivered.
        Pending = "pending",
        /// The receiver has it.
        Delivered = "delivered",
        /// Given up; it may be sent again by hand.
        Dead = "dead",
    }
}

/// A message about to be written.
#[derive(Clone, Debug)]
pub struct NewDelivery {
    /// To whom.
    pub webhook_id: String,
    /// Its id, the same at every attempt.
    pub message_id: String,
    /// The event it is about.
    pub event_id: Option<i64>,
    /// Its name.
    pub event: String,
    /// What is sent.
    pub body: String,
}

/// A message.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct DeliveryRow {
    /// Its number.
    pub seq: i64,
    /// To whom.
    pub webhook_id: String,
    /// Its id, the same at every attempt.
    pub message_id: String,
    /// The event it is about; none for a test.
    pub event_id: Option<i64>,
    /// The event's name.
    pub event: String,
    /// What is sent.
    pub body: String,
    /// Where it stands.
    pub state: Delivery,
    /// Attempts made.
    pub attempts: i64,
    /// The job that delivers it.
    pub job_seq: Option<i64>,
    /// When it was last tried.
    pub last_attempt_at: Option<DateTime<Utc>>,
    /// Milliseconds that took.
    pub last_took: Option<i64>,
    /// The status it was answered with, if it was answered.
    pub last_status: Option<i32>,
    /// What went wrong.
    pub last_error: Option<String>,
    /// The beginning of the answer.
    pub last_response: Option<String>,
    /// When it was written.
    pub created_at: DateTime<Utc>,
    /// When it was delivered or given up.
    pub finished_at: Option<DateTime<Utc>>,
    /// When it is tried again, if it waits for that.
    pub next_attempt_at: Option<DateTime<Utc>>,
}

macro_rules! delivery_columns {
    () => {
        "d.seq, d.webhook_id, d.message_id, d.event_id, d.event, d.body, d.state, d.attempts, d.job_seq, d.last_attempt_at,
         d.last_took, d.last_status, d.last_error, d.last_response, d.created_at, d.finished_at,
         CASE WHEN d.state = 'pending' AND j.state IN ('available', 'scheduled', 'retryable') THEN j.run_at END
             AS next_attempt_at"
    };
}

/// Writes messages that are not there yet; gives their numbers, in order.
pub async fn plan(tx: &mut Tx, messages: &[NewDelivery], now: DateTime<Utc>) -> Result<Vec<i64>> {
    const SQL: &str = "INSERT INTO webhook_deliveries (webhook_id, message_id, event_id, event, body, created_at)
         SELECT (e.value ->> 'webhook_id'), (e.value ->> 'message_id'), (e.value ->> 'event_id')::bigint,
                (e.value ->> 'event'), (e.value ->> 'body'), (e.value ->> 'created_at')::timestamptz
         FROM jsonb_array_elements($1::jsonb) AS e
         WHERE true
         ON CONFLICT (message_id) DO NOTHING
         RETURNING seq";
    let row = |message: &NewDelivery| {
        json!({
            "webhook_id": message.webhook_id, "message_id": message.message_id, "event_id": message.event_id,
            "event": message.event, "body": message.body, "created_at": instant(now),
        })
    };
    let Some(rows) = rows(messages.iter().map(row)) else { return Ok(Vec::new()) };
    let mut numbers: Vec<i64> = fetch_all!(tx, (i64,), SQL, rows)?.into_iter().map(|(seq,)| seq).collect();
    numbers.sort_unstable();
    Ok(numbers)
}

/// Notes which job delivers each of these messages.
pub async fn adopt(tx: &mut Tx, jobs: &[(i64, i64)]) -> Result<()> {
    const SQL: &str = "UPDATE webhook_deliveries
         SET job_seq = (e.value ->> 'j')::bigint
         FROM jsonb_array_elements($1::jsonb) AS e
         WHERE webhook_deliveries.seq = (e.value ->> 'd')::bigint";
    match rows(jobs.iter().map(|(delivery, job)| json!({"d": delivery, "j": job}))) {
        Some(rows) => execute!(tx, SQL, rows).map(drop),
        None => Ok(()),
    }
}

/// The message of this number.
pub async fn delivery(session: &mut Session, seq: i64) -> Result<Option<DeliveryRow>> {
    const SQL: &str = concat!(
        "SELECT ",
        delivery_columns!(),
        " FROM webhook_deliveries AS d LEFT JOIN jobs AS j ON j.seq = d.job_seq WHERE d.seq = $1"
    );
    fetch_optional!(session, DeliveryRow, SQL, seq)
}

/// Messages to a webhook, newest first; those before `before`.
pub async fn list(
    session: &mut Session,
    webhook_id: &str,
    state: Option<Delivery>,
    before: Option<i64>,
    limit: i64,
) -> Result<Vec<DeliveryRow>> {
    const SQL: &str = concat!(
        "SELECT ",
        delivery_columns!(),
        " FROM webhook_deliveries AS d
         LEFT JOIN jobs AS j ON j.seq = d.job_seq
         WHERE d.webhook_id = $1
           AND ($2::text IS NULL OR d.state = $2)
           AND ($3::bigint IS NULL OR d.seq < $3)
         ORDER BY d.seq DESC
         LIMIT $4"
    );
    fetch_all!(session, DeliveryRow, SQL, webhook_id, state.map(Delivery::as_str), before, limit)
}

/// How an attempt went.
#[derive(Clone, Debug, Default)]
pub struct Attempt {
    /// The status, if there was an answer.
    pub status: Option<u16>,
    /// What went wrong; nothing if the receiver has it.
    pub error: Option<String>,
    /// The beginning of the answer.
    pub response: Option<String>,
    /// Milliseconds it took.
    pub took: i64,
}

/// Writes how an attempt went and where the message stands by it. One that was delivered stays so.
pub async fn record(tx: &mut Tx, seq: i64, attempt: &Attempt, state: Delivery, now: DateTime<Utc>) -> Result<()> {
    const SQL: &str = "UPDATE webhook_deliveries
         SET attempts = attempts + 1, last_attempt_at = $2, last_took = $3, last_status = $4, last_error = $5,
             last_response = $6, state = $7, finished_at = CASE WHEN $7 = 'pending' THEN NULL ELSE $8::timestamptz END
         WHERE seq = $1
           AND state <> 'delivered'";
    let Attempt { status, error, response, took } = attempt;
    let status = status.map(i32::from);
    let (error, response) = (error.as_deref(), response.as_deref());
    execute!(tx, SQL, seq, now, *took, status, error, response, state.as_str(), now).map(drop)
}

/// Has a message delivered once more.
pub async fn reopen(tx: &mut Tx, seq: i64) -> Result<()> {
    execute!(tx, "UPDATE webhook_deliveries SET state = 'pending', finished_at = NULL WHERE seq = $1", seq).map(drop)
}

/// Gives a message up without an attempt. One that was delivered stays so.
pub async fn bury(tx: &mut Tx, seq: i64, why: &str, now: DateTime<Utc>) -> Result<()> {
    const SQL: &str = "UPDATE webhook_deliveries
         SET state = 'dead', last_error = $2, finished_at = $3
         WHERE seq = $1
           AND state <> 'delivered'";
    execute!(tx, SQL, seq, why, now).map(drop)
}

/// Gives up messages whose job has ended without them: its worker died at the last attempt, or it was cancelled.
pub async fn bury_orphans(tx: &mut Tx, now: DateTime<Utc>) -> Result<u64> {
    const SQL: &str = "UPDATE webhook_deliveries
         SET state = 'dead', finished_at = $1, last_error = COALESCE(last_error, 'its job was cancelled or discarded')
         WHERE state = 'pending'
           AND seq IN (SELECT d.seq
                       FROM webhook_deliveries AS d
                       LEFT JOIN jobs AS j ON j.seq = d.job_seq
                       WHERE d.state = 'pending'
                         AND (j.seq IS NULL OR j.state IN ('cancelled', 'discarded', 'completed')))";
    execute!(tx, SQL, now)
}

/// Removes messages of a state that ended before `before`, at most `limit` of them.
pub async fn prune(tx: &mut Tx, state: Delivery, before: DateTime<Utc>, limit: i64) -> Result<u64> {
    const SQL: &str = "DELETE FROM webhook_deliveries
         WHERE seq = ANY(ARRAY(SELECT seq FROM webhook_deliveries WHERE state = $1 AND finished_at < $2
                               ORDER BY finished_at LIMIT $3))";
    execute!(tx, SQL, state.as_str(), before, limit)
}
