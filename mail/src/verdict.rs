//! What the models say of a mail, put together by the guideline's own rules: a closed matter is completed and of normal
//! priority, harm is high or critical, haste and value raise what is open.

use crate::model::document::Texts;
use crate::model::questions::{Answer, Question, Weighed};
use crate::{Analysis, Category, Explanation, Priority, State, Status};

/// One decided field.
#[derive(Clone, Debug)]
pub(crate) struct Decided<T> {
    pub value: T,
    /// Probability that it is right, from 0 to 1.
    pub confidence: f32,
    /// Literal words that spoke most for it.
    pub span: Option<String>,
}

/// All decided fields.
pub(crate) struct Verdict {
    pub category: Decided<Category>,
    pub secondary: Vec<Category>,
    pub state: Decided<State>,
    pub status: Decided<Status>,
    pub priority: Decided<Priority>,
    /// What made the priority.
    pub priority_rule: &'static str,
}

/// From this probability on a category that did not win is named as a further one.
const SECONDARY: f32 = 0.2;
/// From this probability on a mail is noise: less than a half, because noise is rare in what is learned from.
const NOISE: f32 = 0.35;
const DOLLARS: i64 = 100;

/// Whether a mail makes no task.
pub(crate) fn is_noise(weighed: &Weighed<'_>) -> bool {
    weighed.answer(Question::Noise).probabilities[1] >= NOISE
}

/// How sure it is that a mail makes no task, and the words that spoke most for it.
pub(crate) fn noise(weighed: &Weighed<'_>, texts: &Texts) -> (f32, Option<String>) {
    let answer = weighed.answer(Question::Noise);
    (answer.probabilities[1], span(weighed, texts, Question::Noise, &answer))
}

impl Verdict {
    /// Asks every model.
    pub fn of(weighed: &Weighed<'_>, texts: &Texts, cents: Option<i64>) -> Self {
        let ask = |question| weighed.answer(question);
        let span = |question, answer: &Answer| span(weighed, texts, question, answer);
        let category = ask(Question::Category);
        let state = ask(Question::State);
        let state = Decided {
            value: State::ALL[state.best],
            confidence: state.probabilities[state.best],
            span: span(Question::State, &state),
        };
        let status = if state.value == State::Completion {
            Decided { value: Status::Completed, confidence: 1.0, span: state.span.clone() }
        } else {
            let status = ask(Question::Status);
            Decided {
                value: Status::OPEN[status.best],
                confidence: status.probabilities[status.best],
                span: span(Question::Status, &status),
            }
        };
        let (priority, priority_rule) = priority(&status, cents.unwrap_or(0), |question| {
            let answer = ask(question);
            let span = span(question, &answer);
            Decided { value: answer.best == 1, confidence: answer.probabilities[answer.best], span }
        });
        let secondary = Category::ALL
            .into_iter()
            .enumerate()
            .filter(|(index, _)| *index != category.best && category.probabilities[*index] >= SECONDARY)
            .map(|(_, category)| category)
            .collect();
        Self {
            category: Decided {
                value: Category::ALL[category.best],
                confidence: category.probabilities[category.best],
                span: span(Question::Category, &category),
            },
            secondary,
            state,
            status,
            priority,
            priority_rule,
        }
    }

    /// Writes the decisions and their reasons into an analysis.
    pub fn enter(self, analysis: &mut Analysis) {
        let sure = self.category.confidence * self.state.confidence * self.status.confidence;
        let mut explain = |field: &str, rule: &str, span: Option<String>, confidence: f32| {
            let why = Explanation { rule: rule.to_owned(), span, confidence };
            analysis.explanations.insert(field.to_owned(), why);
        };
        explain("workflow_category", "model category", self.category.span, self.category.confidence);
        explain("workflow_state", "model state", self.state.span, self.state.confidence);
        let rule = if self.status.value == Status::Completed { "state is completion" } else { "model status" };
        explain("task_status", rule, self.status.span, self.state.confidence * self.status.confidence);
        explain("priority", self.priority_rule, self.priority.span, self.state.confidence * self.priority.confidence);
        analysis.category = self.category.value;
        analysis.secondary = self.secondary;
        analysis.state = self.state.value;
        analysis.status = self.status.value;
        analysis.priority = self.priority.value;
        analysis.waiting_on_customer &= self.status.value == Status::Yellow;
        analysis.confidence = sure;
    }
}

/// The literal words that spoke most for an answer.
fn span(weighed: &Weighed<'_>, texts: &Texts, question: Question, answer: &Answer) -> Option<String> {
    texts.words(weighed.reason(question, answer)?)
}

/// Priority of a status, by the first rule that applies.
fn priority(
    status: &Decided<Status>,
    cents: i64,
    ask: impl Fn(Question) -> Decided<bool>,
) -> (Decided<Priority>, &'static str) {
    let decided = |value, said: Decided<bool>| Decided {
        value,
        confidence: status.confidence * said.confidence,
        span: said.span.or_else(|| status.span.clone()),
    };
    let by_status = |value| Decided { value, confidence: status.confidence, span: status.span.clone() };
    match status.value {
        Status::Completed => (by_status(Priority::Normal), "completed"),
        Status::Red if cents >= 100_000 * DOLLARS => (by_status(Priority::Critical), "red, and worth 100,000 or more"),
        Status::Red => {
            let grave = ask(Question::Gravity);
            if grave.value {
                (decided(Priority::Critical, grave), "red, and model gravity")
            } else {
                (decided(Priority::High, grave), "red")
            }
        }
        Status::Yellow | Status::Green if cents >= 50_000 * DOLLARS => {
            (by_status(Priority::High), "worth 50,000 or more")
        }
        Status::Yellow | Status::Green => {
            let urgent = ask(Question::Urgency);
            if urgent.value {
                (decided(Priority::High, urgent), "model urgency")
            } else if status.value == Status::Yellow {
                (decided(Priority::Medium, urgent), "yellow")
            } else if cents >= 10_000 * DOLLARS {
                (decided(Priority::Medium, urgent), "worth 10,000 or more")
            } else {
                (decided(Priority::Normal, urgent), "nothing presses")
            }
        }
    }
}
