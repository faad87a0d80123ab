//! Which list has exactly the tasks of a figure. Of a sum, a share or an average it has the tasks it was made of, of an
//! extreme that task first.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveTime, SecondsFormat, TimeDelta, Utc};
use chrono_tz::Tz;
use poem_openapi::Object;
use serde::Serialize;
use shared::domain::Category;
use shared::store::analytics::{Analytics, midnight};
use shared::store::metrics::{CategoryPerformance, Metrics, OwnerWorkload};

/// Path and parameters of a list, by the name of a figure.
type Links = BTreeMap<String, String>;

/// Where the tasks of the figures are: path and parameters of a list, by the name of the figure.
#[derive(Serialize, Object)]
pub(super) struct MetricsLinks {
    /// Of the executive figures.
    executive: BTreeMap<String, String>,
    /// Of each category, in their order.
    categories: Vec<BTreeMap<String, String>>,
    /// Of each owner, in their order.
    owners: Vec<BTreeMap<String, String>>,
    /// Of this instant.
    real_time: BTreeMap<String, String>,
}

/// Where the tasks of the series are: path and parameters of a list, by the name of the figure.
#[derive(Serialize, Object)]
pub(super) struct AnalyticsLinks {
    /// Of each step, in their order.
    trends: Vec<BTreeMap<String, String>>,
    /// Of each category, in their order.
    completion_rates: Vec<BTreeMap<String, String>>,
    /// Of each day, in their order.
    sla_performance: Vec<BTreeMap<String, String>>,
}

/// Parameters of a list.
#[derive(Clone, Default)]
struct Rows(Vec<(&'static str, String)>);

impl Rows {
    fn with(&self, name: &'static str, value: &str) -> Self {
        let mut rows = self.clone();
        rows.0.push((name, value.to_owned()));
        rows
    }

    fn at(&self, name: &'static str, at: DateTime<Utc>) -> Self {
        self.with(name, &at.to_rfc3339_opts(SecondsFormat::AutoSi, true))
    }

    /// From an instant until before another.
    fn between(&self, [from, to]: [&'static str; 2], begin: DateTime<Utc>, end: DateTime<Utc>) -> Self {
        self.at(from, begin).at(to, end - TimeDelta::microseconds(1))
    }

    fn open(&self) -> Self {
        self.with("open", "true")
    }

    fn done(&self) -> Self {
        self.with("status", "COMPLETED")
    }

    fn red(&self) -> Self {
        self.with("status", "RED")
    }

    fn overdue(&self, now: DateTime<Utc>) -> Self {
        self.open().at("due_to", now - TimeDelta::microseconds(1))
    }

    fn due_within(&self, now: DateTime<Utc>, hours: i64) -> Self {
        self.open().at("due_from", now).at("due_to", now + TimeDelta::hours(hours))
    }

    fn created_within(&self, now: DateTime<Utc>, hours: i64) -> Self {
        self.at("created_from", now - TimeDelta::hours(hours) + TimeDelta::microseconds(1))
    }

    fn first(&self, sort: &'static str, direction: &'static str) -> Self {
        self.with("sort", sort).with("direction", direction).with("limit", "1")
    }

    fn link(&self) -> String {
        let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&self.0).finish();
        format!("/api/workflow/list{}{query}", if query.is_empty() { "" } else { "?" })
    }
}

fn named<const N: usize>(links: [(&str, Rows); N]) -> Links {
    links.into_iter().map(|(name, rows)| (name.to_owned(), rows.link())).collect()
}

const CREATED: [&str; 2] = ["created_from", "created_to"];
const COMPLETED: [&str; 2] = ["completed_from", "completed_to"];
const DUE: [&str; 2] = ["due_from", "due_to"];

pub(super) fn of_metrics(metrics: &Metrics) -> MetricsLinks {
    let now = metrics.executive.calculated_at;
    MetricsLinks {
        executive: executive(now),
        categories: metrics.categories.iter().map(|row| category(row, now)).collect(),
        owners: metrics.owners.iter().map(|row| owner(row, now)).collect(),
        real_time: real_time(metrics, now),
    }
}

fn executive(now: DateTime<Utc>) -> Links {
    let all = Rows::default();
    named([
        ("total_tasks", all.clone()),
        ("red_tasks", all.red()),
        ("yellow_tasks", all.with("status", "YELLOW")),
        ("green_tasks", all.with("status", "GREEN")),
        ("completed_tasks", all.done()),
        ("revenue_at_risk", all.red()),
        ("active_revenue", all.open()),
        ("total_revenue", all.clone()),
        ("sla_violations", all.overdue(now)),
        ("sla_warning_24h", all.due_within(now, 24)),
        ("sla_critical_4h", all.due_within(now, 4)),
        ("sla_met_percentage", all.done().with("has_deadline", "true")),
        ("avg_completion_days", all.done()),
        ("tasks_last_24h", all.created_within(now, 24)),
        ("tasks_last_7d", all.created_within(now, 168)),
        ("critical_priority_count", all.with("priority", "CRITICAL")),
        ("high_priority_count", all.with("priority", "HIGH")),
    ])
}

fn category(row: &CategoryPerformance, now: DateTime<Utc>) -> Links {
    let all = Rows::default().with("category", row.workflow_category.as_str());
    named([
        ("total_tasks", all.clone()),
        ("tasks_last_7d", all.created_within(now, 168)),
        ("red_count", all.red()),
        ("yellow_count", all.with("status", "YELLOW")),
        ("green_count", all.with("status", "GREEN")),
        ("completed_count", all.done()),
        ("total_value", all.clone()),
        ("avg_value", all.clone()),
        ("max_value", all.first("dollar_value", "desc")),
        ("value_at_risk", all.red()),
        ("completion_rate", all.clone()),
        ("avg_completion_days", all.done()),
        ("sla_violations", all.overdue(now)),
        ("efficiency_score", all.clone()),
    ])
}

fn owner(row: &OwnerWorkload, now: DateTime<Utc>) -> Links {
    let of = |rows: &Rows, name: &'static str, none: &'static str, value: &Option<String>| match value {
        Some(value) => rows.with(name, value),
        None => rows.with(none, "true"),
    };
    let all = of(&Rows::default(), "owner", "unassigned", &row.current_owner);
    let all = of(&all, "owner_email", "unaddressed", &row.owner_email);
    let open = all.open();
    named([
        ("total_active_tasks", open.clone()),
        ("critical_tasks", all.red()),
        ("warning_tasks", all.with("status", "YELLOW")),
        ("normal_tasks", all.with("status", "GREEN")),
        ("total_value_managed", open.clone()),
        ("critical_value", all.red()),
        ("highest_value_task", open.first("dollar_value", "desc")),
        ("next_deadline", open.first("sla_deadline", "asc")),
        ("due_within_24h", all.due_within(now, 24)),
        ("overdue_tasks", all.overdue(now)),
        ("workload_score", open.clone()),
        ("categories_handled", open),
    ])
}

fn real_time(metrics: &Metrics, now: DateTime<Utc>) -> Links {
    let all = Rows::default();
    let today = now.date_naive().and_time(NaiveTime::MIN).and_utc();
    let tomorrow = today + TimeDelta::days(1);
    let mut links = named([
        ("active_tasks", all.open()),
        ("critical_now", all.red()),
        ("value_at_risk_now", all.red()),
        ("due_next_hour", all.due_within(now, 1)),
        ("tasks_created_today", all.between(CREATED, today, tomorrow)),
        ("tasks_completed_today", all.between(COMPLETED, today, tomorrow)),
    ]);
    if let Some(category) = &metrics.real_time.primary_bottleneck {
        links.insert("primary_bottleneck".to_owned(), all.red().with("category", category).link());
    }
    links
}

pub(super) fn of_analytics(series: &Analytics, tz: Tz, now: DateTime<Utc>) -> AnalyticsLinks {
    let all = Rows::default();
    let from = series.trends.first().map_or(now, |trend| trend.bucket);
    let after_now = now + TimeDelta::microseconds(1);
    let ends = series.trends.iter().skip(1).map(|next| next.bucket).chain([after_now]);
    let trend = |(begin, end): (DateTime<Utc>, DateTime<Utc>)| {
        let created = all.between(CREATED, begin, end);
        named([
            ("new_tasks", created.clone()),
            ("completed_tasks", all.between(COMPLETED, begin, end)),
            ("red_tasks", created.red()),
            ("value", created.clone()),
            ("avg_value", created),
        ])
    };
    let rate = |category: Category| {
        let created = all.at("created_from", from).with("category", category.as_str());
        named([("total", created.clone()), ("completed", created.done()), ("completion_rate", created)])
    };
    let day = |date: chrono::NaiveDate| {
        let (begin, end) = (midnight(date, tz), midnight(date + TimeDelta::days(1), tz));
        let (due, cut) = (all.between(DUE, begin, end), now.clamp(begin, end));
        let mut links = named([
            ("total_slas", due.clone()),
            ("met_slas", due.with("completed_in_time", "true")),
            ("missed_slas", due.with("completed_in_time", "false")),
        ]);
        // What is open is late before now and pending from now on; of a day on one side of it there is only one.
        if begin < cut {
            links.insert("violated_slas".to_owned(), all.open().between(DUE, begin, cut).link());
        }
        if cut < end {
            links.insert("pending_slas".to_owned(), all.open().between(DUE, cut, end).link());
        }
        links
    };
    AnalyticsLinks {
        trends: series.trends.iter().map(|trend| trend.bucket).zip(ends).map(trend).collect(),
        completion_rates: series.completion_rates.iter().map(|row| rate(row.workflow_category)).collect(),
        sla_performance: series.sla_performance.iter().map(|row| day(row.date)).collect(),
    }
}
