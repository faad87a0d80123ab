//! Whether a secret is good. The database is asked at most every two seconds about each, so that a key that is revoked opens
//! nothing after four, and a request costs a hash and a look into a map.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use sha2::{Digest as _, Sha256};
use shared::clock::Clock;
use shared::domain::access::ApiKey;
use shared::key::Pepper;
use shared::store::tickets::Holder;
use shared::store::{Db, StoreError, keys, sessions};

use super::caller::Caller;
use super::credential::{self, Shown};
use crate::problem::Problem;
use crate::rate::{Rate, subscriber};

/// How long what was found is told without asking.
const FRESH: Duration = Duration::from_secs(2);
/// How long it is told while one request asks anew.
const STALE: Duration = Duration::from_secs(4);
/// How long a request waits for the database: less than the 3 s in which a caller is told that it is away.
const PATIENCE: Duration = Duration::from_millis(2_800);
/// Secrets remembered.
const REMEMBERED: usize = 10_000;
/// Secrets a second that an address may show and that were not shown before; twice as many at once. All browsers behind a
/// proxy have its address, and come back together when a process starts anew.
const NEW_SECRETS: u32 = 100;
/// How exact `last_used_at` is.
const MINUTE: TimeDelta = TimeDelta::minutes(1);

/// Judges secrets.
pub(super) struct Verifier {
    db: Db,
    clock: Clock,
    pepper: Pepper,
    seen: Mutex<HashMap<Fingerprint, Finding>>,
    /// One question at a time: of many requests that show the same new secret one asks.
    turn: tokio::sync::Mutex<()>,
    strangers: Option<Rate<IpAddr>>,
}

/// Known instead of a secret, so that none is kept, and none is compared byte by byte.
type Fingerprint = [u8; 32];

struct Finding {
    /// Whose it is; `None` if it is worth nothing.
    caller: Option<Arc<Caller>>,
    at: Instant,
    /// Whether somebody asks anew.
    renewing: bool,
}

/// What is remembered of a secret.
enum Memory {
    /// What was found of late.
    Found(Option<Arc<Caller>>),
    /// It was shown before.
    Known,
    Unknown,
}

impl Verifier {
    pub(super) fn new(db: Db, clock: Clock, pepper: Pepper) -> Self {
        let strangers = Rate::new(NEW_SECRETS, "secrets");
        Self { db, clock, pepper, seen: Mutex::default(), turn: tokio::sync::Mutex::default(), strangers }
    }

    /// Whose secret it is.
    ///
    /// # Errors
    /// 401 if it is worth nothing, 429 for an address that shows many, 503 if the database does not answer.
    pub(super) async fn verify(&self, shown: &Shown, from: Option<IpAddr>) -> Result<Arc<Caller>, Problem> {
        let fingerprint = fingerprint(shown);
        let found = match self.recall(&fingerprint) {
            Memory::Found(found) => found,
            memory => {
                if let (Memory::Unknown, Some(address), Some(rate)) = (memory, from, &self.strangers) {
                    rate.spend(&subscriber(address)).check()?;
                }
                let asked = tokio::time::timeout(PATIENCE, self.ask(fingerprint, shown, from)).await;
                asked.map_err(|_| Problem::unavailable())??
            }
        };
        let now = self.clock.now();
        let good = found.filter(|caller| caller.expires_at.is_none_or(|end| now < end));
        good.ok_or_else(credential::refused)
    }

    fn recall(&self, fingerprint: &Fingerprint) -> Memory {
        let mut seen = self.seen.lock().expect("no panic while held");
        let Some(finding) = seen.get_mut(fingerprint) else { return Memory::Unknown };
        let age = finding.at.elapsed();
        if age < FRESH || (age < STALE && finding.renewing) {
            return Memory::Found(finding.caller.clone());
        }
        finding.renewing = true;
        Memory::Known
    }

    async fn ask(
        &self,
        fingerprint: Fingerprint,
        shown: &Shown,
        from: Option<IpAddr>,
    ) -> Result<Option<Arc<Caller>>, StoreError> {
        let _turn = self.turn.lock().await;
        if let Some(finding) = self.seen.lock().expect("no panic while held").get(&fingerprint)
            && finding.at.elapsed() < FRESH
        {
            return Ok(finding.caller.clone());
        }
        // Before the database is asked, so that what it says is never taken for newer than it is.
        let at = Instant::now();
        let caller = match self.look(shown).await? {
            Ok(caller) => Some(Arc::new(caller)),
            Err((reason, key_id)) => {
                let from = from.map(tracing::field::display);
                tracing::info!(reason, key.id = key_id, client.address = from, "a key or a session was refused");
                None
            }
        };
        let mut seen = self.seen.lock().expect("no panic while held");
        if seen.len() >= REMEMBERED {
            // What is worth nothing goes first.
            seen.retain(|_, finding| finding.caller.is_some());
        }
        if seen.len() >= REMEMBERED {
            seen.retain(|_, finding| finding.at.elapsed() < STALE);
            if seen.len() >= REMEMBERED {
                seen.clear();
            }
        }
        seen.insert(fingerprint, Finding { caller: caller.clone(), at, renewing: false });
        Ok(caller)
    }

    /// Whose it is, or why it is worth nothing and the id of the key if there is one. Takes the same steps either way.
    async fn look(&self, shown: &Shown) -> Result<Result<Caller, (&'static str, Option<String>)>, StoreError> {
        let now = self.clock.now();
        let mut session = self.db.read().await?;
        let (key, signed_in) = match shown {
            Shown::Key(secret) => {
                let key = keys::lookup(&mut session, secret.key_id().unwrap_or_default()).await?;
                let digest = key.as_ref().map_or("", |key| &key.digest);
                let is_genuine = self.pepper.matches(secret, digest);
                let Some(key) = key else { return Ok(Err(("unknown", None))) };
                if !is_genuine {
                    return Ok(Err(("wrong secret", Some(key.id))));
                }
                (key, None)
            }
            Shown::Session(secret) => {
                let hash = self.pepper.digest(secret);
                let Some(found) = sessions::lookup(&mut session, &hash).await? else {
                    return Ok(Err(("no such session", None)));
                };
                if found.ends_at <= now {
                    return Ok(Err(("the session has ended", Some(found.key.id))));
                }
                (found.key, Some((hash, found.ends_at)))
            }
        };
        drop(session);
        if let Some(reason) = key.refusal(now) {
            return Ok(Err((reason, Some(key.id))));
        }
        self.note_use(&key, now);
        Ok(Ok(Caller::of(key, signed_in)))
    }

    /// Notes that the key is in use, outside the request and at most once a minute.
    fn note_use(&self, key: &ApiKey, now: DateTime<Utc>) {
        let before = now - MINUTE;
        if key.last_used_at.is_some_and(|used| used > before) {
            return;
        }
        let (db, id) = (self.db.clone(), key.id.clone());
        tokio::spawn(async move {
            let written = async {
                let mut tx = db.begin().await?;
                keys::touch(&mut tx, &id, now, before).await?;
                tx.commit().await
            };
            if let Err(error) = written.await {
                tracing::debug!(%error, "the use of a key could not be noted");
            }
        });
    }

    /// Whoever got a ticket; `None` if their key or session is worth nothing by now.
    pub(super) async fn holder(&self, holder: &Holder) -> Result<Option<Arc<Caller>>, StoreError> {
        let now = self.clock.now();
        let mut session = self.db.read().await?;
        let (key, signed_in) = match (&holder.session, &holder.key_id) {
            (Some(hash), _) => match sessions::lookup(&mut session, hash).await? {
                Some(found) if found.ends_at > now => (found.key, Some((hash.clone(), found.ends_at))),
                _ => return Ok(None),
            },
            (None, Some(id)) => match keys::lookup(&mut session, id).await? {
                Some(key) => (key, None),
                None => return Ok(None),
            },
            // Got while authentication was off.
            (None, None) => return Ok(None),
        };
        Ok(key.refusal(now).is_none().then(|| Arc::new(Caller::of(key, signed_in))))
    }

    /// Forgets what was found of a secret.
    pub(super) fn forget(&self, shown: &Shown) {
        self.seen.lock().expect("no panic while held").remove(&fingerprint(shown));
    }
}

fn fingerprint(shown: &Shown) -> Fingerprint {
    let (kind, secret) = match shown {
        Shown::Key(secret) => (0, secret),
        Shown::Session(secret) => (1, secret),
    };
    Sha256::new().chain_update([kind]).chain_update(secret.expose()).finalize().into()
}
