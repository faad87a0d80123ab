//! Where null may stand.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::polish::{each_object, target};

/// Fields that are left out where there is nothing to say, against the rule of [`always_present`].
const OMITTED: [(&str, &str); 5] = [
    ("Problem", "errors"),
    ("Problem", "current_version"),
    ("Problem", "merged_into"),
    ("Metrics", "links"),
    ("Analytics", "links"),
];

/// What people write is shown as they wrote it: what they left out is left out.
const AS_WRITTEN: [&str; 8] = [
    "MailboxSource",
    "SlaBook",
    "SlaCalendar",
    "SlaWeek",
    "SlaPolicy",
    "SlaConditions",
    "SlaThreshold",
    "SlaPolicyStep",
];

/// `nullable: true` becomes a type.
pub(super) fn typed(document: &mut Value) {
    each_object(document, &mut |map| {
        if map.get("nullable") == Some(&json!(true)) {
            map.remove("nullable");
            let mut schema = Value::Object(std::mem::take(map));
            or_null(&mut schema);
            if let Value::Object(schema) = schema {
                *map = schema;
            }
        }
    });
}

/// Lets a schema be null as well.
pub(super) fn or_null(schema: &mut Value) {
    if allows_null(schema) {
        return;
    }
    if schema.get("type").is_some_and(Value::is_string) && schema.get("enum").is_none() {
        schema["type"] = json!([schema["type"], "null"]);
        return;
    }
    let mut inner = schema.take();
    let description = inner.as_object_mut().and_then(|map| map.remove("description"));
    let only =
        inner.get("allOf").and_then(Value::as_array).filter(|parts| parts.len() == 1).map(|parts| parts[0].clone());
    *schema = json!({"anyOf": [only.unwrap_or(inner), {"type": "null"}]});
    if let Some(description) = description {
        schema["description"] = description;
    }
}

/// Whether a schema says that it may be null, or says nothing at all and may be anything.
fn allows_null(schema: &Value) -> bool {
    let is_null = |value: &Value| value == "null" || value["type"] == "null";
    ["type", "anyOf"].iter().any(|key| schema[*key].as_array().is_some_and(|types| types.iter().any(is_null)))
        || schema.as_object().is_some_and(|map| map.keys().all(|key| key == "description"))
}

/// Every field of an answer is there; one that is not required may be null.
pub(super) fn always_present(document: &mut Value) {
    let answers = answer_schemas(document);
    let Some(schemas) = document["components"]["schemas"].as_object_mut() else { return };
    let is_answer = |name: &str| (answers.contains(name) || name == "Problem") && !AS_WRITTEN.contains(&name);
    for (name, schema) in schemas.iter_mut().filter(|(name, _)| is_answer(name)) {
        require_all(name, schema);
    }
}

fn require_all(name: &str, schema: &mut Value) {
    for part in schema.get_mut("allOf").and_then(Value::as_array_mut).into_iter().flatten() {
        require_all(name, part);
    }
    let required: Vec<String> =
        schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect();
    let is_omitted = |field: &str| OMITTED.contains(&(name, field));
    let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) else { return };
    for (field, property) in properties.iter_mut() {
        if !required.contains(field) && !is_omitted(field) {
            or_null(property);
        }
    }
    schema["required"] = properties.keys().filter(|field| !is_omitted(field)).cloned().collect();
}

/// Names of the schemas that answers are made of.
fn answer_schemas(document: &Value) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let items = document["paths"].as_object().into_iter().flatten();
    for operation in items.flat_map(|(_, item)| item.as_object().into_iter().flatten()).map(|(_, operation)| operation)
    {
        collect(&operation["responses"], &document["components"]["schemas"], &mut names);
    }
    names
}

/// Names of all schemas that a value refers to, directly or through others.
pub(super) fn collect(value: &Value, schemas: &Value, names: &mut BTreeSet<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| collect(item, schemas, names)),
        Value::Object(map) => {
            if let Some(name) = target(value)
                && schemas.get(name).is_some()
                && names.insert(name.to_owned())
            {
                collect(&schemas[name], schemas, names);
            }
            map.values().for_each(|item| collect(item, schemas, names));
        }
        _ => {}
    }
}
