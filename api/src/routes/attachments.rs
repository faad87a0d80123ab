//! What is attached to mails.

use poem::Request;
use poem::http::StatusCode;
use poem::web::Data;
use poem_openapi::param::Path;
use poem_openapi::payload::Binary;
use poem_openapi::{Object, OpenApi};
use serde::Serialize;
use shared::store::attachments::{self, MailWithAttachments};
use shared::store::{Session, mail as mails};

use super::emails::Raw;
use super::{cursor, subject};
use crate::app::App;
use crate::disposition::file_name;
use crate::openapi::Tag;
use crate::params::{self, Given};
use crate::payload::Answer;
use crate::problem::{Issue, Problem};

pub(crate) struct AttachmentsApi;

/// Attachments of a task's mails.
#[derive(Serialize, Object)]
#[oai(rename = "AttachmentList")]
pub(crate) struct Attachments {
    /// The attachments: mails oldest first, and each mail's in its order.
    attachments: Vec<Attachment>,
    /// For `cursor`; null at the end.
    next_cursor: Option<String>,
}

/// An attachment.
#[derive(Serialize, Object)]
pub(crate) struct Attachment {
    /// The mail.
    email_id: String,
    /// Its place in the mail, from 0.
    n: i64,
    /// Its name, without path or control characters; `attachment-N` if the mail gives none.
    name: String,
    /// Its type, by the mail's word alone.
    content_type: String,
    /// Bytes when decoded.
    size: i64,
    /// Where it is downloaded.
    url: String,
}

#[OpenApi(prefix_path = "/api/workflow", tag = "Tag::Mail")]
impl AttachmentsApi {
    /// List the attachments of a task
    ///
    /// Of all its mails.
    #[oai(path = "/attachments/:task_id", method = "get", operation_id = "listAttachments")]
    async fn list(
        &self,
        app: Data<&App>,
        request: &Request,
        /// The task.
        task_id: Path<String>,
        /// `next_cursor` of the page before.
        cursor: Given<String>,
        /// Mails whose attachments are listed at most, 1 to 200; 100 by default.
        limit: Given<i64>,
    ) -> Result<Answer<Attachments>, Problem> {
        let after = cursor.text(request, "cursor", 100);
        let limit = limit.within(request, "limit", 1..=200, 100);
        params::check(request)?;
        let mut session = app.db.read().await?;
        let task_id = subject::live(&mut session, task_id.0).await?;
        check_cursor(&mut session, &task_id, after.as_deref()).await?;
        let mut found = attachments::list(&mut session, &task_id, after.as_deref(), limit + 1).await?;
        let next_cursor = cursor::cut(&mut found, limit).map(|last| last.email_id.clone());
        let attachments = found.into_iter().flat_map(view).collect();
        Ok(Answer::of(&Attachments { attachments, next_cursor }))
    }

    /// Download an attachment
    ///
    /// As a file of no particular type, whatever the mail claims.
    #[oai(path = "/emails/:email_id/attachments/:n", method = "get", operation_id = "getAttachment")]
    async fn download(
        &self,
        app: Data<&App>,
        request: &Request,
        /// The mail.
        email_id: Path<String>,
        /// The attachment's place in the mail, from 0.
        n: Path<u32>,
    ) -> Result<Raw, Problem> {
        params::check(request)?;
        let email_id = subject::known(email_id.0, "the mail")?;
        let content = mails::content(&mut app.db.read().await?, &email_id).await?;
        let (format, raw) = content.ok_or_else(|| Problem::not_found("the mail"))?;
        if format == "head" {
            let detail = "only the first part of the mail was kept; its attachments cannot be read";
            return Err(Problem::new(StatusCode::NOT_FOUND, detail));
        }
        let n = n.0;
        let read = tokio::task::spawn_blocking(move || mail::attachment(&raw, n as usize));
        let failed = |_| Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "reading the mail failed; its bytes are kept");
        let (attachment, bytes) = read.await.map_err(failed)?.ok_or_else(|| Problem::not_found("the attachment"))?;
        Ok(Raw::file(Binary(bytes), &named(attachment.name.as_deref(), n.into())))
    }
}

/// A cursor is the last mail of the page before.
async fn check_cursor(session: &mut Session, task_id: &str, cursor: Option<&str>) -> Result<(), Problem> {
    let Some(email_id) = cursor else { return Ok(()) };
    let email = mails::lookup(session, email_id).await?;
    if email.is_some_and(|email| email.task_id.as_deref() == Some(task_id)) {
        Ok(())
    } else {
        Err(Problem::unprocessable(vec![Issue::at("query/cursor", "is not a cursor of this list")]))
    }
}

fn view(mail: MailWithAttachments) -> impl Iterator<Item = Attachment> {
    let MailWithAttachments { email_id, attachments } = mail;
    (0..).zip(attachments).map(move |(n, attached)| Attachment {
        n,
        name: named(attached.name.as_deref(), n),
        content_type: attached.content_type,
        size: attached.size,
        url: format!("/api/workflow/emails/{email_id}/attachments/{n}"),
        email_id: email_id.clone(),
    })
}

fn named(claimed: Option<&str>, n: i64) -> String {
    file_name(claimed.unwrap_or_default(), &format!("attachment-{n}"))
}
