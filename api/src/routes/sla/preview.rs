//! What a policy would make of a task that there is not: every instant that counts.

mod input;

use chrono::{DateTime, Utc};
use poem::Request;
use poem::web::Data;
use poem_openapi::{Object, OpenApi};
use serde::Serialize;
use serde_json::json;
use shared::domain::Task;
use shared::domain::calendar::{self, Stretch};
use shared::domain::change::{self, Actor};
use shared::domain::sla::book::Book;
use shared::domain::sla::escalation::Escalation;
use shared::domain::sla::policy::Policy;
use shared::domain::sla::rules::Rules;
use shared::domain::sla::{self};
use shared::store;

use self::input::{PreviewInput, Wanted};
use crate::app::App;
use crate::body::Body;
use crate::openapi::Tag;
use crate::params;
use crate::payload::Answer;
use crate::problem::{Issue, Problem};

/// Stretches of work that are shown.
const MOST_STRETCHES: usize = 500;

pub(crate) struct SlaPreviewApi;

/// The instants of a task under a policy.
#[derive(Serialize, Object)]
pub(crate) struct SlaPreview {
    /// The policy.
    policy: String,
    /// Its calendar; round the clock if null.
    calendar: Option<String>,
    /// When the work begins.
    start: DateTime<Utc>,
    /// Hours of the target.
    target_hours: f64,
    /// When somebody is to have answered first.
    first_response_due: Option<DateTime<Utc>>,
    /// When the warning level begins.
    warning_at: Option<DateTime<Utc>>,
    /// When the critical level begins.
    critical_at: Option<DateTime<Utc>>,
    /// When it is due; null if that is after the year 9999.
    deadline: Option<DateTime<Utc>>,
    /// Steps before and after the deadline.
    escalations: Vec<Escalation>,
    /// The time that counts, from the start to the deadline; the first 500 stretches.
    worked: Vec<SlaStretch>,
}

/// A stretch of time that counts.
#[derive(Serialize, Object)]
pub(crate) struct SlaStretch {
    /// When it begins.
    from: DateTime<Utc>,
    /// When it ends.
    to: DateTime<Utc>,
}

#[OpenApi(prefix_path = "/api", tag = "Tag::Sla")]
impl SlaPreviewApi {
    /// Preview the instants of a policy
    ///
    /// Of a policy that is sent or named, or of the one that would match, in the current book or in one that is sent.
    /// Nothing is kept.
    #[oai(path = "/sla/preview", method = "post", operation_id = "previewSla")]
    async fn preview(
        &self,
        app: Data<&App>,
        request: &Request,
        body: Body<PreviewInput>,
    ) -> Result<Answer<SlaPreview>, Problem> {
        params::check(request)?;
        let PreviewInput { book, wanted, task, start, pauses } = body.value;
        let book = match book {
            Some(book) => book,
            None => current(&app).await?,
        };
        let rules = rules(&book, wanted)?;
        let start = start.unwrap_or_else(|| app.clock.now());
        let mut new = task;
        new.received_at = Some(start);
        let actor = Actor { principal: app.principal().to_owned(), reason: None };
        let mut task = change::create(new, &rules, &actor, start).task;
        task.sla_pauses = pauses;
        sla::plan(&mut task, &rules);
        let policy = rules.matching(&task);
        Ok(Answer::of(&view(&task, policy, start)))
    }
}

async fn current(app: &App) -> Result<Book, Problem> {
    let row = store::sla::current(&mut app.db.read().await?).await?;
    Ok(row.map_or_else(|| Ok(Book::empty()), |row| row.book())?)
}

/// The rules that a preview is made by.
fn rules(book: &Book, wanted: Wanted) -> Result<Rules, Problem> {
    let all = Rules::compile(0, book);
    match wanted {
        Wanted::Match => Ok(all),
        Wanted::Named(name) => all
            .policy(&name)
            .map(|policy| Rules::only(0, policy))
            .ok_or_else(|| Problem::unprocessable(vec![Issue::at("/policy", "is not a policy of the book")])),
        Wanted::Sent(policy) => {
            let document = json!({"calendars": book.document["calendars"], "policies": [policy]});
            let read = Book::read(&document).map_err(|faults| {
                let issue = |fault: sla::book::Fault| {
                    let rest = fault.pointer.strip_prefix("/policies/0").unwrap_or_default();
                    Issue::at(format!("/policy{rest}"), fault.detail)
                };
                Problem::unprocessable(faults.into_iter().map(issue).collect())
            })?;
            Ok(read.policies.first().map_or_else(Rules::builtin, |policy| Rules::only(0, policy)))
        }
    }
}

fn view(task: &Task, policy: &Policy, start: DateTime<Utc>) -> SlaPreview {
    let pauses: Vec<Stretch> = task.sla_pauses.iter().filter_map(|pause| Some((pause.from, pause.to?))).collect();
    let worked = task.sla_deadline.map(|deadline| match &policy.calendar {
        Some(calendar) => until(calendar.worked(start, &pauses), deadline),
        None => until(calendar::worked(start, &pauses), deadline),
    });
    SlaPreview {
        policy: policy.name.clone(),
        calendar: policy.calendar_name.clone(),
        start,
        target_hours: policy.resolution.hours(task.priority),
        first_response_due: task.first_response_due,
        warning_at: task.sla_warning_at,
        critical_at: task.sla_critical_at,
        deadline: task.sla_deadline,
        escalations: task.sla_steps.clone(),
        worked: worked.unwrap_or_default(),
    }
}

/// What of these stretches is before the deadline.
fn until(worked: impl Iterator<Item = Stretch>, deadline: DateTime<Utc>) -> Vec<SlaStretch> {
    let before = worked.take_while(|(from, _)| *from < deadline).take(MOST_STRETCHES);
    before.map(|(from, to)| SlaStretch { from, to: to.min(deadline) }).collect()
}
