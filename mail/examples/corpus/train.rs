//! Examples of each question from labelled mail, and the models they give.

use std::collections::HashMap;

use mail::model::fit::{Example, Fitted, Settings, fit};
use mail::model::questions::{Models, Pick, Question, examine};

use mail::{Before, Known, Status};

use crate::pick;
use crate::set::{Gold, Set};

pub struct Trained {
    pub models: Models,
    /// Name and text of each file.
    pub texts: Vec<(&'static str, String)>,
}

pub fn train(sets: &[&Set]) -> Trained {
    let picks = pick::fitted(sets);
    let found = Models::bundled().picking(pick::models(&picks));
    let mut examples: Vec<Vec<Example>> = vec![Vec::new(); Question::ALL.len()];
    for (group, set) in sets.iter().enumerate() {
        let mut seen = Seen::default();
        let known = Known::domains(&set.own);
        for (gold, raw) in &set.mails {
            if gold.line.duplicate_of.is_some() {
                continue;
            }
            let Ok(mail) = mail::parse(raw, mail::Format::Rfc822, &mail::Limits::default()) else { continue };
            let before = seen.before(gold);
            // A mail is read for itself first, and then with what is known of its task: both are learned.
            let alone = (None, if before.is_some() { 0.4 } else { 1.0 });
            for (before, weight) in std::iter::once(alone).chain(before.map(|before| (Some(before), 0.6))) {
                let features = examine(&found, &mail, known, before);
                for (question, examples) in Question::ALL.into_iter().zip(&mut examples) {
                    if let Some(class) = class(question, gold) {
                        examples.push(Example { features: features.clone(), class, group, weight });
                    }
                }
            }
        }
    }
    let fitted: Vec<Fitted> = Question::ALL
        .into_iter()
        .zip(&examples)
        .map(|(question, examples)| fit(&question.classes(), examples, SETTINGS))
        .collect();
    let texts = Question::ALL.into_iter().zip(&fitted).map(|(question, fitted)| (question.name(), fitted.text.clone()));
    let texts = texts
        .chain(Pick::ALL.into_iter().zip(&picks).map(|(pick, fitted)| (pick.name(), fitted.text.clone())))
        .collect();
    let models: Vec<_> = fitted.into_iter().map(|fitted| fitted.model).collect();
    Trained { models: Models::new(&models.try_into().expect("a model a question"), pick::models(&picks)), texts }
}

/// The penalty was chosen by leaving companies out: from 1 to 3 the figures hardly change.
const SETTINGS: Settings = Settings { l2: 2.0, least: 3, groups: 2 };

/// What each labelled thread last said.
#[derive(Default)]
struct Seen(HashMap<String, Option<Status>>);

impl Seen {
    /// What was known before a mail; nothing of short mails, which have no thread.
    fn before(&mut self, gold: &Gold) -> Option<Before> {
        let line = &gold.line;
        if line.is_noise || line.thread.is_empty() {
            return None;
        }
        let said = line.task_status.as_deref().and_then(Status::parse);
        let before = self.0.insert(line.thread.clone(), said);
        Some(Before { joined: before.is_some(), status: before.flatten() })
    }
}

/// The right answer, if the labels give one.
fn class(question: Question, gold: &Gold) -> Option<usize> {
    let line = &gold.line;
    if question == Question::Noise {
        return Some(usize::from(line.is_noise));
    }
    if line.is_noise {
        return None;
    }
    let dollars = line.dollar_value.as_ref().and_then(serde_json::Number::as_f64).unwrap_or(0.0);
    let (status, priority) = (line.task_status.as_deref()?, line.priority.as_deref()?);
    let answer = match question {
        Question::Category => line.workflow_category.as_deref()?,
        Question::State => line.workflow_state.as_deref()?,
        Question::Status => status,
        // Value alone lifts these; they say nothing of haste.
        Question::Urgency if matches!(status, "YELLOW" | "GREEN") && dollars < 50_000.0 => {
            if priority == "HIGH" {
                "urgent"
            } else {
                "calm"
            }
        }
        Question::Gravity if status == "RED" && dollars < 100_000.0 => {
            if priority == "CRITICAL" {
                "grave"
            } else {
                "plain"
            }
        }
        Question::Noise | Question::Urgency | Question::Gravity => return None,
    };
    question.classes().iter().position(|class| *class == answer)
}
