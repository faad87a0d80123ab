//! What is counted, and the figures it makes. Formulas are the views': integers until the last step.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use super::{CategoryPerformance, ExecutiveMetrics, Metrics, OwnerWorkload, RealTimeMetrics};
use crate::domain::{Category, Priority, Status};

/// Milliseconds of a tenth of a day.
const TENTH_OF_A_DAY: i64 = 8_640_000;

/// All that the figures need to know.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Tally {
    /// By the categories' names.
    pub(super) categories: BTreeMap<&'static str, Share>,
    /// By owner and address; nobody is ''.
    pub(super) owners: BTreeMap<(String, String), Load>,
}

/// Tasks of one category.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Share {
    pub(super) total: i64,
    pub(super) red: i64,
    pub(super) yellow: i64,
    pub(super) green: i64,
    pub(super) completed: i64,
    pub(super) cents: i64,
    pub(super) red_cents: i64,
    pub(super) open_cents: i64,
    /// Completed ones with a deadline.
    pub(super) due: i64,
    pub(super) met: i64,
    /// Completed ones whose completion is dated, and their milliseconds.
    pub(super) timed: i64,
    pub(super) spent_ms: i64,
    pub(super) critical: i64,
    pub(super) high: i64,
    pub(super) max_cents: i64,
    pub(super) moments: Moments,
}

/// How many tasks lie in the spans of the figures.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Moments {
    pub(super) last_24h: i64,
    pub(super) last_7d: i64,
    pub(super) created_today: i64,
    pub(super) completed_today: i64,
    pub(super) overdue: i64,
    pub(super) due_1h: i64,
    pub(super) due_4h: i64,
    pub(super) due_24h: i64,
}

/// Open tasks of one owner.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Load {
    pub(super) red: i64,
    pub(super) yellow: i64,
    pub(super) green: i64,
    pub(super) cents: i64,
    pub(super) red_cents: i64,
    pub(super) max_cents: i64,
    pub(super) next_deadline: Option<DateTime<Utc>>,
    pub(super) due_24h: i64,
    pub(super) overdue: i64,
    pub(super) categories: BTreeSet<&'static str>,
}

/// Tasks that are alike.
pub(super) struct Alike {
    pub(super) category: Category,
    pub(super) status: Status,
    pub(super) n: i64,
    pub(super) cents: i64,
}

impl Tally {
    pub(super) fn category(&mut self, category: Category) -> &mut Share {
        self.categories.entry(category.as_str()).or_default()
    }

    pub(super) fn owner(&mut self, owner: String, email: String) -> &mut Load {
        self.owners.entry((owner, email)).or_default()
    }

    /// The figures of an instant.
    pub(super) fn figures(&self, now: DateTime<Utc>) -> Metrics {
        let mut all = Share::default();
        for share in self.categories.values() {
            all.add(share);
        }
        let performance = |(name, share): (&&str, &Share)| Some(share.performance(Category::parse(name)?));
        let mut categories: Vec<_> = self.categories.iter().filter_map(performance).collect();
        categories.sort_by_key(|row| std::cmp::Reverse(row.total_tasks));
        let mut owners: Vec<_> = self.owners.iter().map(|(key, load)| (load.score(), load.workload(key))).collect();
        // Nobody comes last among those who are equally pressed.
        owners.sort_by_cached_key(|(score, row)| {
            let last = |text: &Option<String>| (text.is_none(), text.clone());
            (std::cmp::Reverse(*score), last(&row.current_owner), last(&row.owner_email))
        });
        Metrics {
            executive: all.executive(now),
            categories,
            owners: owners.into_iter().map(|(_, row)| row).collect(),
            real_time: self.real_time(&all, now),
        }
    }

    fn real_time(&self, all: &Share, now: DateTime<Utc>) -> RealTimeMetrics {
        // Of equals the first by name, which is the last that the comparison sees.
        let worst = self.categories.iter().rev().max_by_key(|(_, share)| share.red).filter(|(_, share)| share.red > 0);
        RealTimeMetrics {
            active_tasks: all.total - all.completed,
            critical_now: all.red,
            value_at_risk_now: dollars(all.red_cents),
            due_next_hour: all.moments.due_1h,
            tasks_created_today: all.moments.created_today,
            tasks_completed_today: all.moments.completed_today,
            primary_bottleneck: worst.map(|(name, _)| (*name).to_owned()),
            snapshot_time: now,
        }
    }
}

impl Share {
    /// Adds tasks of one status and priority.
    pub(super) fn count(&mut self, alike: &Alike, priority: Priority) {
        let Alike { n, cents, .. } = *alike;
        self.total += n;
        self.cents += cents;
        match alike.status {
            Status::Red => {
                self.red += n;
                self.red_cents += cents;
            }
            Status::Yellow => self.yellow += n,
            Status::Green => self.green += n,
            Status::Completed => self.completed += n,
        }
        if alike.status != Status::Completed {
            self.open_cents += cents;
        }
        match priority {
            Priority::Critical => self.critical += n,
            Priority::High => self.high += n,
            Priority::Medium | Priority::Normal => {}
        }
    }

    fn add(&mut self, other: &Self) {
        self.total += other.total;
        self.red += other.red;
        self.yellow += other.yellow;
        self.green += other.green;
        self.completed += other.completed;
        self.cents += other.cents;
        self.red_cents += other.red_cents;
        self.open_cents += other.open_cents;
        self.due += other.due;
        self.met += other.met;
        self.timed += other.timed;
        self.spent_ms += other.spent_ms;
        self.critical += other.critical;
        self.high += other.high;
        self.moments.add(other.moments);
    }

    fn executive(&self, now: DateTime<Utc>) -> ExecutiveMetrics {
        ExecutiveMetrics {
            total_tasks: self.total,
            red_tasks: self.red,
            yellow_tasks: self.yellow,
            green_tasks: self.green,
            completed_tasks: self.completed,
            revenue_at_risk: dollars(self.red_cents),
            active_revenue: dollars(self.open_cents),
            total_revenue: dollars(self.cents),
            sla_violations: self.moments.overdue,
            sla_warning_24h: self.moments.due_24h,
            sla_critical_4h: self.moments.due_4h,
            sla_met_percentage: tenths(self.met * 100, self.due),
            avg_completion_days: self.days(),
            tasks_last_24h: self.moments.last_24h,
            tasks_last_7d: self.moments.last_7d,
            critical_priority_count: self.critical,
            high_priority_count: self.high,
            calculated_at: now,
        }
    }

    fn performance(&self, category: Category) -> CategoryPerformance {
        let overdue = self.moments.overdue;
        CategoryPerformance {
            workflow_category: category,
            total_tasks: self.total,
            tasks_last_7d: self.moments.last_7d,
            red_count: self.red,
            yellow_count: self.yellow,
            green_count: self.green,
            completed_count: self.completed,
            total_value: dollars(self.cents),
            avg_value: half_up(self.cents, self.total).map(dollars),
            max_value: (self.total > 0).then(|| dollars(self.max_cents)),
            value_at_risk: dollars(self.red_cents),
            completion_rate: tenths(self.completed * 100, self.total),
            avg_completion_days: self.days(),
            sla_violations: overdue,
            efficiency_score: tenths(50 * (self.completed + self.total - overdue), self.total),
        }
    }

    fn days(&self) -> Option<f64> {
        half_up(self.spent_ms, TENTH_OF_A_DAY * self.timed).map(|tenths| tenths as f64 / 10.0)
    }
}

impl Moments {
    pub(super) fn add(&mut self, other: Self) {
        self.last_24h += other.last_24h;
        self.last_7d += other.last_7d;
        self.created_today += other.created_today;
        self.completed_today += other.completed_today;
        self.overdue += other.overdue;
        self.due_1h += other.due_1h;
        self.due_4h += other.due_4h;
        self.due_24h += other.due_24h;
    }
}

impl Load {
    /// Adds open tasks of one category and status.
    pub(super) fn count(&mut self, alike: &Alike) {
        let Alike { n, cents, .. } = *alike;
        self.cents += cents;
        match alike.status {
            Status::Red => {
                self.red += n;
                self.red_cents += cents;
            }
            Status::Yellow => self.yellow += n,
            Status::Green | Status::Completed => self.green += n,
        }
        self.categories.insert(alike.category.as_str());
    }

    fn active(&self) -> i64 {
        self.red + self.yellow + self.green
    }

    /// In tenths.
    fn score(&self) -> i64 {
        3 * self.active() + 100 * self.red + 50 * self.yellow + 200 * self.due_24h
    }

    fn workload(&self, (owner, email): &(String, String)) -> OwnerWorkload {
        let named = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
        OwnerWorkload {
            current_owner: named(owner),
            owner_email: named(email),
            total_active_tasks: self.active(),
            critical_tasks: self.red,
            warning_tasks: self.yellow,
            normal_tasks: self.green,
            total_value_managed: dollars(self.cents),
            critical_value: dollars(self.red_cents),
            highest_value_task: (self.active() > 0).then(|| dollars(self.max_cents)),
            next_deadline: self.next_deadline,
            due_within_24h: self.due_24h,
            overdue_tasks: self.overdue,
            workload_score: self.score() as f64 / 10.0,
            categories_handled: self.categories.iter().map(|name| (*name).to_owned()).collect(),
        }
    }
}

fn dollars(cents: i64) -> f64 {
    cents as f64 / 100.0
}

fn tenths(numerator: i64, denominator: i64) -> Option<f64> {
    half_up(numerator * 10, denominator).map(|tenths| tenths as f64 / 10.0)
}

/// The quotient, rounded half up; none of nothing.
fn half_up(numerator: i64, denominator: i64) -> Option<i64> {
    (denominator > 0).then(|| (2 * numerator + denominator) / (2 * denominator))
}
