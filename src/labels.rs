//! Labels of a mail: as the pipeline reads it now, and as people corrected it.

use mail::model::questions::Models;
use mail::{Before, Draft, Entities, Format, Limits, Line};
use serde::Deserialize;
use serde_json::{Map, Number, Value, json};

/// What one field should have been, as the server gives it.
#[derive(Debug, Deserialize)]
pub struct Correction {
    /// The field.
    pub field: String,
    /// What the task showed.
    pub said: Value,
    /// What it should have been.
    pub corrected: Value,
    /// `correct` or `update`.
    pub source: String,
}

impl Correction {
    /// Somebody spoke of this very mail, and not of the task as it came to be.
    fn is_about_the_mail(&self) -> bool {
        self.source == "correct"
    }
}

/// A line of a labelled set; `None` if the mail cannot be read. `email` is the mail as the server lists it, and `alone`
/// says that its task has no other. Corrections are in the order in which they were made: the last of a field holds.
pub fn label(file: &str, raw: &[u8], email: &Value, alone: bool, corrections: &[Correction]) -> Option<Value> {
    let mail = mail::parse(raw, Format::Rfc822, &Limits::default()).ok()?;
    let mut line =
        Line { file: file.to_owned(), thread: email["task_id"].as_str().unwrap_or(file).to_owned(), ..Line::default() };
    let mut fields: Vec<&str> = Vec::new();
    if corrections.iter().any(|one| one.field == "is_noise") {
        line.is_noise = true;
        fields.push("is_noise");
    } else {
        read(&mut line, &mail, email["outcome"] == "updated");
        for correction in corrections {
            if enter(&mut line, correction, raw, &mail, alone) && !fields.contains(&correction.field.as_str()) {
                fields.push(&correction.field);
            }
        }
        agree(&mut line, &fields);
    }
    if fields.is_empty() {
        return None;
    }
    fields.sort_unstable();
    let mut label = json!(line);
    label["language"] = json!(mail::language(&mail.new_text).as_str());
    label["corrected"] = json!(fields);
    Some(label)
}

fn read(line: &mut Line, mail: &mail::Mail, joined: bool) {
    let draft = Draft::of(Models::bundled(), mail, mail::Known::domains(&[]));
    let analysis = draft.conclude(Before { joined, status: None });
    line.workflow_category = Some(analysis.category.as_str().to_owned());
    line.workflow_state = Some(analysis.state.as_str().to_owned());
    line.task_status = Some(analysis.status.as_str().to_owned());
    line.priority = Some(analysis.priority.as_str().to_owned());
    line.dollar_value = analysis.dollar_cents.and_then(|cents| Number::from_f64(cents as f64 / 100.0));
    line.entities = analysis.entities;
}

/// Enters a correction; `false` if it does not tell of this mail.
fn enter(line: &mut Line, correction: &Correction, raw: &[u8], mail: &mail::Mail, alone: bool) -> bool {
    let said = || correction.corrected.as_str().map(str::to_owned);
    match correction.field.as_str() {
        "workflow_category" => line.workflow_category = said(),
        "workflow_state" => line.workflow_state = said(),
        "task_status" => line.task_status = said(),
        "priority" => line.priority = said(),
        // Later mails change what a task is worth.
        "dollar_value" if alone || correction.is_about_the_mail() => {
            line.dollar_value = correction.corrected.as_number().filter(|number| number.as_f64() != Some(0.0)).cloned();
        }
        "entities" => return enter_lists(&mut line.entities, correction, raw, mail),
        _ => return false,
    }
    true
}

/// Said of the mail, a list is what it should be. Said of the task, what went was misread; what came was missed if the
/// mail has it at all.
fn enter_lists(entities: &mut Entities, correction: &Correction, raw: &[u8], mail: &mail::Mail) -> bool {
    let mut lists: Map<String, Value> = match json!(entities) {
        Value::Object(lists) => lists,
        _ => return false,
    };
    let texts = [mail.subject.as_str(), &mail.new_text, &mail.signature, &mail.quoted_text];
    let raw = String::from_utf8_lossy(raw);
    let holds = |value: &str| texts.iter().any(|text| text.contains(value)) || raw.contains(value);
    let mut entered = false;
    for (name, list) in correction.corrected.as_object().into_iter().flatten() {
        let (was, becomes) = (texts_of(&correction.said[name]), texts_of(list));
        let mut values = texts_of(&lists[name]);
        if correction.is_about_the_mail() {
            values.clone_from(&becomes);
            entered = true;
        } else {
            let before = values.clone();
            values.retain(|value| becomes.contains(value) || !was.contains(value));
            let missed = becomes.iter().filter(|value| !was.contains(value) && holds(value));
            for value in missed {
                if !values.contains(value) {
                    values.push(value.clone());
                }
            }
            entered |= values != before;
        }
        lists[name] = json!(values);
    }
    if let Ok(read) = serde_json::from_value(Value::Object(lists)) {
        *entities = read;
    }
    entered
}

fn texts_of(list: &Value) -> Vec<String> {
    list.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// COMPLETED goes with COMPLETION; of the two the one that was corrected decides.
fn agree(line: &mut Line, corrected: &[&str]) {
    let done = (line.task_status.as_deref() == Some("COMPLETED"), line.workflow_state.as_deref() == Some("COMPLETION"));
    let by_status = corrected.contains(&"task_status");
    match done {
        (true, false) if by_status => line.workflow_state = Some("COMPLETION".to_owned()),
        (true, false) => line.task_status = Some("GREEN".to_owned()),
        (false, true) if by_status => line.workflow_state = Some("IN_PROGRESS".to_owned()),
        (false, true) => line.task_status = Some("COMPLETED".to_owned()),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAIL: &[u8] = b"From: a@b.example\r\nTo: orders@d.example\r\nSubject: PO 45018823\r\nDate: Mon, 2 Mar 2026 09:00:00 +0000\r\n\r\n\
        Please enter PO 45018823 and ship part WS-C2960X-24.\r\n";

    fn correction(field: &str, said: Value, corrected: Value, source: &str) -> Correction {
        Correction { field: field.to_owned(), said, corrected, source: source.to_owned() }
    }

    fn labelled(alone: bool, corrections: &[Correction]) -> Option<Value> {
        let email = json!({"task_id": "TASK-1", "outcome": "created"});
        label("0000.eml", MAIL, &email, alone, corrections)
    }

    #[test]
    fn what_was_corrected_is_labelled_so_and_the_rest_as_it_is_read() {
        let category = correction("workflow_category", json!("General Support"), json!("Deal Activations"), "update");
        let status = correction("task_status", json!("GREEN"), json!("COMPLETED"), "correct");
        let line = labelled(true, &[category, status]).unwrap();
        assert_eq!(line["workflow_category"], "Deal Activations");
        assert_eq!([&line["task_status"], &line["workflow_state"]], ["COMPLETED", "COMPLETION"]);
        assert_eq!(line["po_numbers"], json!(["45018823"]));
        assert_eq!(line["corrected"], json!(["task_status", "workflow_category"]));
        assert_eq!(
            (&line["file"], &line["thread"], &line["language"]),
            (&json!("0000.eml"), &json!("TASK-1"), &json!("en"))
        );
    }

    #[test]
    fn what_a_task_came_to_be_is_no_label_of_a_mail_that_does_not_say_it() {
        let lists = |values: &[&str]| json!({"po_numbers": values});
        let other = correction("entities", lists(&["45018823"]), lists(&["45018823", "777"]), "update");
        let value = correction("dollar_value", json!(0), json!(100), "update");
        assert!(labelled(false, &[other, value]).is_none());
        let removed = correction("entities", lists(&["45018823"]), lists(&[]), "update");
        assert_eq!(labelled(true, &[removed]).unwrap()["po_numbers"], json!([]));
        let told = correction("entities", lists(&["45018823"]), lists(&["777"]), "correct");
        assert_eq!(labelled(false, &[told]).unwrap()["po_numbers"], json!(["777"]));
    }

    #[test]
    fn noise_has_no_other_labels() {
        let line = labelled(true, &[correction("is_noise", json!(false), json!(true), "correct")]).unwrap();
        assert_eq!((&line["is_noise"], &line["workflow_category"]), (&json!(true), &Value::Null));
        assert_eq!(line["po_numbers"], json!([]));
    }
}
