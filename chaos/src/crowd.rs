//! Many clients of the socket that never give up: whoever is cut off resumes by its cursor, wherever an API can be found.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::Findings;
use crate::socket::{Heard, Socket, Tally};

/// Many clients.
pub struct Crowd {
    members: JoinSet<Tally>,
    seen: Arc<Vec<Seen>>,
    connects: Arc<AtomicU64>,
    delays: Arc<Mutex<Vec<Duration>>>,
    curtain: watch::Sender<Curtain>,
}

/// What can be seen of a member from outside.
#[derive(Default)]
struct Seen {
    /// The port it is connected to; 0 for none.
    port: AtomicU64,
    /// The newest event it has.
    last: AtomicI64,
}

/// When members end.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Curtain {
    Up,
    /// With this event.
    At(i64),
    Down,
}

impl Crowd {
    /// So many clients, spread over the APIs. The APIs may be replaced while they listen.
    pub fn gather(apis: &watch::Sender<Vec<String>>, count: usize, dice: &mut StdRng) -> Self {
        let mut crowd = Self {
            members: JoinSet::new(),
            seen: Arc::new((0..count).map(|_| Seen::default()).collect()),
            connects: Arc::default(),
            delays: Arc::default(),
            curtain: watch::Sender::new(Curtain::Up),
        };
        for number in 0..count {
            let member = Member {
                number,
                apis: apis.subscribe(),
                seen: crowd.seen.clone(),
                connects: crowd.connects.clone(),
                delays: crowd.delays.clone(),
                curtain: crowd.curtain.subscribe(),
                dice: StdRng::seed_from_u64(dice.random()),
                tally: Tally::default(),
            };
            crowd.members.spawn(member.listen());
        }
        crowd
    }

    /// How often anybody connected.
    pub fn connects(&self) -> u64 {
        self.connects.load(Ordering::Relaxed)
    }

    /// How many are connected to this API.
    pub fn at(&self, url: &str) -> usize {
        let port = port(url);
        self.seen.iter().filter(|seen| seen.port.load(Ordering::Relaxed) == port).count()
    }

    /// Waits until all are connected, none of them to the API at `gone`, and have heard of this event; how long that took.
    pub async fn resumed(&self, gone: &str, event: i64, within: Duration) -> Option<Duration> {
        let (began, gone) = (Instant::now(), port(gone));
        let back = |seen: &Seen| {
            let port = seen.port.load(Ordering::Relaxed);
            port != 0 && port != gone && seen.last.load(Ordering::Relaxed) >= event
        };
        while !self.seen.iter().all(back) {
            if began.elapsed() > within {
                return None;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        Some(began.elapsed())
    }

    /// How old events were when they came to somebody who was connected all the time, sorted.
    pub fn delays(&self) -> Vec<Duration> {
        let mut delays = self.delays.lock().map(|delays| delays.clone()).unwrap_or_default();
        delays.sort_unstable();
        delays
    }

    /// Waits until all have the last event, and notes what they have missed or heard twice.
    pub async fn finish(mut self, last: i64, within: Duration, findings: &mut Findings) {
        self.curtain.send_replace(Curtain::At(last));
        let mut tallies = Vec::new();
        let all = async {
            while let Some(tally) = self.members.join_next().await {
                tallies.extend(tally.ok());
            }
        };
        if tokio::time::timeout(within, all).await.is_err() {
            self.curtain.send_replace(Curtain::Down);
            tallies.extend(self.members.join_all().await);
        }
        for tally in tallies {
            findings.lost += tally.lost + (last - tally.last).max(0).unsigned_abs();
            findings.twice += tally.twice;
        }
    }
}

struct Member {
    number: usize,
    apis: watch::Receiver<Vec<String>>,
    seen: Arc<Vec<Seen>>,
    connects: Arc<AtomicU64>,
    delays: Arc<Mutex<Vec<Duration>>>,
    curtain: watch::Receiver<Curtain>,
    dice: StdRng,
    tally: Tally,
}

impl Member {
    async fn listen(mut self) -> Tally {
        let mut turn = self.number;
        while !self.is_over() {
            let api = {
                let apis = self.apis.borrow();
                apis.get(turn % apis.len().max(1)).cloned().unwrap_or_default()
            };
            turn += 1;
            let Ok(Ok(socket)) =
                tokio::time::timeout(Duration::from_secs(10), Socket::open(&api, self.tally.last)).await
            else {
                // Back-off with jitter, as any client should.
                tokio::time::sleep(Duration::from_millis(self.dice.random_range(20..200))).await;
                continue;
            };
            self.connects.fetch_add(1, Ordering::Relaxed);
            self.seen[self.number].port.store(port(&api), Ordering::Relaxed);
            self.follow(socket).await;
            self.seen[self.number].port.store(0, Ordering::Relaxed);
        }
        self.tally
    }

    async fn follow(&mut self, mut socket: Socket) {
        let connected = shared::clock::Clock::system().now();
        while !self.is_over() {
            let heard = tokio::select! {
                heard = socket.next() => heard,
                changed = self.curtain.changed() => match changed {
                    Ok(()) => continue,
                    Err(_) => return,
                },
            };
            let (id, at) = match heard {
                Ok(Heard::Event(id, at)) => (id, at),
                Ok(Heard::Notice) => continue,
                Ok(Heard::Closed(_)) | Err(_) => return,
            };
            let age = self.tally.take(id, at);
            self.seen[self.number].last.store(self.tally.last, Ordering::Relaxed);
            // What was made before it connected says how long it was away. A sample of the members is enough.
            if let Some(age) = age.filter(|_| at > connected && self.number.is_multiple_of(10))
                && let Ok(mut delays) = self.delays.lock()
            {
                delays.push(age);
            }
        }
    }

    fn is_over(&self) -> bool {
        match *self.curtain.borrow() {
            Curtain::Up => false,
            Curtain::At(last) => self.tally.last >= last,
            Curtain::Down => true,
        }
    }
}

fn port(url: &str) -> u64 {
    url.rsplit(':').next().and_then(|port| port.parse().ok()).unwrap_or_default()
}
