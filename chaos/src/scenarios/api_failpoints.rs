//! The process dies at every point of accepting and of applying a mutation; clients repeat what was not answered.

use std::time::Duration;

use anyhow::Result;
use rand::Rng;
use rand::rngs::StdRng;
use tokio::sync::watch;

use crate::load::Load;
use crate::stage::{Database, Stage};
use crate::{Findings, Terms, check};

const ACCEPTING: [&str; 3] = ["accept.before-write", "accept.before-commit", "accept.after-commit"];
const APPLYING: [&str; 3] = ["apply.before-save", "apply.before-commit", "apply.after-commit"];

pub async fn run(stage: &mut Stage, terms: Terms, dice: &mut StdRng) -> Result<Findings> {
    let embedded = stage.database == Database::Sqlite;
    let apis = watch::Sender::new(Vec::new());
    let load = Load::start(&apis, 4, 10_000, 9);
    let mut deaths = 0;
    let rounds = terms.pick(5, 2);
    for round in 0..rounds {
        for point in ACCEPTING.into_iter().chain(APPLYING) {
            let nth = dice.random_range(1..20);
            let fail = [("WORKFLOW_FAILPOINT", format!("{point}:{nth}"))];
            let in_worker = APPLYING.contains(&point) && !embedded;
            let mut api = stage.start("api", if in_worker { &[] } else { &fail }).await?;
            let mut worker =
                if embedded { None } else { Some(stage.start("worker", if in_worker { &fail } else { &[] }).await?) };
            apis.send_replace(vec![api.url.clone()]);
            let dying = if in_worker { worker.as_mut().unwrap_or(&mut api) } else { &mut api };
            let mut waited = Duration::ZERO;
            while dying.ended().is_none() {
                anyhow::ensure!(waited < Duration::from_secs(20), "{point}:{nth} was not reached in round {round}");
                tokio::time::sleep(Duration::from_millis(20)).await;
                waited += Duration::from_millis(20);
            }
            deaths += 1;
        }
    }
    let (api, _worker) =
        (stage.start("api", &[]).await?, if embedded { None } else { Some(stage.start("worker", &[]).await?) });
    apis.send_replace(vec![api.url.clone()]);
    load.stop();
    let accepted = load.accepted();
    let expected = load.finish().await;
    let mut findings = Findings::default();
    check::settled(stage, terms.patience, &expected, &mut findings).await?;
    let jobs = stage.number("SELECT count(*) FROM jobs WHERE kind IN ('create-task', 'update-task')").await;
    let wanted: u64 = expected.iter().map(|task| task.updates + 1).sum();
    findings.twice += jobs.saturating_sub(wanted);
    findings.did =
        format!("{accepted} mutations accepted, {deaths} deaths at {} points", ACCEPTING.len() + APPLYING.len());
    Ok(findings)
}
