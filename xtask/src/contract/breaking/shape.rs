//! How a document is read when two are compared: references followed, nulls put aside.

use std::collections::BTreeSet;

use serde_json::Value;

/// A schema without what only surrounds it.
pub struct Shape<'a> {
    /// Its reference, if it is one.
    pub name: Option<&'a str>,
    /// What stands there.
    pub schema: &'a Value,
    /// Whether null may stand there too.
    pub nullable: bool,
}

impl<'a> Shape<'a> {
    /// Follows references and puts nulls aside.
    pub fn of(schema: &'a Value, document: &'a Value) -> Self {
        if let Some(parts) = schema["anyOf"].as_array()
            && let [inner, null] = parts.as_slice()
            && null["type"] == "null"
        {
            return Self { nullable: true, ..Self::of(inner, document) };
        }
        if let Some([only]) = schema["allOf"].as_array().map(Vec::as_slice) {
            return Self::of(only, document);
        }
        if let Some(pointer) = schema["$ref"].as_str() {
            return Self { name: Some(pointer), ..Self::of(resolved(schema, document), document) };
        }
        let nullable = schema["type"].as_array().is_some_and(|kinds| kinds.iter().any(|kind| kind == "null"));
        Self { name: None, schema, nullable }
    }
}

/// Members of an object; none of anything else.
pub fn members(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

/// What a reference points to; anything else is itself.
pub fn resolved<'a>(value: &'a Value, document: &'a Value) -> &'a Value {
    value["$ref"].as_str().map_or(value, |name| named(name, document))
}

/// What stands at `#/components/...`; nothing, if nothing does.
pub fn named<'a>(reference: &str, document: &'a Value) -> &'a Value {
    reference.strip_prefix('#').and_then(|pointer| document.pointer(pointer)).unwrap_or(&Value::Null)
}

/// Where a parameter stands and what it is called.
pub fn name_of(parameter: &Value) -> String {
    let text = |key: &str| parameter[key].as_str().unwrap_or_default();
    format!("{}/{}", text("in"), text("name"))
}

/// Whether a parameter or a body must be given.
pub fn is_required(part: &Value) -> bool {
    part["required"] == Value::Bool(true)
}

/// The type, null aside.
pub fn kind_of(schema: &Value) -> Option<&str> {
    match &schema["type"] {
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).find(|kind| *kind != "null"),
        kind => kind.as_str(),
    }
}

/// The values of an enum or a constant.
pub fn values_of(schema: &Value) -> Option<Vec<&Value>> {
    schema["enum"].as_array().map(|values| values.iter().collect()).or_else(|| schema.get("const").map(|one| vec![one]))
}

/// Fields that are always there.
pub fn required(schema: &Value) -> BTreeSet<&str> {
    schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}

/// Parameters of an operation, references followed.
pub fn parameters_of<'a>(operation: &'a Value, document: &'a Value) -> Vec<&'a Value> {
    operation["parameters"].as_array().into_iter().flatten().map(|given| resolved(given, document)).collect()
}
