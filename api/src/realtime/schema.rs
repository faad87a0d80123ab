//! JSON schemas of what goes over the socket, for its document. Fields are always there; what may be unknown is null. Everything is additive, so further fields may come.

use poem_openapi::registry::Registry;
use poem_openapi::types::Type;
use serde_json::{Map, Value, json};
use shared::domain::event::BatchError;
use shared::domain::sla::policy::Action;
use shared::domain::{Category, Priority, Status};
use shared::jobs::JobState;
use shared::store::metrics::{CategoryPerformance, ExecutiveMetrics, OwnerWorkload};

/// All schemas by name.
pub(crate) fn all() -> Map<String, Value> {
    let mut schemas = figures();
    let own = [
        ("TaskSummary", task_summary()),
        ("TaskUpdated", task_updated()),
        ("TaskDeleted", task_deleted()),
        ("StatusChanged", status_changed()),
        ("SlaWarning", sla_warning()),
        ("SlaViolated", sla_violated()),
        ("SlaEscalated", sla_escalated()),
        ("CriticalAlert", critical_alert()),
        ("BatchFinished", batch_finished()),
        ("CommentCreated", comment_created()),
        ("CommentDeleted", comment_deleted()),
        ("WatchersChanged", watchers_changed()),
        ("MetricsUpdated", metrics_updated()),
        ("JobChanged", job_changed()),
        ("Hello", hello()),
        ("Resync", resync()),
        ("Subscribed", subscribed()),
        ("Pong", object("The answer to a ping.", &[])),
        ("Error", error()),
        ("Filter", filter()),
        ("Subscribe", subscribe()),
        ("Unsubscribe", action("unsubscribe", "Nothing is sent until the next subscribe.")),
        ("Ping", action("ping", "Answered with workflow:pong.")),
    ];
    schemas.extend(own.map(|(name, schema)| (name.to_owned(), schema)));
    schemas
}

fn task_summary() -> Value {
    let fields = [
        ("taskId", text("The task.")),
        ("category", one_of(Category::ALL, "What it is about.")),
        ("status", one_of(Status::ALL, "Its colour.")),
        ("priority", one_of(Priority::ALL, "How soon.")),
        ("owner", or_null(text("Who works on it."))),
        ("value", dollars("Dollars at stake.")),
        ("title", text("One line.")),
        ("slaDeadline", or_null(instant("When it is due."))),
        ("version", version()),
    ];
    object("A created or completed task.", &fields)
}

fn task_updated() -> Value {
    let fields = [
        ("taskId", text("The task.")),
        ("updates", json!({"type": "object", "description": "New values by field name, as in the HTTP API."})),
        ("previousValues", json!({"type": "object", "description": "Values before, by field name."})),
        ("changedBy", text("Who made the change.")),
        ("version", version()),
    ];
    object("Changed fields of a task.", &fields)
}

fn task_deleted() -> Value {
    let fields = [("taskId", text("The task.")), ("changedBy", text("Who deleted it.")), ("version", version())];
    object("A deleted task.", &fields)
}

fn status_changed() -> Value {
    let fields = [
        ("taskId", text("The task.")),
        ("oldStatus", one_of(Status::ALL, "Colour before.")),
        ("newStatus", one_of(Status::ALL, "Colour after.")),
        ("changedBy", text("Who or what changed it.")),
        ("reason", or_null(text("Why, as far as known."))),
        ("version", version()),
    ];
    object("A change of colour.", &fields)
}

fn sla_warning() -> Value {
    sla("A deadline coming close.", "hoursRemaining", "Hours left, two decimals.", &["WARNING", "CRITICAL"])
}

fn sla_violated() -> Value {
    sla("A missed deadline.", "hoursOverdue", "Hours past it, two decimals.", &["VIOLATED"])
}

fn sla(description: &str, hours: &str, hours_are: &str, severities: &[&str]) -> Value {
    let fields = [
        ("taskId", text("The task.")),
        ("title", text("One line.")),
        ("owner", or_null(text("Who works on it."))),
        ("deadline", instant("When it is due.")),
        (hours, json!({"type": "number", "minimum": 0, "description": hours_are})),
        ("severity", json!({"type": "string", "enum": severities, "description": "How bad."})),
    ];
    object(description, &fields)
}

fn sla_escalated() -> Value {
    let fields = [
        ("taskId", text("The task.")),
        ("title", text("One line.")),
        ("owner", or_null(text("Who works on it, after the step."))),
        ("deadline", instant("When it is due.")),
        ("action", one_of(Action::ALL, "What happened.")),
        ("to", or_null(text("Whom to tell, or who got the task."))),
        ("step", json!({"type": "integer", "minimum": 1, "description": "Its place in the policy, from 1."})),
    ];
    object("A step of a policy before or after a deadline. Each happens once for a deadline.", &fields)
}

fn critical_alert() -> Value {
    let fields = [
        ("taskId", text("The task.")),
        ("message", text("One sentence for people.")),
        ("severity", json!({"type": "string", "enum": ["CRITICAL"], "description": "How bad."})),
        ("owner", or_null(text("Who works on it."))),
        ("category", one_of(Category::ALL, "What it is about.")),
        ("value", dollars("Dollars at stake.")),
    ];
    object("A task of high value that is close to its deadline or past it.", &fields)
}

fn batch_finished() -> Value {
    let fields = [
        ("batchId", text("The batch.")),
        ("emailCount", count("Mails received.")),
        ("tasksCreated", count("Tasks opened.")),
        ("tasksUpdated", count("Tasks that later mail changed.")),
        ("processingTime", count("Milliseconds from first mail to last.")),
        ("status", json!({"type": "string", "enum": ["completed", "failed"], "description": "How it ended."})),
        ("errors", list("BatchError", "Quarantined mails, or why the batch failed.")),
    ];
    object("The outcome of a mail batch.", &fields)
}

fn comment_created() -> Value {
    let fields = [
        ("taskId", text("The task.")),
        ("commentId", text("The comment.")),
        ("author", text("Who says it.")),
        ("text", text("What they say, exactly as sent: whoever shows it in a page has to escape it.")),
        ("mentions", names("Whom it mentions.")),
        ("version", version()),
    ];
    object("A new comment. It leaves the task's version as it is.", &fields)
}

fn comment_deleted() -> Value {
    let fields = [
        ("taskId", text("The task.")),
        ("commentId", text("The comment.")),
        ("changedBy", text("Who took it back.")),
        ("version", version()),
    ];
    object("A comment that was taken back.", &fields)
}

fn watchers_changed() -> Value {
    let fields = [
        ("taskId", text("The task.")),
        ("watchers", names("Who watches it now.")),
        ("added", names("Who began to.")),
        ("removed", names("Who ceased to.")),
        ("changedBy", text("Who made the change: whoever mentioned somebody, too.")),
        ("version", version()),
    ];
    object("People began or ceased to watch a task. It leaves the task's version as it is.", &fields)
}

fn metrics_updated() -> Value {
    let executive = json!({"allOf": [reference("ExecutiveMetrics")], "description": "As GET /api/workflow/metrics."});
    let fields = [
        ("executive", executive),
        ("categories", list("CategoryPerformance", "By category, most tasks first.")),
        ("owners", list("OwnerWorkload", "By owner, most pressed first.")),
    ];
    object("The figures of the dashboard.", &fields)
}

fn job_changed() -> Value {
    let fields = [
        ("jobId", text("The job.")),
        ("queue", text("Its queue.")),
        ("kind", text("What it does.")),
        ("state", one_of(JobState::ALL, "Where it stands.")),
        ("progress", json!({"description": "How far it is, in the job's own terms; null if it does not say."})),
    ];
    object("A job's change of state.", &fields)
}

fn hello() -> Value {
    let heartbeat = json!({"type": "integer", "minimum": 1, "description": "Seconds between two pings of the server."});
    object("The first frame.", &[("cursor", cursor("The newest event there is.")), ("heartbeatSeconds", heartbeat)])
}

fn resync() -> Value {
    let reason = json!({"type": "string", "enum": ["cursor_expired", "cursor_unknown"],
                        "description": "Events after the cursor are no longer kept, or there is no such event yet."});
    let fields = [("reason", reason), ("cursor", cursor("The newest event there is; live events follow it."))];
    object("Events cannot be replayed from the given cursor: read everything again over HTTP.", &fields)
}

fn subscribed() -> Value {
    let events = json!({"type": "array", "items": {"type": "string"},
                        "description": "Names and patterns; empty after an unsubscribe."});
    object("The subscription in force.", &[("events", events), ("filter", reference("Filter"))])
}

fn error() -> Value {
    let code = json!({"type": "string", "enum": ["bad_frame"], "description": "What kind of error."});
    object(
        "A message was not understood. The connection stays open.",
        &[("code", code), ("message", text("What was wrong."))],
    )
}

fn filter() -> Value {
    let values = |of: Value| json!({"type": "array", "items": of, "maxItems": 100});
    json!({
        "type": "object", "additionalProperties": false,
        "description": "An event is sent if, for each list that is not empty, its old or its new value is listed.",
        "properties": {
            "status": values(one_of(Status::ALL, "A colour.")),
            "owner": values(json!({"type": "string", "maxLength": 200, "description": "An owner."})),
            "category": values(json!({"type": "string", "description": "A category or one of its aliases."})),
            "watcher": values(json!({"type": "string", "maxLength": 200,
                "description": "Somebody who watches the task, or whom the event itself is about, by a mention or as a watcher."})),
        },
    })
}

fn subscribe() -> Value {
    let mut schema = action("subscribe", "Replaces what is sent from now on.");
    schema["properties"]["events"] = json!({
        "type": "array", "minItems": 1, "maxItems": 100, "items": {"type": "string"},
        "description": "Names, or beginnings of names followed by *; all if absent.",
    });
    schema["properties"]["filter"] = reference("Filter");
    schema
}

fn action(name: &str, description: &str) -> Value {
    json!({
        "type": "object", "description": description, "additionalProperties": false, "required": ["action"],
        "properties": {"action": {"type": "string", "const": name}},
    })
}

/// Data of an event: these fields and the timestamp.
fn object(description: &str, fields: &[(&str, Value)]) -> Value {
    let timestamp = ("timestamp", instant("When it took effect."));
    let properties: Map<String, Value> =
        fields.iter().chain([&timestamp]).map(|(name, schema)| ((*name).to_owned(), schema.clone())).collect();
    let required: Vec<&String> = properties.keys().collect();
    json!({"type": "object", "description": description, "required": required, "properties": properties})
}

fn text(description: &str) -> Value {
    json!({"type": "string", "description": description})
}

fn instant(description: &str) -> Value {
    json!({"type": "string", "format": "date-time", "description": description})
}

fn count(description: &str) -> Value {
    json!({"type": "integer", "minimum": 0, "description": description})
}

fn dollars(description: &str) -> Value {
    json!({"type": "number", "minimum": 0, "description": description})
}

fn version() -> Value {
    json!({"type": "integer", "minimum": 1, "description": "Version of the task after the change."})
}

pub(crate) fn cursor(description: &str) -> Value {
    json!({"type": "string", "pattern": "^[0-9]+$", "description": description})
}

fn one_of<T: ToString>(values: &[T], description: &str) -> Value {
    let values: Vec<String> = values.iter().map(ToString::to_string).collect();
    json!({"type": "string", "enum": values, "description": description})
}

fn names(description: &str) -> Value {
    json!({"type": "array", "items": {"type": "string"}, "description": description})
}

fn list(of: &str, description: &str) -> Value {
    json!({"type": "array", "items": reference(of), "description": description})
}

pub(crate) fn reference(name: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{name}")})
}

fn or_null(mut schema: Value) -> Value {
    if schema.get("type").is_some() {
        schema["type"] = json!([schema["type"], "null"]);
        schema
    } else {
        json!({"anyOf": [schema, {"type": "null"}]})
    }
}

/// Schemas that the HTTP API has as well, from the same types.
fn figures() -> Map<String, Value> {
    let mut registry = Registry::new();
    ExecutiveMetrics::register(&mut registry);
    CategoryPerformance::register(&mut registry);
    OwnerWorkload::register(&mut registry);
    BatchError::register(&mut registry);
    let schemas = serde_json::to_value(&registry.schemas).expect("a schema serialises");
    let Value::Object(mut schemas) = schemas else { return Map::new() };
    schemas.values_mut().for_each(always_present);
    schemas
}

/// The generator says of an optional field that it may be absent; it is always there and may be null.
fn always_present(schema: &mut Value) {
    let required = schema["required"].take();
    let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) else {
        if let Some(schema) = schema.as_object_mut() {
            schema.remove("required");
        }
        return;
    };
    for (name, property) in properties.iter_mut() {
        if !required.as_array().is_some_and(|required| required.iter().any(|known| known == name)) {
            *property = or_null(property.take());
        }
    }
    schema["required"] = properties.keys().cloned().collect();
}
