//! Signing in: a browser shows a key once and gets a cookie, which no script can read.

use chrono::{DateTime, TimeDelta, Utc};
use poem::Request;
use poem::http::StatusCode;
use poem::web::Data;
use poem_openapi::{ApiResponse, Object, OpenApi};
use serde::Serialize;
use serde_json::json;
use shared::domain::access::Role;
use shared::key::Secret;
use shared::store::{audit, sessions};

use crate::app::App;
use crate::auth::credential::set_cookie;
use crate::auth::{Caller, Credential};
use crate::body::{Body, Fields, FromFields, read};
use crate::openapi::Tag;
use crate::params;
use crate::payload::Answer;
use crate::problem::Problem;

/// How long a session lasts, whatever is done in it.
const LIFE: TimeDelta = TimeDelta::hours(12);

pub(crate) struct SessionApi;

/// Who asks.
#[derive(Serialize, Object)]
#[oai(rename = "Session")]
pub(crate) struct View {
    /// As history and audit name them; `local` while authentication is off.
    principal: String,
    /// What they may do.
    role: Role,
    /// The mailboxes they are limited to; null for all.
    mailboxes: Option<Vec<String>>,
    /// `off`, or `required`.
    authentication: String,
    /// From when on the key or the session is worth nothing; null for never.
    expires_at: Option<DateTime<Utc>>,
}

/// A key to sign in with.
#[derive(Object)]
#[oai(rename = "SessionRequest")]
pub(crate) struct KeyDoc {
    /// The API key.
    #[oai(validator(min_length = 1, max_length = 200))]
    key: String,
}

/// The same, read.
pub(crate) struct Shown {
    key: String,
}

impl FromFields for Shown {
    type Schema = KeyDoc;

    fn read(fields: &mut Fields) -> Option<Self> {
        Some(Self { key: fields.required("key", read::line(200))? })
    }
}

/// Answers of signing in.
#[derive(ApiResponse)]
pub(crate) enum SignedIn {
    /// Signed in.
    #[oai(status = 201)]
    Session(
        Answer<View>,
        /// The session, for 12 hours.
        #[oai(header = "Set-Cookie")]
        String,
        /// Nobody may keep it.
        #[oai(header = "Cache-Control")]
        String,
    ),
}

/// Answers of signing out.
#[derive(ApiResponse)]
pub(crate) enum SignedOut {
    /// Signed out.
    #[oai(status = 204)]
    Gone(
        /// Takes the cookie away.
        #[oai(header = "Set-Cookie")]
        String,
    ),
}

#[OpenApi(prefix_path = "/api", tag = "Tag::Access")]
impl SessionApi {
    /// Sign in
    ///
    /// For pages: the answer sets a cookie that stands for the key for 12 hours, or until the key is revoked or expires. A key
    /// that is worth nothing is 401. While authentication is off there is nothing to sign in to: 409.
    #[oai(path = "/session", method = "post", operation_id = "createSession")]
    async fn create(&self, app: Data<&App>, request: &Request, body: Body<Shown>) -> Result<SignedIn, Problem> {
        if !app.auth.is_required() {
            return Err(Problem::new(StatusCode::CONFLICT, "authentication is off; nobody needs to sign in"));
        }
        let holder = app.auth.key(body.value.key.trim(), request).await?;
        let no_randomness = || Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "the system gave no random numbers");
        let secret = Secret::session().ok_or_else(no_randomness)?;
        let now = app.clock.now();
        let ends_at = holder.expires_at.map_or(now + LIFE, |end| end.min(now + LIFE));
        let key_id = holder.credential.key_id.as_deref().unwrap_or_default();
        let mut tx = app.db.begin().await?;
        if let Some(before) = &app.caller.credential.session {
            sessions::delete(&mut tx, before).await?;
        }
        sessions::insert(&mut tx, &app.auth.pepper().digest(&secret), key_id, now, ends_at).await?;
        let detail = json!({"expires_at": ends_at});
        audit::audit(&mut tx, now, &holder.principal, "session.create", key_id, &detail).await?;
        tx.commit().await?;
        app.auth.forget(request);
        let cookie = set_cookie(request, secret.expose(), (ends_at - now).num_seconds());
        let body = View { expires_at: Some(ends_at), ..view(&app, &holder)? };
        Ok(SignedIn::Session(Answer::of(&body), cookie, "no-store".to_owned()))
    }

    /// Tell who is signed in
    ///
    /// Or who holds the key that was shown. While authentication is off everybody is `local`, and an admin.
    #[oai(path = "/session", method = "get", operation_id = "getSession")]
    #[expect(clippy::unused_async, reason = "operations are async to the generator")]
    async fn get(&self, app: Data<&App>, request: &Request) -> Result<Answer<View>, Problem> {
        params::check(request)?;
        Ok(Answer::of(&view(&app, &app.caller)?))
    }

    /// Sign out
    ///
    /// Ends the session everywhere within 5 seconds, and closes its sockets. The key stays good.
    #[oai(path = "/session", method = "delete", operation_id = "endSession")]
    async fn end(&self, app: Data<&App>, request: &Request) -> Result<SignedOut, Problem> {
        params::check(request)?;
        let Credential { key_id, session } = &app.caller.credential;
        if let Some(hash) = session {
            let mut tx = app.db.begin().await?;
            sessions::delete(&mut tx, hash).await?;
            let object = key_id.as_deref().unwrap_or_default();
            audit::audit(&mut tx, app.clock.now(), app.principal(), "session.end", object, &json!({})).await?;
            tx.commit().await?;
            app.auth.forget(request);
        }
        Ok(SignedOut::Gone(set_cookie(request, "", 0)))
    }
}

fn view(app: &App, caller: &Caller) -> Result<View, Problem> {
    Ok(View {
        principal: caller.principal.clone(),
        role: caller.role.ok_or_else(crate::auth::credential::refused)?,
        mailboxes: caller.mailboxes.clone(),
        authentication: if app.auth.is_required() { "required" } else { "off" }.to_owned(),
        expires_at: caller.expires_at,
    })
}
