//! What is shown of forecasts and of the model behind them.

use chrono::{DateTime, Utc};
use poem_openapi::payload::Json;
use poem_openapi::{ApiResponse, Object};
use serde::Serialize;
use shared::domain::forecast::{Calibration, Level, LoadLimits, Model, NEEDED, Outlook};
use shared::store::Session;
use shared::store::forecast::{self, Fitted, OpenTask, Totals};

use crate::body::{Fields, FromFields};
use crate::problem::Problem;

/// Which model was asked.
#[derive(Serialize, Object)]
#[oai(rename = "ForecastRevision")]
pub(crate) struct Revision {
    /// Its number; later ones are higher.
    pub(super) revision: i64,
    /// What was known at this instant.
    pub(super) fitted_at: DateTime<Utc>,
}

/// Why there is no model.
#[derive(Serialize, Object)]
#[oai(rename = "ForecastHistory")]
pub(crate) struct History {
    /// Tasks completed of those inserted in the last 180 days, counted up to what is needed.
    pub(super) completed: i64,
    /// Completed tasks that a model needs.
    pub(super) needed: i64,
    /// What to do, in words.
    pub(super) detail: String,
}

/// An open task and what is to be expected of it.
#[derive(Serialize, Object)]
#[oai(rename = "TaskForecast")]
pub(crate) struct Forecast {
    /// The task.
    #[serde(flatten)]
    #[oai(flatten)]
    pub(super) task: OpenTask,
    /// What is to be expected of it.
    #[serde(flatten)]
    #[oai(flatten)]
    pub(super) outlook: Outlook,
}

/// The open tasks with most dollars at risk.
#[derive(Serialize, Object)]
#[oai(rename = "ForecastList")]
pub(crate) struct Forecasts {
    /// The instant the forecast is of.
    pub(super) at: DateTime<Utc>,
    /// The model; null if there is none yet, and then there is no forecast either.
    pub(super) model: Option<Revision>,
    /// Why there is no model; null if there is one.
    pub(super) history: Option<History>,
    /// By expected dollars at risk, the highest first; of equal ones the more valuable is ahead.
    pub(super) tasks: Vec<Forecast>,
    /// Tasks that were looked at for this.
    pub(super) read: i64,
    /// Whether no other open task can be among them. False if 100,000 were looked at, by falling value, and more could.
    pub(super) exact: bool,
    /// What is to be expected of the next days.
    pub(super) totals: Totals,
}

/// One task and what is to be expected of it.
#[derive(Serialize, Object)]
#[oai(rename = "TaskForecastAnswer")]
pub(crate) struct One {
    /// The instant the forecast is of.
    pub(super) at: DateTime<Utc>,
    /// The model; null if there is none yet.
    pub(super) model: Option<Revision>,
    /// Why there is no model; null if there is one.
    pub(super) history: Option<History>,
    /// The task.
    pub(super) forecast: Forecast,
}

/// Curves of one level.
#[derive(Serialize, Object)]
#[oai(rename = "ForecastLevel")]
pub(crate) struct LevelCount {
    /// The level.
    pub(super) level: Level,
    /// Kinds of this level that were seen often enough for a curve.
    pub(super) curves: u32,
}

/// What a model rests on.
#[derive(Serialize, Object)]
#[oai(rename = "ForecastModel")]
pub(crate) struct ModelView {
    /// Its number; later ones are higher.
    pub(super) revision: i64,
    /// What was known at this instant.
    pub(super) fitted_at: DateTime<Utc>,
    /// It rests on tasks inserted from this instant on.
    pub(super) window_from: DateTime<Utc>,
    /// Tasks of the window.
    pub(super) tasks: u32,
    /// Completed ones.
    pub(super) completed: u32,
    /// Share of breaches among the tasks of which it is known.
    pub(super) base_rate: f64,
    /// Open tasks of an owner up to which their load is light.
    pub(super) light_load_to: u32,
    /// Open tasks of an owner up to which their load is normal; heavy beyond.
    pub(super) normal_load_to: u32,
    /// Curves by level, in the order in which they are looked for: where a kind was seen too seldom, the next stands in.
    pub(super) levels: Vec<LevelCount>,
}

/// The model and how good it is.
#[derive(Serialize, Object)]
#[oai(rename = "ForecastModelAnswer")]
pub(crate) struct ModelAnswer {
    /// The model; null if there is none yet.
    pub(super) model: Option<ModelView>,
    /// Why there is no model; null if there is one.
    pub(super) history: Option<History>,
    /// How good its like was on the last fifth of the window, which it had not seen; null if nothing fell due in it.
    pub(super) calibration: Option<Calibration>,
}

/// A job that was accepted.
#[derive(Serialize, Object)]
#[oai(rename = "FitForecastJob")]
pub(crate) struct FitJob {
    /// The job.
    pub(super) job_id: String,
}

/// The answer of asking for a fit.
#[derive(ApiResponse)]
pub(crate) enum Fits {
    /// Accepted; follow the job.
    #[oai(status = 202)]
    Accepted(
        Json<FitJob>,
        /// The job.
        #[oai(header = "Location")]
        String,
    ),
}

/// Nothing is to be said.
#[derive(Object)]
#[oai(rename = "FitForecastRequest")]
pub(crate) struct NothingDoc {}

pub(crate) struct Nothing;

impl FromFields for Nothing {
    type Schema = NothingDoc;
    const OPTIONAL: bool = true;

    fn read(_: &mut Fields) -> Option<Self> {
        Some(Self)
    }
}

pub(super) fn nothing(history: History, now: DateTime<Utc>) -> Forecasts {
    let (tasks, totals) = (Vec::new(), Totals::default());
    Forecasts { at: now, model: None, history: Some(history), tasks, read: 0, exact: false, totals }
}

/// Why there is no model.
pub(super) async fn history(session: &mut Session, now: DateTime<Utc>) -> Result<History, Problem> {
    let (completed, needed) = (forecast::completed(session, now - Model::WINDOW).await?, i64::from(NEEDED));
    let detail = if completed < needed {
        format!("A model needs {needed} tasks that were completed in the last 180 days; there are {completed}.")
    } else {
        "There is history enough: a model is fitted every night, or now by POST /api/forecast/fit.".to_owned()
    };
    Ok(History { completed, needed, detail })
}

pub(super) fn revision(fitted: &Fitted) -> Revision {
    Revision { revision: fitted.revision, fitted_at: fitted.model().fitted_at }
}

pub(super) fn view(fitted: &Fitted) -> ModelView {
    let model = fitted.model();
    let LoadLimits { light, normal } = model.load_limits;
    ModelView {
        revision: fitted.revision,
        fitted_at: model.fitted_at,
        window_from: model.window_from,
        tasks: model.tasks,
        completed: model.completed,
        base_rate: (model.base_rate * 1e4).round() / 1e4,
        light_load_to: light,
        normal_load_to: normal,
        levels: model.levels().into_iter().map(|(level, curves)| LevelCount { level, curves }).collect(),
    }
}
