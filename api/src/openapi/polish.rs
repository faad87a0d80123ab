//! The steps from what the generator writes to the document that is served.

use serde_json::{Map, Value, json};

use super::{access, answers, events, examples, headers, nulls, statuses, tidy, words};

/// Mends one quirk all over a document.
type Step = fn(&mut Value);

/// What the generator gets wrong or leaves out, and the step that mends it, in the order of their doing. No step knows
/// an operation by name: each goes by what the document says of it.
const STEPS: [(&str, Step); 14] = [
    ("It writes 3.0.0, which has no null; nobody to ask, no server.", introduce),
    ("The schema of errors is left out, because no operation is declared with it.", statuses::schema),
    ("Media types carry a charset, numbers formats that no registry has; what is false is written out.", tidy::tidy),
    ("A described reference is an `allOf` of itself and its description.", tidy::join_descriptions),
    (
        "A page's size, an instant, a closed set of words are judged by hand, and only their descriptions say so.",
        words::read,
    ),
    ("`nullable` is a word of 3.0.", nulls::typed),
    ("An optional field of an answer may be absent; it is always there, and null.", nulls::always_present),
    ("A type that writes its JSON itself has no schema: events are a union of what is sent.", events::unite),
    ("Who may do what is said by the policy alone.", access::declare),
    ("Errors are not documented at all.", statuses::add),
    ("Headers are in capitals; those that all operations have in common are missing.", headers::add),
    ("An operation without a longer text has no description, an answer an empty one.", answers::describe),
    ("There are no examples.", examples::add),
    ("Schemas that nothing refers to stay.", answers::sweep),
];

/// The document as it is served.
pub(super) fn polish(mut document: Value) -> Value {
    for (_, step) in STEPS {
        step(&mut document);
    }
    document
}

fn introduce(document: &mut Value) {
    document["openapi"] = json!("3.1.0");
    document["info"]["contact"] = json!({"name": "Whoever runs this server"});
    document["servers"] = json!([{"url": "/", "description": "The server this document comes from."}]);
}

/// Calls `visit` with path, method and body of each operation.
pub(super) fn each_operation(document: &mut Value, mut visit: impl FnMut(&str, &str, &mut Map<String, Value>)) {
    for (path, item) in document["paths"].as_object_mut().into_iter().flatten() {
        for (method, operation) in item.as_object_mut().into_iter().flatten() {
            if let Some(operation) = operation.as_object_mut() {
                visit(path, method, operation);
            }
        }
    }
}

/// Calls `visit` with every object of the document, from the inside out.
pub(super) fn each_object(value: &mut Value, visit: &mut impl FnMut(&mut Map<String, Value>)) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| each_object(item, visit)),
        Value::Object(map) => {
            map.values_mut().for_each(|item| each_object(item, visit));
            visit(map);
        }
        _ => {}
    }
}

/// The name a `$ref` points to.
pub(super) fn target(schema: &Value) -> Option<&str> {
    schema.get("$ref")?.as_str()?.rsplit('/').next()
}

/// The name of the schema that this one is, where it is a reference alone or with a description.
pub(super) fn named(schema: &Value) -> Option<&str> {
    target(schema).or_else(|| match schema.get("allOf")?.as_array()?.as_slice() {
        [only] => target(only),
        _ => None,
    })
}
