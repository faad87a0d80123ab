//! A tenth of the clients never reads: the others get every event in time, the stalled ones are closed and can resume, and
//! the server's memory stays bounded.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context as _, Result};
use futures_util::future::join_all;
use rand::rngs::StdRng;
use tokio::sync::watch;

use crate::crowd::Crowd;
use crate::load::trickle;
use crate::socket::{Heard, Socket, Tally};
use crate::stage::Stage;
use crate::{Findings, Terms};

const READERS: usize = 450;
const STALLED: usize = 50;

/// How old events may be when they come to those who read, 99 of 100.
const IN_TIME: Duration = Duration::from_secs(1);

/// What the server may grow to, in MiB.
const MEMORY: u64 = 300;

/// The code a client is closed with that does not keep up.
const TRY_AGAIN: u16 = 1013;

pub async fn run(stage: &mut Stage, terms: Terms, dice: &mut StdRng) -> Result<Findings> {
    let mut findings = Findings::default();
    let api = stage.start("api", &[]).await?;
    let _worker = stage.start("worker", &[]).await?;
    let crowd = Crowd::gather(&watch::Sender::new(vec![api.url.clone()]), READERS, dice);
    anyhow::ensure!(crowd.resumed("", 0, IN_TIME * 30).await.is_some(), "not all sockets could be opened");
    let mut stalled = Vec::new();
    for _ in 0..STALLED {
        stalled.push(Socket::narrow(&api.url, 0).await?);
    }
    let before = api.memory()?;
    // The server gives up on a client that has taken nothing for 10 s; the rest is what it takes to fill the way there.
    let over = Arc::new(AtomicBool::new(false));
    let noise = tokio::spawn(trickle(api.url.clone(), Duration::from_millis(40), 8_000, over.clone()));
    tokio::time::sleep(Duration::from_secs(terms.pick(40, 13))).await;
    over.store(true, Ordering::Relaxed);
    noise.await??;
    let peak = api.memory()?;
    let events = stage.numbered(Duration::from_secs(10)).await as i64;

    let awoken = join_all(stalled.into_iter().map(|socket| awake(socket, &api.url, events))).await;
    let (mut closed, mut open) = (0, 0);
    for awoken in awoken {
        let (code, tally) = awoken?;
        closed += u64::from(code == Some(TRY_AGAIN));
        open += u64::from(code.is_none());
        findings.lost += tally.lost + (events - tally.last).max(0).unsigned_abs();
        findings.twice += tally.twice;
    }
    if open > 0 {
        findings.note(format!("{open} stalled clients were never closed"));
    }
    let delays = crowd.delays();
    let p99 = delays.get(delays.len() * 99 / 100).copied().unwrap_or_default();
    if delays.is_empty() || p99 > IN_TIME {
        findings.note(format!("of {} delays the 99th percentile is {p99:?}", delays.len()));
    }
    if crowd.connects() != READERS as u64 {
        findings.note(format!("{READERS} readers connected {} times", crowd.connects()));
    }
    crowd.finish(events, IN_TIME * 20, &mut findings).await;
    if peak > MEMORY {
        findings.note(format!("the server grew to {peak} MiB"));
    }
    findings.did = format!(
        "{events} events to {READERS} readers, p99 {} ms; {closed} of {STALLED} stalled were told 1013, all resumed; the \
         server grew from {before} to {peak} MiB",
        p99.as_millis()
    );
    Ok(findings)
}

/// Reads what was left lying, and resumes where it ends: the code it was closed with, 0 if it was cut, and what it has in
/// the end.
async fn awake(mut socket: Socket, api: &str, newest: i64) -> Result<(Option<u16>, Tally)> {
    let mut tally = Tally::default();
    let mut code = None;
    while tally.last < newest {
        match tokio::time::timeout(Duration::from_secs(20), socket.next()).await.context("it says nothing more")? {
            Ok(Heard::Event(id, at)) => {
                tally.take(id, at);
            }
            Ok(Heard::Notice) => {}
            ended => {
                anyhow::ensure!(code.is_none(), "it was closed again, although it reads");
                code = Some(if let Ok(Heard::Closed(code)) = ended { code } else { 0 });
                socket = Socket::open(api, tally.last).await?;
            }
        }
    }
    Ok((code, tally))
}
