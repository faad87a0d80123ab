//! Many changes of few tasks, by many clients, over workers that die: each task sees its changes in the order accepted.

use anyhow::Result;
use rand::rngs::StdRng;

use super::{kill_workers, start};
use crate::load::Load;
use crate::stage::{Database, Stage};
use crate::{Findings, Terms, check};

pub async fn run(stage: &mut Stage, terms: Terms, dice: &mut StdRng) -> Result<Findings> {
    let on_one_process = stage.database == Database::Sqlite;
    let (_api, mut workers, apis) = start(stage, if on_one_process { 0 } else { 3 }).await?;
    let load = Load::start(&apis, 16, terms.pick(12, 3), 20);
    let most = if on_one_process { 0 } else { terms.pick(10, 3) };
    let kills = kill_workers(stage, &mut workers, &load, most, dice).await?;
    let accepted = load.accepted();
    let expected = load.finish().await;
    let mut findings = Findings::default();
    check::settled(stage, terms.patience, &expected, &mut findings).await?;
    findings.did = format!("{accepted} mutations of {} tasks, {kills} kills", expected.len());
    Ok(findings)
}
