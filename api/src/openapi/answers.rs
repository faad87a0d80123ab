//! Descriptions that are missing, and schemas that are left over.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::nulls::collect;
use super::polish::each_operation;

/// Gives every operation and answer a description.
pub(super) fn describe(document: &mut Value) {
    each_operation(document, |_, _, operation| {
        let summary = operation.get("summary").and_then(Value::as_str).unwrap_or_default();
        let sentence = if summary.ends_with(['.', '?']) { summary.to_owned() } else { format!("{summary}.") };
        operation.entry("description").or_insert(json!(sentence));
        for response in operation
            .get_mut("responses")
            .and_then(Value::as_object_mut)
            .into_iter()
            .flatten()
            .map(|(_, response)| response)
        {
            if response.get("$ref").is_none() && response.get("description").is_none_or(|text| text == "") {
                response["description"] = json!("Success.");
            }
        }
    });
}

/// Removes components that no operation refers to.
pub(super) fn sweep(document: &mut Value) {
    for section in ["responses", "parameters", "headers"] {
        let mut text = document["paths"].to_string();
        text.push_str(&document["components"]["responses"].to_string());
        if let Some(parts) = document["components"][section].as_object_mut() {
            parts.retain(|name, _| text.contains(&format!("\"#/components/{section}/{name}\"")));
        }
    }
    let mut used = BTreeSet::new();
    let schemas = document["components"]["schemas"].clone();
    collect(&document["paths"], &schemas, &mut used);
    collect(&document["components"]["responses"], &schemas, &mut used);
    if let Some(schemas) = document["components"]["schemas"].as_object_mut() {
        schemas.retain(|name, _| used.contains(name));
    }
}
