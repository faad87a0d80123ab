//! People who own tasks: how many, which, and when not.

mod input;

use chrono::{DateTime, Utc};
use poem::Request;
use poem::web::Data;
use poem_openapi::param::Path;
use poem_openapi::{ApiResponse, Object, OpenApi};
use serde::Serialize;
use serde_json::json;
use shared::domain::assign::Candidate;
use shared::domain::team::{Absence, Person, Skill};
use shared::store::{audit, people, teams};

use super::{assignment, named};
use crate::app::App;
use crate::body::Body;
use crate::openapi::Tag;
use crate::params;
use crate::payload::Answer;
use crate::problem::{Issue, Problem};

use input::PersonInput;
pub(super) use input::names;

pub(crate) struct PeopleApi;

/// Somebody who owns tasks.
#[derive(Serialize, Object)]
#[oai(rename = "Person")]
pub(crate) struct View {
    /// Their name, as in `current_owner`.
    name: String,
    /// Their address.
    email: Option<String>,
    /// Their team.
    team: Option<String>,
    /// Open tasks they are given at most.
    capacity: i64,
    /// What they can do: any category if none is named, any mailbox if none is.
    skills: Vec<Skill>,
    /// When they are away, in order.
    absences: Vec<Absence>,
    /// IANA zone of dates in absences.
    zone: Option<String>,
    /// Whether they are given anything.
    active: bool,
    /// Open tasks they have, whoever gave them.
    open_tasks: i64,
    /// Tasks they may be given now.
    free_capacity: i64,
    /// Whether they are away now.
    absent: bool,
    /// Starts at 1 and grows by one with each change.
    version: i64,
    /// When they last changed.
    updated_at: DateTime<Utc>,
}

/// Everybody, by name.
#[derive(Serialize, Object)]
#[oai(rename = "PersonList")]
pub(crate) struct People {
    /// The people.
    people: Vec<View>,
}

/// A person as they are.
#[derive(ApiResponse)]
pub(crate) enum Found {
    /// The person.
    #[oai(status = 200)]
    Found(
        Answer<View>,
        /// Their version.
        #[oai(header = "ETag")]
        String,
    ),
}

/// Answers of saving a person.
#[derive(ApiResponse)]
pub(crate) enum Saved {
    /// Replaced.
    #[oai(status = 200)]
    Replaced(
        Answer<View>,
        /// Their version.
        #[oai(header = "ETag")]
        String,
    ),
    /// Added.
    #[oai(status = 201)]
    Added(
        Answer<View>,
        /// Their version.
        #[oai(header = "ETag")]
        String,
    ),
}

#[OpenApi(prefix_path = "/api", tag = "Tag::Assignment")]
impl PeopleApi {
    /// List people
    ///
    /// With what they have and what they may be given now.
    #[oai(path = "/people", method = "get", operation_id = "listPeople")]
    async fn list(&self, app: Data<&App>, request: &Request) -> Result<Answer<People>, Problem> {
        params::check(request)?;
        let now = app.clock.now();
        let everybody = people::list(&mut app.db.read().await?).await?;
        Ok(Answer::of(&People { people: everybody.into_iter().map(|candidate| view(candidate, now)).collect() }))
    }

    /// Get a person
    #[oai(path = "/people/:person", method = "get", operation_id = "getPerson")]
    async fn get(
        &self,
        app: Data<&App>,
        request: &Request,
        /// Their name.
        person: Path<String>,
    ) -> Result<Found, Problem> {
        params::check(request)?;
        let name = named::name(person.0)?;
        let found = people::lookup(&mut app.db.read().await?, &name).await?.ok_or_else(missing)?;
        let tag = named::tag(found.person.version);
        Ok(Found::Found(Answer::of(&view(found, app.clock.now())), tag))
    }

    /// Add or replace a person
    ///
    /// What they own stays theirs. Tasks that wait are given out anew.
    #[oai(path = "/people/:person", method = "put", operation_id = "savePerson")]
    async fn save(
        &self,
        app: Data<&App>,
        request: &Request,
        /// Their name, as in `current_owner`: 1 to 200 characters.
        person: Path<String>,
        body: Body<PersonInput>,
    ) -> Result<Saved, Problem> {
        let name = named::name(person.0)?;
        let now = app.clock.now();
        let mut tx = app.db.begin().await?;
        if let Some(team) = &body.value.team
            && teams::lock(&mut tx, team).await?.is_none()
        {
            return Err(Problem::unprocessable(vec![Issue::at("/team", "is not a known team")]));
        }
        let before = people::lock(&mut tx, &name).await?;
        named::matched(&app, request, before.as_ref().map(|before| before.person.version))?;
        let PersonInput { email, team, capacity, skills, absences, zone, active } = body.value;
        let last_turn = before.as_ref().map_or(0, |before| before.person.last_turn);
        let mut person = Person {
            name,
            email,
            team,
            capacity,
            skills,
            absences,
            zone,
            active,
            last_turn,
            version: 1,
            updated_at: now,
        };
        person.version = people::save(&mut tx, &person).await?;
        let saved = people::lookup(&mut tx, &person.name).await?.unwrap_or(Candidate { person, open: 0 });
        let (tag, view) = (named::tag(saved.person.version), view(saved, now));
        audit::audit(&mut tx, now, app.principal(), "person.save", &view.name, &json!(view)).await?;
        assignment::begin(&app, &mut tx).await?;
        tx.commit().await?;
        assignment::wake(&app);
        let body = Answer::of(&view);
        Ok(if before.is_some() { Saved::Replaced(body, tag) } else { Saved::Added(body, tag) })
    }

    /// Remove a person
    ///
    /// Their tasks stay as they are, with their name.
    #[oai(path = "/people/:person", method = "delete", operation_id = "deletePerson")]
    async fn delete(
        &self,
        app: Data<&App>,
        request: &Request,
        /// Their name.
        person: Path<String>,
    ) -> Result<Answer<View>, Problem> {
        params::check(request)?;
        let name = named::name(person.0)?;
        let now = app.clock.now();
        let mut tx = app.db.begin().await?;
        let found = people::lock(&mut tx, &name).await?.ok_or_else(missing)?;
        named::matched(&app, request, Some(found.person.version))?;
        let view = view(found, now);
        people::delete(&mut tx, &name).await?;
        audit::audit(&mut tx, now, app.principal(), "person.delete", &name, &json!(view)).await?;
        tx.commit().await?;
        Ok(Answer::of(&view))
    }
}

fn missing() -> Problem {
    Problem::not_found("the person")
}

fn view(candidate: Candidate, now: DateTime<Utc>) -> View {
    let free_capacity = candidate.free(now);
    let Candidate { person, open } = candidate;
    View {
        absent: person.absence(now).is_some(),
        free_capacity,
        open_tasks: open,
        name: person.name,
        email: person.email,
        team: person.team,
        capacity: person.capacity,
        skills: person.skills,
        absences: person.absences,
        zone: person.zone,
        active: person.active,
        version: person.version,
        updated_at: person.updated_at,
    }
}
