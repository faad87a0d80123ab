//! One client: what it hears, what it says, and how it ends.

use std::convert::Infallible;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use poem::web::websocket::{Message, WebSocketStream};
use shared::faults::{self, Guard};
use tokio::time::{Instant, timeout};

use super::allowance::Allowance;
use super::command::Command;
use super::ending::Ending;
use super::hub::Seat;
use super::notice::Notice;
use super::pulse::{Beat, Pulse};
use super::source::{Arrival, Source};
use super::subscription::Subscription;

/// How long a client may take no byte of what it is sent.
const STUCK: Duration = Duration::from_secs(10);

/// How long a socket stays open after a read error, so that what its client still sends does not reset the connection
/// before the closing frame is read.
const LINGER: Duration = Duration::from_secs(1);

/// One client's connection.
pub(super) struct Connection {
    seat: Seat,
    socket: WebSocketStream,
    source: Source,
    subscription: Subscription,
    allowance: Allowance,
    pulse: Pulse,
}

impl Connection {
    pub(super) fn new(mut seat: Seat, socket: WebSocketStream, source: Source, subscription: Subscription) -> Self {
        let now = Instant::now();
        seat.watch_jobs(subscription.names_jobs());
        let (allowance, pulse) = (Allowance::new(now), Pulse::new(now));
        Self { seat, socket, source, subscription, allowance, pulse }
    }

    /// Serves the client until either side ends.
    pub(super) async fn serve(mut self) {
        let Err(ending) = self.talk().await;
        tracing::debug!(principal = self.seat.principal(), ?ending, "a socket ends");
        if ending == Ending::Slow {
            self.seat.count_dropped();
        }
        let Self { seat, socket, source, .. } = self;
        // What waits for a client that is leaving is kept for all: let go of it first.
        drop(source);
        farewell(socket, ending).await;
        drop(seat);
    }

    async fn talk(&mut self) -> Result<Infallible, Ending> {
        let hello = Notice::hello(self.source.newest(), self.seat.hub().now());
        self.say(&hello).await?;
        loop {
            // In this order, so that an answer that is there already is read before silence is concluded.
            tokio::select! {
                biased;
                ending = self.seat.closing() => return Err(ending),
                heard = self.socket.next() => self.hear(heard).await?,
                beat = self.pulse.due() => self.beat(&beat).await?,
                arrival = self.source.next() => self.deliver(arrival).await?,
            }
        }
    }

    async fn hear(&mut self, heard: Option<std::io::Result<Message>>) -> Result<(), Ending> {
        let message = match heard {
            Some(Ok(message)) => message,
            Some(Err(error)) => return Err(Ending::of(&error)),
            None => return Err(Ending::Gone),
        };
        self.pulse.heard(Instant::now());
        let command = match message {
            Message::Text(text) => Command::parse(&text),
            Message::Binary(_) => Err("binary frames are not understood; send JSON text".to_owned()),
            // Pings and closings are answered by the protocol.
            Message::Ping(_) | Message::Pong(_) | Message::Close(_) => return Ok(()),
        };
        let now = self.seat.hub().now();
        let notice = match command {
            Ok(Command::Ping) => Notice::Pong { timestamp: now },
            _ if !self.allowance.spend(Instant::now()) => return Err(Ending::Flood),
            Ok(Command::Subscribe(subscription)) => {
                self.seat.watch_jobs(subscription.names_jobs());
                self.subscription = subscription;
                Notice::subscribed(&self.subscription, now)
            }
            Err(explanation) => Notice::bad_frame(explanation, now),
        };
        self.say(&notice).await
    }

    async fn beat(&mut self, beat: &Beat) -> Result<(), Ending> {
        if *beat == Beat::Silence {
            return Err(Ending::Silent);
        }
        self.pulse.pinged(Instant::now());
        self.feed(Message::Ping(Vec::new())).await?;
        self.flush().await
    }

    async fn deliver(&mut self, arrival: Arrival) -> Result<(), Ending> {
        match arrival {
            Arrival::Frames(frames) => {
                let mut any = false;
                for frame in frames {
                    if self.subscription.wants(&frame) && self.seat.shows(&frame) {
                        self.feed(Message::Text(frame.json.as_ref().to_owned())).await?;
                        any = true;
                    }
                }
                if any { self.flush().await } else { Ok(()) }
            }
            Arrival::Lost { reason, newest } => self.say(&Notice::resync(reason, newest, self.seat.hub().now())).await,
            Arrival::Overrun => Err(Ending::Slow),
        }
    }

    async fn say(&mut self, notice: &Notice) -> Result<(), Ending> {
        self.feed(Message::Text(notice.json())).await?;
        self.flush().await
    }

    async fn feed(&mut self, message: Message) -> Result<(), Ending> {
        in_time(self.socket.feed(message)).await
    }

    async fn flush(&mut self) -> Result<(), Ending> {
        in_time(self.socket.flush()).await
    }
}

async fn in_time(sending: impl Future<Output = std::io::Result<()>>) -> Result<(), Ending> {
    if faults::is_off(Guard::SlowConsumer) {
        return sending.await.map_err(|_| Ending::Gone);
    }
    match timeout(STUCK, sending).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(_)) => Err(Ending::Gone),
        Err(_) => Err(Ending::Slow),
    }
}

/// Says why, and waits until the client has heard it.
async fn farewell(mut socket: WebSocketStream, ending: Ending) {
    let Some((code, reason)) = ending.close_frame() else { return };
    let said = async {
        socket.send(Message::close_with(code, reason)).await?;
        while let Some(Ok(_)) = socket.next().await {}
        std::io::Result::Ok(())
    };
    let _ = timeout(ending.patience(), said).await;
    if matches!(ending, Ending::TooLarge | Ending::Broken | Ending::Unreadable) {
        tokio::time::sleep(LINGER).await;
    }
}
