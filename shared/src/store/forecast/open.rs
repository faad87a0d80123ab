//! Open tasks with a deadline, ranked and summed up. Both walk an index in chunks and keep what is asked for alone.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use poem_openapi::Object;
use serde::Serialize;
use serde_json::{Value, json};

use crate::domain::forecast::{MOST_COUNTED, Model, Ranking, Subject};
use crate::domain::{Category, Cents, Priority, SlaState, Status};
use crate::store::query::{fetch_all, fetch_optional};
use crate::store::{Result, Session};

/// Rows of one read.
const CHUNK: usize = 1_000;
/// Tasks that one question looks at.
const MOST_READ: usize = 100_000;

macro_rules! columns {
    () => {
        "task_id, title, workflow_category, priority, current_owner, dollar_value, task_status, sla_deadline, sla_state, \
         created_at, received_at"
    };
}

macro_rules! meant {
    () => {
        " FROM workflow_tasks
         WHERE deleted_at IS NULL
           AND task_status <> 'COMPLETED'
           AND sla_deadline IS NOT NULL
           AND ($1 = '[]'
                OR workflow_category = ANY(ARRAY(SELECT (e.value ->> 'is') FROM jsonb_array_elements($1::jsonb) AS e)))
           AND ($2 = '[]'
                OR priority = ANY(ARRAY(SELECT (e.value ->> 'is') FROM jsonb_array_elements($2::jsonb) AS e)))
           AND ($3 = '[]'
                OR current_owner = ANY(ARRAY(SELECT (e.value ->> 'is') FROM jsonb_array_elements($3::jsonb) AS e)))"
    };
}

/// A task as a forecast shows it.
#[derive(Clone, Debug, Serialize, Object, sqlx::FromRow)]
#[oai(rename = "ForecastSubject")]
pub struct OpenTask {
    /// Its id.
    pub task_id: String,
    /// One line.
    pub title: String,
    /// What it is about.
    pub workflow_category: Category,
    /// How soon.
    pub priority: Priority,
    /// Who works on it.
    pub current_owner: Option<String>,
    /// Value at stake.
    pub dollar_value: Cents,
    /// Its colour.
    pub task_status: Status,
    /// When it is due.
    pub sla_deadline: Option<DateTime<Utc>>,
    /// Where it stands against its deadline.
    pub sla_state: SlaState,
    /// When it was inserted.
    pub created_at: DateTime<Utc>,
    /// When its mail was received.
    pub received_at: Option<DateTime<Utc>>,
}

impl OpenTask {
    fn subject(&self, owner_open: Option<u32>) -> Subject {
        Subject {
            category: self.workflow_category,
            priority: self.priority,
            owner_open,
            anchor: self.received_at.unwrap_or(self.created_at),
            deadline: self.sla_deadline,
            is_open: self.task_status != Status::Completed,
            paused: self.sla_state == SlaState::Paused,
            value: self.dollar_value,
        }
    }
}

/// Which open tasks are meant; values of one field are alternatives, none of a field means any.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Categories.
    pub category: Vec<String>,
    /// Priorities.
    pub priority: Vec<String>,
    /// Owners.
    pub owner: Vec<String>,
    /// Only those that are due then or later.
    pub due_from: Option<DateTime<Utc>>,
}

impl Filter {
    fn lists(&self) -> [String; 3] {
        [&self.category, &self.priority, &self.owner]
            .map(|list| list.iter().map(|value| json!({"is": value})).collect::<Value>().to_string())
    }
}

/// The task of this id, if it is not deleted, as a forecast looks at it.
pub async fn one(session: &mut Session, task_id: &str) -> Result<Option<(OpenTask, Subject)>> {
    const SQL: &str = concat!("SELECT ", columns!(), " FROM workflow_tasks WHERE task_id = $1 AND deleted_at IS NULL");
    let Some(task) = fetch_optional!(session, OpenTask, SQL, task_id)? else { return Ok(None) };
    let mut loads = Loads::default();
    loads.learn(session, std::slice::from_ref(&task)).await?;
    let subject = loads.subject(&task);
    Ok(Some((task, subject)))
}

/// The open tasks with most dollars at risk.
#[derive(Clone, Debug)]
pub struct Ranked {
    /// The highest expectation first.
    pub tasks: Vec<(OpenTask, Subject)>,
    /// Tasks that were looked at.
    pub read: usize,
    /// Whether no task that was not looked at can be among them.
    pub is_exact: bool,
}

/// Ranks open tasks by probability times value. It walks down their values and stops where no value can get in any more.
pub async fn rank(
    session: &mut Session,
    model: &Model,
    filter: &Filter,
    limit: usize,
    now: DateTime<Utc>,
) -> Result<Ranked> {
    const SQL: &str = concat!(
        "SELECT ",
        columns!(),
        meant!(),
        "
           AND sla_deadline >= $4
           AND (dollar_value, task_id) < ($5, $6)
         ORDER BY dollar_value DESC, task_id DESC
         LIMIT 1000"
    );
    let [category, priority, owner] = filter.lists();
    let (category, priority, owner) = (category.as_str(), priority.as_str(), owner.as_str());
    let due_from = filter.due_from.unwrap_or(DateTime::UNIX_EPOCH);
    let mut ranking = Ranking::of(limit);
    let mut loads = Loads::default();
    let mut read = 0;
    let mut after = (i64::MAX, String::new());
    let is_exact = loop {
        let chunk = fetch_all!(session, OpenTask, SQL, category, priority, owner, due_from, after.0, after.1.as_str())?;
        loads.learn(session, &chunk).await?;
        read += chunk.len();
        let least = chunk.last().map(|task| (task.dollar_value.0, task.task_id.clone()));
        let is_last = chunk.len() < CHUNK;
        for task in chunk {
            let subject = loads.subject(&task);
            if let Some(probability) = subject.probability(Some(model), now) {
                ranking.offer(subject.at_risk(probability), (task, subject));
            }
        }
        match least {
            Some(least) if !is_last && !ranking.is_settled(Cents(least.0)) => after = least,
            _ => break true,
        }
        if read >= MOST_READ {
            break false;
        }
    };
    Ok(Ranked { tasks: ranking.into_items(), read, is_exact })
}

/// What is to be expected of the tasks that fall due within a time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Object)]
#[oai(rename = "ForecastHorizon")]
pub struct Horizon {
    /// Open tasks that fall due within it.
    pub tasks: u32,
    /// How many of them are expected to breach: the sum of their probabilities.
    pub expected_breaches: f64,
    /// The sum of probability times value.
    pub expected_dollars_at_risk: Cents,
}

/// What is to be expected of the next day and of the next seven.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Object)]
#[oai(rename = "ForecastTotals")]
pub struct Totals {
    /// Deadlines of the next 24 hours.
    pub next_24_hours: Horizon,
    /// Deadlines of the next seven days.
    pub next_7_days: Horizon,
    /// Null if every such task was counted; else the deadline up to which they were, by the order of their deadlines.
    pub counted_to: Option<DateTime<Utc>>,
}

/// Sums up the open tasks that fall due within seven days, the first 100,000 of them.
pub async fn totals(session: &mut Session, model: &Model, filter: &Filter, now: DateTime<Utc>) -> Result<Totals> {
    const SQL: &str = concat!(
        "SELECT ",
        columns!(),
        meant!(),
        "
           AND sla_deadline <= $4
           AND (sla_deadline, task_id) > ($5, $6)
         ORDER BY sla_deadline, task_id
         LIMIT 1000"
    );
    let [category, priority, owner] = filter.lists();
    let (category, priority, owner) = (category.as_str(), priority.as_str(), owner.as_str());
    let (day, week) = (now + TimeDelta::days(1), now + TimeDelta::days(7));
    let mut totals = Totals::default();
    let mut loads = Loads::default();
    let mut read = 0;
    let mut after = (now, String::new());
    loop {
        let chunk = fetch_all!(session, OpenTask, SQL, category, priority, owner, week, after.0, after.1.as_str())?;
        loads.learn(session, &chunk).await?;
        for task in &chunk {
            let subject = loads.subject(task);
            let Some(probability) = subject.probability(Some(model), now) else { continue };
            let at_risk = subject.at_risk(probability);
            totals.next_7_days.add(probability, at_risk);
            if task.sla_deadline.is_some_and(|deadline| deadline <= day) {
                totals.next_24_hours.add(probability, at_risk);
            }
        }
        read += chunk.len();
        let last = chunk.last().and_then(|task| Some((task.sla_deadline?, task.task_id.clone())));
        match last {
            Some(last) if chunk.len() == CHUNK && read < MOST_READ => after = last,
            Some((deadline, _)) if chunk.len() == CHUNK => {
                totals.counted_to = Some(deadline);
                break;
            }
            _ => break,
        }
    }
    totals.next_24_hours.round();
    totals.next_7_days.round();
    Ok(totals)
}

impl Horizon {
    fn add(&mut self, probability: f64, at_risk: Cents) {
        self.tasks += 1;
        self.expected_breaches += probability;
        self.expected_dollars_at_risk.0 += at_risk.0;
    }

    fn round(&mut self) {
        self.expected_breaches = (self.expected_breaches * 100.0).round() / 100.0;
    }
}

/// How many tasks each owner has open, counted when first asked for.
#[derive(Default)]
struct Loads(HashMap<String, u32>);

impl Loads {
    /// Counts for the owners of these tasks.
    async fn learn(&mut self, session: &mut Session, tasks: &[OpenTask]) -> Result<()> {
        const SQL: &str = "SELECT (e.value ->> 'owner') AS owner,
                (SELECT count(*)
                 FROM (SELECT 1
                       FROM workflow_tasks
                       WHERE COALESCE(current_owner, '') = (e.value ->> 'owner')
                         AND deleted_at IS NULL
                         AND task_status IN ('RED', 'YELLOW', 'GREEN')
                       LIMIT 1000) AS counted) AS open_tasks
             FROM jsonb_array_elements($1::jsonb) AS e";
        let mut unknown: Vec<&str> = tasks.iter().filter_map(|task| task.current_owner.as_deref()).collect();
        unknown.retain(|owner| !self.0.contains_key(*owner));
        unknown.sort_unstable();
        unknown.dedup();
        if !unknown.is_empty() {
            let owners = unknown.iter().map(|owner| json!({"owner": owner})).collect::<Value>().to_string();
            let counted = fetch_all!(session, (String, i64), SQL, owners)?;
            self.0.extend(counted.into_iter().map(|(owner, open)| (owner, (open as u32).min(MOST_COUNTED))));
        }
        Ok(())
    }

    fn subject(&self, task: &OpenTask) -> Subject {
        let open = task.current_owner.as_deref().map(|owner| self.0.get(owner).copied().unwrap_or_default());
        task.subject(open)
    }
}
