//! Keeps mail apart that comes round and round: our own, and more of the same than a mailbox takes in an hour. It is
//! counted like any other mail of its batch, and can be put back to work.

use chrono::TimeDelta;
use shared::domain::flood;
use shared::domain::mailbox::Mailbox;
use shared::store::mail::{EmailOutcome, PendingEmail};
use shared::store::{StoreError, Tx, quarantine};

/// Over which time mails of one sender about one subject are counted.
const WINDOW: TimeDelta = TimeDelta::hours(1);

/// Why a mail is to be kept apart, if it is. Notes in `found` what it counts by.
pub(super) async fn judge(
    tx: &mut Tx,
    mailbox: &Mailbox,
    email: &PendingEmail,
    found: &mut EmailOutcome,
) -> Result<Option<String>, StoreError> {
    if email.format == "rfc822" && flood::is_own(&email.raw) {
        tracing::warn!(mailbox = mailbox.name, mail.id = email.id, "loop: a mail of our own came back");
        return Ok(Some("loop: this installation sent it".to_owned()));
    }
    let most = mailbox.flood_per_hour;
    let (sender, subject) = (found.sender.as_deref().unwrap_or_default(), found.subject.as_deref().unwrap_or_default());
    let Some(key) = flood::key(sender, subject).filter(|_| most > 0) else { return Ok(None) };
    // Old mail that is uploaded at once came over months; what is fetched comes now, whatever it says of itself.
    let said = found.sent_at.filter(|_| email.origin == "upload").map(|sent| sent.min(email.received_at));
    let at = said.unwrap_or(email.received_at);
    found.flood = Some((key.clone(), at));
    let before = quarantine::flood(tx, &mailbox.name, &key, (at - WINDOW, at), most + 1).await?;
    if before < most {
        return Ok(None);
    }
    if before == most {
        tracing::warn!(mailbox = mailbox.name, sender, subject, per_hour = most, "flood: further mail is kept apart");
    }
    Ok(Some(format!("flood: more than {most} mails in an hour from {sender} about this subject")))
}
