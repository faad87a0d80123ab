//! How likely an open task is to breach its deadline, from how long tasks of its kind have taken. Pure: a [`Model`] is
//! fitted to [`Case`]s and says an [`Outlook`] of a [`Subject`]; it reads no database and no clock.
//!
//! Time to completion is estimated without assuming a distribution, by the product-limit estimate ([`Curve`]), for each
//! kind of task: category, priority and how busy its owner is. Open tasks count as far as they have come. Where a kind has
//! seen little, its wider kinds stand in, in proportion ([`Model`]). How good the forecasts are is measured on a part of
//! the history that the measured model has not seen ([`Calibration`]). `docs/forecast.md` has the formulas.

mod calibration;
mod case;
mod curve;
mod model;
mod outlook;
mod ranking;
mod workload;

pub use calibration::{Bin, Calibration, Trial, hold_out};
pub use case::Case;
pub use curve::{Curve, Spell, Step};
pub use model::{ENOUGH, Estimate, Kind, KindCurve, Level, Model, NEEDED, WEIGHT};
pub use outlook::{MOST_COUNTED, Outlook, Subject};
pub use ranking::Ranking;
pub use workload::{Load, LoadLimits, Workload};

use chrono::{DateTime, Utc};

/// Hours from one instant to another.
fn hours_between(from: DateTime<Utc>, to: DateTime<Utc>) -> f64 {
    (to - from).as_seconds_f64() / 3_600.0
}
