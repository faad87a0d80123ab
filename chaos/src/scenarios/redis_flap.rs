//! Redis comes and goes while events flow to sockets of two API processes, some of which drop out and resume: every socket
//! sees every event once and in order.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use futures_util::StreamExt;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde_json::Value;
use tokio::process::{Child, Command};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_tungstenite::connect_async;

use crate::load::Load;
use crate::stage::Stage;
use crate::{Findings, Terms, check};

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
        let urls: Vec<String> = urls.borrow().iter().map(|url| url.replace("http", "ws")).collect();
        sockets.spawn(listen(urls, number as usize, drops, over.clone(), StdRng::seed_from_u64(dice.random())));
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
    stage.until_none("SELECT count(*) FROM workflow_events WHERE id IS NULL", Duration::from_secs(10)).await;
    tokio::time::sleep(Duration::from_secs(3)).await;
    over.store(true, Ordering::Relaxed);
    let events = stage.number("SELECT count(*) FROM workflow_events").await;
    let mut resumes = 0;
    while let Some(heard) = sockets.join_next().await {
        let heard = heard??;
        findings.lost += events.saturating_sub(heard.events);
        findings.twice += heard.repeated;
        findings.ghosts += heard.out_of_order;
        resumes += heard.resumes;
    }
    findings.did = format!("{flaps} flaps, {events} events to {count} sockets, {resumes} resumes");
    Ok(findings)
}

#[derive(Default)]
struct Heard {
    events: u64,
    repeated: u64,
    out_of_order: u64,
    resumes: u64,
}

async fn listen(
    urls: Vec<String>,
    number: usize,
    drops: bool,
    over: Arc<AtomicBool>,
    mut dice: StdRng,
) -> Result<Heard> {
    let mut heard = Heard::default();
    let mut last = 0_i64;
    let mut turn = number;
    while !over.load(Ordering::Relaxed) {
        let url = format!("{}/ws?since={last}", urls[turn % urls.len()]);
        turn += 1;
        let Ok((mut socket, _)) = connect_async(url).await else { continue };
        let until =
            Instant::now() + Duration::from_millis(if drops { dice.random_range(300..1500) } else { 3_600_000 });
        while Instant::now() < until && !over.load(Ordering::Relaxed) {
            let Ok(message) = tokio::time::timeout(Duration::from_millis(100), socket.next()).await else { continue };
            let Some(Ok(message)) = message else { break };
            let Ok(frame) = serde_json::from_slice::<Value>(&message.into_data()) else { continue };
            let Some(id) = frame["id"].as_str().and_then(|id| id.parse::<i64>().ok()) else { continue };
            match id {
                id if id == last => heard.repeated += 1,
                id if id < last => heard.out_of_order += 1,
                id => {
                    heard.events += 1;
                    last = id;
                }
            }
        }
        heard.resumes += 1;
    }
    Ok(heard)
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
