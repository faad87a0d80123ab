//! What Prometheus reads.

use poem::Request;
use poem::web::Data;
use poem_openapi::OpenApi;
use poem_openapi::payload::PlainText;

use crate::app::App;
use crate::openapi::Tag;
use crate::params;
use crate::problem::Problem;

pub(crate) struct ScrapeApi;

#[OpenApi(tag = "Tag::Health")]
impl ScrapeApi {
    /// Figures for Prometheus
    ///
    /// What this process has counted and how the whole installation fares, in Prometheus' text format.
    #[oai(path = "/metrics", method = "get", operation_id = "getPrometheusMetrics")]
    async fn scrape(&self, app: Data<&App>, request: &Request) -> Result<PlainText<String>, Problem> {
        params::check(request)?;
        Ok(PlainText(app.scrape.text().await))
    }
}
