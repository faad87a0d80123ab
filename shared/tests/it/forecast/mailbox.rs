//! A mailbox that never was: weeks of tasks from a seed. They come by the hour and the weekday, each category takes times
//! of its own (log-normal), priorities hurry, and owners slow down as their open tasks pile up.

use chrono::{DateTime, Datelike, TimeDelta, Timelike, Utc, Weekday};
use shared::domain::forecast::Case;
use shared::domain::{Category, Priority};

/// Minutes between two looks at the mailbox.
const TICK: i64 = 15;
/// Tasks that come in an hour at the busiest.
const RUSH: f64 = 9.0;

/// Small random numbers that are the same everywhere and for ever: `SplitMix64` (Steele, Lea and Flood, 2014).
pub struct Dice(u64);

impl Dice {
    pub fn seeded(seed: u64) -> Self {
        Self(seed)
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// From 0 up to but not including 1.
    pub fn part(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    pub fn below(&mut self, bound: usize) -> usize {
        (self.part() * bound as f64) as usize
    }

    /// Normally distributed, by Box and Muller.
    fn normal(&mut self) -> f64 {
        let (a, b) = (1.0 - self.part(), self.part());
        (-2.0 * a.ln()).sqrt() * (std::f64::consts::TAU * b).cos()
    }

    /// One of these, each as often as its weight says.
    fn weighted(&mut self, weights: &[f64]) -> usize {
        let mut left = self.part() * weights.iter().sum::<f64>();
        weights
            .iter()
            .position(|weight| {
                left -= weight;
                left < 0.0
            })
            .unwrap_or(weights.len() - 1)
    }
}

/// Of each category: how often it comes, the median of hours of work at NORMAL priority with nothing else to do, and the
/// spread of its logarithm.
const CATEGORIES: [(f64, f64, f64); 8] = [
    (0.26, 30.0, 0.8),
    (0.20, 14.0, 0.6),
    (0.16, 40.0, 1.0),
    (0.08, 70.0, 0.5),
    (0.12, 90.0, 0.9),
    (0.06, 20.0, 0.7),
    (0.05, 50.0, 1.2),
    (0.07, 10.0, 1.1),
];
/// How often each priority comes, and the part of the hours it takes.
const PRIORITIES: [(f64, f64); 4] = [(0.06, 0.08), (0.24, 0.35), (0.40, 0.7), (0.30, 1.0)];
const DEADLINES: [i64; 4] = [4, 24, 72, 168];
const OWNERS: usize = 14;

struct Open {
    case: Case,
    /// Hours of work left.
    left: f64,
}

/// So many weeks, from a Monday.
pub fn weeks(count: i64, seed: u64) -> Vec<Case> {
    let mut dice = Dice::seeded(seed);
    let start = DateTime::parse_from_rfc3339("2026-01-05T00:00:00Z").expect("an instant").to_utc();
    let mut open: Vec<Vec<Open>> = (0..=OWNERS).map(|_| Vec::new()).collect();
    let mut cases = Vec::new();
    for tick in 0..count * 7 * 24 * 60 / TICK {
        let now = start + TimeDelta::minutes(tick * TICK);
        for tasks in &mut open {
            work(tasks, now, &mut cases, &mut dice);
        }
        let mut expected = RUSH * rush(now) * TICK as f64 / 60.0;
        while dice.part() < expected {
            expected -= 1.0;
            let came = now + TimeDelta::seconds(dice.below(TICK as usize * 60) as i64);
            let (owner, task) = arrive(cases.len() + open.iter().map(Vec::len).sum::<usize>(), came, &mut dice);
            open[owner].push(task);
        }
    }
    cases.extend(open.into_iter().flatten().map(|task| task.case));
    cases.sort_by(|a, b| (a.created_at, &a.task_id).cmp(&(b.created_at, &b.task_id)));
    cases
}

/// Part of the busiest hour that comes now.
fn rush(now: DateTime<Utc>) -> f64 {
    let day = match now.weekday() {
        Weekday::Mon => 1.0,
        Weekday::Sat | Weekday::Sun => 0.1,
        _ => 0.8,
    };
    day * match now.hour() {
        8..=10 => 1.0,
        11..=16 => 0.7,
        17..=20 => 0.25,
        _ => 0.05,
    }
}

fn arrive(number: usize, came: DateTime<Utc>, dice: &mut Dice) -> (usize, Open) {
    let category = dice.weighted(&CATEGORIES.map(|(weight, ..)| weight));
    let priority = dice.weighted(&PRIORITIES.map(|(weight, _)| weight));
    let (_, median, spread) = CATEGORIES[category];
    let work = median * PRIORITIES[priority].1 * (spread * dice.normal()).exp();
    // One in ten is nobody's. The first owners take more than the last.
    let owner = if dice.part() < 0.1 { OWNERS } else { dice.below(OWNERS).min(dice.below(OWNERS)) };
    let arrival = Case {
        task_id: format!("TASK-{number:06}-s"),
        workflow_category: Category::ALL[category],
        priority: Priority::ALL[priority],
        current_owner: (owner < OWNERS).then(|| format!("Owner {owner}")),
        created_at: came,
        received_at: None,
        sla_deadline: Some(came + TimeDelta::hours(DEADLINES[priority])),
        completion_date: None,
    };
    (owner, Open { case: arrival, left: work })
}

/// A tick of work on everything an owner has open: each task goes on, the slower the more there are.
fn work(tasks: &mut Vec<Open>, now: DateTime<Utc>, done: &mut Vec<Case>, dice: &mut Dice) {
    let pace = 1.0 / (1.0 + 0.08 * tasks.len() as f64);
    for task in tasks.iter_mut() {
        task.left -= TICK as f64 / 60.0 * pace;
    }
    let (ended, going): (Vec<_>, Vec<_>) = tasks.drain(..).partition(|task| task.left <= 0.0);
    *tasks = going;
    for mut task in ended {
        let at = now - TimeDelta::seconds(dice.below(TICK as usize * 60) as i64);
        task.case.completion_date = Some(at.max(task.case.created_at + TimeDelta::seconds(1)));
        done.push(task.case);
    }
}
