//! Mails as received and as read.

use poem::Request;
use poem::web::Data;
use poem_openapi::param::Path;
use poem_openapi::payload::Binary;
use poem_openapi::{ApiResponse, Object, OpenApi};
use serde::Serialize;
use shared::store::mail::{self as mails, Email};

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
        let emails =
            mails::list(&mut session, batch_id.as_deref(), task_id.as_deref(), outcome.as_deref(), limit).await?;
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
}
