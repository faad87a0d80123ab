//! Time series over live tasks, counted from the rows.

use std::collections::BTreeMap;

use chrono::{DateTime, Duration, NaiveDate, TimeDelta, TimeZone, Timelike, Utc};
use chrono_tz::Tz;
use poem_openapi::Object;
use serde::Serialize;

use super::query::fetch_all;
use super::{Result, Session};
use crate::domain::{Category, Cents};

/// Width of a stored bucket: every zone's offset is a multiple of it.
const QUARTER: i64 = 900;

/// How far back, and in which steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Period {
    /// 24 hours.
    Day,
    /// 7 days.
    Week,
    /// 30 days.
    Month,
}

impl Period {
    /// The period of this name.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "day" => Some(Self::Day),
            "week" => Some(Self::Week),
            "month" => Some(Self::Month),
            _ => None,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
        }
    }

    fn buckets(self) -> i64 {
        match self {
            Self::Day => 24,
            Self::Week => 7,
            Self::Month => 30,
        }
    }
}

/// The zone of this IANA name.
pub fn zone(name: &str) -> Option<Tz> {
    name.parse().ok()
}

/// Time series of one period.
#[derive(Clone, Debug, PartialEq, Serialize, Object)]
pub struct Analytics {
    /// `day`, `week` or `month`.
    pub period: String,
    /// Oldest first, without gaps.
    pub trends: Vec<Trend>,
    /// Of tasks created in the period, by category.
    pub completion_rates: Vec<CompletionRate>,
    /// By the day of the deadline, oldest first, without gaps.
    pub sla_performance: Vec<SlaPerformance>,
}

/// One step of a time series.
#[derive(Clone, Debug, PartialEq, Serialize, Object)]
pub struct Trend {
    /// When it begins.
    pub bucket: DateTime<Utc>,
    /// Created in it.
    pub new_tasks: i64,
    /// Completed in it.
    pub completed_tasks: i64,
    /// Created in it and RED now.
    pub red_tasks: i64,
    /// Dollars of those created in it.
    pub value: Cents,
    /// Dollars on average; null if none was created.
    pub avg_value: Option<Cents>,
}

/// How many tasks of a category are completed.
#[derive(Clone, Debug, PartialEq, Serialize, Object)]
pub struct CompletionRate {
    /// The category.
    pub workflow_category: Category,
    /// Created in the period.
    pub total: i64,
    /// Of those, completed.
    pub completed: i64,
    /// Percent, one decimal.
    pub completion_rate: f64,
}

/// How deadlines of one day went.
#[derive(Clone, Debug, PartialEq, Serialize, Object)]
pub struct SlaPerformance {
    /// The day, in the zone asked for.
    pub date: NaiveDate,
    /// Tasks due that day.
    pub total_slas: i64,
    /// Completed in time.
    pub met_slas: i64,
    /// Completed late.
    pub missed_slas: i64,
    /// Open and past the deadline.
    pub violated_slas: i64,
    /// Open and not yet due.
    pub pending_slas: i64,
}

/// Reads the series of a period that ends now.
pub async fn read(snapshot: &mut Session, period: Period, tz: Tz, now: DateTime<Utc>) -> Result<Analytics> {
    let starts = bucket_starts(period, tz, now);
    let (from, days) = (starts[0], day_starts(starts[0], tz, now));
    Ok(Analytics {
        period: period.name().to_owned(),
        trends: trends(snapshot, &starts, now).await?,
        completion_rates: completion_rates(snapshot, from).await?,
        sla_performance: sla_performance(snapshot, &days, tz, now).await?,
    })
}

/// Beginnings of the buckets: whole local hours or days, the current one included.
fn bucket_starts(period: Period, tz: Tz, now: DateTime<Utc>) -> Vec<DateTime<Utc>> {
    let local = now.with_timezone(&tz);
    if period == Period::Day {
        let hour = now
            - TimeDelta::seconds(i64::from(local.minute() * 60 + local.second()))
            - Duration::nanoseconds(i64::from(local.nanosecond()));
        return (0..period.buckets()).rev().map(|back| hour - TimeDelta::hours(back)).collect();
    }
    let today = local.date_naive();
    (0..period.buckets()).rev().map(|back| midnight(today - TimeDelta::days(back), tz)).collect()
}

fn day_starts(from: DateTime<Utc>, tz: Tz, now: DateTime<Utc>) -> Vec<(NaiveDate, DateTime<Utc>)> {
    let last = now.with_timezone(&tz).date_naive();
    let first = from.with_timezone(&tz).date_naive();
    first.iter_days().take_while(|day| *day <= last).map(|day| (day, midnight(day, tz))).collect()
}

/// The first instant of a local day; where midnight does not exist, the first that does.
fn midnight(day: NaiveDate, tz: Tz) -> DateTime<Utc> {
    let mut local = day.and_time(chrono::NaiveTime::MIN);
    loop {
        match tz.from_local_datetime(&local).earliest() {
            Some(at) => return at.to_utc(),
            None => local += TimeDelta::minutes(15),
        }
    }
}

async fn trends(session: &mut Session, starts: &[DateTime<Utc>], now: DateTime<Utc>) -> Result<Vec<Trend>> {
    const CREATED: &str = "SELECT floor(extract(epoch FROM created_at) / 900)::bigint AS quarter, count(*),
                CAST(COALESCE(sum(CASE WHEN task_status = 'RED' THEN 1 ELSE 0 END), 0) AS bigint),
                CAST(COALESCE(sum(dollar_value), 0) AS bigint)
         FROM workflow_tasks
         WHERE deleted_at IS NULL
           AND created_at >= $1
           AND created_at <= $2
         GROUP BY 1";
    const COMPLETED: &str = "SELECT floor(extract(epoch FROM completion_date) / 900)::bigint AS quarter, count(*)
         FROM workflow_tasks
         WHERE deleted_at IS NULL
           AND completion_date >= $1
           AND completion_date <= $2
         GROUP BY 1";
    let created = fetch_all!(session, (i64, i64, i64, i64), CREATED, starts[0], now)?;
    let completed = fetch_all!(session, (i64, i64), COMPLETED, starts[0], now)?;
    let mut trends: Vec<Trend> = starts
        .iter()
        .map(|bucket| Trend {
            bucket: *bucket,
            new_tasks: 0,
            completed_tasks: 0,
            red_tasks: 0,
            value: Cents(0),
            avg_value: None,
        })
        .collect();
    let place = |quarter: i64| {
        let seconds = quarter * QUARTER;
        starts.partition_point(|start| start.timestamp() <= seconds).saturating_sub(1)
    };
    for (quarter, count, red, cents) in created {
        let trend = &mut trends[place(quarter)];
        trend.new_tasks += count;
        trend.red_tasks += red;
        trend.value.0 += cents;
    }
    for (quarter, count) in completed {
        trends[place(quarter)].completed_tasks += count;
    }
    for trend in trends.iter_mut().filter(|trend| trend.new_tasks > 0) {
        trend.avg_value = Some(Cents((trend.value.0 * 2 + trend.new_tasks) / (trend.new_tasks * 2)));
    }
    Ok(trends)
}

async fn completion_rates(session: &mut Session, from: DateTime<Utc>) -> Result<Vec<CompletionRate>> {
    const SQL: &str = "SELECT workflow_category, count(*),
                CAST(sum(CASE WHEN task_status = 'COMPLETED' THEN 1 ELSE 0 END) AS bigint)
         FROM workflow_tasks
         WHERE deleted_at IS NULL
           AND created_at >= $1
         GROUP BY workflow_category
         ORDER BY workflow_category";
    let rows = fetch_all!(session, (Category, i64, i64), SQL, from)?;
    let rate = |(workflow_category, total, completed): (Category, i64, i64)| CompletionRate {
        workflow_category,
        total,
        completed,
        // Tenths of a percent, half up, in integers.
        completion_rate: ((completed * 2_000 + total) / (total * 2)) as f64 / 10.0,
    };
    Ok(rows.into_iter().map(rate).collect())
}

async fn sla_performance(
    session: &mut Session,
    days: &[(NaiveDate, DateTime<Utc>)],
    tz: Tz,
    now: DateTime<Utc>,
) -> Result<Vec<SlaPerformance>> {
    const SQL: &str = "SELECT floor(extract(epoch FROM sla_deadline) / 900)::bigint AS quarter,
                CASE WHEN completion_date IS NOT NULL AND completion_date <= sla_deadline THEN 0
                     WHEN completion_date IS NOT NULL THEN 1
                     WHEN sla_deadline < $3 THEN 2
                     ELSE 3 END AS fate,
                count(*)
         FROM workflow_tasks
         WHERE deleted_at IS NULL
           AND sla_deadline >= $1
           AND sla_deadline < $2
         GROUP BY 1, 2";
    let (Some(first), Some(last)) = (days.first(), days.last()) else { return Ok(Vec::new()) };
    let end = midnight(last.0 + TimeDelta::days(1), tz);
    let mut counts: BTreeMap<NaiveDate, [i64; 4]> = days.iter().map(|(day, _)| (*day, [0; 4])).collect();
    for (quarter, fate, count) in fetch_all!(session, (i64, i32, i64), SQL, first.1, end, now)? {
        let day = DateTime::from_timestamp(quarter * QUARTER, 0).unwrap_or_default().with_timezone(&tz).date_naive();
        if let (Some(counts), Ok(fate)) = (counts.get_mut(&day), usize::try_from(fate)) {
            counts[fate] += count;
        }
    }
    let performance = |(date, [met, missed, violated, pending]): (NaiveDate, [i64; 4])| SlaPerformance {
        date,
        total_slas: met + missed + violated + pending,
        met_slas: met,
        missed_slas: missed,
        violated_slas: violated,
        pending_slas: pending,
    };
    Ok(counts.into_iter().map(performance).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_are_whole_local_days_across_a_clock_change() {
        let now = "2026-03-30T10:00:00Z".parse().unwrap();
        let starts = bucket_starts(Period::Week, zone("Europe/Berlin").unwrap(), now);
        assert_eq!(starts.len(), 7);
        assert_eq!(starts[6], "2026-03-29T22:00:00Z".parse::<DateTime<Utc>>().unwrap());
        assert_eq!(starts[5], "2026-03-28T23:00:00Z".parse::<DateTime<Utc>>().unwrap());
    }

    #[test]
    fn a_day_is_the_current_hour_and_the_23_before_it() {
        let now = "2026-11-22T20:41:30.5Z".parse().unwrap();
        let starts = bucket_starts(Period::Day, zone("Asia/Kolkata").unwrap(), now);
        assert_eq!(starts.len(), 24);
        assert_eq!(starts[23], "2026-11-22T20:30:00Z".parse::<DateTime<Utc>>().unwrap());
    }
}
