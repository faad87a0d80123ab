//! Schedules: rows that make one job at each tick, whatever the number of processes.

use std::collections::VecDeque;

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};

use super::contract::{Job, NewJob};
use super::engine::Engine;
use crate::domain::text_enum::text_enum;
use crate::store::schedules::ScheduleRow;
use crate::store::{self, StoreError, Tx};

/// A schedule as the program declares it; operators may change all of it but the job.
#[derive(Clone, Debug)]
pub struct Schedule {
    /// Its name.
    pub name: &'static str,
    /// Cron expression.
    pub cron: &'static str,
    /// IANA zone the expression is read in.
    pub tz: &'static str,
    /// What happens to missed ticks.
    pub catch_up: CatchUp,
    /// The job it makes.
    pub job: NewJob,
}

impl Schedule {
    /// A schedule in UTC of a job with its default arguments, which makes up for missed ticks by one job.
    pub fn of<J: Job + Default>(name: &'static str, cron: &'static str) -> Self {
        Self { name, cron, tz: "UTC", catch_up: CatchUp::One, job: NewJob::of(&J::default(), SCHEDULER) }
    }

    /// Reads the expression in another zone.
    #[must_use]
    pub fn in_zone(self, tz: &'static str) -> Self {
        Self { tz, ..self }
    }

    /// Treats missed ticks otherwise.
    #[must_use]
    pub fn catching_up(self, catch_up: CatchUp) -> Self {
        Self { catch_up, ..self }
    }
}

text_enum! {
    /// What happens to ticks nobody was there for.
    CatchUp {
        /// They make no job.
        Skip = "skip",
        /// One job makes up for all of them.
        One = "one",
        /// Each makes a job.
        All = "all",
    }
}

/// Who asks for the jobs of schedules.
const SCHEDULER: &str = "scheduler";
/// How late a tick may be and still not be missed.
const GRACE: TimeDelta = TimeDelta::seconds(30);
/// Jobs made up for at once; those of older ticks are not.
const MOST: usize = 100;

/// The first tick after an instant, or what is wrong with the expression or the zone. Expressions have five fields, or
/// six with seconds in front.
pub fn next_tick(cron: &str, tz: &str, after: DateTime<Utc>) -> Result<DateTime<Utc>, String> {
    let zone: chrono_tz::Tz = tz.parse().map_err(|_| format!("unknown time zone {tz}"))?;
    let wrong = |error: &dyn std::fmt::Display| format!("cron expression {cron}: {error}");
    let expression: croner::Cron = cron.parse().map_err(|error| wrong(&error))?;
    // Ticks are whole seconds; the expression would carry a fraction on.
    let after = after.trunc_subsecs(0);
    expression
        .find_next_occurrence(&after.with_timezone(&zone), false)
        .map(|tick| tick.to_utc())
        .map_err(|error| wrong(&error))
}

/// The ticks from `first` to `now` that are to make a job, and the next one after them.
fn due_ticks(
    cron: &str,
    tz: &str,
    catch_up: CatchUp,
    first: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<(Vec<DateTime<Utc>>, DateTime<Utc>), String> {
    let mut ticks = VecDeque::from([first]);
    // After a long absence the past is not walked through from its beginning.
    let mut tick = next_tick(cron, tz, first.max(now - TimeDelta::days(2)))?;
    while tick <= now {
        if ticks.len() == MOST {
            ticks.pop_front();
        }
        ticks.push_back(tick);
        tick = next_tick(cron, tz, tick)?;
    }
    let last = ticks.back().copied();
    let due = match catch_up {
        CatchUp::All => ticks.into(),
        CatchUp::One => last.into_iter().collect(),
        CatchUp::Skip => last.filter(|last| now - *last <= GRACE).into_iter().collect(),
    };
    Ok((due, tick))
}

/// The job that a tick of a schedule makes, or that an operator asks for.
pub fn job_of(schedule: &ScheduleRow, principal: &str) -> NewJob {
    NewJob {
        kind: schedule.kind.clone().into(),
        queue: schedule.queue.clone().into(),
        priority: schedule.priority,
        max_attempts: schedule.max_attempts,
        args: serde_json::from_str(&schedule.args).unwrap_or_default(),
        order_key: None,
        first_of_key: false,
        unique: None,
        limit_key: None,
        schedule: Some(schedule.name.clone()),
        run_at: None,
        principal: principal.to_owned(),
        trace_id: None,
    }
}

impl Engine {
    /// Writes the declared schedules.
    pub(super) async fn declare_schedules(&self) -> Result<(), StoreError> {
        let now = self.clock.now();
        let mut tx = self.db.begin().await?;
        for Schedule { name, cron, tz, catch_up, job } in &self.schedules {
            let next = next_tick(cron, tz, now).expect("declared expressions are valid");
            store::schedules::declare(&mut tx, name, job, cron, tz, catch_up.as_str(), next).await?;
        }
        tx.commit().await
    }

    /// Makes one job for each tick that is due. The row's lock, the job and the row's next tick are one transaction, so a
    /// tick makes one job.
    pub(super) async fn tick(&self) -> Result<(), StoreError> {
        let now = self.clock.now();
        let mut tx = self.db.begin().await?;
        let due = store::schedules::lock_due(&mut tx, now).await?;
        if due.is_empty() {
            return Ok(());
        }
        let mut woken = Vec::new();
        for row in due {
            let catch_up = CatchUp::parse(&row.catch_up).unwrap_or(CatchUp::One);
            let (ticks, next) = match due_ticks(&row.cron, &row.tz, catch_up, row.next_run_at, now) {
                Ok(found) => found,
                Err(error) => {
                    tracing::error!(schedule = row.name, error, "schedule cannot be read; looked at again in a minute");
                    (Vec::new(), now + TimeDelta::minutes(1))
                }
            };
            let mut ran = None;
            for tick in ticks {
                if let Some(job) = self.make_job(&mut tx, &row, now).await? {
                    ran = Some((tick, job));
                    woken.push(row.queue.clone());
                }
            }
            store::schedules::advance(&mut tx, &row.name, ran, next).await?;
        }
        tx.commit().await?;
        woken.dedup();
        for queue in woken {
            self.bus.wake(&queue);
        }
        Ok(())
    }

    async fn make_job(&self, tx: &mut Tx, row: &ScheduleRow, now: DateTime<Utc>) -> Result<Option<i64>, StoreError> {
        if row.paused {
            return Ok(None);
        }
        // A queue that was paused for a weekend does not wake up to two thousand equal jobs.
        if store::jobs::is_paused(tx, &row.queue, now).await? && store::schedules::has_unstarted(tx, &row.name).await? {
            return Ok(None);
        }
        let job = job_of(row, SCHEDULER);
        let written = store::jobs::enqueue(tx, &[job], now).await?;
        Ok(written.first().map(|job| job.seq))
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

    #[test]
    fn missed_ticks_make_as_many_jobs_as_the_schedule_says() {
        let due = |catch_up, now: &str| {
            let first = at("2026-11-22T20:10:00Z");
            let (ticks, next) = due_ticks("*/10 * * * *", "UTC", catch_up, first, at(now)).unwrap();
            (ticks.len(), next.to_rfc3339())
        };
        let on_time = "2026-11-22T20:10:01Z";
        for catch_up in CatchUp::ALL {
            assert_eq!(due(*catch_up, on_time), (1, "2026-11-22T20:20:00+00:00".to_owned()), "{catch_up}");
        }
        let late = "2026-11-22T20:45:00Z";
        let next = "2026-11-22T20:50:00+00:00".to_owned();
        assert_eq!(due(CatchUp::Skip, late), (0, next.clone()));
        assert_eq!(due(CatchUp::One, late), (1, next.clone()));
        assert_eq!(due(CatchUp::All, late), (4, next));
        assert_eq!(due(CatchUp::Skip, "2026-11-22T20:40:20Z").0, 1, "the last tick is late, but not missed");
        let months_later = "2027-03-01T00:00:01Z";
        assert_eq!(due(CatchUp::All, months_later).0, MOST);
    }

    #[test]
    fn an_hour_that_does_not_exist_or_exists_twice_ticks_once() {
        let berlin = |after: &str| next_tick("30 2 * * *", "Europe/Berlin", at(after)).unwrap().to_rfc3339();
        assert_eq!(berlin("2026-03-28T12:00:00Z"), "2026-03-29T01:00:00+00:00", "2:30 does not exist on 29 March");
        assert_eq!(berlin("2026-10-24T12:00:00Z"), "2026-10-25T00:30:00+00:00");
        assert_eq!(berlin("2026-10-25T00:30:00Z"), "2026-10-26T01:30:00+00:00", "the second 2:30 is no tick");
    }
}
