//! Who may open a socket, and how long it stays open.

use std::time::{Duration, Instant};

use futures_util::StreamExt as _;
use reqwest::Method;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::{Error as SocketError, Message};

use super::{ask, create_key, guarded_in_both_forms, key, keys, order};
use crate::support::System;

type Stream = tokio_tungstenite::WebSocketStream<tokio_tungstenite::MaybeTlsStream<tokio::net::TcpStream>>;

/// A socket, or the status it was refused with.
pub(super) async fn open(
    system: &System,
    api: usize,
    query: &str,
    headers: &[(&'static str, &str)],
) -> Result<Stream, u16> {
    let url = format!("{}/ws{query}", system.apis[api].url.replace("http://", "ws://"));
    let mut request = url.into_client_request().unwrap();
    for (name, value) in headers {
        request.headers_mut().insert(*name, value.parse().unwrap());
    }
    match tokio_tungstenite::connect_async(request).await {
        Ok((stream, _)) => Ok(stream),
        Err(SocketError::Http(answer)) => Err(answer.status().as_u16()),
        Err(other) => panic!("{other:?}"),
    }
}

async fn refused(system: &System, query: &str, headers: &[(&'static str, &str)]) -> u16 {
    open(system, 0, query, headers).await.err().unwrap_or(101)
}

/// The next event of this name.
pub(super) async fn event(stream: &mut Stream, name: &str) -> Value {
    loop {
        let frame = tokio::time::timeout(Duration::from_secs(20), stream.next()).await.expect("in time");
        if let Message::Text(text) = frame.expect("the socket is open").expect("a frame") {
            let frame: Value = serde_json::from_str(&text).unwrap();
            if frame["event"] == name {
                return frame;
            }
        }
    }
}

/// The code of the closing frame.
async fn closed(stream: &mut Stream) -> u16 {
    loop {
        match tokio::time::timeout(Duration::from_secs(10), stream.next()).await.expect("in time") {
            Some(Ok(Message::Close(Some(frame)))) => return frame.code.into(),
            Some(Ok(_)) => {}
            other => panic!("{other:?}"),
        }
    }
}

async fn ticket(system: &System, key: &str) -> String {
    let made = ask(system, Method::POST, "/api/ws-ticket", key, None).await;
    assert_eq!(made.status(), 201);
    format!("?ticket={}", made.json::<Value>().await.unwrap()["ticket"].as_str().unwrap())
}

guarded_in_both_forms! {
    async fn a_socket_takes_a_key_a_ticket_or_a_session(system: System) {
        let (ana, gateway) = (key(&system, "operator", "ana"), key(&system, "ingest", "gateway"));
        let bearer = |key: &str| format!("Bearer {key}");
        assert_eq!(refused(&system, "", &[]).await, 401);
        assert_eq!(refused(&system, "?ticket=nonsense", &[]).await, 401);
        assert_eq!(refused(&system, "", &[("authorization", "Bearer wfk_wrong")]).await, 401);
        assert_eq!(refused(&system, "", &[("authorization", &bearer(&gateway))]).await, 403, "it may not read");
        assert_eq!(ask(&system, Method::POST, "/api/ws-ticket", &gateway, None).await.status(), 403);

        let origin = system.apis[0].url.clone();
        let signed_in = system.send(Method::POST, "/api/session", Some(json!({"key": ana})), &[("origin", &origin)]).await;
        let cookie = signed_in.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
        assert_eq!(refused(&system, "", &[("cookie", &cookie)]).await, 403, "a cookie needs its page");
        assert_eq!(refused(&system, "", &[("cookie", &cookie), ("origin", "http://localhost:1")]).await, 403);

        let other = system.apis.len() - 1;
        let by_ticket = ticket(&system, &ana).await;
        let mut sockets = [
            open(&system, 0, "", &[("authorization", &bearer(&ana))]).await.unwrap(),
            open(&system, other, &by_ticket, &[]).await.unwrap(),
            open(&system, 0, "", &[("cookie", &cookie), ("origin", &origin)]).await.unwrap(),
        ];
        assert_eq!(refused(&system, &by_ticket, &[]).await, 401, "it opens one");
        assert_eq!(ask(&system, Method::POST, "/api/workflow/create", &ana, Some(order())).await.status(), 201);
        for socket in &mut sockets {
            event(socket, "workflow:task:created").await;
        }
    }

    async fn a_socket_ends_with_what_it_was_opened_with(system: System) {
        let (ana, ben) = (create_key(&system, "viewer", "ana", &[]), create_key(&system, "viewer", "ben", &[]));
        let text = |key: &Value, field: &str| key[field].as_str().unwrap().to_owned();
        let bearer = format!("Bearer {}", text(&ana, "key"));
        let other = system.apis.len() - 1;
        let query = ticket(&system, &text(&ana, "key")).await;
        let unused = ticket(&system, &text(&ana, "key")).await;
        let mut by_key = open(&system, 0, "", &[("authorization", &bearer)]).await.unwrap();
        let mut by_ticket = open(&system, other, &query, &[]).await.unwrap();
        let origin = system.apis[0].url.clone();
        let signed_in = system.send(Method::POST, "/api/session", Some(json!({"key": text(&ben, "key")})), &[("origin", &origin)]).await;
        let cookie = signed_in.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
        let page = [("cookie", cookie.as_str()), ("origin", origin.as_str())];
        let mut by_session = open(&system, 0, "", &page).await.unwrap();
        let mut bens = open(&system, 0, "", &[("authorization", &format!("Bearer {}", text(&ben, "key")))]).await.unwrap();

        keys(&system, &["keys", "revoke", &text(&ana, "id")]);
        assert_eq!(system.send(Method::DELETE, "/api/session", None, &page).await.status(), 204);
        let since = Instant::now();
        for socket in [&mut by_key, &mut by_ticket, &mut by_session] {
            assert_eq!(closed(socket).await, 1008);
        }
        assert!(since.elapsed() < Duration::from_secs(5), "{:?}", since.elapsed());
        eprintln!("sockets were closed {:?} later", since.elapsed());
        assert_eq!(refused(&system, &unused, &[]).await, 401, "a ticket ends with its key");

        // A session's end is not that of its key.
        let root = key(&system, "operator", "root");
        assert_eq!(ask(&system, Method::POST, "/api/workflow/create", &root, Some(order())).await.status(), 201);
        event(&mut bens, "workflow:task:created").await;
    }
}
