//! One call of a receiver.

use std::collections::HashMap;
use std::error::Error;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::{DateTime, Utc};
use reqwest::header::CONTENT_TYPE;
use reqwest::redirect::Policy;
use reqwest::{Client, Response};
use shared::reach::{Allowed, Reach};
use shared::store::webhooks::Attempt;
use tokio::time::Instant;

use super::resolver::Guarded;
use super::sign::signatures;

/// How long a receiver may take to answer in full.
const PATIENCE: Duration = Duration::from_secs(10);
/// Bytes of an answer that are read and kept.
const KEPT: usize = 1 << 10;

/// A message to be sent.
pub(crate) struct Message<'a> {
    /// Where to.
    pub(crate) url: &'a str,
    /// Its id, the same at every attempt.
    pub(crate) id: &'a str,
    /// What it says.
    pub(crate) body: &'a str,
    /// What it is signed with.
    pub(crate) secrets: &'a [String],
    /// When this attempt is made.
    pub(crate) at: DateTime<Utc>,
}

/// Calls receivers.
pub(crate) struct Caller {
    reach: Reach,
    /// Made at first use: whether TLS works is no matter of those who have no webhooks.
    clients: Mutex<HashMap<&'static str, Client>>,
}

impl Caller {
    pub(crate) fn new(reach: Reach) -> Self {
        Self { reach, clients: Mutex::default() }
    }

    /// Sends a message; a failure is an outcome like another.
    pub(crate) async fn send(&self, message: &Message<'_>) -> Attempt {
        let began = Instant::now();
        let mut attempt = match self.post(message).await {
            Ok(response) => answered(response).await,
            Err(error) => Attempt { error: Some(error), ..Attempt::default() },
        };
        attempt.took = began.elapsed().as_millis() as i64;
        attempt
    }

    async fn post(&self, message: &Message<'_>) -> Result<Response, String> {
        // Judged anew: an address in the URL itself is resolved by nobody, and the operator may allow less by now.
        let (url, allowed) = self.reach.check(message.url).map_err(|wrong| format!("the URL {wrong}"))?;
        let seconds = message.at.timestamp();
        let request = self
            .client(allowed)?
            .post(url)
            .header(CONTENT_TYPE, "application/json")
            .header("webhook-id", message.id)
            .header("webhook-timestamp", seconds.to_string())
            .header("webhook-signature", signatures(message.secrets, message.id, seconds, message.body))
            .body(message.body.to_owned());
        request.send().await.map_err(|error| explain(&error))
    }

    fn client(&self, allowed: Allowed) -> Result<Client, String> {
        let name = match allowed {
            Allowed::Public => "public",
            Allowed::Any => "any",
            Allowed::PrivateOnly => "private",
        };
        let mut clients = self.clients.lock().expect("no panic while held");
        if let Some(client) = clients.get(name) {
            return Ok(client.clone());
        }
        let client = Client::builder()
            .dns_resolver(Arc::new(Guarded(allowed)))
            // A proxy would resolve names by itself, and a redirect leads where nobody has looked.
            .no_proxy()
            .redirect(Policy::none())
            .timeout(PATIENCE)
            .user_agent(concat!("workflow-webhooks/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| explain(&error))?;
        clients.insert(name, client.clone());
        Ok(client)
    }
}

/// The outcome of an answer: 2xx is success, and what follows its headers is no matter.
async fn answered(mut response: Response) -> Attempt {
    let status = response.status();
    let mut kept = Vec::new();
    while kept.len() < KEPT {
        let Ok(Some(chunk)) = response.chunk().await else { break };
        let room = KEPT - kept.len();
        kept.extend_from_slice(&chunk[..chunk.len().min(room)]);
    }
    let text = String::from_utf8_lossy(&kept).replace('\0', "");
    let error = match status.as_u16() {
        200..=299 => None,
        300..=399 => Some(format!("the receiver answered {status}: redirects are not followed")),
        _ => Some(format!("the receiver answered {status}")),
    };
    Attempt {
        status: Some(status.as_u16()),
        error,
        response: Some(text).filter(|text| !text.is_empty()),
        ..Attempt::default()
    }
}

/// What went wrong, without the URL: it may hold what nobody but the receiver should know.
fn explain(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return format!("no answer within {} s", PATIENCE.as_secs());
    }
    let mut root: &dyn Error = error;
    while let Some(source) = root.source() {
        root = source;
    }
    if error.is_connect() { format!("cannot connect: {root}") } else { format!("the call failed: {root}") }
}
