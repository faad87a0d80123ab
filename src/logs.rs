//! Logging on standard error; standard output belongs to what a command prints.

use std::io::IsTerminal as _;
use std::sync::OnceLock;

use shared::clock::Clock;
use shared::events::{Bus, LogLevel, Signal};
use tokio::sync::broadcast::error::RecvError;
use tracing_subscriber::EnvFilter;

use crate::cli::{LogArgs, LogFormat};
use crate::exit::Failure;

/// Our own crates say what they do; libraries only what goes wrong.
const DEFAULT: &str = "warn,workflow=info,api=info,worker=info,shared=info";

static LIVE: OnceLock<Live> = OnceLock::new();

/// The filter of a process, which can be changed while it runs.
struct Live {
    started_with: String,
    apply: Box<dyn Fn(EnvFilter) -> bool + Send + Sync>,
}

/// Starts logging.
pub fn start(args: &LogArgs) -> Result<(), Failure> {
    let (variable, text) = match args.log.as_deref().map(str::trim).filter(|filter| !filter.is_empty()) {
        Some(filter) => ("WORKFLOW_LOG", filter.to_owned()),
        None => ("RUST_LOG", std::env::var("RUST_LOG").ok().filter(|it| !it.is_empty()).unwrap_or(DEFAULT.to_owned())),
    };
    let filter = filter(&text).map_err(|error| Failure::Config(format!("{variable}: {error}")))?;
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let apply: Box<dyn Fn(EnvFilter) -> bool + Send + Sync> = match args.log_format {
        LogFormat::Text => {
            let lines = lines.with_ansi(std::io::stderr().is_terminal()).with_filter_reloading();
            let handle = lines.reload_handle();
            lines.init();
            Box::new(move |filter| handle.reload(filter).is_ok())
        }
        LogFormat::Json => {
            let lines = lines.json().with_filter_reloading();
            let handle = lines.reload_handle();
            lines.init();
            Box::new(move |filter| handle.reload(filter).is_ok())
        }
    };
    let _ = LIVE.set(Live { started_with: text, apply });
    Ok(())
}

fn filter(text: &str) -> Result<EnvFilter, tracing_subscriber::filter::ParseError> {
    // It would write a mailbox's password to the log.
    let silenced = "async_imap=info".parse().expect("a directive");
    Ok(EnvFilter::try_new(text)?.add_directive(silenced))
}

/// Changes the level when an operator asks for it, and back when the time is over.
pub async fn follow(bus: Bus, clock: Clock) {
    let Some(live) = LIVE.get() else { return };
    let mut signals = bus.subscribe();
    let mut until = None;
    loop {
        let over = async {
            match until {
                Some(until) => tokio::time::sleep_until(until).await,
                None => std::future::pending().await,
            }
        };
        let text = tokio::select! {
            () = over => {
                until = None;
                live.started_with.clone()
            }
            signal = signals.recv() => match signal.as_deref() {
                Ok(Signal::Logs { level, until: end }) => {
                    let rest = (*end - clock.now()).to_std().unwrap_or_default();
                    until = Some(tokio::time::Instant::now() + rest);
                    own(*level)
                }
                Err(RecvError::Closed) => return,
                Ok(_) | Err(RecvError::Lagged(_)) => continue,
            },
        };
        if filter(&text).is_ok_and(|filter| (live.apply)(filter)) {
            tracing::info!(filter = text, "the log's filter was changed");
        }
    }
}

/// Libraries stay as they are: at lower levels some of them log what they carry, secrets included.
fn own(level: LogLevel) -> String {
    format!("warn,workflow={level},api={level},worker={level},shared={level},mail={level}")
}
