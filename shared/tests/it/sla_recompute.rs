//! Planning anew after a change of the book, and explaining a plan.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;
use serde_json::json;
use shared::domain::change::{self, NewTask, TaskPatch};
use shared::domain::sla::book::Book;
use shared::domain::sla::explanation::explain;
use shared::domain::sla::policy::{Action, Policy, Step, Target, Threshold};
use shared::domain::sla::recompute::recompute;
use shared::domain::sla::rules::Rules;
use shared::domain::{Category, Cents, Entities, Priority, Task, WaitingOn};

use crate::calendar::calendar as calendar_of;
use crate::sla_clock::rules;
use crate::support::{actor, new_task, noon};

fn later(minutes: i64) -> DateTime<Utc> {
    noon() + TimeDelta::minutes(minutes)
}

fn target() -> impl Strategy<Value = Target> {
    prop_oneof![
        (1..200_u32).prop_map(|hours| Target::Hours(f64::from(hours) / 2.0)),
        [1..20_u32, 1..40, 1..80, 1..160].prop_map(|hours| Target::ByPriority(hours.map(f64::from))),
    ]
}

fn threshold() -> impl Strategy<Value = Option<Threshold>> {
    prop_oneof![
        Just(None),
        (1..30_u32).prop_map(|hours| Some(Threshold::Hours(hours.into()))),
        (1..100_u32).prop_map(|percent| Some(Threshold::Percent(percent.into()))),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let action = prop_oneof![Just(Action::Notify), Just(Action::Reassign), Just(Action::RaisePriority)];
    (-30..30_i32, action).prop_map(|(hours, action)| {
        let to = (action != Action::RaisePriority).then(|| "Bo".to_owned());
        Step { hours: hours.into(), action, to }
    })
}

fn policy(name: &'static str, category: Option<Category>) -> impl Strategy<Value = Policy> {
    let calendars = ["ny America/New_York Mon-Fri 09:00-12:00 and 13:00-17:00", "tue Europe/Berlin Tue 10:00-16:00"];
    let flags = (any::<bool>(), any::<bool>(), 0..3_usize, proptest::option::of(target()));
    let times = (target(), threshold(), threshold(), proptest::collection::vec(step(), 0..3));
    (times, flags).prop_map(move |((resolution, warning, critical, escalations), (waiting, snoozed, office, first))| {
        let calendar = calendars.get(office).map(|line| calendar_of(line));
        let mut policy = Policy {
            name: name.to_owned(),
            resolution,
            first_response: first,
            warning,
            critical,
            escalations,
            pause_while_waiting: waiting,
            pause_while_snoozed: snoozed,
            calendar_name: calendar.as_ref().map(|(name, _)| name.clone()),
            calendar: calendar.map(|(_, calendar)| Arc::new(calendar)),
            ..Policy::default_policy()
        };
        policy.when.categories = category.into_iter().collect();
        policy
    })
}

fn books() -> impl Strategy<Value = Rules> {
    let orders = policy("Orders", Some(Category::OrderManagement));
    (orders, policy("default", None)).prop_map(|(orders, default)| rules(vec![orders, default]))
}

/// Something that may happen to a task, so many minutes after what was before it.
fn happenings() -> impl Strategy<Value = Vec<(i64, TaskPatch)>> {
    let none = TaskPatch::default;
    let what = prop_oneof![
        Just(TaskPatch { waiting_on: Some(Some(WaitingOn::Customer)), ..none() }),
        Just(TaskPatch { waiting_on: Some(None), ..none() }),
        (0..9_000_i64).prop_map(move |at| TaskPatch { snoozed_until: Some(Some(later(at))), ..none() }),
        (0..4_usize).prop_map(move |rank| TaskPatch { priority: Some(Priority::ALL[rank]), ..none() }),
        (0..2_usize).prop_map(move |n| TaskPatch { workflow_category: Some(Category::ALL[n]), ..none() }),
        Just(TaskPatch { sla_hours: Some(Some(30.0)), ..none() }),
        Just(TaskPatch { sla_hours: Some(None), ..none() }),
        Just(none()),
    ];
    proptest::collection::vec((0..900_i64, what), 0..8)
}

/// A task to which all of it happened, and when that was over.
fn lived(rules: &Rules, happenings: Vec<(i64, TaskPatch)>) -> (Task, DateTime<Utc>) {
    let mut task = change::create(new_task("TASK-1-r"), rules, &actor(), noon()).task;
    let mut now = noon();
    for (minutes, patch) in happenings {
        now += TimeDelta::minutes(minutes);
        let change = if patch == TaskPatch::default() {
            change::age(&task, rules, now)
        } else {
            change::update(&task, &patch, rules, &actor(), now)
        };
        task = change.map_or(task, |change| change.task);
    }
    (task, now)
}

fn after(change: Option<change::Change>, task: &Task) -> Task {
    change.map_or_else(|| task.clone(), |change| change.task)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn recomputing_twice_is_recomputing_once_whatever_was_before(
        old in books(), new in books(), happenings in happenings(), pause in 0..3_000_i64,
    ) {
        let (task, now) = lived(&old, happenings);
        let once = after(recompute(&task, &new, now, &actor()), &task);
        prop_assert_eq!(recompute(&once, &new, now, &actor()), None);

        // Nor does it later, once the sweep has done what time brings.
        let then = now + TimeDelta::minutes(pause);
        let swept = after(change::age(&once, &new, then), &once);
        let swept = after(change::age(&swept, &new, then), &swept);
        prop_assert_eq!(recompute(&swept, &new, then, &actor()), None);

        // What it makes of the task is what the explanation says the current book would.
        let explained = explain(&task, &old, &new, now);
        let said = explained.current.map(|current| (current.policy, current.deadline));
        let changed = recompute(&task, &new, now, &actor()).map(|change| (change.task.sla_policy, change.task.sla_deadline));
        prop_assert_eq!(said, changed);
    }
}

#[test]
fn what_time_alone_changes_is_left_to_the_sweep() {
    let rules = Rules::builtin();
    let task = change::create(new_task("TASK-1-t"), &rules, &actor(), noon()).task;
    let due = noon() + TimeDelta::days(8);
    assert!(change::replan(&task, &rules, due, &actor()).is_some(), "it is violated by then");
    assert_eq!(recompute(&task, &rules, due, &actor()), None);
}

fn book() -> Rules {
    let document = json!({
        "calendars": {"office": {"zone": "Europe/Berlin", "week": {"mon": ["09:00-17:00"], "tue": ["09:00-17:00"]}}},
        "policies": [
            {"name": "Large", "resolution_hours": 4,
             "when": {"categories": ["Order Management"], "customers": ["contoso"], "min_value": 1000}},
            {"name": "Orders", "resolution_hours": {"CRITICAL": 4, "HIGH": 8, "MEDIUM": 12, "NORMAL": 12}, "calendar": "office",
             "first_response_hours": 2, "when": {"categories": ["Order Management"]},
             "warning": {"percent": 50}, "critical": {"percent": 25},
             "escalations": [{"hours": -1, "action": "notify", "to": "Bo"}]},
        ],
    });
    Rules::compile(7, &Book::read(&document).unwrap())
}

#[test]
fn an_explanation_names_the_policy_that_matched_and_why_those_before_it_did_not() {
    // 2026-03-02 is a Monday; noon UTC is 13:00 in Berlin, so that 4 hours are left of it, and 8 follow on Tuesday.
    let new = NewTask {
        dollar_value: Cents(99_900),
        entities: Entities { customers: vec!["Contoso".to_owned()], ..Entities::default() },
        ..new_task("TASK-1-e")
    };
    let task = change::create(new, &book(), &actor(), noon()).task;
    let told = explain(&task, &book(), &book(), noon());
    assert_eq!((told.source.as_str(), told.policy.as_deref(), told.revision), ("policy", Some("Orders"), Some(7)));
    assert_eq!(told.summary, "policy Orders gives 12 hours at priority NORMAL, in the open hours of office");
    let tried: Vec<_> = told.tried.iter().map(|tried| (tried.policy.as_str(), tried.matched)).collect();
    assert_eq!(tried, [("Large", false), ("Orders", true)]);
    let reasons: Vec<_> = told.tried[0].conditions.iter().map(|found| (found.met, found.reason.as_str())).collect();
    assert_eq!(
        reasons,
        [
            (true, "category Order Management is one of Order Management"),
            (true, "customer Contoso is one of contoso"),
            (false, "value 999 is not at least 1000"),
        ]
    );
    let at = |text: &str| Some(format!("2026-03-{text}:00Z").parse::<DateTime<Utc>>().unwrap());
    assert_eq!((told.calendar.as_deref(), told.zone.as_deref()), (Some("office"), Some("Europe/Berlin")));
    assert_eq!((told.anchor, told.anchor_is.as_str(), told.target_hours), (noon(), "created_at", Some(12.0)));
    assert_eq!(told.deadline, at("03T16:00"));
    assert_eq!((told.warning_at, told.critical_at), (at("03T10:00"), at("03T13:00")));
    assert_eq!((told.first_response_due, told.escalations[0].at), (at("02T14:00"), at("03T15:00").unwrap()));
    assert_eq!((told.next_at, told.next.as_deref()), (at("03T10:00"), Some("the warning begins")));
    assert_eq!(told.current, None);

    let other = Rules::builtin();
    let current = explain(&task, &book(), &other, noon()).current.unwrap();
    assert_eq!((current.revision, current.policy.as_deref(), current.deadline), (0, Some("default"), at("09T12:00")));
}

#[test]
fn an_explanation_of_a_given_deadline_tries_no_policy() {
    let given = NewTask { sla_hours: Some(5.0), ..new_task("TASK-1-g") };
    let task = change::create(given, &book(), &actor(), noon()).task;
    let told = explain(&task, &book(), &book(), noon());
    assert_eq!((told.source.as_str(), told.policy, told.revision, told.tried.len()), ("hours", None, None, 0));
    assert_eq!(told.summary, "5 hours were given with the task, round the clock");
    assert_eq!(explain(&task, &Rules::builtin(), &Rules::builtin(), noon()).current, None, "no book moves it");
}
