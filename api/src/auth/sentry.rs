//! Sockets outlive the request that opened them: what they were opened with is asked about for as long as they are open.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use shared::clock::Clock;
use shared::domain::event::Matches;
use shared::store::{Db, StoreError, keys, sessions};
use tokio::sync::watch;

use super::caller::{Caller, Credential};

/// Time between two questions, one for all sockets.
const ROUND: Duration = Duration::from_secs(2);

/// Knows what the open sockets were opened with. Cheap to clone.
#[derive(Clone, Default)]
pub(super) struct Sentry(Arc<Mutex<HashMap<Credential, Post>>>);

/// The sockets of one credential.
struct Post {
    sockets: usize,
    ended: watch::Sender<bool>,
}

/// What keeps a socket open; watched over until it is dropped.
pub(crate) struct Pass {
    sentry: Sentry,
    credential: Credential,
    /// The mailboxes that the socket is limited to; `None` for all.
    mailboxes: Option<Vec<String>>,
    ended: watch::Receiver<bool>,
}

impl Sentry {
    /// Watches over a socket of this caller.
    pub(super) fn watch(&self, caller: &Caller) -> Pass {
        let mut posts = self.0.lock().expect("no panic while held");
        let post = posts
            .entry(caller.credential.clone())
            .or_insert_with(|| Post { sockets: 0, ended: watch::Sender::new(false) });
        post.sockets += 1;
        Pass {
            sentry: self.clone(),
            credential: caller.credential.clone(),
            mailboxes: caller.mailboxes.clone(),
            ended: post.ended.subscribe(),
        }
    }

    /// Starts asking.
    pub(super) fn patrol(self, db: Db, clock: Clock) {
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(ROUND).await;
                // Without the database no event is sent either, so that nothing is lost by asking again.
                if let Err(error) = self.round(&db, &clock).await {
                    tracing::warn!(%error, "whether sockets may stay open could not be asked");
                }
            }
        });
    }

    async fn round(&self, db: &Db, clock: &Clock) -> Result<(), StoreError> {
        let held: Vec<Credential> = self.0.lock().expect("no panic while held").keys().cloned().collect();
        let ids: Vec<&str> = held.iter().filter_map(|credential| credential.key_id.as_deref()).collect();
        if ids.is_empty() {
            return Ok(());
        }
        let hashes: Vec<&str> = held.iter().filter_map(|credential| credential.session.as_deref()).collect();
        let now = clock.now();
        let mut session = db.read().await?;
        let good_keys = keys::good(&mut session, &ids, now).await?;
        let good_sessions =
            if hashes.is_empty() { Vec::new() } else { sessions::good(&mut session, &hashes, now).await? };
        let is_good = |credential: &Credential| {
            credential.key_id.as_ref().is_none_or(|id| good_keys.contains(id))
                && credential.session.as_ref().is_none_or(|hash| good_sessions.contains(hash))
        };
        let posts = self.0.lock().expect("no panic while held");
        for credential in held.iter().filter(|credential| !is_good(credential)) {
            if let Some(post) = posts.get(credential) {
                post.ended.send_replace(true);
            }
        }
        Ok(())
    }
}

impl Pass {
    /// Whether the socket may show an event. Figures and jobs are about all mailboxes.
    pub(crate) fn shows(&self, matches: &Matches) -> bool {
        matches.is_within(self.mailboxes.as_deref())
    }

    /// Resolves when the socket may no longer be open.
    pub(crate) async fn ended(&mut self) {
        // The sender lives at least as long as this.
        let _ = self.ended.wait_for(|ended| *ended).await;
    }
}

impl Drop for Pass {
    fn drop(&mut self) {
        let mut posts = self.sentry.0.lock().expect("no panic while held");
        if let Some(post) = posts.get_mut(&self.credential) {
            post.sockets -= 1;
            if post.sockets == 0 {
                posts.remove(&self.credential);
            }
        }
    }
}
