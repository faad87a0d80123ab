//! What is to be expected of open tasks.

mod view;

use poem::Request;
use poem::web::Data;
use poem_openapi::OpenApi;
use poem_openapi::param::Path;
use poem_openapi::payload::Json;
use serde_json::json;
use shared::domain::Priority;
use shared::domain::forecast::Subject;
use shared::jobs::{FitForecast, Job, NewJob};
use shared::store::forecast::{self, Filter, Fitted, OpenTask};
use shared::store::{audit, jobs};

use self::view::{FitJob, Fits, Forecast, Forecasts, ModelAnswer, Nothing, One, history, nothing, revision, view};

use super::mutation::job_location;
use super::subject;
use super::task_filter::categories;
use crate::app::App;
use crate::body::Body;
use crate::openapi::Tag;
use crate::params::{self, Given};
use crate::payload::Answer;
use crate::problem::Problem;

pub(crate) struct ForecastApi;

#[OpenApi(prefix_path = "/api", tag = "Tag::Metrics")]
impl ForecastApi {
    /// Rank open tasks by expected dollars at risk
    ///
    /// The probability that a task breaches its deadline, from how long tasks of its kind have taken, times its value. A
    /// task past its deadline has breached: its probability is 1. Tasks without a deadline are left out. Without a model
    /// there is no forecast, and `history` says how much is missing.
    #[oai(path = "/forecast", method = "get", operation_id = "listForecasts")]
    #[expect(clippy::too_many_arguments, reason = "each is a parameter of the operation")]
    async fn list(
        &self,
        app: Data<&App>,
        request: &Request,
        /// Of these categories, or of one of their older names.
        category: Given<Vec<String>>,
        /// Of these owners.
        owner: Given<Vec<String>>,
        /// Of these priorities.
        priority: Given<Vec<Priority>>,
        /// Whether tasks that are past their deadline are shown; true by default.
        breached: Given<bool>,
        /// Tasks at most, 1 to 200; 50 by default.
        limit: Given<i64>,
    ) -> Result<Answer<Forecasts>, Problem> {
        let now = app.clock.now();
        let filter = Filter {
            category: categories(request, category.texts(request, "category", 200)),
            priority: priority.0.unwrap_or_default().iter().map(Priority::to_string).collect(),
            owner: owner.texts(request, "owner", 200),
            due_from: (!breached.0.unwrap_or(true)).then_some(now),
        };
        let limit = limit.within(request, "limit", 1..=200, 50);
        params::check(request)?;
        let mut session = app.db.snapshot().await?;
        let Some(fitted) = forecast::latest(&mut session).await? else {
            return Ok(Answer::of(&nothing(history(&mut session, now).await?, now)));
        };
        let model = fitted.model();
        let ranked = forecast::rank(&mut session, model, &filter, limit as usize, now).await?;
        let totals = forecast::totals(&mut session, model, &filter, now).await?;
        let shown =
            |(task, subject): (OpenTask, Subject)| Forecast { task, outlook: subject.outlook(Some(model), now) };
        Ok(Answer::of(&Forecasts {
            at: now,
            model: Some(revision(&fitted)),
            history: None,
            tasks: ranked.tasks.into_iter().map(shown).collect(),
            read: ranked.read as i64,
            exact: ranked.is_exact,
            totals,
        }))
    }

    /// Get the model of the forecast
    ///
    /// What it rests on, and how good forecasts like it were where the outcome is known: the Brier score beside that of the
    /// best base rate, and what came of forecasts by tenths.
    #[oai(path = "/forecast/model", method = "get", operation_id = "getForecastModel")]
    async fn model(&self, app: Data<&App>, request: &Request) -> Result<Answer<ModelAnswer>, Problem> {
        params::check(request)?;
        let mut session = app.db.read().await?;
        let Some(fitted) = forecast::latest(&mut session).await? else {
            let history = history(&mut session, app.clock.now()).await?;
            return Ok(Answer::of(&ModelAnswer { model: None, history: Some(history), calibration: None }));
        };
        let calibration = fitted.calibration().cloned();
        Ok(Answer::of(&ModelAnswer { model: Some(view(&fitted)), history: None, calibration }))
    }

    /// Get what is to be expected of a task
    ///
    /// The probability that it breaches its deadline, and the reasons in words. 404 for an unknown task, 410 for a deleted
    /// one.
    #[oai(path = "/forecast/:task_id", method = "get", operation_id = "getForecast")]
    async fn one(
        &self,
        app: Data<&App>,
        request: &Request,
        /// The task.
        task_id: Path<String>,
    ) -> Result<Answer<One>, Problem> {
        params::check(request)?;
        let now = app.clock.now();
        let mut session = app.db.read().await?;
        let task_id = subject::live(&mut session, task_id.0).await?;
        let Some((task, subject)) = forecast::one(&mut session, &task_id).await? else {
            return Err(Problem::gone("the task"));
        };
        let fitted = forecast::latest(&mut session).await?;
        let outlook = subject.outlook(fitted.as_ref().map(Fitted::model), now);
        Ok(Answer::of(&One {
            at: now,
            history: if fitted.is_none() { Some(history(&mut session, now).await?) } else { None },
            model: fitted.as_ref().map(revision),
            forecast: Forecast { task, outlook },
        }))
    }

    /// Fit the model of the forecast now
    ///
    /// A model is fitted every night too. While one is being fitted, the answer is its job.
    #[oai(path = "/forecast/fit", method = "post", operation_id = "fitForecast")]
    async fn fit(&self, app: Data<&App>, request: &Request, _body: Body<Nothing>) -> Result<Fits, Problem> {
        params::check(request)?;
        let now = app.clock.now();
        let job = NewJob::of(&FitForecast {}, app.principal());
        let mut tx = app.db.begin().await?;
        let job_id = jobs::enqueue(&mut tx, std::slice::from_ref(&job), now).await?[0].seq.to_string();
        let detail = json!({"job_id": job_id});
        audit::audit(&mut tx, now, app.principal(), "forecast.fit", "forecast", &detail).await?;
        tx.commit().await?;
        app.bus.wake(FitForecast::QUEUE);
        let location = job_location(&job_id);
        Ok(Fits::Accepted(Json(FitJob { job_id }), location))
    }
}
