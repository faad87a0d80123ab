//! The document of the socket at `/ws`, `AsyncAPI` 3: generated, committed as `openapi/asyncapi.json`, and checked
//! against the types that are sent.

use std::sync::LazyLock;

use chrono::{DateTime, Utc};
use poem::{Endpoint, Response};
use serde_json::{Map, Value, json};
use shared::domain::event::WorkflowEvent;

use crate::realtime::notice::Notice;
use crate::realtime::vocabulary::{JOB_CHANGED, METRICS_UPDATED};
use crate::realtime::{sample, schema};

/// A frame of the server.
pub(crate) struct Message {
    /// Its name.
    pub(crate) event: &'static str,
    /// The schema of its data.
    pub(crate) data: &'static str,
    /// What it says.
    pub(crate) summary: &'static str,
}

const fn frame(event: &'static str, data: &'static str, summary: &'static str) -> Message {
    Message { event, data, summary }
}

/// Events that are stored and can be replayed.
const NUMBERED: [Message; 14] = [
    frame("workflow:task:created", "TaskSummary", "A task exists."),
    frame("workflow:task:updated", "TaskUpdated", "Fields of a task changed."),
    frame("workflow:task:completed", "TaskSummary", "A task is done."),
    frame("workflow:task:deleted", "TaskDeleted", "A task is gone."),
    frame("workflow:status:changed", "StatusChanged", "A colour changed."),
    frame("workflow:sla:warning", "SlaWarning", "A deadline comes close."),
    frame("workflow:sla:violated", "SlaViolated", "A deadline is missed."),
    frame("workflow:sla:escalated", "SlaEscalated", "A policy wants more than a warning."),
    frame("workflow:critical:alert", "CriticalAlert", "A task of high value is critical."),
    frame("workflow:batch:completed", "BatchFinished", "All mails of a batch are accounted for."),
    frame("workflow:batch:failed", "BatchFinished", "A batch could not be processed."),
    frame("workflow:comment:created", "CommentCreated", "Somebody says something about a task."),
    frame("workflow:comment:deleted", "CommentDeleted", "A comment is gone."),
    frame("workflow:watchers:changed", "WatchersChanged", "Somebody watches a task, or does no longer."),
];

/// Frames without number and without replay.
const EPHEMERAL: [Message; 7] = [
    frame(METRICS_UPDATED, "MetricsUpdated", "The figures of the dashboard changed."),
    frame(JOB_CHANGED, "JobChanged", "A job changed. Sent only to those who subscribe to it by its full name."),
    frame("workflow:hello", "Hello", "The first frame of every connection."),
    frame("workflow:resync", "Resync", "The cursor cannot be resumed from: reload over HTTP."),
    frame("workflow:subscribed", "Subscribed", "A subscription is in force."),
    frame("workflow:pong", "Pong", "The answer to a ping."),
    frame("workflow:error", "Error", "A message was not understood."),
];

/// What a client may send: the schema, and an example.
const COMMANDS: [(&str, &str); 3] = [
    (
        "Subscribe",
        r#"{"action":"subscribe","events":["workflow:sla:*"],"filter":{"status":["RED"],"owner":["Ana Ruiz"]}}"#,
    ),
    ("Unsubscribe", r#"{"action":"unsubscribe"}"#),
    ("Ping", r#"{"action":"ping"}"#),
];

const DESCRIPTION: &str = "Live events as JSON text frames over a plain WebSocket. The first frame is workflow:hello. \
    Numbered events carry an id, a decimal string that grows in commit order: connect with since=ID to receive \
    everything after it and then go on live, without gap or duplicate, from any process. A cursor that cannot be resumed \
    from is answered with workflow:resync. The server pings every 20 seconds and closes a connection that is silent for \
    45. Closing codes: 1008 too many messages, 1009 a message over 64 KiB, 1012 restart, 1013 slow consumer; after 1012 \
    and 1013 connect again with since=.";

static TEXT: LazyLock<String> = LazyLock::new(|| {
    let mut text = serde_json::to_string_pretty(&document()).expect("a document serialises");
    text.push('\n');
    text
});

/// The document, as committed in `openapi/asyncapi.json`.
pub fn asyncapi_json() -> &'static str {
    &TEXT
}

/// Serves the document.
pub(crate) fn document_endpoint() -> impl Endpoint<Output = Response> {
    crate::openapi::json(asyncapi_json)
}

/// Events that are stored, numbered and can be read again.
pub(crate) fn numbered() -> &'static [Message] {
    &NUMBERED
}

fn document() -> Value {
    let sent: Vec<String> = NUMBERED.iter().chain(&EPHEMERAL).map(|message| key(message.event)).collect();
    let received: Vec<String> = COMMANDS.iter().map(|(schema, _)| lower_first(schema)).collect();
    let all: Map<String, Value> = sent
        .iter()
        .chain(&received)
        .map(|key| (key.clone(), json!({"$ref": format!("#/components/messages/{key}")})))
        .collect();
    json!({
        "asyncapi": "3.0.0",
        "info": {
            "title": "Workflow Intelligence", "version": env!("CARGO_PKG_VERSION"), "description": DESCRIPTION,
            "license": {"name": "MIT OR Apache-2.0", "url": "https://spdx.org/licenses/MIT.html"},
            "tags": [{"name": "events", "description": "What happens to tasks, batches and jobs."}],
        },
        "id": "urn:workflow:intelligence:events",
        "defaultContentType": "application/json",
        "servers": {"local": {
            "host": "localhost:3001", "protocol": "ws", "description": "The default address; behind TLS the protocol is wss.",
        }},
        "channels": {"events": {
            "address": "/ws", "title": "Events", "description": "Events from the server, subscriptions from the client.",
            "servers": [{"$ref": "#/servers/local"}], "messages": all,
            "bindings": {"ws": {"method": "GET", "query": query(), "bindingVersion": "0.1.0"}},
        }},
        "operations": {
            "sendEvents": operation("send", "What the server sends.", &sent),
            "receiveCommands": operation("receive", "What the server understands.", &received),
        },
        "components": {"messages": messages(), "schemas": schema::all()},
    })
}

fn operation(action: &str, summary: &str, keys: &[String]) -> Value {
    let messages: Vec<Value> =
        keys.iter().map(|key| json!({"$ref": format!("#/channels/events/messages/{key}")})).collect();
    json!({"action": action, "channel": {"$ref": "#/channels/events"}, "summary": summary, "messages": messages})
}

fn query() -> Value {
    json!({"type": "object", "additionalProperties": false, "properties": {
        "events": {"type": "string", "description": "Names separated by commas, or beginnings of names followed by *; \
                    all if absent. Example: workflow:sla:*,workflow:task:created"},
        "filter": {"type": "string", "description": "As in subscribe, as JSON text: a replay begins before a message \
                    could be heard. Example: {\"status\":[\"RED\"]}"},
        "since": schema::cursor("The last event the client has; everything after it is replayed."),
        "ticket": {"type": "string", "description": "From POST /api/ws-ticket, to connect as whoever asked for it: good \
                    for one connection within 30 seconds. A wrong, used or expired one is answered with 401."},
    }})
}

fn messages() -> Map<String, Value> {
    let numbered = NUMBERED.iter().map(|message| (key(message.event), described(message, true)));
    let ephemeral = EPHEMERAL.iter().map(|message| (key(message.event), described(message, false)));
    let commands = COMMANDS.iter().map(|(schema, example)| (lower_first(schema), command(schema, example)));
    numbered.chain(ephemeral).chain(commands).collect()
}

fn described(&Message { event, data, summary }: &Message, numbered: bool) -> Value {
    let mut properties = Map::from_iter([
        ("event".to_owned(), json!({"type": "string", "const": event})),
        ("data".to_owned(), schema::reference(data)),
        ("timestamp".to_owned(), json!({"type": "string", "format": "date-time", "description": "As in data."})),
    ]);
    if numbered {
        let id = schema::cursor("Compared as an integer, it grows in commit order. The cursor to resume from.");
        properties.insert("id".to_owned(), id);
    }
    let required: Vec<&String> = properties.keys().collect();
    let mut message = json!({
        "name": event, "title": event, "summary": summary, "contentType": "application/json",
        "payload": {"type": "object", "required": required, "properties": properties},
    });
    if let Some(example) = example(event) {
        message["examples"] = json!([{"name": key(event), "summary": summary, "payload": example}]);
    }
    message
}

fn command(schema: &str, example: &str) -> Value {
    let example: Value = serde_json::from_str(example).expect("an example is JSON");
    json!({
        "name": lower_first(schema), "title": schema, "contentType": "application/json",
        "summary": format!("{schema}, sent by the client."), "payload": schema::reference(schema),
        "examples": [{"name": lower_first(schema), "payload": example}],
    })
}

/// A frame of this name, as it is sent.
pub(crate) fn example(event: &str) -> Option<Value> {
    let at = DateTime::from_timestamp_secs(1_767_607_200)?;
    let stored = sample::events(at).into_iter().find(|sample| sample.name() == event);
    stored.map(|sample| envelope(&sample, at)).or_else(|| {
        let notices = Notice::samples(at);
        notices
            .iter()
            .filter_map(|notice| serde_json::from_str::<Value>(&notice.json()).ok())
            .find(|json| json["event"] == event)
    })
}

fn envelope(event: &WorkflowEvent, at: DateTime<Utc>) -> Value {
    let mut frame = serde_json::to_value(event).expect("an event serialises");
    frame["id"] = json!("1842");
    frame["timestamp"] = json!(at);
    frame
}

/// `workflow:task:created` as a key: `taskCreated`.
pub(crate) fn key(event: &str) -> String {
    let mut words = event.split(':').skip(1);
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |key, word| key + &word[..1].to_uppercase() + &word[1..])
}

fn lower_first(name: &str) -> String {
    name[..1].to_lowercase() + &name[1..]
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::realtime::vocabulary::EVENTS;

    fn at() -> DateTime<Utc> {
        DateTime::from_timestamp_secs(0).unwrap()
    }

    /// Does not compile when a kind of event is added without a place here.
    fn place(event: &WorkflowEvent) -> usize {
        match event {
            WorkflowEvent::TaskCreated(_) => 0,
            WorkflowEvent::TaskUpdated(_) => 1,
            WorkflowEvent::TaskCompleted(_) => 2,
            WorkflowEvent::TaskDeleted(_) => 3,
            WorkflowEvent::StatusChanged(_) => 4,
            WorkflowEvent::SlaWarning(_) => 5,
            WorkflowEvent::SlaViolated(_) => 6,
            WorkflowEvent::SlaEscalated(_) => 7,
            WorkflowEvent::CriticalAlert(_) => 8,
            WorkflowEvent::BatchCompleted(_) => 9,
            WorkflowEvent::BatchFailed(_) => 10,
            WorkflowEvent::CommentCreated(_) => 11,
            WorkflowEvent::CommentDeleted(_) => 12,
            WorkflowEvent::WatchersChanged(_) => 13,
        }
    }

    fn names(value: &Value) -> BTreeSet<String> {
        value.as_object().into_iter().flatten().map(|(name, _)| name.clone()).collect()
    }

    /// The properties of the data of a frame, after its reference is followed.
    fn documented(document: &Value, event: &str) -> BTreeSet<String> {
        let message = &document["components"]["messages"][key(event)];
        let reference = message["payload"]["properties"]["data"]["$ref"].as_str().unwrap();
        let schema = &document["components"]["schemas"][reference.rsplit('/').next().unwrap()];
        assert_eq!(schema["required"].as_array().unwrap().len(), names(&schema["properties"]).len());
        names(&schema["properties"])
    }

    #[test]
    fn every_event_is_documented_and_can_be_subscribed_to() {
        let samples = sample::events(at());
        for (index, (sample, message)) in samples.iter().zip(&NUMBERED).enumerate() {
            assert_eq!((place(sample), sample.name()), (index, message.event));
        }
        assert_eq!(samples.len(), NUMBERED.len());
        let documented: Vec<&str> = NUMBERED.iter().chain(&EPHEMERAL).map(|message| message.event).collect();
        assert_eq!(documented[..EVENTS.len()], EVENTS);
    }

    #[test]
    fn what_is_sent_has_exactly_the_documented_fields() {
        let document = document();
        for sample in sample::events(at()) {
            let frame = envelope(&sample, at());
            assert_eq!(names(&frame["data"]), documented(&document, sample.name()), "{}", sample.name());
        }
        let notices = Notice::samples(at());
        assert_eq!(notices.len(), EPHEMERAL.len() - 2);
        for notice in notices {
            let frame: Value = serde_json::from_str(&notice.json()).unwrap();
            let event = frame["event"].as_str().unwrap();
            assert_eq!(names(&frame["data"]), documented(&document, event), "{event}");
            assert_eq!(names(&frame), ["data", "event", "timestamp"].map(str::to_owned).into());
        }
    }

    #[test]
    fn every_reference_points_at_something() {
        fn check(value: &Value, document: &Value) {
            if let Some(reference) = value.get("$ref").and_then(Value::as_str) {
                assert!(document.pointer(&reference[1..]).is_some(), "{reference}");
            }
            match value {
                Value::Array(items) => items.iter().for_each(|item| check(item, document)),
                Value::Object(map) => map.values().for_each(|item| check(item, document)),
                _ => {}
            }
        }
        let document = document();
        check(&document, &document);
    }

    #[test]
    fn the_text_ends_in_one_newline() {
        assert!(asyncapi_json().ends_with("}\n"));
    }
}
