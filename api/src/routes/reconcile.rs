//! Comparing the sums behind the figures with the tasks.

use poem::Request;
use poem::web::Data;
use poem_openapi::OpenApi;
use poem_openapi::payload::Json;
use serde_json::json;
use shared::jobs::{Job, NewJob, ReconcileMetrics};
use shared::store::{audit, jobs};

use super::jobs::Reason;
use super::mutation::job_location;
use super::schedules::{Ran, ScheduledJob};
use crate::app::App;
use crate::body::Body;
use crate::openapi::Tag;
use crate::params;
use crate::problem::Problem;

pub(crate) struct ReconcileApi;

#[OpenApi(prefix_path = "/api", tag = "Tag::Metrics")]
impl ReconcileApi {
    /// Compare the figures with the tasks
    ///
    /// Counts all tasks anew and puts right what differs. The job's result says what did; one that is not finished is
    /// answered with.
    #[oai(path = "/metrics/reconcile", method = "post", operation_id = "reconcileMetrics")]
    async fn reconcile(&self, app: Data<&App>, request: &Request, body: Body<Reason>) -> Result<Ran, Problem> {
        params::check(request)?;
        let now = app.clock.now();
        let mut tx = app.db.begin().await?;
        let job = NewJob::of(&ReconcileMetrics {}, app.principal());
        let seq = jobs::enqueue(&mut tx, std::slice::from_ref(&job), now).await?[0].seq;
        let detail = json!({"job_id": seq.to_string(), "reason": body.value.reason});
        audit::audit(&mut tx, now, app.principal(), "metrics.reconcile", "metrics", &detail).await?;
        tx.commit().await?;
        app.bus.wake(ReconcileMetrics::QUEUE);
        let job_id = seq.to_string();
        let location = job_location(&job_id);
        Ok(Ran::Accepted(Json(ScheduledJob { job_id }), location))
    }
}
