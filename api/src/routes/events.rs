//! The envelopes of the socket, over HTTP.

use poem::Request;
use poem::web::Data;
use poem_openapi::types::Any;
use poem_openapi::{Object, OpenApi};
use serde::Serialize;
use serde_json::Value;
use serde_json::value::RawValue;
use shared::events::Frame;
use shared::store::events;

use crate::app::App;
use crate::openapi::Tag;
use crate::params::{self, Given};
use crate::payload::Answer;
use crate::problem::Problem;

pub(crate) struct EventsApi;

/// Events after a cursor.
#[derive(Object)]
#[oai(rename = "EventList")]
pub(crate) struct Events {
    /// Envelopes as on the socket, oldest first.
    events: Vec<Envelope>,
    /// Cursor of the last one given, for `after`.
    next: String,
}

/// An event as on the socket.
#[derive(Object)]
#[oai(rename = "EventEnvelope")]
pub(crate) struct Envelope {
    /// Its name.
    event: String,
    /// What happened; its shape depends on the event.
    data: Any<Value>,
    /// Its number, a decimal; strictly increasing in commit order.
    id: String,
    /// When it was written.
    timestamp: chrono::DateTime<chrono::Utc>,
}

#[derive(Serialize)]
struct EventsOut<'a> {
    events: Vec<&'a RawValue>,
    next: String,
}

#[OpenApi(prefix_path = "/api/workflow", tag = "Tag::Events")]
impl EventsApi {
    /// Read events
    #[oai(path = "/events", method = "get", operation_id = "listEvents")]
    async fn list(
        &self,
        app: Data<&App>,
        request: &Request,
        /// Cursor of the last event known; 0 for all that are kept.
        after: Given<i64>,
        /// Events at most, 1 to 1000; 100 by default.
        limit: Given<i64>,
        /// Only events of these names.
        event: Given<Vec<String>>,
    ) -> Result<Answer<Events>, Problem> {
        let after = after.within(request, "after", 0..=i64::MAX, 0);
        let limit = limit.within(request, "limit", 1..=1000, 100);
        params::check(request)?;
        let found = events::after(&mut app.db.read().await?, after, limit).await?;
        let next = found.last().map_or(after, |last| last.id).to_string();
        let wanted = event.0.unwrap_or_default();
        let frames: Vec<Frame> = found
            .into_iter()
            .filter(|event| wanted.is_empty() || wanted.contains(&event.event))
            .map(Frame::from)
            .collect();
        let events = frames.iter().map(|frame| serde_json::from_str(&frame.json).expect("a frame is JSON")).collect();
        Ok(Answer::of(&EventsOut { events, next }))
    }
}
