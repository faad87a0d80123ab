//! Teams: what they serve, and how they choose among their people.

use chrono::{DateTime, Utc};
use poem::Request;
use poem::web::Data;
use poem_openapi::param::Path;
use poem_openapi::{ApiResponse, Object, OpenApi};
use serde::Serialize;
use serde_json::json;
use shared::domain::Category;
use shared::domain::team::{Strategy, Team};
use shared::store::{Tx, audit, teams};

use super::people::names;
use super::{assignment, named};
use crate::app::App;
use crate::body::{Body, Fields, FromFields, read};
use crate::openapi::Tag;
use crate::params;
use crate::payload::Answer;
use crate::problem::{Issue, Problem};

pub(crate) struct TeamsApi;

/// A team.
#[derive(Serialize, Object)]
#[oai(rename = "Team")]
pub(crate) struct View {
    /// Its name.
    name: String,
    /// How it chooses: whoever was given a task longest ago, or whoever has the smallest part of their capacity in use.
    strategy: Strategy,
    /// Categories it serves; all if empty.
    categories: Vec<Category>,
    /// Mailboxes it serves; all, and tasks without one, if empty.
    mailboxes: Vec<String>,
    /// Teams are asked in this order, and those of one position by name.
    position: i64,
    /// Whether others take over what somebody had when their absence began.
    reassign_on_absence: bool,
    /// Its people, by name.
    members: Vec<String>,
    /// Starts at 1 and grows by one with each change.
    version: i64,
    /// When it last changed.
    updated_at: DateTime<Utc>,
}

/// The teams, in the order in which they are asked.
#[derive(Serialize, Object)]
#[oai(rename = "TeamList")]
pub(crate) struct Teams {
    /// The teams.
    teams: Vec<View>,
}

/// A team as it is.
#[derive(ApiResponse)]
pub(crate) enum Found {
    /// The team.
    #[oai(status = 200)]
    Found(
        Answer<View>,
        /// Its version.
        #[oai(header = "ETag")]
        String,
    ),
}

/// Answers of saving a team.
#[derive(ApiResponse)]
pub(crate) enum Saved {
    /// Replaced.
    #[oai(status = 200)]
    Replaced(
        Answer<View>,
        /// Its version.
        #[oai(header = "ETag")]
        String,
    ),
    /// Added.
    #[oai(status = 201)]
    Added(
        Answer<View>,
        /// Its version.
        #[oai(header = "ETag")]
        String,
    ),
}

/// A team. What is absent takes its default.
#[derive(Object)]
#[oai(rename = "SaveTeamRequest")]
pub(crate) struct TeamDoc {
    /// How it chooses.
    strategy: Strategy,
    /// Categories it serves; all if absent or empty.
    categories: Option<Vec<Category>>,
    /// Mailboxes it serves, exactly as in `mailbox_source`; all, and tasks without one, if absent or empty.
    mailboxes: Option<Vec<String>>,
    /// Teams are asked in this order, 0 to 1,000,000; 0 by default.
    position: Option<i64>,
    /// Whether others take over what somebody had when their absence began; false if absent.
    reassign_on_absence: Option<bool>,
    /// Its people, who must be known and leave the teams they are in. They stay as they are if absent.
    members: Option<Vec<String>>,
}

/// A judged team.
pub(crate) struct TeamInput {
    strategy: Strategy,
    categories: Vec<Category>,
    mailboxes: Vec<String>,
    position: i64,
    reassign_on_absence: bool,
    members: Option<Vec<String>>,
}

impl FromFields for TeamInput {
    type Schema = TeamDoc;

    fn read(fields: &mut Fields) -> Option<Self> {
        let strategy = fields.required("strategy", read::one_of(Strategy::ALL, Strategy::parse));
        let category = read::one_of(Category::ALL, Category::from_input);
        let categories = fields.optional("categories", read::list(Category::ALL.len(), category));
        let mailboxes = fields.optional("mailboxes", read::list(100, read::line(200)));
        let position = fields.optional("position", read::integer(0..=1_000_000));
        let flag = |value: &serde_json::Value| value.as_bool().ok_or_else(|| "must be true or false".to_owned());
        let reassign_on_absence = fields.optional("reassign_on_absence", flag);
        let members = fields.optional("members", names);
        Some(Self {
            strategy: strategy?,
            categories: categories.unwrap_or_default(),
            mailboxes: mailboxes.unwrap_or_default(),
            position: position.unwrap_or_default(),
            reassign_on_absence: reassign_on_absence.unwrap_or_default(),
            members,
        })
    }
}

#[OpenApi(prefix_path = "/api", tag = "Tag::Assignment")]
impl TeamsApi {
    /// List teams
    #[oai(path = "/teams", method = "get", operation_id = "listTeams")]
    async fn list(&self, app: Data<&App>, request: &Request) -> Result<Answer<Teams>, Problem> {
        params::check(request)?;
        let mut session = app.db.snapshot().await?;
        let members = teams::members(&mut session).await?;
        let teams = teams::list(&mut session).await?;
        Ok(Answer::of(&Teams { teams: teams.into_iter().map(|team| view(team, &members)).collect() }))
    }

    /// Get a team
    #[oai(path = "/teams/:team", method = "get", operation_id = "getTeam")]
    async fn get(
        &self,
        app: Data<&App>,
        request: &Request,
        /// Its name.
        team: Path<String>,
    ) -> Result<Found, Problem> {
        params::check(request)?;
        let name = named::name(team.0)?;
        let mut session = app.db.snapshot().await?;
        let found = teams::lookup(&mut session, &name).await?.ok_or_else(missing)?;
        let tag = named::tag(found.version);
        Ok(Found::Found(Answer::of(&view(found, &teams::members(&mut session).await?)), tag))
    }

    /// Add or replace a team
    ///
    /// What its people own stays theirs. Tasks that wait are given out anew.
    #[oai(path = "/teams/:team", method = "put", operation_id = "saveTeam")]
    async fn save(
        &self,
        app: Data<&App>,
        request: &Request,
        /// Its name: 1 to 200 characters.
        team: Path<String>,
        body: Body<TeamInput>,
    ) -> Result<Saved, Problem> {
        let name = named::name(team.0)?;
        let now = app.clock.now();
        let mut tx = app.db.begin().await?;
        let before = teams::lock(&mut tx, &name).await?;
        named::matched(&app, request, before.as_ref().map(|before| before.version))?;
        let TeamInput { strategy, categories, mailboxes, position, reassign_on_absence, members } = body.value;
        let mut team =
            Team { name, strategy, categories, mailboxes, position, reassign_on_absence, version: 1, updated_at: now };
        team.version = teams::save(&mut tx, &team).await?;
        if let Some(members) = &members {
            check_members(&mut tx, members).await?;
            teams::save_members(&mut tx, &team.name, members, now).await?;
        }
        let tag = named::tag(team.version);
        let view = view(team, &teams::members(&mut tx).await?);
        audit::audit(&mut tx, now, app.principal(), "team.save", &view.name, &json!(view)).await?;
        assignment::begin(&app, &mut tx).await?;
        tx.commit().await?;
        assignment::wake(&app);
        let body = Answer::of(&view);
        Ok(if before.is_some() { Saved::Replaced(body, tag) } else { Saved::Added(body, tag) })
    }

    /// Remove a team
    ///
    /// Its people stay, without a team, and keep what they own.
    #[oai(path = "/teams/:team", method = "delete", operation_id = "deleteTeam")]
    async fn delete(
        &self,
        app: Data<&App>,
        request: &Request,
        /// Its name.
        team: Path<String>,
    ) -> Result<Answer<View>, Problem> {
        params::check(request)?;
        let name = named::name(team.0)?;
        let now = app.clock.now();
        let mut tx = app.db.begin().await?;
        let found = teams::lock(&mut tx, &name).await?.ok_or_else(missing)?;
        named::matched(&app, request, Some(found.version))?;
        let view = view(found, &teams::members(&mut tx).await?);
        teams::save_members(&mut tx, &name, &[], now).await?;
        teams::delete(&mut tx, &name).await?;
        audit::audit(&mut tx, now, app.principal(), "team.delete", &name, &json!(view)).await?;
        tx.commit().await?;
        Ok(Answer::of(&view))
    }
}

fn missing() -> Problem {
    Problem::not_found("the team")
}

async fn check_members(tx: &mut Tx, members: &[String]) -> Result<(), Problem> {
    let unknown = teams::unknown(tx, members).await?;
    let of = |(n, name): (usize, &String)| {
        unknown.contains(name).then(|| Issue::at(format!("/members/{n}"), "is not a known person"))
    };
    let issues: Vec<Issue> = members.iter().enumerate().filter_map(of).collect();
    if issues.is_empty() { Ok(()) } else { Err(Problem::unprocessable(issues)) }
}

fn view(team: Team, members: &[(String, String)]) -> View {
    let members = members.iter().filter(|(of, _)| *of == team.name).map(|(_, name)| name.clone()).collect();
    let Team { name, strategy, categories, mailboxes, position, reassign_on_absence, version, updated_at } = team;
    View { name, strategy, categories, mailboxes, position, reassign_on_absence, members, version, updated_at }
}
