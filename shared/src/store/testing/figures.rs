//! Figures counted one task after the other, and random histories of tasks to count.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};

use crate::domain::change::{self, Actor, NewTask, TaskPatch};
use crate::domain::sla::rules::Rules;
use crate::domain::{Category, Cents, Change, Priority, Status, Task};
use crate::store::metrics::{CategoryPerformance, ExecutiveMetrics, Metrics, OwnerWorkload, RealTimeMetrics};
use crate::store::query::fetch_all;
use crate::store::tasks::{self, task_columns};
use crate::store::{Result, Session, Tx};

/// All tasks that are not deleted.
pub async fn live_tasks(session: &mut Session) -> Result<Vec<Task>> {
    const SQL: &str = concat!("SELECT ", task_columns!(), " FROM workflow_tasks WHERE deleted_at IS NULL");
    fetch_all!(session, Task, SQL)
}

/// Saves changes without what sums and the past cost: for measuring that.
pub async fn save_uncounted(tx: &mut Tx, changes: &[Change]) -> Result<()> {
    tasks::put(tx, changes).await
}

/// The figures of these tasks, as the contract words them.
pub fn brute_force(tasks: &[Task], now: DateTime<Utc>) -> Metrics {
    let all: Vec<&Task> = tasks.iter().collect();
    let mut categories: Vec<_> = Category::ALL
        .iter()
        .map(|category| category_of(&some(&all, |task| task.workflow_category == *category), *category, now))
        .filter(|row| row.total_tasks > 0)
        .collect();
    categories.sort_by_key(|row| (-row.total_tasks, row.workflow_category.as_str()));
    let mut by_owner: BTreeMap<_, Vec<&Task>> = BTreeMap::new();
    for task in tasks.iter().filter(|task| task.is_open()) {
        let nobody_last = |text: &Option<String>| (text.is_none(), text.clone());
        by_owner.entry([&task.current_owner, &task.owner_email].map(nobody_last)).or_default().push(task);
    }
    let mut owners: Vec<_> = by_owner.values().map(|of| workload(of, now)).collect();
    owners.sort_by(|a, b| b.workload_score.total_cmp(&a.workload_score));
    Metrics { executive: executive(&all, now), categories, owners, real_time: real_time(&all, now) }
}

fn some<'a>(tasks: &[&'a Task], test: impl Fn(&Task) -> bool) -> Vec<&'a Task> {
    tasks.iter().copied().filter(|task| test(task)).collect()
}

fn count(tasks: &[&Task], test: impl Fn(&Task) -> bool) -> i64 {
    some(tasks, test).len() as i64
}

fn cents(tasks: &[&Task], test: impl Fn(&Task) -> bool) -> i64 {
    some(tasks, test).iter().map(|task| task.dollar_value.0).sum()
}

fn dollars(cents: i64) -> f64 {
    cents as f64 / 100.0
}

/// `a / b` with one decimal, half up.
fn tenths(a: i64, b: i64) -> Option<f64> {
    (b > 0).then(|| ((a * 20 + b) / (b * 2)) as f64 / 10.0)
}

fn is(status: Status) -> impl Fn(&Task) -> bool {
    move |task| task.task_status == status
}

fn overdue(task: &Task, now: DateTime<Utc>) -> bool {
    task.is_open() && task.sla_deadline.is_some_and(|due| due < now)
}

fn due_within(task: &Task, now: DateTime<Utc>, hours: i64) -> bool {
    task.is_open() && task.sla_deadline.is_some_and(|due| due >= now && due <= now + TimeDelta::hours(hours))
}

fn completion_days(tasks: &[&Task]) -> Option<f64> {
    let took = |task: &&Task| Some((task.completion_date? - task.created_at).num_milliseconds());
    let done: Vec<i64> = tasks.iter().filter_map(took).collect();
    tenths(done.iter().sum(), done.len() as i64 * 86_400_000)
}

fn executive(all: &[&Task], now: DateTime<Utc>) -> ExecutiveMetrics {
    let due = some(all, |task| !task.is_open() && task.sla_deadline.is_some());
    let met = count(&due, |task| task.completion_date <= task.sla_deadline);
    ExecutiveMetrics {
        total_tasks: all.len() as i64,
        red_tasks: count(all, is(Status::Red)),
        yellow_tasks: count(all, is(Status::Yellow)),
        green_tasks: count(all, is(Status::Green)),
        completed_tasks: count(all, is(Status::Completed)),
        revenue_at_risk: dollars(cents(all, is(Status::Red))),
        active_revenue: dollars(cents(all, Task::is_open)),
        total_revenue: dollars(cents(all, |_| true)),
        sla_violations: count(all, |task| overdue(task, now)),
        sla_warning_24h: count(all, |task| due_within(task, now, 24)),
        sla_critical_4h: count(all, |task| due_within(task, now, 4)),
        sla_met_percentage: tenths(met * 100, due.len() as i64),
        avg_completion_days: completion_days(all),
        tasks_last_24h: count(all, |task| task.created_at > now - TimeDelta::hours(24)),
        tasks_last_7d: count(all, |task| task.created_at > now - TimeDelta::days(7)),
        critical_priority_count: count(all, |task| task.priority == Priority::Critical),
        high_priority_count: count(all, |task| task.priority == Priority::High),
        calculated_at: now,
    }
}

fn category_of(of: &[&Task], category: Category, now: DateTime<Utc>) -> CategoryPerformance {
    let (total, done) = (of.len() as i64, count(of, is(Status::Completed)));
    let late = count(of, |task| overdue(task, now));
    let value = cents(of, |_| true);
    CategoryPerformance {
        workflow_category: category,
        total_tasks: total,
        tasks_last_7d: count(of, |task| task.created_at > now - TimeDelta::days(7)),
        red_count: count(of, is(Status::Red)),
        yellow_count: count(of, is(Status::Yellow)),
        green_count: count(of, is(Status::Green)),
        completed_count: done,
        total_value: dollars(value),
        avg_value: (total > 0).then(|| dollars((value * 2 + total) / (total * 2))),
        max_value: of.iter().map(|task| task.dollar_value.0).max().map(dollars),
        value_at_risk: dollars(cents(of, is(Status::Red))),
        completion_rate: tenths(done * 100, total),
        avg_completion_days: completion_days(of),
        sla_violations: late,
        efficiency_score: tenths(50 * done + 50 * total - 50 * late, total),
    }
}

fn workload(of: &[&Task], now: DateTime<Utc>) -> OwnerWorkload {
    let (red, yellow) = (count(of, is(Status::Red)), count(of, is(Status::Yellow)));
    let soon = count(of, |task| due_within(task, now, 24));
    let categories: BTreeSet<&str> = of.iter().map(|task| task.workflow_category.as_str()).collect();
    OwnerWorkload {
        current_owner: of[0].current_owner.clone(),
        owner_email: of[0].owner_email.clone(),
        total_active_tasks: of.len() as i64,
        critical_tasks: red,
        warning_tasks: yellow,
        normal_tasks: count(of, is(Status::Green)),
        total_value_managed: dollars(cents(of, |_| true)),
        critical_value: dollars(cents(of, is(Status::Red))),
        highest_value_task: of.iter().map(|task| task.dollar_value.0).max().map(dollars),
        next_deadline: of.iter().filter_map(|task| task.sla_deadline).min(),
        due_within_24h: soon,
        overdue_tasks: count(of, |task| overdue(task, now)),
        workload_score: (3 * of.len() as i64 + 100 * red + 50 * yellow + 200 * soon) as f64 / 10.0,
        categories_handled: categories.into_iter().map(str::to_owned).collect(),
    }
}

fn real_time(all: &[&Task], now: DateTime<Utc>) -> RealTimeMetrics {
    let today = |at: DateTime<Utc>| at.date_naive() == now.date_naive();
    let red =
        |category: &&str| count(all, |task| is(Status::Red)(task) && task.workflow_category.as_str() == *category);
    let mut names: Vec<&str> = Category::ALL.iter().map(|category| category.as_str()).collect();
    names.sort_unstable();
    names.sort_by_key(|category| -red(category));
    RealTimeMetrics {
        active_tasks: count(all, Task::is_open),
        critical_now: count(all, is(Status::Red)),
        value_at_risk_now: dollars(cents(all, is(Status::Red))),
        due_next_hour: count(all, |task| due_within(task, now, 1)),
        tasks_created_today: count(all, |task| today(task.created_at)),
        tasks_completed_today: count(all, |task| task.completion_date.is_some_and(today)),
        primary_bottleneck: names.first().filter(|name| red(name) > 0).map(|name| (*name).to_owned()),
        snapshot_time: now,
    }
}

/// A generator of numbers with a seed: the same history on every run.
pub struct Dice(u64);

impl Dice {
    /// The numbers of this seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// From 0 to before `sides`.
    pub fn roll(&mut self, sides: i64) -> i64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) % sides.unsigned_abs()).cast_signed()
    }
}

/// Tasks that are created, changed, completed, opened again, aged and deleted at random, while time passes.
pub struct History {
    name: String,
    dice: Dice,
    created: usize,
    /// Those that are not deleted, as they are.
    pub tasks: Vec<Task>,
    /// The instant of the last change.
    pub now: DateTime<Utc>,
}

impl History {
    /// Begins at an instant; of two histories with different names no task is the same.
    pub fn new(name: &str, seed: u64, now: DateTime<Utc>) -> Self {
        Self { name: name.to_owned(), dice: Dice::new(seed), created: 0, tasks: Vec::new(), now }
    }

    /// The next change: decided, not saved.
    pub fn next_change(&mut self) -> Change {
        self.now += TimeDelta::milliseconds(self.dice.roll(400_000));
        loop {
            if self.tasks.len() < 20 || self.dice.roll(10) < 3 {
                return self.create();
            }
            let index = usize::try_from(self.dice.roll(self.tasks.len() as i64)).expect("not negative");
            let actor = actor();
            let change = match self.dice.roll(12) {
                0 => {
                    let task = self.tasks.swap_remove(index);
                    return change::delete(&task, &actor, self.now);
                }
                1 | 2 => change::age(&self.tasks[index], &Rules::builtin(), self.now),
                _ => {
                    let patch = self.patch();
                    change::update(&self.tasks[index], &patch, &Rules::builtin(), &actor, self.now)
                }
            };
            if let Some(change) = change {
                self.tasks[index] = change.task.clone();
                return change;
            }
        }
    }

    fn create(&mut self) -> Change {
        self.created += 1;
        let new = NewTask {
            task_status: Some(self.one_of(Status::ALL)),
            priority: self.one_of(Priority::ALL),
            current_owner: self.owner(),
            owner_email: (self.dice.roll(3) == 0).then(|| "desk@example.com".to_owned()),
            dollar_value: self.value(),
            sla_deadline: self.deadline(),
            ..NewTask::new(
                format!("TASK-{}-{}", self.created, self.name),
                format!("Task {}", self.created),
                self.one_of(Category::ALL),
            )
        };
        let change = change::create(new, &Rules::builtin(), &actor(), self.now);
        self.tasks.push(change.task.clone());
        change
    }

    fn patch(&mut self) -> TaskPatch {
        let mut patch = TaskPatch::default();
        match self.dice.roll(8) {
            0 | 1 => patch.task_status = Some(self.one_of(Status::ALL)),
            2 => patch.task_status = Some(Status::Completed),
            3 => patch.workflow_category = Some(self.one_of(Category::ALL)),
            4 => patch.current_owner = Some(self.owner()),
            5 => patch.sla_deadline = Some(self.deadline()),
            6 => patch.dollar_value = Some(self.value()),
            _ => {
                patch.priority = Some(self.one_of(Priority::ALL));
                patch.title = Some(format!("Changed at {}", self.now));
            }
        }
        patch
    }

    fn one_of<T: Copy>(&mut self, all: &[T]) -> T {
        all[usize::try_from(self.dice.roll(all.len() as i64)).expect("not negative")]
    }

    fn owner(&mut self) -> Option<String> {
        (self.dice.roll(5) > 0).then(|| format!("Owner {}", self.dice.roll(7)))
    }

    fn value(&mut self) -> Cents {
        Cents(self.dice.roll(10_000_000))
    }

    /// Near or far, before or after; sometimes on the boundary of a bucket, or of a figure.
    fn deadline(&mut self) -> Option<DateTime<Utc>> {
        let far = TimeDelta::minutes(self.dice.roll(6 * 24 * 60) - 2 * 24 * 60);
        match self.dice.roll(6) {
            0 => None,
            1 => Some(self.now + TimeDelta::hours(24)),
            2 => DateTime::from_timestamp((self.now + far).timestamp() / 900 * 900, 0),
            3 => DateTime::from_timestamp((self.now + far).timestamp() / 86_400 * 86_400, 0),
            _ => Some(self.now + far),
        }
    }
}

fn actor() -> Actor {
    Actor { principal: "ana".to_owned(), reason: None }
}
