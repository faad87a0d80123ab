//! Batches of mail: upload and account.

use futures_util::StreamExt;
use poem::http::StatusCode;
use poem::web::{Data, Multipart};
use poem::{FromRequest, Request, RequestBody};
use poem_openapi::param::Path;
use poem_openapi::payload::Json;
use poem_openapi::registry::{MetaMediaType, MetaRequest, MetaSchema, MetaSchemaRef, Registry};
use poem_openapi::types::{Any, Type};
use poem_openapi::{ApiExtractor, ApiExtractorType, ApiResponse, ExtractParamOptions, Object, OpenApi};
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};
use shared::jobs::{Job, NewJob, ProcessBatch};
use shared::store;
use shared::store::mail::{Batch, NewEmail};

use super::mutation::{Terms, job_location};
use crate::app::App;
use crate::body::{hex, media_type};
use crate::openapi::Tag;
use crate::params::{self, Given};
use crate::payload::Answer;
use crate::problem::{Issue, Problem};

/// Largest upload, and largest mail that is kept whole.
const LIMIT: usize = 25 << 20;
/// What is kept of a larger mail.
const HEAD: usize = 1 << 20;
/// Largest single mail that is taken in at all.
const LARGEST_MAIL: u64 = 1 << 30;
/// Mails of one batch.
const MAILS: usize = 5_000;

pub(crate) struct BatchesApi;

/// Batches, newest first.
#[derive(Serialize, Object)]
#[oai(rename = "BatchList")]
pub(crate) struct Batches {
    /// The batches.
    batches: Vec<Batch>,
}

/// A batch that was accepted.
#[derive(Serialize, Object)]
pub(crate) struct AcceptedBatch {
    /// The batch.
    batch_id: String,
    /// The job that works on it.
    job_id: String,
}

/// Answers of uploading mail.
#[derive(ApiResponse)]
pub(crate) enum Uploaded {
    /// Every mail is on disk; the job works on them.
    #[oai(status = 202)]
    Accepted(
        Json<AcceptedBatch>,
        /// The job.
        #[oai(header = "Location")]
        String,
    ),
}

/// An upload as JSON.
#[derive(Object)]
#[oai(rename = "BatchRequest")]
pub(crate) struct BatchDoc {
    /// The mailbox the mails came to.
    mailbox: Option<String>,
    /// The mails: each `{"raw": "<RFC 5322 text or base64>"}`, or `message_id`, `in_reply_to`, `references`, `from`,
    /// `to`, `cc`, `subject`, `date`, `text`, `html`, `attachments`.
    emails: Vec<Any<Value>>,
}

/// An upload in one of its formats, still unread.
pub(crate) struct Upload {
    kind: Kind,
    body: RequestBody,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Json,
    Message,
    Mbox,
    Multipart,
}

impl<'a> ApiExtractor<'a> for Upload {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];

    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        BatchDoc::register(registry);
        registry.create_schema::<Self, _>(PARTS.to_owned(), |_| parts());
    }

    fn request_meta() -> Option<MetaRequest> {
        let media = |content_type, schema| MetaMediaType { content_type, schema };
        Some(MetaRequest {
            description: None,
            content: vec![
                media("application/json", BatchDoc::schema_ref()),
                media("message/rfc822", binary()),
                media("application/mbox", binary()),
                media("multipart/form-data", MetaSchemaRef::Reference(PARTS.to_owned())),
            ],
            required: true,
        })
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        _: ExtractParamOptions<()>,
    ) -> poem::Result<Self> {
        let kind = match media_type(request).as_str() {
            "application/json" => Kind::Json,
            "message/rfc822" => Kind::Message,
            "application/mbox" => Kind::Mbox,
            "multipart/form-data" => Kind::Multipart,
            _ => {
                let detail = "must be application/json, message/rfc822, application/mbox or multipart/form-data";
                return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail).into());
            }
        };
        Ok(Self { kind, body: RequestBody::new(body.take()?) })
    }
}

/// Name of the schema of [`parts`]: generators make nothing of a body without a name.
const PARTS: &str = "BatchParts";

fn binary() -> MetaSchemaRef {
    MetaSchemaRef::Inline(Box::new(MetaSchema::new_with_format("string", "binary")))
}

/// An upload in parts, each of them a mail unless it is the mailbox.
fn parts() -> MetaSchema {
    let described = |ty, description| MetaSchema { description: Some(description), ..MetaSchema::new(ty) };
    let inline = |schema| MetaSchemaRef::Inline(Box::new(schema));
    let mailbox = described("string", "The mailbox the mails came to.");
    let files = MetaSchema { items: Some(Box::new(binary())), ..described("array", "The mails.") };
    MetaSchema {
        properties: vec![("mailbox", inline(mailbox)), ("files", inline(files))],
        ..described("object", "An upload in parts, each of them a mail unless it is the mailbox.")
    }
}

#[OpenApi(prefix_path = "/api/workflow", tag = "Tag::Mail")]
impl BatchesApi {
    /// Upload mail
    ///
    /// Up to 25 MiB in all. A single mail over 25 MiB, sent as message/rfc822, is quarantined: its first 1 MiB, size and
    /// SHA-256 are kept.
    #[expect(clippy::too_many_arguments, reason = "one argument for each documented parameter")]
    #[oai(path = "/batches", method = "post", operation_id = "createBatch")]
    async fn create(
        &self,
        app: Data<&App>,
        request: &Request,
        /// The mailbox the mails came to, unless the body says so.
        mailbox: Given<String>,
        /// Name of a single message.
        source: Given<String>,
        /// Size of a single message of which only the first part is sent.
        size: Given<i64>,
        /// SHA-256 of a single message of which only the first part is sent.
        sha256: Given<String>,
        /// Whether only the first part of a single message is sent.
        truncated: Given<bool>,
        upload: Upload,
    ) -> Result<Uploaded, poem::Error> {
        let mailbox = mailbox.text(request, "mailbox", 200);
        let source = source.text(request, "source", 1_000);
        let sha256 = sha256.text(request, "sha256", 64);
        params::check(request)?;
        let mut body = upload.body;
        let read = match upload.kind {
            Kind::Json => read_json(&mut body).await?,
            Kind::Mbox => read_mbox(&mut body, source).await?,
            Kind::Multipart => read_multipart(request, &mut body).await?,
            Kind::Message => {
                let mut email = read_message(&mut body, source).await?;
                if let (Some(true), Some(size), Some(sha256)) = (truncated.0, size.0, sha256) {
                    email.raw.truncate(HEAD);
                    email = NewEmail { size: size.max(0), sha256, format: "head", ..email };
                }
                Read { mailbox: None, emails: vec![email] }
            }
        };
        let emails = read.emails;
        if emails.is_empty() || emails.len() > MAILS {
            return Err(
                Problem::unprocessable(vec![Issue::at("/emails", format!("must be 1 to {MAILS} mails"))]).into()
            );
        }
        let mailbox = read.mailbox.or(mailbox).unwrap_or_else(|| "upload".to_owned());
        app.caller.check_mailbox(Some(&mailbox))?;
        Ok(accept(&app, request, &mailbox, emails).await?)
    }

    /// List batches
    #[oai(path = "/batches", method = "get", operation_id = "listBatches")]
    async fn list(
        &self,
        app: Data<&App>,
        request: &Request,
        /// Batches at most, 1 to 200; 50 by default.
        limit: Given<i64>,
    ) -> Result<Answer<Batches>, Problem> {
        let limit = limit.within(request, "limit", 1..=200, 50);
        params::check(request)?;
        let batches = store::mail::list_batches(&mut app.db.snapshot().await?, app.scope(), limit).await?;
        Ok(Answer::of(&Batches { batches }))
    }

    /// Get a batch
    #[oai(path = "/batches/:batch_id", method = "get", operation_id = "getBatch")]
    async fn get(
        &self,
        app: Data<&App>,
        request: &Request,
        /// The batch.
        batch_id: Path<String>,
    ) -> Result<Answer<Batch>, Problem> {
        params::check(request)?;
        let batch = store::mail::lookup_batch(&mut app.db.snapshot().await?, &batch_id).await?;
        batch.map(|batch| Answer::of(&batch)).ok_or_else(|| Problem::not_found("the batch"))
    }
}

/// Mails of an upload.
struct Read {
    mailbox: Option<String>,
    emails: Vec<NewEmail>,
}

/// Writes batch, mails and job in one transaction.
async fn accept(app: &App, request: &Request, mailbox: &str, emails: Vec<NewEmail>) -> Result<Uploaded, Problem> {
    let terms = Terms::of(app, request, "createBatch", &digest_of(mailbox, &emails))?;
    // Two equal uploads at once: the second finds the key taken and reads it at its second try.
    for _ in 0..2 {
        let mut tx = app.db.begin().await?;
        if let Some(first) = terms.repeated(&mut tx).await? {
            let batch: ProcessBatch = serde_json::from_str(&first.args).map_err(|_| Problem::unavailable())?;
            return Ok(uploaded(batch.batch_id, first.seq));
        }
        let now = app.clock.now();
        let batch_id = uuid::Uuid::now_v7().to_string();
        let job = NewJob::of(&ProcessBatch { batch_id: batch_id.clone() }, app.principal());
        let job = NewJob { trace_id: terms.trace_id.clone(), ..job };
        let seq = store::jobs::enqueue(&mut tx, &[job], now).await?[0].seq;
        if terms.remember(&mut tx, seq, now).await? {
            store::mail::insert_batch(&mut tx, &batch_id, mailbox, &emails, seq, now).await?;
            tx.commit().await?;
            app.bus.wake(ProcessBatch::QUEUE);
            return Ok(uploaded(batch_id, seq));
        }
    }
    Err(Problem::unavailable())
}

fn uploaded(batch_id: String, seq: i64) -> Uploaded {
    let job_id = seq.to_string();
    let location = job_location(&job_id);
    Uploaded::Accepted(Json(AcceptedBatch { batch_id, job_id }), location)
}

fn digest_of(mailbox: &str, emails: &[NewEmail]) -> String {
    let mut hash = Sha256::new_with_prefix(mailbox);
    for email in emails {
        hash.update(&email.sha256);
    }
    hex(&hash.finalize())
}

fn email(source: Option<String>, format: &'static str, raw: Vec<u8>) -> NewEmail {
    NewEmail {
        id: uuid::Uuid::now_v7().to_string(),
        source: source.map(|source| source.replace('\0', "").chars().take(1_000).collect()),
        format,
        size: raw.len() as i64,
        sha256: hex(&Sha256::digest(&raw)),
        raw,
    }
}

fn too_large() -> Problem {
    Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "an upload is at most 25 MiB; send larger mail alone as message/rfc822")
}

async fn read_whole(body: &mut RequestBody) -> Result<Vec<u8>, poem::Error> {
    let bytes = body.take()?.into_bytes_limit(LIMIT).await.map_err(|error| match error {
        poem::error::ReadBodyError::PayloadTooLarge => too_large(),
        _ => Problem::bad_request("the body cannot be read"),
    })?;
    Ok(bytes.to_vec())
}

async fn read_json(body: &mut RequestBody) -> Result<Read, poem::Error> {
    let bytes = read_whole(body).await?;
    if let Err(error) = serde_json::from_slice::<serde::de::IgnoredAny>(&bytes) {
        return Err(Problem::bad_request(format!("malformed JSON: {error}")).into());
    }
    let (mailbox, mails) = mail::split::json(&bytes)
        .map_err(|problem| Problem::unprocessable(vec![Issue::at(problem.pointer, problem.detail)]))?;
    let name = |n: usize| Some(format!("emails/{n}"));
    let emails = mails.into_iter().enumerate().map(|(n, raw)| email(name(n), "json", raw)).collect();
    Ok(Read { mailbox: mailbox.map(|mailbox| mailbox.chars().take(200).collect()), emails })
}

async fn read_mbox(body: &mut RequestBody, source: Option<String>) -> Result<Read, poem::Error> {
    let bytes = read_whole(body).await?;
    let source = source.unwrap_or_else(|| "mbox".to_owned());
    let mut emails = Vec::new();
    for (n, piece) in mail::split::mbox(bytes.as_slice(), LIMIT).enumerate() {
        let piece = piece.map_err(|error| Problem::unprocessable(vec![Issue::at("", error.to_string())]))?;
        if let mail::split::Piece::Whole(raw) = piece {
            emails.push(email(Some(format!("{source}#{n}")), "rfc822", raw));
        }
    }
    Ok(Read { mailbox: None, emails })
}

async fn read_multipart(request: &Request, body: &mut RequestBody) -> Result<Read, poem::Error> {
    let unreadable = |_| poem::Error::from(Problem::bad_request("the multipart body cannot be read"));
    let mut parts = <Multipart as FromRequest>::from_request(request, body).await?;
    let mut read = Read { mailbox: None, emails: Vec::new() };
    let mut total = 0;
    while let Some(part) = parts.next_field().await.map_err(unreadable)? {
        let (name, file) = (part.name().map(str::to_owned), part.file_name().map(str::to_owned));
        let is_json = part.content_type().is_some_and(|kind| kind.starts_with("application/json"));
        let mut bytes = Vec::new();
        let mut reader = part.into_async_read();
        loop {
            let mut chunk = vec![0; 64 << 10];
            let n = tokio::io::AsyncReadExt::read(&mut reader, &mut chunk)
                .await
                .map_err(|_| Problem::bad_request("the multipart body ends early"))?;
            if n == 0 {
                break;
            }
            total += n;
            if total > LIMIT {
                return Err(too_large().into());
            }
            bytes.extend_from_slice(&chunk[..n]);
        }
        match (name.as_deref(), &file) {
            (Some("mailbox"), None) => {
                read.mailbox = Some(String::from_utf8_lossy(&bytes).replace('\0', "").chars().take(200).collect());
            }
            _ => read.emails.push(email(file, if is_json { "json" } else { "rfc822" }, bytes)),
        }
    }
    Ok(read)
}

/// Streams one message: hashed whole, kept whole up to the limit.
async fn read_message(body: &mut RequestBody, source: Option<String>) -> Result<NewEmail, poem::Error> {
    let mut stream = body.take()?.into_bytes_stream();
    let mut hash = Sha256::new();
    let (mut raw, mut size) = (Vec::new(), 0u64);
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.map_err(|_| Problem::bad_request("the body ends early"))?;
        hash.update(&chunk);
        size += chunk.len() as u64;
        if size > LARGEST_MAIL {
            return Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "a mail is at most 1 GiB").into());
        }
        if raw.len() <= LIMIT {
            raw.extend_from_slice(&chunk);
        }
    }
    let format = if raw.len() > LIMIT { "head" } else { "rfc822" };
    if format == "head" {
        raw.truncate(HEAD);
    }
    Ok(NewEmail { size: size as i64, sha256: hex(&hash.finalize()), format, ..email(source, "rfc822", raw) })
}
