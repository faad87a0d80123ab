//! What clients send over the socket.

use serde_json::json;

use super::lives;
use super::wire::{Wire, frame};
use crate::support::in_both_forms;

const TEXT: u8 = 0x81;
const BINARY: u8 = 0x82;
const PING: u8 = 0x89;

/// What the socket is closed with after these bytes.
const FATAL: &[(&str, &[u8], u16)] = &[
    ("a frame without mask", &[TEXT, 0x02, b'{', b'}'], 1002),
    ("a reserved bit", &[0xc1, 0x80, 0, 0, 0, 0], 1002),
    ("a reserved opcode", &[0x83, 0x80, 0, 0, 0, 0], 1002),
    ("a continuation of nothing", &[0x80, 0x80, 0, 0, 0, 0], 1002),
    ("a ping in parts", &[0x09, 0x80, 0, 0, 0, 0], 1002),
    ("a ping of 126 bytes", &[PING, 0xfe, 0, 126, 0, 0, 0, 0], 1002),
    ("a new message within another", &[0x01, 0x81, 0, 0, 0, 0, b'{', TEXT, 0x80, 0, 0, 0, 0], 1002),
    ("text that is not UTF-8", &[TEXT, 0x82, 0, 0, 0, 0, 0xc3, 0x28], 1007),
    ("a frame announced with 2^63 bytes", &[TEXT, 0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], 1009),
    ("bytes of another protocol", b"GET / HTTP/1.1\r\n\r\n", 1002),
];

/// Messages that are answered with `workflow:error`, after which the socket goes on.
const NOT_UNDERSTOOD: [&str; 18] = [
    "",
    "hello",
    "null",
    "[]",
    "{}",
    "\u{0}",
    r#"{"action":"shout"}"#,
    r#"{"action":1}"#,
    r#"{"action":"ping","action":"ping"}"#,
    r#"{"action":"ping","x":1}"#,
    r#"{"action":"subscribe","events":[]}"#,
    r#"{"action":"subscribe","events":"*"}"#,
    r#"{"action":"subscribe","events":["workflow:nothing"]}"#,
    r#"{"action":"subscribe","events":["workflow:job:*"]}"#,
    r#"{"action":"subscribe","filter":{"priority":["HIGH"]}}"#,
    r#"{"action":"subscribe","filter":{"status":["PINK"]}}"#,
    r#"{"action":"subscribe","filter":{"owner":["\ud800"]}}"#,
    r#"{"action":"subscribe","filter":{"owner":"Ana"}}"#,
];

in_both_forms! {
    async fn a_frame_that_breaks_the_protocol_ends_its_socket_with_the_reason(system: System) {
        let url = &system.apis[0].url;
        for (name, bytes, code) in FATAL {
            let mut socket = Wire::upgrade(url, "").await.unwrap();
            assert_eq!(socket.event().await, "workflow:hello");
            socket.send(bytes).await;
            assert_eq!(socket.closing().await, *code, "{name}");
        }
        for (size, code) in [(1 << 20, 1009), (64 * 1024 + 1, 1009)] {
            let mut socket = Wire::upgrade(url, "").await.unwrap();
            socket.send(&frame(TEXT, &vec![b' '; size])).await;
            assert_eq!(socket.closing().await, code, "{size} bytes");
        }
        lives(&system).await;
    }

    async fn a_message_that_is_not_understood_is_answered_and_the_socket_goes_on(system: System) {
        let url = &system.apis[0].url;
        // A socket takes 20 messages a second.
        for half in NOT_UNDERSTOOD.chunks(9) {
            let mut socket = Wire::upgrade(url, "").await.unwrap();
            assert_eq!(socket.event().await, "workflow:hello");
            for text in half {
                socket.send(&frame(TEXT, text.as_bytes())).await;
                assert_eq!(socket.event().await, "workflow:error", "{text}");
            }
            for bytes in [frame(BINARY, b"\x00\xff"), frame(TEXT, "[".repeat(60_000).as_bytes())] {
                socket.send(&bytes).await;
                assert_eq!(socket.event().await, "workflow:error");
            }
            socket.send(&frame(TEXT, br#"{"action":"ping"}"#)).await;
            assert_eq!(socket.event().await, "workflow:pong");
        }
    }

    async fn a_flood_ends_its_own_socket_only(system: System) {
        let url = &system.apis[0].url;
        let mut quiet = Wire::upgrade(url, "?events=workflow:task:created").await.unwrap();
        assert_eq!(quiet.event().await, "workflow:hello");
        let subscribe = frame(TEXT, br#"{"action":"subscribe","events":["workflow:sla:*"]}"#);
        let mut flood = Wire::upgrade(url, "").await.unwrap();
        flood.send(&subscribe.repeat(2_000)).await;
        assert_eq!(flood.closing().await, 1008);
        system.create(json!({"title": "calm", "workflow_category": "General Support"})).await;
        assert_eq!(quiet.event().await, "workflow:task:created");
    }

    async fn an_upgrade_that_cannot_be_is_refused_with_its_reason(system: System) {
        let url = &system.apis[0].url;
        for (query, status) in [("?since=abc", 422), ("?since=-1", 422), ("?since=1&since=2", 422), ("?events=", 422),
                                ("?events=workflow:nothing", 422), ("?x=1", 422), ("?since=%FF", 400), ("?events=%zz", 400)] {
            let head = Wire::upgrade(url, query).await.err().unwrap_or_default();
            assert!(head.starts_with(&format!("HTTP/1.1 {status}")), "{query}: {head}");
        }
        let plain = "connection: upgrade\r\nupgrade: websocket\r\n";
        for (name, fields) in [
            ("no key", "sec-websocket-version: 13\r\n".to_owned() + plain),
            ("version 12", "sec-websocket-version: 12\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n".to_owned() + plain),
            ("no upgrade", "sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n".to_owned()),
        ] {
            let mut wire = Wire::open(url).await;
            wire.send(format!("GET /ws HTTP/1.1\r\nhost: localhost\r\n{fields}\r\n").as_bytes()).await;
            let head = wire.head().await;
            assert!(head.starts_with("HTTP/1.1 400") && head.contains("application/problem+json"), "{name}: {head}");
        }
        // A socket whose client is gone before it has said anything.
        drop(Wire::upgrade(url, "").await.unwrap());
        lives(&system).await;
    }
}
