//! What of a task the figures are sums of. A change that leaves all of it as it was changes no figure.

use chrono::{DateTime, Utc};

use super::{Category, Cents, Priority, Status, Task};

/// What of a task that is not deleted counts.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Counted {
    /// Its category.
    #[sqlx(rename = "workflow_category")]
    pub category: Category,
    /// Its status, open or not.
    #[sqlx(rename = "task_status")]
    pub status: Status,
    /// Its priority.
    pub priority: Priority,
    /// Its owner.
    #[sqlx(rename = "current_owner")]
    pub owner: Option<String>,
    /// Their address.
    pub owner_email: Option<String>,
    /// Its value.
    #[sqlx(rename = "dollar_value")]
    pub value: Cents,
    /// When it was created.
    pub created_at: DateTime<Utc>,
    /// When it is due.
    pub sla_deadline: Option<DateTime<Utc>>,
    /// When it was completed.
    pub completion_date: Option<DateTime<Utc>>,
}

impl Counted {
    /// Of this task; `None` if it is deleted.
    pub fn of(task: &Task) -> Option<Self> {
        task.deleted_at.is_none().then(|| Self {
            category: task.workflow_category,
            status: task.task_status,
            priority: task.priority,
            owner: task.current_owner.clone(),
            owner_email: task.owner_email.clone(),
            value: task.dollar_value,
            created_at: task.created_at,
            sla_deadline: task.sla_deadline,
            completion_date: task.completion_date,
        })
    }

    /// When it was completed, if it is.
    pub fn done(&self) -> Option<DateTime<Utc>> {
        self.completion_date.filter(|_| self.status == Status::Completed)
    }

    /// Whether it is completed, in time.
    pub fn met(&self) -> bool {
        self.done().zip(self.sla_deadline).is_some_and(|(done, due)| done <= due)
    }
}
