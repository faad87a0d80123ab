//! Query parameters whose problems are all reported at once.

use std::fmt::Display;
use std::ops::RangeInclusive;
use std::sync::{Arc, Mutex};

use chrono::{DateTime, Utc};
use poem::{Request, RequestBody};
use poem_openapi::registry::{MetaParamIn, MetaSchemaRef, Registry};
use poem_openapi::types::{ParseFromParameter, Type};
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions};

use crate::problem::{Issue, Problem};

/// What was found while a request's parameters were read. Put into each request by the middleware.
#[derive(Clone, Default)]
pub(crate) struct Reading(Arc<Mutex<Found>>);

#[derive(Default)]
struct Found {
    /// Names and values of the query, once they have been asked for.
    pairs: Option<Vec<(String, String)>>,
    known: Vec<&'static str>,
    issues: Vec<Issue>,
}

impl Reading {
    fn with<T>(&self, act: impl FnOnce(&mut Found) -> T) -> T {
        act(&mut self.0.lock().expect("no panic while held"))
    }
}

/// An optional query parameter. A value that cannot be read is noted and counts as absent, until [`check`] is asked.
pub(crate) struct Given<T>(pub(crate) Option<T>);

impl<'a, T: ParseFromParameter> ApiExtractor<'a> for Given<T> {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::Parameter];
    const PARAM_IS_REQUIRED: bool = false;

    type ParamType = T;
    type ParamRawType = T::RawValueType;

    fn register(registry: &mut Registry) {
        T::register(registry);
    }

    fn param_in() -> Option<MetaParamIn> {
        Some(MetaParamIn::Query)
    }

    fn param_schema_ref() -> Option<MetaSchemaRef> {
        Some(T::schema_ref())
    }

    async fn from_request(
        request: &'a Request,
        _: &mut RequestBody,
        options: ExtractParamOptions<Self::ParamType>,
    ) -> poem::Result<Self> {
        let values: Vec<String> = reading(request).with(|found| {
            found.known.push(options.name);
            let pairs = found.pairs.get_or_insert_with(|| pairs(request));
            pairs.iter().filter(|(name, _)| name == options.name).map(|(_, value)| value.clone()).collect()
        });
        match values.len() {
            0 => return Ok(Self(None)),
            1 => {}
            2..=MOST_VALUES if is_list::<T>() => {}
            _ if is_list::<T>() => {
                note(request, options.name, format!("can be given at most {MOST_VALUES} times"));
                return Ok(Self(None));
            }
            _ => {
                note(request, options.name, "can be given once only");
                return Ok(Self(None));
            }
        }
        match T::parse_from_parameters(values.iter().map(String::as_str)) {
            Ok(value) => Ok(Self(Some(value))),
            Err(error) => {
                note(request, options.name, error.into_message());
                Ok(Self(None))
            }
        }
    }
}

/// Values of one parameter.
const MOST_VALUES: usize = 100;

/// Whether a parameter of this type may be repeated.
fn is_list<T: Type>() -> bool {
    matches!(T::schema_ref(), MetaSchemaRef::Inline(schema) if schema.ty == "array")
}

fn pairs(request: &Request) -> Vec<(String, String)> {
    let query = request.original_uri().query().unwrap_or_default();
    url::form_urlencoded::parse(query.as_bytes()).into_owned().collect()
}

fn reading(request: &Request) -> Reading {
    request.extensions().get::<Reading>().cloned().unwrap_or_default()
}

/// Notes what is wrong with a parameter.
pub(crate) fn note(request: &Request, name: &str, detail: impl Display) {
    reading(request).with(|found| found.issues.push(Issue::at(format!("query/{name}"), detail.to_string())));
}

/// Everything that is wrong with the parameters, those nobody knows included.
pub(crate) fn issues(request: &Request) -> Vec<Issue> {
    reading(request).with(|found| {
        let mut issues = found.issues.clone();
        let pairs = found.pairs.take().unwrap_or_else(|| pairs(request));
        let unknown = pairs.iter().filter(|(name, _)| !found.known.iter().any(|known| known == name));
        issues.extend(
            unknown.map(|(name, _)| Issue::at(format!("query/{name}"), "is not a parameter of this operation")),
        );
        issues
    })
}

/// Refuses the request if anything is wrong with its parameters.
pub(crate) fn check(request: &Request) -> Result<(), Problem> {
    let issues = issues(request);
    if issues.is_empty() { Ok(()) } else { Err(Problem::unprocessable(issues)) }
}

impl Given<i64> {
    /// The number, if it is in range; else it is noted and the default taken.
    pub(crate) fn within(self, request: &Request, name: &str, range: RangeInclusive<i64>, default: i64) -> i64 {
        match self.0 {
            None => default,
            Some(number) if range.contains(&number) => number,
            Some(_) => {
                note(request, name, format!("must be from {} to {}", range.start(), range.end()));
                default
            }
        }
    }
}

impl Given<String> {
    /// The instant the text stands for, if it is one; else it is noted.
    pub(crate) fn instant(self, request: &Request, name: &str) -> Option<DateTime<Utc>> {
        let text = self.0?;
        let parsed = DateTime::parse_from_rfc3339(&text).ok().map(|at| at.to_utc());
        if parsed.is_none() {
            note(request, name, "must be an instant such as 2026-02-01T17:00:00Z");
        }
        parsed
    }

    /// The text, if it is one of these; else it is noted.
    pub(crate) fn one_of(self, request: &Request, name: &str, known: &[&str]) -> Option<String> {
        let text = self.0?;
        if !known.contains(&text.as_str()) {
            note(request, name, format!("must be one of {}", known.join(", ")));
            return None;
        }
        Some(text)
    }

    /// The text, if it is not longer than this many characters and holds no NUL; else it is noted.
    pub(crate) fn text(self, request: &Request, name: &str, longest: usize) -> Option<String> {
        let text = self.0?;
        if text.chars().count() > longest || text.contains('\0') {
            note(request, name, format!("must be at most {longest} characters, without NUL"));
            return None;
        }
        Some(text)
    }
}

impl Given<Vec<String>> {
    /// The texts, if none is longer than this many characters or holds a NUL; else it is noted.
    pub(crate) fn texts(self, request: &Request, name: &str, longest: usize) -> Vec<String> {
        let texts = self.0.unwrap_or_default();
        if texts.iter().any(|text| text.chars().count() > longest || text.contains('\0')) {
            note(request, name, format!("must be at most {longest} characters, without NUL"));
        }
        texts
    }
}
