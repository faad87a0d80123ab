//! A load generator that costs little beside what it measures: keep-alive connections, requests written as prepared
//! bytes, and of answers only the status and the length read.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

/// What a slice gave.
#[derive(Debug, Default)]
pub struct Slice {
    /// Requests answered a second.
    pub rate: f64,
    /// How long each took.
    pub took: Vec<Duration>,
}

/// Sends one request over and over, over so many connections, for so long, but once at
/// least. Every answer must have this status.
pub async fn load(address: &str, request: &str, clients: usize, status: &'static str, time: Duration) -> Result<Slice> {
    let began = Instant::now();
    let mut set = JoinSet::new();
    for _ in 0..clients {
        let (address, request) = (address.to_owned(), request.to_owned());
        set.spawn(async move { client(&address, &request, status, began + time).await });
    }
    let mut slice = Slice::default();
    while let Some(took) = set.join_next().await {
        slice.took.extend(took??);
    }
    slice.rate = slice.took.len() as f64 / began.elapsed().as_secs_f64();
    Ok(slice)
}

async fn client(address: &str, request: &str, status: &str, until: Instant) -> Result<Vec<Duration>> {
    let mut socket = TcpStream::connect(address).await?;
    socket.set_nodelay(true)?;
    let mut took = Vec::new();
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let began = Instant::now();
        socket.write_all(request.as_bytes()).await?;
        answer(&mut socket, &mut buffer, status).await?;
        took.push(began.elapsed());
        if Instant::now() >= until {
            return Ok(took);
        }
    }
}

async fn answer(socket: &mut TcpStream, buffer: &mut [u8], status: &str) -> Result<()> {
    let mut filled = 0;
    loop {
        let read = socket.read(&mut buffer[filled..]).await?;
        anyhow::ensure!(read > 0, "the server closed the connection");
        filled += read;
        let Some(head) = buffer[..filled].windows(4).position(|four| four == b"\r\n\r\n") else { continue };
        let text = std::str::from_utf8(&buffer[..head])?;
        if text.get(9..12) != Some(status) {
            bail!("answered {}", String::from_utf8_lossy(&buffer[..filled]));
        }
        let length = text
            .lines()
            .filter_map(|line| line.split_once(':'))
            .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
            .context("an answer has a length")?;
        if filled >= head + 4 + length.1.trim().parse::<usize>()? {
            return Ok(());
        }
    }
}
