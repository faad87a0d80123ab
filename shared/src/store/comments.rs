//! Comments on tasks, in the order in which they took effect.

use serde_json::json;

use super::query::{execute, fetch_all, fetch_optional};
use super::{Result, Session, Tx};
use crate::domain::Comment;

/// A comment and its place among those of its task.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct CommentRow {
    /// Grows with each comment.
    pub seq: i64,
    /// The comment.
    #[sqlx(flatten)]
    pub comment: Comment,
}

/// Comments on a task after this place, oldest first.
pub async fn list(session: &mut Session, task_id: &str, after: i64, limit: i64) -> Result<Vec<CommentRow>> {
    const SQL: &str = "SELECT seq, id, task_id, author, text, mentions, created_at
         FROM task_comments
         WHERE task_id = $1
           AND seq > $2
         ORDER BY seq
         LIMIT $3";
    fetch_all!(session, CommentRow, SQL, task_id, after, limit)
}

/// The comment of this id on this task.
pub async fn lookup(session: &mut Session, task_id: &str, id: &str) -> Result<Option<Comment>> {
    const SQL: &str = "SELECT id, task_id, author, text, mentions, created_at
         FROM task_comments
         WHERE id = $2
           AND task_id = $1";
    fetch_optional!(session, Comment, SQL, task_id, id)
}

/// Writes a comment.
pub async fn insert(tx: &mut Tx, comment: &Comment) -> Result<()> {
    const SQL: &str = "INSERT INTO task_comments (id, task_id, author, text, mentions, created_at)
         VALUES ($1, $2, $3, $4, $5::jsonb, $6)";
    let Comment { id, task_id, author, text, mentions, created_at } = comment;
    execute!(tx, SQL, id, task_id, author, text, json!(mentions).to_string(), *created_at).map(drop)
}

/// Removes a comment.
pub async fn delete(tx: &mut Tx, id: &str) -> Result<()> {
    execute!(tx, "DELETE FROM task_comments WHERE id = $1", id).map(drop)
}
