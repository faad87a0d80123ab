//! A receiver of webhooks on a port of this machine.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex};

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// A request as it came.
#[derive(Clone, Debug)]
pub struct Received {
    /// Its headers, names in lower case.
    pub headers: HashMap<String, String>,
    /// Its body.
    pub body: String,
}

impl Received {
    /// Checks the signature as `docs/notifications.md` tells receivers to, with one of the signatures sent.
    pub fn is_signed_with(&self, secret: &str) -> bool {
        let key = STANDARD.decode(secret.strip_prefix("whsec_").unwrap()).unwrap();
        let key = hmac::Key::new(hmac::HMAC_SHA256, &key);
        let header = |name: &str| self.headers[name].as_str();
        let content = format!("{}.{}.{}", header("webhook-id"), header("webhook-timestamp"), self.body);
        let mut signatures = header("webhook-signature").split(' ').filter_map(|one| one.strip_prefix("v1,"));
        signatures.any(|one| {
            let tag = STANDARD.decode(one).unwrap();
            hmac::verify(&key, content.as_bytes(), &tag).is_ok()
        })
    }

    /// The message's id.
    pub fn id(&self) -> &str {
        &self.headers["webhook-id"]
    }
}

/// A receiver that notes what comes and answers what it was told to, and 200 after that.
pub struct Receiver {
    /// Where it is reached.
    pub url: String,
    received: Arc<Mutex<Vec<Received>>>,
}

/// An answer that never comes: the connection stays open.
pub const SILENCE: &str = "";

impl Receiver {
    /// Answers with these statuses, each with headers after it if it has line ends.
    pub async fn answering(answers: &[&str]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let requests = Arc::new(Mutex::new(Vec::new()));
        let answers = Arc::new(Mutex::new(answers.iter().map(|&answer| answer.to_owned()).collect()));
        let receiver = Self { url, received: requests.clone() };
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, requests.clone(), answers.clone()));
            }
        });
        receiver
    }

    /// What came so far.
    pub fn received(&self) -> Vec<Received> {
        self.received.lock().unwrap().clone()
    }
}

async fn serve(mut stream: TcpStream, received: Arc<Mutex<Vec<Received>>>, answers: Arc<Mutex<VecDeque<String>>>) {
    let mut bytes = Vec::new();
    let request = loop {
        if let Some(request) = whole(&bytes) {
            break request;
        }
        if stream.read_buf(&mut bytes).await.unwrap_or(0) == 0 {
            return;
        }
    };
    received.lock().unwrap().push(request);
    let answer = answers.lock().unwrap().pop_front().unwrap_or_else(|| "200 OK".to_owned());
    if answer == SILENCE {
        std::future::pending::<()>().await;
    }
    let text = format!("HTTP/1.1 {answer}\r\ncontent-length: 5\r\nconnection: close\r\n\r\nnoted");
    let _ = stream.write_all(text.as_bytes()).await;
}

/// The request, once all of it has come.
fn whole(bytes: &[u8]) -> Option<Received> {
    let text = String::from_utf8_lossy(bytes);
    let (head, body) = text.split_once("\r\n\r\n")?;
    let headers: HashMap<String, String> = head
        .lines()
        .skip(1)
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let length: usize = headers.get("content-length")?.parse().ok()?;
    (body.len() >= length).then(|| Received { headers, body: body.to_owned() })
}
