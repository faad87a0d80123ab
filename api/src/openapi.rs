//! The OpenAPI document: generated from the types, then polished where the generator says less than is true.

use std::fmt::Write;
use std::sync::LazyLock;

use poem::endpoint::make_sync;
use poem::http::header;
use poem::{Endpoint, Request, Response};
use poem_openapi::{OpenApiService, Tags};
use serde_json::{Map, Value, json};

use crate::app::App;
use crate::routes::attachments::AttachmentsApi;
use crate::routes::audit::AuditApi;
use crate::routes::batches::BatchesApi;
use crate::routes::bulk::BulkApi;
use crate::routes::comments::CommentsApi;
use crate::routes::database::DatabaseApi;
use crate::routes::emails::EmailsApi;
use crate::routes::events::EventsApi;
use crate::routes::export::ExportApi;
use crate::routes::health::HealthApi;
use crate::routes::jobs::JobsApi;
use crate::routes::metrics::MetricsApi;
use crate::routes::patterns::PatternsApi;
use crate::routes::queues::QueuesApi;
use crate::routes::schedules::SchedulesApi;
use crate::routes::tasks::TasksApi;
use crate::routes::tickets::TicketsApi;
use crate::routes::watchers::WatchersApi;
use crate::routes::workers::WorkersApi;

/// Groups of operations.
#[derive(Tags)]
pub(crate) enum Tag {
    /// Pieces of work with a status, an owner, a value and a deadline.
    Tasks,
    /// What people say about tasks, and who follows them.
    Collaboration,
    /// What the dashboard shows.
    Metrics,
    /// Mail and its batches.
    Mail,
    /// What happened, as on the socket.
    Events,
    /// The queue behind it all.
    Jobs,
    /// Whether a process lives and can serve.
    Health,
}

/// In groups, because the generator takes at most sixteen.
type Apis = (
    TasksApi,
    (BulkApi, ExportApi),
    (CommentsApi, WatchersApi),
    (MetricsApi, PatternsApi),
    BatchesApi,
    (EmailsApi, AttachmentsApi),
    (EventsApi, TicketsApi),
    JobsApi,
    QueuesApi,
    WorkersApi,
    SchedulesApi,
    AuditApi,
    DatabaseApi,
    HealthApi,
);

fn described() -> OpenApiService<Apis, ()> {
    let apis = (
        TasksApi,
        (BulkApi, ExportApi),
        (CommentsApi, WatchersApi),
        (MetricsApi, PatternsApi),
        BatchesApi,
        (EmailsApi, AttachmentsApi),
        (EventsApi, TicketsApi),
        JobsApi,
        QueuesApi,
        WorkersApi,
        SchedulesApi,
        AuditApi,
        DatabaseApi,
        HealthApi,
    );
    OpenApiService::new(apis, "Workflow Intelligence", env!("CARGO_PKG_VERSION"))
        .summary("Shared-mailbox mail as tasks with a status, an owner, a dollar value and an SLA deadline.")
        .description(
            "Mutations are durable jobs: they are accepted in one transaction and answered after their outcome, or \
             with 202 and the job to follow. Errors are `application/problem+json` (RFC 9457). Live events come over \
             the WebSocket at `/ws`, described in `asyncapi.json`.",
        )
        .license(poem_openapi::LicenseObject::new("MIT OR Apache-2.0").identifier("MIT OR Apache-2.0"))
}

/// The REST routes.
pub(crate) fn service(_: &App) -> impl Endpoint<Output = Response> + use<> {
    poem::EndpointExt::map_to_response(described())
}

static DOCUMENT: LazyLock<String> = LazyLock::new(|| {
    let raw: Value = serde_json::from_str(&described().spec()).expect("the generator writes JSON");
    let mut text = serde_json::to_string_pretty(&polish(raw)).expect("a document serialises");
    text.push('\n');
    text
});

/// The document, as committed in `openapi/openapi.json`.
pub fn openapi_json() -> String {
    DOCUMENT.clone()
}

pub(crate) fn document_endpoint() -> impl Endpoint<Output = Response> {
    make_sync(|_| Response::builder().header(header::CONTENT_TYPE, "application/json").body(DOCUMENT.as_str()))
}

/// A page to read and try the document with, from assets in the binary.
pub(crate) fn docs() -> impl Endpoint<Output = Response> {
    let service = described();
    let page = DocsPage::new(&service.swagger_ui_html().replace(&service.spec(), &DOCUMENT));
    make_sync(move |request: Request| page.answer(request.original_uri().path()))
}

/// The generator's page carries its scripts inside itself; here each is a file of its own, so that the page can be
/// served without allowing inline script.
struct DocsPage {
    html: String,
    scripts: Vec<String>,
}

impl DocsPage {
    fn new(generated: &str) -> Self {
        let (mut html, mut scripts, mut rest) = (String::new(), Vec::new(), generated);
        while let Some((before, after)) = rest.split_once("<script") {
            let Some((script, after)) = after.split_once("</script>") else { break };
            let (attributes, code) = script.split_once('>').unwrap_or(("", script));
            html.push_str(before);
            let _ = write!(html, "<script{attributes} src=\"/docs/{}.js\"></script>", scripts.len());
            scripts.push(code.to_owned());
            rest = after;
        }
        html.push_str(rest);
        Self { html, scripts }
    }

    fn answer(&self, path: &str) -> Response {
        const CSP: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
             font-src data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'";
        let number = path.strip_prefix("/docs/").and_then(|name| name.strip_suffix(".js")?.parse::<usize>().ok());
        match number.and_then(|number| self.scripts.get(number)) {
            Some(code) => {
                Response::builder().header(header::CONTENT_TYPE, "text/javascript; charset=utf-8").body(code.clone())
            }
            None => Response::builder()
                .header(header::CONTENT_TYPE, "text/html; charset=utf-8")
                .header(header::CONTENT_SECURITY_POLICY, CSP)
                .body(self.html.clone()),
        }
    }
}

/// What the generator gets wrong or leaves out:
/// - it writes 3.0, which has no null type; the document is 3.1;
/// - an optional field of an answer is always there and may be null; it says "may be absent";
/// - media types carry a charset;
/// - errors are the same for all operations and are written here once.
fn polish(mut document: Value) -> Value {
    document["openapi"] = json!("3.1.0");
    document["servers"] = json!([{"url": "/", "description": "This server."}]);
    document["security"] = json!([]);
    rewrite(&mut document);
    let answers = answer_schemas(&document);
    if let Some(schemas) = document["components"]["schemas"].as_object_mut() {
        for (name, schema) in schemas.iter_mut() {
            if answers.contains(name) {
                always_present(schema);
            } else if name.starts_with("Update") {
                nullable_where_clearing(schema);
            }
        }
        schemas.insert("Problem".to_owned(), problem_schema());
        schemas.insert("Issue".to_owned(), issue_schema());
    }
    document["components"]["responses"] = json!({"Problem": {
        "description": "What is wrong, all of it at once.",
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }});
    if let Some(paths) = document["paths"].as_object_mut() {
        for (path, item) in paths {
            for (method, operation) in item.as_object_mut().into_iter().flatten() {
                add_problems(path, method, operation);
            }
        }
    }
    document
}

/// Everything that is the same wherever it stands.
fn rewrite(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(rewrite),
        Value::Object(map) => {
            for charset in ["application/json; charset=utf-8", "text/plain; charset=utf-8"] {
                if let Some(content) = map.remove(charset) {
                    map.insert(charset.split(';').next().unwrap_or_default().to_owned(), content);
                }
            }
            if matches!(map.get("format").and_then(Value::as_str), Some("uint16" | "uint32" | "int16")) {
                map.insert("format".to_owned(), json!("int32"));
            }
            if let Some(example) = map.remove("example").filter(|_| map.contains_key("type")) {
                map.insert("examples".to_owned(), json!([example]));
            }
            map.values_mut().for_each(rewrite);
        }
        _ => {}
    }
}

/// Names of the schemas that answers are made of.
fn answer_schemas(document: &Value) -> std::collections::BTreeSet<String> {
    let mut names = std::collections::BTreeSet::new();
    let paths = document["paths"].as_object().into_iter().flatten();
    for operation in paths.flat_map(|(_, item)| item.as_object().into_iter().flatten()).map(|(_, operation)| operation)
    {
        collect_refs(&operation["responses"], &document["components"]["schemas"], &mut names);
    }
    names
}

fn collect_refs(value: &Value, schemas: &Value, names: &mut std::collections::BTreeSet<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| collect_refs(item, schemas, names)),
        Value::Object(map) => {
            if let Some(name) = map.get("$ref").and_then(Value::as_str).and_then(|text| text.rsplit('/').next())
                && names.insert(name.to_owned())
            {
                collect_refs(&schemas[name], schemas, names);
            }
            map.values().for_each(|item| collect_refs(item, schemas, names));
        }
        _ => {}
    }
}

/// Every field of an answer is there; one that is not required may be null.
fn always_present(schema: &mut Value) {
    if let Some(parts) = schema.get_mut("allOf").and_then(Value::as_array_mut) {
        parts.iter_mut().for_each(always_present);
    }
    let required: Vec<String> =
        schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect();
    let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) else { return };
    for (name, property) in properties.iter_mut() {
        if !required.contains(name) {
            or_null(property);
        }
    }
    let all: Vec<Value> = properties.keys().map(|name| json!(name)).collect();
    schema["required"] = all.into();
}

/// In a change, null clears these.
fn nullable_where_clearing(schema: &mut Value) {
    const CLEARED: [&str; 8] = [
        "description",
        "current_owner",
        "owner_email",
        "sla_deadline",
        "sla_hours",
        "entities",
        "group_name",
        "reason",
    ];
    if let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) {
        properties
            .iter_mut()
            .filter(|(name, _)| CLEARED.contains(&name.as_str()))
            .for_each(|(_, value)| or_null(value));
    }
}

fn or_null(schema: &mut Value) {
    if schema.get("type").is_some_and(Value::is_string) && schema.get("enum").is_none() {
        schema["type"] = json!([schema["type"], "null"]);
    } else {
        let mut inner = schema.take();
        let description = inner.as_object_mut().and_then(|map| map.remove("description"));
        *schema = json!({"anyOf": [inner, {"type": "null"}]});
        if let Some(description) = description {
            schema["description"] = description;
        }
    }
}

fn add_problems(path: &str, method: &str, operation: &mut Value) {
    let mut statuses = vec!["400", "421", "422", "500", "503"];
    if path.contains('{') {
        statuses.push("404");
    }
    let of_a_task = ["/get/", "/update/", "/delete/", "/comments/", "/watchers/", "/workflow/attachments/"];
    if of_a_task.iter().any(|part| path.contains(part)) {
        statuses.push("410");
    }
    if path.ends_with("/undo") {
        statuses.push("409");
    }
    if path.contains("/comments/") && method == "delete" {
        statuses.push("403");
    }
    if matches!(method, "put" | "delete") {
        statuses.push("412");
    }
    if matches!(method, "put" | "post") {
        statuses.extend(["413", "415"]);
    }
    let Some(responses) = operation["responses"].as_object_mut() else { return };
    for status in statuses {
        if !responses.contains_key(status) {
            responses.insert(status.to_owned(), json!({"$ref": "#/components/responses/Problem"}));
        }
    }
    for (_, response) in responses.iter_mut() {
        if response.get("description").is_some_and(|text| text == "") {
            response["description"] = json!("Success.");
        }
        if let Some(headers) = response.get_mut("headers").and_then(Value::as_object_mut) {
            *headers = std::mem::take(headers)
                .into_iter()
                .map(|(name, value)| (canonical(&name), value))
                .collect::<Map<_, _>>();
        }
    }
}

fn canonical(header: &str) -> String {
    match header.to_ascii_lowercase().as_str() {
        "location" => "Location".to_owned(),
        "etag" => "ETag".to_owned(),
        "preference-applied" => "Preference-Applied".to_owned(),
        "content-security-policy" => "Content-Security-Policy".to_owned(),
        "cache-control" => "Cache-Control".to_owned(),
        "content-disposition" => "Content-Disposition".to_owned(),
        other => other.to_owned(),
    }
}

fn problem_schema() -> Value {
    json!({
        "type": "object",
        "description": "An error, as RFC 9457 describes it.",
        "required": ["type", "title", "status", "detail", "instance"],
        "properties": {
            "type": {"type": "string", "description": "Names the kind of problem."},
            "title": {"type": "string", "description": "The kind in words."},
            "status": {"type": "integer", "format": "int32", "description": "The HTTP status."},
            "detail": {"type": "string", "description": "What happened this time."},
            "instance": {"type": "string", "description": "The request's id, as in X-Request-Id."},
            "errors": {"type": "array", "items": {"$ref": "#/components/schemas/Issue"},
                       "description": "Everything that is wrong, at once."},
            "current_version": {"type": "integer", "format": "int64", "description": "The version a 412 found."},
        },
    })
}

fn issue_schema() -> Value {
    json!({
        "type": "object",
        "description": "One thing that is wrong with a request.",
        "required": ["pointer", "detail"],
        "properties": {
            "pointer": {"type": "string", "description": "A JSON pointer into the body, or query/NAME, header/NAME."},
            "detail": {"type": "string", "description": "What is wrong with it."},
        },
    })
}
