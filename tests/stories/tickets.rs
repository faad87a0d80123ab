//! Tickets of the socket.

use reqwest::{Method, Response, StatusCode};
use serde_json::Value;
use tokio_tungstenite::tungstenite::Error as SocketError;

use crate::support::{Socket, System, in_both_forms};

async fn ticket(system: &System) -> String {
    let sent = system.send(Method::POST, "/api/ws-ticket", None, &[]).await;
    assert_eq!((sent.status(), &sent.headers()["cache-control"]), (StatusCode::CREATED, &"no-store".parse().unwrap()));
    let body: Value = sent.json().await.unwrap();
    let ticket = body["ticket"].as_str().unwrap().to_owned();
    assert_eq!(ticket.len(), 43, "256 bits");
    ticket
}

/// The status of a refused upgrade, and whether it is a problem document.
async fn refused(system: &System, api: usize, query: &str) -> (u16, bool) {
    let url = format!("{}/ws{query}", system.apis[api].url.replace("http://", "ws://"));
    match tokio_tungstenite::connect_async(url).await {
        Err(SocketError::Http(answer)) => {
            let body = String::from_utf8_lossy(answer.body().as_deref().unwrap_or_default()).into_owned();
            let is_problem = answer.headers()["content-type"] == "application/problem+json";
            (answer.status().as_u16(), is_problem && !body.contains(query.trim_start_matches("?ticket=")))
        }
        other => panic!("{other:?}"),
    }
}

async fn plain_get(system: &System, query: &str) -> Response {
    system.send(Method::GET, &format!("/ws{query}"), None, &[]).await
}

in_both_forms! {
    async fn a_ticket_opens_one_socket(system: System) {
        let query = format!("?ticket={}", ticket(&system).await);
        assert!(plain_get(&system, &query).await.status().is_client_error(), "what is no upgrade uses nothing up");
        let (socket, _) = Socket::connect(&system.apis[0].url, &query).await;
        assert_eq!(refused(&system, 0, &query).await, (401, true));
        drop(socket);
        assert_eq!(refused(&system, 0, &query).await, (401, true));
        assert_eq!(system.database.open().await.query_i64("SELECT count(*) FROM ws_tickets").await, 0);
    }

    async fn only_one_of_many_who_show_a_ticket_at_once_is_let_in(system: System) {
        let url = format!("{}/ws?ticket={}", system.apis[0].url.replace("http://", "ws://"), ticket(&system).await);
        let all = futures_util::future::join_all((0..8).map(|_| tokio_tungstenite::connect_async(&url))).await;
        assert_eq!(all.iter().filter(|connected| connected.is_ok()).count(), 1);
    }

    async fn a_ticket_that_is_unknown_or_expired_opens_none(system: System) {
        let db = system.database.open().await;
        let query = format!("?ticket={}", ticket(&system).await);
        db.execute_raw("UPDATE ws_tickets SET expires_at = '2026-01-01T00:00:00+00:00'").await;
        assert_eq!(refused(&system, 0, &query).await, (401, true));
        for wrong in ["nonsense", "%F0%9F%9A%80", &"x".repeat(2_000)] {
            assert_eq!(refused(&system, 0, &format!("?ticket={wrong}")).await.0, 401, "{wrong}");
        }
        let stored = db.query_i64("SELECT count(*) FROM ws_tickets").await;
        assert_eq!(stored, 0, "an expired ticket that was shown is used up");
        let secret = ticket(&system).await;
        let by_secret = format!("SELECT count(*) FROM ws_tickets WHERE hash = '{secret}'");
        assert_eq!(db.query_i64(&by_secret).await, 0, "the table does not hold what opens a socket");
        Socket::connect(&system.apis[0].url, "").await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_ticket_is_good_at_another_api_process() {
    let Some(system) = System::production(2, 0).await else { return };
    let query = format!("?ticket={}", ticket(&system).await);
    Socket::connect(&system.apis[1].url, &query).await;
    assert_eq!(refused(&system, 0, &query).await, (401, true));
}
