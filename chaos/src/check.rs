//! Compares what was accepted with what the tables say.

use std::collections::HashMap;
use std::time::Duration;

use anyhow::Result;
use shared::store::{Db, tasks};

use crate::Findings;
use crate::load::Expected;
use crate::stage::Stage;

/// Waits until everything that was accepted has ended, and looks at its effects.
pub async fn settled(stage: &Stage, within: Duration, expected: &[Expected], findings: &mut Findings) -> Result<()> {
    if !stage.until_dry(within).await {
        findings.note("not everything that was accepted has ended");
    }
    effects(stage, expected, findings).await
}

/// Every task was created once, and every change of it took effect once, in the order accepted.
pub async fn effects(stage: &Stage, expected: &[Expected], findings: &mut Findings) -> Result<()> {
    for task in expected {
        compare(&stage.db, task, findings).await?;
    }
    let tasks = stage.number("SELECT count(*) FROM workflow_tasks").await;
    findings.ghosts += tasks.saturating_sub(expected.len() as u64);
    // Each change announces itself once, whatever else is announced with it.
    let changes: u64 = expected.iter().map(|task| task.updates + 1).sum();
    let announced = stage
        .number(
            "SELECT count(*) FROM workflow_events WHERE event IN ('workflow:task:created', 'workflow:task:updated')",
        )
        .await;
    if announced != changes {
        findings.note(format!("{announced} events announce {changes} changes"));
    }
    Ok(())
}

async fn compare(db: &Db, expected: &Expected, findings: &mut Findings) -> Result<()> {
    let mut session = db.read().await?;
    let history = tasks::history(&mut session, &expected.task_id).await?;
    if tasks::lookup(&mut session, &expected.task_id).await?.is_none() {
        findings.lost += expected.updates + 1;
        return Ok(());
    }
    let values: Vec<u64> = history
        .iter()
        .filter(|row| row.field == "dollar_value")
        .filter_map(|row| row.new_value.as_deref()?.parse::<f64>().ok())
        .map(|value| value as u64)
        .collect();
    let mut seen: HashMap<u64, u64> = HashMap::new();
    for value in &values {
        *seen.entry(*value).or_default() += 1;
    }
    findings.lost += (1..=expected.updates).filter(|value| !seen.contains_key(value)).count() as u64;
    findings.twice += seen.values().map(|count| count - 1).sum::<u64>();
    findings.ghosts += values.windows(2).filter(|pair| pair[0] > pair[1]).count() as u64;
    Ok(())
}
