//! Mails as received and as read.

use poem::Request;
use poem::http::StatusCode;
use poem::web::Data;
use poem_openapi::param::Path;
use poem_openapi::payload::{Binary, Html};
use poem_openapi::{ApiResponse, Object, OpenApi};
use serde::Serialize;
use shared::store::mail::{self as mails, Email};

use super::subject;
use crate::app::App;
use crate::disposition;
use crate::openapi::Tag;
use crate::params::{self, Given};
use crate::payload::Answer;
use crate::problem::Problem;

/// What may become of a mail.
const OUTCOMES: [&str; 6] = ["created", "updated", "noise", "duplicate", "quarantined", "pending"];

pub(crate) struct EmailsApi;

/// Mails, oldest first.
#[derive(Serialize, Object)]
#[oai(rename = "EmailList")]
pub(crate) struct Emails {
    /// The mails.
    emails: Vec<Email>,
}

/// The bytes of a mail or of a part of it.
#[derive(ApiResponse)]
pub(crate) enum Raw {
    /// As received.
    #[oai(status = 200, content_type = "application/octet-stream")]
    Bytes(
        Binary<Vec<u8>>,
        /// Always offered as a file.
        #[oai(header = "Content-Disposition")]
        String,
        /// Whoever shows it all the same shows it without scripts and apart from this site.
        #[oai(header = "Content-Security-Policy")]
        String,
    ),
}

impl Raw {
    /// Bytes from outside, to be saved under this name.
    pub(crate) fn file(bytes: Binary<Vec<u8>>, name: &str) -> Self {
        Self::Bytes(bytes, disposition::attachment(name), "sandbox; default-src 'none'".to_owned())
    }
}

/// The HTML of a mail.
#[derive(ApiResponse)]
pub(crate) enum Shown {
    /// A whole document to show in a frame.
    #[oai(status = 200, content_type = "text/html; charset=utf-8")]
    Document(
        Html<String>,
        /// Whatever were left in it: no script, no request, and no page but ours around it.
        #[oai(header = "Content-Security-Policy")]
        String,
        /// It tells nobody where it was read.
        #[oai(header = "Referrer-Policy")]
        String,
    ),
}

/// A frame on our own pages may hold the mail; it has no origin there, runs no script and asks for nothing.
const FRAMED: &str = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'";

#[OpenApi(prefix_path = "/api/workflow", tag = "Tag::Mail")]
impl EmailsApi {
    /// List mails
    #[oai(path = "/emails", method = "get", operation_id = "listEmails")]
    async fn list(
        &self,
        app: Data<&App>,
        request: &Request,
        /// Of this batch.
        batch_id: Given<String>,
        /// Of this task.
        task_id: Given<String>,
        /// `created`, `updated`, `noise`, `duplicate`, `quarantined` or `pending`.
        outcome: Given<String>,
        /// Mails at most, 1 to 500; 100 by default.
        limit: Given<i64>,
    ) -> Result<Answer<Emails>, Problem> {
        let limit = limit.within(request, "limit", 1..=500, 100);
        let batch_id = batch_id.text(request, "batch_id", 100);
        let task_id = task_id.text(request, "task_id", 100);
        let outcome = outcome.one_of(request, "outcome", &OUTCOMES);
        params::check(request)?;
        let mut session = app.db.read().await?;
        let (batch_id, task_id, outcome) = (batch_id.as_deref(), task_id.as_deref(), outcome.as_deref());
        let emails = mails::list(&mut session, batch_id, task_id, outcome, app.scope(), limit).await?;
        Ok(Answer::of(&Emails { emails }))
    }

    /// Get a mail
    #[oai(path = "/emails/:email_id", method = "get", operation_id = "getEmail")]
    async fn get(
        &self,
        app: Data<&App>,
        request: &Request,
        /// The mail.
        email_id: Path<String>,
    ) -> Result<Answer<Email>, Problem> {
        params::check(request)?;
        let email = mails::lookup(&mut app.db.read().await?, &email_id).await?;
        email.map(|email| Answer::of(&email)).ok_or_else(|| Problem::not_found("the mail"))
    }

    /// Download a mail as received
    #[oai(path = "/emails/:email_id/raw", method = "get", operation_id = "getRawEmail")]
    async fn raw(
        &self,
        app: Data<&App>,
        request: &Request,
        /// The mail.
        email_id: Path<String>,
    ) -> Result<Raw, Problem> {
        params::check(request)?;
        let content = mails::content(&mut app.db.read().await?, &email_id).await?;
        let (format, raw) = content.ok_or_else(|| Problem::not_found("the mail"))?;
        let extension = if format == "json" { "json" } else { "eml" };
        Ok(Raw::file(Binary(raw), &format!("mail.{extension}")))
    }

    /// Show the HTML of a mail
    ///
    /// As a document for a sandboxed frame. Scripts, forms, remote pictures, positions and style sheets are taken out. Where a
    /// link leads stands behind its text. Pictures that the mail brings along are in the document: PNG, JPEG,
    /// GIF and WebP below 1 MiB each, 6 MiB together. Of a long part the beginning is shown. 404 if the mail has no HTML part.
    #[oai(path = "/emails/:email_id/html", method = "get", operation_id = "getEmailHtml")]
    async fn html(
        &self,
        app: Data<&App>,
        request: &Request,
        /// The mail.
        email_id: Path<String>,
    ) -> Result<Shown, Problem> {
        params::check(request)?;
        let email_id = subject::known(email_id.0, "the mail")?;
        let content = mails::content(&mut app.db.read().await?, &email_id).await?;
        let (_, raw) = content.ok_or_else(|| Problem::not_found("the mail"))?;
        // Megabytes of markup take their time.
        let read = tokio::task::spawn_blocking(move || mail::html_document(&raw));
        let failed = |_| Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "reading the mail failed; its bytes are kept");
        let none = || Problem::new(StatusCode::NOT_FOUND, "the mail has no HTML part");
        let document = read.await.map_err(failed)?.ok_or_else(none)?;
        Ok(Shown::Document(Html(document), FRAMED.to_owned(), "no-referrer".to_owned()))
    }
}
