//! Assembles the routes, and what every request passes through.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use poem::http::{HeaderValue, Method, StatusCode, header};
use poem::{Endpoint, EndpointExt, IntoResponse, Request, Response, Route, Server, endpoint};
use poem_openapi::OperationId;
use shared::clock::Clock;
use shared::events::Bus;
use shared::jobs::{Enqueuer, Outcomes};
use shared::key::Pepper;
use shared::meter::{self, Scrape};
use shared::reach::Reach;
use shared::store::Db;
use tracing::Instrument as _;

use crate::auth::{Auth, Caller};
use crate::listener::Direct;
use crate::params::Reading;
use crate::problem::Problem;
use crate::rate::{self, Left, Rate};
use crate::realtime::{self, Hub};
use crate::routes::{health, page, trpc};
use crate::{allow, asyncapi, host, limits, openapi};

/// How an API process serves.
#[derive(Clone, Debug, Default)]
pub struct ApiConfig {
    /// Names it answers to besides the loopback ones, as in the Host header without port.
    pub allowed_hosts: Vec<String>,
    /// Requests a second that one address, and one principal, may send; 0 for as many as they like.
    pub rate_limit: u32,
    /// Where webhooks may lead.
    pub reach: Reach,
    /// Whether nobody may do anything without an API key.
    pub auth_required: bool,
    /// What the digests of keys are made with.
    pub pepper: Pepper,
}

/// What routes reach, and on whose behalf. Cheap to clone.
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
    pub(crate) auth: Auth,
    pub(crate) caller: Arc<Caller>,
    draining: Arc<AtomicBool>,
}

impl App {
    /// Starts what the routes need beside the database.
    pub fn start(db: Db, clock: Clock, bus: Bus, config: ApiConfig) -> Self {
        let hub = Hub::start(db.clone(), bus.clone(), clock.clone());
        hub.announce_figures();
        let auth =
            Auth::start(db.clone(), clock.clone(), config.auth_required, config.pepper.clone(), &config.allowed_hosts);
        Self {
            enqueuer: Enqueuer::start(db.clone(), clock.clone(), bus.clone()),
            outcomes: Outcomes::start(db.clone(), &bus),
            scrape: Arc::new(Scrape::new(db.clone(), clock.clone(), bus.clone())),
            hub,
            caller: auth.stranger(),
            auth,
            db,
            clock,
            bus,
            config: Arc::new(config),
            draining: Arc::default(),
        }
    }

    /// Who a request is made by.
    pub(crate) fn principal(&self) -> &str {
        &self.caller.principal
    }

    /// The mailboxes that they are limited to; `None` for all.
    pub(crate) fn scope(&self) -> Option<&[String]> {
        self.caller.mailboxes.as_deref()
    }

    /// Whether the process is about to stop.
    pub(crate) fn is_draining(&self) -> bool {
        self.draining.load(Ordering::Relaxed)
    }

    /// All routes.
    pub fn endpoint(&self) -> impl Endpoint<Output = Response> + use<> {
        let api = Arc::new(openapi::service(self));
        let socket = realtime::guarded(self.hub.clone(), &self.config.allowed_hosts, self.auth.clone());
        Route::new()
            .nest_no_strip("/api", trpc::routed(api.clone()))
            .at("/ws", socket)
            .nest_no_strip("/health", api.clone())
            .at("/metrics", api)
            .at("/openapi.json", poem::get(openapi::document_endpoint()))
            .at("/openapi-3.0.json", poem::get(openapi::lowered_endpoint()))
            .at("/asyncapi.json", poem::get(asyncapi::document_endpoint()))
            .nest("/docs", poem::get(openapi::docs()))
            .nest("/", page::routes())
            .around_app(self.clone())
    }
}

/// Adds what every request passes through: its id, its limits, the check of its Host, and errors as problems.
trait Around: Endpoint + Sized {
    fn around_app(self, app: App) -> Outer<Self> {
        let per_second = app.config.rate_limit;
        let rate = Rate::new(per_second, rate::ADDRESS);
        Outer { inner: self, rate, by_principal: Rate::new(per_second, rate::PRINCIPAL), app }
    }
}

impl<E: Endpoint> Around for E {}

struct Outer<E> {
    inner: E,
    rate: Option<Rate<IpAddr>>,
    /// Of those that authentication knows.
    by_principal: Option<Rate<String>>,
    app: App,
}

impl<E> Outer<E> {
    /// Lets a request in on behalf of whoever makes it, or says why not.
    async fn admit(&self, request: &mut Request, left: &mut Option<Left>) -> Result<(), Problem> {
        left.map_or(Ok(()), Left::check)?;
        limits::check(request)?;
        host::check(request, &self.app.config.allowed_hosts)?;
        let caller = self.app.auth.identify(request).await?;
        if let Some(rate) = self.by_principal.as_ref().filter(|_| caller.credential.key_id.is_some()) {
            let own = rate.spend(&caller.principal);
            *left = Some(left.map_or(own, |left| left.tighter(own)));
            own.check()?;
        }
        self.app.auth.authorise(&caller, request).await?;
        request.set_data(App { caller, ..self.app.clone() });
        Ok(())
    }
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
        let mut left = self.rate.as_ref().and_then(|rate| rate.count(&request));
        if method == Method::HEAD {
            request.set_method(Method::GET);
        }
        let answer = match self.admit(&mut request, &mut left).await {
            Ok(()) => {
                let span = tracing::info_span!("request", request.id = id);
                self.inner.call(request).instrument(span).await.map(IntoResponse::into_response)
            }
            Err(problem) => {
                meter::refused(problem.status);
                trpc::refusal(&request, problem).map_err(Into::into)
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
        if self.app.auth.is_required() && (path.starts_with("/api") || path == "/metrics") {
            // What one caller may read no cache may give to another.
            headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("private, no-cache"));
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
