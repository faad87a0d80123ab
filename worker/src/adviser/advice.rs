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
        if advice.spans().into_iter().flatten().all(|span| is_literal(span, mail)) {
            Ok(advice)
        } else {
            Err("a span is not literally in the mail".to_owned())
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
        let Reading { category, state, status, priority, .. } = *reading;
        if let Some(said) = &self.workflow_category {
            reading.category = said.value;
            reading.secondary.retain(|category| *category != said.value);
        }
        // The order is from best to worst.
        reading.status = self.task_status.as_ref().map_or(status, |said| status.max(said.value));
        // The first is the most urgent.
        reading.priority = self.priority.as_ref().map_or(priority, |said| priority.min(said.value));
        reading.state = self.workflow_state.as_ref().map_or(state, |said| said.value);
        agree(reading, state);

        let [by_category, by_state, by_status, by_priority] = self.spans();
        let decided = [
            ("workflow_category", by_category, reading.category != category),
            // A matter that is not done after all is so by its colour.
            ("workflow_state", by_state.or(by_status), reading.state != state),
            ("task_status", by_status, reading.status != status),
            ("priority", by_priority, reading.priority != priority),
        ];
        for (field, span, changed) in decided {
            if let (Some(span), true) = (span, changed) {
                let rule = format!("adviser {model}");
                let why = Explanation { rule, span: Some(span.to_owned()), confidence: CONFIDENCE };
                reading.analysis.insert(field.to_owned(), why);
            }
        }
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use shared::domain::Entities;

    use super::*;

    const MAIL: &str = "Subject: Order\n\nPlease close it, all is well.";

    fn reading(status: Status, state: WorkflowState) -> Reading {
        Reading {
            category: Category::OrderManagement,
            secondary: vec![Category::ReturnsAndRma],
            state,
            status,
            priority: Priority::High,
            entities: Entities::default(),
            value: None,
            title: "Order".to_owned(),
            text: "Please close it, all is well.".to_owned(),
            confidence: 0.2,
            analysis: BTreeMap::new(),
            processing_time: 0,
        }
    }

    fn after(answer: &str, status: Status, state: WorkflowState) -> Reading {
        let mut reading = reading(status, state);
        Advice::read(answer, MAIL).unwrap().apply("small", &mut reading);
        reading
    }

    #[test]
    fn status_and_state_always_agree_and_the_status_never_improves() {
        let phase = |value: &str| format!(r#"{{"workflow_state": {{"value": "{value}", "span": "close it"}}}}"#);
        let colour = |value: &str| format!(r#"{{"task_status": {{"value": "{value}", "span": "all is well"}}}}"#);
        for before in [Status::Red, Status::Yellow, Status::Green, Status::Completed] {
            let stage = match before {
                Status::Completed => WorkflowState::Completion,
                _ => WorkflowState::StartPoint,
            };
            let phases = ["START_POINT", "IN_PROGRESS", "COMPLETION"].map(phase);
            let colours = ["RED", "YELLOW", "GREEN", "COMPLETED"].map(colour);
            for answer in phases.iter().chain(&colours) {
                let read = after(answer, before, stage);
                assert!(read.status >= before, "{answer}");
                assert_eq!(read.status == Status::Completed, read.state == WorkflowState::Completion, "{answer}");
            }
        }
    }

    #[test]
    fn only_what_it_changed_is_said_to_be_its_doing() {
        let answer = r#"{"workflow_category": {"value": "Returns and RMA", "span": "Please"},
                         "priority": {"value": "NORMAL", "span": "all is well"}}"#;
        let read = after(answer, Status::Green, WorkflowState::StartPoint);
        assert_eq!((read.category, read.priority), (Category::ReturnsAndRma, Priority::High));
        assert!(read.secondary.is_empty() && read.confidence < 0.5);
        assert_eq!(read.analysis.keys().collect::<Vec<_>>(), ["workflow_category"]);
    }
}
