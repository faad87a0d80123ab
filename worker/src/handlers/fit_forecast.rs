//! Fit a model to how long tasks of the last half year took, and measure its like on the last fifth of that time.
//!
//! A model bears the instant it was fitted at, and there is one of each instant: a second run at the same instant finds it
//! there. With too little history there is no model, and the result says how much is missing.

use chrono::{DateTime, Utc};
use serde_json::json;
use shared::domain::forecast::{Calibration, Case, Model, NEEDED};
use shared::jobs::{Done, FitForecast, Handler, JobContext, JobError};
use shared::store::forecast;

/// Fits.
pub struct Fit;

impl Handler<FitForecast> for Fit {
    async fn run(&self, context: JobContext, _: FitForecast) -> Result<Done, JobError> {
        let now = context.now();
        let cases = forecast::sample(&mut context.db().snapshot().await?, now - Model::WINDOW).await?;
        let completed = cases.iter().filter(|case| case.completion_date.is_some()).count();
        let fitted = tokio::task::spawn_blocking(move || fit(&cases, now)).await;
        let fitted = fitted.map_err(|error| JobError::Retry(error.to_string()))?;
        let mut tx = context.db().begin().await?;
        let Some((model, calibration)) = fitted else {
            return Ok(Done::with(tx, json!({"completed": completed, "needed": NEEDED})));
        };
        let revision = forecast::save(&mut tx, &model, calibration.as_ref()).await?;
        let (brier, base_brier) = calibration.map(|figures| (figures.brier, figures.base_brier)).unzip();
        let result = json!({
            "revision": revision, "tasks": model.tasks, "completed": model.completed, "curves": model.curves().len(),
            "brier": brier, "base_brier": base_brier,
        });
        Ok(Done::with(tx, result))
    }
}

fn fit(cases: &[Case], now: DateTime<Utc>) -> Option<(Model, Option<Calibration>)> {
    // The window begins with the history, if that is younger: the newest come first.
    let from = cases.last()?.created_at;
    Some((Model::fit(cases, from, now)?, Calibration::held_out(cases, from, now)))
}
