//! API keys: who may ask for what.

use chrono::{DateTime, Utc};
use poem::Request;
use poem::http::StatusCode;
use poem::web::Data;
use poem_openapi::param::Path;
use poem_openapi::{ApiResponse, Object, OpenApi};
use serde::Serialize;
use shared::domain::access::{self, ApiKey, Role};
use shared::key::issue::{self, IssueError, NewKey};
use shared::store::keys;

use super::subject;
use crate::app::App;
use crate::body::{Body, Fields, FromFields, read};
use crate::openapi::Tag;
use crate::params;
use crate::payload::Answer;
use crate::problem::{Issue, Problem};

const WHAT: &str = "the key";

pub(crate) struct KeysApi;

/// An API key, without its secret.
#[derive(Serialize, Object)]
#[oai(rename = "ApiKey")]
pub(crate) struct Key {
    /// Its id: the part between the first two underscores of the key.
    id: String,
    /// The principal that history and audit name.
    name: String,
    /// What it may do.
    role: Role,
    /// The mailboxes it is limited to; null for all.
    mailboxes: Option<Vec<String>>,
    /// Whether it opens anything: `active`, `expired` or `revoked`.
    state: String,
    /// When it was made.
    created_at: DateTime<Utc>,
    /// By which principal.
    created_by: String,
    /// From when on it is worth nothing; null for never.
    expires_at: Option<DateTime<Utc>>,
    /// When it was last used, to the minute.
    last_used_at: Option<DateTime<Utc>>,
    /// Since when it is worth nothing.
    revoked_at: Option<DateTime<Utc>>,
    /// By which principal.
    revoked_by: Option<String>,
}

/// All keys, the newest first; those that are revoked or have expired stay.
#[derive(Serialize, Object)]
#[oai(rename = "ApiKeys")]
pub(crate) struct Keys {
    /// The keys.
    keys: Vec<Key>,
}

/// A new key. What opens the API is shown this once.
#[derive(Serialize, Object)]
#[oai(rename = "NewApiKey")]
pub(crate) struct KeyWithSecret {
    /// Its id.
    id: String,
    /// The principal that history and audit name.
    name: String,
    /// What it may do.
    role: Role,
    /// The mailboxes it is limited to; null for all.
    mailboxes: Option<Vec<String>>,
    /// From when on it is worth nothing; null for never.
    expires_at: Option<DateTime<Utc>>,
    /// The key itself, for `Authorization: Bearer`.
    key: String,
}

/// A key that is to be made.
#[derive(Object)]
#[oai(rename = "ApiKeyRequest")]
pub(crate) struct KeyDoc {
    /// The principal that history and audit will name. Keys that follow each other share it.
    #[oai(validator(min_length = 1, max_length = 100))]
    name: String,
    /// What it may do.
    role: Role,
    /// The mailboxes it is limited to; all if absent.
    #[oai(validator(min_items = 1, max_items = 100))]
    mailboxes: Option<Vec<String>>,
    /// From when on it is worth nothing; never if absent.
    expires_at: Option<DateTime<Utc>>,
}

/// The same, judged.
pub(crate) struct Input {
    name: String,
    role: Role,
    mailboxes: Option<Vec<String>>,
    expires_at: Option<DateTime<Utc>>,
}

impl FromFields for Input {
    type Schema = KeyDoc;

    fn read(fields: &mut Fields) -> Option<Self> {
        let name = fields.required("name", |value| access::key_name(&read::line(100)(value)?));
        let role = fields.required("role", read::one_of(Role::ALL, Role::parse));
        let mailboxes =
            fields.optional("mailboxes", |value| access::key_mailboxes(read::list(100, read::text(200))(value)?));
        let expires_at = fields.optional("expires_at", read::instant);
        Some(Self { name: name?, role: role?, mailboxes, expires_at })
    }
}

/// Answers of making a key.
#[derive(ApiResponse)]
pub(crate) enum Made {
    /// Made.
    #[oai(status = 201)]
    Key(
        Answer<KeyWithSecret>,
        /// Nobody may keep it.
        #[oai(header = "Cache-Control")]
        String,
    ),
}

#[OpenApi(prefix_path = "/api", tag = "Tag::Access")]
impl KeysApi {
    /// List API keys
    #[oai(path = "/keys", method = "get", operation_id = "listKeys")]
    async fn list(&self, app: Data<&App>, request: &Request) -> Result<Answer<Keys>, Problem> {
        params::check(request)?;
        let now = app.clock.now();
        let rows = keys::list(&mut app.db.read().await?).await?;
        Ok(Answer::of(&Keys { keys: rows.into_iter().map(|row| view(row, now)).collect() }))
    }

    /// Make an API key
    ///
    /// The answer shows the key, and no other ever does: what is kept of it does not open anything. A name belongs to one role
    /// and one set of mailboxes at a time: a key with another one under the name of a key that is still good is refused with
    /// 409.
    #[oai(path = "/keys", method = "post", operation_id = "createKey")]
    async fn create(&self, app: Data<&App>, body: Body<Input>) -> Result<Made, Problem> {
        let Input { name, role, mailboxes, expires_at } = body.value;
        let wish = NewKey { name, role, mailboxes, expires_at };
        let made = issue::issue(&app.db, app.auth.pepper(), wish, app.principal(), app.clock.now()).await;
        let (row, secret) = made.map_err(refused)?;
        let mailboxes = row.scope();
        let ApiKey { id, name, role, expires_at, .. } = row;
        let body = KeyWithSecret { id, name, role, mailboxes, expires_at, key: secret.expose().to_owned() };
        Ok(Made::Key(Answer::of(&body), "no-store".to_owned()))
    }

    /// Revoke an API key
    ///
    /// It opens nothing after 5 seconds at most, whichever process it is shown to; its sessions end, and its sockets are closed.
    /// Revoking it again changes nothing.
    #[oai(path = "/keys/:key_id", method = "delete", operation_id = "revokeKey")]
    async fn revoke(
        &self,
        app: Data<&App>,
        request: &Request,
        /// The key's id.
        key_id: Path<String>,
    ) -> Result<Answer<Key>, Problem> {
        params::check(request)?;
        let id = subject::known(key_id.0, WHAT)?;
        let now = app.clock.now();
        let revoked = issue::revoke(&app.db, &id, app.principal(), now).await?;
        let row = revoked.ok_or_else(|| Problem::not_found(WHAT))?;
        Ok(Answer::of(&view(row, now)))
    }
}

fn refused(error: IssueError) -> Problem {
    match error {
        IssueError::Invalid(field, detail) => Problem::unprocessable(vec![Issue::at(format!("/{field}"), detail)]),
        IssueError::Taken(detail) => Problem::new(StatusCode::CONFLICT, detail),
        IssueError::NoRandomness => {
            Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "the system gave no random numbers")
        }
        IssueError::Store(error) => error.into(),
    }
}

fn view(row: ApiKey, now: DateTime<Utc>) -> Key {
    let (mailboxes, state) = (row.scope(), row.refusal(now).unwrap_or("active").to_owned());
    let ApiKey { id, name, role, created_at, created_by, expires_at, last_used_at, revoked_at, revoked_by, .. } = row;
    Key { id, name, role, mailboxes, state, created_at, created_by, expires_at, last_used_at, revoked_at, revoked_by }
}
