//! The seed's procedures in the tRPC wire format: no transformer, batching included. A facade over the same reads and
//! mutations as the REST routes; the format is described at <https://trpc.io/docs/rpc>.

use poem::http::{Method, StatusCode, header};
use poem::{Endpoint, IntoResponse, Request, Response};
use serde_json::{Map, Value, json};
use shared::store::analytics::{self, Period};
use shared::store::tasks::{Filter, Page, Show, Sort, Start};

use super::mutation::Terms;
use super::task_input::{CreateInput, UpdateInput};
use super::tasks::ListRead;
use crate::app::App;
use crate::body::{Fields, FromFields, hex, parse, read, read_json_bytes};
use crate::problem::{Issue, Problem};

/// Procedures of one batch.
const MAX_BATCH: usize = 10;

/// Sends paths with a dot after `/api/` to the procedures, everything else to the REST routes.
pub(crate) fn routed<E: Endpoint<Output = Response>>(app: &App, rest: E) -> impl Endpoint<Output = Response> + use<E> {
    Routed { app: app.clone(), rest }
}

struct Routed<E> {
    app: App,
    rest: E,
}

impl<E: Endpoint<Output = Response>> Endpoint for Routed<E> {
    type Output = Response;

    async fn call(&self, request: Request) -> poem::Result<Response> {
        let path = request.original_uri().path().strip_prefix("/api/").unwrap_or_default().to_owned();
        if path.contains('.') && !path.contains('/') {
            Ok(call(&self.app, &path, request).await)
        } else {
            self.rest.call(request).await
        }
    }
}

/// One procedure's outcome.
type Outcome = Result<Value, Problem>;

async fn call(app: &App, path: &str, request: Request) -> Response {
    let batched = query(&request, "batch").is_some();
    let paths: Vec<String> = if batched { path.split(',').map(str::to_owned).collect() } else { vec![path.to_owned()] };
    let outcomes = match run(app, &paths, batched, request).await {
        Ok(outcomes) => outcomes,
        Err(problem) => paths.iter().map(|_| Err(problem.clone())).collect(),
    };
    let statuses: Vec<u16> =
        outcomes.iter().map(|outcome| outcome.as_ref().map_or_else(|p| p.status, |_| 200)).collect();
    let status = match statuses.as_slice() {
        [first, rest @ ..] if rest.iter().all(|status| status == first) => *first,
        _ => 207,
    };
    let mut bodies: Vec<Value> =
        outcomes.into_iter().zip(&paths).map(|(outcome, path)| envelope(outcome, path)).collect();
    let body = if batched { Value::from(bodies) } else { bodies.pop().unwrap_or_default() };
    Response::builder()
        .status(StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR))
        .header(header::CONTENT_TYPE, "application/json")
        .body(body.to_string())
}

async fn run(app: &App, paths: &[String], batched: bool, request: Request) -> Result<Vec<Outcome>, Problem> {
    if request.header("trpc-accept").is_some_and(|accept| accept.contains("jsonl")) {
        let detail = "streaming links are not served; use httpLink or httpBatchLink";
        return Err(Problem::new(StatusCode::NOT_ACCEPTABLE, detail));
    }
    if paths.len() > MAX_BATCH {
        return Err(Problem::bad_request(format!("a batch has at most {MAX_BATCH} procedures")));
    }
    let method = request.method().clone();
    let (request, mut body) = request.split();
    let (input, hash) = match method {
        Method::GET => (query(&request, "input").map(|text| parse(text.as_bytes())).transpose()?, String::new()),
        Method::POST => {
            let bytes = read_json_bytes(&request, &mut body).await.map_err(|error| Problem::of(&error))?;
            let input = if bytes.is_empty() { None } else { Some(parse(&bytes)?) };
            (input, hex(&<sha2::Sha256 as sha2::Digest>::digest(&bytes)))
        }
        _ => return Err(Problem::new(StatusCode::METHOD_NOT_ALLOWED, "use GET for queries and POST for mutations")),
    };
    let mut outcomes = Vec::with_capacity(paths.len());
    for (index, path) in paths.iter().enumerate() {
        let input = match (&input, batched) {
            (None, _) => Value::Null,
            (Some(all), true) => all.get(index.to_string()).cloned().unwrap_or_default(),
            (Some(one), false) => one.clone(),
        };
        outcomes.push(procedure(app, &request, &method, path, input, &format!("{hash}/{index}"), index).await);
    }
    Ok(outcomes)
}

async fn procedure(
    app: &App,
    request: &Request,
    method: &Method,
    path: &str,
    input: Value,
    hash: &str,
    index: usize,
) -> Outcome {
    let wants = |wanted: Method| {
        let detail = format!("{path} is called with {wanted}");
        if *method == wanted { Ok(()) } else { Err(Problem::new(StatusCode::METHOD_NOT_ALLOWED, detail)) }
    };
    // Each item of a batch is a request of its own under the caller's one key.
    let terms = || Terms::of(app, request, &format!("trpc/{path}/{index}"), hash);
    match path {
        "workflow.metrics" => {
            wants(Method::GET)?;
            let metrics = super::metrics::read(app).await?;
            Ok(serde_json::to_value(metrics).expect("metrics serialise"))
        }
        "workflow.list" => {
            wants(Method::GET)?;
            let list = list_input(object(input)?)?.run(app).await?;
            Ok(serde_json::to_value(list).expect("a list serialises"))
        }
        "workflow.get" => {
            wants(Method::GET)?;
            let task_id = task_id(Fields::of(object(input)?))?;
            let found = super::tasks::live(&mut app.db.read().await?, &task_id).await;
            let (task, history) = found.map_err(not_found_if_gone)?;
            Ok(json!({"task": task, "history": history}))
        }
        "workflow.analytics" => {
            wants(Method::GET)?;
            let mut fields = Fields::of(object(input)?);
            let period = fields.optional("period", |value| {
                value.as_str().and_then(Period::parse).ok_or_else(|| "must be day, week or month".to_owned())
            });
            finish(fields)?;
            let (period, zone, now) = (period.unwrap_or(Period::Day), chrono_tz::Tz::UTC, app.clock.now());
            let series = analytics::read(&mut app.db.snapshot().await?, period, zone, now).await?;
            Ok(serde_json::to_value(series).expect("series serialise"))
        }
        "workflow.create" => {
            wants(Method::POST)?;
            let input = judged::<CreateInput>(object(input)?)?;
            body_of(super::tasks::create(app, input, terms()?).await?.into_response()).await
        }
        "workflow.update" => {
            wants(Method::POST)?;
            let mut fields = Fields::of(object(input)?);
            let task_id = task_id_of(&mut fields);
            let updates =
                fields.required("updates", |value| value.as_object().cloned().ok_or("must be an object".into()));
            finish(fields)?;
            let input = judged::<UpdateInput>(updates.unwrap_or_default())?;
            let changed = super::tasks::update(app, task_id.unwrap_or_default(), input, terms()?).await;
            body_of(changed.map_err(not_found_if_gone)?.into_response()).await
        }
        "workflow.delete" => {
            wants(Method::POST)?;
            let task_id = task_id(Fields::of(object(input)?))?;
            let deleted = super::tasks::delete(app, task_id, terms()?).await.map_err(not_found_if_gone)?;
            body_of(deleted.into_response()).await
        }
        _ => Err(Problem::new(StatusCode::NOT_FOUND, format!("No procedure found on path \"{path}\""))),
    }
}

/// To a tRPC caller a deleted task is one that is not there.
fn not_found_if_gone(problem: Problem) -> Problem {
    if problem.status == 410 { Problem::not_found("the task") } else { problem }
}

fn object(input: Value) -> Result<Map<String, Value>, Problem> {
    match input {
        Value::Object(map) => Ok(map),
        Value::Null => Ok(Map::new()),
        _ => Err(Problem::unprocessable(vec![Issue::at("", "must be an object")])),
    }
}

fn finish(mut fields: Fields) -> Result<(), Problem> {
    fields.refuse_the_rest();
    if fields.issues.is_empty() { Ok(()) } else { Err(Problem::unprocessable(fields.issues)) }
}

fn judged<T: FromFields>(map: Map<String, Value>) -> Result<T, Problem> {
    let mut fields = Fields::of(map);
    let value = T::read(&mut fields);
    fields.refuse_the_rest();
    match value {
        Some(value) if fields.issues.is_empty() => Ok(value),
        _ => Err(Problem::unprocessable(fields.issues)),
    }
}

fn task_id_of(fields: &mut Fields) -> Option<String> {
    fields.required("taskId", read::line(200))
}

fn task_id(mut fields: Fields) -> Result<String, Problem> {
    let task_id = task_id_of(&mut fields);
    finish(fields)?;
    Ok(task_id.unwrap_or_default())
}

/// `{filter {status, category, owner, priority, dateRange {start, end}}, pagination {page, limit}, sort {field, direction}}`
fn list_input(map: Map<String, Value>) -> Result<ListRead, Problem> {
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
    let one_or_more = |value: &Value| match value {
        Value::Array(_) => read::list(50, read::line(200))(value),
        _ => read::line(200)(value).map(|text| vec![text]),
    };
    let whole = |range: std::ops::RangeInclusive<i64>| {
        move |value: &Value| {
            let number = value.as_i64().filter(|number| range.contains(number));
            number.ok_or_else(|| format!("must be from {} to {}", range.start(), range.end()))
        }
    };
    let page_number = pagination.optional("page", whole(1..=1_000_000)).unwrap_or(1);
    let limit = pagination.optional("limit", whole(1..=200)).unwrap_or(50);
    let field = sort.optional("field", |value| {
        value.as_str().and_then(Sort::parse).ok_or_else(|| "is not a field to sort by".to_owned())
    });
    let ascending = sort.optional("direction", |value| match value.as_str() {
        Some("asc") => Ok(true),
        Some("desc") => Ok(false),
        _ => Err("must be asc or desc".to_owned()),
    });
    let aliases = |names: Vec<String>| -> Vec<String> {
        let known = |name: String| shared::domain::Category::from_input(&name).map_or(name, |known| known.to_string());
        names.into_iter().map(known).collect()
    };
    let rows = Filter {
        status: filter.optional("status", one_or_more).unwrap_or_default(),
        category: aliases(filter.optional("category", one_or_more).unwrap_or_default()),
        owner: filter.optional("owner", one_or_more).unwrap_or_default(),
        priority: filter.optional("priority", one_or_more).unwrap_or_default(),
        created_from: range.optional("start", read::instant),
        created_to: range.optional("end", read::instant),
        ..Filter::default()
    };
    for fields in [range, filter, pagination, sort, input] {
        finish(fields)?;
    }
    let page = Page {
        sort: field.unwrap_or(Sort::CreatedAt),
        ascending: ascending.unwrap_or(false),
        limit: limit + 1,
        start: Start::Offset((page_number - 1) * limit),
    };
    let show = Show::with(true);
    Ok(ListRead { filter: rows, page, limit, page_number: Some(page_number), show })
}

/// The body of a REST answer.
async fn body_of(response: Response) -> Outcome {
    let bytes = response.into_body().into_bytes().await.map_err(|_| Problem::unavailable())?;
    serde_json::from_slice(&bytes).map_err(|_| Problem::unavailable())
}

fn query(request: &Request, name: &str) -> Option<String> {
    let query = request.original_uri().query().unwrap_or_default();
    url::form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

fn envelope(outcome: Outcome, path: &str) -> Value {
    let problem = match outcome {
        Ok(data) => return json!({"result": {"data": data}}),
        Err(problem) => problem,
    };
    let (number, code) = match problem.status {
        400 | 406 => (-32600, "BAD_REQUEST"),
        401 => (-32001, "UNAUTHORIZED"),
        403 => (-32003, "FORBIDDEN"),
        404 => (-32004, "NOT_FOUND"),
        405 => (-32005, "METHOD_NOT_SUPPORTED"),
        409 => (-32009, "CONFLICT"),
        412 => (-32012, "PRECONDITION_FAILED"),
        413 => (-32013, "PAYLOAD_TOO_LARGE"),
        415 => (-32015, "UNSUPPORTED_MEDIA_TYPE"),
        422 => (-32022, "UNPROCESSABLE_CONTENT"),
        429 => (-32029, "TOO_MANY_REQUESTS"),
        _ => (-32603, "INTERNAL_SERVER_ERROR"),
    };
    let data = json!({"code": code, "httpStatus": problem.status, "path": path, "errors": problem.errors});
    json!({"error": {"message": problem.detail, "code": number, "data": data}})
}
