//! The kind by which forecasts are fitted.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::contract::{Job, queue};
use super::unique::Unique;

/// Fits a model to the history of completed tasks.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct FitForecast {}

impl Job for FitForecast {
    const KIND: &'static str = "fit-forecast";
    const QUEUE: &'static str = queue::METRICS;
    const PRIORITY: i16 = 3;
    const MAX_ATTEMPTS: i16 = 3;
    const TIMEOUT: Duration = Duration::from_mins(5);

    fn unique(&self) -> Option<Unique> {
        Some(Unique::by_args())
    }
}
