//! The wire format: what a request calls, and how outcomes are written in the form that the client's link reads.

use poem::http::{StatusCode, header};
use poem::{Request, Response};
use serde_json::{Value, json};

use crate::problem::Problem;

/// One procedure's outcome.
pub(super) type Outcome = Result<Value, Problem>;

/// What a request calls.
pub(super) struct Calls {
    /// Names of the procedures, in order.
    pub(super) paths: Vec<String>,
    form: Form,
}

/// How the client's link reads the answer.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    /// `httpLink`: one envelope.
    Single,
    /// `httpBatchLink`: a list of envelopes.
    List,
    /// The streaming link of version 11, which reads a refusal as one envelope for all.
    RefusedOnce,
    /// The streaming link of version 10: an object with a line for each call.
    Lines,
}

impl Calls {
    /// Reads what follows `/api/` and the query.
    pub(super) fn of(path: &str, request: &Request) -> Self {
        if parameter(request, "batch").as_deref() != Some("1") {
            return Self { paths: vec![path.to_owned()], form: Form::Single };
        }
        // A proxy may have escaped the comma.
        let paths = path.replace("%2C", ",").replace("%2c", ",");
        let says = |header: &str, word: &str| request.header(header).is_some_and(|value| value.contains(word));
        let form = match () {
            () if says("trpc-accept", "jsonl") => Form::RefusedOnce,
            () if says("trpc-batch-mode", "stream") => Form::Lines,
            () => Form::List,
        };
        Self { paths: paths.split(',').map(str::to_owned).collect(), form }
    }

    /// Whether the link wants the answer in pieces.
    pub(super) fn streams(&self) -> bool {
        matches!(self.form, Form::RefusedOnce | Form::Lines)
    }

    /// The input of each procedure; null where there is none.
    pub(super) fn inputs(&self, input: Option<Value>) -> Result<Vec<Value>, Problem> {
        match (self.form, input) {
            (Form::Single, input) => Ok(vec![input.unwrap_or_default()]),
            (_, None) => Ok(vec![Value::Null; self.paths.len()]),
            (_, Some(Value::Object(mut inputs))) => {
                let of = |index: usize| inputs.remove(&index.to_string()).unwrap_or_default();
                Ok((0..self.paths.len()).map(of).collect())
            }
            (_, Some(_)) => Err(Problem::bad_request("\"input\" must be an object when doing a batch call")),
        }
    }

    /// The answer: the outcome of each procedure, or the one problem of all.
    pub(super) fn answer(&self, outcomes: Result<Vec<Outcome>, Problem>) -> Response {
        let outcomes = outcomes.unwrap_or_else(|problem| vec![Err(problem); self.paths.len()]);
        let status = status(&outcomes);
        let mut envelopes = outcomes.into_iter().zip(&self.paths).map(|(outcome, path)| envelope(outcome, path));
        let body = match self.form {
            Form::Single | Form::RefusedOnce => envelopes.next().unwrap_or_default().to_string(),
            Form::List => envelopes.collect::<Value>().to_string(),
            Form::Lines => {
                let lines = envelopes.enumerate().map(|(index, envelope)| format!("\"{index}\":{envelope}"));
                format!("{{{}\n}}", lines.collect::<Vec<_>>().join("\n,"))
            }
        };
        let mut response = Response::builder().status(status).header(header::CONTENT_TYPE, "application/json");
        if status == StatusCode::SERVICE_UNAVAILABLE {
            response = response.header(header::RETRY_AFTER, "2");
        }
        response.body(body)
    }
}

/// The status that all outcomes have, or else 207.
fn status(outcomes: &[Outcome]) -> StatusCode {
    let mut statuses = outcomes.iter().map(|outcome| outcome.as_ref().map_or_else(|problem| problem.status, |_| 200));
    let first = statuses.next().unwrap_or(200);
    let status = if statuses.all(|status| status == first) { first } else { 207 };
    StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

fn envelope(outcome: Outcome, path: &str) -> Value {
    let problem = match outcome {
        Ok(data) => return json!({"result": {"data": data}}),
        Err(problem) => problem,
    };
    let (number, code) = code(problem.status);
    let data = json!({"code": code, "httpStatus": problem.status, "path": path, "errors": problem.errors});
    json!({"error": {"message": problem.detail, "code": number, "data": data}})
}

/// Number and name of the kind of error that a status stands for.
fn code(status: u16) -> (i32, &'static str) {
    match status {
        400 | 406 | 414 => (-32600, "BAD_REQUEST"),
        401 => (-32001, "UNAUTHORIZED"),
        403 => (-32003, "FORBIDDEN"),
        404 => (-32004, "NOT_FOUND"),
        405 => (-32005, "METHOD_NOT_SUPPORTED"),
        408 => (-32008, "TIMEOUT"),
        409 => (-32009, "CONFLICT"),
        412 => (-32012, "PRECONDITION_FAILED"),
        413 => (-32013, "PAYLOAD_TOO_LARGE"),
        415 => (-32015, "UNSUPPORTED_MEDIA_TYPE"),
        422 => (-32022, "UNPROCESSABLE_CONTENT"),
        429 => (-32029, "TOO_MANY_REQUESTS"),
        503 => (-32603, "SERVICE_UNAVAILABLE"),
        _ => (-32603, "INTERNAL_SERVER_ERROR"),
    }
}

/// A parameter of the query.
pub(super) fn parameter(request: &Request, name: &str) -> Option<String> {
    let query = request.original_uri().query().unwrap_or_default();
    url::form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}
