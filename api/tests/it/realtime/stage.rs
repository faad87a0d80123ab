//! A server with nothing but the socket, and a client.

use std::time::Duration;

use api::realtime::{Hub, endpoint};
use futures_util::{SinkExt, StreamExt};
use poem::listener::{Acceptor, Listener, TcpListener};
use poem::{Route, Server};
use serde_json::{Value, json};
use shared::clock::Clock;
use shared::domain::change::{self, Actor, Change, NewTask, TaskPatch};
use shared::domain::sla::rules::Rules;
use shared::domain::{Category, Cents, Status, Task};
use shared::events::{Bus, Relay};
use shared::store::{Db, tasks};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::error::Error as SocketError;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// A server with nothing but the socket, and what is behind it.
pub(crate) struct Stage {
    _folder: tempfile::TempDir,
    pub(crate) db: Db,
    pub(crate) bus: Bus,
    relay: Relay,
    pub(crate) clock: Clock,
    pub(crate) hub: Hub,
    pub(crate) address: String,
}

impl Stage {
    pub(crate) async fn set() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let db = Db::open(&format!("sqlite://{}/test.db", folder.path().display()), 4).await.unwrap();
        let (bus, clock) = (Bus::in_process(), Clock::system());
        let relay = Relay::start(db.clone(), bus.clone());
        let hub = Hub::start(db.clone(), bus.clone(), clock.clone());
        let acceptor = TcpListener::bind("127.0.0.1:0").into_acceptor().await.unwrap();
        let address = acceptor.local_addr()[0].as_socket_addr().unwrap().to_string();
        let route = Route::new().at("/ws", endpoint(hub.clone(), &["flow.example".to_owned()]));
        tokio::spawn(Server::new_with_acceptor(acceptor).run(route));
        Self { _folder: folder, db, bus, relay, clock, hub, address }
    }

    pub(crate) async fn connect(&self, query: &str) -> Client {
        let (socket, _) = connect_async(format!("ws://{}/ws{query}", self.address)).await.unwrap();
        let mut client = Client { socket };
        let hello = client.frame().await;
        assert_eq!(hello["event"], "workflow:hello");
        client
    }

    /// The status of a refused upgrade.
    pub(crate) async fn refused(&self, query: &str, origin: Option<&str>) -> u16 {
        let mut request = format!("ws://{}/ws{query}", self.address).into_client_request().unwrap();
        if let Some(origin) = origin {
            request.headers_mut().insert("origin", origin.parse().unwrap());
        }
        match connect_async(request).await {
            Err(SocketError::Http(response)) => response.status().as_u16(),
            Ok(_) => 101,
            Err(other) => panic!("{other}"),
        }
    }

    pub(crate) async fn save(&self, change: &Change) {
        let mut tx = self.db.begin().await.unwrap();
        tasks::save(&mut tx, std::slice::from_ref(change)).await.unwrap();
        tx.commit().await.unwrap();
        self.relay.wake();
    }

    /// Saves `count` new tasks, one transaction each.
    pub(crate) async fn write(&self, prefix: &str, count: usize) {
        for number in 0..count {
            self.save(&self.task(&format!("{prefix}-{number}"), Status::Green, None)).await;
        }
    }

    pub(crate) fn task(&self, id: &str, status: Status, owner: Option<&str>) -> Change {
        let new = NewTask {
            task_status: Some(status),
            current_owner: owner.map(str::to_owned),
            dollar_value: Cents(100),
            ..NewTask::new(id, format!("Task {id}"), Category::OrderManagement)
        };
        change::create(new, &Rules::builtin(), &somebody(), self.clock.now())
    }

    pub(crate) fn recolour(&self, task: &Task, status: Status) -> Change {
        let patch = TaskPatch { task_status: Some(status), ..TaskPatch::default() };
        change::update(task, &patch, &Rules::builtin(), &somebody(), self.clock.now()).unwrap()
    }

    /// Waits until so many events are numbered.
    pub(crate) async fn numbered(&self, count: i64) {
        while shared::store::events::range(&mut self.db.read().await.unwrap()).await.unwrap().1 < count {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

fn somebody() -> Actor {
    Actor { principal: "local".to_owned(), reason: None }
}

pub(crate) struct Client {
    pub(crate) socket: Socket,
}

impl Client {
    pub(crate) async fn message(&mut self) -> Message {
        loop {
            let next =
                tokio::time::timeout(Duration::from_secs(10), self.socket.next()).await.expect("a message in time");
            match next.expect("an open socket").expect("a readable message") {
                Message::Ping(_) | Message::Pong(_) => {}
                message => return message,
            }
        }
    }

    pub(crate) async fn frame(&mut self) -> Value {
        serde_json::from_str(self.message().await.to_text().unwrap()).unwrap()
    }

    pub(crate) async fn say(&mut self, message: impl Into<Message>) {
        self.socket.send(message.into()).await.unwrap();
    }

    pub(crate) async fn ask(&mut self, request: Value) -> Value {
        self.say(request.to_string()).await;
        self.frame().await
    }

    /// The ids of the next numbered events.
    pub(crate) async fn ids(&mut self, count: usize) -> Vec<i64> {
        let mut ids = Vec::with_capacity(count);
        while ids.len() < count {
            ids.push(id(&self.frame().await));
        }
        ids
    }

    /// Everything that has been sent, up to the answer to a ping.
    pub(crate) async fn drain(&mut self) -> Vec<Value> {
        self.say(json!({"action": "ping"}).to_string()).await;
        let mut frames = Vec::new();
        loop {
            let frame = self.frame().await;
            if frame["event"] == "workflow:pong" {
                return frames;
            }
            frames.push(frame);
        }
    }

    pub(crate) async fn close_code(&mut self) -> u16 {
        loop {
            if let Message::Close(frame) = self.message().await {
                return frame.expect("a code").code.into();
            }
        }
    }
}

/// The number of an event.
pub(crate) fn id(frame: &Value) -> i64 {
    frame["id"].as_str().expect("an id").parse().unwrap()
}
