//! The seed's procedures in the tRPC wire format: no transformer, batching included. A facade over the same reads and
//! mutations as the REST routes; the format is described at <https://trpc.io/docs/rpc>.

mod input;
mod wire;

use poem::http::{HeaderValue, Method, StatusCode, header};
use poem::{Endpoint, IntoResponse, Request, Response};
use serde_json::{Value, json};
use shared::store::analytics::{self, Period};
use shared::store::scope::Subject;

use self::input::{finish, judged, list_input, object, task_id, task_id_of};
use self::wire::{Calls, Outcome, parameter};
use super::mutation::Terms;
use super::task_input::CreateInput;
use crate::app::App;
use crate::auth::policy;
use crate::body::{Fields, hex, parse, read_json_bytes};
use crate::problem::Problem;

/// Procedures of one batch.
const MAX_BATCH: usize = 10;

/// Sends paths with a dot after `/api/` to the procedures, everything else to the REST routes.
pub(crate) fn routed<E: Endpoint<Output = Response>>(rest: E) -> impl Endpoint<Output = Response> + use<E> {
    Routed { rest }
}

/// Whether a path calls procedures.
pub(crate) fn is_call(path: &str) -> bool {
    path.strip_prefix("/api/").is_some_and(|name| name.contains('.') && !name.contains('/'))
}

/// The refusal of whoever may not call at all, in the form that the client's link reads. Any other request's is the problem
/// itself.
pub(crate) fn refusal(request: &Request, problem: Problem) -> Result<Response, Problem> {
    let path = request.original_uri().path();
    if !is_call(path) || !matches!(problem.status, 401 | 403) {
        return Err(problem);
    }
    let mut response = Calls::of(path.trim_start_matches("/api/"), request).answer(Err(problem));
    if response.status() == StatusCode::UNAUTHORIZED {
        response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    Ok(response)
}

struct Routed<E> {
    rest: E,
}

impl<E: Endpoint<Output = Response>> Endpoint for Routed<E> {
    type Output = Response;

    async fn call(&self, request: Request) -> poem::Result<Response> {
        let path = request.original_uri().path();
        if is_call(path) {
            let calls = Calls::of(path.trim_start_matches("/api/"), &request);
            let app = request.data::<App>().cloned().ok_or_else(Problem::unavailable)?;
            let outcomes = run(&app, &calls, request).await;
            Ok(calls.answer(outcomes))
        } else {
            self.rest.call(request).await
        }
    }
}

async fn run(app: &App, calls: &Calls, request: Request) -> Result<Vec<Outcome>, Problem> {
    if calls.streams() {
        let detail = "streaming links are not served; use httpLink or httpBatchLink";
        return Err(Problem::new(StatusCode::NOT_ACCEPTABLE, detail));
    }
    if calls.paths.len() > MAX_BATCH {
        return Err(Problem::bad_request(format!("a batch has at most {MAX_BATCH} procedures")));
    }
    let (request, mut body) = request.split();
    let (input, hash) = match *request.method() {
        Method::GET => (parameter(&request, "input").map(|text| parse(text.as_bytes())).transpose()?, String::new()),
        Method::POST => {
            let bytes = read_json_bytes(&request, &mut body).await.map_err(|error| Problem::of(&error))?;
            let input = if bytes.is_empty() { None } else { Some(parse(&bytes)?) };
            (input, hex(&<sha2::Sha256 as sha2::Digest>::digest(&bytes)))
        }
        _ => return Err(Problem::new(StatusCode::METHOD_NOT_ALLOWED, "use GET for queries and POST for mutations")),
    };
    let inputs = calls.inputs(input)?;
    let mut outcomes = Vec::with_capacity(inputs.len());
    for (index, (path, input)) in calls.paths.iter().zip(inputs).enumerate() {
        // Each item of a batch is a request of its own under the caller's one key.
        let terms = || Terms::of(app, &request, &format!("trpc/{path}/{index}"), &format!("{hash}/{index}"));
        outcomes.push(procedure(app, request.method(), path, input, terms).await);
    }
    Ok(outcomes)
}

async fn procedure(
    app: &App,
    method: &Method,
    path: &str,
    input: Value,
    terms: impl FnOnce() -> Result<Terms, Problem>,
) -> Outcome {
    let (wanted, operation) = match path {
        "workflow.list" => (Method::GET, "listTasks"),
        "workflow.get" => (Method::GET, "getTask"),
        "workflow.metrics" => (Method::GET, "getMetrics"),
        "workflow.analytics" => (Method::GET, "getAnalytics"),
        "workflow.create" => (Method::POST, "createTask"),
        "workflow.update" => (Method::POST, "updateTask"),
        "workflow.delete" => (Method::POST, "deleteTask"),
        _ => return Err(Problem::new(StatusCode::NOT_FOUND, format!("No procedure found on path \"{path}\""))),
    };
    if *method != wanted {
        return Err(Problem::new(StatusCode::METHOD_NOT_ALLOWED, format!("{path} is called with {wanted}")));
    }
    // A procedure takes what the operation takes that it stands for.
    policy::rule(operation).ok_or_else(|| Problem::forbidden("no role may do this"))?.check(&app.caller)?;
    match path {
        "workflow.list" => {
            let mut list = list_input(object(input)?)?;
            list.filter.within = app.caller.mailboxes.clone();
            let list = list.run(app).await?;
            Ok(serde_json::to_value(list).expect("a list serialises"))
        }
        "workflow.get" => get(app, input).await,
        "workflow.metrics" => {
            let metrics = super::metrics::read(app).await?;
            Ok(serde_json::to_value(metrics).expect("metrics serialise"))
        }
        "workflow.analytics" => analytics(app, input).await,
        "workflow.create" => {
            let input = judged::<CreateInput>(object(input)?)?;
            body_of(super::tasks::create(app, input, terms()?).await?.into_response()).await
        }
        "workflow.update" => update(app, input, terms).await,
        _ => {
            let task_id = task_id(Fields::of(object(input)?))?;
            app.auth.covers(&app.caller, Subject::Task, &task_id).await?;
            let deleted = super::tasks::delete(app, task_id, terms()?).await.map_err(not_found_if_gone)?;
            body_of(deleted.into_response()).await
        }
    }
}

async fn get(app: &App, input: Value) -> Outcome {
    let task_id = task_id(Fields::of(object(input)?))?;
    app.auth.covers(&app.caller, Subject::Task, &task_id).await?;
    let mut session = app.db.read().await?;
    let (task, history) = super::tasks::live(&mut session, &task_id).await.map_err(not_found_if_gone)?;
    let patterns = match app.scope() {
        None => shared::store::patterns::of_task(&mut session, &task_id).await?,
        Some(_) => Vec::new(),
    };
    Ok(json!({"task": task, "history": history, "patterns": patterns}))
}

async fn analytics(app: &App, input: Value) -> Outcome {
    let mut fields = Fields::of(object(input)?);
    let period = fields.optional("period", |value| {
        value.as_str().and_then(Period::parse).ok_or_else(|| "must be day, week or month".to_owned())
    });
    finish(fields)?;
    let (period, zone, now) = (period.unwrap_or(Period::Day), chrono_tz::Tz::UTC, app.clock.now());
    let series = analytics::read(&mut app.db.snapshot().await?, period, zone, now).await?;
    Ok(serde_json::to_value(series).expect("series serialise"))
}

async fn update(app: &App, input: Value, terms: impl FnOnce() -> Result<Terms, Problem>) -> Outcome {
    let mut fields = Fields::of(object(input)?);
    let task_id = task_id_of(&mut fields);
    let updates = fields.required("updates", |value| value.as_object().cloned().ok_or("must be an object".into()));
    finish(fields)?;
    let input = input::updates(updates.unwrap_or_default())?;
    let task_id = task_id.unwrap_or_default();
    app.auth.covers(&app.caller, Subject::Task, &task_id).await?;
    let changed = super::tasks::update(app, task_id, input, terms()?).await;
    body_of(changed.map_err(not_found_if_gone)?.into_response()).await
}

/// To a tRPC caller a deleted task is one that is not there.
fn not_found_if_gone(problem: Problem) -> Problem {
    if problem.status == 410 { Problem::not_found("the task") } else { problem }
}

/// The body of a REST answer.
async fn body_of(response: Response) -> Outcome {
    let bytes = response.into_body().into_bytes().await.map_err(|_| Problem::unavailable())?;
    serde_json::from_slice(&bytes).map_err(|_| Problem::unavailable())
}
