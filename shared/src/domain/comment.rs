//! What people say about a task. A comment is no change of the task: version and `updated_at` stay.

use chrono::{DateTime, Utc};
use poem_openapi::Object;
use serde::{Deserialize, Serialize};

use super::event::WorkflowEvent;
use super::mention::mentions;
use super::task::Task;
use super::trail::Trail;

/// Characters of a comment.
pub const LONGEST: usize = 10_000;

/// Field of a comment's history rows.
const FIELD: &str = "comment";

/// What somebody says about a task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Object, sqlx::FromRow)]
pub struct Comment {
    /// Its id.
    pub id: String,
    /// The task.
    pub task_id: String,
    /// Who says it.
    pub author: String,
    /// What they say, exactly as sent: it is text, and whoever shows it in a page has to escape it.
    pub text: String,
    /// Whom it mentions by `@name`, `@"Full Name"` or `@address@example.com`, each once, as spelled.
    #[sqlx(json)]
    pub mentions: Vec<String>,
    /// When it took effect.
    pub created_at: DateTime<Utc>,
}

/// A new comment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CommentCreated {
    /// The task.
    pub task_id: String,
    /// The comment.
    pub comment_id: String,
    /// Who says it.
    pub author: String,
    /// What they say, exactly as sent.
    pub text: String,
    /// Whom it mentions.
    pub mentions: Vec<String>,
    /// Version of the task, which a comment leaves as it is.
    pub version: i64,
    /// When it took effect.
    pub timestamp: DateTime<Utc>,
}

/// A comment that was taken back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CommentDeleted {
    /// The task.
    pub task_id: String,
    /// The comment.
    pub comment_id: String,
    /// Who took it back.
    pub changed_by: String,
    /// Version of the task, which this leaves as it is.
    pub version: i64,
    /// When it took effect.
    pub timestamp: DateTime<Utc>,
}

impl Comment {
    /// A comment that is made now.
    pub fn new(id: String, task_id: String, author: String, text: String, now: DateTime<Utc>) -> Self {
        Self { id, task_id, author, mentions: mentions(&text), text, created_at: now }
    }
}

/// Tells of a new comment.
pub fn created(task: &Task, comment: &Comment) -> Trail {
    let mut trail = Trail::default();
    trail.note(task, FIELD, (None, Some(&comment.text)), &comment.author, comment.created_at);
    let event = CommentCreated {
        task_id: task.task_id.clone(),
        comment_id: comment.id.clone(),
        author: comment.author.clone(),
        text: comment.text.clone(),
        mentions: comment.mentions.clone(),
        version: task.version,
        timestamp: comment.created_at,
    };
    trail.announce(task, WorkflowEvent::CommentCreated(event), comment.mentions.clone());
    trail
}

/// Tells of a comment that was taken back.
pub fn deleted(task: &Task, comment: &Comment, by: &str, now: DateTime<Utc>) -> Trail {
    let mut trail = Trail::default();
    trail.note(task, FIELD, (Some(&comment.text), None), by, now);
    let event = CommentDeleted {
        task_id: task.task_id.clone(),
        comment_id: comment.id.clone(),
        changed_by: by.to_owned(),
        version: task.version,
        timestamp: now,
    };
    trail.announce(task, WorkflowEvent::CommentDeleted(event), comment.mentions.clone());
    trail
}
