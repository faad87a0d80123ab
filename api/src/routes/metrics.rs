//! The figures of the dashboard.

mod links;

use poem::Request;
use poem::web::Data;
use poem_openapi::{Object, OpenApi};
use serde::Serialize;
use shared::store::analytics::{self, Analytics, Period};
use shared::store::metrics::{self, CategoryPerformance, ExecutiveMetrics, OwnerWorkload, RealTimeMetrics};

use self::links::{AnalyticsLinks, MetricsLinks};
use super::past;
use crate::app::App;
use crate::openapi::Tag;
use crate::params::{self, Given};
use crate::payload::Answer;
use crate::problem::Problem;

pub(crate) struct MetricsApi;

/// All figures of one instant: the executive ones flat, and the rows of the other three views.
#[derive(Object)]
pub(crate) struct Metrics {
    /// Executive figures.
    #[oai(flatten)]
    executive: ExecutiveMetrics,
    /// By category, most tasks first.
    categories: Vec<CategoryPerformance>,
    /// By owner, most pressed first.
    owners: Vec<OwnerWorkload>,
    /// Of this instant.
    real_time: RealTimeMetrics,
    /// Where the tasks of each figure are, if that was asked for.
    #[oai(skip_serializing_if_is_none)]
    links: Option<MetricsLinks>,
}

/// Time series of one period.
#[derive(Object)]
#[oai(rename = "Analytics")]
pub(crate) struct Series {
    /// The series.
    #[oai(flatten)]
    analytics: Analytics,
    /// Where the tasks of each figure are, if that was asked for.
    #[oai(skip_serializing_if_is_none)]
    links: Option<AnalyticsLinks>,
}

/// Figures, and where their tasks are.
#[derive(Serialize)]
struct Linked<T, L> {
    #[serde(flatten)]
    figures: T,
    #[serde(skip_serializing_if = "Option::is_none")]
    links: Option<L>,
}

#[OpenApi(prefix_path = "/api/workflow", tag = "Tag::Metrics")]
impl MetricsApi {
    /// Get the current figures
    ///
    /// Or those of an instant whose past is kept.
    #[oai(path = "/metrics", method = "get", operation_id = "getMetrics")]
    async fn metrics(
        &self,
        app: Data<&App>,
        request: &Request,
        /// The figures as they were at this instant.
        as_of: Given<String>,
        /// Whether to say of each figure which list has exactly its tasks.
        links: Given<bool>,
    ) -> Result<Answer<Metrics>, Problem> {
        let as_of = as_of.instant(request, "as_of");
        let linked = links.0 == Some(true);
        if as_of.is_some() && linked {
            params::note(request, "links", "cannot be given together with as_of: a list shows tasks as they are");
        }
        params::check(request)?;
        if let Some(at) = as_of {
            return Ok(Answer::of(&metrics::read_as_of(&mut past::snapshot(&app, at).await?, at).await?));
        }
        let figures = read(&app).await?;
        Ok(Answer::of(&Linked { links: linked.then(|| links::of_metrics(&figures)), figures }))
    }

    /// Get trends
    ///
    /// day = 24 hourly buckets, week = 7 and month = 30 daily ones, today included, in the zone asked for.
    #[oai(path = "/analytics", method = "get", operation_id = "getAnalytics")]
    async fn analytics(
        &self,
        app: Data<&App>,
        request: &Request,
        /// `day` (default), `week` or `month`.
        period: Given<String>,
        /// IANA zone; UTC by default.
        tz: Given<String>,
        /// Whether to say of each figure which list has exactly its tasks.
        links: Given<bool>,
    ) -> Result<Answer<Series>, Problem> {
        let period = period.0.map_or(Some(Period::Day), |text| Period::parse(&text));
        if period.is_none() {
            params::note(request, "period", "must be day, week or month");
        }
        let zone = analytics::zone(tz.0.as_deref().unwrap_or("UTC"));
        if zone.is_none() {
            params::note(request, "tz", "is not an IANA time zone");
        }
        params::check(request)?;
        let (period, zone, now) = (period.unwrap_or(Period::Day), zone.unwrap_or_default(), app.clock.now());
        let figures = analytics::read(&mut app.db.snapshot().await?, period, zone, now).await?;
        let links = (links.0 == Some(true)).then(|| links::of_analytics(&figures, zone, now));
        Ok(Answer::of(&Linked { figures, links }))
    }
}

pub(crate) async fn read(app: &App) -> Result<metrics::Metrics, Problem> {
    Ok(metrics::read(&mut app.db.snapshot().await?, app.clock.now()).await?)
}
