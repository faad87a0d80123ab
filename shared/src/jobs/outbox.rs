//! The kinds that tell somebody outside. Their arguments name a row and nothing else: no address, URL or secret.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::backoff::Backoff;
use super::contract::{Job, queue};
use super::unique::Unique;

/// From seconds, for a receiver that restarts, to hours, for one that is down over night.
const PATIENT: Backoff = Backoff { first: Duration::from_secs(5), longest: Duration::from_hours(8) };

/// Delivers a message to a webhook.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DeliverWebhook {
    /// The delivery's number.
    pub delivery: i64,
}

impl Job for DeliverWebhook {
    const KIND: &'static str = "deliver-webhook";
    const QUEUE: &'static str = queue::OUTBOX;
    /// 5 s, doubled twelve times, then every 8 h: about two days in all.
    const MAX_ATTEMPTS: i16 = 18;
    const TIMEOUT: Duration = Duration::from_secs(30);
    const BACKOFF: Backoff = PATIENT;

    fn unique(&self) -> Option<Unique> {
        Some(Unique::by_args())
    }
}

/// Sends a mail about deadlines.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SendDigest {
    /// The mail's number.
    pub digest: i64,
}

impl Job for SendDigest {
    const KIND: &'static str = "send-digest";
    const QUEUE: &'static str = queue::OUTBOX;
    /// About half a day in all: a warning that comes later is none.
    const MAX_ATTEMPTS: i16 = 14;
    const TIMEOUT: Duration = Duration::from_mins(1);
    const BACKOFF: Backoff = PATIENT;

    fn unique(&self) -> Option<Unique> {
        Some(Unique::by_args())
    }
}
