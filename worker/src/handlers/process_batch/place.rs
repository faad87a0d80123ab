//! Finds what each mail is: broken, a copy, noise, part of a task, or a new one.
//!
//! What is known about all mails of a chunk is asked for at once; each is placed in turn, also in the light of those before
//! it in the chunk; and what follows is written at once.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, TimeDelta, Utc};
use mail::thread::Candidate;
use shared::domain::change::Change;
use shared::domain::intake::{self, Origin};
use shared::domain::mailbox::Mailbox;
use shared::domain::sla::rules::Rules;
use shared::domain::task::Task;
use shared::jobs::JobError;
use shared::store::mail::{EmailOutcome, Link, NewLinks, PendingEmail, SameContent};
use shared::store::quarantine::{self, Alike};
use shared::store::{Tx, mail as store, tasks};

use crate::handlers::guard::{self, Counted};
use crate::handlers::read_mail::ReadMail;

/// How far apart copies of one content may have been sent under different Message-IDs.
const SAME_CONTENT: TimeDelta = TimeDelta::days(3);

/// A mail, and what was read of it or why it could not be read.
type Mail = (PendingEmail, Result<Box<ReadMail>, String>);

/// What mails of a chunk have in common.
pub(super) struct Setting<'a> {
    pub(super) rules: &'a Rules,
    pub(super) mailbox: &'a Mailbox,
    pub(super) batch_id: &'a str,
    pub(super) now: DateTime<Utc>,
}

/// Places mails and stores what follows; gives what was found of each, by its id.
pub(super) async fn all<'a>(
    tx: &mut Tx,
    setting: &Setting<'_>,
    mails: &'a [Mail],
) -> Result<Vec<(&'a str, EmailOutcome)>, JobError> {
    let mut ground = Ground::read(tx, setting, mails).await?;
    let mut outcomes = Vec::with_capacity(mails.len());
    for (place, (email, mail)) in mails.iter().enumerate() {
        let found = ground.place(tx, setting, place, email, mail).await?;
        ground.learn(email, &found);
        outcomes.push((email.id.as_str(), found));
    }
    tasks::save(tx, &ground.changes).await?;
    store::record(tx, &outcomes).await?;
    store::add_links(tx, &ground.new_links).await?;
    Ok(outcomes)
}

/// What mails stand on: what was known before the chunk, and what its mails have added.
struct Ground {
    /// The first mail with these bytes.
    bytes: HashMap<String, String>,
    /// The mail before the chunk with the content of the mail at this place.
    contents_before: HashMap<usize, String>,
    /// Mails of the chunk by their content.
    contents: HashMap<String, Vec<Copy>>,
    /// What mails count by, and how many of before the chunk count with each.
    counted: Vec<Option<(Counted, i64)>>,
    /// What mails of the chunk have been counted by.
    counted_since: HashMap<String, Vec<DateTime<Utc>>>,
    /// Everything known under a key.
    links: HashMap<String, Vec<Link>>,
    /// Tasks that are locked, as they are by now.
    tasks: HashMap<String, Task>,
    /// Decided and not yet saved.
    changes: Vec<Change>,
    /// Tasks among them that were there before.
    changed: HashSet<String>,
    new_links: Vec<NewLinks>,
}

/// A mail of the chunk that later ones may be copies of.
struct Copy {
    id: String,
    message_id: Option<String>,
    sent_at: Option<DateTime<Utc>>,
}

impl Ground {
    async fn read(tx: &mut Tx, setting: &Setting<'_>, mails: &[Mail]) -> Result<Self, JobError> {
        let hashes: Vec<&str> = mails.iter().map(|(email, _)| email.sha256.as_str()).collect();
        let sought: Vec<SameContent<'_>> =
            readable(mails).map(|(place, email, mail)| content(place, email, mail)).collect();
        let counted: Vec<Option<Counted>> = mails
            .iter()
            .map(|(email, mail)| guard::counted(setting.mailbox, email, &mail.as_ref().ok()?.envelope))
            .collect();
        let asked: Vec<_> = counted.iter().flatten().map(Counted::alike).collect();
        let most = setting.mailbox.flood_per_hour + 1;
        let mut floods = quarantine::floods(tx, &setting.mailbox.name, &asked, most).await?.into_iter();
        let mut keys: Vec<String> = readable(mails).flat_map(|(_, _, mail)| mail.links.lookup()).collect();
        keys.sort_unstable();
        keys.dedup();
        let mut links: HashMap<String, Vec<Link>> = HashMap::new();
        for link in store::find_links(tx, &keys).await? {
            links.entry(link.key.clone()).or_default().push(link);
        }
        let mut ground = Self {
            bytes: store::same_bytes(tx, &hashes, setting.batch_id).await?,
            contents_before: store::same_content(tx, &sought).await?,
            contents: HashMap::new(),
            counted: counted.into_iter().map(|one| one.map(|one| (one, floods.next().unwrap_or_default()))).collect(),
            counted_since: HashMap::new(),
            links,
            tasks: HashMap::new(),
            changes: Vec::new(),
            changed: HashSet::new(),
            new_links: Vec::new(),
        };
        // Most mails join a task of before the chunk, or none.
        let joined: HashSet<String> =
            readable(mails).filter_map(|(_, email, mail)| ground.task_of(mail, sent(email, mail))).collect();
        let joined: Vec<&str> = joined.iter().map(String::as_str).collect();
        let locked = tasks::lock_all(tx, &joined).await?;
        ground.tasks = locked.into_iter().map(|task| (task.task_id.clone(), task)).collect();
        Ok(ground)
    }

    async fn place(
        &mut self,
        tx: &mut Tx,
        setting: &Setting<'_>,
        place: usize,
        email: &PendingEmail,
        mail: &Result<Box<ReadMail>, String>,
    ) -> Result<EmailOutcome, JobError> {
        if let Some(original) = self.bytes.get(&email.sha256) {
            let mut found = mail.as_ref().map_or_else(|_| EmailOutcome::default(), |mail| mail.envelope.clone());
            // A copy of a mail that was kept apart is kept apart with it, but its content is not looked for again.
            found.outcome = "duplicate";
            found.duplicate_of = Some(original.clone());
            return Ok(found);
        }
        let mail = match mail {
            Ok(mail) => mail,
            Err(reason) => {
                return Ok(EmailOutcome {
                    outcome: "quarantined",
                    reason: Some(reason.clone()),
                    ..EmailOutcome::default()
                });
            }
        };
        let mut found = mail.envelope.clone();
        let asked = content(place, email, mail);
        if let Some(original) = self.contents_before.get(&place).cloned().or_else(|| self.copied(&asked)) {
            found.outcome = "duplicate";
            found.duplicate_of = Some(original);
            return Ok(found);
        }
        if email.replays == 0
            && let Some(reason) = self.kept_apart(setting, place, email, &mut found)
        {
            found.outcome = "quarantined";
            found.reason = Some(reason);
            return Ok(found);
        }
        if let Some(reason) = &mail.noise {
            found.outcome = "noise";
            found.reason = Some(reason.clone());
            return Ok(found);
        }
        let (outcome, task_id) = self.joined_or_opened(tx, setting, email, mail).await?;
        self.link(mail, &task_id, &email.id, sent(email, mail));
        found.outcome = outcome;
        found.task_id = Some(task_id);
        Ok(found)
    }

    /// What later mails of the chunk are to know of this one.
    fn learn(&mut self, email: &PendingEmail, found: &EmailOutcome) {
        if found.outcome == "duplicate" {
            return;
        }
        // Broken mails of one batch are each kept for themselves.
        if found.outcome != "quarantined" {
            self.bytes.entry(email.sha256.clone()).or_insert_with(|| email.id.clone());
        }
        if let Some(fingerprint) = &found.fingerprint {
            let copy = Copy { id: email.id.clone(), message_id: found.message_id.clone(), sent_at: found.sent_at };
            self.contents.entry(fingerprint.clone()).or_default().push(copy);
        }
        if let Some((key, at)) = &found.flood {
            self.counted_since.entry(key.clone()).or_default().push(*at);
        }
    }

    /// The mail of the chunk that has the same content.
    fn copied(&self, asked: &SameContent<'_>) -> Option<String> {
        let (from, to) = asked.sent;
        let is_same = |copy: &&Copy| {
            (asked.message_id.is_some() && copy.message_id.as_deref() == asked.message_id)
                || copy.sent_at.is_none_or(|sent| (from..=to).contains(&sent))
        };
        self.contents.get(asked.fingerprint)?.iter().find(is_same).map(|copy| copy.id.clone())
    }

    /// Why the mail comes round and round, if it does.
    fn kept_apart(
        &self,
        setting: &Setting<'_>,
        place: usize,
        email: &PendingEmail,
        found: &mut EmailOutcome,
    ) -> Option<String> {
        let counted = self.counted[place].as_ref().map(|(counted, before)| {
            let Alike { key, since, until } = counted.alike();
            let counts = |instant: &&DateTime<Utc>| **instant > since && **instant <= until;
            let here = self.counted_since.get(&key).map_or(0, |instants| instants.iter().filter(counts).count());
            (counted, before + here as i64)
        });
        guard::judge(setting.mailbox, email, found, counted)
    }

    /// The task that a mail joins by what it shares with its mails.
    fn task_of(&self, mail: &ReadMail, sent: DateTime<Utc>) -> Option<String> {
        let mut links: Vec<&Link> =
            mail.links.lookup().iter().filter_map(|key| self.links.get(key)).flatten().collect();
        links.sort_by(|a, b| (&a.task_id, &a.key, a.at).cmp(&(&b.task_id, &b.key, b.at)));
        let candidates = candidates(&links);
        mail::thread::choose(&mail.links, sent, &candidates).map(|candidate| candidate.thread.clone())
    }

    async fn joined_or_opened(
        &mut self,
        tx: &mut Tx,
        setting: &Setting<'_>,
        email: &PendingEmail,
        mail: &ReadMail,
    ) -> Result<(&'static str, String), JobError> {
        let (now, sent) = (setting.now, sent(email, mail));
        if let Some(task_id) = self.task_of(mail, sent)
            && let Some(task) = self.task(tx, &task_id).await?
        {
            if let Some(change) = intake::follow_up(&task, &mail.concluded(Some(&task)), setting.rules, now) {
                self.decide(tx, change).await?;
            }
            return Ok(("updated", task_id));
        }
        let origin = Origin {
            email_id: email.id.clone(),
            conversation_id: mail.envelope.message_id.clone().or_else(|| Some(email.id.clone())),
            mailbox: email.mailbox.clone(),
            batch_id: setting.batch_id.to_owned(),
            received_at: sent,
        };
        let task_id = shared::domain::task::new_id(now, email.id.rsplit('-').next().unwrap_or(&email.id));
        let mut reading = mail.concluded(None);
        setting.mailbox.settle(&mut reading);
        let (owner, below) = (intake::Owner::of(setting.mailbox), setting.mailbox.review_below);
        let change = intake::open(task_id.clone(), reading, origin, owner, below, setting.rules, now);
        self.decide(tx, change).await?;
        Ok(("created", task_id))
    }

    /// A task as it is by now, unless it is deleted.
    async fn task(&mut self, tx: &mut Tx, task_id: &str) -> Result<Option<Task>, JobError> {
        if !self.tasks.contains_key(task_id)
            && let Some(task) = tasks::lock(tx, task_id).await?
        {
            self.tasks.insert(task_id.to_owned(), task);
        }
        Ok(self.tasks.get(task_id).filter(|task| task.deleted_at.is_none()).cloned())
    }

    /// Keeps a change to be saved with the others; a task's second one is saved after its first.
    async fn decide(&mut self, tx: &mut Tx, change: Change) -> Result<(), JobError> {
        let task = &change.task;
        self.tasks.insert(task.task_id.clone(), task.clone());
        if task.version > 1 && !self.changed.insert(task.task_id.clone()) {
            tasks::save(tx, &std::mem::take(&mut self.changes)).await?;
            self.changed = HashSet::from([task.task_id.clone()]);
        }
        self.changes.push(change);
        Ok(())
    }

    fn link(&mut self, mail: &ReadMail, task_id: &str, email_id: &str, at: DateTime<Utc>) {
        let (keys, people) = (mail.links.stored(), &mail.links.participants);
        for key in &keys {
            let link = Link { key: key.clone(), task_id: task_id.to_owned(), people: people.clone(), at };
            self.links.entry(key.clone()).or_default().push(link);
        }
        let (task_id, email_id) = (task_id.to_owned(), email_id.to_owned());
        self.new_links.push(NewLinks { keys, task_id, email_id, people: people.clone(), at });
    }
}

/// Mails that could be read, with their places.
fn readable(mails: &[Mail]) -> impl Iterator<Item = (usize, &PendingEmail, &ReadMail)> {
    mails.iter().enumerate().filter_map(|(place, (email, mail))| Some((place, email, &**mail.as_ref().ok()?)))
}

/// When a mail was sent, by its own word if it has one.
fn sent(email: &PendingEmail, mail: &ReadMail) -> DateTime<Utc> {
    mail.sent_at.unwrap_or(email.received_at)
}

fn content<'a>(place: usize, email: &PendingEmail, mail: &'a ReadMail) -> SameContent<'a> {
    let sent = sent(email, mail);
    SameContent {
        place,
        fingerprint: &mail.fingerprint,
        message_id: mail.envelope.message_id.as_deref(),
        sent: (sent - SAME_CONTENT, sent + SAME_CONTENT),
    }
}

/// What is known of each task that shares a key with a mail, from its links in the order of tasks and keys.
fn candidates(links: &[&Link]) -> Vec<Candidate> {
    let mut candidates: Vec<Candidate> = Vec::new();
    for link in links {
        if candidates.last().is_none_or(|last| last.thread != link.task_id) {
            let (keys, participants) = (Vec::new(), Vec::new());
            candidates.push(Candidate { thread: link.task_id.clone(), keys, participants, last_at: link.at });
        }
        let Some(candidate) = candidates.last_mut() else { continue };
        candidate.keys.push(link.key.clone());
        candidate.participants.extend(link.people.iter().cloned());
        candidate.last_at = candidate.last_at.max(link.at);
    }
    for candidate in &mut candidates {
        candidate.keys.dedup();
        candidate.participants.sort_unstable();
        candidate.participants.dedup();
    }
    candidates
}
