//! What `/events` answers: one schema for each event, and their union, from what the socket's document says.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::nulls::collect;
use crate::asyncapi;
use crate::realtime::schema;

/// The type the route is declared with.
const UNION: &str = "EventEnvelope";

/// Replaces the envelope by a union with a discriminator.
pub(super) fn unite(document: &mut Value) {
    let Some(schemas) = document["components"]["schemas"].as_object_mut() else { return };
    let known = Value::Object(schema::all());
    let (mut members, mut mapping) = (Vec::new(), Map::new());
    for message in asyncapi::numbered() {
        let name = format!("{}Event", capitalised(&asyncapi::key(message.event)));
        let reference = schema::reference(&name);
        mapping.insert(message.event.to_owned(), reference["$ref"].clone());
        members.push(reference);
        schemas.insert(name, envelope(message));
        let mut needed = BTreeSet::from([message.data.to_owned()]);
        collect(&known[message.data], &known, &mut needed);
        for name in needed {
            let schema = &known[&name];
            schemas.entry(name).or_insert_with(|| schema.clone());
        }
    }
    schemas.insert(
        UNION.to_owned(),
        json!({
            "description": "An event as on the socket; `event` tells which.",
            "oneOf": members, "discriminator": {"propertyName": "event", "mapping": mapping},
        }),
    );
}

fn envelope(message: &asyncapi::Message) -> Value {
    json!({
        "type": "object", "description": message.summary, "required": ["event", "data", "id", "timestamp"],
        "properties": {
            "event": {"type": "string", "const": message.event, "description": "Its name."},
            "data": schema::reference(message.data),
            "id": schema::cursor("Its number; strictly increasing in commit order."),
            "timestamp": {"type": "string", "format": "date-time", "description": "When it took effect, as in data."},
        },
    })
}

fn capitalised(key: &str) -> String {
    key[..1].to_uppercase() + &key[1..]
}
