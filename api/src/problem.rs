//! The only place where an error becomes a status: `application/problem+json`, RFC 9457.

use std::fmt;

use poem::error::{
    MethodNotAllowedError, NotFoundError, ParseJsonError, ParsePathError, ParseQueryError, ReadBodyError,
    ResponseError, SizedLimitError,
};
use poem::http::{StatusCode, header};
use poem::{Body, Response};
use poem_openapi::Object;
use poem_openapi::error::{ContentTypeError, ParseMultipartError, ParseParamError, ParseRequestPayloadError};
use serde::Serialize;
use shared::jobs::Refused;
use shared::store::StoreError;

/// One thing that is wrong with a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Object)]
pub struct Issue {
    /// Where: a JSON pointer into the body, or `query/NAME`, `header/NAME`.
    pub pointer: String,
    /// What is wrong with it.
    pub detail: String,
}

impl Issue {
    /// An issue at a place.
    pub fn at(pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), detail: detail.into() }
    }
}

/// An error as clients see it.
#[derive(Clone, Debug, Serialize, Object)]
pub struct Problem {
    /// A URI reference that names the kind of problem.
    #[serde(rename = "type")]
    #[oai(rename = "type")]
    pub kind: String,
    /// The kind in words.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What happened this time.
    pub detail: String,
    /// The request's id, as in `X-Request-Id` and in the logs.
    pub instance: String,
    /// Everything that is wrong, at once.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[oai(skip_serializing_if_is_empty)]
    pub errors: Vec<Issue>,
    /// The version a 412 found.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[oai(skip_serializing_if_is_none)]
    pub current_version: Option<i64>,
    /// The task that a 410's task was merged into.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[oai(skip_serializing_if_is_none)]
    pub merged_into: Option<String>,
    /// Seconds to wait, for the header.
    #[serde(skip)]
    #[oai(skip)]
    pub retry_after: Option<u64>,
}

impl Problem {
    /// A problem of this status.
    pub fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        let title = status.canonical_reason().unwrap_or("Error");
        Self {
            kind: format!("urn:workflow:problem:{}", title.to_lowercase().replace([' ', '\''], "-")),
            title: title.to_owned(),
            status: status.as_u16(),
            detail: detail.into(),
            instance: String::new(),
            errors: Vec::new(),
            current_version: None,
            merged_into: None,
            retry_after: None,
        }
    }

    /// 400: the request cannot be read.
    pub fn bad_request(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, detail)
    }

    /// 401: nobody is known by what was shown.
    pub fn unauthorized(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, detail)
    }

    /// 403.
    pub fn forbidden(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, detail)
    }

    /// 404: there is no such thing.
    pub fn not_found(what: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, format!("{what} does not exist"))
    }

    /// 410: it was deleted.
    pub fn gone(what: &str) -> Self {
        Self::new(StatusCode::GONE, format!("{what} was deleted"))
    }

    /// 422: values that cannot be accepted.
    pub fn unprocessable(errors: Vec<Issue>) -> Self {
        let detail = match errors.as_slice() {
            [one] => format!("{}: {}", one.pointer, one.detail),
            many => format!("{} values are not acceptable", many.len()),
        };
        Self { errors, ..Self::new(StatusCode::UNPROCESSABLE_ENTITY, detail) }
    }

    /// 503: the database is away.
    pub fn unavailable() -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "the database is not reachable; try again shortly")
    }

    /// The same, with the seconds after which trying again makes sense.
    #[must_use]
    pub fn after(self, seconds: u64) -> Self {
        Self { retry_after: Some(seconds), ..self }
    }

    /// The problem a failed request is answered with.
    pub fn of(error: &poem::Error) -> Self {
        if let Some(problem) = error.downcast_ref::<Self>() {
            return problem.clone();
        }
        if error.is::<NotFoundError>() {
            return Self::new(StatusCode::NOT_FOUND, "no such route");
        }
        if error.is::<MethodNotAllowedError>() {
            return Self::new(StatusCode::METHOD_NOT_ALLOWED, "the route does not take this method");
        }
        if let Some(parameter) = error.downcast_ref::<ParseParamError>() {
            return Self::unprocessable(vec![Issue::at(parameter.name, parameter.reason.clone())]);
        }
        if let Some(payload) = error.downcast_ref::<ParseRequestPayloadError>() {
            return Self::bad_request(payload.reason.clone());
        }
        if error.is::<ParseJsonError>() || error.is::<ParseMultipartError>() || error.is::<ReadBodyError>() {
            return Self::bad_request("the body cannot be read");
        }
        if error.is::<ParsePathError>() || error.is::<ParseQueryError>() {
            return Self::bad_request("the path or the query cannot be read");
        }
        if error.is::<ContentTypeError>() {
            return Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "the content type is not one this route takes");
        }
        if error.is::<SizedLimitError>() {
            return Self::new(StatusCode::PAYLOAD_TOO_LARGE, "the body is larger than this route takes");
        }
        match error.status() {
            status if status.is_server_error() => {
                tracing::error!(%error, "request failed");
                Self::new(status, "the request failed; the log has the reason under this request id")
            }
            status => Self::new(status, status.canonical_reason().unwrap_or("the request was refused")),
        }
    }

    /// The answer.
    pub fn respond(mut self, request_id: &str) -> Response {
        request_id.clone_into(&mut self.instance);
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = serde_json::to_vec(&self).expect("a problem serialises");
        let mut response = Response::builder().status(status).header(header::CONTENT_TYPE, "application/problem+json");
        let wait = self.retry_after.or((status == StatusCode::SERVICE_UNAVAILABLE).then_some(2));
        if let Some(seconds) = wait {
            response = response.header(header::RETRY_AFTER, seconds);
        }
        if status == StatusCode::UNAUTHORIZED {
            response = response.header(header::WWW_AUTHENTICATE, "Bearer");
        }
        response.body(Body::from(body))
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: {}", self.status, self.title, self.detail)
    }
}

impl std::error::Error for Problem {}

impl ResponseError for Problem {
    fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn as_response(&self) -> Response {
        self.clone().respond(&self.instance)
    }
}

/// Documented once for all operations by `openapi`, not at each.
impl poem_openapi::ApiResponse for Problem {
    fn meta() -> poem_openapi::registry::MetaResponses {
        poem_openapi::registry::MetaResponses { responses: Vec::new() }
    }

    fn register(registry: &mut poem_openapi::registry::Registry) {
        <Self as poem_openapi::types::Type>::register(registry);
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        if error.is_transient() {
            tracing::warn!(%error, "the database did not answer");
            Self::unavailable()
        } else {
            tracing::error!(%error, "the database refused a statement");
            Self::new(StatusCode::INTERNAL_SERVER_ERROR, "the request failed; the log has the reason")
        }
    }
}

impl From<Refused> for Problem {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::KeyReused => {
                Self::unprocessable(vec![Issue::at("header/Idempotency-Key", "was used for another request")])
            }
            Refused::Unavailable(why) => {
                tracing::warn!(why, "a job was not accepted");
                Self::unavailable()
            }
        }
    }
}
