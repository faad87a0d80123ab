//! Which tasks a request is about: the filters of a list, as parameters or as an object.

use chrono::{DateTime, Utc};
use poem::Request;
use poem_openapi::Object;
use serde_json::Value;
use shared::domain::{Category, Cents, Priority, SlaState, Status, WorkflowState};
use shared::store::tasks::Filter;

use crate::app::App;
use crate::body::{Fields, read};
use crate::params::{self, Given};

/// Characters of a text to be matched.
const TEXT: usize = 200;
/// Characters of an address.
const ADDRESS: usize = 320;
/// Values of one filter.
const VALUES: usize = 100;

/// The filters as parameters.
pub(crate) struct Conditions {
    pub(crate) status: Given<Vec<Status>>,
    pub(crate) category: Given<Vec<String>>,
    pub(crate) owner: Given<Vec<String>>,
    pub(crate) priority: Given<Vec<Priority>>,
    pub(crate) state: Given<Vec<WorkflowState>>,
    pub(crate) mailbox: Given<Vec<String>>,
    pub(crate) sla_state: Given<Vec<SlaState>>,
    pub(crate) tag: Given<Vec<String>>,
    pub(crate) q: Given<String>,
    pub(crate) created_from: Given<String>,
    pub(crate) created_to: Given<String>,
    pub(crate) due_from: Given<String>,
    pub(crate) due_to: Given<String>,
    pub(crate) min_value: Given<f64>,
    pub(crate) max_value: Given<f64>,
    pub(crate) open: Given<bool>,
    pub(crate) unassigned: Given<bool>,
    pub(crate) owner_email: Given<Vec<String>>,
    pub(crate) unaddressed: Given<bool>,
    pub(crate) watcher: Given<Vec<String>>,
    pub(crate) has_deadline: Given<bool>,
    pub(crate) completed_from: Given<String>,
    pub(crate) completed_to: Given<String>,
    pub(crate) completed_in_time: Given<bool>,
}

impl Conditions {
    /// The filter; what is wrong with it is noted.
    pub(crate) fn filter(self, request: &Request) -> Filter {
        let filter = Filter {
            status: names(self.status.0),
            category: categories(request, self.category.texts(request, "category", TEXT)),
            owner: self.owner.texts(request, "owner", TEXT),
            priority: names(self.priority.0),
            state: names(self.state.0),
            mailbox: self.mailbox.texts(request, "mailbox", TEXT),
            sla_state: names(self.sla_state.0),
            tag: self.tag.texts(request, "tag", TEXT),
            q: self.q.text(request, "q", TEXT),
            created_from: self.created_from.instant(request, "created_from"),
            created_to: self.created_to.instant(request, "created_to"),
            due_from: self.due_from.instant(request, "due_from"),
            due_to: self.due_to.instant(request, "due_to"),
            min_value: dollars(request, "min_value", self.min_value.0),
            max_value: dollars(request, "max_value", self.max_value.0),
            open: self.open.0,
            unassigned: self.unassigned.0,
            owner_email: self.owner_email.texts(request, "owner_email", ADDRESS),
            unaddressed: self.unaddressed.0,
            watcher: self.watcher.texts(request, "watcher", TEXT),
            has_deadline: self.has_deadline.0,
            completed_from: self.completed_from.instant(request, "completed_from"),
            completed_to: self.completed_to.instant(request, "completed_to"),
            completed_in_time: self.completed_in_time.0,
            within: request.data::<App>().and_then(|app| app.caller.mailboxes.clone()),
        };
        for (name, detail) in contradictions(&filter) {
            params::note(request, name, detail);
        }
        filter
    }
}

/// What no task can meet, by the parameters that say so.
fn contradictions(filter: &Filter) -> Vec<(&'static str, String)> {
    let mut found = Vec::new();
    let mut range = |from: &'static str, to: &'static str, reversed: bool| {
        if reversed {
            found.push((from, format!("must not be beyond {to}")));
            found.push((to, format!("must not be before {from}")));
        }
    };
    range("created_from", "created_to", reversed(filter.created_from, filter.created_to));
    range("due_from", "due_to", reversed(filter.due_from, filter.due_to));
    range("completed_from", "completed_to", reversed(filter.completed_from, filter.completed_to));
    range("min_value", "max_value", reversed(filter.min_value, filter.max_value));
    for (name, refused, values) in
        [("owner", filter.unassigned, &filter.owner), ("owner_email", filter.unaddressed, &filter.owner_email)]
    {
        if refused == Some(true) && !values.is_empty() {
            found.push((name, "cannot be asked for together with tasks that have none".to_owned()));
        }
    }
    if filter.q.as_ref().is_some_and(|q| q.trim().is_empty()) {
        found.push(("q", "must not be empty".to_owned()));
    }
    found
}

fn reversed<T: PartialOrd>(from: Option<T>, to: Option<T>) -> bool {
    from.zip(to).is_some_and(|(from, to)| from > to)
}

fn names<T: ToString>(values: Option<Vec<T>>) -> Vec<String> {
    values.unwrap_or_default().iter().map(T::to_string).collect()
}

/// The categories of these names or older names; what is none is noted.
pub(crate) fn categories(request: &Request, names: Vec<String>) -> Vec<String> {
    let mut known = Vec::new();
    for name in names {
        match Category::from_input(&name) {
            Some(category) => known.push(category.to_string()),
            None => params::note(request, "category", format!("{name} is not a category")),
        }
    }
    known
}

fn dollars(request: &Request, name: &str, value: Option<f64>) -> Option<Cents> {
    value.and_then(|value| Cents::from_dollars(value).map_err(|detail| params::note(request, name, detail)).ok())
}

/// Which tasks: all conditions hold, of the values of one any. A list of one value may be the value itself.
#[derive(Object)]
#[oai(rename = "TaskFilter")]
pub(crate) struct FilterDoc {
    /// Colours.
    status: Option<Vec<Status>>,
    /// Categories.
    category: Option<Vec<Category>>,
    /// Owners.
    owner: Option<Vec<String>>,
    /// Priorities.
    priority: Option<Vec<Priority>>,
    /// States.
    state: Option<Vec<WorkflowState>>,
    /// Mailboxes.
    mailbox: Option<Vec<String>>,
    /// SLA states.
    sla_state: Option<Vec<SlaState>>,
    /// Labels.
    tag: Option<Vec<String>>,
    /// Text to be found in title, owner, description, labels or entities.
    #[oai(validator(min_length = 1, max_length = 200))]
    q: Option<String>,
    /// Created at this instant or later.
    created_from: Option<DateTime<Utc>>,
    /// Created at this instant or earlier.
    created_to: Option<DateTime<Utc>>,
    /// Due at this instant or later.
    due_from: Option<DateTime<Utc>>,
    /// Due at this instant or earlier.
    due_to: Option<DateTime<Utc>>,
    /// Worth so many dollars or more.
    min_value: Option<Cents>,
    /// Worth so many dollars or less.
    max_value: Option<Cents>,
    /// Whether they are not completed.
    open: Option<bool>,
    /// Whether they have no owner.
    unassigned: Option<bool>,
    /// Addresses of owners.
    owner_email: Option<Vec<String>>,
    /// Whether they have no owner's address.
    unaddressed: Option<bool>,
    /// People who watch.
    watcher: Option<Vec<String>>,
    /// Whether they have a deadline.
    has_deadline: Option<bool>,
    /// Completed at this instant or later.
    completed_from: Option<DateTime<Utc>>,
    /// Completed at this instant or earlier.
    completed_to: Option<DateTime<Utc>>,
    /// Whether they were completed by their deadline.
    completed_in_time: Option<bool>,
}

/// The filter that an object describes.
pub(crate) fn filter_of(fields: &mut Fields) -> Filter {
    let mut texts = |name: &str| fields.some(name, some_of(read::line(TEXT))).unwrap_or_default();
    let (owner, mailbox, tag, watcher) = (texts("owner"), texts("mailbox"), texts("tag"), texts("watcher"));
    let owner_email = fields.some("owner_email", some_of(read::line(ADDRESS))).unwrap_or_default();
    let whether = |value: &Value| value.as_bool().ok_or_else(|| "must be true or false".to_owned());
    let filter = Filter {
        status: words(fields, "status", Status::ALL, Status::parse),
        category: words(fields, "category", Category::ALL, Category::from_input),
        owner,
        priority: words(fields, "priority", Priority::ALL, Priority::parse),
        state: words(fields, "state", WorkflowState::ALL, WorkflowState::parse),
        mailbox,
        sla_state: words(fields, "sla_state", SlaState::ALL, SlaState::parse),
        tag,
        q: fields.some("q", read::text(TEXT)),
        created_from: fields.some("created_from", read::instant),
        created_to: fields.some("created_to", read::instant),
        due_from: fields.some("due_from", read::instant),
        due_to: fields.some("due_to", read::instant),
        min_value: fields.some("min_value", read::dollars),
        max_value: fields.some("max_value", read::dollars),
        open: fields.some("open", whether),
        unassigned: fields.some("unassigned", whether),
        owner_email,
        unaddressed: fields.some("unaddressed", whether),
        watcher,
        has_deadline: fields.some("has_deadline", whether),
        completed_from: fields.some("completed_from", read::instant),
        completed_to: fields.some("completed_to", read::instant),
        completed_in_time: fields.some("completed_in_time", whether),
        // Only operations that are refused to a key with mailboxes take a filter in their body.
        within: None,
    };
    for (name, detail) in contradictions(&filter) {
        fields.note(name, detail);
    }
    filter
}

fn words<T: Copy + std::fmt::Display + 'static>(
    fields: &mut Fields,
    name: &str,
    all: &'static [T],
    parse: fn(&str) -> Option<T>,
) -> Vec<String> {
    names(fields.some(name, some_of(read::one_of(all, parse))))
}

/// A list of values, or one.
fn some_of<T>(item: impl Fn(&Value) -> Result<T, String>) -> impl Fn(&Value) -> Result<Vec<T>, String> {
    move |value| {
        if value.is_array() { read::list(VALUES, &item)(value) } else { item(value).map(|one| vec![one]) }
    }
}
