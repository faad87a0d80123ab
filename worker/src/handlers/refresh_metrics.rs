//! Announce the current figures to whoever looks at a dashboard, and keep the history of the queues. A second run announces
//! them again, and finds the minutes written.

use serde_json::json;
use shared::events::{Signal, ephemeral};
use shared::jobs::{Done, Handler, JobContext, JobError, RefreshMetrics};
use shared::store::metrics;

use crate::queue_history;

/// Announces figures.
pub struct Refresh;

impl Handler<RefreshMetrics> for Refresh {
    async fn run(&self, context: JobContext, _: RefreshMetrics) -> Result<Done, JobError> {
        let now = context.now();
        let figures = metrics::read(&mut context.db().snapshot().await?, now).await?;
        let data = json!({
            "executive": figures.executive, "categories": figures.categories, "owners": figures.owners, "timestamp": now,
        });
        context.bus().publish(Signal::Ephemeral(ephemeral("workflow:metrics:updated", &data, now)));
        // Who looks at a dashboard does not wait for it.
        queue_history::keep(context.db(), now).await?;
        Ok(Done::Nothing)
    }
}
