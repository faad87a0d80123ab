//! One of two APIs is killed, again and again, under load: all its sockets resume at the other by their cursors, and every
//! socket sees every event once.

use std::time::Duration;

use anyhow::Result;
use rand::Rng;
use rand::rngs::StdRng;
use tokio::sync::watch;

use crate::crowd::Crowd;
use crate::load::Load;
use crate::stage::{NEWEST_EVENT, Stage};
use crate::{Findings, Terms, check};

const SOCKETS: usize = 200;

/// How long the sockets of a dead API may take to have caught up elsewhere.
const WITHIN: Duration = Duration::from_secs(30);

pub async fn run(stage: &mut Stage, terms: Terms, dice: &mut StdRng) -> Result<Findings> {
    let mut findings = Findings::default();
    let mut apis = [stage.start("api", &[]).await?, stage.start("api", &[]).await?];
    let _worker = stage.start("worker", &[]).await?;
    let urls = watch::Sender::new(apis.iter().map(|api| api.url.clone()).collect::<Vec<_>>());
    let crowd = Crowd::gather(&urls, SOCKETS, dice);
    anyhow::ensure!(crowd.resumed("", 0, WITHIN).await.is_some(), "not all sockets could be opened");
    let load = Load::start(&urls, 4, 10_000, 9);
    let rounds = terms.pick(10, 3);
    let (mut moved, mut slowest) = (0, Duration::ZERO);
    for round in 0..rounds {
        tokio::time::sleep(Duration::from_millis(dice.random_range(400..1500))).await;
        let victim = usize::from(crowd.at(&apis[1].url) > crowd.at(&apis[0].url));
        let held = crowd.at(&apis[victim].url);
        apis[victim].kill().await?;
        let gone = apis[victim].url.clone();
        urls.send_replace(vec![apis[1 - victim].url.clone()]);
        let newest = stage.number(NEWEST_EVENT).await as i64;
        match crowd.resumed(&gone, newest, WITHIN).await {
            Some(took) => slowest = slowest.max(took),
            None => findings.note(format!("round {round}: not all of {held} sockets resumed in {WITHIN:?}")),
        }
        moved += held;
        apis[victim] = stage.start("api", &[]).await?;
        urls.send_replace(apis.iter().map(|api| api.url.clone()).collect());
    }
    load.stop();
    let expected = load.finish().await;
    check::settled(stage, terms.patience, &expected, &mut findings).await?;
    let events = stage.numbered(Duration::from_secs(10)).await;
    crowd.finish(events as i64, WITHIN, &mut findings).await;
    findings.did = format!(
        "{rounds} kills of an API with {moved} sockets in all, {events} events to {SOCKETS} sockets, all resumed and caught \
         up within {:.2} s",
        slowest.as_secs_f64()
    );
    Ok(findings)
}
