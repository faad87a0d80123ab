//! Deadlines, pauses, levels and escalations: against a table worked out by hand, and against what must always hold.

use std::sync::Arc;

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use proptest::prelude::*;
use serde_json::Value;
use shared::domain::change::{self, Actor, MAIL, NewTask, TaskPatch};
use shared::domain::event::WorkflowEvent;
use shared::domain::sla::book::Book;
use shared::domain::sla::policy::{Action, Policy, Step, Target, Threshold};
use shared::domain::sla::rules::Rules;
use shared::domain::{Category, Change, Priority, SlaState, Status, Task, WaitingOn, WorkflowState, calendar};

use crate::calendar::calendar as calendar_of;
use crate::support::{actor, new_task, noon};

const TABLE: &str = include_str!("../fixtures/sla_clock.txt");

/// A policy for all tasks that pauses, round the clock.
pub fn pausing(name: &str) -> Policy {
    Policy {
        name: name.to_owned(),
        resolution: Target::ByPriority([4.0, 8.0, 24.0, 40.0]),
        pause_while_waiting: true,
        pause_while_snoozed: true,
        ..Policy::default_policy()
    }
}

pub fn rules(policies: Vec<Policy>) -> Rules {
    Rules::compile(1, &Book { document: Value::Null, calendars: [].into(), policies })
}

/// `11-24 12:00`, in 2026.
fn instant(text: &str) -> DateTime<Utc> {
    NaiveDateTime::parse_from_str(&format!("2026-{text}"), "%Y-%m-%d %H:%M").unwrap().and_utc()
}

fn patch(verb: &str, operand: &str) -> TaskPatch {
    let none = TaskPatch::default();
    match verb {
        "wait" => TaskPatch { waiting_on: Some(Some(WaitingOn::Customer)), ..none },
        "answer" => TaskPatch { waiting_on: Some(None), ..none },
        "snooze" => TaskPatch { snoozed_until: Some(Some(instant(operand))), ..none },
        "wake" => TaskPatch { snoozed_until: Some(None), ..none },
        "complete" => TaskPatch { task_status: Some(Status::Completed), ..none },
        "given" => TaskPatch { sla_deadline: Some(Some(instant(operand))), ..none },
        "hours" => TaskPatch { sla_hours: Some(Some(operand.parse().unwrap())), ..none },
        "policy" => TaskPatch { sla_hours: Some(None), ..none },
        priority => TaskPatch { priority: Some(Priority::parse(priority).unwrap()), ..none },
    }
}

/// The task after all that happens to it.
fn lived(rules: &Rules, happenings: &str) -> Task {
    let mut task: Option<Task> = None;
    for happening in happenings.split(';').map(str::trim) {
        let (at, what) = happening.split_at("11-24 12:00".len());
        let (verb, operand) = what.trim().split_once(' ').unwrap_or((what.trim(), ""));
        let now = instant(at);
        task = Some(match task {
            None => {
                let new = NewTask { priority: Priority::parse(verb).unwrap(), ..new_task("TASK-1-c") };
                change::create(new, rules, &actor(), now).task
            }
            Some(task) => {
                let change = match verb {
                    "sweep" => change::age(&task, rules, now),
                    verb => change::update(&task, &patch(verb, operand), rules, &actor(), now),
                };
                change.map_or(task, |change| change.task)
            }
        });
    }
    task.unwrap()
}

#[test]
fn a_task_is_due_and_stands_as_the_table_says() {
    let mut policies = vec![pausing("clock"), Policy { pause_while_waiting: false, ..pausing("strict") }];
    let mut cases = 0;
    for line in TABLE.lines() {
        if let Some(text) = line.strip_prefix("#   ") {
            let (name, calendar) = calendar_of(text);
            policies.push(Policy { calendar: Some(Arc::new(calendar)), ..pausing(&name) });
        }
        if line.starts_with('#') {
            continue;
        }
        let [name, policy, happenings, due, state] = line.split('|').map(str::trim).collect::<Vec<_>>()[..] else {
            panic!("{line}")
        };
        let policy = policies.iter().find(|known| known.name == policy).unwrap().clone();
        let task = lived(&rules(vec![policy]), happenings);
        assert_eq!((task.sla_deadline, task.sla_state.as_str()), (Some(instant(due)), state), "{name}");
        cases += 1;
    }
    assert!(cases >= 40, "{cases} cases");
}

fn created(new: NewTask, rules: &Rules) -> Task {
    change::create(new, rules, &actor(), noon()).task
}

fn updated(task: &Task, patch: &TaskPatch, rules: &Rules, now: DateTime<Utc>) -> Change {
    change::update(task, patch, rules, &actor(), now).unwrap()
}

fn hours(hours: i64) -> DateTime<Utc> {
    noon() + TimeDelta::hours(hours)
}

#[test]
fn thresholds_are_hours_before_the_deadline_or_a_share_of_the_target_in_working_time() {
    let (_, lunch) = calendar_of("berlin Europe/Berlin Mon-Fri 08:00-12:00 and 13:00-17:00");
    let policy = Policy {
        resolution: Target::Hours(8.0),
        calendar: Some(Arc::new(lunch)),
        warning: Some(Threshold::Percent(50.0)),
        critical: Some(Threshold::Hours(1.5)),
        first_response: Some(Target::Hours(2.0)),
        ..pausing("lunch")
    };
    // Monday noon is 13:00 in Berlin: 4 h until 16:00, 4 h from Tuesday 7:00.
    let task = created(new_task("TASK-1-t"), &rules(vec![policy.clone()]));
    assert_eq!(task.sla_deadline, Some(hours(23)));
    assert_eq!(task.sla_warning_at, Some(hours(4)), "half of it is done when the day is");
    assert_eq!(task.sla_critical_at, Some(hours(23) - TimeDelta::minutes(90)));
    assert_eq!(task.first_response_due, Some(hours(2)));
    assert_eq!((task.sla_policy.as_deref(), task.sla_revision), (Some("lunch"), Some(1)));

    let crossed = Policy { warning: Some(Threshold::Hours(0.5)), ..policy };
    let task = created(new_task("TASK-1-t"), &rules(vec![crossed]));
    assert_eq!(task.sla_warning_at, task.sla_critical_at, "no warning after it is critical");
}

#[test]
fn what_would_be_due_after_the_year_9999_has_no_deadline() {
    let (_, minute) = calendar_of("minute America/New_York Tue 09:00-09:01");
    let never = Policy { calendar: Some(Arc::new(minute)), resolution: Target::Hours(87_600.0), ..pausing("never") };
    let task = created(new_task("TASK-1-n"), &rules(vec![never]));
    assert_eq!((task.sla_deadline, task.sla_state, task.sla_policy.as_deref()), (None, SlaState::None, Some("never")));
    assert_eq!((task.sla_warning_at, task.sla_next_at), (None, None));
}

#[test]
fn the_first_response_is_a_persons_and_stays() {
    let rules = Rules::builtin();
    let begin = TaskPatch { workflow_state: Some(WorkflowState::InProgress), ..TaskPatch::default() };
    let give = |owner: &str| TaskPatch { current_owner: Some(Some(owner.to_owned())), ..TaskPatch::default() };
    let task = created(new_task("TASK-1-f"), &rules);
    assert_eq!(task.first_response_at, None);
    let mail = Actor { principal: MAIL.to_owned(), reason: None };
    let by_mail = change::update(&task, &begin, &rules, &mail, hours(1)).unwrap().task;
    assert_eq!(by_mail.first_response_at, None);
    let owned = updated(&task, &give("Bo"), &rules, hours(2)).task;
    assert_eq!(owned.first_response_at, Some(hours(2)));
    assert_eq!(updated(&owned, &give("Di"), &rules, hours(3)).task.first_response_at, Some(hours(2)));
    assert_eq!(updated(&task, &begin, &rules, hours(4)).task.first_response_at, Some(hours(4)));
    assert_eq!(updated(&by_mail, &give("Bo"), &rules, hours(5)).task.first_response_at, Some(hours(5)));
}

fn step(hours: f64, action: Action, to: Option<&str>) -> Step {
    Step { hours, action, to: to.map(str::to_owned) }
}

fn chain() -> Rules {
    let escalations = vec![
        step(-2.0, Action::Notify, Some("Ana Ruiz")),
        step(-1.0, Action::RaisePriority, None),
        step(1.0, Action::Reassign, Some("Bo Lindqvist")),
    ];
    rules(vec![Policy { escalations, ..pausing("Gold") }])
}

fn escalated(change: &Change) -> Vec<(usize, Action)> {
    let steps = change.events.iter().filter_map(|announced| match &announced.event {
        WorkflowEvent::SlaEscalated(data) => Some((data.step, data.action)),
        _ => None,
    });
    steps.collect()
}

#[test]
fn steps_happen_once_in_order_and_raising_the_priority_leaves_the_deadline() {
    let rules = chain();
    let new = NewTask { priority: Priority::High, current_owner: Some("Di".to_owned()), ..new_task("TASK-1-e") };
    let task = created(NewTask { owner_email: Some("di@example.com".to_owned()), ..new }, &rules);
    assert_eq!((task.sla_deadline, task.sla_next_at), (Some(hours(8)), Some(hours(6))));

    let first = change::age(&task, &rules, hours(6)).unwrap();
    assert_eq!(escalated(&first), [(1, Action::Notify)]);
    assert!(first.events.iter().all(|event| event.matches.watcher == ["Ana Ruiz"]));
    let row = first.history.last().unwrap();
    assert_eq!((row.field.as_str(), row.new_value.as_deref()), ("escalation", Some("notify Ana Ruiz")));
    assert_eq!(row.change_reason.as_deref(), Some("Escalation 1 of Gold: 2 h before the deadline"));

    let second = change::age(&first.task, &rules, hours(7)).unwrap();
    assert_eq!(escalated(&second), [(2, Action::RaisePriority)]);
    assert_eq!((second.task.priority, second.task.sla_deadline), (Priority::Critical, Some(hours(8))));
    assert_eq!(change::age(&second.task, &rules, hours(7)), None);
    assert_eq!(change::replan(&second.task, &rules, hours(7), &actor()), None, "it is still planned as it was");

    let third = change::age(&second.task, &rules, hours(9)).unwrap();
    assert_eq!(escalated(&third), [(3, Action::Reassign)]);
    assert_eq!((third.task.current_owner.as_deref(), &third.task.owner_email), (Some("Bo Lindqvist"), &None));
    let fields: Vec<_> = third.history.iter().map(|row| (row.field.as_str(), row.changed_by.as_str())).collect();
    assert_eq!(
        fields,
        ["task_status", "escalation", "current_owner", "owner_email"].map(|field| (field, "SLA Monitor"))
    );
    assert_eq!((third.task.sla_next_at, third.task.sla_state), (None, SlaState::Violated));

    let lowered = TaskPatch { priority: Some(Priority::Normal), ..TaskPatch::default() };
    let again = updated(&third.task, &lowered, &rules, hours(9)).task;
    assert_eq!((again.sla_deadline, again.sla_next_at), (Some(hours(40)), Some(hours(30))));
    assert!(again.sla_steps.iter().all(|step| step.done_at.is_none()), "another deadline has its own steps");
}

#[test]
fn a_sweep_that_comes_late_does_every_step_and_one_for_a_done_task_none() {
    let rules = chain();
    let task = created(NewTask { priority: Priority::High, ..new_task("TASK-1-l") }, &rules);
    let late = change::age(&task, &rules, hours(30)).unwrap();
    assert_eq!(escalated(&late), [(1, Action::Notify), (2, Action::RaisePriority), (3, Action::Reassign)]);
    let names: Vec<_> = late.events.iter().map(|event| event.event.name()).collect();
    let escalation = "workflow:sla:escalated";
    let expected = ["workflow:task:updated", "workflow:status:changed", "workflow:sla:violated"];
    assert_eq!(names, [&expected[..], &[escalation; 3]].concat());

    let done = TaskPatch { task_status: Some(Status::Completed), ..TaskPatch::default() };
    let done = updated(&task, &done, &rules, hours(1)).task;
    assert_eq!((done.sla_next_at, change::age(&done, &rules, hours(30))), (None, None));
}

#[test]
fn mail_that_came_too_late_is_not_escalated() {
    let mail = Actor { principal: MAIL.to_owned(), reason: None };
    let new = || NewTask { priority: Priority::High, received_at: Some(hours(-90)), ..new_task("TASK-1-m") };
    let task = change::create(new(), &chain(), &mail, noon()).task;
    assert_eq!((task.sla_state, task.sla_next_at), (SlaState::Violated, None));
    assert_eq!(change::age(&task, &chain(), noon()), None);
    let by_a_person = created(new(), &chain());
    assert_eq!(escalated(&change::age(&by_a_person, &chain(), noon()).unwrap()).len(), 3);
}

#[test]
fn an_answer_by_mail_ends_the_waiting_and_a_paused_task_shows_what_people_said() {
    let rules = rules(vec![pausing("clock")]);
    let task = created(NewTask { priority: Priority::Critical, ..new_task("TASK-1-p") }, &rules);
    let warned = change::age(&task, &rules, hours(3)).unwrap().task;
    assert_eq!(warned.task_status, Status::Yellow);
    let waiting = updated(&warned, &patch("wait", ""), &rules, hours(3));
    assert_eq!((waiting.task.task_status, waiting.task.sla_state), (Status::Green, SlaState::Paused));
    assert_eq!((waiting.task.sla_next_at, waiting.task.sla_announced), (None, warned.sla_announced));
    let rows: Vec<_> = waiting.history.iter().map(|row| (row.field.as_str(), row.changed_by.as_str())).collect();
    assert_eq!(rows, [("task_status", "SLA Monitor"), ("waiting_on", "ana")]);
}

#[test]
fn a_snooze_that_is_over_when_it_is_applied_never_was() {
    let rules = rules(vec![pausing("clock")]);
    let task = created(new_task("TASK-1-s"), &rules);
    let past = TaskPatch { snoozed_until: Some(Some(hours(1))), ..TaskPatch::default() };
    assert_eq!(change::update(&task, &past, &rules, &actor(), hours(2)), None);
    let late = created(NewTask { snoozed_until: Some(hours(-1)), ..new_task("TASK-1-s") }, &rules);
    assert_eq!((late.snoozed_until, late.sla_state, late.sla_pauses.len()), (None, SlaState::Ok, 0));
}

/// Something that may happen to a task, so many minutes after what was before it.
fn happenings() -> impl Strategy<Value = Vec<(i64, TaskPatch)>> {
    let none = TaskPatch::default;
    let what = prop_oneof![
        3 => Just(TaskPatch { waiting_on: Some(Some(WaitingOn::Customer)), ..none() }),
        3 => Just(TaskPatch { waiting_on: Some(None), ..none() }),
        2 => (0..6_000_i64).prop_map(move |minutes| TaskPatch { snoozed_until: Some(Some(noon() + TimeDelta::minutes(minutes))), ..none() }),
        1 => Just(TaskPatch { snoozed_until: Some(None), ..none() }),
        3 => (0..4_usize).prop_map(move |rank| TaskPatch { priority: Some(Priority::ALL[rank]), ..none() }),
        1 => (0..8_usize).prop_map(move |n| TaskPatch { workflow_category: Some(Category::ALL[n]), ..none() }),
        1 => Just(TaskPatch { task_status: Some(Status::Completed), ..none() }),
        1 => Just(TaskPatch { task_status: Some(Status::Green), ..none() }),
        1 => Just(TaskPatch { sla_hours: Some(Some(30.0)), ..none() }),
        1 => Just(TaskPatch { sla_hours: Some(None), ..none() }),
        4 => Just(none()),
    ];
    proptest::collection::vec((0..500_i64, what), 1..25)
}

/// Different policies for different categories, one with business hours, each with steps.
fn mixed() -> Rules {
    let (_, ny) = calendar_of("ny America/New_York Mon-Fri 09:00-17:00");
    let escalations = vec![step(-1.0, Action::RaisePriority, None), step(0.5, Action::Reassign, Some("Bo"))];
    let mut office = Policy { calendar: Some(Arc::new(ny)), escalations: escalations.clone(), ..pausing("office") };
    office.when.categories = Category::ALL[..4].to_vec();
    rules(vec![office, Policy { escalations, ..pausing("clock") }])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn whatever_happens_the_deadline_follows_from_policy_start_and_pauses(happenings in happenings()) {
        let rules = mixed();
        let mut task = created(new_task("TASK-1-r"), &rules);
        let mut now = noon();
        for (minutes, patch) in happenings {
            now += TimeDelta::minutes(minutes);
            let change = if patch == TaskPatch::default() {
                change::age(&task, &rules, now)
            } else {
                change::update(&task, &patch, &rules, &actor(), now)
            };
            task = change.map_or(task, |change| change.task);
            prop_assert!(task.sla_pauses.windows(2).all(|pair| pair[0].to.is_some_and(|to| to <= pair[1].from)));

            if let Some(policy) = task.sla_policy.as_deref().and_then(|name| rules.policy(name)) {
                let pauses: Vec<_> = task.sla_pauses.iter().filter_map(|pause| Some((pause.from, pause.to?))).collect();
                let work = TimeDelta::seconds((task.sla_hours.unwrap() * 3600.0) as i64);
                let due = |pauses: &[_]| match &policy.calendar {
                    Some(calendar) => calendar.after(task.created_at, work, pauses),
                    None => calendar::after(task.created_at, work, pauses),
                };
                prop_assert_eq!(task.sla_deadline, due(&pauses));
                prop_assert!(due(&[]) <= due(&pauses), "a pause never shortens");
            }
            // Nothing is left to do at this instant, however often one looks, nor to plan anew.
            let settled = change::age(&task, &rules, now).map_or(task.clone(), |change| change.task);
            prop_assert_eq!(change::age(&settled, &rules, now), None);
            prop_assert!(settled.sla_next_at.is_none_or(|next| next > now), "{:?} at {now}", settled.sla_next_at);
            prop_assert_eq!(change::replan(&settled, &rules, now, &actor()), None);
        }
    }
}
