//! The figures of the four views, of one instant.
//!
//! [`read`] takes them from the sums of [`super::rollups`], [`read_as_of`] counts the tasks as they were. Both come to one
//! tally, of which the figures are made; the views count by themselves, in SQL.

mod cuts;
pub(super) mod live;
mod past;
pub(super) mod series;
pub(super) mod spans;
mod sums;
mod tally;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{Result, Session};
use crate::domain::Category;

/// Executive figures: the columns of `executive_metrics_v2`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, poem_openapi::Object)]
pub struct ExecutiveMetrics {
    /// Tasks that are not deleted.
    pub total_tasks: i64,
    /// RED ones.
    pub red_tasks: i64,
    /// YELLOW ones.
    pub yellow_tasks: i64,
    /// GREEN ones.
    pub green_tasks: i64,
    /// COMPLETED ones.
    pub completed_tasks: i64,
    /// Dollars of RED tasks.
    pub revenue_at_risk: f64,
    /// Dollars of open tasks.
    pub active_revenue: f64,
    /// Dollars of all tasks.
    pub total_revenue: f64,
    /// Open tasks past their deadline.
    pub sla_violations: i64,
    /// Open tasks with 0 to 24 h left.
    pub sla_warning_24h: i64,
    /// Open tasks with 0 to 4 h left.
    pub sla_critical_4h: i64,
    /// Completed in time, percent of completed with a deadline; null if none.
    pub sla_met_percentage: Option<f64>,
    /// Days from creation to completion; null if none is completed.
    pub avg_completion_days: Option<f64>,
    /// Created in the last 24 hours.
    pub tasks_last_24h: i64,
    /// Created in the last 7 days.
    pub tasks_last_7d: i64,
    /// Of CRITICAL priority.
    pub critical_priority_count: i64,
    /// Of HIGH priority.
    pub high_priority_count: i64,
    /// When this was computed.
    pub calculated_at: DateTime<Utc>,
}

/// A category's figures: the columns of `category_performance_v2`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, poem_openapi::Object)]
pub struct CategoryPerformance {
    /// The category.
    pub workflow_category: Category,
    /// Tasks that are not deleted.
    pub total_tasks: i64,
    /// Created in the last 7 days.
    pub tasks_last_7d: i64,
    /// RED ones.
    pub red_count: i64,
    /// YELLOW ones.
    pub yellow_count: i64,
    /// GREEN ones.
    pub green_count: i64,
    /// COMPLETED ones.
    pub completed_count: i64,
    /// Dollars of all.
    pub total_value: f64,
    /// Dollars on average.
    pub avg_value: Option<f64>,
    /// Dollars of the most valuable.
    pub max_value: Option<f64>,
    /// Dollars of RED ones.
    pub value_at_risk: f64,
    /// Completed, percent of all.
    pub completion_rate: Option<f64>,
    /// Days from creation to completion; null if none is completed.
    pub avg_completion_days: Option<f64>,
    /// Open ones past their deadline.
    pub sla_violations: i64,
    /// 50 x completed/total + 50 - 50 x violations/total.
    pub efficiency_score: Option<f64>,
}

/// An owner's open work: the columns of `owner_workload_v2`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, poem_openapi::Object)]
pub struct OwnerWorkload {
    /// The owner; null for unassigned work.
    pub current_owner: Option<String>,
    /// Their address.
    pub owner_email: Option<String>,
    /// Open tasks.
    pub total_active_tasks: i64,
    /// RED ones.
    pub critical_tasks: i64,
    /// YELLOW ones.
    pub warning_tasks: i64,
    /// GREEN ones.
    pub normal_tasks: i64,
    /// Dollars of all.
    pub total_value_managed: f64,
    /// Dollars of RED ones.
    pub critical_value: f64,
    /// Dollars of the most valuable.
    pub highest_value_task: Option<f64>,
    /// Earliest deadline.
    pub next_deadline: Option<DateTime<Utc>>,
    /// With 0 to 24 h left.
    pub due_within_24h: i64,
    /// Past their deadline.
    pub overdue_tasks: i64,
    /// 0.3 x active + 10 x RED + 5 x YELLOW + 20 x due within 24 h.
    pub workload_score: f64,
    /// Categories of the open tasks, by name.
    pub categories_handled: Vec<String>,
}

/// An instant's figures: the columns of `real_time_metrics`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, poem_openapi::Object)]
pub struct RealTimeMetrics {
    /// Open tasks.
    pub active_tasks: i64,
    /// RED ones.
    pub critical_now: i64,
    /// Dollars of RED ones.
    pub value_at_risk_now: f64,
    /// With 0 to 1 h left.
    pub due_next_hour: i64,
    /// Created this UTC day.
    pub tasks_created_today: i64,
    /// Completed this UTC day.
    pub tasks_completed_today: i64,
    /// Category with most RED tasks, ties by name; null if none is RED.
    pub primary_bottleneck: Option<String>,
    /// When this was computed.
    pub snapshot_time: DateTime<Utc>,
}

/// All figures of one instant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Metrics {
    /// Executive figures.
    #[serde(flatten)]
    pub executive: ExecutiveMetrics,
    /// By category, most tasks first.
    pub categories: Vec<CategoryPerformance>,
    /// By owner, most pressed first.
    pub owners: Vec<OwnerWorkload>,
    /// Of this instant.
    pub real_time: RealTimeMetrics,
}

/// Reads all figures. Give it a snapshot: then they agree with each other and with the rows.
pub async fn read(snapshot: &mut Session, now: DateTime<Utc>) -> Result<Metrics> {
    Ok(live::tally(snapshot, now).await?.figures(now))
}

/// The figures as they were, counted from the tasks as they were. Give it a snapshot, and an instant whose past is kept.
pub async fn read_as_of(snapshot: &mut Session, at: DateTime<Utc>) -> Result<Metrics> {
    Ok(past::tally(snapshot, at).await?.figures(at))
}
