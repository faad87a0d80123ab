//! Redis comes and goes while events flow to sockets of two API processes, some of which drop out and resume: every socket
//! sees every event once, in order, and soon.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use shared::clock::Clock;
use tokio::process::{Child, Command};
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::load::Load;
use crate::socket::{self, Socket, Tally};
use crate::stage::Stage;
use crate::{Findings, Terms, check};

/// How late an event may be without Redis.
const DELAY: Duration = Duration::from_secs(2);

pub async fn run(stage: &mut Stage, terms: Terms, dice: &mut StdRng) -> Result<Findings> {
    let mut redis = Redis::start().await?;
    stage.use_redis(format!("redis://127.0.0.1:{}", redis.port));
    let apis = [stage.start("api", &[]).await?, stage.start("api", &[]).await?];
    let _worker = stage.start("worker", &[]).await?;
    let urls = watch::Sender::new(apis.iter().map(|api| api.url.clone()).collect::<Vec<_>>());
    let over = Arc::new(AtomicBool::new(false));
    let mut sockets = JoinSet::new();
    let count = 20_u64;
    for number in 0..count {
        // Half of them are cut off now and then, and resume at the other process.
        let drops = number % 2 == 0;
        sockets.spawn(listen(
            urls.borrow().clone(),
            number as usize,
            drops,
            over.clone(),
            StdRng::seed_from_u64(dice.random()),
        ));
    }
    tokio::time::sleep(Duration::from_millis(500)).await;
    let load = Load::start(&urls, 4, 10_000, 9);
    let flaps = terms.pick(20, 4);
    for _ in 0..flaps {
        tokio::time::sleep(Duration::from_millis(dice.random_range(200..700))).await;
        redis.kill().await?;
        tokio::time::sleep(Duration::from_millis(dice.random_range(100..600))).await;
        redis.again().await?;
    }
    load.stop();
    let expected = load.finish().await;
    let mut findings = Findings::default();
    check::settled(stage, terms.patience, &expected, &mut findings).await?;
    let events = stage.numbered(Duration::from_secs(10)).await;
    tokio::time::sleep(Duration::from_secs(3)).await;
    over.store(true, Ordering::Relaxed);
    let (mut resumes, mut oldest) = (0, Duration::ZERO);
    while let Some(heard) = sockets.join_next().await {
        let heard = heard?;
        findings.lost += heard.tally.lost + events.saturating_sub(heard.tally.last.unsigned_abs());
        findings.twice += heard.tally.twice;
        resumes += heard.resumes;
        oldest = oldest.max(heard.oldest);
    }
    if oldest > DELAY {
        findings.note(format!("an event was {} ms old when it came", oldest.as_millis()));
    }
    findings.did = format!(
        "{flaps} flaps, {events} events to {count} sockets, {resumes} resumes, none later than {} ms",
        oldest.as_millis()
    );
    Ok(findings)
}

#[derive(Default)]
struct Heard {
    tally: Tally,
    resumes: u64,
    /// How old an event was at most, of those made while the socket was open.
    oldest: Duration,
}

async fn listen(urls: Vec<String>, number: usize, drops: bool, over: Arc<AtomicBool>, mut dice: StdRng) -> Heard {
    let mut heard = Heard::default();
    let mut turn = number;
    while !over.load(Ordering::Relaxed) {
        let url = &urls[turn % urls.len()];
        turn += 1;
        let Ok(mut socket) = Socket::open(url, heard.tally.last).await else { continue };
        let opened = Clock::system().now();
        let until =
            Instant::now() + Duration::from_millis(if drops { dice.random_range(300..1500) } else { 3_600_000 });
        while Instant::now() < until && !over.load(Ordering::Relaxed) {
            match tokio::time::timeout(Duration::from_millis(100), socket.next()).await {
                Ok(Ok(socket::Heard::Event(id, at))) => {
                    let age = heard.tally.take(id, at).filter(|_| at > opened);
                    heard.oldest = heard.oldest.max(age.unwrap_or_default());
                }
                Ok(Ok(socket::Heard::Notice)) | Err(_) => {}
                Ok(_) => break,
            }
        }
        heard.resumes += 1;
    }
    heard
}

/// A Redis of the scenario's own.
struct Redis {
    port: u16,
    child: Child,
    folder: tempfile::TempDir,
}

impl Redis {
    async fn start() -> Result<Self> {
        let port = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let folder = tempfile::tempdir()?;
        let child = Self::spawn(port, &folder)?;
        let redis = Self { port, child, folder };
        redis.answers().await?;
        Ok(redis)
    }

    fn spawn(port: u16, folder: &tempfile::TempDir) -> Result<Child> {
        Command::new("redis-server")
            .args(["--port", &port.to_string(), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"])
            .current_dir(folder.path())
            .stdout(std::process::Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .context("redis-server cannot be started")
    }

    async fn answers(&self) -> Result<()> {
        for _ in 0..100 {
            if tokio::net::TcpStream::connect(("127.0.0.1", self.port)).await.is_ok() {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        anyhow::bail!("redis-server does not answer")
    }

    async fn kill(&mut self) -> Result<()> {
        Ok(self.child.kill().await?)
    }

    async fn again(&mut self) -> Result<()> {
        self.child = Self::spawn(self.port, &self.folder)?;
        self.answers().await
    }
}
