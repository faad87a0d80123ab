//! Puts the rows of the old system's tables together: tasks with their history, each mail's once.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::row::{Cell, Row, read_entry, read_task};
use super::{OldTask, Repairs};

/// A row that is not taken over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Refused {
    /// The table and the row: its task's id, or its number.
    pub row: String,
    /// Why.
    pub reason: String,
}

/// What can be taken over, and what cannot.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Assembled {
    /// Tasks with their history, the oldest first.
    pub tasks: Vec<OldTask>,
    /// Entries of history that are taken.
    pub history: usize,
    /// What was put right.
    pub repairs: Repairs,
    /// Rows that are not taken.
    pub refused: Vec<Refused>,
}

/// Reads all rows.
pub fn assemble(tasks: &[Row], history: &[Row], now: DateTime<Utc>) -> Assembled {
    let mut assembled = Assembled::default();
    // Where the task of an old id is.
    let mut places: HashMap<String, usize> = HashMap::new();
    let mut mails: HashMap<(String, String), String> = HashMap::new();
    let mut ids: HashMap<String, String> = HashMap::new();
    let mut read: Vec<(String, OldTask)> = Vec::new();
    for (n, row) in tasks.iter().enumerate() {
        let name = named("workflow_tasks", n, row);
        match read_task(row, now) {
            Ok((task, repairs)) => {
                assembled.repairs.extend(repairs);
                read.push((name, task));
            }
            Err(reason) => assembled.refused.push(Refused { row: name, reason }),
        }
    }
    // The first of several is the one that people have worked on longest.
    read.sort_by(|(_, a), (_, b)| (a.created_at, &a.task_id).cmp(&(b.created_at, &b.task_id)));
    for (name, task) in read {
        let old_id = name.strip_prefix("workflow_tasks ").unwrap_or(&name).to_owned();
        if let Some(first) = ids.get(&task.task_id) {
            let reason = format!("it has the same id as {first}");
            assembled.refused.push(Refused { row: name, reason });
            continue;
        }
        if let Some(email) = &task.email_id {
            let key = (email.clone(), task.title.clone());
            if let Some(first) = mails.get(&key) {
                let reason = format!("it repeats {first}: the same mail and title");
                assembled.refused.push(Refused { row: name, reason });
                continue;
            }
            mails.insert(key, old_id.clone());
        }
        ids.insert(task.task_id.clone(), old_id.clone());
        places.insert(old_id, assembled.tasks.len());
        assembled.tasks.push(task);
    }
    for (n, row) in history.iter().enumerate() {
        let name = named("workflow_status_history", n, row);
        match read_entry(row) {
            Ok((task_id, entries, repairs)) => {
                if let Some(place) = places.get(&task_id) {
                    assembled.repairs.extend(repairs);
                    assembled.history += entries.len();
                    assembled.tasks[*place].history.extend(entries);
                } else {
                    let reason = format!("its task {task_id} is not taken over");
                    assembled.refused.push(Refused { row: name, reason });
                }
            }
            Err(reason) => assembled.refused.push(Refused { row: name, reason }),
        }
    }
    for task in &mut assembled.tasks {
        task.history.sort_by_key(|entry| entry.changed_at);
    }
    assembled
}

fn named(table: &str, n: usize, row: &Row) -> String {
    match row.get("task_id") {
        Some(Cell::Text(id)) if table == "workflow_tasks" && !id.trim().is_empty() => format!("{table} {}", id.trim()),
        _ => match row.get("id") {
            Some(Cell::Integer(id)) => format!("{table} {id}"),
            _ => format!("{table} row {}", n + 1),
        },
    }
}
