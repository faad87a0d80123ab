//! What an adviser may say, and what becomes of it.

use serde::{Deserialize, Serialize};
use shared::domain::intake::Reading;
use shared::domain::task::Explanation;
use shared::domain::{Category, Priority, Status, WorkflowState};

/// Longest span, in characters.
const SPAN: usize = 300;
/// Confidence of a field that an adviser decided: it is not calibrated.
const CONFIDENCE: f32 = 0.5;

/// Judged advice. What is not said stays as it was read; whoever says anything else is not listened to at all.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Advice {
    /// What the mail is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub workflow_category: Option<Said<Category>>,
    /// How far the matter has come.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub workflow_state: Option<Said<WorkflowState>>,
    /// Its colour.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task_status: Option<Said<Status>>,
    /// How soon.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub priority: Option<Said<Priority>>,
}

/// A value, and the text of the mail that it rests on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Said<T> {
    /// The value.
    pub value: T,
    /// Literal text of the mail.
    pub span: String,
}

impl Advice {
    /// Reads an answer about this mail.
    ///
    /// # Errors
    /// What is wrong with it: another field, a value that is none of the field's, a span that the mail does not hold.
    pub fn read(answer: &str, mail: &str) -> Result<Self, String> {
        let advice: Self = serde_json::from_str(answer.trim()).map_err(|error| error.to_string())?;
        match advice.spans().into_iter().flatten().find(|span| !is_literal(span, mail)) {
            Some(_) => Err("a span is not literally in the mail".to_owned()),
            None => Ok(advice),
        }
    }

    fn spans(&self) -> [Option<&str>; 4] {
        [
            self.workflow_category.as_ref().map(|said| said.span.as_str()),
            self.workflow_state.as_ref().map(|said| said.span.as_str()),
            self.task_status.as_ref().map(|said| said.span.as_str()),
            self.priority.as_ref().map(|said| said.span.as_str()),
        ]
    }

    /// Lets it speak, as far as it may. Every field it changes says so; the confidence stays that of the first reading,
    /// so that a person looks all the same.
    pub fn apply(&self, model: &str, reading: &mut Reading) {
        let rule = format!("adviser {model}");
        let first = ((reading.status, reading.state), reading.category, reading.priority);
        if let Some(said) = &self.workflow_category {
            reading.category = said.value;
            reading.secondary.retain(|category| *category != said.value);
        }
        if let Some(said) = &self.task_status {
            // The order is from best to worst.
            reading.status = reading.status.max(said.value);
        }
        if let Some(said) = &self.priority {
            // The first is the most urgent.
            reading.priority = reading.priority.min(said.value);
        }
        if let Some(said) = &self.workflow_state {
            reading.state = said.value;
        }
        agree(reading, first.0.1);

        let mut explain = |field: &str, span: Option<&String>, changed: bool| {
            if let (Some(span), true) = (span, changed) {
                let why = Explanation { rule: rule.clone(), span: Some(span.clone()), confidence: CONFIDENCE };
                reading.analysis.insert(field.to_owned(), why);
            }
        };
        let ((status, state), category, priority) = first;
        let now = (reading.status != status, reading.state != state, reading.category != category);
        let hurried = reading.priority != priority;
        explain("workflow_category", self.workflow_category.as_ref().map(|said| &said.span), now.2);
        // A matter that is not done after all is so by its colour.
        let state_span = self.workflow_state.as_ref().map(|said| &said.span);
        let status_span = self.task_status.as_ref().map(|said| &said.span);
        explain("workflow_state", state_span.or(status_span), now.1);
        explain("task_status", status_span, now.0);
        explain("priority", self.priority.as_ref().map(|said| &said.span), hurried);
    }
}

fn is_literal(span: &str, mail: &str) -> bool {
    !span.trim().is_empty() && span.chars().count() <= SPAN && mail.contains(span)
}

/// COMPLETED goes with COMPLETION. Where advice breaks that the status decides, for it can only have been raised.
fn agree(reading: &mut Reading, first: WorkflowState) {
    let done = reading.status == Status::Completed;
    if done != (reading.state == WorkflowState::Completion) {
        reading.state = match (done, first) {
            (true, _) => WorkflowState::Completion,
            (false, WorkflowState::Completion) => WorkflowState::InProgress,
            (false, first) => first,
        };
    }
}
