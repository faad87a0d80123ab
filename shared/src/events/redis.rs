//! The bus between processes over Redis pub/sub.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::StreamExt;
use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use tokio::sync::{broadcast, mpsc};

use super::bus::{Parcel, Signal};

/// Signals in one message at most.
const BATCH: usize = 256;

/// Starts sending and receiving; both go on by themselves after Redis was away.
pub(super) fn start(
    url: &str,
    installation: &str,
    local: broadcast::Sender<Arc<Signal>>,
    outgoing: mpsc::Receiver<Arc<Signal>>,
    heard: Arc<AtomicBool>,
) -> Result<(), String> {
    let client = redis::Client::open(url).map_err(|error| format!("REDIS_URL: {error}"))?;
    let from = uuid::Uuid::now_v7().to_string();
    // One channel a database, so that several can share one Redis.
    let channel = format!("workflow:{installation}");
    tokio::spawn(send(client.clone(), channel.clone(), from.clone(), outgoing));
    tokio::spawn(receive(client, channel, from, local, heard));
    Ok(())
}

async fn send(client: redis::Client, channel: String, from: String, mut outgoing: mpsc::Receiver<Arc<Signal>>) {
    let mut batch = Vec::with_capacity(BATCH);
    let mut connection: Option<ConnectionManager> = None;
    while outgoing.recv_many(&mut batch, BATCH).await > 0 {
        let signals = batch.drain(..).map(|signal| (*signal).clone()).collect();
        let parcel = Parcel { from: from.clone(), signals };
        let text = serde_json::to_string(&parcel).expect("signals serialise");
        if connection.is_none() {
            let config = ConnectionManagerConfig::new()
                .set_number_of_retries(0)
                .set_connection_timeout(Some(Duration::from_secs(1)))
                .set_response_timeout(Some(Duration::from_secs(1)));
            connection = ConnectionManager::new_with_config(client.clone(), config).await.ok();
        }
        let Some(redis) = &mut connection else {
            // Nobody hears it; the others read the table meanwhile.
            tokio::time::sleep(Duration::from_millis(200)).await;
            continue;
        };
        let sent: redis::RedisResult<()> = redis::cmd("PUBLISH").arg(&channel).arg(text).query_async(redis).await;
        if let Err(error) = sent {
            tracing::warn!(%error, "Redis did not take a message; others read the table");
            connection = None;
        }
    }
}

async fn receive(
    client: redis::Client,
    channel: String,
    from: String,
    local: broadcast::Sender<Arc<Signal>>,
    heard: Arc<AtomicBool>,
) {
    let mut wait = Duration::from_millis(100);
    loop {
        if let Err(error) = subscribe(&client, &channel, &from, &local, &heard).await {
            tracing::warn!(%error, "Redis subscription ended; events come from the table until it is back");
        }
        if heard.swap(false, Ordering::Relaxed) {
            wait = Duration::from_millis(100);
        }
        tokio::time::sleep(wait).await;
        wait = (wait * 2).min(Duration::from_secs(2));
    }
}

async fn subscribe(
    client: &redis::Client,
    channel: &str,
    from: &str,
    local: &broadcast::Sender<Arc<Signal>>,
    heard: &AtomicBool,
) -> redis::RedisResult<()> {
    let mut pubsub = client.get_async_pubsub().await?;
    pubsub.subscribe(channel).await?;
    heard.store(true, Ordering::Relaxed);
    let mut messages = pubsub.into_on_message();
    while let Some(message) = messages.next().await {
        match serde_json::from_slice::<Parcel>(message.get_payload_bytes()) {
            Ok(parcel) if parcel.from != from => {
                for signal in parcel.signals {
                    let _ = local.send(Arc::new(signal));
                }
            }
            Ok(_) => {}
            Err(error) => tracing::debug!(%error, "a message of another version was left alone"),
        }
    }
    Ok(())
}
