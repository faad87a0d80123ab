//! People who own tasks.

use serde_json::{Value, json};

use super::query::{execute, fetch_all, fetch_one, fetch_optional};
use super::{Result, Session, Tx};
use crate::domain::assign::{Candidate, Roster};
use crate::domain::team::Person;

/// A person, and how many open tasks they have.
macro_rules! candidates {
    ($rest:literal) => {
        concat!(
            "SELECT name, email, team, capacity, skills, absences, zone, active, last_turn, version, updated_at,
                    (SELECT count(*) FROM workflow_tasks
                     WHERE COALESCE(current_owner, '') = people.name
                       AND task_status IN ('RED', 'YELLOW', 'GREEN')
                       AND deleted_at IS NULL) AS open
             FROM people",
            $rest
        )
    };
}
pub(super) use candidates;

/// Everybody, by name.
pub async fn list(session: &mut Session) -> Result<Vec<Candidate>> {
    const SQL: &str = candidates!(" ORDER BY name");
    fetch_all!(session, Candidate, SQL)
}

/// The person of this name.
pub async fn lookup(session: &mut Session, name: &str) -> Result<Option<Candidate>> {
    const SQL: &str = candidates!(" WHERE name = $1");
    fetch_optional!(session, Candidate, SQL, name)
}

/// The person of this name, locked until the transaction ends.
pub async fn lock(tx: &mut Tx, name: &str) -> Result<Option<Candidate>> {
    const SQL: &str = candidates!(" WHERE name = $1 FOR UPDATE");
    fetch_optional!(tx, Candidate, SQL, name)
}

/// Writes what is known of a person; gives the version. Their turn stays.
pub async fn save(tx: &mut Tx, person: &Person) -> Result<i64> {
    const SQL: &str =
        "INSERT INTO people (name, email, team, capacity, skills, absences, zone, active, version, updated_at)
         VALUES ($1, $2, $3, $4, $5::jsonb, $6::jsonb, $7, $8, 1, $9)
         ON CONFLICT (name) DO UPDATE
         SET email = excluded.email, team = excluded.team, capacity = excluded.capacity, skills = excluded.skills,
             absences = excluded.absences, zone = excluded.zone, active = excluded.active, version = people.version + 1,
             updated_at = excluded.updated_at
         RETURNING version";
    let Person { name, email, team, capacity, skills, absences, zone, active, updated_at, .. } = person;
    let (skills, absences) = (json!(skills).to_string(), json!(absences).to_string());
    let (email, team, zone) = (email.as_deref(), team.as_deref(), zone.as_deref());
    let written =
        fetch_one!(tx, (i64,), SQL, name, email, team, *capacity, skills, absences, zone, *active, *updated_at)?;
    Ok(written.0)
}

/// Removes a person. Their tasks stay as they are.
pub async fn delete(tx: &mut Tx, name: &str) -> Result<()> {
    execute!(tx, "DELETE FROM people WHERE name = $1", name).map(drop)
}

/// Writes whose turn came last.
pub async fn save_turns(tx: &mut Tx, roster: &Roster) -> Result<()> {
    const SQL: &str = "UPDATE people
         SET last_turn = (e.value ->> 'turn')::bigint
         FROM jsonb_array_elements($1::jsonb) AS e
         WHERE people.name = (e.value ->> 'name')
           AND people.last_turn < (e.value ->> 'turn')::bigint";
    let turns = roster.turns().map(|(name, turn)| json!({"name": name, "turn": turn}));
    execute!(tx, SQL, turns.collect::<Value>().to_string()).map(drop)
}
