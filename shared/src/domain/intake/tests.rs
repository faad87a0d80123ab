//! Each rule of what a later mail may do, for a task that mail opened and after a person's word.

use chrono::TimeDelta;

use super::*;
use crate::domain::task::Explanation;

fn at(hours: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).unwrap() + TimeDelta::hours(hours)
}

fn reading(status: Status) -> Reading {
    let why = |span: &str| Explanation { rule: "cue".to_owned(), span: Some(span.to_owned()), confidence: 0.9 };
    Reading {
        category: Category::OrderManagement,
        secondary: Vec::new(),
        state: WorkflowState::StartPoint,
        status,
        priority: Priority::Medium,
        entities: Entities { po_numbers: vec!["4501".to_owned()], ..Entities::default() },
        value: Some(Cents(10_000)),
        title: "Order".to_owned(),
        text: String::new(),
        confidence: 0.9,
        analysis: Analysis::from([("dollar_value".to_owned(), why("$100.00"))]),
        processing_time: 1,
    }
}

fn opened() -> Task {
    let origin = Origin {
        email_id: "mail-1".to_owned(),
        conversation_id: None,
        mailbox: "orders".to_owned(),
        batch_id: "batch-1".to_owned(),
        received_at: at(0),
    };
    open("TASK-1-a".to_owned(), reading(Status::Green), origin, None, 0.0, &Rules::builtin(), at(0)).task
}

fn by_person(task: &Task, patch: &TaskPatch) -> Task {
    let ana = Actor { principal: "ana".to_owned(), reason: None };
    change::update(task, patch, &Rules::builtin(), &ana, at(1)).unwrap().task
}

fn after(task: &Task, reading: &Reading) -> Task {
    follow_up(task, reading, &Rules::builtin(), at(2)).map_or_else(|| task.clone(), |change| change.task)
}

#[test]
fn numbers_are_added_and_none_is_taken_away() {
    let mut later = reading(Status::Green);
    later.entities =
        Entities { po_numbers: vec!["77".to_owned()], customers: vec!["Nordlicht".to_owned()], ..Entities::default() };
    let task = after(&opened(), &later);
    assert_eq!(
        (task.entities.po_numbers, task.entities.customers),
        (vec!["4501".into(), "77".into()], vec!["Nordlicht".into()])
    );
}

#[test]
fn the_newest_amount_counts_and_is_explained_by_its_mail_unless_a_person_set_it() {
    let mut later = reading(Status::Green);
    later.value = Some(Cents(5_000));
    later.analysis.get_mut("dollar_value").unwrap().span = Some("$50.00".to_owned());
    let task = after(&opened(), &later);
    assert_eq!(task.dollar_value, Cents(5_000));
    assert_eq!(task.analysis["dollar_value"].span.as_deref(), Some("$50.00"));
    let set = by_person(&opened(), &TaskPatch { dollar_value: Some(Cents(7)), ..TaskPatch::default() });
    assert_eq!(set.analysis["dollar_value"].rule, BY_PERSON);
    assert_eq!(after(&set, &later).dollar_value, Cents(7));
}

#[test]
fn the_first_later_mail_begins_the_work_unless_a_person_set_the_state() {
    assert_eq!(after(&opened(), &reading(Status::Green)).workflow_state, WorkflowState::InProgress);
    let begun = TaskPatch { workflow_state: Some(WorkflowState::InProgress), ..TaskPatch::default() };
    let back = TaskPatch { workflow_state: Some(WorkflowState::StartPoint), ..TaskPatch::default() };
    let set = by_person(&by_person(&opened(), &begun), &back);
    assert_eq!(after(&set, &reading(Status::Green)).workflow_state, WorkflowState::StartPoint);
}

#[test]
fn priority_only_rises_and_category_owner_and_title_are_left_alone() {
    let mut later = reading(Status::Green);
    (later.priority, later.category, later.title) = (Priority::Normal, Category::ReturnsAndRma, "Other".to_owned());
    let task = after(&opened(), &later);
    assert_eq!(
        (task.priority, task.workflow_category, task.title.as_str()),
        (Priority::Medium, Category::OrderManagement, "Order")
    );
    later.priority = Priority::Critical;
    let task = after(&task, &later);
    assert_eq!((task.priority, task.current_owner), (Priority::Critical, None));
}

#[test]
fn mail_takes_back_its_own_colour_and_no_persons_but_may_give_a_worse_one() {
    let red = after(&opened(), &reading(Status::Red));
    assert_eq!(after(&red, &reading(Status::Green)).manual_status, Status::Green);
    let set = by_person(&opened(), &TaskPatch { task_status: Some(Status::Yellow), ..TaskPatch::default() });
    assert_eq!(after(&set, &reading(Status::Green)).manual_status, Status::Yellow);
    assert_eq!(after(&set, &reading(Status::Completed)).manual_status, Status::Yellow);
    assert_eq!(after(&set, &reading(Status::Red)).manual_status, Status::Red);
}

#[test]
fn a_completed_task_is_opened_again_by_harm_and_not_by_thanks() {
    let done = by_person(&opened(), &TaskPatch { task_status: Some(Status::Completed), ..TaskPatch::default() });
    assert!(!after(&done, &reading(Status::Green)).is_open() && !after(&done, &reading(Status::Completed)).is_open());
    let again = after(&done, &reading(Status::Red));
    assert_eq!(
        (again.manual_status, again.completion_date, again.workflow_state),
        (Status::Red, None, WorkflowState::InProgress)
    );
}

#[test]
fn a_task_that_a_person_made_keeps_what_it_was_made_with() {
    let new = NewTask { dollar_value: Cents(900), ..NewTask::new("TASK-1-b", "Call back", Category::GeneralSupport) };
    let made = change::create(new, &Rules::builtin(), &Actor { principal: "ana".to_owned(), reason: None }, at(0)).task;
    let task = after(&made, &reading(Status::Green));
    assert_eq!((task.dollar_value, task.workflow_state), (Cents(900), WorkflowState::StartPoint));
    assert_eq!(task.entities.po_numbers, ["4501"]);
}
