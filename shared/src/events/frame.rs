//! An event as it goes over the wire, serialised once for all subscribers.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::bus::JobChange;
use crate::domain::event::Matches;
use crate::store::events::StoredEvent;

/// An event as it goes over the wire.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Frame {
    /// Its number; none for an ephemeral event.
    pub id: Option<i64>,
    /// Its name.
    pub event: String,
    /// The whole envelope as JSON text.
    pub json: Arc<str>,
    /// What subscribers filter by.
    pub matches: Matches,
}

impl From<StoredEvent> for Frame {
    fn from(event: StoredEvent) -> Self {
        let at = event.created_at.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true);
        // The name is one of ours and the data JSON as stored, so that nothing here needs escaping.
        let json =
            format!(r#"{{"event":"{}","data":{},"id":"{}","timestamp":"{at}"}}"#, event.event, event.data, event.id);
        let mut matches = event.matches;
        matches.watcher.extend(event.watchers);
        Self { id: Some(event.id), event: event.event, json: json.into(), matches }
    }
}

/// `workflow:job:changed`.
pub(super) fn job_changed(job: &JobChange) -> Frame {
    let data = serde_json::json!({
        "jobId": job.seq.to_string(), "queue": job.queue, "kind": job.kind, "state": job.state,
        "progress": job.progress, "timestamp": job.at,
    });
    ephemeral("workflow:job:changed", &data, job.at)
}

/// An event without number or replay.
pub fn ephemeral(event: &str, data: &Value, at: DateTime<Utc>) -> Frame {
    let json = serde_json::json!({
        "event": event, "data": data, "timestamp": at.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true),
    });
    Frame { id: None, event: event.to_owned(), json: json.to_string().into(), matches: Matches::default() }
}
