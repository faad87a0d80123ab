//! Giving out tasks: who may be given any, and the job that does it.

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};

use super::alone::{Alone, alone};
use super::people::candidates;
use super::query::fetch_all;
use super::{Result, Session, Tx, jobs, teams};
use crate::domain::assign::{Candidate, Roster, concerns};
use crate::domain::change::{ASSIGNMENT, Change};
use crate::jobs::{AssignTasks, NewJob, Unique};

/// Keeps others from giving out tasks until the transaction ends: two at once would each see the same room.
pub async fn lock(tx: &mut Tx) -> Result<()> {
    alone(tx, Alone::Assignment).await
}

/// The teams and their people, with what they have.
pub async fn roster(session: &mut Session) -> Result<Roster> {
    const SQL: &str = candidates!(" WHERE team IS NOT NULL");
    Ok(Roster::new(teams::list(session).await?, fetch_all!(session, Candidate, SQL)?))
}

/// Has tasks given out soon, if one of these changes asks for it and there is a team: see [`ask_soon`].
pub async fn ask(tx: &mut Tx, changes: &[Change], now: DateTime<Utc>) -> Result<()> {
    if changes.iter().any(concerns) { ask_soon(tx, now).await } else { Ok(()) }
}

/// Has tasks given out soon, if there is a team.
///
/// One job does it for all that asks within a second, after that second: a job that began earlier may have looked before
/// they committed. What commits later still is found by the next minute's job.
pub async fn ask_soon(tx: &mut Tx, now: DateTime<Utc>) -> Result<()> {
    if !teams::exist(tx).await? {
        return Ok(());
    }
    let second = std::time::Duration::from_secs(1);
    let job = NewJob {
        unique: Some(Unique::by_key("soon").within(second)),
        run_at: Some(now.trunc_subsecs(0) + TimeDelta::seconds(1)),
        ..NewJob::of(&AssignTasks {}, ASSIGNMENT)
    };
    jobs::enqueue(tx, &[job], now).await.map(drop)
}
