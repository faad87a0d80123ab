//! Clients of the socket, cheap enough for thousands of them in one process: they read frames as bytes and look for the
//! number and the time of each event, and for nothing else.

use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use chrono::{DateTime, Utc};
use shared::clock::Clock;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};

/// What a socket says.
#[derive(Debug)]
pub enum Heard {
    /// An event with its number and time.
    Event(i64, DateTime<Utc>),
    /// Anything without number.
    Notice,
    /// It is closed with this code.
    Closed(u16),
}

/// An open socket.
pub struct Socket {
    stream: TcpStream,
    bytes: Vec<u8>,
    /// Where the next frame begins.
    start: usize,
}

impl Socket {
    /// Connects to the API at this URL, to hear everything after `since`, and takes the hello.
    pub async fn open(url: &str, since: i64) -> Result<Self> {
        Self::over(TcpStream::connect(address(url)).await?, since).await
    }

    /// The same, over a connection on which little fits that is not read: the segments it asks for are so small that the
    /// server's system keeps a small buffer, too.
    pub async fn narrow(url: &str, since: i64) -> Result<Self> {
        let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None)?;
        socket.set_tcp_mss(536)?;
        socket.set_recv_buffer_size(4096)?;
        socket.set_nonblocking(true)?;
        let stream = TcpSocket::from_std_stream(socket.into()).connect(address(url).parse()?).await?;
        Self::over(stream, since).await
    }

    async fn over(mut stream: TcpStream, since: i64) -> Result<Self> {
        let request = format!(
            "GET /ws?since={since} HTTP/1.1\r\nhost: localhost\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
             sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).await?;
        let mut socket = Self { stream, bytes: Vec::new(), start: 0 };
        let head = loop {
            socket.more().await?;
            if let Some(end) = socket.bytes.windows(4).position(|four| four == b"\r\n\r\n") {
                break end + 4;
            }
        };
        anyhow::ensure!(socket.bytes.starts_with(b"HTTP/1.1 101"), "it was not upgraded");
        socket.start = head;
        match socket.next().await? {
            Heard::Notice => Ok(socket),
            other => bail!("instead of a hello came {other:?}"),
        }
    }

    /// The next event, notice or closing. May be dropped while it waits.
    pub async fn next(&mut self) -> Result<Heard> {
        loop {
            let Some((first, payload)) = frame(&self.bytes[self.start..]) else {
                self.more().await?;
                continue;
            };
            let end = self.start + payload.end;
            let payload = &self.bytes[self.start + payload.start..end];
            let heard = match first & 0x0f {
                0x1 => Some(event(payload)?),
                0x8 => Some(Heard::Closed(payload.first_chunk().map_or(1005, |code| u16::from_be_bytes(*code)))),
                _ => None,
            };
            self.start = end;
            match heard {
                Some(heard) => return Ok(heard),
                // A ping: masked with zeros the answer may be the same every time.
                None => self.stream.write_all(&[0x8a, 0x80, 0, 0, 0, 0]).await?,
            }
        }
    }

    async fn more(&mut self) -> Result<()> {
        if self.start > 0 {
            self.bytes.drain(..self.start);
            self.start = 0;
        }
        self.bytes.reserve(4096);
        let read = self.stream.read_buf(&mut self.bytes).await?;
        anyhow::ensure!(read > 0, "it was cut");
        Ok(())
    }
}

fn address(url: &str) -> &str {
    url.trim_start_matches("http://")
}

/// The first byte of a frame and where its payload is, once all of it is there.
fn frame(bytes: &[u8]) -> Option<(u8, std::ops::Range<usize>)> {
    let (start, length) = match bytes.get(1)? {
        126 => (4, usize::from(u16::from_be_bytes(*bytes.get(2..)?.first_chunk()?))),
        127 => (10, u64::from_be_bytes(*bytes.get(2..)?.first_chunk()?) as usize),
        short => (2, usize::from(*short)),
    };
    (bytes.len() >= start + length).then_some((bytes[0], start..start + length))
}

/// Number and time come last in an event's text.
fn event(payload: &[u8]) -> Result<Heard> {
    let text = std::str::from_utf8(payload)?;
    let Some((_, tail)) = text.rsplit_once(r#","id":""#) else { return Ok(Heard::Notice) };
    let (id, rest) = tail.split_once('"').context("a number ends")?;
    let at = rest.split('"').nth(3).context("an event has a time")?;
    Ok(Heard::Event(id.parse()?, DateTime::parse_from_rfc3339(at)?.to_utc()))
}

/// What a client has heard so far.
#[derive(Debug, Default)]
pub struct Tally {
    /// The newest number.
    pub last: i64,
    /// Numbers that were passed over.
    pub lost: u64,
    /// Events that came again.
    pub twice: u64,
}

impl Tally {
    /// Counts an event; gives how old it is, if it is new.
    pub fn take(&mut self, id: i64, at: DateTime<Utc>) -> Option<Duration> {
        if id <= self.last {
            self.twice += 1;
            return None;
        }
        self.lost += (id - self.last - 1).unsigned_abs();
        self.last = id;
        (Clock::system().now() - at).to_std().ok()
    }
}
