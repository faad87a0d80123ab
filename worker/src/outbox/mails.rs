//! Lines of mails to people.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;
use shared::domain::notification::{Mode, Notice};
use shared::jobs::{NewJob, SendDigest, next_tick};
use shared::store::notifications::{DigestRow, DigestState, NewLine, NoticeRow, RecipientRow};
use shared::store::{Db, StoreError, Tx, jobs, notifications};

use super::{More, PRINCIPAL};

/// Events of one transaction.
const CHUNK: i64 = 500;

/// Writes the lines of the next events; none if there is nothing to decide, or another process does.
pub(super) async fn plan(db: &Db, now: DateTime<Utc>) -> Result<Option<More>, StoreError> {
    if !notifications::is_behind(&mut db.read().await?).await? {
        return Ok(None);
    }
    let mut tx = db.begin().await?;
    let Some(cursor) = notifications::lock_cursor(&mut tx).await? else { return Ok(None) };
    let newest = notifications::newest_event(&mut tx).await?;
    let notices = notifications::notices(&mut tx, cursor, newest, CHUNK).await?;
    if !notices.is_empty() {
        for recipient in notifications::list(&mut tx).await?.iter().filter(|recipient| !recipient.paused) {
            tell(&mut tx, recipient, &notices, now).await?;
        }
    }
    let full = notices.len() as i64 == CHUNK;
    let decided = notices.last().filter(|_| full).map_or(newest, |last| last.id);
    notifications::advance(&mut tx, decided).await?;
    tx.commit().await?;
    Ok(Some(More::of(full)))
}

/// Adds to a recipient's next mail what they want to be told of.
async fn tell(
    tx: &mut Tx,
    recipient: &RecipientRow,
    notices: &[NoticeRow],
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let interests = recipient.interests();
    let wanted = notices.iter().filter_map(|notice| {
        let kind = Notice::of(&notice.event)?;
        interests.include(kind, &notice.matches, notice.mailbox.as_deref()).then_some((kind, notice))
    });
    let wanted: Vec<_> = wanted.collect();
    if wanted.is_empty() {
        return Ok(());
    }
    let digest = next_mail(tx, recipient, now).await?;
    let lines: Vec<NewLine> =
        wanted.into_iter().map(|(kind, notice)| line(recipient, digest.seq, kind, notice)).collect();
    notifications::add_lines(tx, &lines).await
}

/// The mail that takes the recipient's lines of now, with the job that sends it.
async fn next_mail(tx: &mut Tx, recipient: &RecipientRow, now: DateTime<Utc>) -> Result<DigestRow, StoreError> {
    let mut at = due(recipient, now);
    loop {
        let digest = notifications::open(tx, &recipient.id, at).await?;
        if digest.state != DigestState::Waiting {
            // It went at this very instant, without these lines.
            at += TimeDelta::milliseconds(1);
            continue;
        }
        if digest.job_seq.is_none() {
            let mut job = NewJob::of(&SendDigest { digest: digest.seq }, PRINCIPAL);
            job.run_at = Some(at);
            let accepted = jobs::enqueue(tx, &[job], now).await?;
            notifications::adopt(tx, digest.seq, accepted[0].seq).await?;
        }
        return Ok(digest);
    }
}

/// When a recipient gets what happens now: at once or at the next time of their digest, and after quiet hours.
fn due(recipient: &RecipientRow, now: DateTime<Utc>) -> DateTime<Utc> {
    let at = match (recipient.mode, &recipient.cron, &recipient.tz) {
        (Mode::Digest, Some(cron), Some(tz)) => next_tick(cron, tz, now).unwrap_or_else(|error| {
            tracing::error!(recipient.id = recipient.id, error, "when to send digests cannot be read; sent at once");
            now
        }),
        _ => now,
    };
    recipient.quiet.as_ref().and_then(|quiet| quiet.end(at)).unwrap_or(at)
}

fn line(recipient: &RecipientRow, digest: i64, kind: Notice, notice: &NoticeRow) -> NewLine {
    let data: Value = serde_json::from_str(&notice.data).unwrap_or_default();
    let text = |field: &str| data[field].as_str().map(str::to_owned);
    NewLine {
        recipient_id: recipient.id.clone(),
        event_id: notice.id,
        digest,
        kind,
        task_id: notice.task_id.clone(),
        // An alert has no title, but a sentence with it.
        title: text("title").or_else(|| text("message")).unwrap_or_else(|| notice.task_id.clone()),
        owner: text("owner"),
        deadline: text("deadline").and_then(|at| at.parse().ok()),
        at: notice.created_at,
    }
}
