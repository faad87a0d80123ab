//! What is merely untidy.

use serde_json::{Map, Value, json};

use super::measure::NOTHING;
use super::polish::each_object;

/// Media types without charset, formats of the registry, whole limits as integers, nothing said that is false anyway.
pub(super) fn tidy(document: &mut Value) {
    each_object(document, &mut |map| {
        for (charset, essence) in
            [("application/json; charset=utf-8", "application/json"), ("text/plain; charset=utf-8", "text/plain")]
        {
            if let Some(content) = map.remove(charset) {
                map.insert(essence.to_owned(), content);
            }
        }
        if map.get("deprecated") == Some(&json!(false)) {
            map.remove("deprecated");
        }
        if map.get("additionalProperties") == Some(&json!({"type": NOTHING})) {
            map.insert("additionalProperties".to_owned(), json!(false));
        }
        if is_schema(map) {
            numbers(map);
            // The name it has already.
            map.remove("title");
        }
    });
}

fn is_schema(map: &Map<String, Value>) -> bool {
    map.get("type").is_some_and(Value::is_string)
}

fn numbers(schema: &mut Map<String, Value>) {
    let format = schema.get("format").and_then(Value::as_str).unwrap_or_default();
    if let Some(unsigned) = format.strip_prefix("uint") {
        let wide = unsigned == "64";
        schema.insert("format".to_owned(), json!(if wide { "int64" } else { "int32" }));
        schema.entry("minimum").or_insert(json!(0));
    } else if format == "int16" {
        schema.insert("format".to_owned(), json!("int32"));
    }
    for limit in ["minimum", "maximum"] {
        let whole = schema.get(limit).and_then(Value::as_f64).filter(|number| number.fract() == 0.0);
        if let Some(whole) = whole {
            schema.insert(limit.to_owned(), json!(whole as i64));
        }
    }
}

/// `allOf: [reference, {description}]` becomes a description beside the reference.
pub(super) fn join_descriptions(document: &mut Value) {
    each_object(document, &mut |map| {
        let Some(parts) = map.get_mut("allOf").and_then(Value::as_array_mut) else { return };
        let [reference, described] = parts.as_mut_slice() else { return };
        let only_described = described.as_object().is_some_and(|map| map.keys().all(|key| key == "description"));
        if reference.get("$ref").is_some() && only_described {
            let text = described["description"].take();
            parts.truncate(1);
            map.entry("description").or_insert(text);
        }
    });
}
