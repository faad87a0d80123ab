//! An API with thousands of sockets is restarted while events go on: all of them come back at once with their cursors, and
//! have missed nothing.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::Result;
use rand::rngs::StdRng;
use tokio::sync::watch;

use crate::crowd::Crowd;
use crate::load::trickle;
use crate::stage::{NEWEST_EVENT, Stage};
use crate::{Findings, Terms};

/// How long a storm may last.
const WITHIN: Duration = Duration::from_mins(1);

pub async fn run(stage: &mut Stage, terms: Terms, dice: &mut StdRng) -> Result<Findings> {
    let mut findings = Findings::default();
    let mut sheltered = stage.start("api", &[]).await?;
    // The load goes through an API that stays.
    let other = stage.start("api", &[]).await?;
    let _worker = stage.start("worker", &[]).await?;
    let urls = watch::Sender::new(vec![sheltered.url.clone()]);
    let sockets = terms.pick(2000, 500) as usize;
    let crowd = Crowd::gather(&urls, sockets, dice);
    anyhow::ensure!(crowd.resumed("", 0, WITHIN).await.is_some(), "not all sockets could be opened");
    let over = Arc::new(AtomicBool::new(false));
    let load = tokio::spawn(trickle(other.url.clone(), Duration::from_millis(40), 100, over.clone()));
    let rounds = terms.pick(4, 1);
    let (mut slowest, mut missed) = (Duration::ZERO, 0);
    for round in 0..rounds {
        tokio::time::sleep(Duration::from_secs(1)).await;
        let before = stage.number(NEWEST_EVENT).await;
        let gone = sheltered.url.clone();
        // Half of the restarts are asked for and close each socket with 1012.
        if round % 2 == 0 {
            sheltered.kill().await?;
        } else {
            sheltered.terminate(Duration::from_secs(25)).await?;
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
        sheltered = stage.start("api", &[]).await?;
        let began = Instant::now();
        urls.send_replace(vec![sheltered.url.clone()]);
        let newest = stage.number(NEWEST_EVENT).await;
        missed += newest - before;
        match crowd.resumed(&gone, newest as i64, WITHIN).await {
            Some(_) => slowest = slowest.max(began.elapsed()),
            None => findings.note(format!("round {round}: not all sockets were back in {WITHIN:?}")),
        }
    }
    over.store(true, Ordering::Relaxed);
    load.await??;
    let events = stage.numbered(Duration::from_secs(10)).await;
    let connects = crowd.connects();
    crowd.finish(events as i64, WITHIN, &mut findings).await;
    findings.did = format!(
        "{rounds} restarts, {sockets} sockets back with {missed} missed events each within {:.1} s, {connects} connects, \
         {events} events",
        slowest.as_secs_f64()
    );
    Ok(findings)
}
