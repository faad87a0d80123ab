//! Requests that no honest client sends, each with its documented answer (`docs/errors.md`): never a 5xx, never a hang, and
//! the server goes on.

mod sockets;
mod wire;

use reqwest::Method;
use serde_json::{Value, json};

use self::wire::{Answer, Wire};
use crate::support::{System, in_both_forms};

/// The server still answers.
async fn lives(system: &System) {
    assert_eq!(system.get("/health/live").await["status"], "ok");
}

/// Sends bytes as they are, and compares the answer.
async fn try_all(system: &System, rows: Vec<(&str, Vec<u8>, u16)>) {
    for (name, bytes, status) in rows {
        let mut wire = Wire::open(&system.apis[0].url).await;
        wire.send(&bytes).await;
        let answer = wire.answer().await;
        assert_eq!(answer.status, status, "{name}: {answer:?} {}", String::from_utf8_lossy(&answer.body));
        if status >= 400 && !answer.body.is_empty() {
            assert_eq!(problem(&answer)["status"], status, "{name}");
        }
        lives(system).await;
    }
}

fn problem(answer: &Answer) -> Value {
    for field in ["content-type: application/problem+json", "x-request-id: ", "x-content-type-options: nosniff"] {
        assert!(answer.head.contains(field), "{answer:?}");
    }
    let start = answer.body.iter().position(|byte| *byte == b'{').unwrap();
    let problem: Value =
        serde_json::Deserializer::from_slice(&answer.body[start..]).into_iter().next().unwrap().unwrap();
    for field in ["type", "title", "detail", "instance"] {
        assert!(problem[field].as_str().is_some_and(|text| !text.is_empty()), "{field} of {problem}");
    }
    problem
}

fn request(line: &str, fields: &str, body: &[u8]) -> Vec<u8> {
    let mut bytes = format!("{line} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n{fields}\r\n").into_bytes();
    bytes.extend_from_slice(body);
    bytes
}

fn get(target: &str) -> Vec<u8> {
    request(&format!("GET {target}"), "", b"")
}

fn create(body: &[u8]) -> Vec<u8> {
    post("content-type: application/json\r\nprefer: wait=20\r\n", body)
}

fn post(fields: &str, body: &[u8]) -> Vec<u8> {
    request("POST /api/workflow/create", &format!("{fields}content-length: {}\r\n", body.len()), body)
}

fn chunked(body: &[u8]) -> Vec<u8> {
    let fields = "content-type: application/json\r\ntransfer-encoding: chunked\r\n";
    request("POST /api/workflow/create", fields, body)
}

/// A task with one more field, as JSON text.
fn task(more: &str) -> Vec<u8> {
    format!(r#"{{"title":"t","workflow_category":"General Support"{more}}}"#).into_bytes()
}

in_both_forms! {
    async fn a_body_is_read_strictly(system: System) {
        let deep = [b"[".repeat(100_000), b"]".repeat(100_000)].concat();
        try_all(&system, vec![
            ("nothing", create(b""), 400),
            ("null", create(b"null"), 422),
            ("a string", create(b"\"x\""), 422),
            ("a list", create(b"[]"), 422),
            ("two documents", create(b"{} {}"), 400),
            ("a byte order mark", create(b"\xef\xbb\xbf{}"), 400),
            ("not UTF-8", create(b"{\"title\":\"\xff\"}"), 400),
            ("a lone surrogate", create(br#"{"title":"\ud83d"}"#), 400),
            ("a key given twice", create(&task(r#","title":"other""#)), 400),
            ("a key given twice below", create(&task(r#","entities":{"customers":[],"customers":[]}"#)), 400),
            ("100,000 levels", create(&deep), 400),
            ("NaN", create(&task(r#","dollar_value":NaN"#)), 400),
            ("Infinity", create(&task(r#","dollar_value":Infinity"#)), 400),
            ("1e400", create(&task(r#","dollar_value":1e400"#)), 400),
            ("1e300", create(&task(r#","dollar_value":1e300"#)), 422),
            ("twenty digits", create(&task(r#","dollar_value":99999999999999999999"#)), 422),
            ("a third decimal", create(&task(r#","dollar_value":0.001"#)), 422),
            ("a negative amount", create(&task(r#","dollar_value":-0.01"#)), 422),
            ("an amount as text", create(&task(r#","dollar_value":"12""#)), 422),
            ("minus nothing", create(&task(r#","dollar_value":-0"#)), 201),
            ("an exponent", create(&task(r#","dollar_value":1.5e2"#)), 201),
            ("a number for a title", create(br#"{"title":7,"workflow_category":"General Support"}"#), 422),
            ("an object for a title", create(br#"{"title":{"$ne":""},"workflow_category":"General Support"}"#), 422),
            ("501 characters", create(&task(&format!(r#","current_owner":"{}""#, "x".repeat(501)))), 422),
            ("NUL", create(&task(r#","current_owner":"a\u0000b""#)), 422),
            ("a field nobody knows", create(&task(r#","__proto__":{"admin":true}"#)), 422),
            ("changed_by", create(&task(r#","changed_by":"somebody else""#)), 422),
            ("an instant of another age", create(&task(r#","sla_deadline":"10000-01-01T00:00:00Z""#)), 422),
            ("no media type", post("", b"{}"), 415),
            ("another media type", post("content-type: text/plain\r\n", b"{}"), 415),
            ("two media types", post("content-type: text/plain, application/json\r\n", b"{}"), 415),
            ("a compressed body", post("content-type: application/json\r\ncontent-encoding: gzip\r\n", b"\x1f\x8b"), 415),
            ("2 MiB", create(&vec![b' '; 2 << 20]), 413),
        ]).await;
    }

    async fn text_of_any_script_is_kept_as_it_is(system: System) {
        for title in ["📦 überfällig 👩‍👩‍👧", "\u{202e}evil\u{202c}", "ש\u{5c1}ל\u{5d5}\u{5b9}ם", "e\u{301}\u{301}\u{301}", "'; DROP TABLE jobs; --", "{{7*7}}<script>"] {
            let kept = system.create(json!({"title": title, "workflow_category": "General Support"})).await;
            assert_eq!(kept["title"], title);
        }
    }

    async fn a_target_is_decoded_or_refused(system: System) {
        let long = format!("/api/workflow/list?q={}", "x".repeat(9_000));
        let far_too_long = format!("/{}", "x".repeat(70_000));
        try_all(&system, vec![
            ("a path that is not UTF-8", get("/api/workflow/get/%FF"), 400),
            ("a path with half an escape", get("/api/workflow/get/%4"), 400),
            ("a path with NUL", get("/api/workflow/get/%00"), 400),
            ("a query that is not UTF-8", get("/api/workflow/list?owner=%C3%28"), 400),
            ("a query with half an escape", get("/api/workflow/list?q=50%"), 400),
            ("a query with NUL", get("/api/workflow/list?owner=%00"), 422),
            ("a number for another", get("/api/workflow/list?limit=1e3"), 422),
            ("a page beyond all numbers", get("/api/workflow/list?page=99999999999999999999"), 422),
            ("no cursor at all", get("/api/workflow/list?cursor=garbage"), 422),
            ("an empty cursor", get("/api/workflow/list?cursor="), 422),
            ("a path upwards", get("/api/workflow/../../../etc/passwd"), 404),
            ("an encoded path upwards", get("/api/workflow/get/..%2f..%2fetc%2fpasswd"), 404),
            ("a page upwards", get("/assets/../../Cargo.toml"), 404),
            ("no path", get("//"), 404),
            ("a huge id", get("/api/jobs/99999999999999999999"), 404),
            ("a negative id", get("/api/jobs/-1"), 404),
            ("9,000 bytes", get(&long), 414),
            ("70,000 bytes", get(&far_too_long), 414),
            ("our own address in full", get("http://localhost/api/workflow/list"), 200),
            ("somebody's address", get("http://evil.example/api/workflow/list"), 421),
            ("a proxy's request", request("CONNECT evil.example:443", "", b""), 421),
            ("an asterisk", request("OPTIONS *", "", b""), 404),
        ]).await;
    }

    async fn a_head_is_read_strictly(system: System) {
        let list = "GET /api/workflow/list";
        let many = (0..101).map(|n| format!("x-{n}: 1\r\n")).collect::<String>();
        try_all(&system, vec![
            ("no HTTP", b"hello\r\n\r\n".to_vec(), 400),
            ("no Host", b"GET /health/live HTTP/1.1\r\nconnection: close\r\n\r\n".to_vec(), 400),
            ("two Hosts", request(list, "host: localhost\r\n", b""), 400),
            ("another Host", b"GET / HTTP/1.1\r\nhost: evil.example\r\nconnection: close\r\n\r\n".to_vec(), 421),
            ("HTTP/1.0 without Host", b"GET /health/live HTTP/1.0\r\n\r\n".to_vec(), 200),
            ("a version that never was", b"GET / HTTP/3.7\r\n\r\n".to_vec(), 400),
            ("101 fields", request(list, &many, b""), 431),
            ("a field of 33 KiB", request(list, &format!("x: {}\r\n", "x".repeat(33 << 10)), b""), 431),
            ("a section of 500 KiB", request(list, &format!("x: {}\r\n", "x".repeat(500 << 10)), b""), 431),
            ("a folded field", request(list, "x: a\r\n b\r\n", b""), 400),
            ("a name with a space", request(list, "x y: a\r\n", b""), 400),
            ("a bare carriage return", request(list, "x: a\rset-cookie: b\r\n", b""), 400),
            ("a field with NUL", request(list, "x: a\0b\r\n", b""), 400),
            ("an encoded line end in an id", request(list, "x-request-id: a%0d%0aset-cookie: b\r\n", b""), 200),
            ("an If-Match that is none", request("DELETE /api/workflow/delete/TASK-0-x", "if-match: 3\r\n", b""), 422),
            ("a key of 300 characters", request("DELETE /api/workflow/delete/TASK-0-x", &format!("idempotency-key: {}\r\n", "k".repeat(300)), b""), 422),
        ]).await;
    }

    async fn a_length_that_lies_ends_its_connection(system: System) {
        let json = "content-type: application/json\r\n";
        let line = "POST /api/workflow/create";
        try_all(&system, vec![
            ("shorter than the body", request(line, &format!("{json}content-length: 5\r\n"), &task("")), 400),
            ("no number", request(line, &format!("{json}content-length: x\r\n"), b"{}"), 400),
            ("negative", request(line, &format!("{json}content-length: -2\r\n"), b"{}"), 400),
            ("two of them", request(line, &format!("{json}content-length: 2\r\ncontent-length: 3\r\n"), b"{}"), 400),
            ("an unknown transfer coding", request(line, &format!("{json}transfer-encoding: gzip\r\n"), b"{}"), 400),
            ("a chunk without size", chunked(b"zz\r\n{}\r\n0\r\n\r\n"), 400),
            ("a chunk of 2^64 bytes", chunked(b"ffffffffffffffff1\r\n{}"), 400),
            ("chunks over the limit", chunked(&[format!("{:x}\r\n", 2 << 20).into_bytes(), vec![b' '; 2 << 20], b"\r\n0\r\n\r\n".to_vec()].concat()), 413),
        ]).await;
        // Longer than the body: the rest never comes.
        let mut wire = Wire::open(&system.apis[0].url).await;
        wire.send(&request(line, &format!("{json}content-length: 500\r\n"), &task(""))).await;
        wire.end().await;
        assert!(matches!(wire.answer().await.status, 0 | 400), "answered or closed");
        lives(&system).await;
    }

    async fn a_client_that_asks_before_it_sends_is_told(system: System) {
        let fields = |length: usize| format!("content-type: application/json\r\nexpect: 100-continue\r\nprefer: wait=20\r\ncontent-length: {length}\r\n");
        let mut wire = Wire::open(&system.apis[0].url).await;
        let body = task("");
        wire.send(&request("POST /api/workflow/create", &fields(body.len()), b"")).await;
        assert!(wire.head().await.starts_with("HTTP/1.1 100"));
        wire.send(&body).await;
        assert_eq!(wire.answer().await.status, 201);
        try_all(&system, vec![("too much announced", request("POST /api/workflow/create", &fields(5 << 20), b""), 413)]).await;
    }

    async fn a_method_that_is_not_taken_is_told_which_are(system: System) {
        for (line, allow) in [
            ("POST /api/workflow/list", "get, head"),
            ("GET /api/workflow/create", "post"),
            ("PATCH /api/workflow/update/TASK-0-x", "put"),
            ("FOO /api/workflow/list", "get, head"),
            ("get /api/workflow/list", "get, head"),
            ("TRACE /api/workflow/list", "get, head"),
            ("OPTIONS /api/workflow/list", "get, head"),
            ("POST /ws", "get, head"),
            ("DELETE /openapi.json", "get, head"),
        ] {
            let mut wire = Wire::open(&system.apis[0].url).await;
            wire.send(&request(line, "", b"")).await;
            let answer = wire.answer().await;
            assert_eq!((answer.status, &problem(&answer)["status"]), (405, &json!(405)), "{line}");
            assert!(answer.head.contains(&format!("\r\nallow: {allow}\r\n")), "{line}: {}", answer.head);
        }
        let wrong = system.send(Method::GET, "/api/workflow.create", None, &[]).await;
        assert_eq!((wrong.status().as_u16(), &wrong.headers()["allow"]), (405, &"POST".parse().unwrap()));
        let mut wire = Wire::open(&system.apis[0].url).await;
        wire.send(&request("HEAD /api/workflow/list", "", b"")).await;
        let answer = wire.answer().await;
        assert_eq!((answer.status, answer.body.len()), (200, 0));
    }

    async fn a_page_of_another_site_is_given_no_leave(system: System) {
        let mut wire = Wire::open(&system.apis[0].url).await;
        let fields = "origin: http://evil.example\r\naccess-control-request-method: POST\r\n";
        wire.send(&request("OPTIONS /api/workflow/create", fields, b"")).await;
        let answer = wire.answer().await;
        assert_eq!(answer.status, 405);
        assert!(!answer.head.contains("access-control-"), "{}", answer.head);
    }
}
