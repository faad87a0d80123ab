//! The socket at `/ws`: live events with a cursor, so that a client that reconnects misses nothing and sees nothing
//! twice.
//!
//! ```text
//! shared::events::Feed -> Hub -> one broadcast -> Source -> Connection -> socket
//!                                                 ^ subscription filters here
//!                         events table (replay) --+
//! ```
//!
//! A [`Hub`] reads the feed of numbered events once a process and hands each frame, serialised once, to all
//! connections. A connection first replays from the table what its client has missed and then follows the hub; it
//! subscribes to the hub before it reads the table's end, and skips what it has already, so the two join without gap
//! or duplicate. Nobody waits for a slow consumer: one that falls behind is closed and resumes by its cursor.
//!
//! Nothing here writes to the database, but that a ticket is used up. The one event made here is about the figures.

mod allowance;
mod command;
mod connection;
mod desk;
mod ending;
mod endpoint;
mod figures;
mod hub;
pub(crate) mod notice;
mod origin;
mod pulse;
mod query;
pub(crate) mod sample;
pub(crate) mod schema;
mod source;
mod subscription;
mod ticket;
pub(crate) mod vocabulary;

pub use endpoint::endpoint;
pub(crate) use endpoint::guarded;
pub use hub::Hub;
pub use origin::check_origin;
pub(crate) use origin::is_from_ours;
pub(crate) use ticket::Ticket;
