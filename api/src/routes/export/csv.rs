//! Tasks as lines of RFC 4180, safe to be opened in a spreadsheet.

use chrono::{DateTime, SecondsFormat, Utc};
use serde::Serialize;
use shared::domain::{Cents, Task};

/// What a cell holds.
enum Cell {
    /// Text, which a spreadsheet must not take for a formula.
    Text(String),
    /// A number, an instant or a word of ours, which is shown as it is.
    Plain(String),
    Empty,
}

type Column = (&'static str, fn(&Task) -> Cell);

const COLUMNS: [Column; 50] = [
    ("task_id", |task| text(&task.task_id)),
    ("email_id", |task| maybe(task.email_id.as_ref())),
    ("conversation_id", |task| maybe(task.conversation_id.as_ref())),
    ("workflow_category", |task| plain(&task.workflow_category)),
    ("secondary_categories", |task| joined(&task.secondary_categories)),
    ("workflow_state", |task| plain(&task.workflow_state)),
    ("task_status", |task| plain(&task.task_status)),
    ("manual_status", |task| plain(&task.manual_status)),
    ("title", |task| text(&task.title)),
    ("description", |task| maybe(task.description.as_ref())),
    ("priority", |task| plain(&task.priority)),
    ("current_owner", |task| maybe(task.current_owner.as_ref())),
    ("owner_email", |task| maybe(task.owner_email.as_ref())),
    ("assigned_date", |task| at(task.assigned_date)),
    ("po_numbers", |task| joined(&task.entities.po_numbers)),
    ("quote_numbers", |task| joined(&task.entities.quote_numbers)),
    ("case_numbers", |task| joined(&task.entities.case_numbers)),
    ("order_numbers", |task| joined(&task.entities.order_numbers)),
    ("part_numbers", |task| joined(&task.entities.part_numbers)),
    ("tracking_numbers", |task| joined(&task.entities.tracking_numbers)),
    ("customers", |task| joined(&task.entities.customers)),
    ("dollar_value", |task| dollars(task.dollar_value)),
    ("currency", |task| text(&task.currency)),
    ("created_at", |task| at(Some(task.created_at))),
    ("updated_at", |task| at(Some(task.updated_at))),
    ("received_at", |task| at(task.received_at)),
    ("sla_deadline", |task| at(task.sla_deadline)),
    ("sla_policy", |task| maybe(task.sla_policy.as_ref())),
    ("sla_state", |task| plain(&task.sla_state)),
    ("sla_warned_at", |task| at(task.sla_warned_at)),
    ("sla_violated_at", |task| at(task.sla_violated_at)),
    ("sla_revision", |task| task.sla_revision.as_ref().map_or(Cell::Empty, plain)),
    ("sla_warning_at", |task| at(task.sla_warning_at)),
    ("sla_critical_at", |task| at(task.sla_critical_at)),
    ("sla_pauses", |task| json(&task.sla_pauses)),
    ("sla_steps", |task| json(&task.sla_steps)),
    ("waiting_on", |task| task.waiting_on.as_ref().map_or(Cell::Empty, plain)),
    ("snoozed_until", |task| at(task.snoozed_until)),
    ("first_response_due", |task| at(task.first_response_due)),
    ("first_response_at", |task| at(task.first_response_at)),
    ("breach_reason", |task| task.breach_reason.as_ref().map_or(Cell::Empty, plain)),
    ("completion_date", |task| at(task.completion_date)),
    ("mailbox_source", |task| maybe(task.mailbox_source.as_ref())),
    ("group_name", |task| maybe(task.group_name.as_ref())),
    ("tags", |task| joined(&task.tags)),
    ("confidence_score", |task| task.confidence_score.as_ref().map_or(Cell::Empty, plain)),
    ("processing_time", |task| task.processing_time.as_ref().map_or(Cell::Empty, plain)),
    ("analysis", |task| json(&task.analysis)),
    ("batch_id", |task| maybe(task.batch_id.as_ref())),
    ("version", |task| plain(&task.version)),
];

fn text(value: &str) -> Cell {
    Cell::Text(value.to_owned())
}

fn maybe(value: Option<&String>) -> Cell {
    value.map_or(Cell::Empty, |value| text(value))
}

fn plain(value: &impl ToString) -> Cell {
    Cell::Plain(value.to_string())
}

fn at(at: Option<DateTime<Utc>>) -> Cell {
    at.map_or(Cell::Empty, |at| Cell::Plain(at.to_rfc3339_opts(SecondsFormat::AutoSi, true)))
}

fn dollars(cents: Cents) -> Cell {
    Cell::Plain(format!("{}.{:02}", cents.0 / 100, cents.0 % 100))
}

fn joined<T: ToString>(values: &[T]) -> Cell {
    Cell::Text(values.iter().map(T::to_string).collect::<Vec<_>>().join("; "))
}

fn json(value: &impl Serialize) -> Cell {
    Cell::Text(serde_json::to_string(value).expect("a field serialises"))
}

/// The line of names.
pub(super) fn header() -> Vec<u8> {
    let mut line = COLUMNS.map(|(name, _)| name).join(",").into_bytes();
    line.extend(b"\r\n");
    line
}

/// Appends the line of a task.
pub(super) fn record(task: &Task, out: &mut Vec<u8>) {
    for (place, (_, cell)) in COLUMNS.iter().enumerate() {
        if place > 0 {
            out.push(b',');
        }
        match cell(task) {
            Cell::Text(text) => quoted(&text, out),
            Cell::Plain(text) => out.extend(text.bytes()),
            Cell::Empty => {}
        }
    }
    out.extend(b"\r\n");
}

fn quoted(text: &str, out: &mut Vec<u8>) {
    let apostrophe = if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { "'" } else { "" };
    if text.contains([',', '"', '\r', '\n']) {
        out.push(b'"');
        out.extend(apostrophe.bytes());
        out.extend(text.replace('"', "\"\"").bytes());
        out.push(b'"');
    } else {
        out.extend(apostrophe.bytes());
        out.extend(text.bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn a_cell_is_neither_a_formula_nor_breaks_its_line() {
        for (text, cell) in [
            ("plain; text", "plain; text"),
            ("=1+1", "'=1+1"),
            ("+4", "'+4"),
            ("-4", "'-4"),
            ("@x", "'@x"),
            ("\tx", "'\tx"),
            ("\r=x", "\"'\r=x\""),
            ("=a,\"b\"", "\"'=a,\"\"b\"\"\""),
            ("two\nlines", "\"two\nlines\""),
            ("", ""),
        ] {
            let mut out = Vec::new();
            quoted(text, &mut out);
            assert_eq!(String::from_utf8(out).unwrap(), cell);
        }
    }
}
