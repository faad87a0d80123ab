//! Clients that change tasks over HTTP and do not give up: each request carries an Idempotency-Key and is repeated until
//! it is accepted, as a careful client does.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use anyhow::{Context as _, Result};
use reqwest::{Client, Method};
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::task::JoinSet;

/// A task and how often it was changed: its values are 1, 2, 3 and so on, in the order the changes were accepted.
#[derive(Clone, Debug)]
pub struct Expected {
    /// The task.
    pub task_id: String,
    /// Changes accepted.
    pub updates: u64,
}

/// Clients at work.
pub struct Load {
    clients: JoinSet<Vec<Expected>>,
    stop: Arc<AtomicBool>,
    accepted: Arc<AtomicU64>,
    wanted: u64,
}

impl Load {
    /// Starts so many clients, each with so many tasks that it creates and changes so often. The APIs may be replaced
    /// while they run.
    pub fn start(apis: &watch::Sender<Vec<String>>, clients: u64, tasks: u64, updates: u64) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let accepted = Arc::new(AtomicU64::new(0));
        let mut set = JoinSet::new();
        for number in 0..clients {
            let client = Careful {
                http: Client::builder().timeout(Duration::from_secs(5)).build().expect("a client can be made"),
                apis: apis.subscribe(),
                number,
                stop: stop.clone(),
                accepted: accepted.clone(),
            };
            set.spawn(client.work(tasks, updates));
        }
        Self { clients: set, stop, accepted, wanted: clients * tasks * (updates + 1) }
    }

    /// Requests accepted so far.
    pub fn accepted(&self) -> u64 {
        self.accepted.load(Ordering::Relaxed)
    }

    /// How many requests it takes until all clients are done.
    pub fn wanted(&self) -> u64 {
        self.wanted
    }

    /// What was accepted, once the clients are done.
    pub async fn finish(self) -> Vec<Expected> {
        self.clients.join_all().await.into_iter().flatten().collect()
    }

    /// Lets the clients end after their present request.
    pub fn stop(&self) {
        self.stop.store(true, Ordering::Relaxed);
    }
}

struct Careful {
    http: Client,
    apis: watch::Receiver<Vec<String>>,
    number: u64,
    stop: Arc<AtomicBool>,
    accepted: Arc<AtomicU64>,
}

impl Careful {
    async fn work(self, tasks: u64, updates: u64) -> Vec<Expected> {
        let mut done = Vec::new();
        for task in 0..tasks {
            if self.stop.load(Ordering::Relaxed) {
                break;
            }
            let body = json!({"title": format!("Task {task} of client {}", self.number),
                              "workflow_category": "Order Management"});
            let answer = self.insist(Method::POST, "/api/workflow/create", &body).await;
            let task_id = answer["task_id"].as_str().unwrap_or_default().to_owned();
            let mut expected = Expected { task_id, updates: 0 };
            for value in 1..=updates {
                if self.stop.load(Ordering::Relaxed) {
                    break;
                }
                let path = format!("/api/workflow/update/{}", expected.task_id);
                self.insist(Method::PUT, &path, &json!({"dollar_value": value})).await;
                expected.updates = value;
            }
            done.push(expected);
        }
        done
    }

    /// Repeats a request until it is accepted.
    async fn insist(&self, method: Method, path: &str, body: &Value) -> Value {
        let key = uuid::Uuid::now_v7().to_string();
        let mut turn = self.number as usize;
        loop {
            let api = {
                let apis = self.apis.borrow();
                apis.get(turn % apis.len().max(1)).cloned().unwrap_or_default()
            };
            turn += 1;
            let request = self
                .http
                .request(method.clone(), format!("{api}{path}"))
                .header("idempotency-key", &key)
                .header("prefer", "respond-async")
                .json(body);
            if let Ok(answer) = request.send().await
                && answer.status().is_success()
                && let Ok(answer) = answer.json().await
            {
                self.accepted.fetch_add(1, Ordering::Relaxed);
                return answer;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

/// Changes one task over and over until told to stop, with this much text each time: events that go on.
pub async fn trickle(api: String, every: Duration, characters: usize, stop: Arc<AtomicBool>) -> Result<()> {
    let http = Client::new();
    let new = json!({"title": "Noisy", "workflow_category": "Order Management"});
    let created: Value = http.post(format!("{api}/api/workflow/create")).json(&new).send().await?.json().await?;
    let task_id = created["task_id"].as_str().context("the task is created")?;
    let mut turn = 0_u64;
    while !stop.load(Ordering::Relaxed) {
        turn += 1;
        let body = json!({"description": format!("{turn:>characters$}")});
        let sent = http.put(format!("{api}/api/workflow/update/{task_id}")).json(&body).send().await?;
        anyhow::ensure!(sent.status().is_success(), "an update was answered {}", sent.status());
        tokio::time::sleep(every).await;
    }
    Ok(())
}
