//! The OpenAPI documents: generated from the types, then polished where the generator says less than is true. How and
//! why is told in `docs/contract.md`.

mod access;
mod answers;
mod events;
mod examples;
mod headers;
mod measure;
mod nulls;
mod page;
mod polish;
mod samples;
mod statuses;
mod tidy;
mod variant;
mod words;

use std::sync::LazyLock;

use poem::endpoint::make_sync;
use poem::http::header;
use poem::{Endpoint, Response};
use poem_openapi::{OpenApiService, Tags};
use serde_json::Value;

pub(crate) use measure::measure;
pub(crate) use page::routes as docs;

use crate::app::App;
use crate::routes::assignment::AssignmentApi;
use crate::routes::attachments::AttachmentsApi;
use crate::routes::audit::AuditApi;
use crate::routes::batches::BatchesApi;
use crate::routes::bulk::BulkApi;
use crate::routes::cases::CasesApi;
use crate::routes::comments::CommentsApi;
use crate::routes::corrections::CorrectionsApi;
use crate::routes::database::DatabaseApi;
use crate::routes::emails::EmailsApi;
use crate::routes::events::EventsApi;
use crate::routes::export::ExportApi;
use crate::routes::findings::FindingsApi;
use crate::routes::forecast::ForecastApi;
use crate::routes::health::HealthApi;
use crate::routes::import_tasks::ImportTasksApi;
use crate::routes::jobs::JobsApi;
use crate::routes::keys::KeysApi;
use crate::routes::logs::LogsApi;
use crate::routes::mailboxes::MailboxesApi;
use crate::routes::metrics::MetricsApi;
use crate::routes::notifications::NotificationsApi;
use crate::routes::patterns::PatternsApi;
use crate::routes::people::PeopleApi;
use crate::routes::quarantine::QuarantineApi;
use crate::routes::queue_history::QueueHistoryApi;
use crate::routes::queues::QueuesApi;
use crate::routes::reconcile::ReconcileApi;
use crate::routes::related::RelatedApi;
use crate::routes::schedules::SchedulesApi;
use crate::routes::scrape::ScrapeApi;
use crate::routes::session::SessionApi;
use crate::routes::sla::SlaApi;
use crate::routes::sla::calendars::SlaCalendarsApi;
use crate::routes::sla::explanation::SlaExplanationApi;
use crate::routes::sla::policies::SlaPoliciesApi;
use crate::routes::sla::preview::SlaPreviewApi;
use crate::routes::sla::recompute::SlaRecomputeApi;
use crate::routes::sla::what_if::WhatIfApi;
use crate::routes::tasks::TasksApi;
use crate::routes::teams::TeamsApi;
use crate::routes::tickets::TicketsApi;
use crate::routes::watchers::WatchersApi;
use crate::routes::webhooks::{DeliveriesApi, WebhooksApi};
use crate::routes::workers::WorkersApi;

/// Groups of operations.
#[derive(Tags)]
pub(crate) enum Tag {
    /// Pieces of work with a status, an owner, a value and a deadline.
    Tasks,
    /// What people say about tasks, and who follows them.
    Collaboration,
    /// Until when tasks are to be done: calendars, policies, and what they lead to.
    Sla,
    /// Who is given tasks, and which.
    Assignment,
    /// What the dashboard shows.
    Metrics,
    /// Mail and its batches.
    Mail,
    /// What happened, as on the socket.
    Events,
    /// Who outside is told of them: webhooks, and people by mail.
    Notifications,
    /// The queue behind it all.
    Jobs,
    /// Keys, sessions, and what was done with them.
    Access,
    /// Whether a process lives and can serve.
    Health,
}

/// In groups, because the generator takes at most sixteen.
type Apis = (
    TasksApi,
    (BulkApi, ExportApi, ImportTasksApi, CasesApi, RelatedApi, FindingsApi),
    (CommentsApi, WatchersApi),
    (SlaApi, SlaPoliciesApi, SlaCalendarsApi, SlaPreviewApi, SlaRecomputeApi, SlaExplanationApi, WhatIfApi),
    (PeopleApi, TeamsApi, AssignmentApi),
    (MetricsApi, ReconcileApi, PatternsApi, ForecastApi),
    BatchesApi,
    (EmailsApi, AttachmentsApi, QuarantineApi, MailboxesApi, CorrectionsApi),
    (EventsApi, TicketsApi),
    (WebhooksApi, DeliveriesApi, NotificationsApi),
    JobsApi,
    (QueuesApi, QueueHistoryApi),
    (WorkersApi, SchedulesApi),
    (AuditApi, KeysApi, SessionApi),
    DatabaseApi,
    (HealthApi, ScrapeApi, LogsApi),
);

fn described() -> OpenApiService<Apis, ()> {
    let apis = (
        TasksApi,
        (BulkApi, ExportApi, ImportTasksApi, CasesApi, RelatedApi, FindingsApi),
        (CommentsApi, WatchersApi),
        (SlaApi, SlaPoliciesApi, SlaCalendarsApi, SlaPreviewApi, SlaRecomputeApi, SlaExplanationApi, WhatIfApi),
        (PeopleApi, TeamsApi, AssignmentApi),
        (MetricsApi, ReconcileApi, PatternsApi, ForecastApi),
        BatchesApi,
        (EmailsApi, AttachmentsApi, QuarantineApi, MailboxesApi, CorrectionsApi),
        (EventsApi, TicketsApi),
        (WebhooksApi, DeliveriesApi, NotificationsApi),
        JobsApi,
        (QueuesApi, QueueHistoryApi),
        (WorkersApi, SchedulesApi),
        (AuditApi, KeysApi, SessionApi),
        DatabaseApi,
        (HealthApi, ScrapeApi, LogsApi),
    );
    OpenApiService::new(apis, "Workflow Intelligence", env!("CARGO_PKG_VERSION"))
        .summary("Shared-mailbox mail as tasks with a status, an owner, a dollar value and an SLA deadline.")
        .description(
            "Mutations are durable jobs: they are accepted in one transaction and answered after their outcome, or \
             with 202 and the job to follow. Errors are `application/problem+json` (RFC 9457). Live events come over \
             the WebSocket at `/ws`, described in `/asyncapi.json`; the same events can be read at \
             `/api/workflow/events`. This document is at `/openapi.json`, and at `/openapi-3.0.json` for tools that \
             do not read 3.1.",
        )
        .license(poem_openapi::LicenseObject::new("MIT OR Apache-2.0").identifier("MIT OR Apache-2.0"))
}

/// The REST routes.
pub(crate) fn service(_: &App) -> impl Endpoint<Output = Response> + use<> {
    poem::EndpointExt::map_to_response(described())
}

static DOCUMENT: LazyLock<Value> = LazyLock::new(|| {
    let raw = serde_json::from_str(&described().spec()).expect("the generator writes JSON");
    polish::polish(raw)
});
static TEXT: LazyLock<String> = LazyLock::new(|| text(&DOCUMENT));
static TEXT_30: LazyLock<String> = LazyLock::new(|| text(&variant::lowered(DOCUMENT.clone())));

fn text(document: &Value) -> String {
    let mut text = serde_json::to_string_pretty(document).expect("a document serialises");
    text.push('\n');
    text
}

/// The document, as committed in `openapi/openapi.json`.
pub fn openapi_json() -> &'static str {
    &TEXT
}

/// The document in 3.0, as committed in `openapi/openapi-3.0.json`.
pub fn openapi_3_0_json() -> &'static str {
    &TEXT_30
}

/// Serves the document.
pub(crate) fn document_endpoint() -> impl Endpoint<Output = Response> {
    json(openapi_json)
}

/// Serves the document in 3.0.
pub(crate) fn lowered_endpoint() -> impl Endpoint<Output = Response> {
    json(openapi_3_0_json)
}

/// Serves a text that is JSON.
pub(crate) fn json(text: fn() -> &'static str) -> impl Endpoint<Output = Response> {
    make_sync(move |_| Response::builder().header(header::CONTENT_TYPE, "application/json").body(text()))
}
