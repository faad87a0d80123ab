//! The history that forecasts are fitted to, the fitted models, and the open tasks they are asked about.

mod open;

use chrono::{DateTime, Utc};
use serde_json::json;
use sqlx::types::Json;

use super::query::{execute, fetch_all, fetch_one, fetch_optional};
use super::{Result, Session, Tx};
use crate::domain::forecast::{Calibration, Case, Model, NEEDED};

pub use open::{Filter, Horizon, OpenTask, Ranked, Totals, one, rank, totals};

/// Tasks that a model is fitted to at most: the newest.
const MOST_CASES: usize = 200_000;
/// Rows of one read of the history.
const CHUNK: usize = 5_000;
/// Models that are kept.
const KEPT: i64 = 30;

/// The live tasks inserted from an instant on, the newest first, as many as a model takes.
pub async fn sample(session: &mut Session, from: DateTime<Utc>) -> Result<Vec<Case>> {
    // The limit is written out: with a bound one PostgreSQL would plan each call anew, for a tenth of the table.
    const SQL: &str =
        "SELECT task_id, workflow_category, priority, current_owner, created_at, received_at, sla_deadline,
                completion_date
         FROM workflow_tasks
         WHERE deleted_at IS NULL
           AND created_at >= $1
           AND (created_at, task_id) < ($2, $3)
         ORDER BY created_at DESC, task_id DESC
         LIMIT 5000";
    let mut cases: Vec<Case> = Vec::new();
    let mut before = (DateTime::from_timestamp_secs(253_402_300_799).expect("the end of the year 9999"), String::new());
    loop {
        let chunk = fetch_all!(session, Case, SQL, from, before.0, before.1.as_str())?;
        let is_last = chunk.len() < CHUNK;
        cases.extend(chunk);
        if is_last || cases.len() >= MOST_CASES {
            return Ok(cases);
        }
        let oldest = &cases[cases.len() - 1];
        before = (oldest.created_at, oldest.task_id.clone());
    }
}

/// Completed tasks of the history, counted as far as a model needs them.
pub async fn completed(session: &mut Session, from: DateTime<Utc>) -> Result<i64> {
    const SQL: &str = "SELECT count(*)
         FROM (SELECT 1
               FROM workflow_tasks
               WHERE deleted_at IS NULL
                 AND task_status = 'COMPLETED'
                 AND created_at >= $1
               LIMIT $2) AS counted";
    Ok(fetch_one!(session, (i64,), SQL, from, i64::from(NEEDED))?.0)
}

/// A model as it is kept.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Fitted {
    /// Its number; later ones are higher.
    pub revision: i64,
    calibration: Option<Json<Calibration>>,
    document: Json<Model>,
}

impl Fitted {
    /// The model.
    pub fn model(&self) -> &Model {
        &self.document.0
    }

    /// How good its like was on the last part of the history; `None` if that was too short.
    pub fn calibration(&self) -> Option<&Calibration> {
        self.calibration.as_ref().map(|json| &json.0)
    }
}

/// The newest model.
pub async fn latest(session: &mut Session) -> Result<Option<Fitted>> {
    const SQL: &str = "SELECT revision, calibration, document FROM forecast_models ORDER BY revision DESC LIMIT 1";
    fetch_optional!(session, Fitted, SQL)
}

/// Keeps a model, and lets go of the oldest. Gives its number; that of the one that is there, if one was fitted at this
/// instant.
pub async fn save(tx: &mut Tx, model: &Model, calibration: Option<&Calibration>) -> Result<i64> {
    const INSERT: &str = "INSERT INTO forecast_models (fitted_at, window_from, tasks, completed, calibration, document)
         VALUES ($1, $2, $3, $4, $5::jsonb, $6::jsonb)
         ON CONFLICT DO NOTHING";
    const NUMBER: &str = "SELECT revision FROM forecast_models WHERE fitted_at = $1";
    const PRUNE: &str = "DELETE FROM forecast_models
         WHERE revision <= (SELECT max(revision) FROM forecast_models) - $1";
    let (tasks, completed) = (i64::from(model.tasks), i64::from(model.completed));
    let calibration = calibration.map(|calibration| json!(calibration).to_string());
    let document = json!(model).to_string();
    execute!(tx, INSERT, model.fitted_at, model.window_from, tasks, completed, calibration, document)?;
    execute!(tx, PRUNE, KEPT)?;
    Ok(fetch_one!(tx, (i64,), NUMBER, model.fitted_at)?.0)
}
