//! Histories that were lived under one book and replayed under it and under others.

use std::sync::LazyLock;

use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;
use serde_json::{Value, json};
use shared::domain::change::{Change, NewTask, TaskPatch};
use shared::domain::sla::book::Book;
use shared::domain::sla::replay::{Outcome, replay};
use shared::domain::sla::rules::Rules;
use shared::domain::values::WaitingOn;
use shared::domain::{Category, Cents, HistoryEntry, Priority, Status, Task, change};

use crate::support::{actor, noon};

fn rules(book: &Value) -> Rules {
    Rules::compile(1, &Book::read(book).unwrap())
}

/// Pauses, a calendar, conditions on all that may change, and an escalation that raises the priority.
static LIVED: LazyLock<Rules> = LazyLock::new(|| {
    rules(&json!({
        "calendars": {"berlin": {"zone": "Europe/Berlin", "week": {
            "mon": ["09:00-12:00", "13:00-17:00"], "tue": ["09:00-17:00"], "wed": ["09:00-17:00"], "fri": ["09:00-15:00"]}}},
        "policies": [
            {"name": "dear", "when": {"min_value": 50_000}, "resolution_hours": 12, "pause_while_snoozed": true,
             "escalations": [{"hours": -1, "action": "raise_priority"}]},
            {"name": "quotes", "when": {"categories": ["Quote Processing"], "priorities": ["CRITICAL", "HIGH"]},
             "resolution_hours": {"CRITICAL": 4, "HIGH": 10, "MEDIUM": 30, "NORMAL": 60}, "calendar": "berlin",
             "pause_while_waiting_on_customer": true, "pause_while_snoozed": true},
            {"name": "slow", "when": {"priorities": ["NORMAL"]}, "resolution_hours": 90, "pause_while_waiting_on_customer": true},
        ],
    }))
});
/// Other hours, pauses where there were none and none where there were.
static OTHER: LazyLock<Rules> = LazyLock::new(|| {
    rules(&json!({"policies": [
        {"name": "dear", "when": {"min_value": 20_000}, "resolution_hours": 24, "pause_while_waiting_on_customer": true},
        {"name": "rest", "resolution_hours": {"CRITICAL": 6, "HIGH": 20, "MEDIUM": 40, "NORMAL": 80},
         "pause_while_snoozed": true},
    ]}))
});

/// What happens to a task: after so many minutes, something of many kinds.
#[derive(Clone, Debug)]
struct Happening {
    after: i64,
    kind: u8,
    what: usize,
}

fn happenings() -> impl Strategy<Value = Vec<Happening>> {
    let one = (1..2_000_i64, 0..10_u8, 0..12_usize).prop_map(|(after, kind, what)| Happening { after, kind, what });
    prop::collection::vec(one, 0..14)
}

fn patch(happening: &Happening, at: DateTime<Utc>) -> TaskPatch {
    let what = happening.what;
    let mut patch = TaskPatch::default();
    match happening.kind {
        0 => patch.priority = Some(Priority::ALL[what % 4]),
        1 => patch.workflow_category = Some(Category::ALL[what % 2]),
        2 => patch.dollar_value = Some(Cents([1_000, 2_500_000, 6_000_000][what % 3])),
        3 => patch.waiting_on = Some([Some(WaitingOn::Customer), None, Some(WaitingOn::Vendor)][what % 3]),
        4 => patch.snoozed_until = Some((!what.is_multiple_of(3)).then(|| at + TimeDelta::hours(what as i64))),
        5 => patch.task_status = Some(if what < 8 { Status::Completed } else { Status::Green }),
        6 => patch.sla_deadline = Some((what > 2).then(|| at + TimeDelta::hours(what as i64 * 3))),
        7 => patch.sla_hours = Some(what.is_multiple_of(2).then_some(what as f64 + 1.0)),
        _ => patch.title = Some(format!("title {what}")),
    }
    patch
}

fn begin() -> NewTask {
    let mut new = NewTask::new("TASK-1-replay", "A task", Category::ALL[1]);
    new.priority = Priority::High;
    new
}

/// A life under these rules, until thirty hours after the last happening; the sweep comes then, and before now and then.
fn live(rules: &Rules, happenings: &[Happening], ages: bool) -> (Task, Vec<HistoryEntry>, DateTime<Utc>) {
    let mut now = noon();
    let mut change: Change = change::create(begin(), rules, &actor(), now);
    let mut history = change.history.clone();
    let mut follow = |next: Option<Change>, task: &mut Task| {
        if let Some(next) = next {
            history.extend(next.history);
            *task = next.task;
        }
    };
    for happening in happenings {
        now += TimeDelta::minutes(happening.after);
        if ages && happening.kind == 9 {
            let older = change::age(&change.task, rules, now);
            follow(older, &mut change.task);
        }
        let updated = change::update(&change.task, &patch(happening, now), rules, &actor(), now);
        follow(updated, &mut change.task);
    }
    now += TimeDelta::hours(30);
    let last = change::age(&change.task, rules, now);
    follow(last, &mut change.task);
    (change.task, history, now)
}

/// Whether the real product calls it a breach.
fn is_breach(task: &Task) -> bool {
    matches!(task.sla_state, shared::domain::SlaState::Violated | shared::domain::SlaState::Missed)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3_000))]

    /// Given deadlines, hours, snoozes and pauses that come and go: under the rules of its life a task is what it is.
    #[test]
    fn under_the_rules_it_lived_under_a_task_breached_if_it_did(happenings in happenings()) {
        let (task, history, now) = live(&LIVED, &happenings, true);

        let actual = Outcome::of(&task, now);
        prop_assert_eq!(actual.breached, is_breach(&task));
        prop_assert_eq!(replay(&task, &history, &LIVED, &LIVED, now), actual);
    }

    /// Without given deadlines the replay is what would have come of the same changes under the other rules.
    #[test]
    fn under_other_rules_a_task_is_what_the_same_changes_would_have_made_of_it(mut happenings in happenings()) {
        happenings.retain(|happening| ![6, 7].contains(&happening.kind));
        let (task, history, now) = live(&LIVED, &happenings, true);
        let (other, _, _) = live(&OTHER, &happenings, true);
        // Who gives a task the priority that an escalation has given it already changes nothing that a history could tell.
        let escalated = history.iter().any(|row| row.field == "priority" && row.changed_by == change::SLA_MONITOR);
        if escalated && happenings.iter().any(|happening| happening.kind == 0) {
            return Ok(());
        }

        prop_assert_eq!(replay(&task, &history, &LIVED, &OTHER, now), Outcome::of(&other, now));
    }
}

#[test]
fn a_pause_of_the_other_rules_moves_the_deadline_and_takes_the_breach_away() {
    let waits = |after, what| Happening { after, kind: 3, what };
    // Twenty hours under the other rules; ten of the berlin calendar under its own. Waits for the customer for a day.
    let (task, history, now) =
        live(&OTHER, &[waits(60, 0), waits(1_440, 1), Happening { after: 60, kind: 5, what: 0 }], false);
    assert!(is_breach(&task), "20 h after noon, done after 26 h");

    let would = replay(&task, &history, &OTHER, &LIVED, now);

    assert_eq!((would.policy.as_deref(), would.breached), (Some("quotes"), false), "{would:?}");
}
