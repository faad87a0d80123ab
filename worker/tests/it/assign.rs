//! Giving out tasks, by several workers at once, on both databases.

use chrono::{DateTime, TimeDelta, Utc};
use shared::clock::Clock;
use shared::domain::change::{ASSIGNMENT, NewTask, TaskPatch};
use shared::domain::team::{Absence, Person, Strategy, Team};
use shared::domain::{Category, Status, Task};
use shared::jobs::testing::TestQueue;
use shared::jobs::{AssignTasks, CreateTask, DeleteTask, UpdateTask};
use shared::store::testing::TestDatabase;
use shared::store::{Db, people, tasks, teams};

use super::{actor, noon};

fn team(strategy: Strategy) -> Team {
    Team {
        name: "desk".to_owned(),
        strategy,
        categories: vec![Category::ReturnsAndRma],
        mailboxes: Vec::new(),
        position: 0,
        reassign_on_absence: false,
        version: 1,
        updated_at: noon(),
    }
}

fn person(name: &str, capacity: i64) -> Person {
    Person {
        name: name.to_owned(),
        email: Some(format!("{}@desk.example", name.to_lowercase())),
        team: Some("desk".to_owned()),
        capacity,
        skills: Vec::new(),
        absences: Vec::new(),
        zone: None,
        active: true,
        last_turn: 0,
        version: 1,
        updated_at: noon(),
    }
}

async fn save(db: &Db, team: &Team, everybody: &[Person]) {
    let mut tx = db.begin().await.unwrap();
    teams::save(&mut tx, team).await.unwrap();
    for person in everybody {
        people::save(&mut tx, person).await.unwrap();
    }
    tx.commit().await.unwrap();
}

fn queue(db: &Db, clock: &Clock) -> TestQueue {
    TestQueue::new(db, clock, worker::registry(worker::Retention::default()), Vec::new())
}

fn create(id: &str) -> CreateTask {
    CreateTask { task: NewTask::new(id, id, Category::ReturnsAndRma), actor: actor() }
}

fn update(id: &str, patch: TaskPatch) -> UpdateTask {
    UpdateTask { task_id: id.to_owned(), patch, expected_version: None, actor: actor(), bulk: None }
}

fn owner(name: &str) -> TaskPatch {
    TaskPatch { current_owner: Some(Some(name.to_owned())), ..TaskPatch::default() }
}

async fn task(db: &Db, id: &str) -> Task {
    tasks::lookup(&mut db.read().await.unwrap(), id).await.unwrap().unwrap()
}

async fn owner_of(db: &Db, id: &str) -> Option<String> {
    task(db, id).await.current_owner
}

/// Runs what is due now and a second later, by when whatever was asked for in between is due.
async fn settle(queue: &TestQueue, clock: &Clock) {
    queue.run_dry().await;
    clock.advance(TimeDelta::seconds(1));
    queue.run_dry().await;
}

/// 200 tasks and 3 workers, which give out while others create, complete and delete: nobody ever has more than their
/// capacity, and in the end nobody has less while tasks wait.
async fn capacity_holds(db: Db) {
    let clock = Clock::fixed(noon());
    let room = [("Ana", 20), ("Bo", 15), ("Cy", 5)];
    save(&db, &team(Strategy::LeastLoaded), &room.map(|(name, capacity)| person(name, capacity))).await;
    let workers: Vec<_> = (0..3).map(|_| queue(&db, &clock)).collect();
    for n in 0..200 {
        workers[n % 3].enqueue(&create(&format!("TASK-1-{n:03}"))).await;
        if n % 10 == 0 {
            workers[n % 3].enqueue(&AssignTasks {}).await;
        }
    }
    let over = "SELECT count(*) FROM (
            SELECT people.name FROM people JOIN workflow_tasks AS t
                ON t.current_owner = people.name AND t.task_status <> 'COMPLETED' AND t.deleted_at IS NULL
            GROUP BY people.name, people.capacity HAVING count(*) > people.capacity) AS o";
    let given = "SELECT count(*) FROM workflow_tasks
                 WHERE current_owner IS NOT NULL AND task_status <> 'COMPLETED' AND deleted_at IS NULL";
    let mut done = 0;
    while done < 200 {
        tokio::join!(workers[0].run_dry(), workers[1].run_dry(), workers[2].run_dry());
        clock.advance(TimeDelta::seconds(1));
        tokio::join!(workers[0].run_dry(), workers[1].run_dry(), workers[2].run_dry());
        assert_eq!(db.query_i64(over).await, 0, "after {done} were done");
        assert_eq!(db.query_i64(given).await, (200 - done).min(40), "nobody is idle while tasks wait");
        let mut finished = 0_i64;
        for n in 0..200 {
            let id = format!("TASK-1-{n:03}");
            if finished < 23 && task(&db, &id).await.current_owner.is_some() && is_open(&db, &id).await {
                finished += 1;
                if n % 2 == 0 {
                    let patch = TaskPatch { task_status: Some(Status::Completed), ..TaskPatch::default() };
                    workers[n % 3].enqueue(&update(&id, patch)).await;
                } else {
                    let delete = DeleteTask { task_id: id, expected_version: None, actor: actor() };
                    workers[n % 3].enqueue(&delete).await;
                }
                workers[n % 3].enqueue(&AssignTasks {}).await;
            }
        }
        done += finished;
    }
    let each =
        "SELECT count(*) FROM workflow_status_history WHERE field = 'current_owner' AND changed_by = 'Assignment'";
    assert_eq!(db.query_i64(each).await, 200, "each was given away once");
}

async fn is_open(db: &Db, id: &str) -> bool {
    let task = task(db, id).await;
    task.is_open() && task.deleted_at.is_none()
}

/// The job run again gives nothing away; without a team nothing asks for it.
async fn twice(db: Db) {
    let clock = Clock::fixed(noon());
    let queue = queue(&db, &clock);
    queue.enqueue(&create("TASK-1-a")).await;
    settle(&queue, &clock).await;
    let asked = "SELECT count(*) FROM jobs WHERE kind = 'assign-tasks'";
    assert_eq!(db.query_i64(asked).await, 0, "there is no team");

    save(&db, &team(Strategy::RoundRobin), &[person("Ana", 2)]).await;
    queue.enqueue(&create("TASK-1-b")).await;
    queue.enqueue(&update("TASK-1-a", TaskPatch { title: Some("a".to_owned()), ..TaskPatch::default() })).await;
    settle(&queue, &clock).await;
    assert_eq!(db.query_i64(asked).await, 1, "once for all within a second");
    let once = (task(&db, "TASK-1-a").await, task(&db, "TASK-1-b").await);
    assert_eq!(once.0.current_owner.as_deref(), Some("Ana"));
    assert_eq!(once.0.owner_email.as_deref(), Some("ana@desk.example"));
    let history = tasks::history(&mut db.read().await.unwrap(), "TASK-1-b").await.unwrap();
    let last = &history[1];
    assert_eq!((last.field.as_str(), last.changed_by.as_str()), ("current_owner", ASSIGNMENT));
    assert_eq!(last.change_reason.as_deref(), Some("next in turn of desk: 1 of 2 open"));

    db.execute_raw("UPDATE jobs SET state = 'available', finished_at = NULL WHERE kind = 'assign-tasks'").await;
    queue.run_dry().await;
    assert_eq!((task(&db, "TASK-1-a").await, task(&db, "TASK-1-b").await), once);
}

/// What frees room lets the queue drain in its order; what a person chose stays.
async fn drains(db: Db) {
    let clock = Clock::fixed(noon());
    let queue = queue(&db, &clock);
    save(&db, &team(Strategy::LeastLoaded), &[person("Ana", 1)]).await;
    for (id, hours) in [("TASK-1-late", 90.0), ("TASK-1-first", 2.0), ("TASK-1-second", 9.0), ("TASK-1-third", 10.0)] {
        let mut new = create(id);
        new.task.sla_hours = Some(hours);
        queue.enqueue(&new).await;
    }
    let mut other = create("TASK-1-other");
    other.task.workflow_category = Category::GeneralSupport;
    queue.enqueue(&other).await;
    settle(&queue, &clock).await;
    assert_eq!(owner_of(&db, "TASK-1-first").await.as_deref(), Some("Ana"));
    assert_eq!(owner_of(&db, "TASK-1-second").await, None, "she has room for one");

    let completed = TaskPatch { task_status: Some(Status::Completed), ..TaskPatch::default() };
    queue.enqueue(&update("TASK-1-first", completed)).await;
    settle(&queue, &clock).await;
    assert_eq!(owner_of(&db, "TASK-1-second").await.as_deref(), Some("Ana"), "a completion");
    queue.enqueue(&DeleteTask { task_id: "TASK-1-second".to_owned(), expected_version: None, actor: actor() }).await;
    settle(&queue, &clock).await;
    assert_eq!(owner_of(&db, "TASK-1-third").await.as_deref(), Some("Ana"), "a deletion");

    queue.enqueue(&update("TASK-1-late", owner("Ana"))).await;
    settle(&queue, &clock).await;
    assert_eq!(owner_of(&db, "TASK-1-late").await.as_deref(), Some("Ana"), "a person gives more than the capacity");
    queue.enqueue(&update("TASK-1-other", owner("Zoe"))).await;
    save(&db, &team(Strategy::LeastLoaded), &[person("Ana", 9), person("Bo", 9)]).await;
    queue.enqueue(&AssignTasks {}).await;
    settle(&queue, &clock).await;
    assert_eq!(owner_of(&db, "TASK-1-late").await.as_deref(), Some("Ana"), "Bo has less, and it stays");
    assert_eq!(owner_of(&db, "TASK-1-other").await.as_deref(), Some("Zoe"), "nobody of a team, and it stays");
}

/// Who is absent is given nothing until they are back; others take over what they had if the team says so.
async fn absence(db: Db) {
    let clock = Clock::fixed(noon());
    let queue = queue(&db, &clock);
    let away = |person: Person, from: DateTime<Utc>, to| Person { absences: vec![Absence { from, to }], ..person };
    let hour = |hours| noon() + TimeDelta::hours(hours);
    let ana = away(person("Ana", 5), hour(1), hour(3));
    save(&db, &team(Strategy::LeastLoaded), std::slice::from_ref(&ana)).await;
    queue.enqueue(&create("TASK-1-before")).await;
    settle(&queue, &clock).await;
    assert_eq!(owner_of(&db, "TASK-1-before").await.as_deref(), Some("Ana"), "she is away later");

    clock.advance(TimeDelta::hours(1));
    queue.enqueue(&create("TASK-1-during")).await;
    queue.enqueue(&create("TASK-1-chosen")).await;
    queue.enqueue(&update("TASK-1-chosen", owner("Ana"))).await;
    settle(&queue, &clock).await;
    assert_eq!(owner_of(&db, "TASK-1-during").await, None);
    assert_eq!(owner_of(&db, "TASK-1-before").await.as_deref(), Some("Ana"), "the team does not say so");

    let bo = away(person("Bo", 1), hour(2), hour(9));
    save(&db, &Team { reassign_on_absence: true, ..team(Strategy::LeastLoaded) }, &[ana, bo]).await;
    queue.enqueue(&AssignTasks {}).await;
    settle(&queue, &clock).await;
    assert_eq!(owner_of(&db, "TASK-1-before").await.as_deref(), Some("Bo"), "it is the older");
    assert_eq!(owner_of(&db, "TASK-1-during").await, None, "he has room for one");
    assert_eq!(owner_of(&db, "TASK-1-chosen").await.as_deref(), Some("Ana"), "who gave it knew that she is away");

    clock.advance(TimeDelta::hours(1));
    queue.enqueue(&AssignTasks {}).await;
    settle(&queue, &clock).await;
    assert_eq!(owner_of(&db, "TASK-1-before").await.as_deref(), Some("Bo"), "nobody else is there");
    clock.advance(TimeDelta::hours(1));
    queue.enqueue(&AssignTasks {}).await;
    settle(&queue, &clock).await;
    assert_eq!(owner_of(&db, "TASK-1-before").await.as_deref(), Some("Ana"), "she is back, and he is away");
    assert_eq!(owner_of(&db, "TASK-1-during").await.as_deref(), Some("Ana"));
}

/// A long queue that nobody can take is not in the way of what somebody can.
async fn a_queue_nobody_can_take(db: Db) {
    let clock = Clock::fixed(noon());
    let queue = queue(&db, &clock);
    let skill =
        |mailbox: &str| shared::domain::team::Skill { category: None, mailbox: Some(mailbox.to_owned()), level: 1 };
    let desk = Team { mailboxes: vec!["a".to_owned(), "b".to_owned()], ..team(Strategy::RoundRobin) };
    save(&db, &desk, &[Person { skills: vec![skill("b")], ..person("Ana", 9) }]).await;
    for n in 0..250 {
        let mut new = create(&format!("TASK-1-{n:03}"));
        new.task.mailbox_source = Some(if n == 249 { "b" } else { "a" }.to_owned());
        queue.enqueue(&new).await;
    }
    settle(&queue, &clock).await;
    assert_eq!(owner_of(&db, "TASK-1-249").await.as_deref(), Some("Ana"));
    assert_eq!(db.query_i64("SELECT count(*) FROM workflow_tasks WHERE current_owner IS NOT NULL").await, 1);
}

macro_rules! on_both {
    ($($name:ident: $story:ident,)+) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                let database = super::TestDatabase::sqlite();
                super::$story(database.open().await).await;
            })+
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                let Some(database) = super::TestDatabase::postgres().await else { return };
                super::$story(database.open().await).await;
            })+
        }
    };
}

on_both! {
    workers_at_once_give_nobody_more_than_their_capacity: capacity_holds,
    giving_out_twice_changes_nothing: twice,
    the_queue_drains_when_somebody_gets_room: drains,
    nobody_absent_is_given_a_task: absence,
    what_nobody_can_take_is_not_in_the_way: a_queue_nobody_can_take,
}
