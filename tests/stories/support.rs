//! Starts the real binary, in one form or the other, and talks to it over HTTP and the socket.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::{SinkExt, StreamExt};
use reqwest::{Client, Method, Response};
use serde_json::{Value, json};
use shared::domain::change::{Actor, NewTask};
use shared::domain::sla::rules::Rules;
use shared::domain::{Category, Cents, Priority, Status, change};
use shared::store::testing::TestDatabase;
use shared::store::{Db, tasks};
use tokio_tungstenite::tungstenite::Message;

/// Declares a story for both forms.
macro_rules! in_both_forms {
    ($($(#[$meta:meta])* async fn $name:ident($system:ident: System) $body:block)+) => {
        mod embedded {
            use super::*;
            $($(#[$meta])* #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                let $system = crate::support::System::embedded();
                $body
            })+
        }
        mod production {
            use super::*;
            $($(#[$meta])* #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                let Some($system) = crate::support::System::production(1, 1).await else { return };
                $body
            })+
        }
    };
}
pub(crate) use in_both_forms;

/// A process of ours; killed when dropped.
pub struct Process {
    child: Child,
    /// Its base URL.
    pub url: String,
}

impl Process {
    fn start(args: &[&str], settings: &[(&str, &str)]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_workflow"));
        command.args(args).env_remove("REDIS_URL").env("WORKFLOW_LISTEN", "127.0.0.1:0").env("WORKFLOW_LOG", "warn");
        // Receivers of webhooks are on this machine.
        command.env("WORKFLOW_WEBHOOK_ALLOW_PRIVATE", "true");
        for (name, value) in settings {
            command.env(name, value);
        }
        let mut child = command.stdout(Stdio::piped()).spawn().expect("the binary starts");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("stdout is piped"))
            .read_line(&mut line)
            .expect("it says it is ready");
        let url = line.split_whitespace().find(|word| word.starts_with("http://")).unwrap_or_default().to_owned();
        assert!(!url.is_empty(), "{args:?} said: {line}");
        Self { child, url: url.trim_end_matches('/').split("/health").next().unwrap_or_default().to_owned() }
    }

    /// Ends it at once, as a crash would.
    pub fn kill(&mut self) {
        self.child.kill().expect("it runs");
        self.child.wait().expect("it ends");
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn production_settings(database: &str) -> [(&'static str, String); 3] {
    let redis = std::env::var("WORKFLOW_TEST_REDIS").expect("set together with the PostgreSQL server");
    [("DATABASE_URL", database.to_owned()), ("REDIS_URL", redis), ("WORKFLOW_LEASE", "4".to_owned())]
}

/// The product, running.
pub struct System {
    /// Processes with an API.
    pub apis: Vec<Process>,
    /// Worker processes; none in the embedded form.
    pub workers: Vec<Process>,
    /// The database, for looking past the API.
    pub database: TestDatabase,
    client: Client,
}

impl System {
    /// Everything in one process on SQLite.
    pub fn embedded() -> Self {
        Self::embedded_with(&[])
    }

    /// The same, with further settings.
    pub fn embedded_with(settings: &[(&str, &str)]) -> Self {
        let database = TestDatabase::sqlite();
        let settings = [&[("DATABASE_URL", database.url.as_str())], settings].concat();
        let apis = vec![Process::start(&["up"], &settings)];
        Self { apis, workers: Vec::new(), database, client: Client::new() }
    }

    /// Separate processes on PostgreSQL and Redis; `None`, with the reason printed, if there is no server.
    pub async fn production(apis: usize, workers: usize) -> Option<Self> {
        Self::production_with(apis, workers, &[]).await
    }

    /// The same, with further settings.
    pub async fn production_with(apis: usize, workers: usize, further: &[(&str, &str)]) -> Option<Self> {
        let database = TestDatabase::postgres().await?;
        drop(database.open().await);
        let settings = production_settings(&database.url);
        let settings = settings.iter().map(|(name, value)| (*name, value.as_str()));
        let settings: Vec<(&str, &str)> = settings.chain(further.iter().copied()).collect();
        Some(Self {
            apis: (0..apis).map(|_| Process::start(&["api"], &settings)).collect(),
            workers: (0..workers).map(|_| Process::start(&["worker"], &settings)).collect(),
            client: Client::new(),
            database,
        })
    }

    /// The same form on a database that is there already.
    pub fn beside(&self, url: &str) -> Self {
        let database = TestDatabase::at(url.to_owned());
        if self.workers.is_empty() {
            let apis = vec![Process::start(&["up"], &[("DATABASE_URL", url)])];
            return Self { apis, workers: Vec::new(), database, client: Client::new() };
        }
        let settings = production_settings(url);
        let settings: Vec<(&str, &str)> = settings.iter().map(|(name, value)| (*name, value.as_str())).collect();
        Self {
            apis: vec![Process::start(&["api"], &settings)],
            workers: vec![Process::start(&["worker"], &settings)],
            database,
            client: Client::new(),
        }
    }

    /// Starts a further worker of the production form.
    pub fn add_worker(&mut self) {
        let settings = production_settings(&self.database.url);
        let settings: Vec<(&str, &str)> = settings.iter().map(|(name, value)| (*name, value.as_str())).collect();
        self.workers.push(Process::start(&["worker"], &settings));
    }

    pub async fn send(&self, method: Method, path: &str, body: Option<Value>, headers: &[(&str, &str)]) -> Response {
        self.send_to(0, method, path, body, headers).await
    }

    pub async fn send_to(
        &self,
        api: usize,
        method: Method,
        path: &str,
        body: Option<Value>,
        headers: &[(&str, &str)],
    ) -> Response {
        let mut request = self.client.request(method, format!("{}{path}", self.apis[api].url));
        if let Some(body) = body {
            request = request.json(&body);
        }
        // A busy machine is no reason for another answer.
        if !headers.iter().any(|(name, _)| *name == "prefer") {
            request = request.header("prefer", "wait=20");
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.send().await.expect("the API answers")
    }

    /// Raw bytes of some type.
    pub async fn post_bytes(&self, path: &str, content_type: &str, bytes: Vec<u8>) -> Response {
        let url = format!("{}{path}", self.apis[0].url);
        self.client.post(url).header("content-type", content_type).body(bytes).send().await.expect("the API answers")
    }

    pub async fn get(&self, path: &str) -> Value {
        let response = self.send(Method::GET, path, None, &[]).await;
        assert_eq!(response.status(), 200, "GET {path}");
        response.json().await.expect("JSON")
    }

    /// A new task, as it was created.
    pub async fn create(&self, body: Value) -> Value {
        let response = self.send(Method::POST, "/api/workflow/create", Some(body), &[]).await;
        assert_eq!(response.status(), 201);
        response.json::<Value>().await.expect("JSON")["task"].clone()
    }

    /// A changed task.
    pub async fn update(&self, task_id: &str, body: Value) -> Value {
        let path = format!("/api/workflow/update/{task_id}");
        let response = self.send(Method::PUT, &path, Some(body), &[]).await;
        assert_eq!(response.status(), 200);
        response.json::<Value>().await.expect("JSON")["task"].clone()
    }

    /// Uploads mails as JSON and waits until they are accounted for.
    pub async fn upload(&self, mails: Vec<Value>) -> Value {
        let body = json!({"mailbox": "orders", "emails": mails});
        let response = self.send(Method::POST, "/api/workflow/batches", Some(body), &[]).await;
        assert_eq!(response.status(), 202);
        self.finished(response.json().await.expect("JSON")).await
    }

    /// The account of an accepted batch.
    pub async fn finished(&self, accepted: Value) -> Value {
        let path = format!("/api/workflow/batches/{}", accepted["batch_id"].as_str().expect("a batch id"));
        eventually(Duration::from_mins(1), async || {
            let batch = self.get(&path).await;
            (batch["state"] == "completed").then_some(batch)
        })
        .await
    }
}

/// What `look` finds, as soon as it does.
pub async fn eventually<T>(limit: Duration, look: impl AsyncFn() -> Option<T>) -> T {
    let started = Instant::now();
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(started.elapsed() < limit, "not within {limit:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// So many tasks past the API, which take their turns in status, priority, value and deadline; every fifth has none.
pub async fn insert_tasks(db: &Db, count: i64) {
    let start = "2026-03-02T12:00:00Z".parse::<DateTime<Utc>>().expect("an instant");
    let actor = Actor { principal: "local".to_owned(), reason: None };
    let changes: Vec<_> = (0..count)
        .map(|n| {
            let mut new = NewTask::new(format!("TASK-{n:06}-t"), format!("Task {n}"), Category::OrderManagement);
            new.priority = Priority::ALL[n as usize % 4];
            new.task_status = Some(Status::ALL[n as usize % 4]);
            new.dollar_value = Cents(n % 11 * 1_050);
            new.sla_deadline = Some(start + TimeDelta::days(4_000 + n % 7));
            let mut change = change::create(new, &Rules::builtin(), &actor, start + TimeDelta::seconds(n / 3));
            if n % 5 == 0 {
                change.task.sla_deadline = None;
            }
            change
        })
        .collect();
    for chunk in changes.chunks(1_000) {
        let mut tx = db.begin().await.expect("the database answers");
        tasks::save(&mut tx, chunk).await.expect("the tasks are new");
        tx.commit().await.expect("the transaction commits");
    }
}

/// A WebSocket client.
pub struct Socket(tokio_tungstenite::WebSocketStream<tokio_tungstenite::MaybeTlsStream<tokio::net::TcpStream>>);

impl Socket {
    /// Connects and takes the hello.
    pub async fn connect(url: &str, query: &str) -> (Self, Value) {
        let url = format!("{}/ws{query}", url.replace("http://", "ws://"));
        let (stream, _) = tokio_tungstenite::connect_async(url).await.expect("the socket opens");
        let mut socket = Self(stream);
        let hello = socket.next().await;
        assert_eq!(hello["event"], "workflow:hello");
        (socket, hello)
    }

    /// The next frame.
    pub async fn next(&mut self) -> Value {
        loop {
            let message = tokio::time::timeout(Duration::from_secs(30), self.0.next()).await.expect("a frame in time");
            if let Message::Text(text) = message.expect("the socket is open").expect("a frame") {
                return serde_json::from_str(&text).expect("JSON");
            }
        }
    }

    /// The next frames with a number, until `enough`.
    pub async fn numbered(&mut self, enough: impl Fn(&[Value]) -> bool) -> Vec<Value> {
        let mut frames = Vec::new();
        while !enough(&frames) {
            let frame = self.next().await;
            if frame.get("id").is_some() {
                frames.push(frame);
            }
        }
        frames
    }

    /// Waits until the socket has taken a subscription; what is no event that is kept may come before.
    pub async fn subscribed(&mut self) {
        while self.next().await["event"] != "workflow:subscribed" {}
    }

    pub async fn send(&mut self, body: Value) {
        self.0.send(Message::text(body.to_string())).await.expect("the socket is open");
    }
}
