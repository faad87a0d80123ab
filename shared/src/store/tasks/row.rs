//! What a list shows of a task: the fields of every row, and those that are asked for.

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

use crate::domain::sla::escalation::Escalation;
use crate::domain::sla::pause::Pause;
use crate::domain::task::Analysis;
use crate::domain::{BreachReason, Category, Cents, Entities, Priority, SlaState, Status, WaitingOn, WorkflowState};

/// Declares what a list shows: the fields of every row, and those that are shown if asked for.
macro_rules! columns {
    (
        $(#[$meta:meta])* struct $row:ident { $($(#[$field_meta:meta])* $field:ident: $type:ty,)+ }
        $(#[$further_meta:meta])* struct $further:ident { $($(#[$more_meta:meta])* $more:ident: $more_type:ty,)+ }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug, Serialize, poem_openapi::Object, sqlx::FromRow)]
        pub struct $row { $($(#[$field_meta])* pub $field: $type,)+ }

        impl $row {
            /// The fields of every row.
            pub const FIELDS: &'static [&'static str] = &[$(stringify!($field)),+];
        }

        $(#[$further_meta])*
        #[derive(Clone, Debug, Default, sqlx::FromRow)]
        pub(super) struct $further { $($(#[$more_meta])* #[sqlx(default)] $more: $more_type,)+ }

        impl $further {
            const FIELDS: &'static [&'static str] = &[$(stringify!($more)),+];

            fn write<M: SerializeMap>(&self, field: &'static str, map: &mut M) -> std::result::Result<(), M::Error> {
                match field {
                    $(stringify!($more) => map.serialize_entry(field, &self.$more),)+
                    _ => Ok(()),
                }
            }
        }
    };
}

columns! {
    /// What a list shows of a task by default.
    struct TaskRow {
        /// `TASK-<unix milliseconds>-<random>`.
        task_id: String,
        /// One line.
        title: String,
        /// What it is about.
        workflow_category: Category,
        /// Its colour.
        task_status: Status,
        /// How far it has come.
        workflow_state: WorkflowState,
        /// How soon.
        priority: Priority,
        /// Who works on it.
        current_owner: Option<String>,
        /// Their address.
        owner_email: Option<String>,
        /// Value at stake.
        dollar_value: Cents,
        /// When it is due.
        sla_deadline: Option<DateTime<Utc>>,
        /// Where it stands against its deadline.
        sla_state: SlaState,
        /// When it was inserted.
        created_at: DateTime<Utc>,
        /// When it last changed.
        updated_at: DateTime<Utc>,
        /// When it was completed.
        completion_date: Option<DateTime<Utc>>,
        /// The mailbox its mail came to.
        mailbox_source: Option<String>,
        /// Free labels.
        #[sqlx(json)]
        tags: Vec<String>,
        /// Grows with each change.
        version: i64,
    }

    /// What it shows if asked for. None of it is missing in a row that has the column.
    struct Further {
        email_id: Option<String>,
        conversation_id: Option<String>,
        #[sqlx(json)]
        secondary_categories: Vec<Category>,
        manual_status: Option<Status>,
        description: Option<String>,
        assigned_date: Option<DateTime<Utc>>,
        #[sqlx(json)]
        entities: Entities,
        currency: String,
        received_at: Option<DateTime<Utc>>,
        sla_policy: Option<String>,
        sla_warned_at: Option<DateTime<Utc>>,
        sla_violated_at: Option<DateTime<Utc>>,
        sla_revision: Option<i64>,
        sla_warning_at: Option<DateTime<Utc>>,
        sla_critical_at: Option<DateTime<Utc>>,
        #[sqlx(json)]
        sla_pauses: Vec<Pause>,
        #[sqlx(json)]
        sla_steps: Vec<Escalation>,
        waiting_on: Option<WaitingOn>,
        snoozed_until: Option<DateTime<Utc>>,
        first_response_due: Option<DateTime<Utc>>,
        first_response_at: Option<DateTime<Utc>>,
        breach_reason: Option<BreachReason>,
        group_name: Option<String>,
        confidence_score: Option<f64>,
        processing_time: Option<i64>,
        #[sqlx(json)]
        analysis: Analysis,
        batch_id: Option<String>,
    }
}

/// A task of a list, with the further fields that were asked for.
#[derive(Clone, Debug, Serialize)]
pub struct Listed {
    /// What every list shows.
    #[serde(flatten)]
    pub row: TaskRow,
    #[serde(flatten)]
    chosen: Chosen,
}

impl Listed {
    /// A row as it was read with these further fields.
    pub(super) fn wide(wide: Wide, names: &[&'static str]) -> Self {
        Self { row: wide.row, chosen: Chosen { names: names.to_vec(), values: Box::new(wide.further) } }
    }
}

impl From<TaskRow> for Listed {
    fn from(row: TaskRow) -> Self {
        Self { row, chosen: Chosen::default() }
    }
}

#[derive(Clone, Debug, Default)]
struct Chosen {
    names: Vec<&'static str>,
    values: Box<Further>,
}

impl Serialize for Chosen {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.names.len()))?;
        for name in &self.names {
            self.values.write(name, &mut map)?;
        }
        map.end()
    }
}

/// What of the tasks of a page is shown.
#[derive(Clone, Debug, Default)]
pub struct Show {
    pub(super) further: Vec<&'static str>,
    pub(super) total: bool,
}

impl Show {
    /// Shows what every list shows, and the total of all pages if it is wanted.
    pub fn with(total: bool) -> Self {
        Self { further: Vec::new(), total }
    }

    /// Shows a further field of a task; `false` if there is none of this name.
    pub fn add(&mut self, name: &str) -> bool {
        let further = Further::FIELDS.iter().find(|field| **field == name);
        if let Some(field) = further.filter(|field| !self.further.contains(field)) {
            self.further.push(field);
        }
        further.is_some() || TaskRow::FIELDS.contains(&name)
    }
}

/// A row as it is read, and the total.
#[derive(sqlx::FromRow)]
pub(super) struct Plain {
    #[sqlx(flatten)]
    pub(super) row: TaskRow,
    pub(super) total: Option<i64>,
}

/// The same with further columns.
#[derive(sqlx::FromRow)]
pub(super) struct Wide {
    #[sqlx(flatten)]
    pub(super) row: TaskRow,
    #[sqlx(flatten)]
    further: Further,
    pub(super) total: Option<i64>,
}
