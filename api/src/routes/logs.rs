//! How much every process logs.

use chrono::{DateTime, TimeDelta, Utc};
use poem::web::Data;
use poem_openapi::{Object, OpenApi};
use serde::Serialize;
use serde_json::json;
use shared::events::{LogLevel, Signal};
use shared::store::audit;

use crate::app::App;
use crate::body::{Body, Fields, FromFields, read};
use crate::openapi::Tag;
use crate::payload::Answer;
use crate::problem::Problem;

/// Minutes for which a level holds at most.
const LONGEST: i64 = 240;
/// Minutes for which it holds if nothing is said.
const USUAL: i64 = 15;

pub(crate) struct LogsApi;

/// How much is to be logged, and for how long.
#[derive(Object)]
pub(crate) struct LogLevelDoc {
    /// Level of the product's own lines; libraries go on saying only what goes wrong.
    level: LogLevel,
    /// For how many minutes, 15 if absent; then every process logs again as it was started to.
    #[oai(validator(minimum(value = "1"), maximum(value = "240")))]
    minutes: Option<i64>,
}

pub(crate) struct Wanted {
    level: LogLevel,
    minutes: i64,
}

impl FromFields for Wanted {
    type Schema = LogLevelDoc;

    fn read(fields: &mut Fields) -> Option<Self> {
        let level = fields.required("level", read::one_of(LogLevel::ALL, LogLevel::parse));
        let minutes = fields.optional("minutes", read::integer(1..=LONGEST));
        Some(Self { level: level?, minutes: minutes.unwrap_or(USUAL) })
    }
}

/// What is logged for a while.
#[derive(Serialize, Object)]
#[oai(rename = "LogLevelChange")]
pub(crate) struct Change {
    /// Level of the product's own lines.
    level: LogLevel,
    /// Until when.
    until: DateTime<Utc>,
}

#[OpenApi(prefix_path = "/api", tag = "Tag::Health")]
impl LogsApi {
    /// Log more or less for a while
    ///
    /// In every process of the installation that listens now: one that is started later, or that is cut off from the others,
    /// logs as it was started to.
    #[oai(path = "/logs", method = "put", operation_id = "setLogLevel")]
    async fn set(&self, app: Data<&App>, body: Body<Wanted>) -> Result<Answer<Change>, Problem> {
        let Wanted { level, minutes } = body.value;
        let now = app.clock.now();
        let until = now + TimeDelta::minutes(minutes);
        let mut tx = app.db.begin().await?;
        let detail = json!({"level": level, "minutes": minutes});
        audit::audit(&mut tx, now, app.principal(), "logs.set", "level", &detail).await?;
        tx.commit().await?;
        app.bus.publish(Signal::Logs { level, until });
        Ok(Answer::of(&Change { level, until }))
    }
}
