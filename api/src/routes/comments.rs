//! What people say about tasks.

use poem::Request;
use poem::web::Data;
use poem_openapi::param::Path;
use poem_openapi::payload::Json;
use poem_openapi::{ApiResponse, Object, OpenApi};
use serde::Serialize;
use serde_json::Value;
use shared::domain::{Comment, comment, mention};
use shared::jobs::{AddComment, DeleteComment, NewJob};
use shared::store::comments;

use super::mutation::{AcceptedJob, Deleted, Terms, job_location, submit};
use super::{cursor, subject};
use crate::app::App;
use crate::body::{Body, Fields, FromFields, read};
use crate::openapi::Tag;
use crate::params::{self, Given};
use crate::payload::Answer;
use crate::problem::Problem;

pub(crate) struct CommentsApi;

/// Comments on a task, oldest first.
#[derive(Serialize, Object)]
#[oai(rename = "CommentList")]
pub(crate) struct Comments {
    /// The comments.
    comments: Vec<Comment>,
    /// For `cursor`; null at the end.
    next_cursor: Option<String>,
}

/// A new comment.
#[derive(Object)]
#[oai(rename = "AddCommentRequest")]
pub(crate) struct CommentDoc {
    /// What is said, kept exactly as sent. `@name`, `@"Full Name"` and `@address@example.com` mention people, at most 50
    /// of them.
    #[oai(validator(min_length = 1, max_length = 10_000))]
    text: String,
}

/// A judged comment.
pub(crate) struct CommentInput(String);

impl FromFields for CommentInput {
    type Schema = CommentDoc;

    fn read(fields: &mut Fields) -> Option<Self> {
        let text = fields.required("text", read::line(comment::LONGEST))?;
        if mention::mentions(&text).len() > mention::MOST {
            fields.note("text", format!("must mention at most {} people", mention::MOST));
        }
        Some(Self(text))
    }
}

/// A comment that took effect.
#[derive(Serialize, Object)]
pub(crate) struct AddedComment {
    /// The task.
    task_id: String,
    /// The job that did it.
    job_id: String,
    /// The comment.
    comment: Comment,
}

#[derive(Serialize)]
struct AddedCommentRef<'a> {
    task_id: &'a str,
    job_id: &'a str,
    comment: &'a Value,
}

/// Answers of adding a comment.
#[derive(ApiResponse)]
pub(crate) enum Added {
    /// Added.
    #[oai(status = 201)]
    Done(
        Answer<AddedComment>,
        /// The comment.
        #[oai(header = "Location")]
        String,
        /// What of `Prefer` was honoured.
        #[oai(header = "Preference-Applied")]
        Option<String>,
    ),
    /// Accepted; follow the job.
    #[oai(status = 202)]
    Later(
        Json<AcceptedJob>,
        /// The job.
        #[oai(header = "Location")]
        String,
        /// What of `Prefer` was honoured.
        #[oai(header = "Preference-Applied")]
        Option<String>,
    ),
}

#[OpenApi(prefix_path = "/api/workflow", tag = "Tag::Collaboration")]
impl CommentsApi {
    /// List comments on a task
    ///
    /// Oldest first, in the order in which they took effect.
    #[oai(path = "/comments/:task_id", method = "get", operation_id = "listComments")]
    async fn list(
        &self,
        app: Data<&App>,
        request: &Request,
        /// The task.
        task_id: Path<String>,
        /// `next_cursor` of the page before.
        cursor: Given<i64>,
        /// Comments at most, 1 to 200; 50 by default.
        limit: Given<i64>,
    ) -> Result<Answer<Comments>, Problem> {
        let after = cursor.within(request, "cursor", 0..=i64::MAX, 0);
        let limit = limit.within(request, "limit", 1..=200, 50);
        params::check(request)?;
        let mut session = app.db.read().await?;
        let task_id = subject::live(&mut session, task_id.0).await?;
        let mut rows = comments::list(&mut session, &task_id, after, limit + 1).await?;
        let next_cursor = cursor::cut(&mut rows, limit).map(|last| last.seq.to_string());
        let comments = rows.into_iter().map(|row| row.comment).collect();
        Ok(Answer::of(&Comments { comments, next_cursor }))
    }

    /// Comment on a task
    ///
    /// Whom the comment mentions watches the task from then on, as far as it has room for watchers. The task's version and
    /// entity tag stay: who reads the task with `If-None-Match` reads its comments here. The comment is a durable job; the
    /// answer waits up to 2 s for it (`Prefer: wait=N` or `respond-async`).
    #[oai(path = "/comments/:task_id", method = "post", operation_id = "addComment")]
    async fn add(
        &self,
        app: Data<&App>,
        request: &Request,
        /// The task.
        task_id: Path<String>,
        body: Body<CommentInput>,
    ) -> Result<Added, Problem> {
        let task_id = subject::known(task_id.0, "the task")?;
        let terms = Terms::of(&app, request, &format!("addComment/{task_id}"), &body.hash)?;
        let job = AddComment {
            task_id: task_id.clone(),
            comment_id: uuid::Uuid::now_v7().to_string(),
            author: app.principal().to_owned(),
            text: body.value.0,
        };
        let ended = submit(&app, NewJob::of(&job, app.principal()), terms).await?;
        let Some(result) = ended.outcome else {
            let location = job_location(&ended.job_id);
            return Ok(Added::Later(Json(AcceptedJob { task_id, job_id: ended.job_id }), location, ended.preference));
        };
        // A repeated request is answered with the comment of the first.
        let comment = &result["comment"];
        let id = comment["id"].as_str().unwrap_or(&job.comment_id);
        let location = format!("/api/workflow/comments/{task_id}/{id}");
        let body = AddedCommentRef { task_id: &task_id, job_id: &ended.job_id, comment };
        Ok(Added::Done(Answer::of(&body), location, ended.preference))
    }

    /// Get a comment
    #[oai(path = "/comments/:task_id/:comment_id", method = "get", operation_id = "getComment")]
    async fn get(
        &self,
        app: Data<&App>,
        request: &Request,
        /// The task.
        task_id: Path<String>,
        /// The comment.
        comment_id: Path<String>,
    ) -> Result<Answer<Comment>, Problem> {
        params::check(request)?;
        let mut session = app.db.read().await?;
        let task_id = subject::live(&mut session, task_id.0).await?;
        let comment_id = subject::known(comment_id.0, "the comment")?;
        let comment = comments::lookup(&mut session, &task_id, &comment_id).await?;
        comment.map(|comment| Answer::of(&comment)).ok_or_else(|| Problem::not_found("the comment"))
    }

    /// Delete a comment
    ///
    /// Only its author may. Its text stays in the task's history.
    #[oai(path = "/comments/:task_id/:comment_id", method = "delete", operation_id = "deleteComment")]
    async fn delete(
        &self,
        app: Data<&App>,
        request: &Request,
        /// The task.
        task_id: Path<String>,
        /// The comment.
        comment_id: Path<String>,
    ) -> Result<Deleted, Problem> {
        params::check(request)?;
        let task_id = subject::known(task_id.0, "the task")?;
        let comment_id = subject::known(comment_id.0, "the comment")?;
        let terms = Terms::of(&app, request, &format!("deleteComment/{task_id}/{comment_id}"), "")?;
        let job = DeleteComment { task_id: task_id.clone(), comment_id, principal: app.principal().to_owned() };
        Ok(submit(&app, NewJob::of(&job, app.principal()), terms).await?.deleted(task_id))
    }
}
