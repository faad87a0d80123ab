//! `workflow doctor`: looks at everything a process needs and says what to do about what is missing. Changes nothing.

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use shared::clock::Clock;
use shared::config::ConnectionUrl;
use shared::domain::access::Role;
use shared::store::{self, Db, OpenError};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::cli::{Auth, DoctorArgs};
use crate::client::{Client, Problem};
use crate::exit::Failure;
use crate::{settings, wiring};

/// Difference of clocks from which deadlines are wrong enough to be noticed.
const TOLERABLE: Duration = Duration::from_secs(2);

pub(super) async fn run(args: DoctorArgs) -> Result<(), Failure> {
    let mut report = Report { first: None };
    let addresses = report.note("configuration", configuration(&args));
    let url = report.note("database url", settings::database(&args.database).map(|url| (url.to_string(), url)));
    if let Some(url) = url
        && let Some(Some(db)) = report.note("database", database(&url).await)
    {
        if !db.is_sqlite() {
            report.note("clock", clock(&db).await);
        }
        if args.listen.auth == Auth::Required {
            report.note("keys", admins(&db).await);
        }
        db.close().await;
    }
    match settings::redis(&args.bus) {
        Ok(None) => {
            report.note("redis", Ok(("not configured; one process needs none".to_owned(), ())));
        }
        Ok(Some(url)) => {
            report.note("redis", redis(&url).await.map(|text| (text, ())));
        }
        Err(failure) => {
            report.note::<()>("redis", Err(failure));
        }
    }
    if let Some(addresses) = addresses {
        report.note("port", port(&addresses).await.map(|text| (text, ())));
    }
    report.first.map_or(Ok(()), Err)
}

/// Prints a line a check and remembers the first failure: its code is the command's.
struct Report {
    first: Option<Failure>,
}

impl Report {
    fn note<T>(&mut self, check: &str, outcome: Result<(String, T), Failure>) -> Option<T> {
        match outcome {
            Ok((text, value)) => {
                wiring::announce(&format!("ok    {check:<14} {text}"));
                Some(value)
            }
            Err(failure) => {
                wiring::announce(&format!("FAIL  {check:<14} {failure}"));
                self.first.get_or_insert(failure);
                None
            }
        }
    }
}

fn configuration(args: &DoctorArgs) -> Result<(String, Vec<SocketAddr>), Failure> {
    let addresses = settings::listen(&args.listen)?;
    let hosts = settings::hosts(&args.hosts)?;
    let names = if hosts.is_empty() { String::new() } else { format!(" and {}", hosts.join(", ")) };
    let auth = if args.listen.auth == Auth::Required { "required" } else { "off" };
    let text = format!("listens on {}, authentication {auth}, answers to loopback names{names}", args.listen.listen);
    Ok((text, addresses))
}

/// Whether the database can be used; `None` if it is still to be made.
async fn database(url: &ConnectionUrl) -> Result<(String, Option<Db>), Failure> {
    if let Some(path) = url.expose().strip_prefix("sqlite:") {
        let path = Path::new(path.strip_prefix("//").unwrap_or(path).split('?').next().unwrap_or_default());
        if path.metadata().map_or_else(|error| error.kind() == std::io::ErrorKind::NotFound, |meta| meta.len() == 0) {
            return Ok(("not there yet; `workflow up` makes it".to_owned(), None));
        }
    }
    match Db::open_migrated(url.expose(), 1).await {
        Ok(db) => Ok(("reachable, ours, and its schema is the one this program needs".to_owned(), Some(db))),
        Err(OpenError::Older { found, known }) if url.is_sqlite() => {
            Ok((format!("ours, schema {found}; `workflow up` brings it to {known}"), None))
        }
        Err(error @ OpenError::Unreachable(_)) => match wiring::named(error.into(), url) {
            Failure::Unavailable(text) => {
                Err(Failure::Unavailable(format!("{text}; start it, or correct DATABASE_URL")))
            }
            other => Err(other),
        },
        Err(error) => Err(error.into()),
    }
}

/// Whether anybody could be let in.
async fn admins(db: &Db) -> Result<(String, ()), Failure> {
    let unavailable = |error: store::StoreError| Failure::Unavailable(error.to_string());
    let keys = store::keys::list(&mut db.read().await.map_err(unavailable)?).await.map_err(unavailable)?;
    let now = Clock::system().now();
    match keys.iter().filter(|key| key.role == Role::Admin && key.refusal(now).is_none()).count() {
        0 => {
            let text = "no admin has a key that is good; make one: workflow keys create --role admin --name NAME";
            Err(Failure::Config(text.to_owned()))
        }
        count => Ok((format!("{count} of {} are admins' and good", keys.len()), ())),
    }
}

/// Compares this machine's clock with that of the database.
async fn clock(db: &Db) -> Result<(String, ()), Failure> {
    let unavailable = |error: store::StoreError| Failure::Unavailable(error.to_string());
    let mut session = db.snapshot().await.map_err(unavailable)?;
    // The database's clock is the instant of the snapshot, so ours is read next to its start.
    let ours = Clock::system().now();
    let theirs = store::health::clock(&mut session).await.map_err(unavailable)?;
    let apart = (ours - theirs).abs();
    if apart.to_std().is_ok_and(|apart| apart > TOLERABLE) {
        return Err(Failure::Config(format!(
            "this machine's clock is {} s away from the database's; synchronise both, deadlines depend on them",
            apart.num_seconds()
        )));
    }
    Ok((format!("within {} ms of the database's", apart.num_milliseconds()), ()))
}

/// Whether Redis answers. It only shortens delays, so nothing else depends on it.
async fn redis(url: &ConnectionUrl) -> Result<String, Failure> {
    let parsed = reqwest::Url::parse(url.expose()).map_err(|error| Failure::Config(format!("REDIS_URL: {error}")))?;
    let (host, port) = (parsed.host_str().unwrap_or_default(), parsed.port().unwrap_or(6379));
    let asked = async {
        let mut stream = TcpStream::connect((host.trim_matches(['[', ']']), port)).await?;
        if parsed.scheme() == "rediss" {
            return Ok(Vec::new());
        }
        stream.write_all(b"PING\r\n").await?;
        let mut answer = vec![0; 64];
        let size = stream.read(&mut answer).await?;
        answer.truncate(size);
        Ok::<_, std::io::Error>(answer)
    };
    let away = |reason: &str| {
        let advice = "start it or unset REDIS_URL; until then events between processes are late by up to 2 s";
        Failure::Unavailable(format!("{url} does not answer: {reason}; {advice}"))
    };
    match tokio::time::timeout(Duration::from_secs(3), asked).await {
        Err(_) => Err(away("no answer within 3 s")),
        Ok(Err(error)) => Err(away(&error.to_string())),
        Ok(Ok(answer)) if answer.starts_with(b"-NOAUTH") && parsed.password().is_none() => {
            Err(Failure::Config("REDIS_URL: this Redis asks for a password: redis://:PASSWORD@HOST:PORT".to_owned()))
        }
        Ok(Ok(answer)) if answer.is_empty() && parsed.scheme() == "redis" => Err(away("the connection was closed")),
        Ok(Ok(answer)) if !answer.is_empty() && !answer.starts_with(b"+") && !answer.starts_with(b"-") => {
            Err(Failure::Config(format!("REDIS_URL: {url} is something else than Redis")))
        }
        Ok(Ok(_)) => Ok(format!("{url} answers")),
    }
}

/// Whether the port is free, or taken by a server of ours.
async fn port(addresses: &[SocketAddr]) -> Result<String, Failure> {
    let taken = match wiring::bind(addresses).await {
        Ok((_, url)) => return Ok(format!("{} is free", url.trim_start_matches("http://"))),
        Err(taken @ Failure::Unavailable(_)) => taken,
        Err(other) => return Err(other),
    };
    let url = addresses.first().map(|address| format!("http://{address}")).unwrap_or_default();
    let client = reqwest::Url::parse(&url).map_err(|error| error.to_string()).and_then(|url| Client::new(url, None));
    let Ok(client) = client else { return Err(taken) };
    match client.get::<serde_json::Value>("/health/ready").await {
        Ok(_) => Ok(format!("a server runs at {url} and is ready")),
        Err(Problem::Refused(text)) if text.starts_with("503") => {
            Err(Failure::Unavailable(format!("a server runs at {url} and is not ready: {text}")))
        }
        Err(_) => Err(taken),
    }
}
