//! The HTTP edge: parses, authorises, enqueues a command or reads the store. No SQL and no business rule lives here.
//!
//! One file per resource under `routes`; status codes are given in [`problem`] alone.

mod allow;
mod app;
mod asyncapi;
mod auth;
mod body;
mod disposition;
mod host;
mod json;
mod limits;
mod listener;
mod openapi;
mod params;
mod payload;
pub mod problem;
mod rate;
pub mod realtime;
mod routes;

pub use app::{ApiConfig, App, serve, serve_health};
pub use asyncapi::asyncapi_json;
pub use openapi::{openapi_3_0_json, openapi_json};
