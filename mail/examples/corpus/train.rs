//! Examples of each question from labelled mail, and the models they give.

use mail::model::fit::{Example, Fitted, Settings, fit};
use mail::model::questions::{Models, Pick, Question, examine};

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
        let known = mail::Known { own_domains: set.own.clone(), ..mail::Known::default() };
        for (gold, raw) in &set.mails {
            if gold.line.duplicate_of.is_some() {
                continue;
            }
            let Ok(mail) = mail::parse(raw, mail::Format::Rfc822, &mail::Limits::default()) else { continue };
            let features = examine(&found, &mail, &known);
            for (question, examples) in Question::ALL.into_iter().zip(&mut examples) {
                if let Some(class) = class(question, gold) {
                    examples.push(Example {
                        features: features.clone(),
                        class,
                        group,
                        weight: weight(question, class),
                    });
                }
            }
        }
    }
    let fitted: Vec<Fitted> = Question::ALL
        .into_iter()
        .zip(&examples)
        .map(|(question, examples)| fit(&question.classes(), examples, settings(question, sets.len())))
        .collect();
    let texts = Question::ALL.into_iter().zip(&fitted).map(|(q, fitted)| (q.name(), fitted.text.clone()));
    let texts = texts
        .chain(Pick::ALL.into_iter().zip(&picks).map(|(pick, fitted)| (pick.name(), fitted.text.clone())))
        .collect();
    let models: Vec<_> = fitted.into_iter().map(|fitted| fitted.model).collect();
    Trained { models: Models::new(models.try_into().expect("a model a question"), pick::models(&picks)), texts }
}

fn settings(question: Question, companies: usize) -> Settings {
    let knob = |name: &str, default: f64| std::env::var(name).ok().and_then(|v| v.parse().ok()).unwrap_or(default);
    let l2 = match question {
        Question::Noise => knob("L2N", 1.0),
        Question::Category => knob("L2C", 1.0),
        Question::State => knob("L2S", 1.0),
        Question::Status => knob("L2T", 1.0),
        Question::Urgency | Question::Gravity => knob("L2P", 1.0),
    };
    Settings { l2, least: 3, groups: companies.min(2) }
}

/// The rarer class of a yes-or-no question is not drowned.
fn weight(_question: Question, _class: usize) -> f32 {
    1.0
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
        Question::Noise => return None,
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
        Question::Urgency | Question::Gravity => return None,
    };
    question.classes().iter().position(|class| *class == answer)
}
