//! The document in `OpenAPI` 3.0, for tools that do not read 3.1.

use serde_json::{Map, Value, json};

use super::answers;
use super::polish::{each_object, target};

/// Says in 3.0 what can be said in it: `nullable` for a null type, one example instead of several, `enum` of one for
/// `const`, a licence by its address.
pub(super) fn lowered(mut document: Value) -> Value {
    document["openapi"] = json!("3.0.3");
    if let Some(info) = document["info"].as_object_mut() {
        info.remove("summary");
    }
    document["info"]["license"] = json!({"name": "MIT OR Apache-2.0", "url": "https://spdx.org/licenses/MIT.html"});
    let schemas = document["components"]["schemas"].clone();
    each_object(&mut document, &mut |map| lower(map, &schemas));
    // An enum that may be null is written out where it stands, and may be needed nowhere else.
    answers::sweep(&mut document);
    document
}

fn lower(map: &mut Map<String, Value>, schemas: &Value) {
    if let Some(types) = map.get("type").and_then(Value::as_array) {
        let kind = types.iter().find(|kind| *kind != "null").cloned().unwrap_or_default();
        map.insert("type".to_owned(), kind);
        map.insert("nullable".to_owned(), json!(true));
    }
    if let Some(parts) = map.get("anyOf").and_then(Value::as_array)
        && let [inner, null] = parts.as_slice()
        && null["type"] == "null"
    {
        let inner = inner.clone();
        map.remove("anyOf");
        match inner {
            Value::Object(inner) if !inner.contains_key("$ref") => map.extend(inner),
            reference => {
                // `nullable` means nothing without a type beside it, and an enum has to name null itself.
                let schema = target(&reference).map_or(&Value::Null, |name| &schemas[name]);
                map.insert("type".to_owned(), schema.get("type").cloned().unwrap_or_else(|| json!("object")));
                match schema["enum"].as_array() {
                    Some(values) => {
                        map.insert("enum".to_owned(), values.iter().cloned().chain([Value::Null]).collect())
                    }
                    None => map.insert("allOf".to_owned(), json!([reference])),
                };
            }
        }
        map.insert("nullable".to_owned(), json!(true));
    }
    let is_schema = map.get("type").is_some_and(Value::is_string);
    if is_schema && let Some(value) = map.remove("const") {
        map.insert("enum".to_owned(), json!([value]));
    }
    if is_schema && let Some(examples) = map.remove("examples") {
        map.insert("example".to_owned(), examples[0].clone());
    }
    for (number, flag) in [("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")] {
        if is_schema && let Some(limit) = map.get(number).filter(|limit| limit.is_number()).cloned() {
            map.insert(flag.to_owned(), limit);
            map.insert(number.to_owned(), json!(true));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_3_1_is_left() {
        let mut document = lowered(super::super::DOCUMENT.clone());
        let mut left = Vec::new();
        each_object(&mut document, &mut |map| {
            let null_type = map.get("type").is_some_and(|kind| kind.is_array() || kind == "null");
            if null_type || map.get("const").is_some_and(|value| !value.is_object()) {
                left.push(Value::Object(map.clone()));
            }
        });
        assert_eq!(left, Vec::<Value>::new());
    }
}
