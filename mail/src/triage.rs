//! The whole pipeline in memory, for `workflow triage`: the same reading, threading and duplicate search as the stored
//! one, with maps in the place of tables.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Number;

use crate::model::questions::Models;
use crate::thread::{self, Candidate};
use crate::{Analysis, Before, Draft, Entities, Format, Lesson, Limits, Mail, Memory, Status, fingerprint, parse};

/// One mail's outcome, with the keys of a labelled set.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Line {
    /// Name the mail was given.
    pub file: String,
    /// Id shared by the mails of one task.
    pub thread: String,
    /// Makes no task.
    pub is_noise: bool,
    /// Null for noise.
    pub workflow_category: Option<String>,
    /// Null for noise.
    pub workflow_state: Option<String>,
    /// Null for noise.
    pub task_status: Option<String>,
    /// Null for noise.
    pub priority: Option<String>,
    /// The seven lists, empty for noise.
    #[serde(flatten)]
    pub entities: Entities,
    /// Amount at stake in dollars.
    pub dollar_value: Option<Number>,
    /// The earlier mail this one is a second copy of.
    pub duplicate_of: Option<String>,
    /// Why the mail could not be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// Mails seen so far.
#[derive(Debug)]
pub struct Triage<'m> {
    models: &'m Models,
    limits: Limits,
    threads: Vec<Thread>,
    /// Threads that hold a key.
    by_key: HashMap<String, Vec<usize>>,
    /// First file and thread of each content and of each Message-ID with its content.
    by_print: HashMap<String, (String, Line)>,
    taken: usize,
    memory: Memory,
    /// All mail was learned from before the first was taken.
    learned: bool,
}

#[derive(Debug)]
struct Thread {
    keys: Vec<String>,
    participants: Vec<String>,
    last_at: DateTime<Utc>,
    /// What the last mail said.
    status: Option<Status>,
}

impl Default for Triage<'static> {
    fn default() -> Self {
        Self::new()
    }
}

impl Triage<'static> {
    /// Starts with nothing seen.
    pub fn new() -> Self {
        Triage::with(Models::bundled())
    }
}

impl<'m> Triage<'m> {
    /// Starts with nothing seen, and with models of the caller's.
    pub fn with(models: &'m Models) -> Self {
        Self {
            models,
            limits: Limits::default(),
            threads: Vec::new(),
            by_key: HashMap::new(),
            by_print: HashMap::new(),
            taken: 0,
            memory: Memory::default(),
            learned: false,
        }
    }

    /// Learns from a mail what helps to read others, such as the forms of the company's numbers. Call it for all mails
    /// before the first is taken, if they can be read twice.
    pub fn learn(&mut self, raw: &[u8], format: Format) {
        self.learned = true;
        if let Ok(mail) = parse(raw, format, &self.limits) {
            self.study(&mail);
        }
    }

    fn study(&mut self, mail: &Mail) {
        let lesson = Lesson::of(self.models, mail, self.memory.known());
        self.memory.take(&lesson);
    }

    /// Reads one mail; mails are to be given in the order they arrived.
    pub fn take(&mut self, file: &str, raw: &[u8], format: Format) -> Line {
        self.taken += 1;
        let mail = match parse(raw, format, &self.limits) {
            Ok(mail) => mail,
            Err(error) => {
                let thread = format!("unreadable-{}", self.taken);
                return Line { file: file.to_owned(), thread, error: Some(error.to_string()), ..Line::default() };
            }
        };
        let prints = prints(&mail);
        if let Some((first, line)) = prints.iter().find_map(|print| self.by_print.get(print)) {
            return Line { file: file.to_owned(), duplicate_of: Some(first.clone()), ..line.clone() };
        }
        let line = self.label(file, &mail);
        for print in prints {
            self.by_print.insert(print, (file.to_owned(), line.clone()));
        }
        line
    }

    fn label(&mut self, file: &str, mail: &Mail) -> Line {
        if !self.learned {
            self.study(mail);
        }
        let draft = Draft::of(self.models, mail, self.memory.known());
        if draft.analysis.noise.is_some() {
            let thread = format!("noise-{}", self.taken);
            return Line { file: file.to_owned(), thread, is_noise: true, ..Line::default() };
        }
        let (thread, before) = self.thread(mail, &draft.analysis);
        let analysis = draft.conclude(before);
        self.threads[thread].status = Some(analysis.status);
        Line {
            file: file.to_owned(),
            thread: format!("task-{thread}"),
            is_noise: false,
            workflow_category: Some(analysis.category.as_str().to_owned()),
            workflow_state: Some(analysis.state.as_str().to_owned()),
            task_status: Some(analysis.status.as_str().to_owned()),
            priority: Some(analysis.priority.as_str().to_owned()),
            dollar_value: analysis.dollar_cents.and_then(|cents| Number::from_f64(cents as f64 / 100.0)),
            entities: analysis.entities,
            duplicate_of: None,
            error: None,
        }
    }

    fn thread(&mut self, mail: &Mail, analysis: &Analysis) -> (usize, Before) {
        let links = thread::links_for(mail, analysis, self.memory.known().own_domains);
        let mut found: Vec<usize> =
            links.lookup().iter().filter_map(|key| self.by_key.get(key)).flatten().copied().collect();
        found.sort_unstable();
        found.dedup();
        // Without a date of its own a mail counts as sent when the newest of its candidates was.
        let newest = found.iter().map(|index| self.threads[*index].last_at).max();
        let at = mail.date.or(newest).unwrap_or_default();
        let candidates: Vec<Candidate> = found
            .iter()
            .map(|index| {
                let known = &self.threads[*index];
                Candidate {
                    thread: index.to_string(),
                    keys: known.keys.clone(),
                    participants: known.participants.clone(),
                    last_at: known.last_at,
                }
            })
            .collect();
        let chosen = thread::choose(&links, at, &candidates).and_then(|chosen| chosen.thread.parse().ok());
        let index = chosen.unwrap_or_else(|| {
            self.threads.push(Thread { keys: Vec::new(), participants: Vec::new(), last_at: at, status: None });
            self.threads.len() - 1
        });
        let before = Before { joined: chosen.is_some(), status: self.threads[index].status };
        let known = &mut self.threads[index];
        known.last_at = known.last_at.max(at);
        for person in
            links.participants.iter().filter(|person| !known.participants.contains(person)).collect::<Vec<_>>()
        {
            known.participants.push(person.clone());
        }
        for key in links.stored() {
            if !known.keys.contains(&key) {
                known.keys.push(key.clone());
                self.by_key.entry(key).or_default().push(index);
            }
        }
        (index, before)
    }
}

/// What makes a mail a second copy: the same content, or the same Message-ID with the same words.
fn prints(mail: &Mail) -> Vec<String> {
    let mut prints = vec![fingerprint(mail)];
    if let Some(id) = &mail.message_id {
        let words: Vec<&str> = mail.text.split_whitespace().take(60).collect();
        prints.push(format!("{id} {}", words.join(" ")));
    }
    prints
}
