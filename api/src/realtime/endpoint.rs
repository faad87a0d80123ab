//! The route: checks everything that an HTTP status can answer, then upgrades.

use poem::web::websocket::{WebSocket, WebSocketConfig};
use poem::{Endpoint, FromRequest, IntoResponse, Request, Response};

use super::connection::Connection;
use super::hub::Hub;
use super::origin::check_origin;
use super::query::Query;
use super::source::Source;
use super::ticket::Ticket;
use crate::app::LOCAL;
use crate::problem::Problem;

/// Bytes of a client's message.
const MAX_MESSAGE: usize = 64 * 1024;

/// Bytes of events that are written together when several are there. A connection keeps a buffer of this size.
const COALESCED: usize = 2048;

/// The endpoint of `GET /ws`. Pages of other sites may connect only if their host is one of `allowed_hosts`.
pub fn endpoint(hub: Hub, allowed_hosts: &[String]) -> impl Endpoint<Output = Response> + use<> {
    poem::get(Upgrade { hub, allowed_hosts: allowed_hosts.to_vec() })
}

struct Upgrade {
    hub: Hub,
    allowed_hosts: Vec<String>,
}

impl Endpoint for Upgrade {
    type Output = Response;

    async fn call(&self, request: Request) -> poem::Result<Response> {
        check_origin(&request, &self.allowed_hosts)?;
        let query = Query::read(&request)?;
        let (request, mut body) = request.split();
        let socket = WebSocket::from_request(&request, &mut body).await?;
        let principal = self.principal(query.ticket).await?;
        let seat = self.hub.admit(principal).await.ok_or_else(Problem::unavailable)?;
        let source = Source::open(&self.hub, query.since).await.ok_or_else(Problem::unavailable)?;
        let serve = move |stream| Connection::new(seat, stream, source, query.subscription).serve();
        Ok(socket.config(config()).on_upgrade(serve).into_response())
    }
}

impl Upgrade {
    /// Who connects. A ticket is used up only by a request that can become a socket.
    async fn principal(&self, ticket: Option<Ticket>) -> Result<String, Problem> {
        let Some(ticket) = ticket else { return Ok(LOCAL.to_owned()) };
        let principal = self.hub.redeem(&ticket).await?;
        principal
            .ok_or_else(|| Problem::unauthorized("the ticket is unknown, was used or has expired; get another one"))
    }
}

/// Small buffers: with the defaults each connection would hold 128 KiB for messages of a few bytes.
fn config() -> WebSocketConfig {
    WebSocketConfig::default()
        .read_buffer_size(4096)
        .write_buffer_size(COALESCED)
        .max_message_size(Some(MAX_MESSAGE))
        .max_frame_size(Some(MAX_MESSAGE))
}
