//! Examples of every request and answer: values of the real types where there is one, else made from the schema.

use serde_json::{Map, Value, json};

use super::polish::{each_operation, named};
use super::samples;

/// Adds what is missing.
pub(super) fn add(document: &mut Value) {
    let schemas = document["components"]["schemas"].take();
    each_operation(document, |_, _, operation| {
        for parameter in operation.get_mut("parameters").and_then(Value::as_array_mut).into_iter().flatten() {
            if parameter["in"] == "path" && parameter.get("example").is_none() {
                let name = parameter["name"].as_str().unwrap_or_default().to_owned();
                parameter["example"] = of(&parameter["schema"], &schemas, &name);
            }
        }
        if let Some(content) = operation.get_mut("requestBody").and_then(|body| body.get_mut("content")) {
            fill(content, &schemas);
        }
        for response in operation.get_mut("responses").and_then(Value::as_object_mut).into_iter().flatten() {
            if let Some(content) = response.1.get_mut("content") {
                fill(content, &schemas);
            }
        }
    });
    document["components"]["schemas"] = schemas;
}

fn fill(content: &mut Value, schemas: &Value) {
    for (media, body) in content.as_object_mut().into_iter().flatten() {
        if body.get("example").is_none() && body.get("examples").is_none() {
            body["example"] = samples::text(media).unwrap_or_else(|| of(&body["schema"], schemas, ""));
        }
    }
}

/// A value of the schema; `field` is the name it stands under.
fn of(schema: &Value, schemas: &Value, field: &str) -> Value {
    if let Some(name) = named(schema) {
        return samples::of(name).unwrap_or_else(|| of(&schemas[name], schemas, field));
    }
    if let Some(parts) = schema.get("allOf").and_then(Value::as_array) {
        let parts = parts.iter().filter_map(|part| of(part, schemas, field).as_object().cloned());
        return Value::Object(parts.flatten().collect());
    }
    let choices = schema.get("oneOf").or_else(|| schema.get("anyOf")).and_then(Value::as_array);
    if let Some(first) = choices.and_then(|choices| choices.first()) {
        return of(first, schemas, field);
    }
    if let Some(value) = schema.get("const").or_else(|| schema.get("default")) {
        return value.clone();
    }
    let sample = samples::field(field);
    if let Some(values) = schema.get("enum").and_then(Value::as_array) {
        return sample.filter(|sample| values.contains(sample)).unwrap_or_else(|| values[0].clone());
    }
    let kind = match &schema["type"] {
        Value::Array(kinds) => kinds.first().and_then(Value::as_str),
        kind => kind.as_str(),
    };
    match kind {
        Some("object") => object(schema, schemas),
        Some("array") => json!([of(&schema["items"], schemas, field)]),
        Some("string") if schema["format"] == "date-time" => samples::instant(field),
        Some("string") => sample.filter(Value::is_string).unwrap_or_else(|| json!("text")),
        Some("integer") => sample.filter(Value::is_i64).unwrap_or_else(|| whole(schema)),
        Some("number") => sample.filter(Value::is_number).unwrap_or_else(|| json!(12.5)),
        Some("boolean") => sample.filter(Value::is_boolean).unwrap_or(Value::Bool(false)),
        _ => sample.unwrap_or_else(|| json!({})),
    }
}

fn object(schema: &Value, schemas: &Value) -> Value {
    let properties = schema.get("properties").and_then(Value::as_object).into_iter().flatten();
    Value::Object(properties.map(|(name, property)| (name.clone(), of(property, schemas, name))).collect::<Map<_, _>>())
}

fn whole(schema: &Value) -> Value {
    json!(
        schema["minimum"].as_i64().map_or(3, |least| least.max(3)).min(schema["maximum"].as_i64().unwrap_or(i64::MAX))
    )
}

#[cfg(test)]
mod tests {
    use super::super::DOCUMENT;
    use super::*;

    #[test]
    fn every_request_and_every_answer_with_a_body_has_an_example() {
        let mut missing = Vec::new();
        each_operation(&mut DOCUMENT.clone(), |path, method, operation| {
            let bodies = operation["responses"].as_object().into_iter().flatten().map(|(_, response)| response);
            for body in bodies.chain(operation.get("requestBody")) {
                for (media, content) in body.get("content").and_then(Value::as_object).into_iter().flatten() {
                    if content.get("example").is_none() {
                        missing.push(format!("{method} {path} {media}"));
                    }
                }
            }
        });
        assert_eq!(missing, Vec::<String>::new());
    }
}
