//! Bytes as they go over the wire: no client library would send most of them.

use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// How long anything may take to be answered.
const PATIENCE: Duration = Duration::from_secs(20);

/// A connection to the product.
pub struct Wire(TcpStream);

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    /// The status line and the fields, in lower case.
    pub head: String,
    pub body: Vec<u8>,
}

impl Wire {
    pub async fn open(url: &str) -> Self {
        Self(TcpStream::connect(url.trim_start_matches("http://")).await.unwrap())
    }

    /// Sends bytes, of which the server need not take all.
    pub async fn send(&mut self, bytes: &[u8]) {
        let _ = tokio::time::timeout(PATIENCE, self.0.write_all(bytes)).await.expect("it takes them or closes");
    }

    /// Says that no more is coming.
    pub async fn end(&mut self) {
        let _ = self.0.shutdown().await;
    }

    /// So many bytes, or fewer if the server closes before.
    pub async fn bytes(&mut self, count: usize) -> Vec<u8> {
        let mut bytes = vec![0; count];
        let mut filled = 0;
        while filled < count {
            let read = self.0.read(&mut bytes[filled..]);
            match tokio::time::timeout(PATIENCE, read).await.expect("no hang") {
                Ok(0) | Err(_) => break,
                Ok(read) => filled += read,
            }
        }
        bytes.truncate(filled);
        bytes
    }

    /// The next head of an answer; empty if the server closes.
    pub async fn head(&mut self) -> String {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            match self.bytes(1).await.as_slice() {
                [] => break,
                more => head.extend_from_slice(more),
            }
        }
        String::from_utf8(head).unwrap()
    }

    /// The answer to the one request sent, which asked for the connection to be closed.
    pub async fn answer(&mut self) -> Answer {
        let head = self.head().await;
        let status = head.get(9..12).and_then(|status| status.parse().ok()).unwrap_or_default();
        let mut body = Vec::new();
        loop {
            match self.bytes(4096).await {
                more if more.is_empty() => break,
                more => body.extend_from_slice(&more),
            }
        }
        Answer { status, head: head.to_ascii_lowercase(), body }
    }

    /// Becomes a socket; gives the head if it does not.
    pub async fn upgrade(url: &str, query: &str) -> Result<Self, String> {
        let mut wire = Self::open(url).await;
        let request = format!(
            "GET /ws{query} HTTP/1.1\r\nhost: localhost\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
             sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        );
        wire.send(request.as_bytes()).await;
        let head = wire.head().await;
        if head.starts_with("HTTP/1.1 101") { Ok(wire) } else { Err(head) }
    }

    /// The next frame of a socket: its first byte and its payload; none if the server closes.
    pub async fn frame(&mut self) -> Option<(u8, Vec<u8>)> {
        let head = self.bytes(2).await;
        let [first, length] = head.as_slice() else { return None };
        let length = match length & 0x7f {
            126 => {
                let long = self.bytes(2).await;
                usize::from(u16::from_be_bytes([long[0], long[1]]))
            }
            short => usize::from(short),
        };
        Some((*first, self.bytes(length).await))
    }

    /// The next event by its name; panics if a closing comes instead.
    pub async fn event(&mut self) -> String {
        let (first, payload) = self.frame().await.expect("an open socket");
        assert_eq!(first, 0x81, "a text frame: {}", String::from_utf8_lossy(&payload));
        let frame: Value = serde_json::from_slice(&payload).unwrap();
        frame["event"].as_str().unwrap().to_owned()
    }

    /// The code the socket is closed with, whatever comes before; 0 if it is just cut.
    pub async fn closing(&mut self) -> u16 {
        while let Some((first, payload)) = self.frame().await {
            if first == 0x88 {
                return u16::from_be_bytes([payload[0], payload[1]]);
            }
        }
        0
    }
}

/// A frame as a client sends it, masked with zeros, which leave the payload as it is.
pub fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut bytes = vec![first];
    match payload.len() {
        short @ 0..=125 => bytes.push(0x80 | short as u8),
        long @ 126..=0xffff => {
            bytes.push(0x80 | 126);
            bytes.extend_from_slice(&(long as u16).to_be_bytes());
        }
        longer => {
            bytes.push(0x80 | 127);
            bytes.extend_from_slice(&(longer as u64).to_be_bytes());
        }
    }
    bytes.extend_from_slice(&[0; 4]);
    bytes.extend_from_slice(payload);
    bytes
}
