//! Tickets of the socket.

use chrono::{DateTime, TimeDelta, Utc};
use poem::Request;
use poem::http::StatusCode;
use poem::web::Data;
use poem_openapi::{ApiResponse, Object, OpenApi};
use serde::Serialize;
use shared::store::tickets::{self, Holder};

use crate::app::App;
use crate::auth::Credential;
use crate::openapi::Tag;
use crate::params;
use crate::payload::Answer;
use crate::problem::Problem;
use crate::realtime::Ticket;

/// How long a ticket is good: time to connect, and no longer.
const LIFE: TimeDelta = TimeDelta::seconds(30);

pub(crate) struct TicketsApi;

/// A ticket of the socket.
#[derive(Serialize, Object)]
pub(crate) struct SocketTicket {
    /// For `/ws?ticket=`; shown this once.
    ticket: String,
    /// When it is worth nothing any more.
    expires_at: DateTime<Utc>,
}

/// Answers of asking for a ticket.
#[derive(ApiResponse)]
pub(crate) enum Issued {
    /// It opens one socket within 30 s, at whichever API process.
    #[oai(status = 201)]
    Ticket(
        Answer<SocketTicket>,
        /// Nobody may keep it.
        #[oai(header = "Cache-Control")]
        String,
    ),
}

#[OpenApi(prefix_path = "/api", tag = "Tag::Events")]
impl TicketsApi {
    /// Get a ticket for the socket
    ///
    /// For pages, which cannot give a socket an Authorization header: `/ws?ticket=...` connects as whoever asked for the
    /// ticket. It opens one socket within 30 s, at whichever API process.
    #[oai(path = "/ws-ticket", method = "post", operation_id = "createSocketTicket")]
    async fn create(&self, app: Data<&App>, request: &Request) -> Result<Issued, Problem> {
        params::check(request)?;
        let no_randomness = || Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "the system gave no random numbers");
        let ticket = Ticket::random().ok_or_else(no_randomness)?;
        let expires_at = app.clock.now() + LIFE;
        let Credential { key_id, session } = app.caller.credential.clone();
        let holder = Holder { principal: app.principal().to_owned(), key_id, session, expires_at };
        let mut tx = app.db.begin().await?;
        tickets::insert(&mut tx, &ticket.hash(), &holder).await?;
        tx.commit().await?;
        let body = SocketTicket { ticket: ticket.into_secret(), expires_at };
        Ok(Issued::Ticket(Answer::of(&body), "no-store".to_owned()))
    }
}
