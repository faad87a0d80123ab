//! The route: checks everything that an HTTP status can answer, then upgrades.

use std::sync::Arc;

use poem::web::websocket::{WebSocket, WebSocketConfig};
use poem::{Endpoint, FromRequest, IntoResponse, Request, Response};
use shared::domain::access::LOCAL;

use super::connection::Connection;
use super::hub::Hub;
use super::origin::check_origin;
use super::query::Query;
use super::source::Source;
use super::ticket::Ticket;
use crate::app::App;
use crate::auth::{Auth, Caller, policy};
use crate::problem::Problem;

/// Bytes of a client's message.
const MAX_MESSAGE: usize = 64 * 1024;

/// Bytes of events that are written together when several are there. A connection keeps a buffer of this size.
const COALESCED: usize = 2048;

/// The endpoint of `GET /ws` for everybody. Pages of other sites may connect only if their host is one of `allowed_hosts`.
pub fn endpoint(hub: Hub, allowed_hosts: &[String]) -> impl Endpoint<Output = Response> + use<> {
    poem::get(Upgrade { hub, allowed_hosts: allowed_hosts.to_vec(), auth: None })
}

/// The same for those whom authentication knows, by what their request shows or by a ticket.
pub(crate) fn guarded(hub: Hub, allowed_hosts: &[String], auth: Auth) -> impl Endpoint<Output = Response> + use<> {
    poem::get(Upgrade { hub, allowed_hosts: allowed_hosts.to_vec(), auth: Some(auth) })
}

struct Upgrade {
    hub: Hub,
    allowed_hosts: Vec<String>,
    /// None in a process that knows nobody.
    auth: Option<Auth>,
}

impl Endpoint for Upgrade {
    type Output = Response;

    async fn call(&self, request: Request) -> poem::Result<Response> {
        check_origin(&request, &self.allowed_hosts)?;
        let query = Query::read(&request)?;
        let (request, mut body) = request.split();
        let socket = WebSocket::from_request(&request, &mut body).await?;
        let caller = match &self.auth {
            Some(auth) => Some(self.caller(auth, &request, query.ticket).await?),
            None => None,
        };
        let principal = caller.as_ref().map_or(LOCAL, |caller| &caller.principal).to_owned();
        let pass = self.auth.as_ref().zip(caller.as_ref()).map(|(auth, caller)| auth.watch(caller));
        let seat = self.hub.admit(principal, pass).await.ok_or_else(Problem::unavailable)?;
        let source = Source::open(&self.hub, query.since).await.ok_or_else(Problem::unavailable)?;
        let serve = move |stream| Connection::new(seat, stream, source, query.subscription).serve();
        Ok(socket.config(config()).on_upgrade(serve).into_response())
    }
}

impl Upgrade {
    /// Who connects. A ticket is used up only by a request that can become a socket.
    async fn caller(&self, auth: &Auth, request: &Request, ticket: Option<Ticket>) -> Result<Arc<Caller>, Problem> {
        let Some(ticket) = ticket else {
            let app = request.data::<App>().ok_or_else(Problem::unavailable)?;
            let known = Some(app.caller.clone()).filter(|caller| !caller.is_nobody());
            return known.ok_or_else(|| Problem::unauthorized("a socket takes an API key, a session or a ticket"));
        };
        let refused = || Problem::unauthorized("the ticket is unknown, was used or has expired; get another one");
        let holder = self.hub.redeem(&ticket).await?.ok_or_else(refused)?;
        let caller = auth.holder(&holder).await?.ok_or_else(refused)?;
        policy::SOCKET.check(&caller)?;
        Ok(caller)
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
