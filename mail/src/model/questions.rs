//! The questions put to a mail, and the models that answer them.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use crate::fold::Folded;
use crate::reading::Reading;
use crate::{Before, Category, Known, Mail, State, Status, name, number, stake};

use super::document::{self, Evidence, Speaker};
use super::features::{ByKey, Features, Place};
use super::fit::Belief;
use super::linear::{Linear, best_two, softmax};

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

/// The models of all questions in one table, so that a feature is looked up once for all of them.
#[derive(Clone, Debug)]
pub struct Models {
    bias: Vec<f32>,
    /// Where in `weights` a feature's row begins.
    rows: HashMap<u64, u32, ByKey>,
    weights: Vec<f32>,
    /// Where each question's classes begin in a row, and where the last one's end.
    starts: [usize; 7],
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
    let picks = [
        read(include_str!("../../model/number.tsv")),
        read(include_str!("../../model/customer.tsv")),
        read(include_str!("../../model/amount.tsv")),
    ];
    Models::new(&questions, picks)
});

impl Models {
    /// The models of this version.
    pub fn bundled() -> &'static Self {
        &BUNDLED
    }

    /// Joins models, which are in the order of [`Question::ALL`] and [`Pick::ALL`].
    pub fn new(models: &[Linear; 6], picks: [Linear; 3]) -> Self {
        let mut starts = [0; 7];
        for (index, model) in models.iter().enumerate() {
            starts[index + 1] = starts[index] + model.classes().len();
        }
        let width = starts[6];
        let mut rows: HashMap<u64, u32, ByKey> = HashMap::default();
        let mut all: Vec<f32> = Vec::new();
        for (model, start) in models.iter().zip(starts) {
            for (key, weights) in model.rows() {
                let row = *rows.entry(key).or_insert_with(|| {
                    all.resize(all.len() + width, 0.0);
                    (all.len() - width) as u32
                });
                let start = row as usize + start;
                all[start..start + weights.len()].copy_from_slice(weights);
            }
        }
        let bias = models.iter().flat_map(super::linear::Linear::bias).copied().collect();
        Self { bias, rows, weights: all, starts, picks }
    }

    /// The model of a pick.
    pub fn pick(&self, pick: Pick) -> &Linear {
        &self.picks[pick as usize]
    }

    /// The same questions with other picks, in the order of [`Pick::ALL`].
    #[must_use]
    pub fn picking(&self, picks: [Linear; 3]) -> Self {
        Self { picks, ..self.clone() }
    }

    fn row(&self, key: u64) -> Option<&[f32]> {
        let start = *self.rows.get(&key)? as usize;
        Some(&self.weights[start..start + self.bias.len()])
    }

    /// The features a model knows, with their weights.
    pub(crate) fn look_up(&self, features: Features) -> Weighed<'_> {
        let mut known = Weighed { models: self, scores: self.bias.clone(), seen: Arc::default() };
        known.add(features);
        known
    }
}

/// What the models know of one mail's features.
#[derive(Clone, Debug)]
pub(crate) struct Weighed<'m> {
    models: &'m Models,
    /// Sums so far, for all classes of all questions.
    scores: Vec<f32>,
    /// What points into the mail; shared, because nothing is added to it once the mail is read.
    seen: Arc<Vec<(Place, f32, &'m [f32])>>,
}

impl Weighed<'_> {
    /// Adds features.
    pub fn add(&mut self, features: Features) {
        let models = self.models;
        let mut seen = Vec::new();
        for feature in features.entries {
            let Some(row) = models.row(feature.key) else { continue };
            for (score, weight) in self.scores.iter_mut().zip(row) {
                *score += weight * feature.value;
            }
            if let Some(place) = feature.place {
                seen.push((place, feature.value, row));
            }
        }
        if !seen.is_empty() {
            Arc::make_mut(&mut self.seen).append(&mut seen);
        }
    }

    /// The likeliest answer.
    pub fn answer(&self, question: Question) -> Answer {
        let from = self.models.starts[question as usize];
        let probabilities = softmax(&self.scores[from..self.models.starts[question as usize + 1]]);
        let (best, second) = best_two(&probabilities);
        Answer { best, second, probabilities }
    }

    /// The place that spoke most for an answer against the runner-up.
    pub fn reason(&self, question: Question, answer: &Answer) -> Option<&Place> {
        let from = self.models.starts[question as usize];
        self.seen
            .iter()
            .map(|(place, value, row)| (place, (row[from + answer.best] - row[from + answer.second]) * value))
            .filter(|(_, weight)| *weight > 0.0)
            .max_by(|a, b| a.1.total_cmp(&b.1))
            .map(|(place, _)| place)
    }
}

/// What a model said.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub best: usize,
    pub second: usize,
    pub probabilities: Vec<f32>,
}

/// The features of a mail as training needs them: with names, and with what was known before, if that is to be learned.
pub fn examine(models: &Models, mail: &Mail, known: Known<'_>, before: Option<Before>) -> Features {
    let reading = Reading::new(mail, known.own_domains);
    let text = Folded::new(&crate::analysis::searched(mail));
    let (entities, _) = crate::analysis::entities(models, &text, &reading, known);
    let noise = crate::noise::reason(&reading, &entities).map(|(reason, _)| reason);
    let cents = crate::analysis::amount(models, &reading).map(|(amount, _)| amount.cents);
    let mut features = document::features(&Evidence { reading: &reading, entities: &entities, cents, noise }, true);
    if let Some(before) = before {
        features.extend(document::context(Speaker::of(&reading), before, true));
    }
    features
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
    let text = Folded::new(&crate::analysis::searched(mail));
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
