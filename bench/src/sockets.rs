//! P13 and P14: what it takes to hand an event to thousands of sockets.

use std::time::Duration;

use anyhow::{Context as _, Result};
use chrono::{DateTime, Utc};
use rustix::process::{Resource, getrlimit};
use serde_json::Value;
use shared::store::testing::TestDatabase;

use crate::crowd::Crowd;
use crate::http::load;
use crate::process::Process;
use crate::writer::Writer;
use crate::{Bar, Figure, Terms, median, percentile};

/// Sockets of the fan-out, if the system allows this process twice as many open files: it reads from both sides.
const SOCKETS: usize = 10_000;

/// Events handed to each in one slice.
const BURST: usize = 20;

/// Sockets that wait for one event.
const WAITING: usize = 1_000;

/// Events that are waited for.
const EVENTS: usize = 200;

const UPGRADE: &str = "GET /ws?events=workflow:task:created HTTP/1.1\r\nhost: localhost\r\nconnection: upgrade\r\n\
    upgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

const BODY: &str = r#"{"title":"Order of the benchmark","workflow_category":"Order Management","dollar_value":1200.5}"#;

pub async fn fan_out(terms: &Terms) -> Result<Vec<Figure>> {
    let files = getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX) as usize;
    let sockets = SOCKETS.min(files.saturating_sub(200) / 2);
    let database = TestDatabase::sqlite();
    let up = Process::start("up", &[("DATABASE_URL", database.url.as_str())])?;
    // What only the first requests need is there before memory is looked at.
    create(&up.address, BURST).await?;
    let empty = up.memory()?;
    let product = Crowd::connect(&up.address, sockets, Some(UPGRADE)).await?;
    let idle = up.memory()?;
    let mut writer = Writer::start(sockets)?;
    let ceiling = Crowd::connect(&writer.address, sockets, None).await?;
    writer.is_ready()?;

    let (mut took, mut ceilings, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    // The first round warms both up.
    for round in 0..=terms.rounds {
        let ours = product.receive(BURST, create(&up.address, BURST)).await?;
        let frames = product.recorded();
        let theirs = ceiling.receive(BURST, async { writer.write(&frames) }).await?;
        if round > 0 {
            ratios.push(theirs.as_secs_f64() / ours.as_secs_f64());
            took.push(ours.as_secs_f64());
            ceilings.push(theirs.as_secs_f64());
        }
    }
    let used = up.memory()?;
    let rate = |took: Vec<f64>| (sockets * BURST) as f64 / median(took);
    let each = |now: u64| now.saturating_sub(empty) as f64 / sockets as f64;
    Ok(vec![
        Figure {
            name: format!("P13 fan-out to {sockets} sockets / raw writer"),
            value: median(ratios),
            bar: Bar::AtLeast(0.85),
            detail: format!("{:.0} frames/s against {:.0}/s, {BURST} events a round", rate(took), rate(ceilings)),
        },
        Figure {
            name: "P13 memory of a socket, KB".to_owned(),
            value: each(used),
            bar: Bar::AtMost(12.0),
            detail: format!("after the bursts; {:.1} when it was opened, of {} MB in all", each(idle), used / 1024),
        },
    ])
}

pub async fn latency(_: &Terms) -> Result<Vec<Figure>> {
    let embedded = TestDatabase::sqlite();
    let up = Process::start("up", &[("DATABASE_URL", embedded.url.as_str())])?;
    let mut figures = vec![to_the_last("P14 commit to last of 1,000 sockets, p99 ms", 50.0, &up.address).await?];
    drop(up);

    let database = TestDatabase::postgres().await.context("run it by `cargo xtask bench`")?;
    drop(database.open().await);
    let redis = std::env::var("WORKFLOW_TEST_REDIS").context("run it by `cargo xtask bench`")?;
    let settings = [("DATABASE_URL", database.url.as_str()), ("REDIS_URL", redis.as_str())];
    let api = Process::start("api", &settings)?;
    let _worker = Process::start("worker", &settings)?;
    figures.push(to_the_last("P14 the same over Redis, p99 ms", 100.0, &api.address).await?);
    Ok(figures)
}

/// One event at a time: how old it is when the last socket has it. Its time is taken before its commit, so that the commit
/// itself is counted as well.
async fn to_the_last(name: &str, bar: f64, address: &str) -> Result<Figure> {
    let crowd = Crowd::connect(address, WAITING, Some(UPGRADE)).await?;
    let mut ages = Vec::new();
    for _ in 0..EVENTS {
        crowd.receive(1, create(address, 1)).await?;
        ages.push((crowd.last().context("it arrived")? - made(&crowd.recorded())?).to_std().unwrap_or_default());
    }
    let value = percentile(&mut ages, 99);
    let detail = format!("p50 {:.1}, {EVENTS} events, one at a time", percentile(&mut ages, 50));
    Ok(Figure { name: name.to_owned(), value, bar: Bar::AtMost(bar), detail })
}

/// When the recorded event was made.
fn made(frames: &[Vec<u8>]) -> Result<DateTime<Utc>> {
    let frame = frames.first().context("an event was recorded")?;
    let start = frame.iter().position(|byte| *byte == b'{').context("it is JSON")?;
    let event: Value = serde_json::from_slice(&frame[start..])?;
    Ok(DateTime::parse_from_rfc3339(event["timestamp"].as_str().context("it has a time")?)?.to_utc())
}

/// Creates so many tasks at once.
async fn create(address: &str, count: usize) -> Result<()> {
    let request = format!(
        "POST /api/workflow/create HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\nprefer: wait=30\r\n\
         content-length: {}\r\n\r\n{BODY}",
        BODY.len()
    );
    load(address, &request, count, "201", Duration::ZERO).await.map(|_| ())
}
