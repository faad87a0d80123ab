//! Send a mail about deadlines: one to each recipient and instant. A mail that was sent is not sent again; should a worker
//! die between the server's answer and our commit, the second one has the same Message-ID.

use std::time::Duration;

use chrono_tz::Tz;
use serde_json::json;
use shared::jobs::{Done, Handler, JobContext, JobError, SendDigest};
use shared::store::notifications::{self, DigestRow, DigestState, RecipientRow};

use crate::digest::{Mail, Mailer, Refusal, compose};

/// Sends mails.
pub struct Send(pub Option<Mailer>);

impl Handler<SendDigest> for Send {
    async fn run(&self, context: JobContext, job: SendDigest) -> Result<Done, JobError> {
        let now = context.now();
        let mut tx = context.db().begin().await?;
        let Some(digest) = notifications::lock_digest(&mut tx, job.digest).await? else { return Ok(Done::Nothing) };
        let Some(recipient) = notifications::lookup(&mut tx, &digest.recipient_id).await? else {
            return Ok(Done::Nothing);
        };
        if matches!(digest.state, DigestState::Sent | DigestState::Dropped) {
            return Ok(Done::Nothing);
        }
        let lines = notifications::lines(&mut tx, digest.seq).await?;
        if recipient.paused || lines.is_empty() {
            notifications::end(&mut tx, digest.seq, DigestState::Dropped, None, now).await?;
            return Ok(Done::with(tx, json!({"state": DigestState::Dropped})));
        }
        // Quiet hours may have begun since, or been set.
        if let Some(end) = recipient.quiet.as_ref().and_then(|quiet| quiet.end(now)) {
            return Ok(Done::Snooze((end - now).to_std().unwrap_or(Duration::from_secs(1))));
        }
        notifications::freeze(&mut tx, digest.seq).await?;
        context.checkpoint(tx, &json!({"lines": lines.len()})).await?;
        let mail = Mail {
            address: &recipient.address,
            name: recipient.name.as_deref(),
            key: &format!("digest-{}-{}", digest.recipient_id, digest.at.timestamp_millis()),
            recipient_id: &recipient.id,
            at: digest.at,
            letter: compose(&lines, zone(&recipient)),
        };
        let sent = match &self.0 {
            Some(mailer) => mailer.send(mail).await,
            None => Err(Refusal { why: "WORKFLOW_SMTP_URL is not set".to_owned(), for_good: false }),
        };
        settle(&context, &digest, sent, lines.len()).await
    }
}

async fn settle(
    context: &JobContext,
    digest: &DigestRow,
    sent: Result<(), Refusal>,
    lines: usize,
) -> Result<Done, JobError> {
    let now = context.now();
    let mut tx = context.db().begin().await?;
    let Err(Refusal { why, for_good }) = sent else {
        notifications::end(&mut tx, digest.seq, DigestState::Sent, None, now).await?;
        return Ok(Done::with(tx, json!({"state": DigestState::Sent, "lines": lines})));
    };
    if !for_good && !context.is_last_attempt() {
        return Err(JobError::Retry(why));
    }
    notifications::end(&mut tx, digest.seq, DigestState::Dead, Some(&why), now).await?;
    context.checkpoint(tx, &json!({"state": DigestState::Dead})).await?;
    Err(JobError::Fail(why))
}

/// The zone a recipient reads times in.
fn zone(recipient: &RecipientRow) -> Tz {
    let named = recipient.tz.as_deref().or_else(|| recipient.quiet.as_ref().map(|quiet| quiet.tz.as_str()));
    named.and_then(|name| name.parse().ok()).unwrap_or(Tz::UTC)
}
