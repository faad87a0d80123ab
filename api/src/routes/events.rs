//! The envelopes of the socket, over HTTP.

use poem::Request;
use poem::http::StatusCode;
use poem::web::Data;
use poem_openapi::{Object, OpenApi};
use serde::Serialize;
use serde_json::value::RawValue;
use shared::events::Frame;
use shared::store::Session;
use shared::store::events::{self, StoredEvent};

use crate::app::App;
use crate::asyncapi;
use crate::openapi::Tag;
use crate::params::{self, Given};
use crate::payload::Answer;
use crate::problem::{Issue, Problem};

/// Events read at once where only some are wanted.
const CHUNK: usize = 1_000;
/// Events looked at for one answer.
const MOST_LOOKED_AT: usize = 20_000;

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

/// An event as on the socket. The document shows a union instead, of what is really sent.
#[derive(Object)]
#[oai(rename = "EventEnvelope")]
pub(crate) struct Envelope {
    /// Its name.
    event: String,
    /// Its number, a decimal; strictly increasing in commit order.
    id: String,
}

#[derive(Serialize)]
struct EventsOut<'a> {
    events: Vec<&'a RawValue>,
    next: String,
}

#[OpenApi(prefix_path = "/api/workflow", tag = "Tag::Events")]
impl EventsApi {
    /// Read events
    ///
    /// What was sent over the socket and is still kept, oldest first. Go on with `next` as `after`, also where a page is
    /// empty: with `event` a page may end before it is full. A cursor older than what is kept is answered with 410: read
    /// everything anew then, and go on with after=0.
    #[oai(path = "/events", method = "get", operation_id = "listEvents")]
    async fn list(
        &self,
        app: Data<&App>,
        request: &Request,
        /// Cursor of the last event known, from 0; 0 (the default) for all that are kept.
        after: Given<i64>,
        /// Events at most, 1 to 1000; 100 by default.
        limit: Given<i64>,
        /// Only events of these names; `workflow:sla:*` stands for all whose names begin like this.
        event: Given<Vec<String>>,
    ) -> Result<Answer<Events>, Problem> {
        let after = after.within(request, "after", 0..=i64::MAX, 0);
        let limit = limit.within(request, "limit", 1..=1000, 100);
        let wanted = event.0.map(|names| wanted(request, &names));
        params::check(request)?;
        let page = Page::read(&mut app.db.read().await?, after, limit as usize, wanted.as_deref(), app.scope()).await?;
        let frames: Vec<Frame> = page.events.into_iter().map(Frame::from).collect();
        let events = frames.iter().map(|frame| serde_json::from_str(&frame.json).expect("a frame is JSON")).collect();
        Ok(Answer::of(&EventsOut { events, next: page.next.to_string() }))
    }
}

/// The kept events that names and patterns stand for; one that stands for none is noted.
fn wanted(request: &Request, names: &[String]) -> Vec<&'static str> {
    let mut wanted = Vec::new();
    for name in names {
        let covers = |event: &str| match name.strip_suffix('*') {
            Some(prefix) => event.starts_with(prefix),
            None => event == name,
        };
        let before = wanted.len();
        wanted.extend(asyncapi::numbered().iter().map(|message| message.event).filter(|event| covers(event)));
        if wanted.len() == before {
            let known: Vec<&str> = asyncapi::numbered().iter().map(|message| message.event).collect();
            params::note(
                request,
                "event",
                format!("must be one of {}, or the beginning of one and *", known.join(", ")),
            );
        }
    }
    wanted
}

/// Events of one answer, and where the next goes on.
struct Page {
    events: Vec<StoredEvent>,
    next: i64,
}

impl Page {
    /// Reads on until the page is full, nothing is left, or enough was looked at.
    async fn read(
        session: &mut Session,
        after: i64,
        limit: usize,
        wanted: Option<&[&str]>,
        scope: Option<&[String]>,
    ) -> Result<Self, Problem> {
        let mut page = Self { events: Vec::new(), next: after };
        let mut looked_at = 0;
        while page.events.len() < limit && looked_at < MOST_LOOKED_AT {
            let chunk = if wanted.is_some() || scope.is_some() { CHUNK } else { limit };
            let found = events::after(session, page.next, chunk as i64).await?;
            let is_last = found.len() < chunk;
            looked_at += found.len();
            page.take(found, limit, wanted, scope);
            if is_last {
                break;
            }
        }
        // Only now: what is removed while the events are read would be missing without a word.
        let (oldest, newest) = events::range(session).await?;
        if after > newest {
            return Err(Problem::unprocessable(vec![Issue::at("query/after", "no event has this number yet")]));
        }
        if after != 0 && after + 1 < oldest { Err(expired()) } else { Ok(page) }
    }

    /// Adds what is wanted until the page is full.
    fn take(&mut self, found: Vec<StoredEvent>, limit: usize, wanted: Option<&[&str]>, scope: Option<&[String]>) {
        for event in found {
            if self.events.len() == limit {
                return;
            }
            self.next = event.id;
            let is_wanted = wanted.is_none_or(|wanted| wanted.contains(&event.event.as_str()));
            if is_wanted && event.matches.is_within(scope) {
                self.events.push(event);
            }
        }
    }
}

fn expired() -> Problem {
    let detail = "events after this cursor are no longer kept; read everything anew, and go on with after=0";
    Problem {
        kind: "urn:workflow:problem:cursor-expired".to_owned(),
        title: "Cursor Expired".to_owned(),
        ..Problem::new(StatusCode::GONE, detail)
    }
}
