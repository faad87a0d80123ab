//! The HTTP client of the client commands: it knows where the server is, who asks, and when to try again.

use std::time::Duration;

use reqwest::header::{ACCEPT, RETRY_AFTER};
use reqwest::{Method, RequestBuilder, Response, StatusCode, Url};
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// Tries of one request at most.
const TRIES: u32 = 5;

/// A server, and as whom to talk to it. Cheap to clone.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    base: Url,
    key: Option<String>,
}

/// Why there is no answer to use.
#[derive(Debug)]
pub enum Problem {
    /// Nobody answers.
    Unreachable(String),
    /// The server refuses, or still fails after all tries.
    Refused(String),
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Unreachable(text) | Self::Refused(text) => f.write_str(text),
        }
    }
}

/// What is read of an error document.
#[derive(Default, Deserialize)]
#[serde(default)]
struct ErrorDocument {
    title: String,
    detail: String,
    errors: Vec<Issue>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Issue {
    pointer: String,
    detail: String,
}

impl Client {
    /// A client of this server.
    pub fn new(base: Url, key: Option<String>) -> Result<Self, String> {
        let mut http = reqwest::Client::builder()
            .user_agent(concat!("workflow/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(Duration::from_secs(5))
            // Between two reads, not in all: a large upload may take long.
            .read_timeout(Duration::from_secs(90));
        if base.scheme() == "http" {
            // No certificates are needed, so a machine without any will do; and what is next door needs no proxy.
            http = http.tls_certs_only([]);
        }
        if base.host_str().is_some_and(|host| host == "localhost" || host.starts_with("127.") || host == "[::1]") {
            http = http.no_proxy();
        }
        let http = http.build().map_err(|error| causes(&error))?;
        Ok(Self { http, base, key: key.filter(|key| !key.is_empty()) })
    }

    /// The server's URL.
    pub fn url(&self) -> &Url {
        &self.base
    }

    /// Reads a JSON document.
    pub async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, Problem> {
        let answer = self.send(Method::GET, path, Ok).await?;
        answer.json().await.map_err(|error| Problem::Refused(format!("{path}: {}", causes(&error))))
    }

    /// Whether anybody answers, whatever is said.
    pub async fn reach(&self) -> Result<(), Problem> {
        match self.send(Method::GET, "/health/live", Ok).await {
            Err(Problem::Unreachable(text)) => Err(Problem::Unreachable(text)),
            Ok(_) | Err(Problem::Refused(_)) => Ok(()),
        }
    }

    /// Sends a request and tries again, with back-off, while nobody answers or the server fails. `fill` gives the
    /// request its body, anew for each try; its error ends the tries.
    pub async fn send(
        &self,
        method: Method,
        path: &str,
        fill: impl Fn(RequestBuilder) -> Result<RequestBuilder, String>,
    ) -> Result<Response, Problem> {
        let url = format!("{}{path}", self.base.as_str().trim_end_matches('/'));
        let mut wait = Duration::from_millis(250);
        for attempt in 1.. {
            let mut request = self.http.request(method.clone(), &url).header(ACCEPT, "application/json");
            if let Some(key) = &self.key {
                request = request.bearer_auth(key);
            }
            let (problem, retry_after) = match fill(request).map_err(Problem::Refused)?.send().await {
                Ok(answer) if answer.status().is_success() => return Ok(answer),
                Ok(answer) => {
                    let status = answer.status();
                    let retry_after = seconds(&answer);
                    let problem = Problem::Refused(explain(answer).await);
                    if !(status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS) {
                        return Err(problem);
                    }
                    (problem, retry_after)
                }
                Err(error) => (Problem::Unreachable(causes(&error)), None),
            };
            if attempt == TRIES {
                return Err(problem);
            }
            tokio::time::sleep(retry_after.unwrap_or(wait)).await;
            wait *= 2;
        }
        unreachable!("the last try returns")
    }
}

/// The wait a server asks for, up to half a minute.
fn seconds(answer: &Response) -> Option<Duration> {
    let text = answer.headers().get(RETRY_AFTER)?.to_str().ok()?;
    text.parse().ok().map(|seconds: u64| Duration::from_secs(seconds.min(30)))
}

async fn explain(answer: Response) -> String {
    let status = answer.status();
    let document: ErrorDocument = answer.json().await.unwrap_or_default();
    let mut text = status.to_string();
    for part in [document.title, document.detail] {
        if !text.contains(&part) {
            text = format!("{text}: {part}");
        }
    }
    for issue in document.errors {
        text = format!("{text}; {} {}", issue.pointer, issue.detail);
    }
    text
}

/// An error with what caused it: reqwest's own message names neither.
fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let more = error.to_string();
        if !text.contains(&more) {
            text = format!("{text}: {more}");
        }
        cause = error.source();
    }
    text
}
