//! Tasks and their history.

mod filter;
mod list;
mod row;
mod sweep;
mod versions;
mod waiting;
mod write;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use self::write::{insert_tasks, update_tasks};
use super::dialect::instant;
use super::query::{execute, fetch_all, fetch_optional};
use super::rollups::{self, Deltas, Written, count_deltas, keep_tasks};
use super::{Result, Session, StoreError, Tx, events};
use crate::domain::{Change, Counted, HistoryEntry, Task, Trail};

pub use filter::Filter;
pub use list::{Listing, Page, Sort, SortKey, Start, count, ids, list, rows_of, walk};
pub use row::{Listed, Show, TaskRow};
pub use sweep::cross;
pub use versions::{past_since, prune_versions, read_as_of};
pub use waiting::{TOGETHER, lock_waiting, waiting};

macro_rules! task_columns {
    () => {
        "task_id, email_id, conversation_id, workflow_category, secondary_categories, workflow_state, task_status, \
         manual_status, manual_by, title, description, priority, current_owner, owner_email, assigned_date, entities, \
         dollar_value, currency, created_at, updated_at, received_at, sla_deadline, sla_policy, sla_state, sla_warned_at, \
         sla_violated_at, sla_revision, sla_warning_at, sla_critical_at, sla_pauses, sla_steps, sla_priority, sla_step_at, \
         sla_hours, sla_next_at, sla_announced, sla_alerted, waiting_on, snoozed_until, first_response_due, \
         first_response_at, breach_reason, completion_date, mailbox_source, group_name, \
         tags, confidence_score, processing_time, analysis, batch_id, version, deleted_at"
    };
}
pub(super) use task_columns;

/// The task of this id, deleted or not.
pub async fn lookup(session: &mut Session, task_id: &str) -> Result<Option<Task>> {
    const SQL: &str = concat!("SELECT ", task_columns!(), " FROM workflow_tasks WHERE task_id = $1");
    fetch_optional!(session, Task, SQL, task_id)
}

/// Whether the task of this id was deleted; `None` if there never was one.
pub async fn is_deleted(session: &mut Session, task_id: &str) -> Result<Option<bool>> {
    const SQL: &str = "SELECT deleted_at IS NOT NULL FROM workflow_tasks WHERE task_id = $1";
    Ok(fetch_optional!(session, (bool,), SQL, task_id)?.map(|(deleted,)| deleted))
}

/// The task of this id, locked until the transaction ends.
pub async fn lock(tx: &mut Tx, task_id: &str) -> Result<Option<Task>> {
    const SQL: &str = concat!("SELECT ", task_columns!(), " FROM workflow_tasks WHERE task_id = $1 FOR UPDATE");
    fetch_optional!(tx, Task, SQL, task_id)
}

/// These tasks, locked until the transaction ends; in no particular order, those that do not exist left out.
pub async fn lock_all(tx: &mut Tx, task_ids: &[&str]) -> Result<Vec<Task>> {
    // In one order for everybody, so that two batches cannot wait for each other.
    const SQL: &str = concat!(
        "SELECT ",
        task_columns!(),
        " FROM workflow_tasks
         WHERE task_id = ANY(ARRAY(SELECT (e.value ->> 'id') FROM jsonb_array_elements($1::jsonb) AS e))
         ORDER BY task_id FOR UPDATE"
    );
    let rows = Value::from(task_ids.iter().map(|id| json!({"id": id})).collect::<Vec<_>>()).to_string();
    fetch_all!(tx, Task, SQL, rows)
}

/// Up to `limit` tasks that the passing of time has changed by `now`, locked; those another sweep holds are left to it.
pub async fn lock_due(tx: &mut Tx, now: DateTime<Utc>, limit: i64) -> Result<Vec<Task>> {
    const SQL: &str = concat!(
        "SELECT ",
        task_columns!(),
        " FROM workflow_tasks
         WHERE sla_next_at <= $1
           AND deleted_at IS NULL
         ORDER BY sla_next_at
         LIMIT $2 FOR UPDATE SKIP LOCKED"
    );
    fetch_all!(tx, Task, SQL, now, limit)
}

/// The version of the task of this id, and whether it was deleted.
pub async fn version(session: &mut Session, task_id: &str) -> Result<Option<(i64, bool)>> {
    const SQL: &str = "SELECT version, deleted_at IS NOT NULL FROM workflow_tasks WHERE task_id = $1";
    fetch_optional!(session, (i64, bool), SQL, task_id)
}

/// The task of this id, deleted or not, and its history, oldest first.
///
/// History is only ever added to, so that its rows up to the task's version are those of the same instant, without a
/// transaction around the two reads.
pub async fn read(session: &mut Session, task_id: &str) -> Result<Option<(Task, Vec<HistoryEntry>)>> {
    const SQL: &str = "SELECT id, task_id, field, old_value, new_value, changed_by, change_reason, changed_at, version
         FROM workflow_status_history
         WHERE task_id = $1
           AND version <= $2
         ORDER BY id";
    let Some(task) = lookup(session, task_id).await? else { return Ok(None) };
    let history = fetch_all!(session, HistoryEntry, SQL, task_id, task.version)?;
    Ok(Some((task, history)))
}

/// History of a task, oldest first; also of a deleted one.
pub async fn history(session: &mut Session, task_id: &str) -> Result<Vec<HistoryEntry>> {
    const SQL: &str = "SELECT id, task_id, field, old_value, new_value, changed_by, change_reason, changed_at, version
         FROM workflow_status_history
         WHERE task_id = $1
         ORDER BY id";
    fetch_all!(session, HistoryEntry, SQL, task_id)
}

/// Saves decided changes: tasks, history and events, in a fixed number of statements.
///
/// # Errors
/// [`StoreError::Conflict`] if a task is no longer at the version its change was decided on.
pub async fn save(tx: &mut Tx, changes: &[Change]) -> Result<()> {
    let (new, old): (Vec<_>, Vec<_>) = changes.iter().partition(|change| change.task.version == 1);
    if !new.is_empty() && insert(tx, &new).await? != new.len() as u64 {
        return Err(StoreError::Conflict);
    }
    if !old.is_empty() && replace(tx, &old).await? != old.len() as u64 {
        return Err(StoreError::Conflict);
    }
    tell(tx, changes).await
}

/// Writes new tasks, and what they do to the sums.
async fn insert(tx: &mut Tx, new: &[&Change]) -> Result<u64> {
    const BOTH: &str = concat!("WITH counted AS (", count_deltas!("$2"), ") ", insert_tasks!());
    if tx.is_sqlite() {
        // Differs by necessity: a statement of SQLite writes one table.
        rollups::count(tx, deltas(new)).await?;
        return write(tx, INSERT, new).await;
    }
    execute!(tx, BOTH, rows(new), deltas(new).rows())
}

/// Keeps tasks as they were, writes them as they are, and what that does to the sums.
async fn replace(tx: &mut Tx, old: &[&Change]) -> Result<u64> {
    // A statement sees none of its own writes, so that the tasks kept are the old ones.
    const ALL: &str = concat!(
        "WITH kept AS (",
        keep_tasks!("$1", "$2"),
        "), counted AS (",
        count_deltas!("$3"),
        ") ",
        update_tasks!()
    );
    let at = old[0].task.updated_at;
    let at_once = old.iter().all(|change| change.task.updated_at == at);
    if tx.is_sqlite() || !at_once {
        rollups::keep(tx, old.iter().map(|change| written(change))).await?;
        rollups::count(tx, deltas(old)).await?;
        return write(tx, UPDATE, old).await;
    }
    execute!(tx, ALL, rows(old), at, deltas(old).rows())
}

fn deltas(changes: &[&Change]) -> Deltas {
    Deltas::of(changes.iter().map(|change| (change.was.as_ref(), Counted::of(&change.task))))
}

/// The part of [`save`] that neither sums nor the past are about.
#[cfg(feature = "testing")]
pub(super) async fn put(tx: &mut Tx, changes: &[Change]) -> Result<()> {
    let (new, old): (Vec<_>, Vec<_>) = changes.iter().partition(|change| change.task.version == 1);
    if !new.is_empty() && write(tx, INSERT, &new).await? != new.len() as u64 {
        return Err(StoreError::Conflict);
    }
    if !old.is_empty() && write(tx, UPDATE, &old).await? != old.len() as u64 {
        return Err(StoreError::Conflict);
    }
    tell(tx, changes).await
}

async fn tell(tx: &mut Tx, changes: &[Change]) -> Result<()> {
    write_history(tx, changes.iter().flat_map(|change| &change.history)).await?;
    events::append(tx, changes.iter().flat_map(|change| &change.events)).await
}

fn written(change: &Change) -> Written<'_> {
    let Change { task, .. } = change;
    Written { task_id: &task.task_id, at: task.updated_at }
}

/// Saves what is told of a task that stays as it is.
pub async fn save_trail(tx: &mut Tx, trail: &Trail) -> Result<()> {
    write_history(tx, trail.history.iter()).await?;
    events::append(tx, trail.events.iter()).await
}

async fn write_history<'a>(tx: &mut Tx, entries: impl Iterator<Item = &'a HistoryEntry>) -> Result<()> {
    let rows: Vec<Value> = entries.map(history_row).collect();
    if !rows.is_empty() {
        execute!(tx, INSERT_HISTORY, Value::from(rows).to_string())?;
    }
    Ok(())
}

async fn write(tx: &mut Tx, sql: &'static str, changes: &[&Change]) -> Result<u64> {
    execute!(tx, sql, rows(changes))
}

fn rows(changes: &[&Change]) -> String {
    Value::from(changes.iter().map(|change| row(&change.task)).collect::<Vec<_>>()).to_string()
}

const INSERT: &str = insert_tasks!();
const UPDATE: &str = update_tasks!();

const INSERT_HISTORY: &str = "INSERT INTO workflow_status_history
         (task_id, field, old_value, new_value, changed_by, change_reason, changed_at, version)
     SELECT (e.value ->> 'task_id'), (e.value ->> 'field'), (e.value ->> 'old_value'), (e.value ->> 'new_value'),
            (e.value ->> 'changed_by'), (e.value ->> 'change_reason'), (e.value ->> 'changed_at')::timestamptz,
            (e.value ->> 'version')::bigint
     FROM jsonb_array_elements($1::jsonb) AS e";

/// A task as the statements above read it: columns as stored, cents and instants included.
fn row(task: &Task) -> Value {
    let at = |at: Option<DateTime<Utc>>| at.map(instant);
    let mut row = json!({
        "task_id": task.task_id, "email_id": task.email_id, "conversation_id": task.conversation_id,
        "workflow_category": task.workflow_category, "secondary_categories": task.secondary_categories,
        "workflow_state": task.workflow_state, "task_status": task.task_status, "manual_status": task.manual_status,
        "manual_by": task.manual_by, "title": task.title, "description": task.description, "priority": task.priority,
        "current_owner": task.current_owner, "owner_email": task.owner_email, "assigned_date": at(task.assigned_date),
        "entities": task.entities, "dollar_value": task.dollar_value.0, "currency": task.currency,
        "created_at": instant(task.created_at), "updated_at": instant(task.updated_at),
        "received_at": at(task.received_at), "completion_date": at(task.completion_date),
        "mailbox_source": task.mailbox_source, "group_name": task.group_name, "tags": task.tags,
        "confidence_score": task.confidence_score, "processing_time": task.processing_time, "analysis": task.analysis,
        "batch_id": task.batch_id, "version": task.version, "deleted_at": at(task.deleted_at),
        "search_text": task.search_text(),
    });
    if let (Value::Object(row), Value::Object(clock)) = (&mut row, clock_row(task)) {
        row.extend(clock);
    }
    row
}

/// The part of the row that is about its deadline.
fn clock_row(task: &Task) -> Value {
    let at = |at: Option<DateTime<Utc>>| at.map(instant);
    json!({
        "sla_deadline": at(task.sla_deadline), "sla_policy": task.sla_policy, "sla_state": task.sla_state,
        "sla_warned_at": at(task.sla_warned_at), "sla_violated_at": at(task.sla_violated_at),
        "sla_revision": task.sla_revision, "sla_warning_at": at(task.sla_warning_at),
        "sla_critical_at": at(task.sla_critical_at), "sla_pauses": task.sla_pauses, "sla_steps": task.sla_steps,
        "sla_priority": task.sla_priority, "sla_step_at": at(task.sla_step_at), "sla_hours": task.sla_hours,
        "sla_next_at": at(task.sla_next_at), "sla_announced": task.sla_announced, "sla_alerted": task.sla_alerted,
        "waiting_on": task.waiting_on, "snoozed_until": at(task.snoozed_until),
        "first_response_due": at(task.first_response_due), "first_response_at": at(task.first_response_at),
        "breach_reason": task.breach_reason,
    })
}

fn history_row(entry: &HistoryEntry) -> Value {
    json!({
        "task_id": entry.task_id, "field": entry.field, "old_value": entry.old_value, "new_value": entry.new_value,
        "changed_by": entry.changed_by, "change_reason": entry.change_reason, "changed_at": instant(entry.changed_at),
        "version": entry.version,
    })
}
