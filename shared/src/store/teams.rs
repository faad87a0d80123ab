//! Teams and who is in them.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::query::{execute, fetch_all, fetch_one, fetch_optional};
use super::{Result, Session, Tx};
use crate::domain::team::Team;

macro_rules! teams {
    ($rest:literal) => {
        concat!(
            "SELECT name, strategy, categories, mailboxes, position, reassign_on_absence, version, updated_at FROM teams",
            $rest
        )
    };
}

/// All teams, in the order in which they are asked.
pub async fn list(session: &mut Session) -> Result<Vec<Team>> {
    const SQL: &str = teams!(" ORDER BY position, name");
    fetch_all!(session, Team, SQL)
}

/// The team of this name.
pub async fn lookup(session: &mut Session, name: &str) -> Result<Option<Team>> {
    const SQL: &str = teams!(" WHERE name = $1");
    fetch_optional!(session, Team, SQL, name)
}

/// The team of this name, locked until the transaction ends. Whoever locks people as well locks their team first.
pub async fn lock(tx: &mut Tx, name: &str) -> Result<Option<Team>> {
    const SQL: &str = teams!(" WHERE name = $1 FOR UPDATE");
    fetch_optional!(tx, Team, SQL, name)
}

/// Whether there is any.
pub async fn exist(session: &mut Session) -> Result<bool> {
    Ok(fetch_optional!(session, (String,), "SELECT name FROM teams LIMIT 1")?.is_some())
}

/// Writes what is known of a team; gives the version.
pub async fn save(tx: &mut Tx, team: &Team) -> Result<i64> {
    const SQL: &str =
        "INSERT INTO teams (name, strategy, categories, mailboxes, position, reassign_on_absence, version, updated_at)
         VALUES ($1, $2, $3::jsonb, $4::jsonb, $5, $6, 1, $7)
         ON CONFLICT (name) DO UPDATE
         SET strategy = excluded.strategy, categories = excluded.categories, mailboxes = excluded.mailboxes,
             position = excluded.position, reassign_on_absence = excluded.reassign_on_absence,
             version = teams.version + 1, updated_at = excluded.updated_at
         RETURNING version";
    let Team { name, strategy, categories, mailboxes, position, reassign_on_absence, updated_at, .. } = team;
    let (categories, mailboxes) = (json!(categories).to_string(), json!(mailboxes).to_string());
    let written = fetch_one!(
        tx,
        (i64,),
        SQL,
        name,
        *strategy,
        categories,
        mailboxes,
        *position,
        *reassign_on_absence,
        *updated_at
    )?;
    Ok(written.0)
}

/// Removes a team, which nobody is in any more.
pub async fn delete(tx: &mut Tx, name: &str) -> Result<()> {
    execute!(tx, "DELETE FROM teams WHERE name = $1", name).map(drop)
}

/// Who is in which team: pairs of team and person, by name.
pub async fn members(session: &mut Session) -> Result<Vec<(String, String)>> {
    const SQL: &str = "SELECT team, name FROM people WHERE team IS NOT NULL ORDER BY team, name";
    fetch_all!(session, (String, String), SQL)
}

/// Those of these names that nobody has.
pub async fn unknown(session: &mut Session, names: &[String]) -> Result<Vec<String>> {
    const SQL: &str = "SELECT (e.value ->> 'name') FROM jsonb_array_elements($1::jsonb) AS e
         WHERE NOT EXISTS (SELECT 1 FROM people WHERE people.name = (e.value ->> 'name'))";
    let found = fetch_all!(session, (String,), SQL, rows(names))?;
    Ok(found.into_iter().map(|(name,)| name).collect())
}

/// Makes these people, and nobody else, the members of a team.
pub async fn save_members(tx: &mut Tx, team: &str, names: &[String], now: DateTime<Utc>) -> Result<()> {
    // In one statement, so that two teams that exchange people cannot wait for each other in the middle.
    const SQL: &str = "UPDATE people
         SET team = CASE WHEN name = ANY(ARRAY(SELECT (e.value ->> 'name') FROM jsonb_array_elements($2::jsonb) AS e))
                         THEN $1 END,
             version = version + 1, updated_at = $3
         WHERE (team = $1) <> (
             name = ANY(ARRAY(SELECT (e.value ->> 'name') FROM jsonb_array_elements($2::jsonb) AS e)))
            OR team IS NULL
               AND name = ANY(ARRAY(SELECT (e.value ->> 'name') FROM jsonb_array_elements($2::jsonb) AS e))";
    execute!(tx, SQL, team, rows(names), now).map(drop)
}

fn rows(names: &[String]) -> String {
    names.iter().map(|name| json!({"name": name})).collect::<Value>().to_string()
}
