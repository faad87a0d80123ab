//! What the procedures take, as the seed names it.

use serde_json::{Map, Value};
use shared::domain::{Category, Priority, Status};
use shared::store::tasks::{Filter, Page, Show, Sort, Start};

use crate::body::{Fields, FromFields, read};
use crate::problem::{Issue, Problem};
use crate::routes::task_input::UpdateInput;
use crate::routes::tasks::ListRead;

/// An input; none is the same as an empty object.
pub(super) fn object(input: Value) -> Result<Map<String, Value>, Problem> {
    match input {
        Value::Object(map) => Ok(map),
        Value::Null => Ok(Map::new()),
        _ => Err(Problem::unprocessable(vec![Issue::at("", "must be an object")])),
    }
}

/// Refuses what was not taken, with everything else that is wrong.
pub(super) fn finish(mut fields: Fields) -> Result<(), Problem> {
    fields.refuse_the_rest();
    if fields.issues.is_empty() { Ok(()) } else { Err(Problem::unprocessable(fields.issues)) }
}

/// A body of the REST API.
pub(super) fn judged<T: FromFields>(map: Map<String, Value>) -> Result<T, Problem> {
    let mut fields = Fields::of(map);
    let value = T::read(&mut fields);
    fields.refuse_the_rest();
    match value {
        Some(value) if fields.issues.is_empty() => Ok(value),
        _ => Err(Problem::unprocessable(fields.issues)),
    }
}

/// The changes of an update: problems are named from the input's root.
pub(super) fn updates(map: Map<String, Value>) -> Result<UpdateInput, Problem> {
    judged(map).map_err(|problem| match problem.errors.as_slice() {
        [] => problem,
        _ => Problem::unprocessable(problem.errors.into_iter().map(|issue| below("/updates", issue)).collect()),
    })
}

fn below(at: &str, issue: Issue) -> Issue {
    Issue { pointer: format!("{at}{}", issue.pointer), ..issue }
}

/// The field `taskId` among others.
pub(super) fn task_id_of(fields: &mut Fields) -> Option<String> {
    fields.required("taskId", read::line(200))
}

/// `{taskId}`
pub(super) fn task_id(mut fields: Fields) -> Result<String, Problem> {
    let task_id = task_id_of(&mut fields);
    finish(fields)?;
    Ok(task_id.unwrap_or_default())
}

/// `{filter {status, category, owner, priority, dateRange {start, end}}, pagination {page, limit}, sort {field, direction}}`
pub(super) fn list_input(map: Map<String, Value>) -> Result<ListRead, Problem> {
    let mut input = Fields::of(map);
    let mut part = |name: &str| {
        let object = |value: &Value| value.as_object().cloned().ok_or_else(|| "must be an object".to_owned());
        Fields::of(input.optional(name, object).unwrap_or_default())
    };
    let (mut filter, mut pagination, mut sort) = (part("filter"), part("pagination"), part("sort"));
    let mut range = Fields::of(
        filter
            .optional("dateRange", |value| value.as_object().cloned().ok_or_else(|| "must be an object".to_owned()))
            .unwrap_or_default(),
    );
    let page_number = pagination.optional("page", read::integer(1..=1_000_000)).unwrap_or(1);
    let limit = pagination.optional("limit", read::integer(1..=200)).unwrap_or(50);
    let field = sort.optional("field", |value| {
        value.as_str().and_then(Sort::parse).ok_or_else(|| "is not a field to sort by".to_owned())
    });
    let ascending = sort.optional("direction", |value| match value.as_str() {
        Some("asc") => Ok(true),
        Some("desc") => Ok(false),
        _ => Err("must be asc or desc".to_owned()),
    });
    let category = read::one_of(Category::ALL, Category::from_input);
    let priority = read::one_of(Priority::ALL, Priority::parse);
    let rows = Filter {
        status: filter.optional("status", one_or_more(read::one_of(Status::ALL, Status::parse))).unwrap_or_default(),
        category: filter.optional("category", one_or_more(category)).unwrap_or_default(),
        owner: filter.optional("owner", one_or_more(read::line(200))).unwrap_or_default(),
        priority: filter.optional("priority", one_or_more(priority)).unwrap_or_default(),
        created_from: range.optional("start", read::instant),
        created_to: range.optional("end", read::instant),
        ..Filter::default()
    };
    if rows.created_from.zip(rows.created_to).is_some_and(|(start, end)| start > end) {
        range.note("end", "must not be before start");
    }
    let parts = [("/filter/dateRange", range), ("/filter", filter), ("/pagination", pagination), ("/sort", sort)];
    let mut issues = Vec::new();
    for (at, mut fields) in parts.into_iter().chain([("", input)]) {
        fields.refuse_the_rest();
        issues.extend(fields.issues.into_iter().map(|issue| below(at, issue)));
    }
    if !issues.is_empty() {
        return Err(Problem::unprocessable(issues));
    }
    let page = Page {
        sort: field.unwrap_or(Sort::CreatedAt),
        ascending: ascending.unwrap_or(false),
        limit: limit + 1,
        start: Start::Offset((page_number - 1) * limit),
    };
    Ok(ListRead { filter: rows, page, limit, page_number: Some(page_number), show: Show::with(true) })
}

/// One value or a list of them, by their names.
fn one_or_more<T: std::fmt::Display>(
    one: impl Fn(&Value) -> Result<T, String>,
) -> impl FnOnce(&Value) -> Result<Vec<String>, String> {
    move |value| match value {
        Value::Array(_) => Ok(read::list(50, one)(value)?.iter().map(T::to_string).collect()),
        _ => Ok(vec![one(value)?.to_string()]),
    }
}
