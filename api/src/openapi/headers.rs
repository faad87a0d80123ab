//! Headers of requests and answers.

use serde_json::{Map, Value, json};

use super::polish::each_operation;

/// Whether an operation reads If-Match: a change of one task, person or team as such, or of the book.
pub(super) fn takes_if_match(path: &str, method: &str) -> bool {
    matches!(method, "put" | "patch" | "delete")
        && (path.starts_with("/api/sla") || ["{task_id}", "{person}", "{team}"].iter().any(|end| path.ends_with(end)))
}

/// Changes that are done at once, without a job that a key could be kept with; none can be done twice.
const AT_ONCE: [&str; 4] = ["dismissEmail", "replayEmail", "replayQuarantine", "dismissFinding"];

/// Adds what all operations have in common, and spells names as they are usually spelt.
pub(super) fn add(document: &mut Value) {
    document["components"]["headers"] = shared_headers();
    document["components"]["parameters"] = parameters();
    each_operation(document, |path, method, operation| {
        let names = request_headers(path, method, operation);
        let added: Vec<Value> =
            names.iter().map(|name| json!({"$ref": format!("#/components/parameters/{name}")})).collect();
        if !added.is_empty()
            && let Value::Array(parameters) = operation.entry("parameters").or_insert_with(|| json!([]))
        {
            parameters.extend(added);
        }
        for (status, response) in operation.get_mut("responses").and_then(Value::as_object_mut).into_iter().flatten() {
            let Some(response) = response.as_object_mut().filter(|response| !response.contains_key("$ref")) else {
                continue;
            };
            let given = response.remove("headers");
            let mut headers: Map<String, Value> = given
                .as_ref()
                .and_then(Value::as_object)
                .into_iter()
                .flatten()
                .map(|(name, header)| (spelt(name), header.clone()))
                .collect();
            headers.insert("X-Request-Id".to_owned(), json!({"$ref": "#/components/headers/RequestId"}));
            if names.contains(&"IdempotencyKey") && status.starts_with('2') {
                headers
                    .insert("Preference-Applied".to_owned(), json!({"$ref": "#/components/headers/PreferenceApplied"}));
            }
            response.insert("headers".to_owned(), Value::Object(headers));
        }
    });
}

/// Names in `components.parameters` of the headers an operation reads.
fn request_headers(path: &str, method: &str, operation: &Map<String, Value>) -> Vec<&'static str> {
    let has = |status: &str| operation["responses"].get(status).is_some();
    let mut names = Vec::new();
    let at_once = operation["operationId"].as_str().is_some_and(|id| AT_ONCE.contains(&id));
    if path.starts_with("/api/workflow/") && matches!(method, "post" | "put" | "patch" | "delete") && !at_once {
        names.push("IdempotencyKey");
        if has("202") && (has("200") || has("201")) {
            names.push("Prefer");
        }
    }
    if takes_if_match(path, method) {
        names.push("IfMatch");
    }
    if has("304") {
        names.push("IfNoneMatch");
    }
    names
}

fn parameters() -> Value {
    let header = |name: &str, schema: Value, description: &str, example: &str| {
        json!({"name": name, "in": "header", "required": false, "description": description, "schema": schema,
               "example": example})
    };
    json!({
        "IdempotencyKey": header(
            "Idempotency-Key", json!({"type": "string", "minLength": 1, "maxLength": 200}),
            "Makes a repetition safe for 24 hours: the same key with the same body gives the same answer and one \
             effect, with another body 422.",
            "order-4500017731-1",
        ),
        "IfMatch": header(
            "If-Match", json!({"type": "string", "minLength": 1, "pattern": "^(\\*|\"[0-9]{1,18}\")$"}),
            "The ETag of the version that is to be changed; the answer is 412 if it is another one by then.",
            "\"3\"",
        ),
        "IfNoneMatch": header(
            "If-None-Match", json!({"type": "string"}),
            "The ETag of a version that is known; the answer is 304 if it still is the current one.",
            "\"3\"",
        ),
        "Prefer": header(
            "Prefer", json!({"type": "string"}),
            "`wait=N` waits up to N seconds for the outcome, 30 at most; `respond-async` does not wait and answers \
             202 (RFC 7240).",
            "wait=5",
        ),
    })
}

fn shared_headers() -> Value {
    let header = |description: &str, schema: Value, example: Value| json!({"description": description, "schema": schema, "example": example});
    let text = json!({"type": "string"});
    json!({
        "RequestId": {
            "description": "The request's id, as in the log: the caller's own if it sent a usable one.",
            "required": true, "schema": text, "example": "0198d2a4-6c1e-7b52-9f6e-3a1f0c5d7e21",
        },
        "RetryAfter": header("Seconds to wait.", json!({"type": "integer", "minimum": 0}), json!(2)),
        "PreferenceApplied": header("Which preference was honoured (RFC 7240).", text.clone(), json!("respond-async")),
        "RateLimit": header("What is left of the quota.", text.clone(), json!("\"default\";r=0;t=1")),
        "RateLimitPolicy": header("The quota.", text, json!("\"default\";q=100;w=1")),
    })
}

fn spelt(header: &str) -> String {
    let lower = header.to_ascii_lowercase();
    if lower == "etag" {
        return "ETag".to_owned();
    }
    let word = |word: &str| word[..1].to_uppercase() + &word[1..];
    lower.split('-').map(word).collect::<Vec<_>>().join("-")
}
