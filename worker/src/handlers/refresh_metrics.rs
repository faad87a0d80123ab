//! Announce the current figures to whoever looks at a dashboard. Reads only, so that a second run is harmless.

use serde_json::json;
use shared::events::{Signal, ephemeral};
use shared::jobs::{Done, Handler, JobContext, JobError, RefreshMetrics};
use shared::store::metrics;

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
        Ok(Done::Nothing)
    }
}
