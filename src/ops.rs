//! What the operators' commands share: asking the server, and saying what it said.

use reqwest::header::CONTENT_DISPOSITION;
use reqwest::{Method, Response};
use serde_json::Value;
use shared::clock::Clock;

use crate::cli::OpsArgs;
use crate::client::{Client, Problem};
use crate::exit::Failure;

/// A server that is asked on an operator's behalf.
pub struct Console {
    client: Client,
    json: bool,
    clock: Clock,
}

impl Console {
    /// Talks to the server the arguments name.
    pub fn new(args: OpsArgs) -> Result<Self, Failure> {
        let client = Client::new(args.client.url, args.client.api_key).map_err(Failure::Config)?;
        Ok(Self { client, json: args.json, clock: Clock::system() })
    }

    /// Whether answers are printed as they are.
    pub fn is_json(&self) -> bool {
        self.json
    }

    /// The current instant, for ages.
    pub fn now(&self) -> chrono::DateTime<chrono::Utc> {
        self.clock.now()
    }

    /// Reads a document.
    pub async fn get(&self, path: &str, query: &[(&str, String)]) -> Result<Value, Failure> {
        self.ask(Method::GET, path, query, None).await
    }

    /// Asks for a change.
    pub async fn send(&self, method: Method, path: &str, body: Value) -> Result<Value, Failure> {
        self.ask(method, path, &[], Some(body)).await
    }

    /// Reads a file: what it is offered as, and its bytes.
    pub async fn file(&self, path: &str) -> Result<(String, Vec<u8>), Failure> {
        let answer = self.answer(Method::GET, path, &[], None).await?;
        let offered =
            answer.headers().get(CONTENT_DISPOSITION).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let name = offered.rsplit("filename=").next().unwrap_or_default().trim_matches('"').to_owned();
        let bytes = answer.bytes().await.map_err(|error| Failure::Failed(format!("{path}: {error}")))?;
        Ok((name, bytes.to_vec()))
    }

    async fn ask(
        &self,
        method: Method,
        path: &str,
        query: &[(&str, String)],
        body: Option<Value>,
    ) -> Result<Value, Failure> {
        let answer = self.answer(method, path, query, body).await?;
        answer.json().await.map_err(|error| Failure::Failed(format!("{path}: the answer is not JSON: {error}")))
    }

    async fn answer(
        &self,
        method: Method,
        path: &str,
        query: &[(&str, String)],
        body: Option<Value>,
    ) -> Result<Response, Failure> {
        let fill = |request: reqwest::RequestBuilder| {
            let request = if query.is_empty() { request } else { request.query(query) };
            Ok(match &body {
                Some(body) => request.json(body),
                None => request,
            })
        };
        self.client.send(method, path, fill).await.map_err(|problem| match problem {
            Problem::Unreachable(text) => Failure::Unavailable(format!(
                "{} does not answer: {text}; is it running, and is WORKFLOW_URL right?",
                self.client.url()
            )),
            Problem::Refused(text) => Failure::Failed(text),
        })
    }

    /// All pages of a list up to a number of entries, as one document of the same shape.
    pub async fn pages(&self, path: &str, list: &str, query: &[(&str, String)], most: usize) -> Result<Value, Failure> {
        let mut all: Vec<Value> = Vec::new();
        let mut cursor = None;
        loop {
            let mut query = query.to_vec();
            query.push(("limit", most.saturating_sub(all.len()).clamp(1, 200).to_string()));
            query.extend(cursor.take().map(|cursor| ("cursor", cursor)));
            let mut page = self.get(path, &query).await?;
            let next = page["next_cursor"].clone();
            if let Value::Array(entries) = page[list].take() {
                all.extend(entries);
            }
            cursor = next.as_str().map(str::to_owned);
            if cursor.is_none() || all.len() >= most {
                page[list] = Value::Array(all);
                page["next_cursor"] = next;
                return Ok(page);
            }
        }
    }

    /// Prints a document as it is, or as `show` tells it.
    pub fn print(&self, document: &Value, show: impl FnOnce(&Value) -> String) {
        if self.json {
            println!("{}", serde_json::to_string_pretty(document).expect("a document serialises"));
        } else {
            print!("{}", show(document));
        }
    }
}
