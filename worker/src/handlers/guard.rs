//! Keeps mail apart that comes round and round: our own, and more of the same than a mailbox takes in an hour. It is
//! counted like any other mail of its batch, and can be put back to work.

use chrono::{DateTime, TimeDelta, Utc};
use shared::domain::flood;
use shared::domain::mailbox::Mailbox;
use shared::store::mail::{EmailOutcome, PendingEmail};
use shared::store::quarantine::Alike;

/// Over which time mails of one sender about one subject are counted.
const WINDOW: TimeDelta = TimeDelta::hours(1);

/// What a mail counts by.
pub(super) struct Counted {
    /// Its sender and its subject.
    pub(super) key: String,
    at: DateTime<Utc>,
}

impl Counted {
    /// The mails that count with it.
    pub(super) fn alike(&self) -> Alike {
        Alike { key: self.key.clone(), since: self.at - WINDOW, until: self.at }
    }
}

/// What a mail counts by; `None` if it is not counted.
pub(super) fn counted(mailbox: &Mailbox, email: &PendingEmail, envelope: &EmailOutcome) -> Option<Counted> {
    let (sender, subject) = words(envelope);
    let key = flood::key(sender, subject).filter(|_| mailbox.flood_per_hour > 0)?;
    // Old mail that is uploaded at once came over months; what is fetched comes now, whatever it says of itself.
    let said = envelope.sent_at.filter(|_| email.origin == "upload").map(|sent| sent.min(email.received_at));
    Some(Counted { key, at: said.unwrap_or(email.received_at) })
}

/// Why a mail is to be kept apart, if it is. `counted`: what it counts by and how many count with it; noted in `found`.
pub(super) fn judge(
    mailbox: &Mailbox,
    email: &PendingEmail,
    found: &mut EmailOutcome,
    counted: Option<(&Counted, i64)>,
) -> Option<String> {
    if email.format == "rfc822" && flood::is_own(&email.raw) {
        tracing::warn!(mailbox = mailbox.name, mail.id = email.id, "loop: a mail of our own came back");
        return Some("loop: this installation sent it".to_owned());
    }
    let most = mailbox.flood_per_hour;
    let (Counted { key, at }, before) = counted?;
    found.flood = Some((key.clone(), *at));
    if before < most {
        return None;
    }
    let (sender, subject) = words(found);
    if before == most {
        tracing::warn!(mailbox = mailbox.name, sender, subject, per_hour = most, "flood: further mail is kept apart");
    }
    Some(format!("flood: more than {most} mails in an hour from {sender} about this subject"))
}

fn words(envelope: &EmailOutcome) -> (&str, &str) {
    (envelope.sender.as_deref().unwrap_or_default(), envelope.subject.as_deref().unwrap_or_default())
}
