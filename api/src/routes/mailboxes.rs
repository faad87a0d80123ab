//! Mailboxes: their settings, where their mail is fetched from, and how that goes.

mod input;

use chrono::{DateTime, Utc};
use poem::Request;
use poem::http::StatusCode;
use poem::web::Data;
use poem_openapi::param::Path;
use poem_openapi::{ApiResponse, Object, OpenApi};
use serde::{Deserialize, Serialize};
use serde_json::json;
use shared::domain::Category;
use shared::domain::mailbox::{CategoryUse, Mailbox, Source, Tls};
use shared::jobs::{FetchMailbox, Job as _, NewJob};
use shared::store::mailboxes::{self, MailboxRow};
use shared::store::{audit, jobs};

use self::input::{MailboxInput, NewMailbox};
use super::mutation::job_location;
use super::named;
use crate::app::App;
use crate::body::Body;
use crate::openapi::Tag;
use crate::params;
use crate::payload::Answer;
use crate::problem::Problem;

pub(crate) struct MailboxesApi;

/// Where the mail of a mailbox is fetched from. A password is in a variable or a file of the worker's, never here.
#[derive(Clone, Debug, Serialize, Deserialize, Object)]
pub(crate) struct MailboxSource {
    /// `none`, `folder` or `imap`.
    kind: String,
    /// Folder: where it is on the worker's machine.
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<String>,
    /// Folder: which files, with `*` and `?`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pattern: Option<String>,
    /// IMAP: name or address of the server.
    #[serde(skip_serializing_if = "Option::is_none")]
    host: Option<String>,
    /// IMAP: its port.
    #[serde(skip_serializing_if = "Option::is_none")]
    port: Option<u16>,
    /// IMAP: how the connection is encrypted.
    #[serde(skip_serializing_if = "Option::is_none")]
    tls: Option<Tls>,
    /// IMAP: who logs in.
    #[serde(skip_serializing_if = "Option::is_none")]
    user: Option<String>,
    /// IMAP: the folder that is read.
    #[serde(skip_serializing_if = "Option::is_none")]
    folder: Option<String>,
    /// IMAP: the worker's environment variable with the password.
    #[serde(skip_serializing_if = "Option::is_none")]
    password_env: Option<String>,
    /// IMAP: the file with the password on the worker's machine.
    #[serde(skip_serializing_if = "Option::is_none")]
    password_file: Option<String>,
    /// IMAP: a file of certificates to be trusted besides the system's.
    #[serde(skip_serializing_if = "Option::is_none")]
    ca_file: Option<String>,
    /// What becomes of what is in a batch. Folder: `keep`, `move` or `delete`; IMAP: `seen` or `move`.
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<String>,
    /// The folder it is moved to.
    #[serde(skip_serializing_if = "Option::is_none")]
    move_to: Option<String>,
}

impl MailboxSource {
    fn of(source: &Source) -> Self {
        // Both are one flat object in JSON.
        serde_json::to_value(source).and_then(serde_json::from_value).expect("a source has these fields and no others")
    }
}

/// A mailbox.
#[derive(Serialize, Object)]
#[oai(rename = "Mailbox")]
pub(crate) struct View {
    /// Its name, as in `mailbox_source`.
    name: String,
    /// How people call it.
    display: Option<String>,
    /// Who owns the tasks that its mail opens; without one they wait to be given out.
    default_owner: Option<String>,
    /// Their address.
    default_owner_email: Option<String>,
    /// Mail domains of the house.
    own_domains: Vec<String>,
    /// What its mail is about.
    workflow_category: Option<Category>,
    /// Whether that is for mail of which too little is sure, or for all of it.
    category_use: CategoryUse,
    /// Confidence below which a task is one to look at, 0 to 1.
    review_below: f64,
    /// Mails an hour from one sender about one subject; further ones are quarantined. 0 for any number.
    flood_per_hour: i64,
    /// Whether its mail is fetched.
    enabled: bool,
    /// Where it is fetched from.
    source: MailboxSource,
    /// When it was last looked at.
    last_polled_at: Option<DateTime<Utc>>,
    /// When that last went well.
    last_success_at: Option<DateTime<Utc>>,
    /// Why it did not the last time; null if it did.
    last_error: Option<String>,
    /// How often in a row it has not.
    failures: i64,
    /// Before when it is left alone after a failure.
    next_poll_at: Option<DateTime<Utc>>,
    /// IMAP: the server's numbering.
    uidvalidity: Option<i64>,
    /// IMAP: the highest UID that is in a batch.
    last_uid: i64,
    /// IMAP: mails that are in a batch and not yet marked or moved on the server.
    unacknowledged: i64,
    /// Mails that were put into batches, in all.
    fetched: i64,
    /// The newest of these batches.
    last_batch_id: Option<String>,
    /// Starts at 1 and grows by one with each change.
    version: i64,
    /// When its settings last changed.
    updated_at: DateTime<Utc>,
}

/// The mailboxes, by name.
#[derive(Serialize, Object)]
#[oai(rename = "MailboxList")]
pub(crate) struct Mailboxes {
    /// The mailboxes.
    mailboxes: Vec<View>,
}

/// A mailbox as it is.
#[derive(ApiResponse)]
pub(crate) enum Found {
    /// The mailbox.
    #[oai(status = 200)]
    Found(
        Answer<View>,
        /// Its version.
        #[oai(header = "ETag")]
        String,
    ),
}

/// The answer of adding a mailbox.
#[derive(ApiResponse)]
pub(crate) enum Created {
    /// Added.
    #[oai(status = 201)]
    Added(
        Answer<View>,
        /// Its version.
        #[oai(header = "ETag")]
        String,
        /// The mailbox.
        #[oai(header = "Location")]
        String,
    ),
}

/// Answers of saving a mailbox.
#[derive(ApiResponse)]
pub(crate) enum Saved {
    /// Replaced.
    #[oai(status = 200)]
    Replaced(
        Answer<View>,
        /// Its version.
        #[oai(header = "ETag")]
        String,
    ),
    /// Added.
    #[oai(status = 201)]
    Added(
        Answer<View>,
        /// Its version.
        #[oai(header = "ETag")]
        String,
    ),
}

/// A job that fetches mail.
#[derive(Serialize, Object)]
#[oai(rename = "FetchJob")]
pub(crate) struct Begun {
    /// The job.
    job_id: String,
}

/// The answer of fetching mail now.
#[derive(ApiResponse)]
pub(crate) enum Fetching {
    /// Accepted; follow the job.
    #[oai(status = 202)]
    Accepted(
        Answer<Begun>,
        /// The job.
        #[oai(header = "Location")]
        String,
    ),
}

#[OpenApi(prefix_path = "/api", tag = "Tag::Mail")]
impl MailboxesApi {
    /// List mailboxes
    #[oai(path = "/mailboxes", method = "get", operation_id = "listMailboxes")]
    async fn list(&self, app: Data<&App>, request: &Request) -> Result<Answer<Mailboxes>, Problem> {
        params::check(request)?;
        let rows = mailboxes::list(&mut app.db.snapshot().await?).await?;
        Ok(Answer::of(&Mailboxes { mailboxes: rows.into_iter().map(view).collect() }))
    }

    /// Add a mailbox
    ///
    /// One of this name that is there already is answered 409.
    #[oai(path = "/mailboxes", method = "post", operation_id = "createMailbox")]
    async fn create(&self, app: Data<&App>, body: Body<NewMailbox>) -> Result<Created, Problem> {
        let mailbox = Mailbox { updated_at: app.clock.now(), ..body.value.0 };
        let mut tx = app.db.begin().await?;
        if mailboxes::lock(&mut tx, &mailbox.name).await?.is_some() {
            return Err(Problem::new(StatusCode::CONFLICT, format!("mailbox {} exists", mailbox.name)));
        }
        let view = save(&app, tx, mailbox, None).await?;
        let location = format!("/api/mailboxes/{}", encoded(&view.name));
        let tag = named::tag(view.version);
        Ok(Created::Added(Answer::of(&view), tag, location))
    }

    /// Get a mailbox
    #[oai(path = "/mailboxes/:mailbox", method = "get", operation_id = "getMailbox")]
    async fn get(
        &self,
        app: Data<&App>,
        request: &Request,
        /// Its name.
        mailbox: Path<String>,
    ) -> Result<Found, Problem> {
        params::check(request)?;
        let name = named::name(mailbox.0)?;
        let row = mailboxes::lookup(&mut app.db.read().await?, &name).await?.ok_or_else(missing)?;
        let tag = named::tag(row.mailbox.version);
        Ok(Found::Found(Answer::of(&view(row)), tag))
    }

    /// Add or replace a mailbox
    ///
    /// What is absent takes its default. Mail that was fetched stays; from another source fetching begins anew.
    #[oai(path = "/mailboxes/:mailbox", method = "put", operation_id = "saveMailbox")]
    async fn save(
        &self,
        app: Data<&App>,
        request: &Request,
        /// Its name: 1 to 200 characters.
        mailbox: Path<String>,
        body: Body<MailboxInput>,
    ) -> Result<Saved, Problem> {
        let name = named::name(mailbox.0)?;
        let mailbox = Mailbox { name, updated_at: app.clock.now(), ..body.value.0 };
        let mut tx = app.db.begin().await?;
        let before = mailboxes::lock(&mut tx, &mailbox.name).await?;
        named::matched(&app, request, before.as_ref().map(|before| before.mailbox.version))?;
        let was_there = before.is_some();
        let view = save(&app, tx, mailbox, before).await?;
        let tag = named::tag(view.version);
        let body = Answer::of(&view);
        Ok(if was_there { Saved::Replaced(body, tag) } else { Saved::Added(body, tag) })
    }

    /// Remove a mailbox
    ///
    /// Its mail and its tasks stay; nothing is fetched any more.
    #[oai(path = "/mailboxes/:mailbox", method = "delete", operation_id = "deleteMailbox")]
    async fn delete(
        &self,
        app: Data<&App>,
        request: &Request,
        /// Its name.
        mailbox: Path<String>,
    ) -> Result<Answer<View>, Problem> {
        params::check(request)?;
        let name = named::name(mailbox.0)?;
        let now = app.clock.now();
        let mut tx = app.db.begin().await?;
        let row = mailboxes::lock(&mut tx, &name).await?.ok_or_else(missing)?;
        named::matched(&app, request, Some(row.mailbox.version))?;
        mailboxes::delete(&mut tx, &name).await?;
        let view = view(row);
        audit::audit(&mut tx, now, app.principal(), "mailbox.delete", &name, &settings(&view)).await?;
        tx.commit().await?;
        Ok(Answer::of(&view))
    }

    /// Fetch the mail of a mailbox now
    ///
    /// As is done every minute by itself. A job that is still to end is the answer again; without a source, or disabled, the
    /// answer is 409.
    #[oai(path = "/mailboxes/:mailbox/fetch", method = "post", operation_id = "fetchMailbox")]
    async fn fetch(
        &self,
        app: Data<&App>,
        request: &Request,
        /// Its name.
        mailbox: Path<String>,
    ) -> Result<Fetching, Problem> {
        params::check(request)?;
        let name = named::name(mailbox.0)?;
        let now = app.clock.now();
        let mut tx = app.db.begin().await?;
        let row = mailboxes::lock(&mut tx, &name).await?.ok_or_else(missing)?;
        if !row.mailbox.enabled || row.mailbox.source == Source::None {
            return Err(Problem::new(StatusCode::CONFLICT, "the mailbox is disabled or has no source"));
        }
        let job = NewJob::of(&FetchMailbox { mailbox: name.clone() }, app.principal());
        let job_id = jobs::enqueue(&mut tx, &[job], now).await?[0].seq.to_string();
        audit::audit(&mut tx, now, app.principal(), "mailbox.fetch", &name, &json!({"job_id": job_id})).await?;
        tx.commit().await?;
        app.bus.wake(FetchMailbox::QUEUE);
        let location = job_location(&job_id);
        Ok(Fetching::Accepted(Answer::of(&Begun { job_id }), location))
    }
}

fn missing() -> Problem {
    Problem::not_found("the mailbox")
}

/// Writes a mailbox with the audit's entry.
async fn save(
    app: &App,
    mut tx: shared::store::Tx,
    mailbox: Mailbox,
    before: Option<MailboxRow>,
) -> Result<View, Problem> {
    let now = app.clock.now();
    mailboxes::save(&mut tx, &mailbox).await?;
    if before.is_some_and(|before| !before.mailbox.source.is_same_place(&mailbox.source)) {
        mailboxes::restart(&mut tx, &mailbox.name).await?;
    }
    let row = mailboxes::lock(&mut tx, &mailbox.name).await?.ok_or_else(missing)?;
    let view = view(row);
    audit::audit(&mut tx, now, app.principal(), "mailbox.save", &view.name, &settings(&view)).await?;
    tx.commit().await?;
    Ok(view)
}

/// What of a mailbox the audit keeps: what people set.
fn settings(view: &View) -> serde_json::Value {
    json!({
        "display": view.display, "default_owner": view.default_owner, "default_owner_email": view.default_owner_email,
        "own_domains": view.own_domains, "workflow_category": view.workflow_category,
        "category_use": view.category_use, "review_below": view.review_below, "flood_per_hour": view.flood_per_hour,
        "enabled": view.enabled, "source": view.source, "version": view.version,
    })
}

fn encoded(name: &str) -> String {
    use std::fmt::Write as _;
    name.bytes().fold(String::with_capacity(name.len()), |mut text, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            text.push(char::from(byte));
        } else {
            let _ = write!(text, "%{byte:02X}");
        }
        text
    })
}

fn view(row: MailboxRow) -> View {
    let MailboxRow { mailbox, progress } = row;
    View {
        source: MailboxSource::of(&mailbox.source),
        name: mailbox.name,
        display: mailbox.display,
        default_owner: mailbox.default_owner,
        default_owner_email: mailbox.default_owner_email,
        own_domains: mailbox.own_domains,
        workflow_category: mailbox.category,
        category_use: mailbox.category_use,
        review_below: mailbox.review_below,
        flood_per_hour: mailbox.flood_per_hour,
        enabled: mailbox.enabled,
        last_polled_at: progress.last_polled_at,
        last_success_at: progress.last_success_at,
        last_error: progress.last_error,
        failures: progress.failures,
        next_poll_at: progress.next_poll_at,
        uidvalidity: progress.uidvalidity,
        last_uid: progress.last_uid,
        unacknowledged: progress.unacknowledged.len() as i64,
        fetched: progress.fetched,
        last_batch_id: progress.last_batch_id,
        version: mailbox.version,
        updated_at: mailbox.updated_at,
    }
}
