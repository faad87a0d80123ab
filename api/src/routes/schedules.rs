//! Schedules: what makes jobs by the clock.

use chrono::{DateTime, Utc};
use poem::Request;
use poem::web::Data;
use poem_openapi::param::Path;
use poem_openapi::payload::Json;
use poem_openapi::{ApiResponse, Object, OpenApi};
use serde::Serialize;
use serde_json::{Value, json};
use shared::jobs::{CatchUp, job_of, next_tick};
use shared::store::schedules::{self, ScheduleRow};
use shared::store::{Tx, audit, jobs};

use super::jobs::{Reason, reason};
use super::mutation::job_location;
use crate::app::App;
use crate::body::{Body, Fields, FromFields, read};
use crate::openapi::Tag;
use crate::params;
use crate::payload::Answer;
use crate::problem::{Issue, Problem};

pub(crate) struct SchedulesApi;

/// A schedule.
#[derive(Serialize, Object)]
pub(crate) struct Schedule {
    /// Its name.
    name: String,
    /// Kind of the jobs it makes.
    kind: String,
    /// Their queue.
    queue: String,
    /// Cron expression: minute, hour, day, month, weekday; with a field for seconds in front if there are six.
    cron: String,
    /// IANA zone the expression is read in.
    tz: String,
    /// What happens to ticks nobody was there for: `skip` them, `one` job for all, or `all`.
    catch_up: String,
    /// Whether it makes no jobs.
    paused: bool,
    /// Who paused it.
    paused_by: Option<String>,
    /// Why.
    reason: Option<String>,
    /// The tick that last made a job.
    last_run_at: Option<DateTime<Utc>>,
    /// The next tick; null while paused.
    next_run_at: Option<DateTime<Utc>>,
    /// The last job it made.
    last_job_id: Option<String>,
}

/// The schedules, by name.
#[derive(Serialize, Object)]
#[oai(rename = "ScheduleList")]
pub(crate) struct Schedules {
    /// The schedules.
    schedules: Vec<Schedule>,
}

/// A job that was made at once.
#[derive(Serialize, Object)]
pub(crate) struct ScheduledJob {
    /// The job.
    pub(super) job_id: String,
}

/// The answer of running a schedule.
#[derive(ApiResponse)]
pub(crate) enum Ran {
    /// Accepted; follow the job.
    #[oai(status = 202)]
    Accepted(
        Json<ScheduledJob>,
        /// The job.
        #[oai(header = "Location")]
        String,
    ),
}

/// What changes about a schedule.
#[derive(Object)]
#[oai(rename = "EditScheduleRequest")]
pub(crate) struct EditDoc {
    /// Cron expression of five fields, or six with seconds in front.
    #[oai(validator(max_length = 100))]
    cron: Option<String>,
    /// IANA zone.
    #[oai(validator(max_length = 100))]
    tz: Option<String>,
    /// What happens to missed ticks.
    catch_up: Option<CatchUp>,
    /// Kept in the audit trail.
    #[oai(validator(max_length = 500))]
    reason: Option<String>,
}

pub(crate) struct Edit {
    cron: Option<String>,
    tz: Option<String>,
    catch_up: Option<CatchUp>,
    reason: Option<String>,
}

impl FromFields for Edit {
    type Schema = EditDoc;

    fn read(fields: &mut Fields) -> Option<Self> {
        // Each by itself, so that both are told if both are wrong.
        let cron = fields.some("cron", |value| {
            let text = read::line(100)(value)?;
            next_tick(&text, "UTC", DateTime::UNIX_EPOCH).map(|_| text)
        });
        let tz = fields.some("tz", |value| {
            let text = read::line(100)(value)?;
            next_tick("* * * * *", &text, DateTime::UNIX_EPOCH).map(|_| text)
        });
        let catch_up = fields.some("catch_up", read::one_of(CatchUp::ALL, CatchUp::parse));
        let reason = reason(fields);
        Some(Self { cron, tz, catch_up, reason })
    }
}

#[OpenApi(prefix_path = "/api", tag = "Tag::Jobs")]
impl SchedulesApi {
    /// List schedules
    #[oai(path = "/schedules", method = "get", operation_id = "listSchedules")]
    async fn list(&self, app: Data<&App>, request: &Request) -> Result<Answer<Schedules>, Problem> {
        params::check(request)?;
        let rows = schedules::list(&mut app.db.read().await?).await?;
        Ok(Answer::of(&Schedules { schedules: rows.into_iter().map(view).collect() }))
    }

    /// Get a schedule
    #[oai(path = "/schedules/:name", method = "get", operation_id = "getSchedule")]
    async fn get(
        &self,
        app: Data<&App>,
        request: &Request,
        /// The schedule.
        name: Path<String>,
    ) -> Result<Answer<Schedule>, Problem> {
        params::check(request)?;
        let rows = schedules::list(&mut app.db.read().await?).await?;
        let row = rows.into_iter().find(|row| row.name == *name).ok_or_else(missing)?;
        Ok(Answer::of(&view(row)))
    }

    /// Make a schedule's job now
    ///
    /// Beside its ticks, which stay as they are. Works on a paused schedule too.
    #[oai(path = "/schedules/:name/run", method = "post", operation_id = "runSchedule")]
    async fn run(
        &self,
        app: Data<&App>,
        request: &Request,
        /// The schedule.
        name: Path<String>,
        body: Body<Reason>,
    ) -> Result<Ran, Problem> {
        params::check(request)?;
        let now = app.clock.now();
        let mut tx = app.db.begin().await?;
        let row = schedules::lock(&mut tx, &name).await?.ok_or_else(missing)?;
        let job = job_of(&row, app.principal());
        let seq = jobs::enqueue(&mut tx, std::slice::from_ref(&job), now).await?[0].seq;
        let detail = json!({"job_id": seq.to_string(), "reason": body.value.reason});
        audit::audit(&mut tx, now, app.principal(), "schedule.run", &name, &detail).await?;
        tx.commit().await?;
        app.bus.wake(&job.queue);
        let job_id = seq.to_string();
        let location = job_location(&job_id);
        Ok(Ran::Accepted(Json(ScheduledJob { job_id }), location))
    }

    /// Pause a schedule
    #[oai(path = "/schedules/:name/pause", method = "post", operation_id = "pauseSchedule")]
    async fn pause(
        &self,
        app: Data<&App>,
        request: &Request,
        /// The schedule.
        name: Path<String>,
        body: Body<Reason>,
    ) -> Result<Answer<Schedule>, Problem> {
        params::check(request)?;
        let reason = body.value.reason;
        let detail = json!({"reason": reason});
        change(&app, &name, "schedule.pause", detail, |row| {
            row.paused = true;
            row.paused_by = Some(app.principal().to_owned());
            row.reason = reason;
            Ok(())
        })
        .await
    }

    /// Resume a schedule
    ///
    /// Ticks that passed while it was paused are not made up for.
    #[oai(path = "/schedules/:name/resume", method = "post", operation_id = "resumeSchedule")]
    async fn resume(
        &self,
        app: Data<&App>,
        request: &Request,
        /// The schedule.
        name: Path<String>,
        body: Body<Reason>,
    ) -> Result<Answer<Schedule>, Problem> {
        params::check(request)?;
        let now = app.clock.now();
        let detail = json!({"reason": body.value.reason});
        change(&app, &name, "schedule.resume", detail, |row| {
            if row.paused {
                row.next_run_at = next_tick(&row.cron, &row.tz, now).map_err(|error| wrong("/cron", error))?;
            }
            row.paused = false;
            row.paused_by = None;
            row.reason = None;
            Ok(())
        })
        .await
    }

    /// Change when a schedule ticks
    #[oai(path = "/schedules/:name", method = "patch", operation_id = "editSchedule")]
    async fn edit(
        &self,
        app: Data<&App>,
        request: &Request,
        /// The schedule.
        name: Path<String>,
        body: Body<Edit>,
    ) -> Result<Answer<Schedule>, Problem> {
        params::check(request)?;
        let now = app.clock.now();
        let Edit { cron, tz, catch_up, reason } = body.value;
        let detail = json!({"cron": cron, "tz": tz, "catch_up": catch_up, "reason": reason});
        change(&app, &name, "schedule.edit", detail, |row| {
            let moved = cron.is_some() || tz.is_some();
            row.cron = cron.unwrap_or_else(|| row.cron.clone());
            row.tz = tz.unwrap_or_else(|| row.tz.clone());
            row.catch_up = catch_up.map_or_else(|| row.catch_up.clone(), |catch_up| catch_up.to_string());
            if moved {
                row.next_run_at = next_tick(&row.cron, &row.tz, now).map_err(|error| wrong("/cron", error))?;
            }
            Ok(())
        })
        .await
    }
}

fn missing() -> Problem {
    Problem::not_found("the schedule")
}

fn wrong(pointer: &str, detail: String) -> Problem {
    Problem::unprocessable(vec![Issue::at(pointer, detail)])
}

async fn change(
    app: &App,
    name: &str,
    action: &str,
    detail: Value,
    set: impl FnOnce(&mut ScheduleRow) -> Result<(), Problem> + Send,
) -> Result<Answer<Schedule>, Problem> {
    let mut tx: Tx = app.db.begin().await?;
    let mut row = schedules::lock(&mut tx, name).await?.ok_or_else(missing)?;
    set(&mut row)?;
    schedules::save_settings(&mut tx, &row).await?;
    audit::audit(&mut tx, app.clock.now(), app.principal(), action, name, &detail).await?;
    tx.commit().await?;
    Ok(Answer::of(&view(row)))
}

fn view(row: ScheduleRow) -> Schedule {
    Schedule {
        next_run_at: Some(row.next_run_at).filter(|_| !row.paused),
        last_job_id: row.last_job.map(|seq| seq.to_string()),
        name: row.name,
        kind: row.kind,
        queue: row.queue,
        cron: row.cron,
        tz: row.tz,
        catch_up: row.catch_up,
        paused: row.paused,
        paused_by: row.paused_by,
        reason: row.reason,
        last_run_at: row.last_run_at,
    }
}
