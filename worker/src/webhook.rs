//! Calls receivers of webhooks: signed as Standard Webhooks are (<https://www.standardwebhooks.com>), within limits, and
//! nowhere but where the operator allows.

mod caller;
mod resolver;
mod sign;
mod turns;

pub(crate) use caller::{Caller, Message};
pub(crate) use turns::Turns;
