//! Schedules: rows that make one job at each tick, whatever the number of processes.

use chrono::{DateTime, Utc};

use super::contract::{Job, NewJob};
use super::engine::Engine;
use crate::store::workers::ScheduleRow;
use crate::store::{self, StoreError};

/// A schedule as the program declares it; operators may pause it.
#[derive(Clone, Debug)]
pub struct Schedule {
    /// Its name.
    pub name: &'static str,
    /// Five-field cron expression, read in UTC.
    pub cron: &'static str,
    /// The job it makes.
    pub job: NewJob,
}

impl Schedule {
    /// A schedule of a job without arguments.
    pub fn of<J: Job + Default>(name: &'static str, cron: &'static str) -> Self {
        Self { name, cron, job: NewJob::of(&J::default(), "scheduler") }
    }
}

/// The first tick after an instant, or what is wrong with the expression or the zone.
pub fn next_tick(cron: &str, tz: &str, after: DateTime<Utc>) -> Result<DateTime<Utc>, String> {
    let zone: chrono_tz::Tz = tz.parse().map_err(|_| format!("unknown time zone {tz}"))?;
    let expression: croner::Cron = cron.parse().map_err(|error| format!("cron expression {cron}: {error}"))?;
    expression
        .find_next_occurrence(&after.with_timezone(&zone), false)
        .map(|tick| tick.to_utc())
        .map_err(|error| format!("cron expression {cron}: {error}"))
}

impl Engine {
    /// Writes the declared schedules that are not in the table yet.
    pub(super) async fn declare_schedules(&self) -> Result<(), StoreError> {
        let now = self.clock.now();
        let mut tx = self.db.begin().await?;
        for schedule in &self.schedules {
            let next = next_tick(schedule.cron, "UTC", now).expect("declared expressions are valid");
            let row = ScheduleRow {
                name: schedule.name.to_owned(),
                kind: schedule.job.kind.to_owned(),
                cron: schedule.cron.to_owned(),
                tz: "UTC".to_owned(),
                paused: false,
                last_run_at: None,
                next_run_at: next,
            };
            store::workers::add_schedule(&mut tx, &row).await?;
        }
        tx.commit().await
    }

    /// Makes one job for each schedule whose tick has come. The row's lock and its next tick are one transaction, so a
    /// tick makes one job; ticks missed while nobody ran are made up for by one.
    pub(super) async fn tick(&self) -> Result<(), StoreError> {
        let now = self.clock.now();
        let mut tx = self.db.begin().await?;
        let due = store::workers::lock_due_schedules(&mut tx, now).await?;
        if due.is_empty() {
            return Ok(());
        }
        let mut queues = Vec::new();
        for row in due {
            let next = match next_tick(&row.cron, &row.tz, now) {
                Ok(next) => next,
                Err(error) => {
                    tracing::error!(schedule = row.name, error, "schedule cannot be read; looked at again in a minute");
                    now + chrono::TimeDelta::minutes(1)
                }
            };
            let declared = self.schedules.iter().find(|schedule| schedule.name == row.name);
            let ran = match declared.filter(|_| !row.paused) {
                None => None,
                Some(schedule) => {
                    store::jobs::enqueue(&mut tx, std::slice::from_ref(&schedule.job), now).await?;
                    queues.push(schedule.job.queue);
                    Some(row.next_run_at)
                }
            };
            store::workers::advance_schedule(&mut tx, &row.name, ran, next).await?;
        }
        tx.commit().await?;
        for queue in queues {
            self.bus.wake(queue);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn ticks_follow_the_expression_in_its_zone() {
        let tick = |cron, tz, after: &str| next_tick(cron, tz, at(after)).map(|tick| tick.to_rfc3339());
        assert_eq!(tick("*/10 * * * *", "UTC", "2026-11-22T20:41:30Z").unwrap(), "2026-11-22T20:50:00+00:00");
        assert_eq!(tick("0 9 * * 1", "Europe/Berlin", "2026-11-22T20:41:30Z").unwrap(), "2026-11-23T08:00:00+00:00");
        assert!(tick("61 * * * *", "UTC", "2026-11-22T20:41:30Z").unwrap_err().contains("61"));
        assert!(tick("* * * * *", "Mars/Base", "2026-11-22T20:41:30Z").unwrap_err().contains("Mars/Base"));
    }
}
