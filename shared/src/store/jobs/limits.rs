//! Claims of a queue with limits: so many jobs at once, or started in so many seconds, of the queue and of each key.
//!
//! The queue's row is locked meanwhile, so that claims of all workers are one behind the other and the limits hold over
//! all of them. Rates are token buckets (a bucket holds `rate` tokens and fills in `rate_seconds`).

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::claim::{ClaimedRow, claimed_columns};
use super::queues::{QueueSettings, lock_settings};
use super::read::seq_rows;
use super::token_step;
use crate::store::dialect::instant;
use crate::store::query::{execute, fetch_all};
use crate::store::{Result, Session, Tx};

/// Jobs looked at in one go.
const WINDOW: usize = 512;
/// Looks at most, each past the keys that the one before found at their limit.
const LOOKS: usize = 4;

/// The queues that operators limit.
pub async fn limited_queues(session: &mut Session) -> Result<Vec<String>> {
    const SQL: &str = "SELECT name FROM queues
         WHERE COALESCE(concurrency, rate, key_concurrency, key_rate) IS NOT NULL";
    Ok(fetch_all!(session, (String,), SQL)?.into_iter().map(|(name,)| name).collect())
}

/// Claims up to `max` available jobs of a queue as its limits allow, most urgent first.
pub async fn claim_limited(
    tx: &mut Tx,
    queue: &str,
    max: usize,
    worker: &str,
    leased_until: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<Vec<ClaimedRow>> {
    let limits = lock_settings(tx, queue).await?;
    if limits.is_paused(now) {
        return Ok(Vec::new());
    }
    let mut room = Room::find(tx, queue, &limits, now).await?;
    let mut chosen = Vec::new();
    for _ in 0..LOOKS {
        let candidates = candidates(tx, queue, &room.full_keys(), &chosen).await?;
        let seen = candidates.len();
        for (seq, key) in candidates {
            if chosen.len() < max && room.take(key) {
                chosen.push(seq);
            }
        }
        if chosen.len() == max || seen < WINDOW || room.is_full() {
            break;
        }
    }
    if chosen.is_empty() {
        return Ok(Vec::new());
    }
    room.save(tx, queue, now).await?;
    take(tx, &chosen, worker, leased_until, now).await
}

async fn candidates(tx: &mut Tx, queue: &str, full: &[&str], chosen: &[i64]) -> Result<Vec<(i64, Option<String>)>> {
    const SQL: &str = "SELECT seq, limit_key
         FROM jobs
         WHERE queue = $1
           AND state = 'available'
           AND (limit_key IS NULL
                OR limit_key NOT IN (SELECT (e.value ->> 'k') FROM jsonb_array_elements($2::jsonb) AS e))
           AND seq NOT IN (SELECT (e.value ->> 's')::bigint FROM jsonb_array_elements($3::jsonb) AS e)
         ORDER BY priority, run_at, seq
         LIMIT 512 FOR UPDATE SKIP LOCKED";
    let full = Value::from(full.iter().map(|key| json!({"k": key})).collect::<Vec<_>>()).to_string();
    fetch_all!(tx, (i64, Option<String>), SQL, queue, full, seq_rows(chosen))
}

async fn take(
    tx: &mut Tx,
    seqs: &[i64],
    worker: &str,
    leased_until: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<Vec<ClaimedRow>> {
    const SQL: &str = concat!(
        "UPDATE jobs
         SET state = 'running', attempt = attempt + 1, lease_token = lease_token + $5, leased_until = $2,
             worker_id = $3, started_at = $4, alone = FALSE
         WHERE seq = ANY(ARRAY(SELECT (e.value ->> 's')::bigint FROM jsonb_array_elements($1::jsonb) AS e))
           AND state = 'available'
         RETURNING ",
        claimed_columns!()
    );
    let mut jobs = fetch_all!(tx, ClaimedRow, SQL, seq_rows(seqs), leased_until, worker, now, token_step())?;
    jobs.sort_by_key(|job| job.seq);
    Ok(jobs)
}

/// A token bucket.
#[derive(Clone, Copy)]
struct Bucket {
    size: f64,
    tokens: f64,
}

impl Bucket {
    /// As full as `tokens` at `filled_at` are by `now`.
    fn new(rate: i64, seconds: Option<i64>, state: Option<(f64, DateTime<Utc>)>, now: DateTime<Utc>) -> Self {
        let size = rate as f64;
        let per_second = size / seconds.unwrap_or(1) as f64;
        let tokens = state.map_or(size, |(tokens, filled_at)| {
            let elapsed = (now - filled_at).num_milliseconds().max(0) as f64 / 1000.0;
            (tokens + elapsed * per_second).min(size)
        });
        Self { size, tokens }
    }

    /// Rounding must not cost a token.
    fn has_one(self) -> bool {
        self.tokens >= 1.0 - 1e-9
    }
}

/// What the limits leave.
struct Room {
    slots: Option<i64>,
    bucket: Option<Bucket>,
    key_slots: Option<i64>,
    key_rate: Option<(i64, Option<i64>)>,
    running: HashMap<String, i64>,
    key_buckets: HashMap<String, Bucket>,
    now: DateTime<Utc>,
}

impl Room {
    async fn find(tx: &mut Tx, queue: &str, limits: &QueueSettings, now: DateTime<Utc>) -> Result<Self> {
        const RUNNING: &str = "SELECT limit_key, count(*)
             FROM jobs
             WHERE state = 'running'
               AND queue = $1
             GROUP BY limit_key";
        const BUCKETS: &str = "SELECT key, tokens, filled_at FROM rate_buckets WHERE queue = $1";
        let running = fetch_all!(tx, (Option<String>, i64), RUNNING, queue)?;
        let total: i64 = running.iter().map(|(_, count)| count).sum();
        let mut buckets: HashMap<String, (f64, DateTime<Utc>)> = HashMap::new();
        if limits.rate.is_some() || limits.key_rate.is_some() {
            for (key, tokens, filled_at) in fetch_all!(tx, (String, f64, DateTime<Utc>), BUCKETS, queue)? {
                buckets.insert(key, (tokens, filled_at));
            }
        }
        let own = buckets.remove("");
        let key_bucket =
            |state| limits.key_rate.map(|rate| Bucket::new(rate, limits.key_rate_seconds, Some(state), now));
        Ok(Self {
            slots: limits.concurrency.map(|most| most - total),
            bucket: limits.rate.map(|rate| Bucket::new(rate, limits.rate_seconds, own, now)),
            key_slots: limits.key_concurrency,
            key_rate: limits.key_rate.map(|rate| (rate, limits.key_rate_seconds)),
            running: running.into_iter().filter_map(|(key, count)| Some((key?, count))).collect(),
            key_buckets: buckets.into_iter().filter_map(|(key, state)| Some((key, key_bucket(state)?))).collect(),
            now,
        })
    }

    fn is_full(&self) -> bool {
        self.slots.is_some_and(|slots| slots <= 0) || self.bucket.is_some_and(|bucket| !bucket.has_one())
    }

    fn key_is_full(&self, key: &str) -> bool {
        let no_slot = self.key_slots.is_some_and(|most| self.running.get(key).is_some_and(|count| *count >= most));
        no_slot || self.key_buckets.get(key).is_some_and(|bucket| !bucket.has_one())
    }

    fn full_keys(&self) -> Vec<&str> {
        let known = self.running.keys().chain(self.key_buckets.keys());
        let mut full: Vec<&str> = known.map(String::as_str).filter(|key| self.key_is_full(key)).collect();
        full.sort_unstable();
        full.dedup();
        full
    }

    /// Takes the place of one job, if there is one.
    fn take(&mut self, key: Option<String>) -> bool {
        if self.is_full() || key.as_deref().is_some_and(|key| self.key_is_full(key)) {
            return false;
        }
        if let Some(slots) = &mut self.slots {
            *slots -= 1;
        }
        if let Some(bucket) = &mut self.bucket {
            bucket.tokens -= 1.0;
        }
        if let Some(key) = key {
            if let Some((rate, seconds)) = self.key_rate {
                let new = || Bucket::new(rate, seconds, None, self.now);
                self.key_buckets.entry(key.clone()).or_insert_with(new).tokens -= 1.0;
            }
            *self.running.entry(key).or_default() += 1;
        }
        true
    }

    /// Keeps the buckets that are not full; a full one is as good as none.
    async fn save(&self, tx: &mut Tx, queue: &str, now: DateTime<Utc>) -> Result<()> {
        const SAVE: &str = "INSERT INTO rate_buckets (queue, key, tokens, filled_at)
             SELECT $1, (e.value ->> 'k'), (e.value ->> 't')::float8, (e.value ->> 'at')::timestamptz
             FROM jsonb_array_elements($2::jsonb) AS e
             WHERE true
             ON CONFLICT (queue, key) DO UPDATE
             SET tokens = excluded.tokens, filled_at = excluded.filled_at";
        const DROP: &str = "DELETE FROM rate_buckets
             WHERE queue = $1
               AND key IN (SELECT (e.value ->> 'k') FROM jsonb_array_elements($2::jsonb) AS e)";
        let own = self.bucket.map(|bucket| (String::new(), bucket));
        let all = self.key_buckets.iter().map(|(key, bucket)| (key.clone(), *bucket)).chain(own);
        let (full, used): (Vec<_>, Vec<_>) = all.partition(|(_, bucket)| bucket.tokens >= bucket.size);
        let rows = |buckets: Vec<(String, Bucket)>| {
            let row = |(key, bucket): (String, Bucket)| json!({"k": key, "t": bucket.tokens, "at": instant(now)});
            Value::from(buckets.into_iter().map(row).collect::<Vec<_>>()).to_string()
        };
        if !full.is_empty() {
            execute!(tx, DROP, queue, rows(full))?;
        }
        if !used.is_empty() {
            execute!(tx, SAVE, queue, rows(used))?;
        }
        Ok(())
    }
}
