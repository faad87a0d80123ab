//! Tells those who are connected what changes did to the figures: at most once a second, and only while somebody is
//! there to hear it. Each process reads them for its own connections, so that nothing goes over the bus for it.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use shared::events::{Frame, ephemeral};
use shared::store::{StoreError, metrics};
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::{RecvError, TryRecvError};
use tokio::time::Instant;

use super::hub::Hub;
use super::vocabulary::METRICS_UPDATED;

/// Between two announcements.
pub(super) const PACE: Duration = Duration::from_secs(1);

/// Announces until the hub has ended.
pub(super) async fn announce(hub: Hub) {
    let mut frames = hub.subscribe();
    while changed(&mut frames).await {
        if hub.connections() == 0 {
            continue;
        }
        if let Some(last) = hub.figures_sent() {
            tokio::time::sleep_until(last + PACE).await;
        }
        // What happened until here is in what is read now.
        while !matches!(frames.try_recv(), Err(TryRecvError::Empty | TryRecvError::Closed)) {}
        match read(&hub).await {
            Ok(frame) => hub.send_figures(frame),
            Err(error) => {
                tracing::debug!(%error, "the figures could not be read; the next change, or their refresh, tells them");
                tokio::time::sleep(PACE).await;
            }
        }
    }
}

/// Waits for a numbered event; `false` when there will be none.
async fn changed(frames: &mut Receiver<Arc<Frame>>) -> bool {
    loop {
        match frames.recv().await {
            Ok(frame) if frame.id.is_none() => {}
            Ok(_) | Err(RecvError::Lagged(_)) => return true,
            Err(RecvError::Closed) => return false,
        }
    }
}

async fn read(hub: &Hub) -> Result<Frame, StoreError> {
    let now = hub.now();
    let figures = metrics::read(&mut hub.snapshot().await?, now).await?;
    let data = json!({
        "executive": figures.executive, "categories": figures.categories, "owners": figures.owners, "timestamp": now,
    });
    Ok(ephemeral(METRICS_UPDATED, &data, now))
}

/// When figures were last sent, and by whom.
#[derive(Clone, Copy)]
pub(super) struct Sent {
    pub(super) at: Instant,
    /// After a change, and not by the refresh of all processes.
    pub(super) here: bool,
}

impl Sent {
    /// Whether a refresh has nothing to tell yet.
    pub(super) fn covers_refresh(self) -> bool {
        self.here && self.at.elapsed() < PACE
    }
}
