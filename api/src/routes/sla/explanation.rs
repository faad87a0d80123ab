//! Why a task is due when it is.

use poem::Request;
use poem::web::Data;
use poem_openapi::OpenApi;
use poem_openapi::param::Path;
use shared::domain::sla::explanation::{Explanation, explain};
use shared::store::{sla, tasks};

use crate::app::App;
use crate::openapi::Tag;
use crate::params;
use crate::payload::Answer;
use crate::problem::Problem;

use super::super::{subject, tasks as task_routes};

pub(crate) struct SlaExplanationApi;

#[OpenApi(prefix_path = "/api/workflow", tag = "Tag::Sla")]
impl SlaExplanationApi {
    /// Explain a task's deadline
    ///
    /// Which policy matched, and why those before it did not; every instant that counts; and what the current book would
    /// say, if that differs.
    #[oai(path = "/sla/:task_id", method = "get", operation_id = "explainSla")]
    async fn explain(
        &self,
        app: Data<&App>,
        request: &Request,
        /// The task.
        task_id: Path<String>,
    ) -> Result<Answer<Explanation>, Problem> {
        params::check(request)?;
        let task_id = subject::known(task_id.0, "the task")?;
        let mut session = app.db.snapshot().await?;
        let task = tasks::lookup(&mut session, &task_id).await?;
        let task = task_routes::not_deleted(task)?;
        let current = sla::rules(&mut session).await?;
        let planned_by = sla::rules_of(&mut session, task.sla_revision.unwrap_or(0)).await?;
        let planned_by = planned_by.unwrap_or_else(|| current.clone());
        Ok(Answer::of(&explain(&task, &planned_by, &current, app.clock.now())))
    }
}
