//! Rows of the old system's tables, whatever is in them.

use std::collections::BTreeMap;

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::Value;

use super::when::{Written, instant};
use super::{OldEntry, OldTask, Repairs};
use crate::domain::money::Cents;
use crate::domain::task::Entities;
use crate::domain::values::{Category, Priority, Status, WorkflowState};

/// A value of SQLite.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// NULL, or no such column.
    Null,
    /// An integer.
    Integer(i64),
    /// A float.
    Real(f64),
    /// Text.
    Text(String),
    /// Bytes, or text that is not UTF-8.
    Blob(Vec<u8>),
}

/// A row: values by the names of their columns.
pub type Row = BTreeMap<String, Cell>;

/// Longest title, in characters.
const TITLE: usize = 500;
/// Longest description, in characters.
const DESCRIPTION: usize = 20_000;
/// Longest name, in characters.
const NAME: usize = 200;
/// The most values of one list of entities.
const VALUES: usize = 100;

struct Reader<'a> {
    row: &'a Row,
    id: String,
    repairs: Repairs,
}

/// Reads a task, without its history; what was put right is in the second. The error says why the row is refused.
pub fn read_task(row: &Row, now: DateTime<Utc>) -> Result<(OldTask, Repairs), String> {
    let mut reader = Reader { row, id: String::new(), repairs: Repairs::default() };
    let id = reader.text("task_id", 200).ok_or("it has no task_id")?;
    reader.id.clone_from(&id);
    let created_at = if let Some(at) = reader.time("created_at") {
        at
    } else {
        let other = reader.time("updated_at").ok_or("neither created_at nor updated_at is an instant")?;
        reader.note("created_at missing: updated_at instead", "created_at");
        other
    };
    if created_at > now {
        return Err(format!("created_at is in the future: {}", shown(created_at)));
    }
    let updated_at = reader.after("updated_at", created_at).unwrap_or(created_at);
    let (status, state, completion_date) = reader.progress(created_at, updated_at)?;
    let (category, tags) = reader.category();
    let priority = reader.priority();
    let (current_owner, owner_email) = reader.owner();
    let dollar_value = reader.dollars()?;
    let sla_deadline = reader.time("sla_deadline");
    if sla_deadline.is_none() && !matches!(reader.cell("sla_deadline"), Cell::Null) {
        reader.note("sla_deadline is no instant: left out", "sla_deadline");
    }
    let entities = reader.entities();
    let task = OldTask {
        task_id: reader.task_id(&id, created_at),
        email_id: reader.text("email_id", 200),
        conversation_id: reader.text("conversation_id", 200),
        title: reader.title(),
        description: reader.text("description", DESCRIPTION),
        workflow_category: category,
        workflow_state: state,
        task_status: status,
        priority,
        current_owner,
        owner_email,
        assigned_date: reader.time("assigned_date"),
        entities,
        dollar_value,
        created_at,
        updated_at,
        sla_deadline,
        completion_date,
        mailbox_source: reader.text("mailbox_source", NAME),
        group_name: reader.text("group_name", NAME),
        tags,
        confidence_score: reader.confidence(),
        history: Vec::new(),
    };
    Ok((task, reader.repairs))
}

/// Reads a row of the history: its task's id as the old system has it, and one entry for each field that changed.
pub fn read_entry(row: &Row) -> Result<(String, Vec<OldEntry>, Repairs), String> {
    let mut reader = Reader { row, id: "history".to_owned(), repairs: Repairs::default() };
    let task_id = reader.text("task_id", 200).ok_or("it has no task_id")?;
    reader.id = format!("history of {task_id}");
    let changed_at = reader.time("changed_at").ok_or("changed_at is no instant")?;
    let changed_by = reader.text("changed_by", NAME).unwrap_or_else(|| {
        reader.note("changed_by missing: unknown instead", "changed_by");
        "unknown".to_owned()
    });
    let change_reason = reader.text("change_reason", 2_000).or_else(|| {
        // The old code wrote to a column of this name; some databases were given it.
        let reason = reader.text("reason", 2_000)?;
        reader.note("reason in place of change_reason", &reason);
        Some(reason)
    });
    let mut entries = Vec::new();
    for (field, old, new) in [("task_status", "old_status", "new_status"), ("current_owner", "old_owner", "new_owner")]
    {
        let (old_value, new_value) = (reader.text(old, NAME), reader.text(new, NAME));
        if old_value != new_value {
            let (changed_by, change_reason) = (changed_by.clone(), change_reason.clone());
            entries.push(OldEntry {
                field: field.to_owned(),
                old_value,
                new_value,
                changed_by,
                change_reason,
                changed_at,
            });
        }
    }
    if entries.is_empty() { Err("it says no change".to_owned()) } else { Ok((task_id, entries, reader.repairs)) }
}

impl Reader<'_> {
    fn note(&mut self, rule: &'static str, was: &str) {
        self.repairs.note(rule, &self.id, was);
    }

    fn cell(&self, column: &str) -> &Cell {
        self.row.get(column).unwrap_or(&Cell::Null)
    }

    /// Text on at most so many characters; `None` if there is nothing in it.
    fn text(&mut self, column: &str, longest: usize) -> Option<String> {
        let text = match self.cell(column) {
            Cell::Null => return None,
            Cell::Integer(number) => number.to_string(),
            Cell::Real(number) => number.to_string(),
            Cell::Text(text) => text.clone(),
            Cell::Blob(bytes) => {
                let text = String::from_utf8_lossy(bytes).into_owned();
                self.note("text that is not UTF-8: unreadable bytes replaced", &text);
                text
            }
        };
        let mut text = text.trim().to_owned();
        if text.contains('\0') {
            self.note("NUL in text: removed", &text);
            text.retain(|c| c != '\0');
        }
        if text.chars().count() > longest {
            self.note("text too long: cut", &text);
            text = text.chars().take(longest).collect();
        }
        (!text.is_empty()).then_some(text)
    }

    fn time(&mut self, column: &str) -> Option<DateTime<Utc>> {
        let (at, written) = instant(self.cell(column))?;
        let rule = match written {
            Written::Exact => return Some(at),
            Written::Plain => "instant without offset: read as UTC",
            Written::Number => "instant as a number: read as Unix time",
        };
        self.note(rule, &shown(at));
        Some(at)
    }

    /// An instant that cannot be before another.
    fn after(&mut self, column: &str, first: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let at = self.time(column)?;
        if at >= first {
            return Some(at);
        }
        self.note("instant before created_at: created_at instead", &format!("{column} {}", shown(at)));
        Some(first)
    }

    /// Ours are `TASK-<milliseconds>-<text>`; another one is made over, always to the same.
    fn task_id(&mut self, id: &str, created_at: DateTime<Utc>) -> String {
        let ours = id.strip_prefix("TASK-").and_then(|rest| rest.split_once('-')).is_some_and(|(millis, rest)| {
            !millis.is_empty()
                && millis.bytes().all(|byte| byte.is_ascii_digit())
                && !rest.is_empty()
                && rest.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
        });
        if ours {
            return id.to_owned();
        }
        self.note("task_id of another form: made over", id);
        crate::domain::task::new_id(created_at, &fingerprint(id))
    }

    fn title(&mut self) -> String {
        let title = self.text("title", TITLE).unwrap_or_else(|| {
            self.note("title missing: (no subject) instead", "title");
            "(no subject)".to_owned()
        });
        let words: Vec<&str> =
            title.split(|c: char| c.is_control() || c.is_whitespace()).filter(|word| !word.is_empty()).collect();
        if words.is_empty() { "(no subject)".to_owned() } else { words.join(" ") }
    }

    /// The status is what people saw: where the state or the completion contradicts it, they follow.
    fn progress(
        &mut self,
        created_at: DateTime<Utc>,
        updated_at: DateTime<Utc>,
    ) -> Result<(Status, WorkflowState, Option<DateTime<Utc>>), String> {
        let state = self.text("workflow_state", NAME).map(|text| (state(&text), text));
        let status = if let Some(text) = self.text("task_status", NAME) {
            let known = status(&text).ok_or_else(|| format!("task_status {text} is not known"))?;
            if known.as_str() != text {
                self.note("task_status in other words: the name instead", &text);
            }
            known
        } else {
            self.note("task_status missing: by workflow_state", "task_status");
            let done = matches!(state, Some((Some(WorkflowState::Completion), _)));
            if done { Status::Completed } else { Status::Green }
        };
        let done = status == Status::Completed;
        let state = match state {
            Some((Some(WorkflowState::Completion), _)) if !done => {
                self.note("workflow_state COMPLETION of an open task: IN_PROGRESS instead", status.as_str());
                WorkflowState::InProgress
            }
            Some((Some(state), text)) if done && state != WorkflowState::Completion => {
                self.note("workflow_state of a completed task: COMPLETION instead", &text);
                WorkflowState::Completion
            }
            Some((Some(state), text)) => {
                if state.as_str() != text {
                    self.note("workflow_state in other words: the name instead", &text);
                }
                state
            }
            Some((None, text)) => {
                self.note("workflow_state is not known: by task_status", &text);
                if done { WorkflowState::Completion } else { WorkflowState::InProgress }
            }
            None => {
                self.note("workflow_state missing: by task_status", "workflow_state");
                if done { WorkflowState::Completion } else { WorkflowState::StartPoint }
            }
        };
        let completed = self.after("completion_date", created_at);
        let completed = match (done, completed) {
            (true, None) => {
                self.note("completion_date missing: updated_at instead", &shown(updated_at));
                Some(updated_at)
            }
            (false, Some(at)) => {
                self.note("completion_date of an open task: left out", &shown(at));
                None
            }
            (_, completed) => completed,
        };
        Ok((status, state, completed))
    }

    /// The canonical category, by the names that were in use; what is no category becomes a tag.
    fn category(&mut self) -> (Category, Vec<String>) {
        let raw = self.text("workflow_category", NAME).or_else(|| {
            let copy = self.text("category", NAME)?;
            self.note("workflow_category missing: category instead", &copy);
            Some(copy)
        });
        let Some(raw) = raw else {
            self.note("category missing: General Support instead", "workflow_category");
            return (Category::GeneralSupport, Vec::new());
        };
        if let Some(category) = Category::parse(&raw) {
            return (category, Vec::new());
        }
        let about = ["title", "description"].map(|column| match self.cell(column) {
            Cell::Text(text) => text.to_lowercase(),
            _ => String::new(),
        });
        let about = about.join(" ");
        let returns = || {
            about
                .split(|c: char| !c.is_alphanumeric())
                .any(|word| matches!(word, "rma" | "rmas" | "return" | "returns" | "returned" | "defective"))
        };
        let key = raw.to_lowercase().replace(['&', '/', '_', '-'], " ");
        let words: Vec<&str> = key.split_whitespace().filter(|word| *word != "and").collect();
        let found = match words.join(" ").as_str() {
            "vendor management" if returns() => Some(Category::ReturnsAndRma),
            "vendor management" | "vendor pricing updates" | "vendor pricing" => Some(Category::VendorPricingUpdates),
            "shipping logistics" | "shipping" | "logistics" => Some(Category::ShippingAndLogistics),
            "order management" | "order mgmt" | "order processing" => Some(Category::OrderManagement),
            "quote processing" | "quote request" => Some(Category::QuoteProcessing),
            "deal registration" | "deal activations" => Some(Category::DealActivations),
            "renewal processing" | "renewal" | "account mgmt" | "account management" | "account changes" => {
                Some(Category::AccountChanges)
            }
            "returns rma" | "vendor rma process" | "rma" | "returns" => Some(Category::ReturnsAndRma),
            "customer support"
            | "support case"
            | "support ticket"
            | "technical support"
            | "general support"
            | "general inquiry"
            | "product information"
            | "unknown" => Some(Category::GeneralSupport),
            "approval workflows" | "approval workflow" | "approval" => {
                self.note("category Approval: a tag, and General Support", &raw);
                return (Category::GeneralSupport, vec!["approval".to_owned()]);
            }
            _ => None,
        };
        if let Some(category) = found {
            self.note("category in other words: the name instead", &raw);
            (category, Vec::new())
        } else {
            self.note("category is not known: a tag, and General Support", &raw);
            (Category::GeneralSupport, vec![raw.chars().take(50).collect()])
        }
    }

    fn priority(&mut self) -> Priority {
        let Some(text) = self.text("priority", NAME) else {
            self.note("priority missing: NORMAL instead", "priority");
            return Priority::Normal;
        };
        if let Some(priority) = Priority::parse(&text) {
            return priority;
        }
        let found = match text.to_lowercase().as_str() {
            "critical" | "urgent" | "highest" => Some(Priority::Critical),
            "high" => Some(Priority::High),
            "medium" | "moderate" => Some(Priority::Medium),
            "normal" | "low" | "lowest" => Some(Priority::Normal),
            _ => None,
        };
        let rule = if found.is_some() {
            "priority in other words: the name instead"
        } else {
            "priority is not known: NORMAL instead"
        };
        self.note(rule, &text);
        found.unwrap_or(Priority::Normal)
    }

    /// Nobody is no owner, and an address that the old system invented from a name is no address.
    fn owner(&mut self) -> (Option<String>, Option<String>) {
        let mut owner = self.text("current_owner", NAME);
        if let Some(name) = owner.clone().filter(|name| is_nobody(name)) {
            self.note("current_owner Unassigned: none instead", &name);
            owner = None;
        }
        let Some(email) = self.text("owner_email", 320) else { return (owner, None) };
        let (local, domain) = email.split_once('@').unwrap_or((&email, ""));
        let invented = owner.as_deref().unwrap_or("unassigned").to_lowercase();
        let invented: Vec<&str> = invented.split_whitespace().collect();
        if domain.eq_ignore_ascii_case("tdsynnex.com") && local.to_lowercase() == invented.join(".") {
            self.note("owner_email made up from the name: left out", &email);
            return (owner, None);
        }
        if local.is_empty() || !domain.contains('.') || email.contains(char::is_whitespace) {
            self.note("owner_email is no address: left out", &email);
            return (owner, None);
        }
        (owner, Some(email))
    }

    fn dollars(&mut self) -> Result<Cents, String> {
        let (number, was) = match self.cell("dollar_value").clone() {
            Cell::Null => return Ok(Cents(0)),
            Cell::Integer(number) => (number as f64, number.to_string()),
            Cell::Real(number) => (number, number.to_string()),
            other => {
                let Cell::Text(text) = other else { return Err("dollar_value is no number".to_owned()) };
                let bare: String = text.chars().filter(|c| !matches!(c, '$' | ',' | ' ')).collect();
                if bare.is_empty() {
                    return Ok(Cents(0));
                }
                let number = bare.parse().map_err(|_| format!("dollar_value {text} is no number"))?;
                self.note("dollar_value as text: read as a number", &text);
                (number, text)
            }
        };
        if !number.is_finite() || number * 100.0 > Cents::MAX.0 as f64 {
            return Err(format!("dollar_value {was} is out of range"));
        }
        if number < 0.0 {
            self.note("dollar_value below zero: 0 instead", &was);
            return Ok(Cents(0));
        }
        Ok(Cents::from_dollars(number).unwrap_or_else(|_| {
            self.note("dollar_value with parts of a cent: rounded", &was);
            Cents((number * 100.0).round() as i64)
        }))
    }

    fn confidence(&mut self) -> Option<f64> {
        let number = match self.cell("confidence_score") {
            Cell::Real(number) => *number,
            Cell::Integer(number) => *number as f64,
            _ => return None,
        };
        if (0.0..=1.0).contains(&number) {
            return Some(number);
        }
        self.note("confidence_score out of 0 to 1: left out", &number.to_string());
        None
    }

    fn entities(&mut self) -> Entities {
        let mut entities = Entities::default();
        for list in Entities::LISTS {
            let values = self.list(list);
            if let Some(ours) = entities.list_mut(list) {
                *ours = values;
            }
        }
        entities
    }

    /// The API wrote JSON, the ingest joined with commas; a lone number is valid JSON too, and was meant as text.
    fn list(&mut self, column: &'static str) -> Vec<String> {
        let Some(text) = self.text(column, 1 << 20) else { return Vec::new() };
        let parsed = serde_json::from_str::<Value>(&text);
        let found: Vec<String> = match parsed {
            Ok(Value::Array(items)) => {
                if !items.iter().all(Value::is_string) {
                    self.note("entities that are not text: made text", &text);
                }
                items.iter().filter_map(scalar).collect()
            }
            Ok(Value::Null) => return Vec::new(),
            Ok(Value::Object(_)) => {
                self.note("entities as an object: left out", &text);
                return Vec::new();
            }
            Ok(value) => {
                self.note("entities as a lone value: a list of one", &text);
                scalar(&value).as_deref().map(split).unwrap_or_default()
            }
            Err(_) => {
                self.note("entities joined by commas: a list", &text);
                split(&text)
            }
        };
        let mut values: Vec<String> = Vec::new();
        for value in found {
            let value: String = value.trim().chars().filter(|c| *c != '\0').take(NAME).collect();
            if !value.is_empty() && !values.contains(&value) && values.len() < VALUES {
                values.push(value);
            }
        }
        values
    }
}

fn split(text: &str) -> Vec<String> {
    // What was meant as JSON and is broken has its marks at the ends.
    text.split(',').map(|part| part.trim().trim_matches(['[', ']', '"', '\'']).to_owned()).collect()
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn is_nobody(name: &str) -> bool {
    matches!(name.to_lowercase().as_str(), "unassigned" | "none" | "null" | "n/a" | "unknown" | "tbd")
}

fn state(text: &str) -> Option<WorkflowState> {
    let key = text.to_uppercase().replace([' ', '-'], "_");
    WorkflowState::parse(&key).or(match key.as_str() {
        "START" | "NEW" | "OPEN" => Some(WorkflowState::StartPoint),
        "INPROGRESS" | "PROGRESS" => Some(WorkflowState::InProgress),
        "COMPLETED" | "COMPLETE" | "DONE" => Some(WorkflowState::Completion),
        _ => None,
    })
}

fn status(text: &str) -> Option<Status> {
    let key = text.to_uppercase();
    Status::parse(&key).or(match key.as_str() {
        "COMPLETE" | "DONE" | "CLOSED" => Some(Status::Completed),
        "CRITICAL" => Some(Status::Red),
        "WARNING" | "AMBER" => Some(Status::Yellow),
        "OK" | "NORMAL" => Some(Status::Green),
        _ => None,
    })
}

fn shown(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

fn fingerprint(id: &str) -> String {
    use sha2::{Digest as _, Sha256};
    let mut text = format!("{:x}", Sha256::digest(id));
    text.truncate(16);
    text
}
