//! The questions put to a mail, and the models that answer them.

use std::sync::LazyLock;

use crate::reading::Reading;
use crate::{Category, Known, Mail, State, Status, name, number, stake};

use super::document::{self, Evidence};
use super::features::Features;
use super::fit::Belief;
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

/// What is picked out of a mail's text, a model each over its candidates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Pick {
    /// What is this number?
    Number,
    /// Is this name a customer?
    Customer,
    /// Is this amount at stake?
    Amount,
}

impl Pick {
    /// All of them, in the order of [`Models`].
    pub const ALL: [Self; 3] = [Self::Number, Self::Customer, Self::Amount];

    /// Name of the model's file in `mail/model`, without its ending.
    pub fn name(self) -> &'static str {
        match self {
            Self::Number => "number",
            Self::Customer => "customer",
            Self::Amount => "amount",
        }
    }

    /// Names of what a candidate can be; the first is nothing of interest.
    pub fn classes(self) -> Vec<&'static str> {
        match self {
            Self::Number => number::classes(),
            Self::Customer => name::CLASSES.to_vec(),
            Self::Amount => stake::CLASSES.to_vec(),
        }
    }

    /// What is believed of its features before mail was seen.
    pub fn beliefs(self) -> Vec<Belief> {
        let beliefs = match self {
            Self::Number => number::beliefs(),
            Self::Customer => name::beliefs(),
            Self::Amount => stake::beliefs(),
        };
        beliefs.into_iter().map(|(feature, class, weight)| Belief { feature, class, weight }).collect()
    }
}

/// One model a question and a model a pick.
#[derive(Clone, Debug)]
pub struct Models {
    questions: [Linear; 6],
    picks: [Linear; 3],
}

static BUNDLED: LazyLock<Models> = LazyLock::new(|| {
    let read = |text: &str| Linear::read(text).expect("the bundled model is checked by a test");
    let questions = [
        read(include_str!("../../model/noise.tsv")),
        read(include_str!("../../model/category.tsv")),
        read(include_str!("../../model/state.tsv")),
        read(include_str!("../../model/status.tsv")),
        read(include_str!("../../model/urgency.tsv")),
        read(include_str!("../../model/gravity.tsv")),
    ];
    Models {
        questions,
        picks: [
            read(include_str!("../../model/number.tsv")),
            read(include_str!("../../model/customer.tsv")),
            read(include_str!("../../model/amount.tsv")),
        ],
    }
});

impl Models {
    /// The models of this version.
    pub fn bundled() -> &'static Self {
        &BUNDLED
    }

    /// Models trained elsewhere, in the order of [`Question::ALL`] and [`Pick::ALL`].
    pub fn new(questions: [Linear; 6], picks: [Linear; 3]) -> Self {
        Self { questions, picks }
    }

    /// The model of a pick.
    pub fn pick(&self, pick: Pick) -> &Linear {
        &self.picks[pick as usize]
    }

    /// The same questions with other picks, in the order of [`Pick::ALL`].
    #[must_use]
    pub fn picking(&self, picks: [Linear; 3]) -> Self {
        Self { questions: self.questions.clone(), picks }
    }

    /// The model of a question.
    pub fn of(&self, question: Question) -> &Linear {
        &self.questions[question as usize]
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
pub fn examine(models: &Models, mail: &Mail, known: &Known) -> Features {
    let reading = Reading::new(mail, &known.own_domains);
    let text = crate::analysis::searched(mail);
    let (entities, _) = crate::analysis::entities(models, &text, &reading, known);
    let noise = crate::noise::reason(&reading, &entities).map(|(reason, _)| reason);
    let cents = crate::analysis::amount(models, &reading).map(|(amount, _)| amount.cents);
    document::features(&Evidence { reading: &reading, entities: &entities, cents, noise }, true)
}

/// A candidate of a pick with its text and its features as training needs them: with names.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// Compared with what is labelled: as written, or an amount in cents.
    pub text: String,
    /// What many candidates of one company have in common; of an amount the number of its zone.
    pub form: String,
    /// With names.
    pub features: Features,
}

/// All candidates of a pick in a mail.
pub fn candidates(pick: Pick, mail: &Mail, own_domains: &[String]) -> Vec<Candidate> {
    let reading = Reading::new(mail, own_domains);
    let text = crate::analysis::searched(mail);
    match pick {
        Pick::Number => {
            let values = number::values(&number::Source::of(&reading, &text), true);
            values
                .into_iter()
                .map(|value| {
                    let form = number::likeness(&value.text);
                    Candidate { text: value.text, form, features: value.features }
                })
                .collect()
        }
        Pick::Customer => name::names(&reading, &text, true)
            .into_iter()
            .map(|name| Candidate { form: name.text.to_lowercase(), text: name.text, features: name.features })
            .collect(),
        Pick::Amount => stake::zones(&reading, true)
            .into_iter()
            .enumerate()
            .flat_map(|(zone, candidates)| {
                candidates.into_iter().map(move |candidate| Candidate {
                    form: zone.to_string(),
                    text: candidate.amount.cents.to_string(),
                    features: candidate.features,
                })
            })
            .collect(),
    }
}
