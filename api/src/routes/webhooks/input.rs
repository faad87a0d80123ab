//! What a webhook is to be, judged as a whole.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use poem_openapi::Object;
use rand::TryRngCore as _;
use rand::rngs::OsRng;
use serde_json::Value;
use shared::domain::interest::{EventFilter, covers};
use shared::domain::{Category, Status};
use shared::reach::Reach;

use crate::asyncapi;
use crate::body::{Fields, FromFields, read};
use crate::problem::{Issue, Problem};

/// Names or patterns, and values in one list of a filter.
const ENTRIES: usize = 100;

/// What a webhook is to be.
#[derive(Object)]
#[oai(rename = "WebhookRequest")]
pub(crate) struct WebhookDoc {
    /// Where messages are sent: https. http, and private or local addresses, only where the server allows them. Without
    /// user name, password and fragment.
    #[oai(validator(min_length = 1, max_length = 2000))]
    url: String,
    /// What it is for.
    #[oai(validator(max_length = 500))]
    description: Option<String>,
    /// Names of events, and patterns that end in `*`, as on the socket; all that have an id if absent or empty.
    #[oai(validator(max_items = 100))]
    events: Option<Vec<String>>,
    /// Narrows it to events whose old or new values match in each list given.
    filter: Option<FilterDoc>,
}

/// Values of which an event must have one, in each list that is not empty.
#[derive(Object)]
#[oai(rename = "WebhookFilterRequest")]
pub(crate) struct FilterDoc {
    /// Colours.
    #[oai(validator(max_items = 100))]
    status: Option<Vec<Status>>,
    /// Owners.
    #[oai(validator(max_items = 100))]
    owner: Option<Vec<String>>,
    /// Categories.
    #[oai(validator(max_items = 100))]
    category: Option<Vec<Category>>,
}

/// What a webhook is to be, and what is wrong with it but for its URL.
pub(crate) struct Input {
    url: Option<String>,
    description: Option<String>,
    events: Vec<String>,
    filter: EventFilter,
    issues: Vec<Issue>,
}

/// What a webhook is to be.
pub(crate) struct Judged {
    pub(super) url: String,
    pub(super) description: Option<String>,
    pub(super) events: Vec<String>,
    pub(super) filter: EventFilter,
}

impl FromFields for Input {
    type Schema = WebhookDoc;

    fn read(fields: &mut Fields) -> Option<Self> {
        let url =
            fields.required("url", |value| value.as_str().map(str::to_owned).ok_or_else(|| "must be text".to_owned()));
        let description = fields.optional("description", read::text(500));
        let events = fields.optional("events", read::list(ENTRIES, event)).unwrap_or_default();
        let filter =
            fields.optional("filter", |value| value.as_object().cloned().ok_or_else(|| "must be an object".to_owned()));
        let filter = filter.map(|map| {
            let mut inner = Fields::of(map);
            let filter = EventFilter {
                status: texts(&mut inner, "status", read::one_of(Status::ALL, Status::parse)),
                owner: texts(&mut inner, "owner", read::line(200)),
                category: texts(&mut inner, "category", category),
            };
            inner.refuse_the_rest();
            for issue in inner.issues {
                fields.note(&format!("filter{}", issue.pointer), issue.detail);
            }
            filter
        });
        // Where a URL may lead is not known here: all that is wrong is told once that is known, too.
        fields.refuse_the_rest();
        let issues = std::mem::take(&mut fields.issues);
        Some(Self { url, description, events, filter: filter.unwrap_or_default(), issues })
    }
}

impl Input {
    /// The webhook, if all of it is acceptable.
    pub(super) fn judged(self, reach: Reach) -> Result<Judged, Problem> {
        let Self { url, description, events, filter, mut issues } = self;
        let checked = url.map(|url| reach.check(&url).map(|_| url));
        match checked {
            Some(Ok(url)) if issues.is_empty() => return Ok(Judged { url, description, events, filter }),
            Some(Err(detail)) => issues.insert(0, Issue::at("/url", detail)),
            _ => {}
        }
        Err(Problem::unprocessable(issues))
    }
}

fn texts<T: std::fmt::Display>(
    fields: &mut Fields,
    field: &str,
    item: impl Fn(&Value) -> Result<T, String>,
) -> Vec<String> {
    let values = fields.optional(field, read::list(ENTRIES, item)).unwrap_or_default();
    values.into_iter().map(|value| value.to_string()).collect()
}

fn category(value: &Value) -> Result<Category, String> {
    let known = value.as_str().and_then(Category::from_input);
    known.ok_or_else(|| {
        let names: Vec<&str> = Category::ALL.iter().map(|category| category.as_str()).collect();
        format!("must be one of {}", names.join(", "))
    })
}

/// A name or pattern that stands for an event with an id.
fn event(value: &Value) -> Result<String, String> {
    let name = read::line(100)(value)?;
    let names = || asyncapi::numbered().iter().map(|message| message.event);
    if names().any(|event| covers(&name, event)) {
        return Ok(name);
    }
    Err(format!("must stand for an event that is stored: {}", names().collect::<Vec<_>>().join(", ")))
}

/// A new secret: `whsec_` and 32 random bytes in base64; `None` if the system has no randomness to give.
pub(super) fn secret() -> Option<String> {
    let mut bytes = [0; 32];
    OsRng.try_fill_bytes(&mut bytes).ok()?;
    Some(format!("whsec_{}", STANDARD.encode(bytes)))
}
