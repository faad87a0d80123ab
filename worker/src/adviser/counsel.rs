//! Whom to ask, how often, and what was answered before.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::{DateTime, Utc};
use futures_util::StreamExt as _;
use serde_json::Value;
use shared::domain::intake::Reading;
use shared::store::{Db, StoreError, advice as kept};
use tokio::time::Instant;

use super::{Advice, Adviser};

/// Mails asked about at once.
const AT_ONCE: usize = 4;
/// How long the mails of one transaction may be waited for, all together.
const PATIENCE: Duration = Duration::from_secs(45);
/// How long nobody is asked after a call failed.
const REST: Duration = Duration::from_mins(1);
/// Longest text of a mail that is sent, in characters.
const LONGEST: usize = 8_000;

/// An adviser with a budget and a memory. Cheap to clone.
#[derive(Clone)]
pub struct Counsel {
    adviser: Arc<dyn Adviser>,
    /// Calls a UTC day, of all workers together.
    budget: i64,
    rests_until: Arc<Mutex<Option<Instant>>>,
}

/// A mail that somebody may be asked about.
pub(crate) struct Question {
    /// Its place among the mails it came with.
    pub(crate) place: usize,
    /// Identity of its content.
    pub(crate) fingerprint: String,
    /// Its subject.
    pub(crate) subject: String,
    /// As it was read.
    pub(crate) first: Reading,
}

impl Counsel {
    /// Asks this adviser, at most `budget` times a UTC day.
    pub fn new(adviser: impl Adviser + 'static, budget: i64) -> Self {
        Self { adviser: Arc::new(adviser), budget, rests_until: Arc::default() }
    }

    /// Its name.
    pub(crate) fn model(&self) -> &str {
        self.adviser.model()
    }

    /// Asks about mails, a few at a time, outside of any transaction. Those without an answer are left out: it never
    /// fails.
    pub(crate) async fn about(&self, db: &Db, now: DateTime<Utc>, questions: Vec<Question>) -> Vec<(usize, Advice)> {
        let deadline = Instant::now() + PATIENCE;
        let ask = |question: Question| async move {
            let advice = self.one(db, now, &question).await.unwrap_or_else(|error| {
                tracing::warn!(%error, "no advice on a mail; its first reading stands");
                None
            });
            (question.place, advice)
        };
        let asking: Vec<_> = questions.into_iter().map(ask).collect();
        let mut answers = futures_util::stream::iter(asking).buffer_unordered(AT_ONCE);
        let mut found = Vec::new();
        while let Ok(Some((place, advice))) = tokio::time::timeout_at(deadline, answers.next()).await {
            found.extend(advice.map(|advice| (place, advice)));
        }
        found
    }

    async fn one(&self, db: &Db, now: DateTime<Utc>, question: &Question) -> Result<Option<Advice>, StoreError> {
        let Question { fingerprint, first, .. } = question;
        let text = text(&question.subject, &first.text);
        let model = self.adviser.model();
        if let Some(known) = kept::lookup(&mut db.read().await?, fingerprint, model).await? {
            // What was kept is judged like what is new: a copy of a mail may be laid out in another way.
            return Ok(Advice::read(&known.to_string(), &text).ok());
        }
        if self.rests() {
            return Ok(None);
        }
        let mut tx = db.begin().await?;
        let granted = kept::claim_call(&mut tx, self.budget, now).await?;
        tx.commit().await?;
        if !granted {
            tracing::debug!("the day's calls of the adviser are spent");
            return Ok(None);
        }
        let advice = match self.adviser.advise(&text, first).await {
            Ok(advice) => advice,
            Err(error) => {
                tracing::warn!(%error, "the adviser does not answer; nobody is asked for a minute");
                *self.rests_until.lock().expect("no panic while held") = Some(Instant::now() + REST);
                return Ok(None);
            }
        };
        let answer = advice.as_ref().map_or(Value::Null, |it| serde_json::to_value(it).expect("advice serialises"));
        let mut tx = db.begin().await?;
        kept::keep(&mut tx, fingerprint, model, &answer, now).await?;
        tx.commit().await?;
        Ok(advice)
    }

    fn rests(&self) -> bool {
        self.rests_until.lock().expect("no panic while held").is_some_and(|until| Instant::now() < until)
    }
}

/// What is sent of a mail: its subject and its new text, without quotation and signature.
fn text(subject: &str, body: &str) -> String {
    let whole = format!("Subject: {subject}\n\n{body}");
    whole.chars().take(LONGEST).collect()
}
