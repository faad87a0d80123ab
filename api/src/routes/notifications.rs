//! Who is told of deadlines by mail.

mod input;

use chrono::{DateTime, Utc};
use poem::Request;
use poem::http::StatusCode;
use poem::web::Data;
use poem_openapi::param::Path;
use poem_openapi::{ApiResponse, Object, OpenApi};
use serde::Serialize;
use serde_json::json;
use shared::domain::notification::{Mode, Notice, QuietHours};
use shared::store::audit;
use shared::store::notifications::{self, RecipientRow};

use self::input::Input;
use super::subject;
use crate::app::App;
use crate::body::Body;
use crate::openapi::Tag;
use crate::params;
use crate::payload::Answer;
use crate::problem::Problem;

/// Recipients of one installation: each is looked at for every event about a deadline.
const MOST: i64 = 500;

pub(crate) struct NotificationsApi;

/// Somebody who is told of deadlines by mail.
#[derive(Serialize, Object)]
#[oai(rename = "NotificationRecipient")]
pub(crate) struct Recipient {
    /// Their id.
    id: String,
    /// Where mail reaches them.
    address: String,
    /// Their name.
    name: Option<String>,
    /// Owners of the tasks they are told of; an empty list means any.
    owners: Vec<String>,
    /// Categories; an empty list means any.
    categories: Vec<String>,
    /// Mailboxes; an empty list means any.
    mailboxes: Vec<String>,
    /// What they are told of.
    events: Vec<Notice>,
    /// When.
    mode: Mode,
    /// When digests are sent: minute, hour, day, month, weekday.
    cron: Option<String>,
    /// IANA zone of that, and of the times in mails.
    tz: Option<String>,
    /// Hours without mail.
    quiet_hours: Option<QuietHours>,
    /// Whether they are told of nothing for now.
    paused: bool,
    /// When they were added.
    created_at: DateTime<Utc>,
    /// By whom.
    created_by: String,
    /// When that was last changed.
    updated_at: DateTime<Utc>,
}

/// Everybody who is told of deadlines by mail, oldest first.
#[derive(Serialize, Object)]
#[oai(rename = "NotificationRecipientList")]
pub(crate) struct Recipients {
    /// The recipients.
    recipients: Vec<Recipient>,
}

/// Answers of adding a recipient.
#[derive(ApiResponse)]
pub(crate) enum Added {
    /// Added; they are told of what happens from now on.
    #[oai(status = 201)]
    Recipient(
        Answer<Recipient>,
        /// The recipient.
        #[oai(header = "Location")]
        String,
    ),
}

#[OpenApi(prefix_path = "/api", tag = "Tag::Notifications")]
impl NotificationsApi {
    /// List who is told of deadlines by mail
    #[oai(path = "/notifications", method = "get", operation_id = "listNotificationRecipients")]
    async fn list(&self, app: Data<&App>, request: &Request) -> Result<Answer<Recipients>, Problem> {
        params::check(request)?;
        let rows = notifications::list(&mut app.db.read().await?).await?;
        Ok(Answer::of(&Recipients { recipients: rows.into_iter().map(view).collect() }))
    }

    /// Tell somebody of deadlines by mail
    ///
    /// Of what happens from now on. What happens in their quiet hours comes as one mail at the end of these. There are at
    /// most 500 recipients: for one more the answer is 409.
    #[oai(path = "/notifications", method = "post", operation_id = "createNotificationRecipient")]
    async fn create(&self, app: Data<&App>, request: &Request, body: Body<Input>) -> Result<Added, Problem> {
        params::check(request)?;
        let now = app.clock.now();
        let row = row(body.value, uuid::Uuid::now_v7().to_string(), app.principal(), now);
        let mut tx = app.db.begin().await?;
        if notifications::count(&mut tx).await? >= MOST {
            return Err(Problem::new(StatusCode::CONFLICT, format!("there are {MOST} recipients already")));
        }
        notifications::insert(&mut tx, &row).await?;
        audit::audit(&mut tx, now, app.principal(), "notification.create", &row.id, &told(&row)).await?;
        tx.commit().await?;
        let location = format!("/api/notifications/{}", row.id);
        Ok(Added::Recipient(Answer::of(&view(row)), location))
    }

    /// Get a recipient of mail
    #[oai(path = "/notifications/:recipient_id", method = "get", operation_id = "getNotificationRecipient")]
    async fn get(
        &self,
        app: Data<&App>,
        request: &Request,
        /// The recipient.
        recipient_id: Path<String>,
    ) -> Result<Answer<Recipient>, Problem> {
        params::check(request)?;
        let id = subject::known(recipient_id.0, WHAT)?;
        let row = notifications::lookup(&mut app.db.read().await?, &id).await?.ok_or_else(missing)?;
        Ok(Answer::of(&view(row)))
    }

    /// Replace a recipient's settings
    ///
    /// All of them: what is left out is as for a new recipient. What waits for them already is sent when it was to be sent.
    #[oai(path = "/notifications/:recipient_id", method = "put", operation_id = "replaceNotificationRecipient")]
    async fn replace(
        &self,
        app: Data<&App>,
        request: &Request,
        /// The recipient.
        recipient_id: Path<String>,
        body: Body<Input>,
    ) -> Result<Answer<Recipient>, Problem> {
        params::check(request)?;
        let id = subject::known(recipient_id.0, WHAT)?;
        let now = app.clock.now();
        let mut tx = app.db.begin().await?;
        let row = row(body.value, id.clone(), app.principal(), now);
        if !notifications::save(&mut tx, &row, now).await? {
            return Err(missing());
        }
        audit::audit(&mut tx, now, app.principal(), "notification.update", &id, &told(&row)).await?;
        let row = notifications::lookup(&mut tx, &id).await?.ok_or_else(missing)?;
        tx.commit().await?;
        Ok(Answer::of(&view(row)))
    }

    /// Tell somebody of nothing any more
    ///
    /// What waits for them is not sent.
    #[oai(path = "/notifications/:recipient_id", method = "delete", operation_id = "deleteNotificationRecipient")]
    async fn delete(
        &self,
        app: Data<&App>,
        request: &Request,
        /// The recipient.
        recipient_id: Path<String>,
    ) -> Result<Answer<Recipient>, Problem> {
        params::check(request)?;
        let id = subject::known(recipient_id.0, WHAT)?;
        let mut tx = app.db.begin().await?;
        let row = notifications::lookup(&mut tx, &id).await?.ok_or_else(missing)?;
        notifications::delete(&mut tx, &id).await?;
        audit::audit(&mut tx, app.clock.now(), app.principal(), "notification.delete", &id, &json!({})).await?;
        tx.commit().await?;
        Ok(Answer::of(&view(row)))
    }
}

const WHAT: &str = "the recipient";

fn missing() -> Problem {
    Problem::not_found(WHAT)
}

/// What the audit trail is told: whatever else a recipient is, they are no address there.
fn told(row: &RecipientRow) -> serde_json::Value {
    json!({"events": row.events, "mode": row.mode, "paused": row.paused})
}

fn row(input: Input, id: String, principal: &str, now: DateTime<Utc>) -> RecipientRow {
    RecipientRow {
        id,
        address: input.address,
        name: input.name,
        owners: input.owners,
        categories: input.categories,
        mailboxes: input.mailboxes,
        events: input.events,
        mode: input.mode,
        cron: input.cron,
        tz: input.tz,
        quiet: input.quiet_hours,
        paused: input.paused,
        created_at: now,
        created_by: principal.to_owned(),
        updated_at: now,
    }
}

fn view(row: RecipientRow) -> Recipient {
    Recipient {
        id: row.id,
        address: row.address,
        name: row.name,
        owners: row.owners,
        categories: row.categories,
        mailboxes: row.mailboxes,
        events: row.events,
        mode: row.mode,
        cron: row.cron,
        tz: row.tz,
        quiet_hours: row.quiet,
        paused: row.paused,
        created_at: row.created_at,
        created_by: row.created_by,
        updated_at: row.updated_at,
    }
}
