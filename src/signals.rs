//! Stopping: the first SIGTERM or Ctrl-C asks for a drain, the second ends the process at once.

use tokio::sync::watch;

use crate::exit::Failure;

/// Exit code of a process that was told twice.
const IMPATIENT: i32 = 130;

/// Says when to stop. Cheap to clone.
#[derive(Clone)]
pub struct Stop(watch::Sender<bool>);

impl Stop {
    /// One that only [`Stop::ask`] triggers.
    pub fn new() -> Self {
        Self(watch::Sender::new(false))
    }

    /// One that signals trigger. Needs a runtime.
    pub fn on_signals() -> Result<Self, Failure> {
        let stop = Self::new();
        let mut signals = Signals::listen()?;
        let asked = stop.clone();
        tokio::spawn(async move {
            signals.next().await;
            tracing::info!("stopping; a second signal ends the process at once");
            asked.ask();
            signals.next().await;
            std::process::exit(IMPATIENT);
        });
        Ok(stop)
    }

    /// Asks everybody to stop.
    pub fn ask(&self) {
        self.0.send_replace(true);
    }

    /// Resolves when a stop was asked for.
    pub fn asked(&self) -> impl Future<Output = ()> + Send + use<> {
        let mut stop = self.0.subscribe();
        // The sender's copy lives as long as the future, so that an error cannot come before the answer.
        let sender = self.0.clone();
        async move {
            let _ = stop.wait_for(|stop| *stop).await;
            drop(sender);
        }
    }
}

#[cfg(unix)]
struct Signals {
    terminate: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn listen() -> Result<Self, Failure> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    #[expect(clippy::unnecessary_wraps, reason = "fails on Unix")]
    fn listen() -> Result<Self, Failure> {
        Ok(Self)
    }

    async fn next(&mut self) {
        let _ = tokio::signal::ctrl_c().await;
    }
}
