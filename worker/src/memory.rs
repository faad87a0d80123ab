//! What mail has taught, shared by all processes that read mail.
//!
//! Each learns at once, and now and then writes its lessons into what all have learned. One that dies in between loses
//! those of half a minute, which other mail teaches again.

use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use mail::{Lesson, Memory};
use shared::store::{Result, Session, Tx, memory};

/// How long lessons wait to be written.
const KEEP_EVERY: TimeDelta = TimeDelta::seconds(30);
/// Lessons that are not waited with.
const MOST: usize = 2_000;

/// The memory of one process.
#[derive(Debug, Default)]
pub struct SharedMemory(Mutex<Inner>);

#[derive(Debug, Default)]
struct Inner {
    /// All that is known here; none before the first mail.
    known: Option<Arc<Memory>>,
    /// What the others do not know yet.
    lessons: Vec<Lesson>,
    kept_at: DateTime<Utc>,
}

impl SharedMemory {
    /// What is known.
    pub async fn known(&self, session: &mut Session, now: DateTime<Utc>) -> Result<Arc<Memory>> {
        if let Some(known) = &self.locked().known {
            return Ok(Arc::clone(known));
        }
        let stored = Arc::new(stored(session).await?);
        let mut inner = self.locked();
        inner.kept_at = now;
        Ok(Arc::clone(inner.known.get_or_insert(stored)))
    }

    /// Learns from mails; gives what is known then.
    pub fn learn(&self, lessons: Vec<Lesson>) -> Arc<Memory> {
        let mut inner = self.locked();
        let known = inner.known.get_or_insert_default();
        let memory = Arc::make_mut(known);
        for lesson in &lessons {
            memory.take(lesson);
        }
        let known = Arc::clone(known);
        inner.lessons.extend(lessons);
        known
    }

    /// Writes what was learned since it was last written, if it is time to, and reads what others wrote. Whoever calls
    /// holds the lock of the intake, so that none overwrites another's.
    pub async fn keep(&self, tx: &mut Tx, now: DateTime<Utc>) -> Result<()> {
        let lessons = {
            let mut inner = self.locked();
            let due = now - inner.kept_at >= KEEP_EVERY || inner.lessons.len() >= MOST;
            if inner.lessons.is_empty() || !due {
                return Ok(());
            }
            inner.kept_at = now;
            std::mem::take(&mut inner.lessons)
        };
        let mut memory = stored(tx).await?;
        for lesson in &lessons {
            memory.take(lesson);
        }
        memory::save(tx, &serde_json::to_string(&memory).expect("a memory serialises"), now).await?;
        let mut inner = self.locked();
        // Another batch of this process may have learned meanwhile.
        for lesson in &inner.lessons {
            memory.take(lesson);
        }
        inner.known = Some(Arc::new(memory));
        Ok(())
    }

    fn locked(&self) -> std::sync::MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What all have learned; nothing if a later version wrote it in a form unknown here.
pub async fn stored(session: &mut Session) -> Result<Memory> {
    let learned = memory::lookup(session).await?;
    Ok(learned.and_then(|learned| serde_json::from_str(&learned).ok()).unwrap_or_default())
}
