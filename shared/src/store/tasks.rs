//! Tasks and their history.

mod filter;
mod list;
mod row;
mod sweep;
mod versions;
mod waiting;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::dialect::instant;
use super::query::{execute, fetch_all, fetch_optional};
use super::rollups::{self, Writing, Written};
use super::{Result, Session, StoreError, Tx, events};
use crate::domain::{Change, HistoryEntry, Task, Trail};

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
    let writing = Writing::of(changes.iter().map(written));
    if changes.iter().any(|change| change.task.version > 1) {
        rollups::keep(tx, &writing).await?;
    }
    put(tx, changes).await?;
    rollups::count(tx, &writing).await
}

/// The part of [`save`] that neither sums nor the past are about.
pub(super) async fn put(tx: &mut Tx, changes: &[Change]) -> Result<()> {
    let (new, old): (Vec<_>, Vec<_>) = changes.iter().partition(|change| change.task.version == 1);
    if !new.is_empty() && write(tx, INSERT, &new).await? != new.len() as u64 {
        return Err(StoreError::Conflict);
    }
    if !old.is_empty() && write(tx, UPDATE, &old).await? != old.len() as u64 {
        return Err(StoreError::Conflict);
    }
    write_history(tx, changes.iter().flat_map(|change| &change.history)).await?;
    events::append(tx, changes.iter().flat_map(|change| &change.events)).await
}

fn written(change: &Change) -> Written<'_> {
    let Change { task, .. } = change;
    Written { task_id: &task.task_id, was: task.version - 1, at: task.updated_at }
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
    let rows = Value::from(changes.iter().map(|change| row(&change.task)).collect::<Vec<_>>()).to_string();
    execute!(tx, sql, rows)
}

const INSERT: &str = concat!(
    "INSERT INTO workflow_tasks (",
    task_columns!(),
    ", search_text)
     SELECT (e.value ->> 'task_id'), (e.value ->> 'email_id'), (e.value ->> 'conversation_id'),
            (e.value ->> 'workflow_category'), (e.value -> 'secondary_categories'), (e.value ->> 'workflow_state'),
            (e.value ->> 'task_status'), (e.value ->> 'manual_status'), (e.value ->> 'manual_by'), (e.value ->> 'title'),
            (e.value ->> 'description'), (e.value ->> 'priority'), (e.value ->> 'current_owner'),
            (e.value ->> 'owner_email'), (e.value ->> 'assigned_date')::timestamptz, (e.value -> 'entities'),
            (e.value ->> 'dollar_value')::bigint, (e.value ->> 'currency'), (e.value ->> 'created_at')::timestamptz,
            (e.value ->> 'updated_at')::timestamptz, (e.value ->> 'received_at')::timestamptz,
            (e.value ->> 'sla_deadline')::timestamptz, (e.value ->> 'sla_policy'), (e.value ->> 'sla_state'),
            (e.value ->> 'sla_warned_at')::timestamptz, (e.value ->> 'sla_violated_at')::timestamptz,
            (e.value ->> 'sla_revision')::bigint, (e.value ->> 'sla_warning_at')::timestamptz,
            (e.value ->> 'sla_critical_at')::timestamptz, (e.value -> 'sla_pauses'), (e.value -> 'sla_steps'),
            (e.value ->> 'sla_priority'), (e.value ->> 'sla_step_at')::timestamptz,
            (e.value ->> 'sla_hours')::float8, (e.value ->> 'sla_next_at')::timestamptz,
            (e.value ->> 'sla_announced')::smallint, (e.value ->> 'sla_alerted')::smallint, (e.value ->> 'waiting_on'),
            (e.value ->> 'snoozed_until')::timestamptz, (e.value ->> 'first_response_due')::timestamptz,
            (e.value ->> 'first_response_at')::timestamptz, (e.value ->> 'breach_reason'),
            (e.value ->> 'completion_date')::timestamptz, (e.value ->> 'mailbox_source'), (e.value ->> 'group_name'),
            (e.value -> 'tags'), (e.value ->> 'confidence_score')::float8, (e.value ->> 'processing_time')::bigint,
            (e.value -> 'analysis'), (e.value ->> 'batch_id'), (e.value ->> 'version')::bigint,
            (e.value ->> 'deleted_at')::timestamptz, (e.value ->> 'search_text')
     FROM jsonb_array_elements($1::jsonb) AS e
     WHERE true
     ON CONFLICT DO NOTHING"
);

const UPDATE: &str = "UPDATE workflow_tasks
     SET workflow_category = (e.value ->> 'workflow_category'),
         secondary_categories = (e.value -> 'secondary_categories'),
         workflow_state = (e.value ->> 'workflow_state'),
         task_status = (e.value ->> 'task_status'),
         manual_status = (e.value ->> 'manual_status'),
         manual_by = (e.value ->> 'manual_by'),
         title = (e.value ->> 'title'),
         description = (e.value ->> 'description'),
         priority = (e.value ->> 'priority'),
         current_owner = (e.value ->> 'current_owner'),
         owner_email = (e.value ->> 'owner_email'),
         assigned_date = (e.value ->> 'assigned_date')::timestamptz,
         entities = (e.value -> 'entities'),
         dollar_value = (e.value ->> 'dollar_value')::bigint,
         updated_at = (e.value ->> 'updated_at')::timestamptz,
         sla_deadline = (e.value ->> 'sla_deadline')::timestamptz,
         sla_policy = (e.value ->> 'sla_policy'),
         sla_state = (e.value ->> 'sla_state'),
         sla_warned_at = (e.value ->> 'sla_warned_at')::timestamptz,
         sla_violated_at = (e.value ->> 'sla_violated_at')::timestamptz,
         sla_revision = (e.value ->> 'sla_revision')::bigint,
         sla_warning_at = (e.value ->> 'sla_warning_at')::timestamptz,
         sla_critical_at = (e.value ->> 'sla_critical_at')::timestamptz,
         sla_pauses = (e.value -> 'sla_pauses'),
         sla_steps = (e.value -> 'sla_steps'),
         sla_priority = (e.value ->> 'sla_priority'),
         sla_step_at = (e.value ->> 'sla_step_at')::timestamptz,
         sla_hours = (e.value ->> 'sla_hours')::float8,
         sla_next_at = (e.value ->> 'sla_next_at')::timestamptz,
         sla_announced = (e.value ->> 'sla_announced')::smallint,
         sla_alerted = (e.value ->> 'sla_alerted')::smallint,
         waiting_on = (e.value ->> 'waiting_on'),
         snoozed_until = (e.value ->> 'snoozed_until')::timestamptz,
         first_response_due = (e.value ->> 'first_response_due')::timestamptz,
         first_response_at = (e.value ->> 'first_response_at')::timestamptz,
         breach_reason = (e.value ->> 'breach_reason'),
         completion_date = (e.value ->> 'completion_date')::timestamptz,
         group_name = (e.value ->> 'group_name'),
         tags = (e.value -> 'tags'),
         analysis = (e.value -> 'analysis'),
         version = (e.value ->> 'version')::bigint,
         deleted_at = (e.value ->> 'deleted_at')::timestamptz,
         search_text = (e.value ->> 'search_text')
     FROM jsonb_array_elements($1::jsonb) AS e
     WHERE workflow_tasks.task_id = (e.value ->> 'task_id')
       AND workflow_tasks.version = (e.value ->> 'version')::bigint - 1";

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
