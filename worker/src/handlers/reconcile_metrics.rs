//! Compare the sums that the figures are read from with the tasks, and put right what differs. A second run finds nothing.

use serde_json::json;
use shared::jobs::{Done, Handler, JobContext, JobError, ReconcileMetrics};
use shared::store::rollups;

/// Reconciles.
pub struct Reconcile;

impl Handler<ReconcileMetrics> for Reconcile {
    async fn run(&self, context: JobContext, _: ReconcileMetrics) -> Result<Done, JobError> {
        // Nobody waits while all tasks are counted: what is found there still differs by as much when it is repaired.
        let comparison = rollups::compare(&mut context.db().snapshot().await?).await?;
        let mut tx = context.db().begin().await?;
        let findings = rollups::repair(&mut tx, &comparison, context.now()).await?;
        if findings.repaired > 0 {
            tracing::error!(repaired = findings.repaired, cells = findings.cells, "sums of tasks differed from them");
        }
        Ok(Done::with(tx, json!(findings)))
    }
}
