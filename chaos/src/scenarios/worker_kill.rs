//! Workers are killed while they work. What they held is taken over when its lease has run out.

use anyhow::Result;
use rand::rngs::StdRng;

use super::{kill_workers, start};
use crate::load::Load;
use crate::stage::Stage;
use crate::{Findings, Terms, check};

pub async fn run(stage: &mut Stage, terms: Terms, dice: &mut StdRng) -> Result<Findings> {
    let (_api, mut workers, apis) = start(stage, 3).await?;
    let load = Load::start(&apis, 10, terms.pick(25, 8), 19);
    let kills = kill_workers(stage, &mut workers, &load, terms.pick(50, 12), dice).await?;
    let accepted = load.accepted();
    let expected = load.finish().await;
    let mut findings = Findings::default();
    if !stage.until_dry(terms.patience.min(std::time::Duration::from_secs(30))).await {
        findings.note("jobs of killed workers were not resumed within 30 s");
    }
    check::effects(stage, &expected, &mut findings).await?;
    let rescued = stage.number("SELECT count(*) FROM job_attempts").await;
    findings.did = format!("{accepted} mutations, {kills} kills, {rescued} attempts rescued");
    Ok(findings)
}
