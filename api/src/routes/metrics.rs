//! The figures of the dashboard.

use poem::Request;
use poem::web::Data;
use poem_openapi::{Object, OpenApi};
use shared::store::analytics::{self, Analytics, Period};
use shared::store::metrics::{self, CategoryPerformance, ExecutiveMetrics, OwnerWorkload, RealTimeMetrics};

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
}

#[OpenApi(prefix_path = "/api/workflow", tag = "Tag::Metrics")]
impl MetricsApi {
    /// Get the current figures
    #[oai(path = "/metrics", method = "get", operation_id = "getMetrics")]
    async fn metrics(&self, app: Data<&App>, request: &Request) -> Result<Answer<Metrics>, Problem> {
        params::check(request)?;
        Ok(Answer::of(&read(&app).await?))
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
    ) -> Result<Answer<Analytics>, Problem> {
        let period = period.0.map_or(Some(Period::Day), |text| Period::parse(&text));
        if period.is_none() {
            params::note(request, "period", "must be day, week or month");
        }
        let zone = analytics::zone(tz.0.as_deref().unwrap_or("UTC"));
        if zone.is_none() {
            params::note(request, "tz", "is not an IANA time zone");
        }
        params::check(request)?;
        let (period, zone) = (period.unwrap_or(Period::Day), zone.unwrap_or_default());
        Ok(Answer::of(&analytics::read(&mut app.db.snapshot().await?, period, zone, app.clock.now()).await?))
    }
}

pub(crate) async fn read(app: &App) -> Result<metrics::Metrics, Problem> {
    Ok(metrics::read(&mut app.db.snapshot().await?).await?)
}
