//! Thousands of connections that read frames and do nothing but count them. What a reader costs is the same whoever
//! writes.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use chrono::{DateTime, Utc};
use shared::clock::Clock;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::{Notify, Semaphore};
use tokio::task::JoinSet;

/// Connections that are opened at once.
const OPENING: usize = 64;

/// How long frames may take to arrive.
const PATIENCE: Duration = Duration::from_mins(1);

/// Connections that count frames.
pub struct Crowd {
    count: usize,
    arrivals: Arc<Arrivals>,
    _readers: JoinSet<Result<()>>,
}

#[derive(Default)]
struct Arrivals {
    frames: AtomicU64,
    wanted: AtomicU64,
    first: Mutex<Option<Instant>>,
    last: Mutex<Option<DateTime<Utc>>>,
    all: Notify,
    /// What the first connection was sent.
    recorded: Mutex<Vec<Vec<u8>>>,
}

impl Crowd {
    /// Opens so many connections; with `upgrade` each becomes a socket and takes its hello.
    pub async fn connect(address: &str, count: usize, upgrade: Option<&str>) -> Result<Self> {
        let arrivals = Arc::new(Arrivals::default());
        let turns = Arc::new(Semaphore::new(OPENING));
        let mut opening = JoinSet::new();
        for number in 0..count {
            let (address, upgrade, turns) = (address.to_owned(), upgrade.map(str::to_owned), turns.clone());
            opening.spawn(async move {
                let _turn = turns.acquire().await?;
                Reader::open(&address, upgrade.as_deref(), number == 0).await
            });
        }
        let mut readers = JoinSet::new();
        while let Some(opened) = opening.join_next().await {
            readers.spawn(opened??.count(arrivals.clone()));
        }
        Ok(Self { count, arrivals, _readers: readers })
    }

    /// Waits for so many more frames on every connection; `act` causes them. Gives the time from the first to the last.
    pub async fn receive(&self, frames: usize, act: impl Future<Output = Result<()>>) -> Result<Duration> {
        let arrivals = &self.arrivals;
        arrivals.frames.store(0, Ordering::SeqCst);
        arrivals.wanted.store((frames * self.count) as u64, Ordering::SeqCst);
        *arrivals.first.lock().expect("no panic while held") = None;
        arrivals.recorded.lock().expect("no panic while held").clear();
        let all = arrivals.all.notified();
        tokio::pin!(all);
        all.as_mut().enable();
        act.await?;
        let late = || format!("{} frames arrived", arrivals.frames.load(Ordering::Relaxed));
        tokio::time::timeout(PATIENCE, all).await.with_context(late)?;
        let first = arrivals.first.lock().expect("no panic while held").context("a frame arrived")?;
        Ok(first.elapsed())
    }

    /// When the last frame of the last time arrived.
    pub fn last(&self) -> Option<DateTime<Utc>> {
        *self.arrivals.last.lock().expect("no panic while held")
    }

    /// The frames of the last time, as the first connection was sent them.
    pub fn recorded(&self) -> Vec<Vec<u8>> {
        self.arrivals.recorded.lock().expect("no panic while held").clone()
    }
}

struct Reader {
    stream: TcpStream,
    bytes: Vec<u8>,
    filled: usize,
    records: bool,
}

impl Reader {
    async fn open(address: &str, upgrade: Option<&str>, records: bool) -> Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let mut reader = Self { stream, bytes: vec![0; 4096], filled: 0, records };
        if let Some(request) = upgrade {
            reader.stream.write_all(request.as_bytes()).await?;
            let head = loop {
                reader.more().await?;
                let read = &reader.bytes[..reader.filled];
                if let Some(head) = read.windows(4).position(|four| four == b"\r\n\r\n") {
                    break head + 4;
                }
            };
            anyhow::ensure!(reader.bytes.starts_with(b"HTTP/1.1 101"), "it was not upgraded");
            reader.forget(head);
            while reader.take().is_none() {
                reader.more().await?;
            }
        }
        Ok(reader)
    }

    async fn count(mut self, arrivals: Arc<Arrivals>) -> Result<()> {
        loop {
            let mut frames = 0;
            while let Some(frame) = self.take() {
                if frame[0] == 0x89 {
                    // Masked with zeros, an answer may be the same every time.
                    self.stream.write_all(&[0x8a, 0x80, 0, 0, 0, 0]).await?;
                    continue;
                }
                frames += 1;
                if self.records {
                    arrivals.recorded.lock().expect("no panic while held").push(frame);
                }
            }
            if frames > 0 {
                let before = arrivals.frames.fetch_add(frames, Ordering::SeqCst);
                if before == 0 {
                    *arrivals.first.lock().expect("no panic while held") = Some(Instant::now());
                }
                if before + frames == arrivals.wanted.load(Ordering::SeqCst) {
                    *arrivals.last.lock().expect("no panic while held") = Some(Clock::system().now());
                    arrivals.all.notify_waiters();
                }
            }
            self.more().await?;
        }
    }

    async fn more(&mut self) -> Result<()> {
        if self.filled == self.bytes.len() {
            self.bytes.resize(2 * self.filled, 0);
        }
        let read = self.stream.read(&mut self.bytes[self.filled..]).await?;
        anyhow::ensure!(read > 0, "the connection was closed");
        self.filled += read;
        Ok(())
    }

    /// The next frame, if all of it is there; empty for one that nobody records.
    fn take(&mut self) -> Option<Vec<u8>> {
        let bytes = &self.bytes[..self.filled];
        let length = match bytes.get(1)? {
            126 => 4 + usize::from(u16::from_be_bytes(*bytes.get(2..)?.first_chunk()?)),
            127 => 10 + u64::from_be_bytes(*bytes.get(2..)?.first_chunk()?) as usize,
            short => 2 + usize::from(*short),
        };
        let frame = bytes.get(..length)?;
        let frame = if self.records { frame.to_vec() } else { vec![frame[0]] };
        self.forget(length);
        Some(frame)
    }

    fn forget(&mut self, count: usize) {
        self.bytes.copy_within(count..self.filled, 0);
        self.filled -= count;
    }
}
