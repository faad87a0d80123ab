//! What clients may say about a task, and how it is judged.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use poem_openapi::Object;
use serde_json::Value;
use shared::domain::change::{Actor, NewTask, TaskPatch};
use shared::domain::task::new_id;
use shared::domain::{BreachReason, Category, Cents, Entities, Priority, Status, WaitingOn, WorkflowState};

use crate::body::{Fields, FromFields, read};
use crate::problem::{Issue, Problem};

const TITLE: usize = 500;
const NAME: usize = 200;
const DESCRIPTION: usize = 20_000;
const ITEMS: usize = 100;

/// A new task.
#[derive(Object)]
#[oai(rename = "CreateTaskRequest")]
pub(crate) struct CreateDoc {
    /// One line.
    #[oai(validator(min_length = 1, max_length = 500))]
    title: String,
    /// What it is about. Older names such as `Customer Support` are taken as aliases.
    workflow_category: Category,
    /// Further categories.
    secondary_categories: Option<Vec<Category>>,
    /// GREEN if absent. COMPLETED goes with the state COMPLETION.
    task_status: Option<Status>,
    /// `START_POINT` if absent.
    workflow_state: Option<WorkflowState>,
    /// NORMAL if absent.
    priority: Option<Priority>,
    /// Who works on it.
    #[oai(validator(max_length = 200))]
    current_owner: Option<String>,
    /// Their address.
    #[oai(validator(max_length = 200))]
    owner_email: Option<String>,
    /// Details.
    #[oai(validator(max_length = 20_000))]
    description: Option<String>,
    /// Dollars at stake; 0 if absent.
    dollar_value: Option<Cents>,
    /// A deadline as an instant. Not together with `sla_hours`.
    sla_deadline: Option<DateTime<Utc>>,
    /// A deadline as hours from creation. Not together with `sla_deadline`.
    sla_hours: Option<f64>,
    /// Whom the work waits for. While it is the customer, the clock stands still where the policy says so.
    waiting_on: Option<WaitingOn>,
    /// Until when nobody wants to be reminded of it: an instant in the future. The clock stands still where the policy says
    /// so.
    snoozed_until: Option<DateTime<Utc>>,
    /// Numbers and names.
    entities: Option<EntitiesDoc>,
    /// The mail it comes from.
    email_id: Option<String>,
    /// The conversation it belongs to.
    conversation_id: Option<String>,
    /// The mailbox it comes from.
    mailbox_source: Option<String>,
    /// Free grouping.
    group_name: Option<String>,
    /// Free labels.
    tags: Option<Vec<String>>,
}

/// Lists of numbers and names; on update, absent lists stay.
#[derive(Object)]
#[oai(rename = "EntitiesInput")]
pub(crate) struct EntitiesDoc {
    /// Purchase orders.
    po_numbers: Option<Vec<String>>,
    /// Quotes and bids.
    quote_numbers: Option<Vec<String>>,
    /// Cases, tickets, claims, RMA numbers.
    case_numbers: Option<Vec<String>>,
    /// The distributor's own orders.
    order_numbers: Option<Vec<String>>,
    /// Part numbers.
    part_numbers: Option<Vec<String>>,
    /// Parcel numbers and waybills.
    tracking_numbers: Option<Vec<String>>,
    /// Organisations.
    customers: Option<Vec<String>>,
}

/// Fields to change: absent ones stay, null clears those that may be empty.
#[derive(Object)]
#[oai(rename = "UpdateTaskRequest")]
pub(crate) struct UpdateDoc {
    /// One line.
    #[oai(validator(min_length = 1, max_length = 500))]
    title: Option<String>,
    /// What it is about.
    workflow_category: Option<Category>,
    /// Further categories.
    secondary_categories: Option<Vec<Category>>,
    /// COMPLETED goes with the state COMPLETION.
    task_status: Option<Status>,
    /// How far it has come.
    workflow_state: Option<WorkflowState>,
    /// How soon.
    priority: Option<Priority>,
    /// Who works on it; null for nobody.
    #[oai(validator(max_length = 200))]
    current_owner: Option<String>,
    /// Their address; null for none.
    #[oai(validator(max_length = 200))]
    owner_email: Option<String>,
    /// Details; null for none.
    #[oai(validator(max_length = 20_000))]
    description: Option<String>,
    /// Dollars at stake.
    dollar_value: Option<Cents>,
    /// A deadline as an instant; null removes it. Not together with `sla_hours`.
    sla_deadline: Option<DateTime<Utc>>,
    /// A deadline as hours from creation; null goes back to the policy.
    sla_hours: Option<f64>,
    /// Whom the work waits for; null for nobody. While it is the customer, the clock stands still where the policy says so.
    waiting_on: Option<WaitingOn>,
    /// Until when nobody wants to be reminded of it: an instant in the future; null wakes it. The clock stands still where
    /// the policy says so.
    snoozed_until: Option<DateTime<Utc>>,
    /// Why the deadline was missed; null takes that back.
    breach_reason: Option<BreachReason>,
    /// Lists to replace; null empties all.
    entities: Option<EntitiesDoc>,
    /// Free grouping; null for none.
    group_name: Option<String>,
    /// Free labels.
    tags: Option<Vec<String>>,
    /// Why, for the history.
    #[oai(validator(max_length = 1000))]
    reason: Option<String>,
}

/// A judged new task; its id is given when it is accepted.
#[derive(Clone)]
pub(crate) struct CreateInput(NewTask);

impl CreateInput {
    /// The task, accepted now.
    pub(crate) fn into_task(self, now: DateTime<Utc>) -> Result<NewTask, Problem> {
        ahead(self.0.snoozed_until, now, "/snoozed_until")?;
        let random = uuid::Uuid::now_v7().simple().to_string();
        Ok(NewTask { task_id: new_id(now, &random[20..]), ..self.0 })
    }
}

impl FromFields for CreateInput {
    type Schema = CreateDoc;

    fn read(fields: &mut Fields) -> Option<Self> {
        let title = fields.required("title", read::line(TITLE));
        let category = fields.required("workflow_category", category);
        let task = NewTask {
            secondary_categories: fields
                .optional("secondary_categories", read::list(8, category_item))
                .unwrap_or_default(),
            task_status: fields.optional("task_status", status),
            workflow_state: fields.optional("workflow_state", state),
            priority: fields.optional("priority", priority).unwrap_or(Priority::Normal),
            description: fields.optional("description", read::text(DESCRIPTION)),
            current_owner: fields.optional("current_owner", read::line(NAME)),
            owner_email: fields.optional("owner_email", address),
            entities: entities(fields).flatten().map(full).unwrap_or_default(),
            dollar_value: fields.optional("dollar_value", read::dollars).unwrap_or_default(),
            sla_deadline: fields.optional("sla_deadline", read::instant),
            sla_hours: fields.optional("sla_hours", read::hours),
            waiting_on: fields.optional("waiting_on", waiting_on),
            snoozed_until: fields.optional("snoozed_until", read::instant),
            tags: fields.optional("tags", tags).unwrap_or_default(),
            group_name: fields.optional("group_name", read::line(NAME)),
            email_id: fields.optional("email_id", read::line(NAME)),
            conversation_id: fields.optional("conversation_id", read::line(NAME)),
            mailbox_source: fields.optional("mailbox_source", read::line(NAME)),
            // The name and the category stand in until both are known to be right.
            ..NewTask::new(String::new(), String::new(), Category::GeneralSupport)
        };
        agree(fields, task.task_status, task.workflow_state);
        one_deadline(fields, task.sla_deadline.is_some(), task.sla_hours.is_some());
        Some(Self(NewTask { title: title?, workflow_category: category?, ..task }))
    }
}

/// A snooze ends in the future.
pub(crate) fn ahead(snooze: Option<DateTime<Utc>>, now: DateTime<Utc>, pointer: &str) -> Result<(), Problem> {
    if snooze.is_some_and(|until| until <= now) {
        return Err(Problem::unprocessable(vec![Issue::at(pointer, "must be in the future")]));
    }
    Ok(())
}

/// A judged change.
#[derive(Clone)]
pub(crate) struct UpdateInput {
    pub(crate) patch: TaskPatch,
    pub(crate) reason: Option<String>,
}

impl UpdateInput {
    /// Whether nothing is to be changed.
    pub(crate) fn is_empty(&self) -> bool {
        self.patch == TaskPatch::default()
    }

    pub(crate) fn actor(&self, principal: &str) -> Actor {
        Actor { principal: principal.to_owned(), reason: self.reason.clone() }
    }
}

impl FromFields for UpdateInput {
    type Schema = UpdateDoc;

    fn read(fields: &mut Fields) -> Option<Self> {
        let reason = fields.optional("reason", read::text(1000));
        let patch = TaskPatch {
            title: fields.some("title", read::line(TITLE)),
            workflow_category: fields.some("workflow_category", category),
            secondary_categories: fields.some("secondary_categories", read::list(8, category_item)),
            task_status: fields.some("task_status", status),
            workflow_state: fields.some("workflow_state", state),
            priority: fields.some("priority", priority),
            description: fields.nullable("description", read::text(DESCRIPTION)),
            current_owner: fields.nullable("current_owner", read::line(NAME)),
            owner_email: fields.nullable("owner_email", address),
            entities: entities(fields),
            dollar_value: fields.some("dollar_value", read::dollars),
            sla_deadline: fields.nullable("sla_deadline", read::instant),
            sla_hours: fields.nullable("sla_hours", read::hours),
            waiting_on: fields.nullable("waiting_on", waiting_on),
            snoozed_until: fields.nullable("snoozed_until", read::instant),
            breach_reason: fields.nullable("breach_reason", breach_reason),
            tags: fields.some("tags", tags),
            group_name: fields.nullable("group_name", read::line(NAME)),
            completion_date: None,
        };
        agree(fields, patch.task_status, patch.workflow_state);
        one_deadline(fields, patch.sla_deadline.is_some(), patch.sla_hours.is_some());
        Some(Self { patch, reason })
    }
}

pub(super) fn category(value: &Value) -> Result<Category, String> {
    read::one_of(Category::ALL, Category::from_input)(value)
}

fn category_item(value: &Value) -> Result<Category, String> {
    category(value)
}

pub(super) fn status(value: &Value) -> Result<Status, String> {
    read::one_of(Status::ALL, Status::parse)(value)
}

pub(super) fn state(value: &Value) -> Result<WorkflowState, String> {
    read::one_of(WorkflowState::ALL, WorkflowState::parse)(value)
}

pub(super) fn priority(value: &Value) -> Result<Priority, String> {
    read::one_of(Priority::ALL, Priority::parse)(value)
}

fn waiting_on(value: &Value) -> Result<WaitingOn, String> {
    read::one_of(WaitingOn::ALL, WaitingOn::parse)(value)
}

fn breach_reason(value: &Value) -> Result<BreachReason, String> {
    read::one_of(BreachReason::ALL, BreachReason::parse)(value)
}

fn address(value: &Value) -> Result<String, String> {
    let text = read::line(NAME)(value)?;
    let well_formed = text.split_once('@').is_some_and(|(local, domain)| !local.is_empty() && !domain.is_empty());
    if well_formed && !text.contains(char::is_whitespace) { Ok(text) } else { Err("must be a mail address".to_owned()) }
}

fn tags(value: &Value) -> Result<Vec<String>, String> {
    read::list(50, read::line(100))(value)
}

/// The named lists; null for "all empty".
pub(super) fn entities(fields: &mut Fields) -> Option<Option<BTreeMap<String, Vec<String>>>> {
    fields.nullable("entities", |value| {
        let lists = value.as_object().ok_or("must be an object of lists")?;
        lists
            .iter()
            .map(|(name, list)| {
                if !Entities::LISTS.contains(&name.as_str()) {
                    return Err(format!("{name} is not one of {}", Entities::LISTS.join(", ")));
                }
                let list = if list.is_null() { Ok(Vec::new()) } else { read::list(ITEMS, read::line(NAME))(list) };
                list.map(|list| (name.clone(), list)).map_err(|detail| format!("{name} {detail}"))
            })
            .collect()
    })
}

pub(super) fn full(lists: BTreeMap<String, Vec<String>>) -> Entities {
    let mut entities = Entities::default();
    for (name, values) in lists {
        if let Some(list) = entities.list_mut(&name) {
            *list = values;
        }
    }
    entities
}

pub(super) fn agree(fields: &mut Fields, status: Option<Status>, state: Option<WorkflowState>) {
    if let (Some(status), Some(state)) = (status, state)
        && (status == Status::Completed) != (state == WorkflowState::Completion)
    {
        fields.note("workflow_state", format!("contradicts task_status {status}: COMPLETED goes with COMPLETION"));
    }
}

fn one_deadline(fields: &mut Fields, instant: bool, hours: bool) {
    if instant && hours {
        fields.note("sla_hours", "cannot be given together with sla_deadline");
    }
}
