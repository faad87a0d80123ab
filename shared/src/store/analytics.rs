//! Time series over live tasks: each step is a span, whose sum is read as the figures' are.

use chrono::{DateTime, Duration, NaiveDate, TimeDelta, TimeZone, Timelike, Utc};
use chrono_tz::Tz;
use poem_openapi::Object;
use serde::Serialize;

use super::metrics::live::by_index;
use super::metrics::series::{self, Spanned};
use super::metrics::spans::{Span, next};
use super::{Result, Session};
use crate::domain::{Category, Cents};

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
#[oai(rename = "AnalyticsFigures")]
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
    by_index(snapshot).await?;
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
pub fn midnight(day: NaiveDate, tz: Tz) -> DateTime<Utc> {
    let mut local = day.and_time(chrono::NaiveTime::MIN);
    loop {
        match tz.from_local_datetime(&local).earliest() {
            Some(at) => return at.to_utc(),
            None => local += TimeDelta::minutes(15),
        }
    }
}

/// The spans between the beginnings, the last one until and with `now`.
fn steps(starts: &[DateTime<Utc>], now: DateTime<Utc>) -> Vec<Span> {
    let ends = starts.iter().skip(1).copied().chain([next(now)]);
    starts.iter().zip(ends).map(|(start, end)| Span::between(*start, end)).collect()
}

async fn trends(session: &mut Session, starts: &[DateTime<Utc>], now: DateTime<Utc>) -> Result<Vec<Trend>> {
    let steps = steps(starts, now);
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
    for row in series::created(session, &steps).await? {
        let trend = &mut trends[step(&row)];
        trend.new_tasks += row.n;
        trend.red_tasks += row.red;
        trend.value.0 += row.cents;
    }
    for row in series::completed(session, &steps).await? {
        trends[step(&row)].completed_tasks += row.n;
    }
    for trend in trends.iter_mut().filter(|trend| trend.new_tasks > 0) {
        trend.avg_value = Some(Cents((trend.value.0 * 2 + trend.new_tasks) / (trend.new_tasks * 2)));
    }
    Ok(trends)
}

/// The number of the span that a row is of.
fn step(row: &Spanned) -> usize {
    usize::try_from(row.span).expect("spans are counted from 0")
}

async fn completion_rates(session: &mut Session, from: DateTime<Utc>) -> Result<Vec<CompletionRate>> {
    let mut rows = series::created(session, &[Span::since(from)]).await?;
    rows.sort_by_key(|row| row.category.as_str());
    let rate = |row: Spanned| CompletionRate {
        workflow_category: row.category,
        total: row.n,
        completed: row.done,
        // Tenths of a percent, half up, in integers.
        completion_rate: ((row.done * 2_000 + row.n) / (row.n * 2)) as f64 / 10.0,
    };
    Ok(rows.into_iter().map(rate).collect())
}

async fn sla_performance(
    session: &mut Session,
    days: &[(NaiveDate, DateTime<Utc>)],
    tz: Tz,
    now: DateTime<Utc>,
) -> Result<Vec<SlaPerformance>> {
    let Some((last, _)) = days.last() else { return Ok(Vec::new()) };
    let begins = |index: usize| days.get(index).map_or_else(|| midnight(*last + TimeDelta::days(1), tz), |day| day.1);
    // Each day in two parts, because what is open is late before now and pending from now on.
    let parts = (0..days.len()).flat_map(|index| {
        let (begin, end) = (begins(index), begins(index + 1));
        let cut = now.clamp(begin, end);
        [Span::between(begin, cut), Span::between(cut, end)]
    });
    let mut performance: Vec<SlaPerformance> = days
        .iter()
        .map(|(date, _)| SlaPerformance {
            date: *date,
            total_slas: 0,
            met_slas: 0,
            missed_slas: 0,
            violated_slas: 0,
            pending_slas: 0,
        })
        .collect();
    for row in series::due(session, &parts.collect::<Vec<_>>()).await? {
        let day = &mut performance[step(&row) / 2];
        day.total_slas += row.n;
        let fate = match (row.fate.as_str(), row.span % 2) {
            ("met", _) => &mut day.met_slas,
            ("missed", _) => &mut day.missed_slas,
            (_, 0) => &mut day.violated_slas,
            _ => &mut day.pending_slas,
        };
        *fate += row.n;
    }
    Ok(performance)
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
