//! Whether a process lives and can serve.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use poem::http::{StatusCode, header};
use poem::web::Data;
use poem::{Endpoint, Request, Response, Route, endpoint};
use poem_openapi::{ApiResponse, Object, OpenApi};
use serde::Serialize;
use shared::store::{Db, events};

use crate::app::App;
use crate::openapi::Tag;
use crate::params;
use crate::payload::Answer;
use crate::problem::Problem;

pub(crate) struct HealthApi;

/// How a process is.
#[derive(Serialize, Object)]
pub(crate) struct Health {
    /// `ok`, `degraded` (works, with delays) or `unavailable`.
    status: String,
    /// `ok`, `unreachable`, or `unchecked`.
    database: String,
    /// `ok`, `unreachable`, `unused`, or `unchecked`.
    redis: String,
}

/// Answers of the readiness check.
#[derive(ApiResponse)]
pub(crate) enum Ready {
    /// It can serve; `degraded` if Redis is away.
    #[oai(status = 200)]
    Ready(Answer<Health>),
    /// It cannot serve: the database is away, or the process is stopping.
    #[oai(status = 503)]
    NotReady(Answer<Health>),
}

#[OpenApi(prefix_path = "/health", tag = "Tag::Health")]
impl HealthApi {
    /// Is the process alive?
    #[expect(clippy::unused_async, reason = "operations are async to the generator")]
    #[oai(path = "/live", method = "get", operation_id = "getLiveness")]
    async fn live(&self, request: &Request) -> Result<Answer<Health>, Problem> {
        params::check(request)?;
        Ok(Answer::of(&serde_json::json!({"status": "ok", "database": "unchecked", "redis": "unchecked"})))
    }

    /// Can the process serve?
    #[oai(path = "/ready", method = "get", operation_id = "getReadiness")]
    async fn ready(&self, app: Data<&App>, request: &Request) -> Result<Ready, Problem> {
        params::check(request)?;
        let database = database_answers(&app.db).await;
        let redis = match app.bus.is_connected() {
            None => "unused",
            Some(true) => "ok",
            Some(false) => "unreachable",
        };
        let ready = database && !app.is_draining();
        let health = Health {
            status: if !ready {
                "unavailable"
            } else if redis == "unreachable" {
                "degraded"
            } else {
                "ok"
            }
            .to_owned(),
            database: if database { "ok" } else { "unreachable" }.to_owned(),
            redis: redis.to_owned(),
        };
        let answer = Answer::of(&health);
        Ok(if ready { Ready::Ready(answer) } else { Ready::NotReady(answer) })
    }
}

async fn database_answers(db: &Db) -> bool {
    let asked = async { events::range(&mut db.read().await?).await };
    matches!(tokio::time::timeout(Duration::from_secs(2), asked).await, Ok(Ok(_)))
}

/// Health of a process without an API.
pub(crate) fn worker_routes(db: Db, draining: Arc<AtomicBool>) -> impl Endpoint<Output = Response> {
    let answer = |status: StatusCode, word: &str| {
        let body = format!(r#"{{"status":"{word}"}}"#);
        Response::builder().status(status).header(header::CONTENT_TYPE, "application/json").body(body)
    };
    let ready = endpoint::make(move |_| {
        let (db, draining) = (db.clone(), draining.clone());
        async move {
            if draining.load(Ordering::Relaxed) {
                answer(StatusCode::SERVICE_UNAVAILABLE, "draining")
            } else if database_answers(&db).await {
                answer(StatusCode::OK, "ok")
            } else {
                answer(StatusCode::SERVICE_UNAVAILABLE, "unavailable")
            }
        }
    });
    Route::new().at("/live", endpoint::make_sync(move |_| answer(StatusCode::OK, "ok"))).at("/ready", ready)
}
