//! Which errors an operation may answer with.

use poem::http::StatusCode;
use poem_openapi::registry::Registry;
use poem_openapi::types::Type;
use serde_json::{Map, Value, json};

use super::polish::each_operation;
use super::samples;
use crate::problem::Problem;

/// Statuses any request may meet before its operation is reached, or when the server is in trouble.
const EVERYWHERE: [(&str, &str); 11] = [
    ("400", "The request cannot be read."),
    ("401", "A key is needed and none, or an unknown one, was given."),
    ("403", "The key's role does not allow this."),
    ("405", "The route does not take this method."),
    ("414", "The URI is too long."),
    ("421", "The Host is not served here."),
    ("422", "Values are not acceptable; `errors` names them all."),
    ("429", "Too many requests; `Retry-After` says when to go on."),
    ("431", "The headers are too large."),
    ("500", "The server failed; its log has the reason under the request's id."),
    ("503", "The database is away, or the server is stopping; try again after `Retry-After`."),
];
/// Statuses of operations that take a body.
const WITH_BODY: [(&str, &str); 3] = [
    ("408", "The body did not arrive in time."),
    ("413", "The body is larger than this operation takes."),
    ("415", "The media type is not one this operation takes."),
];
/// Statuses of operations on one thing.
const ON_ONE: [(&str, &str); 1] = [("404", "There is no such thing.")];
/// Statuses of operations on one task.
const ON_A_TASK: [(&str, &str); 1] = [("410", "The task was deleted.")];
/// Statuses of operations that read If-Match.
const MATCHED: [(&str, &str); 1] = [("412", "It has another version than If-Match says.")];
/// Statuses that an operation's own description names.
const TOLD: [(&str, &str); 3] = [
    ("404", "There is no such thing."),
    ("409", "Its state does not allow this."),
    ("410", "It was there, and is gone."),
];

/// Adds the schema of errors.
pub(super) fn schema(document: &mut Value) {
    let mut registry = Registry::new();
    Problem::register(&mut registry);
    let schemas = serde_json::to_value(&registry.schemas).expect("a schema serialises");
    if let (Some(schemas), Value::Object(errors)) = (document["components"]["schemas"].as_object_mut(), schemas) {
        schemas.extend(errors);
    }
}

/// Adds the statuses, each described once for all operations.
pub(super) fn add(document: &mut Value) {
    let all = EVERYWHERE.iter().chain(&WITH_BODY).chain(&ON_ONE).chain(&ON_A_TASK).chain(&MATCHED).chain(&TOLD);
    let responses: Map<String, Value> =
        all.map(|(status, description)| (name(status), problem(status, description))).collect();
    document["components"]["responses"] = Value::Object(responses);
    each_operation(document, |path, method, operation| {
        let told = operation.get("description").and_then(Value::as_str).unwrap_or_default().to_owned();
        let mut statuses = EVERYWHERE.to_vec();
        if operation.contains_key("requestBody") {
            statuses.extend(WITH_BODY);
        }
        if path.contains('{') {
            statuses.extend(ON_ONE);
        }
        if path.contains("{task_id}") && !path.contains("/history/") {
            statuses.extend(ON_A_TASK);
        }
        if super::headers::takes_if_match(path, method) {
            statuses.extend(MATCHED);
        }
        statuses.extend(TOLD.iter().filter(|(status, _)| told.contains(status)));
        let Some(responses) = operation.get_mut("responses").and_then(Value::as_object_mut) else { return };
        for (status, _) in statuses {
            let reference = json!({"$ref": format!("#/components/responses/{}", name(status))});
            responses.entry(status).or_insert(reference);
        }
    });
}

/// `404` as the name of a component: `NotFound`.
fn name(status: &str) -> String {
    let words = status_code(status).canonical_reason().unwrap_or(status);
    words.split(' ').map(|word| word[..1].to_uppercase() + &word[1..].to_lowercase()).collect()
}

fn status_code(status: &str) -> StatusCode {
    StatusCode::from_bytes(status.as_bytes()).expect("the tables hold statuses")
}

fn problem(status: &str, description: &str) -> Value {
    let mut headers = vec![("X-Request-Id", "RequestId")];
    match status {
        "429" => headers.extend([
            ("Retry-After", "RetryAfter"),
            ("RateLimit", "RateLimit"),
            ("RateLimit-Policy", "RateLimitPolicy"),
        ]),
        "503" => headers.push(("Retry-After", "RetryAfter")),
        _ => {}
    }
    let headers: Map<String, Value> = headers
        .into_iter()
        .map(|(header, name)| (header.to_owned(), json!({"$ref": format!("#/components/headers/{name}")})))
        .collect();
    json!({
        "description": description, "headers": headers,
        "content": {"application/problem+json": {
            "schema": {"$ref": "#/components/schemas/Problem"},
            "example": samples::problem(status_code(status), description),
        }},
    })
}
