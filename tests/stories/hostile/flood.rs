//! More requests than one address may send.

use std::time::Duration;

use reqwest::Method;
use serde_json::Value;

use super::lives;
use crate::support::{System, eventually};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_address_that_asks_too_often_is_told_when_to_come_back() {
    let system = System::embedded_with(&[("WORKFLOW_RATE_LIMIT", "5")]);
    let ask = || system.send(Method::GET, "/openapi.json", None, &[]);

    let first = ask().await;
    assert_eq!(
        (first.status().as_u16(), &first.headers()["ratelimit"]),
        (200, &r#""address";r=9;t=1"#.parse().unwrap())
    );
    let refused =
        eventually(Duration::from_secs(20), async || Some(ask().await).filter(|answer| answer.status() == 429)).await;

    assert_eq!(refused.headers()["retry-after"], "1");
    assert_eq!(refused.headers()["ratelimit-policy"], r#""address";q=10;w=2"#);
    assert_eq!(refused.headers()["ratelimit"], r#""address";r=0;t=2"#);
    assert_eq!(refused.headers()["content-type"], "application/problem+json");
    let problem: Value = refused.json().await.unwrap();
    assert_eq!(problem["type"], "urn:workflow:problem:too-many-requests");
    // Health is asked by supervisors, and never refused.
    for _ in 0..30 {
        lives(&system).await;
    }
    eventually(Duration::from_secs(20), async || Some(ask().await).filter(|answer| answer.status() == 200)).await;
}
