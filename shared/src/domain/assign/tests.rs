use chrono::TimeDelta;
use proptest::prelude::{any, prop, prop_assert, prop_assert_eq, prop_compose, proptest};

use super::super::change::{self, ASSIGNMENT, Actor, NewTask, TaskPatch};
use super::super::sla::rules::Rules;
use super::super::team::{Absence, Skill, Strategy};
use super::*;

fn noon() -> DateTime<Utc> {
    "2026-03-02T12:00:00Z".parse().unwrap()
}

fn team(name: &str, strategy: Strategy) -> Team {
    Team {
        name: name.to_owned(),
        strategy,
        categories: Vec::new(),
        mailboxes: Vec::new(),
        position: 0,
        reassign_on_absence: false,
        version: 1,
        updated_at: noon(),
    }
}

/// Somebody of the team `desk`.
fn person(name: &str, open: i64, capacity: i64) -> Candidate {
    let person = Person {
        name: name.to_owned(),
        email: Some(format!("{name}@desk.example")),
        team: Some("desk".to_owned()),
        capacity,
        skills: Vec::new(),
        absences: Vec::new(),
        zone: None,
        active: true,
        last_turn: 0,
        version: 1,
        updated_at: noon(),
    };
    Candidate { person, open }
}

fn turn(last_turn: i64, mut candidate: Candidate) -> Candidate {
    candidate.person.last_turn = last_turn;
    candidate
}

fn skilled(skills: &[(&str, i64)], mut candidate: Candidate) -> Candidate {
    let skill = |&(name, level): &(&str, i64)| Skill {
        category: Category::parse(name),
        mailbox: Category::parse(name).is_none().then(|| name.to_owned()),
        level,
    };
    candidate.person.skills = skills.iter().map(skill).collect();
    candidate
}

fn away(hours: (i64, i64), mut candidate: Candidate) -> Candidate {
    let at = |hours| noon() + TimeDelta::hours(hours);
    candidate.person.absences = vec![Absence { from: at(hours.0), to: at(hours.1) }];
    candidate
}

fn returns(mailbox: Option<&str>) -> Facts {
    Facts { category: Category::ReturnsAndRma, mailbox: mailbox.map(str::to_owned) }
}

fn task(id: &str, new: impl FnOnce(&mut NewTask)) -> Task {
    let mut task = NewTask::new(id, id, Category::ReturnsAndRma);
    new(&mut task);
    change::create(task, &Rules::builtin(), &Actor { principal: "ana".to_owned(), reason: None }, noon()).task
}

#[test]
fn a_team_chooses_by_its_strategy_and_says_why() {
    let (turns, loads) = (Strategy::RoundRobin, Strategy::LeastLoaded);
    let inactive = |mut candidate: Candidate| {
        candidate.person.active = false;
        candidate
    };
    let cases = [
        (turns, vec![person("Bo", 0, 9), person("Ana", 8, 9)], "Ana: next in turn of desk: 8 of 9 open"),
        (
            turns,
            vec![turn(3, person("Ana", 0, 9)), turn(2, person("Bo", 8, 9))],
            "Bo: next in turn of desk: 8 of 9 open",
        ),
        (loads, vec![person("Ana", 3, 4), person("Bo", 5, 9)], "Bo: least loaded of desk: 5 of 9 open"),
        (
            loads,
            vec![turn(2, person("Ana", 1, 3)), turn(1, person("Bo", 2, 6))],
            "Bo: least loaded of desk: 2 of 6 open",
        ),
        (
            loads,
            vec![turn(1, person("Ana", 1, 3)), turn(2, skilled(&[("Returns and RMA", 1)], person("Bo", 1, 3)))],
            "Bo: least loaded of desk: 1 of 3 open, skill Returns and RMA",
        ),
        (
            loads,
            vec![
                skilled(&[("Returns and RMA", 2), ("rma", 2)], person("Bo", 1, 3)),
                skilled(&[("Returns and RMA", 3)], person("Ana", 1, 3)),
            ],
            "Bo: least loaded of desk: 1 of 3 open, skill Returns and RMA, skill rma",
        ),
        (turns, vec![away((-1, 1), person("Ana", 0, 9)), person("Bo", 0, 9)], "Bo: next in turn of desk: 0 of 9 open"),
        (turns, vec![away((-1, 0), person("Ana", 0, 9)), person("Bo", 0, 9)], "Ana: next in turn of desk: 0 of 9 open"),
        (turns, vec![inactive(person("Ana", 0, 9)), person("Bo", 0, 9)], "Bo: next in turn of desk: 0 of 9 open"),
        (turns, vec![person("Ana", 9, 9), person("Bo", 8, 9)], "Bo: next in turn of desk: 8 of 9 open"),
        (turns, vec![person("Ana", 0, 0), person("Bo", 12, 9)], "nobody"),
        (
            turns,
            vec![
                skilled(&[("Quote Processing", 5)], person("Ana", 0, 9)),
                skilled(&[("sales", 5)], person("Bo", 0, 9)),
            ],
            "nobody",
        ),
    ];
    for (strategy, people, expected) in cases {
        let (owner, _) =
            choose(&returns(Some("rma")), &team("desk", strategy), &people.iter().collect::<Vec<_>>(), noon());
        let told = owner.map_or_else(|| "nobody".to_owned(), |(owner, reason)| format!("{owner}: {reason}"));
        assert_eq!(told, expected);
    }
}

#[test]
fn everybody_who_was_looked_at_is_told_why_not() {
    let people = vec![
        person("Ana", 1, 4),
        person("Bo", 2, 4),
        turn(5, person("Cy", 1, 4)),
        person("Di", 4, 4),
        away((-1, 30), person("Ed", 0, 4)),
        skilled(&[("Quote Processing", 1)], person("Flo", 0, 4)),
        skilled(&[("sales", 1)], person("Gil", 0, 4)),
        person("Hal", 1, 4),
        skilled(&[("rma", 1)], person("Ida", 1, 4)),
    ];
    let roster = Roster::new(vec![team("desk", Strategy::LeastLoaded)], people);
    let choice = roster.choose(&returns(Some("rma")), noon());
    assert_eq!((choice.owner.as_deref(), choice.team.as_deref()), (Some("Ida"), Some("desk")));
    let why: Vec<_> = choice.considered.iter().map(|one| one.why_not.as_deref()).collect();
    assert_eq!(
        why,
        [
            Some("is as loaded and less skilled"),
            Some("is more loaded"),
            Some("is as loaded and less skilled"),
            Some("has 4 of 4 open"),
            Some("is absent until 2026-03-03T18:00:00Z"),
            Some("has no skill Returns and RMA"),
            Some("has no skill rma"),
            Some("is as loaded and less skilled"),
            None,
        ]
    );
    let without = roster.choose(&returns(None), noon());
    assert_eq!(without.owner.as_deref(), Some("Gil"), "a task without a mailbox asks for no such skill");
}

#[test]
fn teams_are_asked_in_their_order_if_they_serve_the_task() {
    let mut first = team("first", Strategy::RoundRobin);
    first.categories = vec![Category::ReturnsAndRma];
    first.mailboxes = vec!["rma".to_owned()];
    let mut other = team("all", Strategy::RoundRobin);
    other.position = 1;
    let of = |team: &str, mut candidate: Candidate| {
        candidate.person.team = Some(team.to_owned());
        candidate
    };
    let people = vec![of("first", person("Ana", 0, 1)), of("all", person("Bo", 0, 1)), person("of none", 0, 9)];
    let mut roster = Roster::new(vec![other, first.clone()], people);

    assert_eq!(roster.choose(&returns(None), noon()).team.as_deref(), Some("all"), "it is of no mailbox");
    assert_eq!(roster.choose(&returns(Some("rma")), noon()).owner.as_deref(), Some("Ana"));
    roster.give("Ana", None);
    let next = roster.choose(&returns(Some("rma")), noon());
    assert_eq!((next.owner.as_deref(), next.considered.len()), (Some("Bo"), 2));
    roster.give("Bo", None);
    let none = roster.choose(&returns(Some("rma")), noon());
    assert_eq!((none.owner, none.reason.as_str()), (None, "nobody of first, all is free for it"));
    assert_eq!(Roster::new(vec![first], Vec::new()).choose(&returns(None), noon()).reason, "no team serves it");
}

#[test]
fn a_task_of_somebody_absent_goes_to_another_and_says_whose_it_was() {
    let mut desk = team("desk", Strategy::LeastLoaded);
    desk.reassign_on_absence = true;
    let mut roster = Roster::new(vec![desk], vec![away((-1, 30), person("Ana", 1, 4)), person("Bo", 0, 1)]);
    assert_eq!(roster.leaves(noon()), [("Ana", noon() - TimeDelta::hours(1))]);
    let tasks = ["TASK-1-a", "TASK-1-b"].map(|id| task(id, |new| new.current_owner = Some("Ana".to_owned())));

    let changes = roster.assign(&tasks, &Rules::builtin(), noon());

    assert_eq!(changes.len(), 1, "Bo has room for one");
    let row = &changes[0].history[0];
    assert_eq!(
        (row.changed_by.as_str(), row.old_value.as_deref(), row.new_value.as_deref()),
        (ASSIGNMENT, Some("Ana"), Some("Bo"))
    );
    let reason = "Ana is absent until 2026-03-03T18:00:00Z; least loaded of desk: 0 of 1 open";
    assert_eq!(row.change_reason.as_deref(), Some(reason));
    assert_eq!(changes[0].task.owner_email.as_deref(), Some("Bo@desk.example"));
}

#[test]
fn a_change_concerns_assignment_if_a_task_comes_to_wait_or_somebody_gets_room() {
    let actor = Actor { principal: "ana".to_owned(), reason: None };
    let create = |owner: Option<&str>, status: Status| {
        let mut new = NewTask::new("TASK-1-a", "a", Category::ReturnsAndRma);
        new.current_owner = owner.map(str::to_owned);
        new.task_status = Some(status);
        change::create(new, &Rules::builtin(), &actor, noon())
    };
    let update = |before: &Change, patch: TaskPatch| {
        change::update(&before.task, &patch, &Rules::builtin(), &actor, noon()).unwrap()
    };
    let given = |name: Option<&str>| TaskPatch { current_owner: Some(name.map(str::to_owned)), ..TaskPatch::default() };
    let status = |status| TaskPatch { task_status: Some(status), ..TaskPatch::default() };
    let (free, owned) = (create(None, Status::Green), create(Some("Ana"), Status::Green));
    let done = create(None, Status::Completed);
    let retitled = TaskPatch { title: Some("b".to_owned()), ..TaskPatch::default() };
    let moved = TaskPatch { workflow_category: Some(Category::GeneralSupport), ..TaskPatch::default() };
    for (change, expected, what) in [
        (free.clone(), true, "created without an owner"),
        (owned.clone(), false, "created with one"),
        (done.clone(), false, "created done"),
        (update(&free, retitled.clone()), false, "another title"),
        (update(&free, moved.clone()), true, "another category of one that waits"),
        (update(&owned, moved), false, "another category of one that is owned"),
        (update(&free, status(Status::Red)), false, "another colour"),
        (update(&owned, status(Status::Completed)), true, "completed"),
        (update(&done, status(Status::Green)), true, "opened again"),
        (update(&owned, given(None)), true, "given back"),
        (update(&owned, given(Some("Bo"))), true, "given to another"),
        (change::delete(&owned.task, &actor, noon()), true, "deleted"),
        (change::delete(&free.task, &actor, noon()), false, "deleted while it waited"),
    ] {
        assert_eq!(concerns(&change), expected, "{what}");
    }
}

#[test]
fn the_more_urgent_goes_first_then_the_earlier_due_then_the_older() {
    let hours = |hours: Option<f64>| move |new: &mut NewTask| new.sla_hours = hours;
    let mut tasks = [
        task("TASK-1-c", hours(Some(900.0))),
        task("TASK-1-b", hours(Some(9.0))),
        task("TASK-1-a", hours(Some(900.0))),
        task("TASK-1-d", |new| new.priority = super::super::values::Priority::Critical),
    ];
    tasks[1].sla_deadline = None;
    tasks[2].created_at = noon() + TimeDelta::seconds(1);
    tasks.sort_by(order);
    let ids: Vec<_> = tasks.iter().map(|task| task.task_id.as_str()).collect();
    assert_eq!(ids, ["TASK-1-d", "TASK-1-c", "TASK-1-a", "TASK-1-b"]);
}

prop_compose! {
    fn anybody()(open in 0..6_i64, capacity in 0..6_i64, active in any::<bool>(), from in -2..3_i64, length in 1..3_i64,
                 skill in 0..4_usize, last_turn in 0..4_i64) -> Candidate {
        let skills: &[(&str, i64)] = [&[][..], &[("Returns and RMA", 2)], &[("Quote Processing", 1)], &[("rma", 1)]][skill];
        let mut candidate = away((from, from + length), skilled(skills, turn(last_turn, person("", open, capacity))));
        candidate.person.active = active;
        candidate
    }
}

fn named(people: Vec<Candidate>) -> Vec<Candidate> {
    let name = |(mut candidate, n): (Candidate, usize)| {
        candidate.person.name = format!("p{n}");
        candidate
    };
    people.into_iter().zip(0..).map(name).collect()
}

proptest! {
    #[test]
    fn nobody_is_given_more_than_their_capacity_or_anything_they_cannot_take(
        people in prop::collection::vec(anybody(), 0..6), count in 0..20_usize, by_load in any::<bool>(),
    ) {
        let strategy = if by_load { Strategy::LeastLoaded } else { Strategy::RoundRobin };
        let people = named(people);
        let mut roster = Roster::new(vec![team("desk", strategy)], people.clone());
        let tasks: Vec<_> = (0..count).map(|n| task(&format!("TASK-1-{n}"), |new| new.mailbox_source = Some("rma".to_owned()))).collect();
        let wanted = !roster.wanted(noon()).is_empty();

        let changes = roster.assign(&tasks, &Rules::builtin(), noon());

        let given = |who: &Candidate| {
            changes.iter().filter(|change| change.task.current_owner.as_ref() == Some(&who.person.name)).count() as i64
        };
        let mut room = 0;
        for who in &people {
            let fits = who.person.active && who.person.absence(noon()).is_none() && who.person.skills.iter().all(|skill| {
                skill.category != Some(Category::QuoteProcessing)
            });
            let free = if fits { (who.person.capacity - who.open).max(0) } else { 0 };
            prop_assert!(given(who) <= free, "{} was given {} with room for {free}", who.person.name, given(who));
            room += free;
        }
        prop_assert_eq!(changes.len() as i64, room.min(count as i64), "nobody waits while somebody is free");
        prop_assert!(wanted || changes.is_empty(), "what nobody wants is not asked for");
    }

    #[test]
    fn round_robin_is_fair_within_one(people in 1..7_usize, count in 0..60_usize) {
        let all = named((0..people).map(|_| person("", 0, 100)).collect());
        let mut roster = Roster::new(vec![team("desk", Strategy::RoundRobin)], all.clone());
        let tasks: Vec<_> = (0..count).map(|n| task(&format!("TASK-1-{n:02}"), |_| {})).collect();
        let changes = roster.assign(&tasks, &Rules::builtin(), noon());
        let counts: Vec<_> = all.iter().map(|who| {
            changes.iter().filter(|change| change.task.current_owner.as_ref() == Some(&who.person.name)).count()
        }).collect();
        prop_assert!(counts.iter().max().unwrap() - counts.iter().min().unwrap() <= 1, "{counts:?}");
    }

    #[test]
    fn the_order_of_people_and_teams_decides_nothing(people in prop::collection::vec(anybody(), 0..6)) {
        let people = named(people);
        let reversed = people.iter().rev().cloned().collect();
        let teams = || vec![team("desk", Strategy::LeastLoaded), team("other", Strategy::RoundRobin)];
        let one = Roster::new(teams(), people).choose(&returns(Some("rma")), noon());
        let other = Roster::new(teams().into_iter().rev().collect(), reversed).choose(&returns(Some("rma")), noon());
        prop_assert_eq!(one, other);
    }
}
