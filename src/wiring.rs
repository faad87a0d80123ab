//! Puts the parts of a process together, watches over them, and takes them down in order.

use std::io::Write as _;
use std::net::SocketAddr;
use std::time::Duration;

use chrono::TimeDelta;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use shared::clock::Clock;
use shared::config::ConnectionUrl;
use shared::events::{Bus, BusError, Relay};
use shared::jobs::{Engine, EngineConfig, Stopped, queue};
use shared::meter::{self, Scrape};
use shared::reach::Reach;
use shared::store::{Db, keys};
use tokio::net::TcpListener;
use tokio::task::{JoinError, JoinHandle};

use crate::cli::WorkArgs;
use crate::exit::Failure;
use crate::signals::Stop;
use crate::{logs, settings, watchdog};

/// Connections an API process keeps to a database server, for reads and for writes each.
pub const API_CONNECTIONS: u32 = 8;
/// Connections of one process at most.
const MOST_CONNECTIONS: u32 = 64;
/// How long requests may take to end before the workers are stopped as well.
const SERVER_DRAIN: Duration = Duration::from_secs(4);

/// What every role of a process shares.
#[derive(Clone)]
pub struct System {
    /// The database.
    pub db: Db,
    /// The time.
    pub clock: Clock,
    /// To the other processes.
    pub bus: Bus,
    /// Numbers events.
    pub relay: Relay,
}

impl System {
    /// Connects what carries events.
    pub async fn connect(db: Db, redis: Option<&ConnectionUrl>) -> Result<Self, Failure> {
        let bus = Bus::connect(&db, redis.map(ConnectionUrl::expose)).await.map_err(|error| match error {
            BusError::Url(wrong) => Failure::Config(wrong),
            BusError::Database(away) => Failure::Unavailable(away.to_string()),
        })?;
        let relay = Relay::start(db.clone(), bus.clone());
        if let Err(error) = meter::start() {
            tracing::warn!(error, "nothing is counted");
        }
        let clock = Clock::system();
        tokio::spawn(logs::follow(bus.clone(), clock.clone()));
        Ok(Self { db, clock, bus, relay })
    }

    /// What this process shows to Prometheus.
    pub fn scrape(&self) -> Scrape {
        Scrape::new(self.db.clone(), self.clock.clone(), self.bus.clone())
    }

    /// Starts working on jobs.
    pub fn work(&self, queues: &[String], reach: Reach, args: &WorkArgs) -> Result<Working, Failure> {
        let mailer = settings::mailer(&args.mail)?;
        let counsel = settings::counsel(&args.adviser)?;
        let review_below = args.review.review_below;
        watchdog::start(Duration::from_secs(args.patience.into()))?;
        let mut config = EngineConfig {
            concurrency: args.concurrency as usize,
            lease: Duration::from_secs(args.lease.into()),
            patience: Duration::from_secs(args.patience.into()),
            ..EngineConfig::default()
        };
        if !queues.is_empty() {
            config.queues = queues.to_vec();
            config.queues.sort_unstable();
            config.queues.dedup();
        }
        let hours = |hours: u32| TimeDelta::hours(hours.into());
        let retention = worker::Retention {
            completed: hours(args.keep_completed),
            cancelled: hours(args.keep_cancelled),
            discarded: hours(args.keep_discarded),
            versions: hours(args.keep_versions),
        };
        let Self { db, clock, bus, relay } = self.clone();
        let mailbox_root = args.mailbox_root.clone();
        let registry =
            worker::registry(worker::Config { retention, reach, mailer, mailbox_root, review_below, counsel });
        tokio::spawn(worker::watch(db.clone(), clock.clone(), bus.clone()));
        let stop = Stop::new();
        if config.queues.iter().any(|name| name == queue::OUTBOX) {
            tokio::spawn(worker::outbox::follow(db.clone(), clock.clone(), bus.clone(), stop.asked()));
        }
        let engine = Engine::new(db, clock, bus, relay, registry, worker::schedules(), config);
        Ok(Working { task: tokio::spawn(engine.run(stop.asked())), stop, health: None })
    }
}

/// Opens the port, before anything else is touched, and gives the URL it is reached at.
pub async fn bind(addresses: &[SocketAddr]) -> Result<(TcpListener, String), Failure> {
    raise_open_files();
    let shown = addresses.first().map(ToString::to_string).unwrap_or_default();
    let listener = TcpListener::bind(addresses).await.map_err(|error| match error.kind() {
        std::io::ErrorKind::AddrInUse => Failure::Unavailable(format!(
            "{shown} is in use by another program; stop that one or set WORKFLOW_LISTEN to another address"
        )),
        _ => Failure::Config(format!("WORKFLOW_LISTEN: cannot listen on {shown}: {error}")),
    })?;
    let url = format!("http://{}", listener.local_addr()?);
    Ok((listener, url))
}

/// Each socket is an open file, and the usual limit of a shell is 1,024 of them: takes as many as the system lets us have.
fn raise_open_files() {
    let limit = getrlimit(Resource::Nofile);
    if let Err(error) = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit }) {
        tracing::warn!(%error, "the limit of open files stays as it is");
    }
}

/// Opens the database; the embedded one is brought up to date, a shared one must be.
pub async fn open(url: &ConnectionUrl, connections: u32) -> Result<Db, Failure> {
    let connections = connections.min(MOST_CONNECTIONS);
    let opened = if url.is_sqlite() {
        Db::open(url.expose(), connections).await
    } else {
        Db::open_migrated(url.expose(), connections).await
    };
    opened.map_err(|error| named(error.into(), url))
}

/// Says how to make a key where authentication is required and there is none to be let in with.
pub async fn hint_at_keys(db: &Db) {
    let now = Clock::system().now();
    let found = async { keys::list(&mut db.read().await?).await }.await;
    if found.is_ok_and(|keys| keys.iter().all(|key| key.refusal(now).is_some())) {
        eprintln!(
            "workflow: authentication is required and there is no key yet; make one: workflow keys create --role admin \
             --name NAME"
        );
    }
}

/// Connections that this many jobs at once need: as many for reads as for writes. Most jobs of a worker share transactions,
/// and a server's default of 100 connections is to hold two APIs and three workers, each with a few more for its leases.
pub fn worker_connections(args: &WorkArgs) -> u32 {
    (args.concurrency / 2 + 2).min(9)
}

/// Says which database a failure is about; the URL's password does not show.
pub fn named(failure: Failure, url: &ConnectionUrl) -> Failure {
    match failure {
        Failure::Unavailable(text) => Failure::Unavailable(format!("{text} (DATABASE_URL is {url})")),
        other => other,
    }
}

/// Tells whoever started the process that it is ready.
pub fn announce(line: &str) {
    let mut out = std::io::stdout().lock();
    // Nobody may be listening any more; that is no reason to stop.
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}

/// A running engine.
pub struct Working {
    task: JoinHandle<Stopped>,
    stop: Stop,
    /// Stops the server of a process without an API.
    health: Option<Stop>,
}

impl Working {
    /// Has the server, which shows this process's health alone, go on until the last job has ended.
    #[must_use]
    pub fn shown_by(self, health: Stop) -> Self {
        Self { health: Some(health), ..self }
    }
}

/// Waits until a stop is asked for or a part ends by itself, then stops the server and after it the workers, so that
/// whoever waits for a mutation's outcome still gets it.
pub async fn supervise(
    db: &Db,
    stop: &Stop,
    mut server: JoinHandle<std::io::Result<()>>,
    mut working: Option<Working>,
) -> Result<(), Failure> {
    let mut server_ended = None;
    let mut engine_ended = None;
    tokio::select! {
        // First, for once asked to stop a part may well end before this is looked at.
        biased;
        () = stop.asked() => {}
        ended = &mut server => server_ended = Some(ended),
        ended = engine(working.as_mut()) => engine_ended = Some(ended),
    }
    let mut broken = None;
    let mut stuck = matches!(engine_ended, Some(Ok(Stopped::Stuck)));
    if let Some(ended) = &server_ended {
        broken = Some(format!("the server ended unexpectedly{}", reason(ended)));
    } else if let Some(ended) = &engine_ended {
        broken = Some(format!("the workers ended unexpectedly{}", reason(&ended.as_ref().map(|_| Ok(())))));
    }

    stop.ask();
    let outlives = working.as_mut().and_then(|working| working.health.take());
    if outlives.is_none() && server_ended.is_none() && tokio::time::timeout(SERVER_DRAIN, &mut server).await.is_err() {
        server.abort();
    }
    if engine_ended.is_none()
        && let Some(working) = &mut working
    {
        working.stop.ask();
        match (&mut working.task).await {
            Ok(Stopped::Drained) => {}
            Ok(Stopped::GaveBack(jobs)) => {
                eprintln!(
                    "workflow: {jobs} unfinished jobs were given back; another worker or the next start runs them"
                );
            }
            Ok(Stopped::Stuck) => stuck = true,
            Err(error) => broken = broken.or(Some(format!("the workers ended unexpectedly: {error}"))),
        }
    }
    if let Some(health) = outlives {
        health.ask();
        let _ = tokio::time::timeout(Duration::from_secs(1), &mut server).await;
    }
    let _ = tokio::time::timeout(Duration::from_secs(2), db.close()).await;
    if stuck {
        let text = "jobs could not be claimed for long although the database answers; start another process";
        return Err(Failure::Stuck(text.to_owned()));
    }
    broken.map_or(Ok(()), |text| Err(Failure::Failed(text)))
}

/// How the engine ends; never, if there is none.
async fn engine(working: Option<&mut Working>) -> Result<Stopped, JoinError> {
    match working {
        Some(working) => (&mut working.task).await,
        None => std::future::pending().await,
    }
}

fn reason(ended: &Result<std::io::Result<()>, impl std::fmt::Display>) -> String {
    match ended {
        Ok(Ok(())) => String::new(),
        Ok(Err(error)) => format!(": {error}"),
        Err(error) => format!(": {error}"),
    }
}
