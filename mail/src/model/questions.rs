//! The questions put to a mail, and the models that answer them.

use std::sync::LazyLock;

use crate::entity::Entities;
use crate::reading::Reading;
use crate::{Category, Mail, State, Status};

use super::document::{self, Evidence};
use super::features::Features;
use super::linear::{Linear, best_two};

/// A question about a whole mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Question {
    /// Does it make a task?
    Noise,
    /// What is asked?
    Category,
    /// Where does the matter stand?
    State,
    /// How well does it go, if it is not closed?
    Status,
    /// Is haste asked for?
    Urgency,
    /// Is harm grave: a stand-still, a demand for today, management?
    Gravity,
}

impl Question {
    /// All questions, in the order of [`Models`].
    pub const ALL: [Self; 6] = [Self::Noise, Self::Category, Self::State, Self::Status, Self::Urgency, Self::Gravity];

    /// Name of the model's file in `mail/model`, without its ending.
    pub fn name(self) -> &'static str {
        match self {
            Self::Noise => "noise",
            Self::Category => "category",
            Self::State => "state",
            Self::Status => "status",
            Self::Urgency => "urgency",
            Self::Gravity => "gravity",
        }
    }

    /// Names of its answers.
    pub fn classes(self) -> Vec<&'static str> {
        match self {
            Self::Noise => vec!["task", "noise"],
            Self::Category => Category::ALL.iter().map(|category| category.as_str()).collect(),
            Self::State => State::ALL.iter().map(|state| state.as_str()).collect(),
            Self::Status => Status::OPEN.iter().map(|status| status.as_str()).collect(),
            Self::Urgency => vec!["calm", "urgent"],
            Self::Gravity => vec!["plain", "grave"],
        }
    }
}

/// One model a question.
#[derive(Clone, Debug)]
pub struct Models([Linear; 6]);

static BUNDLED: LazyLock<Models> = LazyLock::new(|| {
    let read = |text: &str| Linear::read(text).expect("the bundled model is checked by a test");
    Models([
        read(include_str!("../../model/noise.tsv")),
        read(include_str!("../../model/category.tsv")),
        read(include_str!("../../model/state.tsv")),
        read(include_str!("../../model/status.tsv")),
        read(include_str!("../../model/urgency.tsv")),
        read(include_str!("../../model/gravity.tsv")),
    ])
});

impl Models {
    /// The models of this version.
    pub fn bundled() -> &'static Self {
        &BUNDLED
    }

    /// Models trained elsewhere, in the order of [`Question::ALL`].
    pub fn new(models: [Linear; 6]) -> Self {
        Self(models)
    }

    /// The model of a question.
    pub fn of(&self, question: Question) -> &Linear {
        &self.0[question as usize]
    }

    /// The answer with its probability and the runner-up.
    pub(crate) fn answer(&self, question: Question, features: &Features) -> Answer {
        let probabilities = self.of(question).probabilities(features);
        let (best, second) = best_two(&probabilities);
        Answer { best, second, probabilities }
    }
}

/// What a model said.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub best: usize,
    pub second: usize,
    pub probabilities: Vec<f32>,
}

/// The features of a mail as training needs them: with names.
pub fn examine(mail: &Mail, own_domains: &[String]) -> Features {
    let reading = Reading::new(mail, own_domains);
    let text = crate::analysis::searched(mail);
    let entities: Entities = crate::analysis::entities(mail, &text, &reading);
    let noise = crate::noise::reason(&reading, &entities).map(|(reason, _)| reason);
    let cents = crate::analysis::amount(&reading).map(|amount| amount.cents);
    document::features(&Evidence { reading: &reading, entities: &entities, cents, noise }, true)
}
