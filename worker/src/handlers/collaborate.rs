//! What people say about a task and who follows it. A second run changes nothing: the comment is there already, or gone,
//! and the watcher is, too.

use serde_json::{Value, json};
use shared::domain::comment::{self, Comment};
use shared::domain::watcher;
use shared::jobs::{AddComment, DeleteComment, Done, Handler, JobContext, JobError, WatchTask};
use shared::store::{comments, tasks, watchers};

use super::mutate::{live, rejected};

/// Writes a comment. Whom it mentions watches the task from then on.
pub struct Comments;

impl Handler<AddComment> for Comments {
    async fn run(&self, context: JobContext, job: AddComment) -> Result<Done, JobError> {
        let mut tx = context.db().begin().await?;
        let task = tasks::lock(&mut tx, &job.task_id).await?;
        let task = match live(task.as_ref(), None) {
            Ok(task) => task,
            Err(rejection) => return Ok(Done::with(tx, rejected(&rejection))),
        };
        if let Some(known) = comments::lookup(&mut tx, &job.task_id, &job.comment_id).await? {
            return Ok(Done::with(tx, json!({"status": 201, "comment": known})));
        }
        let now = context.now();
        let comment = Comment::new(job.comment_id, job.task_id, job.author, job.text, now);
        let mut watching = watchers::list(&mut tx, &task.task_id).await?;
        let before = watching.len();
        let mut trail = comment::created(task, &comment);
        trail.extend(watcher::join(task, &mut watching, &comment.mentions, &comment.author, now));

        comments::insert(&mut tx, &comment).await?;
        watchers::add(&mut tx, &task.task_id, &watching[before..]).await?;
        tasks::save_trail(&mut tx, &trail).await?;
        Ok(Done::with(tx, json!({"status": 201, "comment": comment})))
    }
}

/// Takes a comment back.
pub struct Withdrawals;

impl Handler<DeleteComment> for Withdrawals {
    async fn run(&self, context: JobContext, job: DeleteComment) -> Result<Done, JobError> {
        let mut tx = context.db().begin().await?;
        let task = tasks::lock(&mut tx, &job.task_id).await?;
        let task = match live(task.as_ref(), None) {
            Ok(task) => task,
            Err(rejection) => return Ok(Done::with(tx, rejected(&rejection))),
        };
        let result = match comments::lookup(&mut tx, &job.task_id, &job.comment_id).await? {
            None => refused(404, "the comment does not exist"),
            Some(comment) if comment.author != job.principal => refused(403, "only its author may delete a comment"),
            Some(comment) => {
                let trail = comment::deleted(task, &comment, &job.principal, context.now());
                comments::delete(&mut tx, &comment.id).await?;
                tasks::save_trail(&mut tx, &trail).await?;
                json!({"status": 200})
            }
        };
        Ok(Done::with(tx, result))
    }
}

/// Makes somebody watch a task, or lets them go.
pub struct Watching;

impl Handler<WatchTask> for Watching {
    async fn run(&self, context: JobContext, job: WatchTask) -> Result<Done, JobError> {
        let mut tx = context.db().begin().await?;
        let task = tasks::lock(&mut tx, &job.task_id).await?;
        let task = match live(task.as_ref(), None) {
            Ok(task) => task,
            Err(rejection) => return Ok(Done::with(tx, rejected(&rejection))),
        };
        let now = context.now();
        let mut watching = watchers::list(&mut tx, &task.task_id).await?;
        let trail = if job.watches {
            let before = watching.len();
            let names = std::slice::from_ref(&job.name);
            let trail = watcher::join(task, &mut watching, names, &job.principal, now);
            if !watching.iter().any(|watcher| watcher.name == job.name) {
                let detail = format!("a task has at most {} watchers", watcher::MOST);
                return Ok(Done::with(tx, refused(422, &detail)));
            }
            watchers::add(&mut tx, &task.task_id, &watching[before..]).await?;
            trail
        } else {
            let trail = watcher::leave(task, &mut watching, &job.name, &job.principal, now);
            watchers::remove(&mut tx, &task.task_id, &job.name).await?;
            trail
        };
        tasks::save_trail(&mut tx, &trail).await?;
        Ok(Done::with(tx, json!({"status": 200, "watchers": watching})))
    }
}

fn refused(status: u16, detail: &str) -> Value {
    json!({"status": status, "detail": detail})
}
