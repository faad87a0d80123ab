//! JSON bodies: read within limits, and judged as a whole so that all problems are reported at once.

use std::time::Duration;

use chrono::{DateTime, Timelike, Utc};
use poem::http::{StatusCode, header};
use poem::{Request, RequestBody};
use poem_openapi::registry::{MetaMediaType, MetaRequest, Registry};
use poem_openapi::types::Type;
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use shared::domain::Cents;
use tokio::io::AsyncReadExt;

use crate::problem::{Issue, Problem};
use crate::{json, params};

/// Largest JSON body.
const LIMIT: usize = 1 << 20;
/// Bytes of a larger one that are read all the same.
const READ_ON: u64 = 8 << 20;
/// How long a body may take to arrive: a client that sends a byte now and then would hold its connection for ever.
const ARRIVAL: Duration = Duration::from_secs(30);

/// What a body is to be read as.
pub(crate) trait FromFields: Sized {
    /// The type that documents it.
    type Schema: Type;
    /// Whether no body is the same as an empty object.
    const OPTIONAL: bool = false;
    /// Takes its fields; what is wrong is noted in `fields`.
    fn read(fields: &mut Fields) -> Option<Self>;
}

/// A JSON body, and the hash of its bytes.
pub(crate) struct Body<T> {
    pub(crate) value: T,
    pub(crate) hash: String,
}

impl<'a, T: FromFields + Send> ApiExtractor<'a> for Body<T> {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];

    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        T::Schema::register(registry);
        crate::openapi::measure::<T>(registry);
    }

    fn request_meta() -> Option<MetaRequest> {
        Some(MetaRequest {
            description: None,
            content: vec![MetaMediaType { content_type: "application/json", schema: T::Schema::schema_ref() }],
            required: !T::OPTIONAL,
        })
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        _: ExtractParamOptions<()>,
    ) -> poem::Result<Self> {
        let bytes =
            if T::OPTIONAL && has_no_body(request) { b"{}".to_vec() } else { read_json_bytes(request, body).await? };
        let hash = hex(&Sha256::digest(&bytes));
        let Value::Object(map) = parse(&bytes)? else {
            return Err(Problem::unprocessable(vec![Issue::at("", "must be an object")]).into());
        };
        let mut fields = Fields { map, issues: params::issues(request) };
        let value = T::read(&mut fields);
        fields.refuse_the_rest();
        match value {
            Some(value) if fields.issues.is_empty() => Ok(Self { value, hash }),
            _ => Err(Problem::unprocessable(fields.issues).into()),
        }
    }
}

/// Whether the request announces no body.
fn has_no_body(request: &Request) -> bool {
    let length = request.header(header::CONTENT_LENGTH);
    length.is_none_or(|length| length == "0") && request.header(header::TRANSFER_ENCODING).is_none()
}

/// The media type of the body, in lower case and without parameters.
pub(crate) fn media_type(request: &Request) -> String {
    let content_type = request.header(header::CONTENT_TYPE).unwrap_or_default();
    content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// The bytes of a JSON body.
pub(crate) async fn read_json_bytes(request: &Request, body: &mut RequestBody) -> Result<Vec<u8>, poem::Error> {
    let essence = media_type(request);
    if essence != "application/json" && !essence.ends_with("+json") {
        let detail = "the body must be application/json";
        return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail).into());
    }
    if request.header(header::CONTENT_ENCODING).is_some_and(|encoding| !encoding.eq_ignore_ascii_case("identity")) {
        let detail = "the body must be sent as it is, without Content-Encoding";
        return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail).into());
    }
    let late = || Problem::new(StatusCode::REQUEST_TIMEOUT, "the body did not arrive within 30 seconds");
    let bytes = tokio::time::timeout(ARRIVAL, read_bytes(request, body.take()?)).await.map_err(|_| late())?;
    Ok(bytes?)
}

async fn read_bytes(request: &Request, body: poem::Body) -> Result<Vec<u8>, Problem> {
    let too_large = || Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "a JSON body is at most 1 MiB");
    if request.header(header::CONTENT_LENGTH).and_then(|text| text.parse::<usize>().ok()).is_some_and(|n| n > LIMIT) {
        // A client that still writes when the connection is closed may never see the answer: what is not far too large is
        // read to its end, and thrown away. One that asks before it writes is spared that.
        if request.header(header::EXPECT).is_none() {
            let mut rest = body.into_async_read().take(READ_ON);
            let _ = tokio::io::copy(&mut rest, &mut tokio::io::sink()).await;
        }
        return Err(too_large());
    }
    body.into_bytes_limit(LIMIT).await.map(|bytes| bytes.to_vec()).map_err(|error| match error {
        poem::error::ReadBodyError::PayloadTooLarge => too_large(),
        _ => Problem::bad_request("the body cannot be read"),
    })
}

/// Reads JSON, saying where it breaks.
pub(crate) fn parse(bytes: &[u8]) -> Result<Value, Problem> {
    json::from_slice(bytes).map_err(|error| Problem::bad_request(format!("malformed JSON: {error}")))
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The fields of an object, each to be taken once.
pub(crate) struct Fields {
    map: Map<String, Value>,
    pub(crate) issues: Vec<Issue>,
}

impl Fields {
    pub(crate) fn of(map: Map<String, Value>) -> Self {
        Self { map, issues: Vec::new() }
    }

    pub(crate) fn note(&mut self, field: &str, detail: impl Into<String>) {
        self.issues.push(Issue::at(format!("/{field}"), detail));
    }

    /// The raw value; `None` if absent.
    pub(crate) fn take(&mut self, field: &str) -> Option<Value> {
        self.map.remove(field)
    }

    /// A value through `read`; absent gives `None`, null gives `Some(None)`.
    pub(crate) fn nullable<T>(
        &mut self,
        field: &str,
        read: impl FnOnce(&Value) -> Result<T, String>,
    ) -> Option<Option<T>> {
        let value = self.take(field)?;
        if value.is_null() {
            return Some(None);
        }
        match read(&value) {
            Ok(value) => Some(Some(value)),
            Err(detail) => {
                self.note(field, detail);
                None
            }
        }
    }

    /// A value that may be absent but not null.
    pub(crate) fn some<T>(&mut self, field: &str, read: impl FnOnce(&Value) -> Result<T, String>) -> Option<T> {
        let present = self.map.get(field).is_some_and(Value::is_null);
        if present {
            self.map.remove(field);
            self.note(field, "must not be null");
            return None;
        }
        self.nullable(field, read).flatten()
    }

    /// A value where null is the same as absent.
    pub(crate) fn optional<T>(&mut self, field: &str, read: impl FnOnce(&Value) -> Result<T, String>) -> Option<T> {
        self.nullable(field, read).flatten()
    }

    /// A value that must be there.
    pub(crate) fn required<T>(&mut self, field: &str, read: impl FnOnce(&Value) -> Result<T, String>) -> Option<T> {
        if !self.map.contains_key(field) {
            self.note(field, "is required");
            return None;
        }
        self.some(field, read)
    }

    /// Takes over what is wrong with an object inside.
    pub(crate) fn adopt(&mut self, name: &str, mut inner: Self) {
        inner.refuse_the_rest();
        for issue in inner.issues {
            self.note(&format!("{name}{}", issue.pointer), issue.detail);
        }
    }

    /// Whether every field was taken.
    pub(crate) fn is_spent(&self) -> bool {
        self.map.is_empty()
    }

    /// Whatever was not taken is not known.
    pub(crate) fn refuse_the_rest(&mut self) {
        for field in std::mem::take(&mut self.map).into_iter().map(|(field, _)| field) {
            let shown: String = field.chars().take(100).collect();
            self.note(&shown.replace('~', "~0").replace('/', "~1"), "is not a known field");
        }
    }
}

/// Readers of single values; the text is what is wrong.
pub(crate) mod read {
    use super::{Cents, DateTime, Timelike, Utc, Value};

    /// Text of a length in characters, without NUL.
    pub(crate) fn text(longest: usize) -> impl Fn(&Value) -> Result<String, String> {
        move |value| {
            let text = value.as_str().ok_or("must be text")?;
            if text.contains('\0') {
                return Err("must not contain NUL".to_owned());
            }
            if text.chars().count() > longest {
                return Err(format!("must be at most {longest} characters"));
            }
            Ok(text.to_owned())
        }
    }

    /// Text that says something.
    pub(crate) fn line(longest: usize) -> impl Fn(&Value) -> Result<String, String> {
        move |value| {
            let text = text(longest)(value)?;
            if text.trim().is_empty() { Err("must not be empty".to_owned()) } else { Ok(text) }
        }
    }

    /// One of some values.
    pub(crate) fn one_of<T: Copy + std::fmt::Display + 'static>(
        all: &'static [T],
        parse: fn(&str) -> Option<T>,
    ) -> impl Fn(&Value) -> Result<T, String> {
        move |value| {
            let known = || all.iter().map(T::to_string).collect::<Vec<_>>().join(", ");
            value.as_str().and_then(parse).ok_or_else(|| format!("must be one of {}", known()))
        }
    }

    /// Dollars with at most two decimals.
    pub(crate) fn dollars(value: &Value) -> Result<Cents, String> {
        let number = value.as_f64().filter(|_| value.is_number()).ok_or("must be a number")?;
        Cents::from_dollars(number).map_err(str::to_owned)
    }

    /// An instant, to the microsecond.
    pub(crate) fn instant(value: &Value) -> Result<DateTime<Utc>, String> {
        let wrong = "must be an instant such as 2026-02-01T17:00:00Z";
        let at = DateTime::parse_from_rfc3339(value.as_str().ok_or(wrong)?).map_err(|_| wrong)?.to_utc();
        if !(1970..=9999).contains(&chrono::Datelike::year(&at)) {
            return Err("must be from the year 1970 to 9999".to_owned());
        }
        let micros = at.nanosecond() / 1_000 * 1_000;
        at.with_nanosecond(micros).ok_or_else(|| wrong.to_owned())
    }

    /// An integer of a range.
    pub(crate) fn integer(range: std::ops::RangeInclusive<i64>) -> impl Fn(&Value) -> Result<i64, String> {
        move |value| {
            let number = value.as_i64().filter(|number| range.contains(number));
            number.ok_or_else(|| format!("must be an integer from {} to {}", range.start(), range.end()))
        }
    }

    /// Hours of a target.
    pub(crate) fn hours(value: &Value) -> Result<f64, String> {
        let hours = value.as_f64().filter(|_| value.is_number()).ok_or("must be a number")?;
        if hours > 0.0 && hours <= 87_600.0 { Ok(hours) } else { Err("must be over 0 and at most 87600".to_owned()) }
    }

    /// A list.
    pub(crate) fn list<T>(
        longest: usize,
        item: impl Fn(&Value) -> Result<T, String>,
    ) -> impl Fn(&Value) -> Result<Vec<T>, String> {
        move |value| {
            let items = value.as_array().ok_or("must be a list")?;
            if items.len() > longest {
                return Err(format!("must have at most {longest} items"));
            }
            items.iter().map(&item).collect()
        }
    }
}
