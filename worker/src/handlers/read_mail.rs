//! Reads stored mail through the `mail` crate, apart from the runtime's threads and bounded in time.

use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use futures_util::{StreamExt as _, stream};
use mail::model::questions::Models;
use mail::thread::Links;
use mail::{Before, Draft, Format, Known, Lesson, Limits, Mail, Memory};
use serde_json::{Value, json};
use shared::domain::intake::Reading;
use shared::domain::mailbox::Mailbox;
use shared::domain::task::{Explanation, Task};
use shared::domain::{Category, Cents, Entities, Priority, Status, WorkflowState};
use shared::jobs::JobContext;
use shared::store::cases::StoredEmail;
use shared::store::mail::{EmailOutcome, PendingEmail};

use crate::adviser::{Advice, Counsel, Question};
use crate::memory::SharedMemory;

/// Longest time one mail may take.
const TIME_LIMIT: Duration = Duration::from_secs(5);
/// Longest text kept as a task's description, in characters.
const DESCRIPTION: usize = 20_000;

/// A mail that could be read.
pub struct ReadMail {
    /// Identity of its content.
    pub fingerprint: String,
    /// When it was sent, by its own word.
    pub sent_at: Option<DateTime<Utc>>,
    /// Why it makes no task, if so.
    pub noise: Option<String>,
    /// What ties it to others.
    pub links: Links,
    /// What it says.
    pub reading: Reading,
    /// What is known of the mail, without what becomes of it.
    pub envelope: EmailOutcome,
    draft: Draft<'static>,
    /// What an adviser said of it, if one was asked.
    advised: Option<Advised>,
}

/// Advice on a mail.
struct Advised {
    advice: Advice,
    /// Who gave it.
    model: String,
    /// Only a reading less confident than this listens.
    below: f64,
}

impl ReadMail {
    /// What the mail says in the light of the task it joins, or of there being none. `before` is that task.
    pub fn concluded(&self, before: Option<&Task>) -> Reading {
        let status = before.and_then(|task| mail::Status::parse(task.manual_status.as_str()));
        let analysis = self.draft.conclude(Before { joined: before.is_some(), status });
        let mut reading = self.reading.clone();
        judge(&mut reading, &analysis);
        if let Some(Advised { advice, model, below }) = &self.advised
            && reading.confidence < *below
        {
            advice.apply(model, &mut reading);
        }
        reading
    }
}

/// Reads mails, in their order, each in the light of what all of them teach. A mail that cannot be read gives its reason.
pub async fn read_all(
    emails: Vec<PendingEmail>,
    mailbox: &Mailbox,
    memory: &SharedMemory,
    known: Arc<Memory>,
) -> Vec<(PendingEmail, Result<Box<ReadMail>, String>)> {
    let own: Arc<[String]> = mailbox.own_domains.clone().into();
    let studying = emails.into_iter().map(async |email| {
        let studied = studied(&email, &own, &known).await;
        (email, studied)
    });
    let studied: Vec<_> = stream::iter(studying).buffered(parallel()).collect().await;
    let (mut lessons, mut mails) = (Vec::new(), Vec::with_capacity(studied.len()));
    for (email, studied) in studied {
        let mail = studied.map(|(mail, lesson)| {
            lessons.push(lesson);
            mail
        });
        mails.push((email, mail));
    }
    // All of it would be copied if somebody still held it.
    drop(known);
    let known = memory.learn(lessons);
    let reading = mails.into_iter().map(async |(email, mail)| {
        let read = match mail {
            Ok(mail) => {
                let (own, known) = (Arc::clone(&own), Arc::clone(&known));
                bounded(move || Ok(read(&mail, of_the_house(&own, &known)))).await
            }
            Err(reason) => Err(reason),
        };
        (email, read)
    });
    stream::iter(reading).buffered(parallel()).collect().await
}

/// Reads mails of a task once more, in their order; `None` for one that cannot be read.
pub async fn read_again(stored: Vec<StoredEmail>, known: Memory) -> Vec<(StoredEmail, Option<Box<ReadMail>>)> {
    let known = Arc::new(known);
    let mut outcomes = Vec::with_capacity(stored.len());
    for mail in stored {
        let (format, size, raw, known) = (mail.format.clone(), mail.size, mail.raw.clone(), Arc::clone(&known));
        let outcome = bounded(move || Ok(read(&parsed(&format, size, &raw)?, known.known()))).await;
        outcomes.push((mail, outcome.ok()));
    }
    outcomes
}

/// Asks about the mails whose reading is less confident than `below`. Those that make no task are nobody's business.
pub async fn advise(
    counsel: &Counsel,
    context: &JobContext,
    mails: &mut [(PendingEmail, Result<Box<ReadMail>, String>)],
    below: f64,
) {
    let unsure = |(place, (_, mail)): (usize, &(PendingEmail, Result<Box<ReadMail>, String>))| {
        let mail = mail.as_ref().ok().filter(|mail| mail.noise.is_none())?;
        let first = mail.concluded(None);
        (first.confidence < below).then(|| Question {
            place,
            fingerprint: mail.fingerprint.clone(),
            subject: mail.envelope.subject.clone().unwrap_or_default(),
            first,
        })
    };
    let questions: Vec<Question> = mails.iter().enumerate().filter_map(unsure).collect();
    for (place, advice) in counsel.about(context.db(), context.now(), questions).await {
        if let Ok(mail) = &mut mails[place].1 {
            mail.advised = Some(Advised { advice, model: counsel.model().to_owned(), below });
        }
    }
}

/// The mail, and what it teaches.
async fn studied(email: &PendingEmail, own: &Arc<[String]>, known: &Arc<Memory>) -> Result<(Mail, Lesson), String> {
    let (format, size, raw) = (email.format.clone(), email.size, email.raw.clone());
    let (own, known) = (Arc::clone(own), Arc::clone(known));
    bounded(move || {
        let mail = parsed(&format, size, &raw)?;
        let lesson = Lesson::of(Models::bundled(), &mail, of_the_house(&own, &known));
        Ok((mail, lesson))
    })
    .await
}

fn parsed(format: &str, size: i64, raw: &[u8]) -> Result<Mail, String> {
    if format == "head" {
        return Err(format!("the mail has {size} bytes; only its first part was kept"));
    }
    let format = if format == "json" { Format::Json } else { Format::Rfc822 };
    mail::parse(raw, format, &Limits::default()).map_err(|error| error.to_string())
}

/// What is known, with the domains that the mailbox names, if any, in the place of those that mail has shown.
fn of_the_house<'k>(own: &'k [String], known: &'k Memory) -> Known<'k> {
    let known = known.known();
    if own.is_empty() { known } else { Known { own_domains: own, ..known } }
}

/// Works apart from the runtime's threads. What takes too long or panics gives its reason.
async fn bounded<T: Send + 'static>(work: impl FnOnce() -> Result<T, String> + Send + 'static) -> Result<T, String> {
    let work = tokio::task::spawn_blocking(move || {
        std::panic::catch_unwind(AssertUnwindSafe(work))
            .unwrap_or_else(|_| Err("reading the mail failed; its bytes are kept".to_owned()))
    });
    match tokio::time::timeout(TIME_LIMIT, work).await {
        Ok(Ok(done)) => done,
        Ok(Err(error)) => Err(format!("reading the mail failed: {error}")),
        Err(_) => Err(format!("reading the mail took more than {TIME_LIMIT:?}")),
    }
}

fn parallel() -> usize {
    std::thread::available_parallelism().map_or(2, usize::from)
}

fn read(mail: &Mail, known: Known<'_>) -> Box<ReadMail> {
    let started = Instant::now();
    let draft = Draft::of(Models::bundled(), mail, known);
    let analysis = &draft.analysis;
    let links = mail::thread::links_for(mail, analysis, known.own_domains);
    let attachments: Vec<Value> = mail
        .attachments
        .iter()
        .map(|part| json!({"name": part.name.as_deref().map(clean), "content_type": clean(&part.content_type), "size": part.size}))
        .collect();
    let recipients = mail.to.iter().chain(&mail.cc).take(100).map(|address| clean(&address.email)).collect();
    let fingerprint = mail::fingerprint(mail);
    let envelope = EmailOutcome {
        message_id: mail.message_id.as_deref().map(clean),
        fingerprint: Some(fingerprint.clone()),
        subject: Some(clean(&mail.subject)),
        sender: mail.from.as_ref().map(|from| clean(&from.email)),
        recipients,
        sent_at: mail.date,
        attachments: attachments.into(),
        ..EmailOutcome::default()
    };
    let mut reading = Reading {
        category: Category::GeneralSupport,
        secondary: Vec::new(),
        state: WorkflowState::StartPoint,
        status: Status::Green,
        priority: Priority::Normal,
        entities: entities(&analysis.entities),
        value: analysis.dollar_cents.map(|cents| Cents(cents.clamp(0, Cents::MAX.0))),
        title: title(&analysis.title),
        text: clean(&mail.new_text).chars().take(DESCRIPTION).collect(),
        confidence: 0.0,
        analysis: BTreeMap::new(),
        processing_time: started.elapsed().as_millis() as i64,
    };
    judge(&mut reading, analysis);
    let noise = analysis.noise.clone();
    Box::new(ReadMail {
        fingerprint,
        sent_at: mail.date,
        noise,
        links: Links {
            keys: links.keys.iter().map(|key| clean(key)).collect(),
            sought: links.sought.iter().map(|key| clean(key)).collect(),
            participants: links.participants.iter().map(|person| clean(person)).collect(),
            ..links
        },
        reading,
        envelope,
        draft,
        advised: None,
    })
}

/// Enters what was decided, and why.
fn judge(reading: &mut Reading, analysis: &mail::Analysis) {
    const SAME: &str = "both crates use the contract's names";
    reading.category = Category::parse(analysis.category.as_str()).expect(SAME);
    reading.secondary = analysis.secondary.iter().filter_map(|category| Category::parse(category.as_str())).collect();
    reading.state = WorkflowState::parse(analysis.state.as_str()).expect(SAME);
    reading.status = Status::parse(analysis.status.as_str()).expect(SAME);
    reading.priority = Priority::parse(analysis.priority.as_str()).expect(SAME);
    reading.confidence = (f64::from(analysis.confidence) * 1000.0).round() / 1000.0;
    reading.analysis = analysis.explanations.iter().map(explanation).collect();
}

fn explanation((field, why): (&String, &mail::Explanation)) -> (String, Explanation) {
    let confidence = (why.confidence * 1000.0).round() / 1000.0;
    (field.clone(), Explanation { rule: why.rule.clone(), span: why.span.as_deref().map(clean), confidence })
}

fn entities(found: &mail::Entities) -> Entities {
    let list = |values: &[String]| values.iter().map(|value| clean(value)).collect();
    Entities {
        po_numbers: list(&found.po_numbers),
        quote_numbers: list(&found.quote_numbers),
        case_numbers: list(&found.case_numbers),
        order_numbers: list(&found.order_numbers),
        part_numbers: list(&found.part_numbers),
        tracking_numbers: list(&found.tracking_numbers),
        customers: list(&found.customers),
    }
}

fn title(text: &str) -> String {
    let title = clean(text);
    if title.trim().is_empty() { "(no subject)".to_owned() } else { title }
}

/// PostgreSQL's text cannot hold NUL.
fn clean(text: &str) -> String {
    text.replace('\0', "")
}
