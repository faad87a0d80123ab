//! Assembles the routes, and what every request passes through.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use poem::http::{HeaderValue, Method, StatusCode, header};
use poem::middleware::AddData;
use poem::{Endpoint, EndpointExt, IntoResponse, Request, Response, Route, Server, endpoint};
use poem_openapi::OperationId;
use shared::clock::Clock;
use shared::events::Bus;
use shared::jobs::{Enqueuer, Outcomes};
use shared::meter::{self, Scrape};
use shared::reach::Reach;
use shared::store::Db;
use tracing::Instrument as _;

use crate::listener::Direct;
use crate::params::Reading;
use crate::problem::Problem;
use crate::rate::{Left, Rate};
use crate::realtime::{self, Hub};
use crate::routes::{health, page, trpc};
use crate::{allow, asyncapi, host, limits, openapi};

/// Who everybody is while authentication is off.
pub(crate) const LOCAL: &str = "local";

/// How an API process serves.
#[derive(Clone, Debug, Default)]
pub struct ApiConfig {
    /// Names it answers to besides the loopback ones, as in the Host header without port.
    pub allowed_hosts: Vec<String>,
    /// Requests a second that one address may send; 0 for as many as it likes.
    pub rate_limit: u32,
    /// Where webhooks may lead.
    pub reach: Reach,
}

/// What routes reach. Cheap to clone.
#[derive(Clone)]
pub struct App {
    pub(crate) db: Db,
    pub(crate) clock: Clock,
    pub(crate) bus: Bus,
    pub(crate) enqueuer: Enqueuer,
    pub(crate) outcomes: Outcomes,
    pub(crate) hub: Hub,
    pub(crate) config: Arc<ApiConfig>,
    pub(crate) scrape: Arc<Scrape>,
    draining: Arc<AtomicBool>,
}

impl App {
    /// Starts what the routes need beside the database.
    pub fn start(db: Db, clock: Clock, bus: Bus, config: ApiConfig) -> Self {
        let hub = Hub::start(db.clone(), bus.clone(), clock.clone());
        hub.announce_figures();
        Self {
            enqueuer: Enqueuer::start(db.clone(), clock.clone(), bus.clone()),
            outcomes: Outcomes::start(db.clone(), &bus),
            scrape: Arc::new(Scrape::new(db.clone(), clock.clone(), bus.clone())),
            hub,
            db,
            clock,
            bus,
            config: Arc::new(config),
            draining: Arc::default(),
        }
    }

    /// Who a request is made by.
    #[expect(clippy::unused_self, reason = "authentication decides here")]
    pub(crate) fn principal(&self) -> &'static str {
        LOCAL
    }

    /// Whether the process is about to stop.
    pub(crate) fn is_draining(&self) -> bool {
        self.draining.load(Ordering::Relaxed)
    }

    /// All routes.
    pub fn endpoint(&self) -> impl Endpoint<Output = Response> + use<> {
        let api = Arc::new(openapi::service(self));
        let socket = realtime::endpoint(self.hub.clone(), &self.config.allowed_hosts);
        Route::new()
            .nest_no_strip("/api", trpc::routed(self, api.clone()))
            .at("/ws", socket)
            .nest_no_strip("/health", api.clone())
            .at("/metrics", api)
            .at("/openapi.json", poem::get(openapi::document_endpoint()))
            .at("/openapi-3.0.json", poem::get(openapi::lowered_endpoint()))
            .at("/asyncapi.json", poem::get(asyncapi::document_endpoint()))
            .nest("/docs", poem::get(openapi::docs()))
            .nest("/", page::routes())
            .with(AddData::new(self.clone()))
            .around_app(self.clone())
    }
}

/// Adds what every request passes through: its id, its limits, the check of its Host, and errors as problems.
trait Around: Endpoint + Sized {
    fn around_app(self, app: App) -> Outer<Self> {
        Outer { inner: self, rate: Rate::new(app.config.rate_limit), app }
    }
}

impl<E: Endpoint> Around for E {}

struct Outer<E> {
    inner: E,
    rate: Option<Rate>,
    app: App,
}

impl<E: Endpoint> Endpoint for Outer<E>
where
    E::Output: IntoResponse,
{
    type Output = Response;

    async fn call(&self, mut request: Request) -> poem::Result<Response> {
        let started = Instant::now();
        let id = request_id(&request);
        let (method, path) = (request.method().clone(), request.uri().path().to_owned());
        request.extensions_mut().insert(Reading::default());
        let left = self.rate.as_ref().and_then(|rate| rate.count(&request));
        let admitted = left.map_or(Ok(()), Left::check);
        let admitted = admitted.and_then(|()| limits::check(&request));
        if method == Method::HEAD {
            request.set_method(Method::GET);
        }
        let answer = match admitted.and_then(|()| host::check(&request, &self.app.config.allowed_hosts)) {
            Ok(()) => {
                let span = tracing::info_span!("request", request.id = id);
                self.inner.call(request).instrument(span).await.map(IntoResponse::into_response)
            }
            Err(problem) => {
                meter::refused(problem.status);
                Err(problem.into())
            }
        };
        let operation = match &answer {
            Ok(response) => response.data::<OperationId>(),
            Err(error) => error.data::<OperationId>(),
        };
        let operation = operation.map_or("other", |operation| operation.0);
        let mut response = answer.unwrap_or_else(|error| Problem::of(&error).respond(&id));
        if method == Method::HEAD {
            // What its GET would say, without the body: nothing of it is read beyond what it took to begin.
            response.take_body();
        }
        let status = response.status();
        meter::request(operation, status.as_u16(), started.elapsed());
        let headers = response.headers_mut();
        if status == StatusCode::METHOD_NOT_ALLOWED {
            headers.insert(header::ALLOW, allow::methods_of(&path));
        }
        if let Some(left) = left {
            left.tell(headers);
        }
        if let Ok(id) = HeaderValue::from_str(&id) {
            headers.insert("x-request-id", id);
        }
        headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        tracing::debug!(http.method = %method, http.path = path, http.status = status.as_u16(), request.id = id,
                        duration_ms = started.elapsed().as_millis() as u64, "request");
        Ok(response)
    }
}

/// The caller's request id if it is a sane one, else a new one.
fn request_id(request: &Request) -> String {
    let sane = |id: &&str| {
        (1..=128).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.:".contains(&byte))
    };
    request.header("x-request-id").filter(sane).map_or_else(|| uuid::Uuid::now_v7().to_string(), str::to_owned)
}

/// Serves until `stop` resolves, then drains.
pub async fn serve(
    listener: tokio::net::TcpListener,
    db: Db,
    clock: Clock,
    bus: Bus,
    config: ApiConfig,
    stop: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let app = App::start(db, clock, bus, config);
    let endpoint = app.endpoint();
    let stopping = app.clone();
    let stop = async move {
        stop.await;
        stopping.draining.store(true, Ordering::Relaxed);
        stopping.hub.close();
        // Upgraded sockets are not the server's any more: give their closing frames a moment.
        let _ = tokio::time::timeout(Duration::from_secs(3), stopping.hub.drained()).await;
    };
    let acceptor = Direct::new(listener)?;
    Server::new_with_acceptor(acceptor).run_with_graceful_shutdown(endpoint, stop, Some(Duration::from_secs(10))).await
}

/// Serves the health of a process without an API: it is not ready any more once `draining` resolves, and serves until
/// `stop` does.
pub async fn serve_health(
    listener: tokio::net::TcpListener,
    db: Db,
    scrape: Scrape,
    draining: impl Future<Output = ()> + Send + 'static,
    stop: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let is_draining = Arc::new(AtomicBool::new(false));
    let scrape = Arc::new(scrape);
    let told = is_draining.clone();
    tokio::spawn(async move {
        draining.await;
        told.store(true, Ordering::Relaxed);
    });
    let figures = endpoint::make(move |_| {
        let scrape = scrape.clone();
        async move { Response::builder().content_type("text/plain; charset=utf-8").body(scrape.text().await) }
    });
    let endpoint = Route::new()
        .nest("/health", health::worker_routes(db, is_draining))
        .at("/metrics", poem::get(figures))
        .catch_all_error(async |error| Problem::of(&error).respond(&uuid::Uuid::now_v7().to_string()));
    let acceptor = Direct::new(listener)?;
    Server::new_with_acceptor(acceptor).run_with_graceful_shutdown(endpoint, stop, Some(Duration::from_secs(1))).await
}
