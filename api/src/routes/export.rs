//! Tasks as files. Rows are read in pages by cursor while the client takes them: no transaction stays open, and what is
//! held in memory is one page.

mod csv;

use futures_util::stream::{self, Stream};
use poem::Request;
use poem::web::Data;
use poem_openapi::payload::Binary;
use poem_openapi::{ApiResponse, OpenApi};
use shared::domain::{Priority, SlaState, Status, Task, WorkflowState};
use shared::store::tasks::{self, Filter, Page, Start};

use super::task_filter::Conditions;
use super::tasks::{ascending, sort_of};
use crate::app::App;
use crate::openapi::Tag;
use crate::params::{self, Given};
use crate::problem::Problem;

/// Rows read at once.
const PAGE: i64 = 500;

pub(crate) struct ExportApi;

/// Tasks as a table.
#[derive(ApiResponse)]
pub(crate) enum Csv {
    /// A header line, then a line for each task (RFC 4180). Lists are joined by `; `; cells that a spreadsheet would take
    /// for a formula begin with an apostrophe.
    #[oai(status = 200, content_type = "text/csv; charset=utf-8")]
    File(
        Binary<poem::Body>,
        /// A file name.
        #[oai(header = "Content-Disposition")]
        String,
    ),
}

/// Tasks as lines of JSON.
#[derive(ApiResponse)]
pub(crate) enum Ndjson {
    /// A task on each line, as `get` shows it.
    #[oai(status = 200, content_type = "application/x-ndjson")]
    File(
        Binary<poem::Body>,
        /// A file name.
        #[oai(header = "Content-Disposition")]
        String,
    ),
}

#[OpenApi(prefix_path = "/api/workflow", tag = "Tag::Tasks")]
impl ExportApi {
    /// Export tasks as CSV
    ///
    /// The filters of the list. Rows are read while they are sent: a task that changes meanwhile is shown as it was or as
    /// it is.
    #[expect(clippy::too_many_arguments, reason = "one argument for each documented parameter")]
    #[oai(path = "/export.csv", method = "get", operation_id = "exportTasksAsCsv")]
    async fn csv(
        &self,
        app: Data<&App>,
        request: &Request,
        /// Colours.
        status: Given<Vec<Status>>,
        /// Categories.
        category: Given<Vec<String>>,
        /// Owners.
        owner: Given<Vec<String>>,
        /// Priorities.
        priority: Given<Vec<Priority>>,
        /// States.
        state: Given<Vec<WorkflowState>>,
        /// Mailboxes.
        mailbox: Given<Vec<String>>,
        /// SLA states.
        sla_state: Given<Vec<SlaState>>,
        /// Labels.
        tag: Given<Vec<String>>,
        /// Text to be found in title, owner, description, labels or entities.
        q: Given<String>,
        /// Created at this instant or later.
        created_from: Given<String>,
        /// Created at this instant or earlier.
        created_to: Given<String>,
        /// Due at this instant or later.
        due_from: Given<String>,
        /// Due at this instant or earlier.
        due_to: Given<String>,
        /// Worth so many dollars or more.
        min_value: Given<f64>,
        /// Worth so many dollars or less.
        max_value: Given<f64>,
        /// Not completed, or only completed.
        open: Given<bool>,
        /// Without an owner, or only with one.
        unassigned: Given<bool>,
        /// Addresses of owners.
        owner_email: Given<Vec<String>>,
        /// Without an owner's address, or only with one.
        unaddressed: Given<bool>,
        /// People who watch.
        watcher: Given<Vec<String>>,
        /// With a deadline, or only without.
        has_deadline: Given<bool>,
        /// Completed at this instant or later.
        completed_from: Given<String>,
        /// Completed at this instant or earlier.
        completed_to: Given<String>,
        /// Completed by the deadline, or only after it.
        completed_in_time: Given<bool>,
        /// `created_at` (default), `updated_at`, `sla_deadline`, `dollar_value` or `priority`.
        sort: Given<String>,
        /// `desc` (default) or `asc`; ascending priority puts CRITICAL first.
        direction: Given<String>,
    ) -> Result<Csv, Problem> {
        let conditions = Conditions {
            status,
            category,
            owner,
            priority,
            state,
            mailbox,
            sla_state,
            tag,
            q,
            created_from,
            created_to,
            due_from,
            due_to,
            min_value,
            max_value,
            open,
            unassigned,
            owner_email,
            unaddressed,
            watcher,
            has_deadline,
            completed_from,
            completed_to,
            completed_in_time,
        };
        let walk = Walk::of(&app, request, conditions, &sort, &direction)?;
        let body = walk.body(csv::header(), csv::record).await?;
        Ok(Csv::File(Binary(body), file_name(&app, "csv")))
    }

    /// Export tasks as lines of JSON
    ///
    /// The filters of the list. Rows are read while they are sent: a task that changes meanwhile is shown as it was or as
    /// it is.
    #[expect(clippy::too_many_arguments, reason = "one argument for each documented parameter")]
    #[oai(path = "/export.ndjson", method = "get", operation_id = "exportTasksAsNdjson")]
    async fn ndjson(
        &self,
        app: Data<&App>,
        request: &Request,
        /// Colours.
        status: Given<Vec<Status>>,
        /// Categories.
        category: Given<Vec<String>>,
        /// Owners.
        owner: Given<Vec<String>>,
        /// Priorities.
        priority: Given<Vec<Priority>>,
        /// States.
        state: Given<Vec<WorkflowState>>,
        /// Mailboxes.
        mailbox: Given<Vec<String>>,
        /// SLA states.
        sla_state: Given<Vec<SlaState>>,
        /// Labels.
        tag: Given<Vec<String>>,
        /// Text to be found in title, owner, description, labels or entities.
        q: Given<String>,
        /// Created at this instant or later.
        created_from: Given<String>,
        /// Created at this instant or earlier.
        created_to: Given<String>,
        /// Due at this instant or later.
        due_from: Given<String>,
        /// Due at this instant or earlier.
        due_to: Given<String>,
        /// Worth so many dollars or more.
        min_value: Given<f64>,
        /// Worth so many dollars or less.
        max_value: Given<f64>,
        /// Not completed, or only completed.
        open: Given<bool>,
        /// Without an owner, or only with one.
        unassigned: Given<bool>,
        /// Addresses of owners.
        owner_email: Given<Vec<String>>,
        /// Without an owner's address, or only with one.
        unaddressed: Given<bool>,
        /// People who watch.
        watcher: Given<Vec<String>>,
        /// With a deadline, or only without.
        has_deadline: Given<bool>,
        /// Completed at this instant or later.
        completed_from: Given<String>,
        /// Completed at this instant or earlier.
        completed_to: Given<String>,
        /// Completed by the deadline, or only after it.
        completed_in_time: Given<bool>,
        /// `created_at` (default), `updated_at`, `sla_deadline`, `dollar_value` or `priority`.
        sort: Given<String>,
        /// `desc` (default) or `asc`; ascending priority puts CRITICAL first.
        direction: Given<String>,
    ) -> Result<Ndjson, Problem> {
        let conditions = Conditions {
            status,
            category,
            owner,
            priority,
            state,
            mailbox,
            sla_state,
            tag,
            q,
            created_from,
            created_to,
            due_from,
            due_to,
            min_value,
            max_value,
            open,
            unassigned,
            owner_email,
            unaddressed,
            watcher,
            has_deadline,
            completed_from,
            completed_to,
            completed_in_time,
        };
        let walk = Walk::of(&app, request, conditions, &sort, &direction)?;
        let body = walk.body(Vec::new(), json_line).await?;
        Ok(Ndjson::File(Binary(body), file_name(&app, "ndjson")))
    }
}

fn file_name(app: &App, extension: &str) -> String {
    format!("attachment; filename=\"tasks-{}.{extension}\"", app.clock.now().format("%Y-%m-%d"))
}

fn json_line(task: &Task, out: &mut Vec<u8>) {
    serde_json::to_writer(&mut *out, task).expect("a task serialises");
    out.push(b'\n');
}

/// An export under way.
struct Walk {
    app: App,
    filter: Filter,
    page: Page,
}

impl Walk {
    fn of(
        app: &App,
        request: &Request,
        conditions: Conditions,
        sort: &Given<String>,
        direction: &Given<String>,
    ) -> Result<Self, Problem> {
        let filter = conditions.filter(request);
        let page = Page {
            sort: sort_of(request, sort.0.as_deref()),
            ascending: ascending(request, direction.0.as_deref()),
            limit: PAGE,
            start: Start::Offset(0),
        };
        params::check(request)?;
        Ok(Self { app: app.clone(), filter, page })
    }

    /// The bytes: `head`, then what `write` makes of each task. The first page is read before there is an answer, so that
    /// a database that is away is told as such.
    async fn body(mut self, head: Vec<u8>, write: fn(&Task, &mut Vec<u8>)) -> Result<poem::Body, Problem> {
        let mut first = head;
        let more = self.append(&mut first, write).await?;
        let rest: std::pin::Pin<Box<dyn Stream<Item = std::io::Result<Vec<u8>>> + Send>> =
            if more { Box::pin(self.pages(write)) } else { Box::pin(stream::empty()) };
        let first = stream::once(async move { Ok(first) });
        Ok(poem::Body::from_bytes_stream(futures_util::StreamExt::chain(first, rest)))
    }

    /// The pages that follow, each read when it is asked for.
    fn pages(self, write: fn(&Task, &mut Vec<u8>)) -> impl Stream<Item = std::io::Result<Vec<u8>>> + Send {
        stream::try_unfold(Some(self), move |walk| async move {
            let Some(mut walk) = walk else { return Ok(None) };
            let mut bytes = Vec::new();
            // An answer that has begun can only be broken off.
            let more = walk.append(&mut bytes, write).await.map_err(std::io::Error::other)?;
            Ok(Some((bytes, more.then_some(walk))))
        })
    }

    /// Appends the next page; whether another may follow.
    async fn append(&mut self, out: &mut Vec<u8>, write: fn(&Task, &mut Vec<u8>)) -> Result<bool, Problem> {
        let page = tasks::walk(&mut self.app.db.read().await?, &self.filter, &self.page).await?;
        for task in &page {
            write(task, out);
        }
        if let Some(last) = page.last() {
            self.page.start = Start::After(self.page.sort.key_of(last), last.task_id.clone());
        }
        Ok(page.len() as i64 == PAGE)
    }
}
