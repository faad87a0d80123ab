//! Tasks that pass a threshold, as a set: what the pure function says of their instants is bound, and the statements carry it
//! into rows, history and events.
//!
//! Most of what a sweep finds is this: a level begins, and nothing else happens. A task that must be looked at as a whole
//! (an escalation or the end of a snooze is due, its value wants an alert, its thresholds were never planned) is left to
//! [`super::lock_due`]. A test holds both ways to the same outcome.

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};

use crate::domain::change::SLA_MONITOR;
use crate::domain::event::hours_between;
use crate::domain::sla::{ALERT_FROM_CENTS, Level, Levels, colour, state_at};
use crate::domain::{Counted, Status};
use crate::store::dialect::instant;
use crate::store::query::{execute, fetch_all};
use crate::store::rollups::{self, Deltas, Written};
use crate::store::{Result, Tx};

/// A task that has come to a threshold.
#[derive(sqlx::FromRow)]
struct Due {
    task_id: String,
    updated_at: DateTime<Utc>,
    sla_warning_at: DateTime<Utc>,
    sla_critical_at: DateTime<Utc>,
    sla_deadline: DateTime<Utc>,
    sla_step_at: Option<DateTime<Utc>>,
    snoozed_until: Option<DateTime<Utc>>,
    manual_status: Status,
    #[sqlx(flatten)]
    was: Counted,
}

/// Lets up to `limit` tasks pass their thresholds; those another sweep holds are left to it. Gives how many did.
pub async fn cross(tx: &mut Tx, now: DateTime<Utc>, limit: i64) -> Result<usize> {
    const DUE: &str =
        "SELECT task_id, updated_at, sla_warning_at, sla_critical_at, sla_deadline, sla_step_at, snoozed_until,
                manual_status, workflow_category, task_status, priority, current_owner, owner_email, dollar_value,
                created_at, completion_date
         FROM workflow_tasks
         WHERE sla_next_at <= $1
           AND deleted_at IS NULL
           AND sla_critical_at IS NOT NULL
           AND (sla_step_at IS NULL OR sla_step_at > $1)
           AND (snoozed_until IS NULL OR snoozed_until > $1)
           AND dollar_value < $2
           AND sla_warning_at <= $1
           AND (sla_state = 'ok'
                OR (sla_state = 'warning' AND sla_critical_at <= $1)
                OR (sla_state = 'critical' AND sla_deadline < $1))
         ORDER BY sla_next_at
         LIMIT $3 FOR UPDATE SKIP LOCKED";
    let due = fetch_all!(tx, Due, DUE, now, ALERT_FROM_CENTS, limit)?;
    if due.is_empty() {
        return Ok(0);
    }
    let rows =
        Value::from(due.iter().zip(0..).map(|(due, place)| row(due, place, now)).collect::<Vec<_>>()).to_string();
    let text = now.to_rfc3339_opts(SecondsFormat::AutoSi, true);
    // History and events tell of the rows as they were, so they are written before those change.
    rollups::keep(tx, due.iter().map(|due| Written { task_id: &due.task_id, at: now.max(due.updated_at) })).await?;
    execute!(tx, HISTORY, rows.as_str(), now, SLA_MONITOR)?;
    execute!(tx, EVENTS, rows.as_str(), now, SLA_MONITOR, text)?;
    execute!(tx, UPDATE, rows.as_str(), now)?;
    rollups::count(tx, Deltas::of(due.iter().map(|due| (Some(&due.was), Some(due.becomes(now)))))).await?;
    Ok(due.len())
}

impl Due {
    fn level(&self, now: DateTime<Utc>) -> Level {
        self.levels().at(now)
    }

    fn levels(&self) -> Levels {
        let Self { sla_warning_at, sla_critical_at, sla_deadline, .. } = *self;
        Levels { warning_at: sla_warning_at, critical_at: sla_critical_at, deadline: sla_deadline }
    }

    /// What of it counts when it has passed: the worse of what was said and the level's colour.
    fn becomes(&self, now: DateTime<Utc>) -> Counted {
        let said_red = self.manual_status == Status::Red;
        Counted { status: if said_red { Status::Red } else { colour(self.level(now)) }, ..self.was.clone() }
    }
}

/// What the statements are told of a task: everything that follows from its instants.
fn row(due: &Due, place: i64, now: DateTime<Utc>) -> Value {
    let (sla_deadline, reached) = (due.sla_deadline, due.level(now));
    let next = [due.levels().after(reached), due.sla_step_at, due.snoozed_until].into_iter().flatten().min();
    let (event, hours, severity) = match reached {
        Level::Violated => ("workflow:sla:violated", "hoursOverdue", "VIOLATED"),
        Level::Critical => ("workflow:sla:warning", "hoursRemaining", "CRITICAL"),
        _ => ("workflow:sla:warning", "hoursRemaining", "WARNING"),
    };
    json!({
        "id": due.task_id, "place": place, "reached": reached as i16, "state": state_at(reached),
        "colour": colour(reached), "next": next.map(instant), "event": event,
        "tail": format!(
            r#","deadline":{},"{hours}":{},"severity":"{severity}""#,
            json!(sla_deadline), hours_between(sla_deadline, now)
        ),
    })
}

/// The tasks of `$1` as they are, and what they become: `status` is the worse of what was said and the level's colour.
macro_rules! crossing {
    () => {
        "WITH told AS (
             SELECT (e.value ->> 'id') AS id, (e.value ->> 'place')::bigint AS place,
                    (e.value ->> 'reached')::bigint AS reached, (e.value ->> 'state') AS state,
                    (e.value ->> 'colour') AS colour, (e.value ->> 'event') AS event, (e.value ->> 'tail') AS tail
             FROM jsonb_array_elements($1::jsonb) AS e
         ), crossing AS (
             SELECT told.place, told.reached, told.state, told.event, told.tail, t.task_id, t.task_status AS old_status,
                    t.sla_state AS old_state, t.title, t.current_owner, t.workflow_category, t.mailbox_source,
                    t.version + 1 AS version, told.reached > t.sla_announced AS announces,
                    told.reached = 3 AND t.sla_violated_at IS NULL AS violates,
                    told.reached > t.sla_announced AND told.reached < 3 AND t.sla_warned_at IS NULL AS warns,
                    CASE WHEN t.manual_status = 'RED' THEN 'RED' ELSE told.colour END AS status
             FROM told
             JOIN workflow_tasks AS t ON t.task_id = told.id
         )"
    };
}

const HISTORY: &str = concat!(
    "INSERT INTO workflow_status_history
         (task_id, field, old_value, new_value, changed_by, change_reason, changed_at, version) ",
    crossing!(),
    " SELECT task_id, 'task_status', old_status, status, $3, 'SLA ' || state, $2, version
      FROM crossing
      WHERE status <> old_status
      ORDER BY place"
);

/// In the order of every change: updated, status changed, and the level if it was not announced before.
const EVENTS: &str = concat!(
    "INSERT INTO workflow_events (event, task_id, data, matches, watchers, created_at) ",
    crossing!(),
    ", known AS (
          SELECT crossing.*, to_json(task_id)::text AS id, to_json($4::text)::text AS at,
                 ('{\"status\":[\"' || old_status || CASE WHEN status <> old_status THEN '\",\"' || status ELSE '' END
                 || '\"],' || CASE WHEN current_owner IS NULL THEN '' ELSE '\"owner\":[' || to_json(current_owner)::text || '],' END
                 || '\"category\":[' || to_json(workflow_category)::text || ']'
                 || CASE WHEN mailbox_source IS NULL THEN '' ELSE ',\"mailbox\":[' || to_json(mailbox_source)::text || ']' END
                 || '}')::jsonb AS matches,
                 COALESCE((SELECT jsonb_agg(w.name)
                           FROM task_watchers AS w
                           WHERE w.task_id = crossing.task_id), '[]') AS watchers
          FROM crossing
      ), told_of AS (
          SELECT place, 1 AS part, 'workflow:task:updated' AS event,
                 '{\"taskId\":' || id || ',\"updates\":{\"sla_state\":\"' || state || '\"'
                 || CASE WHEN status <> old_status THEN ',\"task_status\":\"' || status || '\"' ELSE '' END
                 || CASE WHEN warns THEN ',\"sla_warned_at\":' || at ELSE '' END
                 || CASE WHEN violates THEN ',\"sla_violated_at\":' || at ELSE '' END
                 || '},\"previousValues\":{\"sla_state\":\"' || old_state || '\"'
                 || CASE WHEN status <> old_status THEN ',\"task_status\":\"' || old_status || '\"' ELSE '' END
                 || CASE WHEN warns THEN ',\"sla_warned_at\":null' ELSE '' END
                 || CASE WHEN violates THEN ',\"sla_violated_at\":null' ELSE '' END
                 || '},\"changedBy\":' || to_json($3::text)::text || ',\"version\":' || version || ',\"timestamp\":' || at
                 || '}' AS data, task_id, matches, watchers
          FROM known
          UNION ALL
          SELECT place, 2, 'workflow:status:changed',
                 '{\"taskId\":' || id || ',\"oldStatus\":\"' || old_status || '\",\"newStatus\":\"' || status
                 || '\",\"changedBy\":' || to_json($3::text)::text || ',\"reason\":\"SLA ' || state || '\",\"version\":'
                 || version || ',\"timestamp\":' || at || '}', task_id, matches, watchers
          FROM known
          WHERE status <> old_status
          UNION ALL
          SELECT place, 3, event,
                 '{\"taskId\":' || id || ',\"title\":' || to_json(title)::text || ',\"owner\":'
                 || COALESCE(to_json(current_owner)::text, 'null') || tail || ',\"timestamp\":' || at || '}',
                 task_id, matches, watchers
          FROM known
          WHERE announces
      )
      SELECT event, task_id, data::jsonb, matches, watchers, $2
      FROM told_of
      ORDER BY place, part"
);

const UPDATE: &str = "UPDATE workflow_tasks
     SET task_status = CASE WHEN manual_status = 'RED' THEN 'RED' ELSE (e.value ->> 'colour') END,
         sla_state = (e.value ->> 'state'),
         sla_next_at = (e.value ->> 'next')::timestamptz,
         sla_warned_at = CASE WHEN (e.value ->> 'reached')::bigint > sla_announced AND (e.value ->> 'reached')::bigint < 3
                              THEN COALESCE(sla_warned_at, $2) ELSE sla_warned_at END,
         sla_violated_at = CASE WHEN (e.value ->> 'reached')::bigint = 3
                                THEN COALESCE(sla_violated_at, $2) ELSE sla_violated_at END,
         sla_announced = CASE WHEN (e.value ->> 'reached')::smallint > sla_announced
                              THEN (e.value ->> 'reached')::smallint ELSE sla_announced END,
         updated_at = CASE WHEN updated_at > $2 THEN updated_at ELSE $2 END,
         version = version + 1
     FROM jsonb_array_elements($1::jsonb) AS e
     WHERE workflow_tasks.task_id = (e.value ->> 'id')";
